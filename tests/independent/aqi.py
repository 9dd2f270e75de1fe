#!/usr/bin/env python3
"""Air quality index from hourly files, computed apart from the server, to compare with it.

Written from the texts of HJ 633-2012, HJ 633-2026, HJ 663 and GB 3095, not from the Rust: exact
fractions, the standard library alone, every rule where it is read. Reads

    prsa      Beijing multi-site files (.csv or .csv.gz): an hour is named by its START, CO in ug/m3
    national  the national hourly file: an hour is named by its END, CO in mg/m3, rows may repeat

and writes one CSV row for each edition, station and civil day (UTC+8, no summer time):

    edition,station,date,aqi,computed,primary,SO2,NO2,CO,O3,PM10,PM2.5

`aqi` is empty when it may not be published, `computed` is the largest single index there is,
`primary` joins ties with `+`, the six columns hold the single indices, empty where there is none.

    python3 aqi.py prsa --edition 2012 --edition 2026 FILE... > daily.csv

With `--of hour` every hour that is there is judged by the real-time report; `date` is then the start
of the hour.
"""

import argparse
import csv
import datetime as dt
import gzip
import io
import math
import sys
from fractions import Fraction

POLLUTANTS = ("SO2", "NO2", "CO", "O3", "PM10", "PM2.5")
IAQI = (0, 50, 100, 150, 200, 300, 400, 500)

# HJ 633-2012 table 1. HJ 633-2026 table 3 differs at index 100 of PM10 and PM2.5 only.
BREAKPOINTS = {
    "SO2_24h": (0, 50, 150, 475, 800, 1600, 2100, 2620),
    "NO2_24h": (0, 40, 80, 180, 280, 565, 750, 940),
    "CO_24h": (0, 2, 4, 14, 24, 36, 48, 60),
    "O3_1h": (0, 160, 200, 300, 400, 800, 1000, 1200),
    "O3_8h": (0, 100, 160, 215, 265, 800),
    "PM10_24h": (0, 50, 150, 250, 350, 420, 500, 600),
    "PM2.5_24h": (0, 35, 75, 115, 150, 250, 350, 500),
    "SO2_1h": (0, 150, 500, 650, 800),
    "NO2_1h": (0, 100, 200, 700, 1200, 2340, 3090, 3840),
    "CO_1h": (0, 5, 10, 35, 60, 90, 120, 150),
}
BREAKPOINTS_2026 = BREAKPOINTS | {
    "PM10_24h": (0, 50, 120, 250, 350, 420, 500, 600),
    "PM2.5_24h": (0, 35, 60, 115, 150, 250, 350, 500),
}


def half_even(x, decimals):
    """GB/T 8170. Python rounds a Fraction half to even and exactly."""
    return Fraction(round(x * 10**decimals), 10**decimals)


def single_index(edition, column, c):
    """Equation 1, rounded up; None where the column gives no index."""
    table = (BREAKPOINTS_2026 if edition == 2026 else BREAKPOINTS)[column]
    if edition == 2026:  # clause 4.2.2: round the concentration first
        c = half_even(c, 1 if column.startswith("CO") else 0)
    for k in range(1, len(table)):
        if c <= table[k]:
            slope = Fraction(IAQI[k] - IAQI[k - 1], table[k] - table[k - 1])
            return math.ceil(slope * (c - table[k - 1]) + IAQI[k - 1])
    if column == "O3_8h":  # 2012: the 1 h column speaks instead; 2026: counts 300
        return 300 if edition == 2026 else None
    if column == "SO2_1h":  # 2012: the 24 h mean speaks instead; 2026: counts 200
        return 200 if edition == 2026 else None
    return 500


def mean(values):
    return sum(values, Fraction(0)) / len(values)


def day_mean(hours):
    """GB 3095 table 4: at least 20 of the 24 hours."""
    there = [v for v in hours if v is not None]
    return mean(there) if len(there) >= 20 else None


def day_max_8h(hours):
    """Largest running mean of 8 hours, 6 of them there, that ends at 08:00 to 24:00 of the day;
    at least 14 such means, or fewer when the rounded maximum is above 160 (HJ 663, 6.1.2)."""
    means = []
    for end in range(8, 25):
        there = [v for v in hours[end - 8 : end] if v is not None]
        if len(there) >= 6:
            means.append(mean(there))
    if not means:
        return None
    top = max(means)
    return top if len(means) >= 14 or half_even(top, 0) > 160 else None


def judge(edition, day):
    """(published, computed, primary, single indices) of one day: pollutant -> 24 hours."""
    averages = {f"{p}_24h": day_mean(day[p]) for p in POLLUTANTS if p != "O3"}
    averages["O3_8h"] = day_max_8h(day["O3"])
    if edition == 2012:  # clause 5.1.2 still lists the daily maximum of the hours
        averages["O3_1h"] = max((v for v in day["O3"] if v is not None), default=None)
    return conclude(edition, averages)


