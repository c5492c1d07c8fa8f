-- The statements of the register, as canonical JSON, each with its SHA-256 hash and the Ed25519 signature of the officer whose key the body
-- names: over a JWS whose header follows from that key. They are never changed and never deleted.
CREATE TABLE vernet.statement (
    seq bigint PRIMARY KEY,
    hash bytea UNIQUE NOT NULL CHECK (length(hash) = 32),
    signature bytea NOT NULL CHECK (length(signature) = 64),
    body text NOT NULL
);

CREATE FUNCTION vernet.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'a % is never changed, never deleted and never taken back', TG_TABLE_NAME;
END $$;

CREATE FUNCTION vernet.follow() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF NEW.seq IS DISTINCT FROM (SELECT coalesce(max(seq), 0) + 1 FROM vernet.statement) THEN
        RAISE EXCEPTION 'a statement follows on the last one';
    END IF;
    RETURN NEW;
END $$;

-- Without gaps.
CREATE TRIGGER statement_appends BEFORE INSERT ON vernet.statement
FOR EACH ROW EXECUTE FUNCTION vernet.follow();
CREATE TRIGGER statement_remains BEFORE UPDATE OR DELETE OR TRUNCATE ON vernet.statement
FOR EACH STATEMENT EXECUTE FUNCTION vernet.refuse();

-- The numbers and slots that were given out. Each is given out once.
CREATE TABLE vernet.certificate (
    number text COLLATE "C" PRIMARY KEY,
    list smallint NOT NULL,
    idx integer NOT NULL,
    seq bigint NOT NULL REFERENCES vernet.statement (seq),
    UNIQUE (list, idx)
);

CREATE TRIGGER certificate_remains BEFORE UPDATE OR DELETE OR TRUNCATE ON vernet.certificate
FOR EACH STATEMENT EXECUTE FUNCTION vernet.refuse();
