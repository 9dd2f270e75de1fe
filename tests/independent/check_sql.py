#!/usr/bin/env python3
"""One archive asked by skyriver-sql, DuckDB and pandas: equal answers, now and as of past entries.

Six stations, forty days of hours, by `skyriver import readings`; then late and changed values, corrections,
compaction, and the same once more over what was compacted. In each state all readings (datastream, time,
value, flag, sequence) and the daily means are compared, now and as of two entries of the log. The others
read the Parquet files and the blobs of the log as FORMAT.md draws them. What was imported is compared
with the file itself.

Makes a virtual environment under `target/` and skips when the packages cannot be had. TEST_BINARY and
SQL_BINARY name the programs.
"""

import csv
import io
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

VENV = Path(__file__).resolve().parents[2] / "target" / "venv-sql"
PACKAGES = ("pandas==3.1.1", "pyarrow==26.0.1", "duckdb==2.0.1", "zstandard==0.25.0")
BINARY, SQL = (os.path.abspath(os.environ.get(name, "")) for name in ("TEST_BINARY", "SQL_BINARY"))
STATIONS, DAYS = 6, 40
ALL = ("SELECT datastream, arrow_cast(time, 'Int64') AS time, value, flag, sequence FROM readings "
       "ORDER BY datastream, time")
MEANS = ("SELECT datastream, arrow_cast(time, 'Int64') / 86400000 AS day, avg(value) AS mean, count(value) AS n "
         "FROM readings WHERE flag % 16 = 1 GROUP BY 1, 2 ORDER BY 1, 2")

INSIDE = r"""
import csv, sqlite3, sys
import duckdb, numpy, pandas, zstandard

folder, asked, out = sys.argv[1], None if sys.argv[2] == "now" else int(sys.argv[2]), sys.argv[3]
db = sqlite3.connect(f"file:{folder}/skyriver.db?mode=ro", uri=True)
listed = db.execute("SELECT path, kind, rows FROM manifest WHERE kind < 3 AND id NOT IN (SELECT file FROM retired) "
                    "ORDER BY kind <> 2, id").fetchall()
paths = [f"{folder}/archive/{path}" for path, kind, _ in listed if asked is not None or kind != 2]
NAMES = [("datastream", "<i4"), ("time", "<i8"), ("value", "<f8"), ("flag", "<i2"), ("sequence", "<u8")]
parts = []
for blob, in db.execute("SELECT bytes FROM readings_blob ORDER BY id"):
    n = int.from_bytes(blob[8:12], "little")
    data, at, columns = zstandard.decompress(blob[12:], 30 * n), 0, {}
    for name, kind in NAMES:
        columns[name] = numpy.frombuffer(data, kind, n, at)
        at += columns[name].nbytes
    columns["value"] = numpy.where(columns["flag"] & 15 == 9, numpy.nan, columns["value"])
    parts.append(pandas.DataFrame(columns))
empty = pandas.DataFrame({name: numpy.array([], kind) for name, kind in NAMES})
log = pandas.concat(parts or [empty], ignore_index=True).astype({"sequence": "int64"})
log["place"] = 1_000_000_000 + numpy.arange(len(log))
print(f"{len(paths)} files, {len(log)} versions in the log", file=sys.stderr)

def by_pandas():
    found = []
    for place, path in enumerate(paths):
        file = pandas.read_parquet(path)
        file["time"] = file["time"].astype("datetime64[ms, UTC]").astype("int64")
        found.append(file.assign(place=place))
    all = pandas.concat([*found, log], ignore_index=True)
    if asked is not None:
        all = all[all["sequence"] <= asked]
    now = all.sort_values(["sequence", "place"], kind="stable").drop_duplicates(["datastream", "time"], keep="last")
    now = now.sort_values(["datastream", "time"])
    good = now[(now["flag"] % 16 == 1)]
    days = good.assign(day=good["time"] // 86_400_000).groupby(["datastream", "day"])["value"]
    means = days.agg(["mean", "count"]).reset_index()
    return (now[["datastream", "time", "value", "flag", "sequence"]].itertuples(index=False),
            means.itertuples(index=False))

def by_duckdb():
    con = duckdb.connect()
    con.register("log", log)
    files = "SELECT datastream, epoch_ms(time) AS time, value, flag, sequence, list_position(?, filename) AS place " \
            "FROM read_parquet(?, filename = true) UNION ALL " if paths else ""
    most = "" if asked is None else f"WHERE sequence <= {asked}"
    con.execute(f"CREATE TABLE now AS SELECT * FROM ({files} SELECT datastream, time, "
                f"CASE WHEN isnan(value) THEN NULL ELSE value END AS value, flag, sequence, place FROM log) {most} "
                "QUALIFY row_number() OVER (PARTITION BY datastream, time ORDER BY sequence DESC, place DESC) = 1",
                [paths, paths] if paths else None)
    return (con.execute("SELECT datastream, time, value, flag, sequence FROM now ORDER BY 1, 2").fetchall(),
            con.execute("SELECT datastream, time // 86400000, avg(value), count(value) FROM now "
                        "WHERE flag % 16 = 1 GROUP BY 1, 2 ORDER BY 1, 2").fetchall())

text = lambda cell: "" if cell is None or cell != cell else repr(float(cell)) if isinstance(cell, float) else str(cell)
for name, made in (("pandas", by_pandas()), ("duckdb", by_duckdb())):
    for what, rows in zip(("all", "means"), made):
        with open(f"{out}/{name}-{what}.csv", "w", newline="") as file:
            csv.writer(file).writerows([text(cell) for cell in row] for row in rows)
"""


