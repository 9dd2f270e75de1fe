#!/usr/bin/env python3
"""Real readings, sent over TCP and read back through the API, equal the files they came from.

For a month of eight Beijing stations and a week of 1 812 national sites, with the server in a process
of its own:

- every value that is stored stands in the file at that hour, exactly, and every value of the file is
  stored, in the unit of its parameter; a sample opens to frames that carry the file's digits;
- each station's daily index, single indices, level and first pollutants equal those that `aqi.py`
  computes with exact fractions, and a day without an index says why;
- the ledger counts each device's frames and readings to the row, and nothing is in flight;
- all of this after a `kill -9` right behind the last acknowledgement; sent again, no reading is added;
  nothing is lost by an ordinary stop or by another `kill -9`;
- the same values and kept daily indices after a `kill -9` in the middle of a replay.

Runs when SKYRIVER_REAL_DATA names a folder that holds `data/`; needs TEST_BINARY. What is written is
in a temporary folder and removed.
"""

import datetime as dt
import glob
import itertools
import json
import os
import re
import signal
import sys
import tempfile
import time
import tomllib
from bisect import bisect_left
from collections import Counter

import aqi
import replay_files as files
from server import Server, run, start

UNKNOWN_POSITION = "（位置不明）"
CODES = {
    "pm25": "a34004", "pm10": "a34002", "so2": "a21026", "no2": "a21004", "co": "a21005", "o3": "a05024",
    "air_temp": "a01001", "air_pressure": "a01006", "wind_speed": "a01007", "wind_dir": "a01008",
}
GOOD_N = ord("N") << 4 | 1
SAMPLE = 150
DAY = dt.timedelta(days=1)
NOTHING = {pollutant: [None] * 24 for pollutant in aqi.POLLUTANTS}


class Checks:
    """Counts what held and tells the first of what did not, with the seconds since the last one."""

    def __init__(self):
        self.passed = self.failed = 0
        self.last = time.monotonic()

    def none(self, what, differences):
        differences = list(itertools.islice(differences, 1000))
        seconds, self.last = time.monotonic() - self.last, time.monotonic()
        what = f"{seconds:5.1f} s  {what}"
        if differences:
            self.failed += 1
            print(f"  FAILED {what}: {len(differences)} differ", *differences[:5], sep="\n    ")
        else:
            self.passed += 1
            print(f"  ok     {what}")

    def equal(self, what, got, expected):
        self.none(what, [] if got == expected else [f"got {got}, expected {expected}"])


