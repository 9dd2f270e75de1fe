#!/usr/bin/env python3
"""A year of real stations in the order in which it came, late and corrected: what was known when.

Eight Beijing stations, 2014, over TCP into a server in a process of its own, in four steps:

    A  January to June of six stations
    B  July to December of all eight
    C  January to June of the other two, months late; everything of step A once more (adds nothing)
    D  other values of one station's PM2.5 in March, sent by its device; PM10 of another one in May
       corrected by an offset and NO2 of a third one in August by a factor

After all of it the server is asked as of each of the four moments, two of them by sequence and two by wall
time, under two editions: monthly ranks by composite index and by PM2.5, and each station's year item by
item. Every number equals, to its last digit, what `year.py` computes with exact fractions from the rows
that had come by then. Again after everything is sealed and folded into files of months.

Runs when SKYRIVER_REAL_DATA names a folder that holds `data/`; needs TEST_BINARY.
"""

import calendar
import copy
import csv
import datetime as dt
import glob
import os
import statistics
import sys
import tempfile
import time
import tomllib
from fractions import Fraction

from aqi import POLLUTANTS, collect, day_max_8h, day_mean, half_even, judge, mean, read_prsa, text_of
from server import Server, run
from year import LIMITS, PERCENTILE, PLACES, capture, percentile

YEAR = 2014
MONTHS = (2, 3, 5, 8, 12)
EDITIONS = (2012, 2026)
LATE = 6


