-- From format 1 to 2: every version of an entry of the registry is kept, who may sign in, and up to when
-- the log went at the end of each minute.

CREATE TABLE moment (
    at       INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (at, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE revision (
    id       INTEGER PRIMARY KEY,
    turn     INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    kind     INTEGER NOT NULL,
    key      TEXT NOT NULL,
    who      TEXT NOT NULL,
    way      INTEGER NOT NULL,
    receipt  TEXT,
    document TEXT NOT NULL
) STRICT;
CREATE INDEX revision_by_key ON revision (kind, key, id);

CREATE TABLE user (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    role          INTEGER NOT NULL,
    password_hash TEXT NOT NULL,
    at            INTEGER NOT NULL
) STRICT;

-- What is registered stands as the first version, as of the newest turn; it came from a file.
INSERT INTO revision (turn, sequence, at, kind, key, who, way, document)
SELECT newest.id, newest.sequence, newest.at, registry.kind, registry.key, '', 0, registry.document
FROM registry, (
    SELECT coalesce(max(id), 0) AS id, coalesce(max(sequence_last), 0) AS sequence, coalesce(max(at), 0) AS at
    FROM turn
) AS newest
WHERE registry.kind < 4
ORDER BY registry.id;
