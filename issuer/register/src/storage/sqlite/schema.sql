-- The statements of the register, as canonical JSON, each with its SHA-256 hash and the Ed25519 signature of the officer whose key the body
-- names: over a JWS whose header follows from that key. They are never changed and never deleted.
CREATE TABLE statement (
    seq INTEGER PRIMARY KEY,
    hash BLOB UNIQUE NOT NULL,
    signature BLOB NOT NULL,
    body TEXT NOT NULL
) STRICT;

-- Without gaps. It also stops INSERT OR REPLACE, which deletes without firing the trigger on DELETE.
CREATE TRIGGER statement_appends BEFORE INSERT ON statement
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM statement)
BEGIN SELECT raise(ABORT, 'a statement follows on the last one'); END;
CREATE TRIGGER statement_stays BEFORE UPDATE ON statement
BEGIN SELECT raise(ABORT, 'a statement is never changed'); END;
CREATE TRIGGER statement_remains BEFORE DELETE ON statement
BEGIN SELECT raise(ABORT, 'a statement is never deleted'); END;

-- The numbers and slots that were given out. Each is given out once.
CREATE TABLE certificate (
    number TEXT PRIMARY KEY,
    list INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    seq INTEGER NOT NULL REFERENCES statement (seq),
    UNIQUE (list, idx)
) STRICT;

CREATE TRIGGER certificate_appends BEFORE INSERT ON certificate
WHEN EXISTS (SELECT 1 FROM certificate WHERE number = NEW.number OR (list = NEW.list AND idx = NEW.idx))
BEGIN SELECT raise(ABORT, 'a certificate number and a slot are given out once'); END;
CREATE TRIGGER certificate_stays BEFORE UPDATE ON certificate
BEGIN SELECT raise(ABORT, 'a certificate number is never changed'); END;
CREATE TRIGGER certificate_remains BEFORE DELETE ON certificate
BEGIN SELECT raise(ABORT, 'a certificate number is never taken back'); END;
