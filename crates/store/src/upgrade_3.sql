-- From format 2 to 3: what somebody or a rule did.

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
