#!/usr/bin/env python3
"""The plots of the Marylebone Road years a second time, from the papers and by the standard library alone.

Compared with `skyriver plot … --json`: percentiles, wind rose, polar bins, CPF, time variation, calendar, Theil–Sen, the
season taken out (STL as in Cleveland and others 1990). Means and counts have to be equal to a relative 1e-9; intervals that rest on
chance on one of both sides within the tolerances written at their place. When R with mgcv is there, the smooth surface is
compared with the one mgcv fits to the same bins.

Runs when SKYRIVER_REAL_DATA names a folder with `data/openair_marylebone`.
"""

import csv
import datetime
import gzip
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

FAILED = []


def check(what, ours, theirs, relative=1e-9, absolute=1e-9):
    if (ours is None) != (theirs is None):
        FAILED.append(f"{what}: {ours} here, {theirs} there")
    elif ours is not None and abs(ours - theirs) > absolute + relative * abs(ours):
        FAILED.append(f"{what}: {ours} here, {theirs} there")


def quantile(values, share):
    values = sorted(values)
    at = share * (len(values) - 1)
    low = math.floor(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)


def mean(values):
    return math.fsum(values) / len(values) if values else None


def number(text):
    return float(text) if text else None


def read(path):
    rows = []
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            at = datetime.datetime.fromisoformat(row["date"].replace("Z", "+00:00"))
            rows.append((at, number(row["ws"]), number(row["wd"]), row))
    return rows


def sector(direction, step):
    return int(math.ceil(direction / step - 0.5)) % round(360 / step)


def summary_and_rose(rows, pollutant, ours):
    plot = ours("pollution-rose", pollutant)
    values = [number(row[pollutant]) for *_, row in rows if row[pollutant]]
    for percent, theirs in zip((0, 5, 25, 50, 75, 95, 100), plot["summary"]["percentiles"]):
        check(f"{pollutant} percentile {percent}", quantile(values, percent / 100), theirs)
    check(f"{pollutant} mean", mean(values), plot["summary"]["mean"])
    rose = ours("wind-rose", pollutant)["numbers"]["rose"]
    winds = [(ws, wd) for _, ws, wd, _ in rows if ws is not None and (wd is not None or ws == 0)]
    check("hours of the rose", len(winds), rose["hours"])
    check("calm", 100 * sum(ws == 0 for ws, _ in winds) / len(winds), rose["calm_percent"])
    counts = defaultdict(int)
    for ws, wd in winds:
        if ws > 0:
            counts[sector(wd, 30), sum(ws > edge for edge in (2, 4, 6))] += 1
    for at, cell in enumerate(rose["sectors"]):
        for level, theirs in enumerate(cell["percent"]):
            check(f"rose {at} {level}", 100 * counts[at, level] / len(winds), theirs)


def polar(rows, pollutant, ours):
    plot = ours("polar", pollutant)["numbers"]["polar"]
    windy = [(ws, wd, number(row[pollutant])) for _, ws, wd, row in rows
             if ws and wd is not None and row[pollutant]]
    step = max(ws for ws, _, _ in windy) / 30
    bins = defaultdict(list)
    for ws, wd, value in windy:
        bins[sector(wd, 10) * 10, min(max(math.ceil(ws / step), 1), 30)].append(value)
    check("polar bins", len(bins), len(plot["cells"]))
    for cell in plot["cells"]:
        own = bins[round(cell["from_deg"]), round(cell["speed_m_s"] / step + 0.5)]
        check("polar hours", len(own), cell["hours"])
        check("polar mean", mean(own), cell["mean"])
    # Conditional probability on the same hours.
    cpf = ours("cpf", pollutant)["numbers"]["probability"]
    threshold = quantile([value for *_, value in windy], 0.9)
    check("CPF threshold", threshold, cpf["threshold"])
    above, all_of = defaultdict(int), defaultdict(int)
    for _, wd, value in windy:
        all_of[sector(wd, 10)] += 1
        above[sector(wd, 10)] += value > threshold
    for at, cell in enumerate(cpf["sectors"]):
        check(f"CPF {at}", above[at] / all_of[at], cell["share"])
    cbpf = ours("cbpf", pollutant)["numbers"]["probability"]
    for cell in cbpf["cells"]:
        own = bins[round(cell["from_deg"]), round(cell["speed_m_s"] / step + 0.5)]
        check("CBPF", sum(value > threshold for value in own) / len(own), cell["share"])
    return plot


