#!/usr/bin/env python3
"""What `skyriver import readings` brings in and `skyriver export` writes out, with the real program.

Small files made here, always; and when SKYRIVER_REAL_DATA names a folder that holds `data/`, a station of
Beijing over three years and the national week, each value compared with the file as `replay_files.py`
reads it. Then: imported twice, nothing is added; exported and imported elsewhere, the readings are the
same; a backup brought back to an entry says what the original says as of that entry; a drill ends well;
bad files leave nothing behind. TEST_BINARY names the program.
"""

import csv
import datetime as dt
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import replay_files

BINARY = os.path.abspath(os.environ.get("TEST_BINARY", ""))
DATA = os.environ.get("SKYRIVER_REAL_DATA")
STATIONS = "key,name,kind,lon,lat,mn,password\nroof,屋顶,air_station,113.6,34.8,D1,secret1\n"
SMALL = ("time,device,parameter,value,flag\n2026-03-01 08:00,D1,pm25,35.5,\n2026-03-01 08:00,D1,o3,80,D\n"
         "2026-03-01 09:00,屋顶,pm25,36,\n2026-03-01 10:00,D1,pm25,,\n")


def want(holds, what):
    if not holds:
        raise AssertionError(what)


def run(*arguments, fails=False):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=300)
    want((done.returncode != 0) == fails, f"{arguments}: {done.stdout[-1500:]}{done.stderr[-1500:]}")
    return done.stdout + done.stderr


def receipt(*arguments):
    return json.loads(run("import", "readings", "--json", *arguments).splitlines()[-1])


def well(data):
    run("verify", "--dir", data)


def rows(folder):
    for file in sorted(Path(folder).rglob("*.csv")):
        with open(file, encoding="utf-8", newline="") as text:
            yield from csv.DictReader(text)


def without_sequence(folder):
    names = ("time", "place", "device", "parameter", "statistic", "period", "value", "quality", "mark")
    return sorted(tuple(row[name] for name in names) for row in rows(folder) if row["device"])


def small(room):
    """A data directory with a station and a small file."""
    (room / "stations.csv").write_text(STATIONS, encoding="utf-8")
    (room / "small.csv").write_text(SMALL, encoding="utf-8")
    data = room / "data"
    run("import", "places", room / "stations.csv", "--dir", data)
    return data


def a_file_is_taken_once_and_counted(room):
    data = small(room)
    dry = run("import", "readings", room / "small.csv", "--dir", data, "--dry-run")
    want("readings   3 new" in dry and "nothing was written" in dry, dry)
    first = receipt(room / "small.csv", "--dir", data)
    want((first["readings"]["stored"], first["frames"]["stored"], first["empty"]) == (3, 3, 1), first)
    again = json.loads(run("import", "readings", room / "small.csv", "--dir", data, "--json"))
    want(again["imported_before"]["receipt"] == first["receipt"], again)
    forced = receipt(room / "small.csv", "--dir", data, "--again")
    want((forced["readings"]["stored"], forced["readings"]["duplicate"]) == (0, 3), forced)
    well(data)
    ledger = json.loads(run("ledger", "--dir", data, "--json"))
    want(ledger["balanced"] and ledger["readings"]["received"] == 6, ledger)
    rates = json.loads(run("ledger", "--dir", data, "--rates", "--day", "2026-03-01", "--json"))["rates"]
    hour = next(rate for rate in rates if rate["device"] == "D1")
    want((hour["came"], hour["valid"]) == (3, 2), hour)
    want(abs(hour["effective"] - hour["came"] / hour["expected"] * 2 / 3) < 1e-12, hour)


def what_is_exported_can_be_imported_elsewhere(room):
    data = small(room)
    run("import", "readings", room / "small.csv", "--dir", data)
    for form in ("csv", "parquet"):
        out, other = room / f"out-{form}", room / f"other-{form}"
        run("export", out, "--dir", data, "--format", form)
        run("export", out, "--dir", data, fails=True)
        want("sequence" in (out / "README.txt").read_text(encoding="utf-8"), "README.txt says little")
        run("import", "places", room / "stations.csv", "--dir", other)
        files = sorted(out.rglob(f"*.{form}"))
        run("import", "readings", *files, "--dir", other)
        run("export", room / f"back-{form}", "--dir", other)
        run("export", room / f"front-{form}", "--dir", data)
        front, back = without_sequence(room / f"front-{form}"), without_sequence(room / f"back-{form}")
        want(front == back and len(front) == 3, f"{front} is not {back}")


def a_backup_is_brought_back_to_an_entry(room):
    data = small(room)
    first = receipt(room / "small.csv", "--dir", data)
    later = SMALL.replace("35.5", "99.5").replace("2026-03-01 10:00,D1,pm25,,", "2026-03-02 10:00,D1,pm25,7,")
    (room / "later.csv").write_text(later, encoding="utf-8")
    receipt(room / "later.csv", "--dir", data)
    run("backup", room / "backup", "--dir", data)
    entry = first["ranges"][-1][1]
    run("restore", room / "backup", room / "restored", "--to", entry)
    run("export", room / "as-of", "--dir", data, "--as-of", entry)
    run("export", room / "then", "--dir", room / "restored")
    then, as_of = without_sequence(room / "then"), without_sequence(room / "as-of")
    want(then == as_of and len(then) == 3, f"{then} is not {as_of}")
    well(room / "restored")
    run("restore", room / "backup", room / "restored", "--to", entry, fails=True)
    drill = json.loads(run("drill", room / "backup", "--json"))
    want(drill["is_well"] and drill["newest_reading"].startswith("2026-03-02T02:00"), drill)
    run("drill", room / "backup", "--age-h-max", "1", fails=True)