def python():
    """The interpreter of an environment that has the packages; None when they cannot be had."""
    own = VENV / "bin" / "python"
    probe = [own, "-I", "-c", "import duckdb, pandas, pyarrow, zstandard"]
    if own.exists() and subprocess.run(probe, capture_output=True).returncode == 0:
        return own
    try:
        venv.create(VENV, with_pip=True)
        subprocess.run([own, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES],
                       check=True, capture_output=True, timeout=600)
    except Exception as error:  # No network, no venv module: told, not failed.
        print(f"skipped: {', '.join(PACKAGES)} cannot be had ({error})")
        return None
    return own


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise SystemExit(f"{command}: exit {done.returncode}\n{done.stdout[-1500:]}{done.stderr[-3000:]}")
    return done.stdout


def ask(data, sql, as_of=None):
    moment = [] if as_of is None else ["--as-of", as_of]
    rows = list(csv.reader(io.StringIO(run(SQL, data, sql, "--format", "csv", *moment))))
    return rows[1:]


def value(station, hour, change=0):
    return f"{(station * 37 + hour * 7) % 900 / 10 + change:.1f}"


def write(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("time", "device", "parameter", "value", "flag"))
        writer.writerows(rows)
    return path


def row(station, hour, parameter, change=0):
    day, clock = divmod(hour, 24)
    date = f"2026-01-{day + 1:02}" if day < 31 else f"2026-02-{day - 30:02}"
    return (f"{date} {clock:02}:00", f"D{station}", parameter, value(station, hour, change), "")


class World:
    def __init__(self, room, interpreter):
        self.room, self.data, self.interpreter, self.failed = room, room / "data", interpreter, []
        stations = ["key,name,kind,lon,lat,mn,password"]
        stations += [f"p{n},站{n},air_station,{113 + n / 100},34.8,D{n},secret{n}" for n in range(STATIONS)]
        (room / "stations.csv").write_text("\n".join(stations) + "\n", encoding="utf-8")
        run(BINARY, "import", "places", room / "stations.csv", "--dir", self.data)

    def take(self, name, rows):
        run(BINARY, "import", "readings", write(self.room / name, rows), "--dir", self.data)
        return self.newest()

    def newest(self):
        return int(ask(self.data, "SELECT max(sequence) FROM versions")[0][0])

    def correct(self, place, first, last, operation):
        sql = f"SELECT id FROM datastreams WHERE place = '{place}' AND parameter = 'pm25' AND period = 'hour'"
        number = ask(self.data, sql)[0][0]
        run(BINARY, "correct", "--dir", self.data, "--who", "audit", "--datastream", number, "--from", first,
            "--to", last, "--operation", operation, "--why", "a test")
        return self.newest()

    def equal(self, what, rows, others):
        for name, other in others.items():
            if rows != other:
                pairs = zip(rows + [None] * len(other), other + [None] * len(rows))
                first = next(pair for pair in pairs if pair[0] != pair[1])
                self.failed.append(f"{what}, {name}: {len(rows)} and {len(other)} rows; first difference {first}")

    def compare(self, state, moments):
        for name, moment in moments.items():
            out = self.room / f"{state}-{name}".replace(" ", "-")
            out.mkdir()
            run(self.interpreter, "-I", "-c", INSIDE, self.data, "now" if moment is None else moment, out)
            for what, sql in (("all", ALL), ("means", MEANS)):
                rows = [self.canonical(what, row) for row in ask(self.data, sql, moment)]
                others = {}
                for program in ("pandas", "duckdb"):
                    with open(out / f"{program}-{what}.csv", newline="") as file:
                        others[program] = [self.canonical(what, row) for row in csv.reader(file)]
                self.equal(f"{state}, {name}, {what}", rows, others)
                print(f"  {state}, {name}, {what}: {len(rows)} rows")

    @staticmethod
    def canonical(what, row):
        """Values bit by bit; means to twelve digits, since each program adds in its own order."""
        number = "" if row[2] == "" else float(row[2])
        if what == "means" and number != "":
            number = f"{number:.12g}"
        return (*map(int, row[:2]), number, *map(int, row[3:]))

    def as_imported(self, moment):
        sql = ("SELECT place, arrow_cast(time, 'Int64'), value FROM hours WHERE parameter = 'pm25' "
               "ORDER BY place, time")
        found = [(place, float(number)) for place, _, number in ask(self.data, sql, moment)]
        wanted = [(f"p{n}", float(value(n, hour))) for n in range(STATIONS) for hour in range(DAYS * 24)]
        self.equal("the first import as of its end", found, {"the file": wanted})


def main():
    interpreter = python()
    if interpreter is None:
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        world = World(Path(scratch), interpreter)
        hours = range(DAYS * 24)
        parameters = ("pm25", "o3")
        first = world.take("first.csv", [row(n, h, p) for n in range(STATIONS) for h in hours for p in parameters])
        moments = {"now": None, "after the import": first}
        world.compare("hot", moments)
        world.as_imported(first)
        world.take("late.csv", [row(n, h, "pm25", 3) for n in (0, 3) for h in range(100, 140)])
        moments["after a correction"] = world.correct("p1", "2026-01-05", "2026-01-09", '{"kind":"offset","by":"-1.5"}')
        world.compare("late and corrected", moments)
        run(BINARY, "compact", "--all", "--dir", world.data)
        world.compare("sealed", moments)
        world.take("later.csv", [row(n, h, "o3", 1.5) for n in (2, 5) for h in range(300, 360)])
        world.correct("p3", "2026-01-04", "2026-01-20", '{"kind":"factor","by":"1.07"}')
        world.compare("late over sealed", moments)
        run(BINARY, "compact", "--all", "--dir", world.data)
        world.compare("folded", moments)
        world.as_imported(first)
        if world.failed:
            print(*world.failed[:20], sep="\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