def variation(rows, pollutant, ours):
    plot = ours("variation", pollutant)["numbers"]["variation"]
    groups = {"hour": defaultdict(list), "month": defaultdict(list), "weekday": defaultdict(list),
              "hour_weekday": defaultdict(list)}
    days = defaultdict(list)
    for at, _, _, row in rows:
        value = number(row[pollutant])
        if value is None:
            continue
        groups["hour"][at.hour].append(value)
        groups["month"][at.month - 1].append(value)
        groups["weekday"][at.weekday()].append(value)
        groups["hour_weekday"][at.weekday() * 24 + at.hour].append(value)
        days[at.date()].append(value)
    chance = random.Random(7)
    for panel, cells in groups.items():
        for at, cell in enumerate(plot[panel]):
            check(f"variation {panel} {at}", mean(cells[at]), cell["mean"])
            check(f"variation {panel} {at} hours", len(cells[at]), cell["hours"])
    # openair's interval is a bootstrap of the mean: the half width within a fifth, by 400 samples of ours.
    for at in (0, 8, 17):
        own = groups["hour_weekday"][at + 48]
        means = [mean(chance.choices(own, k=len(own))) for _ in range(400)]
        half = (quantile(means, 0.975) - quantile(means, 0.025)) / 2
        check(f"interval of Wednesday {at}", half, plot["hour_weekday"][at + 48]["half_width"], 0.2)
    calendar = ours("calendar", pollutant)["numbers"]["calendar"]["days"]
    check("days", len({at.date() for at, *_ in rows}), len(calendar))
    for cell in calendar:
        at = cell["at"]
        own = days.get(datetime.date(at["year"], at["month"], at["day"]), [])
        check(f"calendar {at}", mean(own), cell["mean"])
        check(f"calendar {at} hours", len(own), cell["hours"])


def slope_of(points):
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for at, a in enumerate(points) for b in points[at + 1:] if a[0] != b[0]]
    return quantile(slopes, 0.5) if slopes else None


