-- Alerts that other states sent. They are no part of the register: rows are replaced and deleted, and nothing covers them.
CREATE TABLE vernet.incoming_alert (
    id text COLLATE "C" PRIMARY KEY,
    given_name text NOT NULL,
    family_name text NOT NULL,
    birthdate text,
    state text NOT NULL,
    scope text NOT NULL,
    from_day text NOT NULL,
    until_day text,
    received text COLLATE "C" NOT NULL
);
