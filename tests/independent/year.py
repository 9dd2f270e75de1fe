#!/usr/bin/env python3
"""Years judged from hourly files, computed apart from the server, to compare with it.

Statistics, capture, limits, composite index and classes of days as HJ 663, GB 3095 and the ranking
rule of 2014 have them; exact fractions, the standard library alone. Days come from `aqi.py`.

Writes CSV: `edition,station,year,item,have,value,rounded,meets,exceedance,reason`. `item` is
`PM2.5 mean`, `CO p95` …, then `composite` (the exact sum from exact statistics) and `days`
(`value` = valid/good/heavy, then days by first pollutant in the order of the columns of aqi.py).

    python3 year.py prsa --edition 2012 --edition 2026 FILE... > years.csv
"""

import argparse
import csv
import io
import sys
from fractions import Fraction

from aqi import POLLUTANTS, collect, day_max_8h, day_mean, half_even, judge, mean, read_national, read_prsa

# Grade 2: GB 3095-2012 table 1, and the transition columns of GB 3095-2026.
LIMITS = {
    2012: {
        "SO2": (60, 150), "NO2": (40, 80), "CO": (None, 4), "O3": (None, 160),
        "PM10": (70, 150), "PM2.5": (35, 75),
    },
    2026: {
        "SO2": (60, 150), "NO2": (40, 80), "CO": (None, 4), "O3": (None, 160),
        "PM10": (60, 120), "PM2.5": (30, 60),
    },
}
PERCENTILE = {"SO2": 98, "NO2": 98, "PM10": 95, "PM2.5": 95, "CO": 95, "O3": 90}
# The 2026 places are those that one project uses; the text was not seen.
PLACES = {2012: (0, 1), 2026: (1, 2)}


def percentile(values, p):
    """HJ 663-2013 annex A."""
    x = sorted(values)
    k = 1 + Fraction((len(x) - 1) * p, 100)
    s = int(k)
    return x[-1] if s >= len(x) else x[s - 1] + (x[s] - x[s - 1]) * (k - s)


def capture(dates):
    """324 days a year, 27 a month, 25 in February."""
    if not dates:
        return "no_data"
    if len(dates) < 324:
        return "too_few_days"
    for month in range(1, 13):
        if sum(d.month == month for d in dates) < (25 if month == 2 else 27):
            return "too_few_days_in_month"
    return ""


def statistics(edition, days):
    """(item, pollutant, dates, value, limit) of every statistic that is judged."""
    for p in POLLUTANTS:
        values = {date: v for date, v in days[p].items() if v is not None}
        annual, daily = LIMITS[edition][p]
        if annual is not None:
            yield f"{p} mean", p, values, mean(list(values.values())) if values else None, annual
        q = PERCENTILE[p]
        yield f"{p} p{q}", p, values, percentile(values.values(), q) if values else None, daily


def rows_of(edition, days, judged):
    ug, mg = PLACES[edition]
    for item, p, values, value, limit in statistics(edition, days):
        reason = capture(list(values))
        rounded = None if value is None else half_even(value, mg if p == "CO" else ug)
        meets = exceedance = ""
        if rounded is not None and not reason:
            meets = "yes" if rounded <= limit else "no"
            if rounded > limit:
                exceedance = half_even((rounded - limit) / limit, 2)
        yield item, len(values), value, rounded, meets, exceedance, reason
    parts = []
    for p in POLLUTANTS:
        values = [v for v in days[p].values() if v is not None]
        annual, daily = LIMITS[edition][p]
        if values:
            top = mean(values) if annual else percentile(values, PERCENTILE[p])
            parts.append(top / (annual or daily))
    yield "composite", len(parts), sum(parts) if len(parts) == 6 else None, "", "", "", ""
    published = [(aqi, primary) for aqi, primary in judged if aqi is not None]
    counts = [len(published), sum(a <= 100 for a, _ in published), sum(a > 200 for a, _ in published)]
    counts += [sum(p in primary for _, primary in published) for p in POLLUTANTS]
    yield "days", len(judged), "/".join(map(str, counts)), "", "", "", ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("layout", choices=("prsa", "national"))
    parser.add_argument("files", nargs="+")
    parser.add_argument("--edition", type=int, choices=(2012, 2026), action="append", required=True)
    args = parser.parse_args()
    read = read_prsa if args.layout == "prsa" else read_national
    out = csv.writer(io.TextIOWrapper(sys.stdout.buffer, "utf-8", newline=""), lineterminator="\n")
    out.writerow(("edition", "station", "year", "item", "have", "value", "rounded", "meets",
                  "exceedance", "reason"))
    for path in args.files:
        for station, all_days in sorted(collect(read(path)).items()):
            for year in sorted({date.year for date in all_days}):
                hours = {d: day for d, day in all_days.items() if d.year == year}
                days = {
                    p: {d: (day_max_8h if p == "O3" else day_mean)(day[p]) for d, day in hours.items()}
                    for p in POLLUTANTS
                }
                for edition in args.edition:
                    judged = []
                    for day in hours.values():
                        aqi, _, primary, _ = judge(edition, day)
                        judged.append((aqi, primary))
                    for row in rows_of(edition, days, judged):
                        out.writerow((edition, station, year, *row))


if __name__ == "__main__":
    main()
