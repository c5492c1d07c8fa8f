-- Alerts that other states sent. They are no part of the register: rows are replaced and deleted, and nothing covers them.
CREATE TABLE incoming_alert (
    id TEXT PRIMARY KEY,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    birthdate TEXT,
    state TEXT NOT NULL,
    scope TEXT NOT NULL,
    from_day TEXT NOT NULL,
    until_day TEXT,
    received TEXT NOT NULL
) STRICT;
