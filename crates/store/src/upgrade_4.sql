-- From format 3 to 4: which files of the manifest are no longer there, and what took their place.

CREATE TABLE retired (
    file     INTEGER PRIMARY KEY,
    replaced INTEGER,
    act      INTEGER
) STRICT;
CREATE INDEX retired_by_replaced ON retired (replaced);