def loess(values, at, span, trust):
    count = len(values)
    taken = min(span, count)
    left = min(max(round(at) - taken // 2, 0), count - taken)
    right = left + taken - 1
    reach = max(at - left, right - at) + (max(span - count, 0) // 2)
    weights = {}
    for x in range(left, right + 1):
        apart = abs(x - at)
        if apart <= 0.999 * reach:
            weights[x] = trust[x] * (1.0 if apart <= 0.001 * reach else (1 - (apart / reach) ** 3) ** 3)
    total = math.fsum(weights.values())
    middle = math.fsum(w * x for x, w in weights.items()) / total
    spread = math.fsum(w * (x - middle) ** 2 for x, w in weights.items()) / total
    tilt = (at - middle) / spread if math.sqrt(spread) > 0.001 * (count - 1) else 0.0
    return math.fsum(w / total * (1 + tilt * (x - middle)) * values[x] for x, w in weights.items())


def moving(values, span):
    return [math.fsum(values[at:at + span]) / span for at in range(len(values) - span + 1)]


def without_season(values, rounds=15):
    """Cleveland and others 1990, section 2, with every point fitted."""
    count = len(values)
    trend, trust = [0.0] * count, [1.0] * count
    for _ in range(rounds + 1):
        cycle = [0.0] * (count + 24)
        for month in range(12):
            own = [values[at] - trend[at] for at in range(month, count, 12)]
            own_trust = trust[month::12]
            for year in range(-1, len(own) + 1):
                cycle[month + 12 * (year + 1)] = loess(own, year, 11, own_trust)
        low = moving(moving(moving(cycle, 12), 12), 3)
        low = [loess(low, at, 13, [1.0] * count) for at in range(count)]
        season = [cycle[at + 12] - low[at] for at in range(count)]
        level = [values[at] - season[at] for at in range(count)]
        trend = [loess(level, at, 21, trust) for at in range(count)]
        left = [abs(level[at] - trend[at]) for at in range(count)]
        six = 6 * quantile(left, 0.5)
        trust = [1.0 if r <= 0.001 * six else 0.0 if r > 0.999 * six else (1 - (r / six) ** 2) ** 2 for r in left]
    return level


def trend(rows, pollutant, ours):
    months = defaultdict(list)
    for at, _, _, row in rows:
        if row[pollutant]:
            months[at.year, at.month].append(number(row[pollutant]))
    epoch = datetime.date(1970, 1, 1)
    days = [(datetime.date(*month, 1) - epoch).days for month in sorted(months)]
    means = [mean(months[month]) for month in sorted(months)]
    is_whole = len(means) == 60
    plain = ours("trend", pollutant, "--keep-season")["numbers"]["trend"]
    check(f"{pollutant} slope", 365 * slope_of(list(zip(days, means))), plain["slope"]["value"])
    if not is_whole:
        return
    free = ours("trend", pollutant)["numbers"]["trend"]
    level = without_season(means)
    for at, month in enumerate(free["months"]):
        check(f"{pollutant} month {at} without season", level[at], month["plain"], 1e-9, 1e-6)
    points = list(zip(days, level))
    check(f"{pollutant} slope without season", 365 * slope_of(points), free["slope"]["value"], 1e-6)
    # Blocks of n^(1/3) months around the circle, 600 samples of ours against 600 of theirs: ends within a quarter of the width.
    chance, slopes = random.Random(3), []
    block = round(len(points) ** (1 / 3))
    for _ in range(600):
        sample = []
        while len(sample) < len(points):
            first = chance.randrange(len(points))
            sample += [points[(first + step) % len(points)] for step in range(block)]
        slopes.append(365 * slope_of(sample[:len(points)]))
    width = quantile(slopes, 0.975) - quantile(slopes, 0.025)
    check(f"{pollutant} lower", quantile(slopes, 0.025), free["slope"]["lower"], 0, width / 4)
    check(f"{pollutant} upper", quantile(slopes, 0.975), free["slope"]["upper"], 0, width / 4)
    print(f"{pollutant}: {free['slope']['value']:.3f} [{free['slope']['lower']:.3f}, {free['slope']['upper']:.3f}] a year, p {free['p']:.3f}")


MGCV = """
suppressMessages(library(mgcv)); a <- commandArgs(TRUE); d <- read.csv(a[1]); g <- read.csv(a[2])
for (shape in c("own", "openair")) {
  if (shape == "openair") { scale <- (d$speed * 30 - 0.5) / 29; d$u <- scale * sin(d$deg); d$v <- scale * cos(d$deg) }
  m <- gam(sqrt(value) ~ s(u, v, k = 100), data = d, weights = pmin(d$hours, 4) / 4)
  cat(shape, as.vector(predict(m, g))^2, "\\n")
}
"""


def surface(plot, pollutant):
    """RMS within 3 % of the range against mgcv on our bins; against bins placed as openair does it is told, not judged."""
    if not shutil.which("Rscript") or subprocess.run(["Rscript", "-e", "library(mgcv)"], capture_output=True).returncode:
        print("skipped: R with mgcv is not here, the smooth surface is not compared")
        return
    top = plot["bins"]["max_m_s"]
    with tempfile.TemporaryDirectory() as folder:
        bins, grid, script = (Path(folder) / name for name in ("bins.csv", "grid.csv", "fit.R"))
        lines = ["u,v,value,hours,speed,deg"]
        for cell in plot["cells"]:
            turn, speed = math.radians(cell["from_deg"]), cell["speed_m_s"] / top
            lines.append(f"{speed * math.sin(turn)},{speed * math.cos(turn)},{cell['mean']},{cell['hours']},{speed},{turn}")
        bins.write_text("\n".join(lines) + "\n")
        side = plot["surface"]["side"]
        cells = plot["surface"]["cells"]
        grid.write_text("u,v\n" + "".join(f"{2 * c['column'] / (side - 1) - 1},{2 * c['row'] / (side - 1) - 1}\n" for c in cells))
        script.write_text(MGCV)
        done = subprocess.run(["Rscript", script, bins, grid], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        shape, *theirs = line.split()
        theirs = [float(value) for value in theirs]
        apart = [ours["value"] - value for ours, value in zip(cells, theirs)]
        share = math.sqrt(mean([a * a for a in apart])) / (max(theirs) - min(theirs))
        print(f"{pollutant} surface against mgcv, bins placed as {shape}: {100 * share:.2f} % of the range (rms)")
        if shape == "own" and share > 0.03:
            FAILED.append(f"{pollutant} surface: rms {100 * share:.2f} % of the range from mgcv")


def main():
    folder = os.environ.get("SKYRIVER_REAL_DATA")
    path = Path(folder or ".") / "data/openair_marylebone/mydata_1998-2002.csv.gz"
    if not folder or not path.exists():
        print("skipped: SKYRIVER_REAL_DATA names no folder with data/openair_marylebone")
        return 0
    binary = os.environ["TEST_BINARY"]

    def ours(kind, pollutant, *more):
        command = [binary, "plot", kind, path, "--parameter", pollutant, "--zone", "UTC", "--json", *more]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)["plot"]

    rows = read(path)
    for pollutant in ("nox", "o3", "so2", "pm10"):
        summary_and_rose(rows, pollutant, ours)
        surface(polar(rows, pollutant, ours), pollutant)
        variation(rows, pollutant, ours)
        trend(rows, pollutant, ours)
    for line in FAILED[:20]:
        print(line)
    print(f"{len(FAILED)} differ" if FAILED else "all agree")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