def bad_files_leave_nothing_behind(room):
    data = small(room)
    (room / "gbk.csv").write_bytes("time,device,parameter,value\n2026-03-01 08:00,郑州,pm25,1\n".encode("gbk"))
    (room / "wide.csv").write_bytes("time,device,parameter,value\n".encode("utf-16"))
    (room / "endless.csv").write_bytes(b"9" * 1_000_000)
    (room / "cut.csv.gz").write_bytes(gzip.compress(SMALL.encode() * 50)[:-20])
    (room / "book.xlsx").write_bytes(b"PK\x03\x04" + b"x" * 100)
    (room / "cut.parquet").write_bytes(b"PAR1" + b"\x15" * 400)
    (room / "bad.csv").write_text(SMALL.replace("35.5", "inf"), encoding="utf-8")
    (room / "stranger.csv").write_text(SMALL.replace("D1", "NOBODY"), encoding="utf-8")
    for name in ("gbk.csv", "wide.csv", "endless.csv", "cut.csv.gz", "book.xlsx", "cut.parquet", "bad.csv",
                 "stranger.csv", "none.csv"):
        said = run("import", "readings", room / name, "--dir", data, fails=True)
        want("hint: " in said and "提示" in said and "panicked" not in said, f"{name}: {said}")
    want(run("import", "receipts", "--dir", data) == "", "a refused file has a receipt")
    ledger = json.loads(run("ledger", "--dir", data, "--json"))
    want(ledger["frames"]["received"] == 0, ledger)
    part = json.loads(run("import", "readings", room / "bad.csv", "--dir", data, "--partial", "--json",
                          fails=True).splitlines()[-1])
    want(part["frames"]["rejected"] == {"bad_grammar": 1} and part["readings"]["stored"] == 2, part)
    (room / "no-backup").mkdir()
    (room / "no-backup" / "skyriver.db").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    for command in (["restore", room / "no-backup", room / "to"], ["drill", room / "no-backup"],
                    ["verify", "--dir", room / "no-backup"], ["drill", room / "nowhere"]):
        want("panicked" not in run(*command, fails=True), command)


def real(room, path, begins, read, places):
    """A real file, or the part of it whose lines begin so, value by value."""
    folder = room / "files"
    folder.mkdir(exist_ok=True)
    for list_ in Path(path).parent.glob("*station*.csv"):
        (folder / list_.name).write_bytes(list_.read_bytes())
    part = replay_files.excerpt(path, folder, begins)
    data = room / "data"
    run("import", "readings", part, "--dir", data, "--register")
    run("export", room / "out", "--dir", data)
    expected = {}
    for station, start, values in read(part):
        for parameter, value in values.items():
            expected[(places(station), start, parameter)] = value
    found = {}
    for row in rows(room / "out"):
        if row["device"]:
            time = re.sub(r"\.000Z$", "+00:00", row["time"])
            start = round(dt.datetime.fromisoformat(time).timestamp() * 1000)
            found[(row["device"], start, row["parameter"])] = Decimal(row["value"])
    differ = {key: (value, found.get(key)) for key, value in expected.items() if found.get(key) != value}
    want(not differ, f"{len(differ)} of {len(expected)} differ: {dict(list(differ.items())[:3])}")
    want(len(found) == len(expected), f"{len(found)} values for {len(expected)} of the file")
    well(data)
    print(f"  {len(found)} values of {Path(path).name} are those of the file")


def wire_name(name):
    hash_ = 0xCBF29CE484222325
    for byte in name.encode():
        hash_ = (hash_ ^ byte) * 0x100000001B3 % 2**64
    return f"010000A8{hash_:016X}"


def a_station_of_beijing_is_that_of_the_file(room):
    file = f"{DATA}/data/beijing_prsa/PRSA_Data_Dingling_20130301-20160229.csv.gz"
    real(room, file, r'"No"|\d+,2015', replay_files.read_prsa, lambda station: wire_name(f"prsa:{station}"))


def the_national_week_is_that_of_the_file(room):
    file = f"{DATA}/data/china_air_2020/national_hourly_20200402-20200408.csv.gz"
    places = lambda station: wire_name(f"national:{station}")
    real(room, file, r"Date|2020040[5-8],\d\d,(郑州|北京|广州)", replay_files.read_national, places)


CHECKS = [a_file_is_taken_once_and_counted, what_is_exported_can_be_imported_elsewhere,
          a_backup_is_brought_back_to_an_entry, bad_files_leave_nothing_behind]
REAL = [a_station_of_beijing_is_that_of_the_file, the_national_week_is_that_of_the_file]

if __name__ == "__main__":
    if not os.path.isfile(BINARY):
        sys.exit("set TEST_BINARY to the path of the program")
    failed = 0
    for check in CHECKS + (REAL if DATA else []):
        with tempfile.TemporaryDirectory(prefix="skyriver-import-") as folder:
            try:
                check(Path(folder))
                print(f"passed  {check.__name__}")
            except AssertionError as error:
                failed += 1
                print(f"FAILED  {check.__name__}: {error}")
    if not DATA:
        print("skipped: real files, since SKYRIVER_REAL_DATA is not set")
    sys.exit(1 if failed else 0)