def judge_hour(edition, before):
    """The same of one hour: pollutant -> the 24 hours that end with it."""
    averages = {f"{p}_1h": before[p][-1] for p in ("SO2", "NO2", "CO", "O3")}
    if edition == 2026:  # clause 4.2.4: the hour of particles goes into the daily column
        averages |= {f"{p}_24h": before[p][-1] for p in ("PM10", "PM2.5")}
    else:  # clause 5.1.3: running means
        averages |= {f"{p}_24h": day_mean(before[p]) for p in ("PM10", "PM2.5")}
        there = [v for v in before["O3"][-8:] if v is not None]
        averages["O3_8h"] = mean(there) if len(there) >= 6 else None
        so2 = averages["SO2_1h"]
        if so2 is not None and so2 > BREAKPOINTS["SO2_1h"][-1]:
            averages["SO2_24h"] = day_mean(before["SO2"])
    return conclude(edition, averages)


def conclude(edition, averages):
    """(published, computed, primary, single indices) from averages by column."""
    single = dict.fromkeys(POLLUTANTS)
    for column, average in averages.items():
        index = None if average is None else single_index(edition, column, average)
        pollutant = column.split("_")[0]
        if index is not None and (single[pollutant] is None or index > single[pollutant]):
            single[pollutant] = index
    there = [i for i in single.values() if i is not None]
    computed = max(there, default=None)
    published = computed
    if edition == 2026 and computed is not None and len(there) < 6 and computed <= 100:
        published = None  # clause 5.3.1
    primary = []
    if published is not None and published > 50:
        primary = [p for p in POLLUTANTS if single[p] == published]
    return published, computed, primary, single


def text_of(path):
    opener = gzip.open if path.endswith(".gz") else open
    return opener(path, "rt", encoding="utf-8", newline="")


def number(text):
    if text in ("", "NA", "NaN"):
        return None
    value = Fraction(text)
    return value if value >= 0 else None


def read_prsa(path):
    with text_of(path) as file:
        for row in csv.DictReader(file):
            start = dt.datetime(*(int(row[k]) for k in ("year", "month", "day", "hour")))
            values = {p: number(row[p]) for p in POLLUTANTS}
            if values["CO"] is not None:
                values["CO"] /= 1000
            yield row["station"], start, values


def read_national(path):
    with text_of(path) as file:
        for row in csv.DictReader(file):
            label = dt.datetime.strptime(row["Date"], "%Y%m%d") + dt.timedelta(hours=int(row["Hour"]))
            values = {p: number(row["O3_1h" if p == "O3" else p]) for p in POLLUTANTS}
            yield f"{row['city']}/{row['WatchPoint']}", label - dt.timedelta(hours=1), values


def collect(rows):
    """station -> date -> pollutant -> 24 hours."""
    stations = {}
    seen = {}
    for station, start, values in rows:
        earlier = seen.setdefault((station, start), values)
        if earlier != values:
            raise SystemExit(f"{station} {start}: two rows that disagree")
        days = stations.setdefault(station, {})
        day = days.setdefault(start.date(), {p: [None] * 24 for p in POLLUTANTS})
        for p in POLLUTANTS:
            day[p][start.hour] = values[p]
    return stations


def periods(days, of):
    """What is judged, in order: days, or hours with the 23 before them."""
    if of == "day":
        for date, day in sorted(days.items()):
            yield date, day, judge
        return
    gap = {p: [None] * 24 for p in POLLUTANTS}
    for date, day in sorted(days.items()):
        eve = days.get(date - dt.timedelta(days=1), gap)
        both = {p: eve[p] + day[p] for p in POLLUTANTS}
        for hour in range(24):
            before = {p: both[p][hour + 1 : hour + 25] for p in POLLUTANTS}
            yield dt.datetime.combine(date, dt.time(hour)), before, judge_hour


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("layout", choices=("prsa", "national"))
    parser.add_argument("files", nargs="+")
    parser.add_argument("--edition", type=int, choices=(2012, 2026), action="append", required=True)
    parser.add_argument("--of", choices=("day", "hour"), default="day")
    args = parser.parse_args()
    read = read_prsa if args.layout == "prsa" else read_national
    out = csv.writer(io.TextIOWrapper(sys.stdout.buffer, "utf-8", newline=""), lineterminator="\n")
    out.writerow(("edition", "station", "date", "aqi", "computed", "primary", *POLLUTANTS))
    for path in args.files:
        for station, days in sorted(collect(read(path)).items()):
            for when, hours, judged_by in periods(days, args.of):
                for edition in args.edition:
                    published, computed, primary, single = judged_by(edition, hours)
                    out.writerow((edition, station, when, published, computed,
                                  "+".join(primary), *(single[p] for p in POLLUTANTS)))


if __name__ == "__main__":
    main()