def excerpt(path, folder, months, change=None):
    """Rows of some months of the year into a file of a folder, changed on their way."""
    os.makedirs(folder, exist_ok=True)
    target = os.path.join(folder, os.path.basename(path).removesuffix(".gz"))
    with text_of(path) as whole, open(target, "w", encoding="utf-8", newline="") as out:
        rows = csv.DictReader(whole)
        writer = csv.DictWriter(out, rows.fieldnames, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            if int(row["year"]) == YEAR and int(row["month"]) in months:
                writer.writerow(change(row) if change else row)
    return target


def read(paths):
    """station -> date -> pollutant -> 24 hours, as exact fractions."""
    days = {}
    for path in paths:
        days |= collect(read_prsa(path))
    return days


def joined(*parts):
    whole = {}
    for part in parts:
        for station, days in part.items():
            whole.setdefault(station, {}).update(days)
    return whole


def with_pm25(row):
    if row["PM2.5"] != "NA":
        row["PM2.5"] = str(int(row["PM2.5"]) + 7)
    return row


def corrected(days, station, month, pollutant, made):
    for date, day in days[station].items():
        if date.month == month:
            day[pollutant] = [None if v is None else made(v) for v in day[pollutant]]


def fixed(value, places):
    """A decimal with so many places, as the server writes it."""
    whole = int(half_even(value, places) * 10**places)
    digits = str(abs(whole)).rjust(places + 1, "0")
    sign = "-" if whole < 0 else ""
    return sign + (digits if places == 0 else f"{digits[:-places]}.{digits[-places:]}")


def statistic_of(days, first, last):
    """pollutant -> date -> the day's statistic, of the days of a span."""
    inside = {date: day for date, day in days.items() if first <= date <= last}
    return {
        p: {date: v for date, day in inside.items()
            if (v := (day_max_8h if p == "O3" else day_mean)(day[p])) is not None}
        for p in POLLUTANTS
    }


def too_few(values, first, last):
    if (last - first).days > 31:
        return capture(list(values)) != ""
    return len(values) < (25 if first.month == 2 else 27)


def items_of(edition, days, first, last):
    """(statistic, value as text or None) by pollutant, and the composite index as text or None."""
    of = statistic_of(days, first, last)
    is_year = (last - first).days > 31
    shown, parts = {}, []
    for p in POLLUTANTS:
        values = of[p]
        annual, daily = LIMITS[edition][p]
        places = PLACES[edition][p == "CO"]
        failed = not values or too_few(values, first, last)
        q = percentile(values.values(), PERCENTILE[p]) if values else None
        headline = q if annual is None else (mean(list(values.values())) if values else None)
        rows = [headline] if annual is None or not is_year else [headline, q]
        shown[p] = [None if failed else fixed(value, places) for value in rows]
        parts.append(None if failed else headline / (annual or daily))
    composite = None if None in parts else fixed(sum(parts), 2)
    return shown, composite


def ranked(values):
    """Equal ones share a rank, the smallest is the first."""
    there = [None if v is None else Fraction(v) for v in values]
    return [None if v is None else 1 + sum(o is not None and o < v for o in there) for v in there]


class World:
    def __init__(self, folder, scratch):
        self.scratch, self.failed, self.asked = scratch, [], []
        files = sorted(glob.glob(f"{folder}/beijing_prsa/PRSA_Data_*.csv.gz"))
        early, late = files[:LATE], files[LATE:]
        halves = range(1, 7), range(7, 13)
        self.a = [excerpt(path, f"{scratch}/a", halves[0]) for path in early]
        self.b = [excerpt(path, f"{scratch}/b", halves[1]) for path in files]
        self.c = [excerpt(path, f"{scratch}/c", halves[0]) for path in late]
        self.d = [excerpt(early[0], f"{scratch}/d", (3,), with_pm25)]
        known = {"A": read(self.a)}
        known["B"] = joined(known["A"], read(self.b))
        known["C"] = joined(known["B"], read(self.c))
        known["D"] = joined(copy.deepcopy(known["C"]), read(self.d))
        self.known = known
        run("device", "replay", f"{folder}/beijing_prsa", "--registry-out", f"{scratch}/registry.toml",
            "--from", f"{YEAR}-01-01T00:00:00+08:00", "--to", f"{YEAR}-01-02T00:00:00+08:00")
        with open(f"{scratch}/registry.toml", "rb") as text:
            registry = tomllib.load(text)
        self.place = {place["name"]["en"]: place["key"] for place in registry["place"]}

    def send(self, server, step):
        run("device", "replay", f"{self.scratch}/{step}", "--server", server.devices)

    def moment(self, server):
        """What is known now, by sequence and by wall time."""
        while True:
            health = server.get("health")
            time.sleep(1.2)
            if server.get("health")["sequence"] == health["sequence"]:
                now = dt.datetime.now(dt.timezone.utc).isoformat(timespec="milliseconds")
                return health["sequence"], now

    def ask(self, server, route, **query):
        begun = time.monotonic()
        answer = server.get(route, **query)
        self.asked.append(time.monotonic() - begun)
        return answer

    def equal(self, what, got, expected):
        if got != expected:
            self.failed.append(f"{what}: got {got}, expected {expected}")

    def check(self, server, name, as_of):
        known = self.known[name]
        for edition in EDITIONS:
            for month in MONTHS:
                first = dt.date(YEAR, month, 1)
                last = first.replace(day=calendar.monthrange(YEAR, month)[1])
                self.check_rank(server, known, edition, (first, last), as_of, name)
            first, last = dt.date(YEAR, 1, 1), dt.date(YEAR, 12, 31)
            for station, key in self.place.items():
                self.check_year(server, known.get(station, {}), edition, (first, last), (as_of, key), name)

    def check_rank(self, server, known, edition, span, as_of, name):
        stations = sorted(self.place)
        found = [items_of(edition, known.get(station, {}), *span) for station in stations]
        wanted = {"composite": [composite for _, composite in found],
                  "PM2.5": [shown["PM2.5"][0] for shown, _ in found]}
        for item, values in wanted.items():
            answer = self.ask(server, "assess/rank", by="place", item=item, edition=edition, as_of=as_of,
                              **{"from": span[0].isoformat(), "to": span[1].isoformat()})
            rows = {row["key"]: (row["value"], row["rank"]) for row in answer["rows"]}
            for station, value, rank in zip(stations, values, ranked(values), strict=True):
                what = f"{name} {edition} {span[0]:%Y-%m} {item} {station}"
                self.equal(what, rows[self.place[station]], (value, rank))

    def check_year(self, server, days, edition, span, ask, name):
        as_of, key = ask
        answer = self.ask(server, "assess/period", place=key, period="year", edition=edition, as_of=as_of,
                          **{"from": span[0].isoformat(), "to": span[1].isoformat()})
        one, = answer["items"]
        shown, composite = items_of(edition, days, *span)
        what = f"{name} {edition} year {key}"
        self.equal(f"{what} composite", one["composite"], composite)
        for p in POLLUTANTS:
            got = [row["value"] for row in one["rows"] if row["item"] == p]
            self.equal(f"{what} {p}", got, shown[p])
        judged = [judge(edition, day)[0] for date, day in sorted(days.items()) if date.year == YEAR]
        there = [aqi for aqi in judged if aqi is not None]
        got = tuple(one["days"][name] for name in ("assessed", "good", "heavy"))
        self.equal(f"{what} days", got, (len(there), sum(a <= 100 for a in there), sum(a > 200 for a in there)))

    def correct(self, server, stations):
        """Over a stopped directory; says the numbers of the datastreams."""
        streams = server.get("datastreams")
        hourly = {(s["place"], s["parameter"]): s["id"] for s in streams if s["period"] == "hour"}
        assert server.end() == 0
        known = self.known["D"]
        for station, month, p, parameter, operation, made in (
            (stations[1], 5, "PM10", "pm10", '{"kind":"offset","by":"5.5"}', lambda v: v + Fraction("5.5")),
            (stations[2], 8, "NO2", "no2", '{"kind":"factor","by":"1.07"}', lambda v: v * Fraction("1.07")),
        ):
            last = calendar.monthrange(YEAR, month)[1]
            after = dt.date(YEAR, month, last) + dt.timedelta(days=1)
            run("correct", "--dir", f"{self.scratch}/data", "--who", "audit",
                "--datastream", str(hourly[self.place[station], parameter]),
                "--from", f"{YEAR}-{month:02}-01", "--to", after.isoformat(),
                "--operation", operation, "--why", "audit of the year")
            corrected(known, station, month, p, made)


def main():
    folder = os.environ.get("SKYRIVER_REAL_DATA")
    if not folder or not os.path.isdir(f"{folder}/data"):
        print("skipped: SKYRIVER_REAL_DATA does not name a folder with data/")
        return
    with tempfile.TemporaryDirectory() as scratch:
        world = World(f"{folder}/data", scratch)
        moments = {}
        with Server(scratch) as server:
            for name, step in (("A", "a"), ("B", "b"), ("C", "c")):
                world.send(server, step)
                moments[name] = world.moment(server)
            world.send(server, "a")
            world.equal("a resent half year", world.moment(server)[0], moments["C"][0])
            world.send(server, "d")
            stations = sorted(world.place)
            assert os.path.basename(world.d[0]).split("_")[2] == stations[0]
            world.correct(server, stations)
        with Server(scratch) as server:
            moments["D"] = world.moment(server)
            for how in ("hot and sealed", "folded"):
                for at, (name, (sequence, instant)) in enumerate(moments.items()):
                    world.check(server, name, instant if at % 2 else sequence)
                taken, world.asked = sorted(world.asked), []
                print(f"  {how}: {len(taken)} answers, median {statistics.median(taken):.3f} s, "
                      f"longest {taken[-1]:.3f} s, differing {len(world.failed)}")
                if how == "folded":
                    break
                assert server.end() == 0
                told = run("compact", "--all", "--dir", f"{scratch}/data")
                print("  " + told.strip().replace("\n", "\n  "))
                server.__init__(scratch)
            assert server.end() == 0
            world.equal("errors in the log", server.errors, [])
    if world.failed:
        print(*world.failed[:20], sep="\n")
        sys.exit(f"{len(world.failed)} differ")


if __name__ == "__main__":
    main()
