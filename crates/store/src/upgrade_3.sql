-- From format 2 to 3: what somebody or a rule did, and the secrets of accounts.

CREATE TABLE act (
    sequence INTEGER PRIMARY KEY,
    turn     INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    key      TEXT NOT NULL,
    who      TEXT NOT NULL,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX act_by_key ON act (kind, key, sequence);
CREATE INDEX act_by_turn ON act (turn);

CREATE TABLE secret (
    kind  TEXT NOT NULL,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    at    INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
