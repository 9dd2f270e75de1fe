#!/usr/bin/env python3
"""Questions over many readings, asked of skyriver-sql and of DuckDB on the same Parquet files, in turns.

    cargo xtask bench sql            (50 million readings; READINGS_M=500 for ten times as many)

The archive holds minutes of 300 stations with six pollutants each. DuckDB is asked twice: over the files as
they lie, which is right only where each reading has one version, and for the newest version of each reading,
which is what `readings` means. Answers are compared before anything is timed. skyriver-sql is timed as a
process, from its start to its last row; DuckDB within a process that runs already. Medians of ROUNDS turns.

ARCHIVE_BINARY and SQL_BINARY name the programs. Without the packages of check_sql.py only ours is timed.
"""

import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from check_sql import SQL, python

MINUTES_A_DAY, SERIES, ROUNDS = 1440, 1800, 3
# Of more days (20 million readings) DuckDB's newest versions take minutes each and are left out.
NEWEST_DAYS_MAX = 8
DAY_MS, FIRST_DAY = 86_400_000, 20_089
MEANS = ("SELECT datastream, arrow_cast(time, 'Int64') / 86400000 AS day, avg(value) AS mean, count(value) AS n "
         "FROM readings WHERE quality = 'good' GROUP BY 1, 2 ORDER BY 1, 2")
DUCK = ("SELECT datastream, epoch_ms(time) // 86400000 AS day, avg(value) AS mean, count(value) AS n FROM {source} "
        "WHERE flag % 16 = 1 {more} GROUP BY 1, 2 ORDER BY 1, 2")
NEWEST = ("(SELECT * FROM {files} QUALIFY row_number() OVER (PARTITION BY datastream, time "
          "ORDER BY sequence DESC) = 1)")


def questions(days):
    """Of each: what it asks, ours, the condition that DuckDB gets."""
    month = min(days, 30)
    end = (FIRST_DAY + month) * DAY_MS
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end / 1000))
    one = f"datastream = 905 AND time < '{until}'"
    fifth = "datastream % 6 = 5"
    return [
        ("daily means of everything", MEANS, ""),
        ("daily means of one pollutant", MEANS.replace("GROUP", "AND parameter = 'pm25' GROUP"), f"AND {fifth}"),
        (f"daily means of one datastream, {month} days", MEANS.replace("GROUP", f"AND {one} GROUP"), f"AND {one}"),
    ]


INSIDE = r"""
import csv, json, sys, time
import duckdb
connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
for line in sys.stdin:
    asked = json.loads(line)
    begun = time.perf_counter()
    rows = connection.execute(asked["sql"]).fetchall()
    took = time.perf_counter() - begun
    if asked["out"]:
        with open(asked["out"], "w", newline="") as file:
            csv.writer(file).writerows(rows)
    print(took, flush=True)
"""


class Duck:
    def __init__(self, interpreter, data):
        self.process = interpreter and subprocess.Popen(
            [interpreter, "-I", "-c", INSIDE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        paths = sorted(str(path) for path in (data / "archive/readings").rglob("*.parquet"))
        self.files = f"read_parquet({paths!r})"

    def ask(self, source, more, out=None):
        sql = DUCK.format(source=source, more=more)
        self.process.stdin.write(json.dumps({"sql": sql, "out": out and str(out)}) + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


def ours(data, sql, out):
    begun = time.perf_counter()
    subprocess.run([SQL, data, sql, "--time-limit", "30min", "-o", out], check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begun


def rows(path, header):
    with open(path, newline="") as file:
        return [(int(a), int(b), float(mean), int(n)) for a, b, mean, n in list(csv.reader(file))[header:]]


def differ(left, right):
    """Sums of floats in another order: equal but for the last digits."""
    near = lambda a, b: a[:2] == b[:2] and a[3] == b[3] and abs(a[2] - b[2]) <= 1e-9 * max(1, abs(a[2]))
    return len(left) != len(right) or not all(map(near, left, right))


def measure(data, room, days, duck):
    print("| question | rows | skyriver-sql s | DuckDB, newest version s | ratio | DuckDB, files as they lie s | ratio |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for what, sql, more in questions(days):
        mine, theirs = room / "ours.csv", room / "duck.csv"
        ours(data, sql, mine)
        sources = {}
        if duck.process:
            sources = {"newest": NEWEST.format(files=duck.files), "as they lie": duck.files}
            if days > NEWEST_DAYS_MAX:
                del sources["newest"]
            for name, source in sources.items():
                duck.ask(source, more, theirs)
                if differ(rows(mine, 1), rows(theirs, 0)):
                    raise SystemExit(f"{what}: DuckDB ({name}) answers otherwise")
        times = {name: [] for name in ("ours", *sources)}
        for _ in range(ROUNDS):
            times["ours"].append(ours(data, sql, mine))
            for name, source in sources.items():
                times[name].append(duck.ask(source, more))
        median = {name: statistics.median(found) for name, found in times.items()}
        beside = " | ".join(f"{median[name]:.2f} | {median['ours'] / median[name]:.2f}" if name in sources else "– | –"
                            for name in ("newest", "as they lie"))
        print(f"| {what} | {len(rows(mine, 1))} | {median['ours']:.2f} | {beside} |", flush=True)


def main():
    readings = int(os.environ.get("READINGS_M", "50")) * 1_000_000
    days = max(1, round(readings / MINUTES_A_DAY / SERIES))
    room = Path(tempfile.mkdtemp(prefix="skyriver-speed-"))
    try:
        made = subprocess.run([os.environ["ARCHIVE_BINARY"], room / "data", str(SERIES // 6), str(days)],
                              check=True, capture_output=True, text=True)
        print(made.stdout.strip(), flush=True)
        duck = Duck(python(), room / "data")
        measure(room / "data", room, days, duck)
    finally:
        shutil.rmtree(room)


if __name__ == "__main__":
    sys.exit(main())