class Case:
    """Files, the part of them that is sent, and who stands where."""

    def __init__(self, path, expected, days, station_of):
        self.path, self.expected, self.days, self.station_of = path, expected, days, station_of
        self.range = []
        self.place, self.mn, self.judged = {}, {}, {}

    def register(self, folder):
        """Has the registry written; finds the stations in it."""
        file = f"{folder}/registry.toml"
        run("device", "replay", self.path, "--registry-out", file, *self.range)
        with open(file, "rb") as text:
            registry = tomllib.load(text)
        names = {place["key"]: self.station_of(place) for place in registry["place"]}
        self.place = {station: key for key, station in names.items()}
        self.mn = {device["mn"]: names[device["place"]] for device in registry["device"]}

    def send(self, server):
        told = run("device", "replay", self.path, "--server", server.devices, "--json", *self.range)
        return json.loads(told)

    def sending(self, server):
        """Sends so fast that judging lags behind."""
        return start("device", "replay", self.path, "--server", server.devices, "--window", "4096", *self.range)

    def sample(self):
        """Every site of Zhengzhou, or all of few, and others at equal steps."""
        stations = sorted(self.place)
        home = [station for station in stations if station.startswith("郑州/")]
        return set(home + stations[:: max(1, len(stations) // SAMPLE)])

    def judge(self, station, date):
        """Index, level, first pollutants, single indices, and whether there must be a reason."""
        if (station, date) not in self.judged:
            index, _, primary, single = aqi.judge(2012, self.days[station].get(date, NOTHING))
            level = None if index is None else 1 + bisect_left((50, 100, 150, 200, 300), index)
            self.judged[station, date] = index, level, primary, single, index is None
        return self.judged[station, date]


def beijing(folder, scratch):
    rows, days = [], {}
    for path in sorted(glob.glob(f"{folder}/beijing_prsa/PRSA_Data_*.csv.gz")):
        part = files.excerpt(path, scratch, r'"No"|\d+,2015,1,')
        rows += files.read_prsa(part)
        days |= aqi.collect(aqi.read_prsa(part))
    case = Case(f"{folder}/beijing_prsa", files.Expected(rows), days, lambda place: place["name"]["en"])
    case.range = ["--from", "2015-01-01T00:00:00+08:00", "--to", "2015-02-01T00:00:00+08:00"]
    return case


def national(folder, _):
    path, = glob.glob(f"{folder}/china_air_2020/national_hourly_*.csv.gz")
    days = aqi.collect(aqi.read_national(path))

    def station_of(place):
        return place["name"]["zh"].removesuffix(UNKNOWN_POSITION).replace(" ", "/", 1)

    return Case(path, files.Expected(files.read_national(path)), days, station_of)


def compare_values(case, server, stations, form, checks):
    """Each series of the stations; one sequence of each, to be opened."""
    expected = {key: rows for key, rows in case.expected.series.items() if key[0] in stations}
    found, differences, opened = Counter(), [], {}
    for stream in server.get("datastreams"):
        station = case.mn.get(stream["device"])
        if station not in stations:
            continue
        key = station, stream["parameter"]
        if (stream["statistic"], stream["period"]) != ("mean", "hour") or key not in expected:
            differences.append(f"{key}: no such series in the file, {stream}")
            continue
        found[key] += 1
        first, last = min(expected[key]), max(expected[key])
        if [instant(stream[name]) for name in ("first", "last")] != [first, last]:
            differences.append(f"{key}: from {stream['first']} to {stream['last']}")
        rows = server.series(stream["id"], first, last, form)
        differences += differing(key, rows, expected[key])
        if rows:
            at, value, sequence, _ = rows[len(rows) // 2]
            opened[key] = at, value, sequence
    differences += [f"{key}: {found[key]} series" for key in expected if found[key] != 1]
    checks.none(f"{sum(map(len, expected.values()))} values in {len(expected)} series ({form})", differences)
    return opened


def instant(text):
    return dt.datetime.fromisoformat(text).timestamp() * 1000


def differing(key, rows, expected):
    """What differs between the rows of a series and the file."""
    if [(at, value) for at, value, _, _ in rows] != sorted(expected.items()):
        stored = {at: value for at, value, _, _ in rows}
        if len(stored) != len(rows):
            yield f"{key}: an hour stands twice"
        for at in sorted(stored.keys() | expected.keys()):
            if stored.get(at) != expected.get(at):
                yield f"{key} {at}: stored {stored.get(at)}, in the file {expected.get(at)}"
    yield from (f"{key} {at}: flag {flag}" for at, _, _, flag in rows if flag != GOOD_N)


def compare_frames(case, server, opened, checks):
    """The frames behind a sample of values carry the digits of the file."""
    differences = []
    sample = sorted(opened)[:: max(1, len(opened) // SAMPLE)]
    for station, parameter in sample:
        at, _, sequence = opened[station, parameter]
        frame = server.get(f"frames/{sequence}")
        sent = re.search(rf"{CODES[parameter]}-Avg=([^,;&]*)", frame["text"])
        clock = re.search(r"DataTime=(\d{14})", frame["text"])
        expected = f"{case.expected.series[station, parameter][at]:f}"
        start = dt.datetime.fromtimestamp(at / 1000, files.ZONE).strftime("%Y%m%d%H%M%S")
        if not sent or not clock or (sent[1], clock[1]) != (expected, start):
            differences.append(f"{station} {parameter} {start}: {expected} is not in {frame['text']}")
    checks.none(f"{len(sample)} frames carry the digits of the file", differences)


def compare_days(case, server, stations, checks):
    """Each day that the file touches and one before and after, against `aqi.py`."""
    count, assessed, differences = 0, 0, []
    for station in sorted(stations):
        first, last = map(files.date_of, case.expected.extent(station))
        dates = [first + n * DAY for n in range(-1, (last - first).days + 2)]
        query = {"place": case.place[station], "from": dates[0], "to": dates[-1] + DAY}
        items = server.get("index/day", **query)["items"]
        starts = [files.ms(dt.datetime.combine(date, dt.time())) for date in dates]
        if [instant(item["start"]) for item in items] != starts:
            differences.append(f"{station}: other days than {dates[0]} to {dates[-1]}")
            continue
        for date, item in zip(dates, items, strict=True):
            primary = sorted(item["primary"], key=aqi.POLLUTANTS.index)
            got = item["aqi"], item["level"], primary, item["iaqi"], item["reason"] is not None
            expected = case.judge(station, date)
            count, assessed = count + 1, assessed + (expected[0] is not None)
            if got != expected or item["edition"] != "HJ 633-2012":
                differences.append(f"{station} {date}: got {item}, expected {expected}")
    checks.none(f"{count} days of {len(stations)} stations, {assessed} with an index", differences)


def compare_derived(case, server, stations, checks):
    """The daily indices that the server keeps as readings say the same, and there are no others."""
    count, differences, keys = 0, [], {case.place[station]: station for station in stations}
    for stream in server.get("datastreams"):
        station = keys.get(stream["place"])
        if station and (stream["device"], stream["period"]) == (None, "day"):
            first, last = map(instant, (stream["first"], stream["last"]))
            rows = server.series(stream["id"], first, last, "columns")
            expected = {date: case.judge(station, date)[0] for date in case.days[station]}
            expected = {date: index for date, index in expected.items() if index is not None}
            kept = {files.date_of(at): value for at, value, _, _ in rows if value is not None}
            if kept != expected:
                differences.append(f"{station}: kept {kept}, expected {expected}")
            count += len(kept)
            del keys[stream["place"]]
    for station in keys.values():
        if any(case.judge(station, date)[0] is not None for date in case.days[station]):
            differences.append(f"{station}: no daily index is kept")
    checks.none(f"{count} daily indices are kept as readings", differences)


def compare_ledger(case, server, since, times, checks):
    """What became of everything that came since, summed over the civil days of it."""
    today, counts, totals, balanced = files.date_of(time.time() * 1000), Counter(), Counter(), True
    for n in range((today - since).days + 1):
        answer = server.get("ledger", day=since + n * DAY, by="device")
        balanced &= answer["balanced"]
        for unit in ("frame", "reading"):
            totals.update({(unit, name): count for name, count in answer[f"{unit}s"].items()})
        for row in answer["rows"]:
            counts[case.mn.get(row["device"], row["device"]), row["unit"], row["disposition"]] += row["count"]
    expected = case.expected.ledger(times)
    sums = Counter({("frame", "received"): times * case.expected.rows,
                    ("reading", "received"): times * case.expected.values})
    for (_, unit, disposition), count in expected.items():
        sums[unit, disposition] += count
    text = ", ".join(f"{count} {unit}s {name}" for (unit, name), count in sorted(sums.items()))
    checks.equal(f"ledger of {times} replays: {text}", (+totals, balanced), (sums, True))
    rows = (f"{key}: {counts[key]}, expected {expected[key]}"
            for key in counts.keys() | expected.keys() if counts[key] != expected[key])
    checks.none(f"the same for each of {len(case.expected.frames)} devices", rows)


def compare_account(case, told, checks):
    rows, values = case.expected.rows, case.expected.values
    account = told["account"]
    got = [told["rows"]] + [account[f"{unit}_{how}"] for unit in ("frames", "readings")
                            for how in ("sent", "acknowledged")] + [account["frames_resent"]]
    checks.equal(f"{rows} rows with {values} values are sent and acknowledged", got,
                 [rows, rows, rows, values, values, 0])


def prove(case, folder, checks):
    """One case from an empty data directory to the last restart."""
    case.register(folder)
    checks.equal(f"{len(case.place)} stations are registered",
                 (set(case.place), set(case.mn.values())), (set(case.expected.frames),) * 2)
    everybody, sample, since = set(case.place), case.sample(), files.date_of(time.time() * 1000)
    with Server(folder) as server:
        compare_account(case, case.send(server), checks)
        server.end(signal.SIGKILL)
    with Server(folder) as server:
        compare_ledger(case, server, since, 1, checks)
        opened = compare_values(case, server, everybody, "columns", checks)
        compare_frames(case, server, opened, checks)
        compare_days(case, server, everybody, checks)
        compare_derived(case, server, everybody, checks)
        compare_account(case, case.send(server), checks)
        compare_ledger(case, server, since, 2, checks)
        compare_values(case, server, sample, "columns", checks)
        checks.equal("SIGTERM ends it well", (server.end(), server.errors), (0, []))
    for how in (signal.SIGKILL, signal.SIGTERM):
        with Server(folder) as server:
            compare_values(case, server, sample, "json", checks)
            compare_days(case, server, sample, checks)
            compare_ledger(case, server, since, 2, checks)
            server.end(how)
            checks.equal(f"no error is logged until {how.name}", server.errors, [])


def prove_torn(case, folder, checks):
    """Killed in the middle of a replay, then sent everything: nothing of the first part is missing."""
    case.register(folder)
    with Server(folder) as server, case.sending(server) as sending:
        while sending.poll() is None and server.get("ledger")["frames"]["received"] < case.expected.rows // 3:
            time.sleep(0.1)
        server.end(signal.SIGKILL)
        sending.kill()
    with Server(folder) as server:
        compare_account(case, case.send(server), checks)
        server.end()
    with Server(folder) as server:
        compare_values(case, server, case.sample(), "columns", checks)
        compare_derived(case, server, set(case.place), checks)
        checks.equal("no error is logged", server.errors, [])


def main():
    folder = os.environ.get("SKYRIVER_REAL_DATA")
    if not folder:
        print("skipped: SKYRIVER_REAL_DATA names no folder of real readings")
        return
    checks = Checks()
    for name, read in (("a month of Beijing", beijing), ("a national week", national)):
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="skyriver-replay-") as scratch:
            case = read(f"{folder}/data", scratch)
            print(f"{name}: {case.expected.rows} rows, {case.expected.values} values, "
                  f"{case.expected.distinct()} of them distinct")
            prove(case, scratch, checks)
        with tempfile.TemporaryDirectory(prefix="skyriver-replay-") as scratch:
            print(f"{name}, killed in the middle of it:")
            prove_torn(case, scratch, checks)
        print(f"  {time.monotonic() - begun:.0f} s")
    print(f"{checks.passed} passed, {checks.failed} failed")
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
