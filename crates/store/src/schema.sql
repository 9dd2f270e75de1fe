-- Tables of skyriver.db, format 4. FORMAT.md says what stands in them.

CREATE TABLE turn (
    id             INTEGER PRIMARY KEY,
    at             INTEGER NOT NULL,
    day            INTEGER NOT NULL,
    sequence_first INTEGER NOT NULL,
    sequence_last  INTEGER NOT NULL,
    readings       INTEGER NOT NULL,
    frames         INTEGER NOT NULL,
    content        BLOB NOT NULL,
    hash           BLOB NOT NULL
) STRICT;

CREATE TABLE readings_blob (
    id       INTEGER PRIMARY KEY,
    turn     INTEGER NOT NULL,
    day      INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    time_min INTEGER NOT NULL,
    time_max INTEGER NOT NULL,
    hash     BLOB NOT NULL,
    bytes    BLOB NOT NULL
) STRICT;
CREATE INDEX readings_blob_by_day ON readings_blob (day);

CREATE TABLE frames_blob (
    sequence_first INTEGER PRIMARY KEY,
    sequence_last  INTEGER NOT NULL,
    turn           INTEGER NOT NULL,
    day            INTEGER NOT NULL,
    count          INTEGER NOT NULL,
    hash           BLOB NOT NULL,
    bytes          BLOB NOT NULL
) STRICT;

CREATE TABLE ledger (
    hour        INTEGER NOT NULL,
    device      INTEGER NOT NULL,
    unit        INTEGER NOT NULL,
    disposition INTEGER NOT NULL,
    reason      INTEGER NOT NULL,
    count       INTEGER NOT NULL,
    PRIMARY KEY (hour, device, unit, disposition, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
    id     INTEGER PRIMARY KEY,
    turn   INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    device INTEGER NOT NULL,
    text   TEXT NOT NULL
) STRICT;
CREATE INDEX journal_by_turn ON journal (turn);

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

CREATE TABLE registry (
    id       INTEGER PRIMARY KEY,
    kind     INTEGER NOT NULL,
    key      TEXT NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (kind, key)
) STRICT;

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

CREATE TABLE manifest (
    id             INTEGER PRIMARY KEY,
    path           TEXT NOT NULL UNIQUE,
    kind           INTEGER NOT NULL,
    day            INTEGER NOT NULL,
    rows           INTEGER NOT NULL,
    bytes          INTEGER NOT NULL,
    datastream_min INTEGER NOT NULL,
    datastream_max INTEGER NOT NULL,
    time_min       INTEGER NOT NULL,
    time_max       INTEGER NOT NULL,
    sequence_min   INTEGER NOT NULL,
    sequence_max   INTEGER NOT NULL,
    hash           BLOB NOT NULL,
    blocks         BLOB NOT NULL,
    log_hash       BLOB NOT NULL,
    chain          BLOB NOT NULL,
    damage         TEXT
) STRICT;

CREATE TABLE retired (
    file     INTEGER PRIMARY KEY,
    replaced INTEGER,
    act      INTEGER
) STRICT;
CREATE INDEX retired_by_replaced ON retired (replaced);

CREATE TABLE series (
    datastream INTEGER PRIMARY KEY,
    time_first INTEGER NOT NULL,
    time       INTEGER NOT NULL,
    value      INTEGER NOT NULL,
    flag       INTEGER NOT NULL,
    sequence   INTEGER NOT NULL
) STRICT;

CREATE TABLE chain_day (
    turn_first INTEGER PRIMARY KEY,
    turn_last  INTEGER NOT NULL,
    day        INTEGER NOT NULL,
    readings   INTEGER NOT NULL,
    frames     INTEGER NOT NULL,
    hash_last  BLOB NOT NULL,
    journal    BLOB NOT NULL,
    hash       BLOB NOT NULL
) STRICT;

CREATE TABLE moment (
    at       INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (at, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE damaged_blob (
    id     INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    turn   INTEGER NOT NULL,
    day    INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    hash   BLOB NOT NULL,
    bytes  BLOB,
    why    TEXT NOT NULL
) STRICT;

CREATE TABLE secret (
    kind  TEXT NOT NULL,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    at    INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
