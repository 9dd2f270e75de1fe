"""What a server must hold after real files were replayed: each row read here, apart from the Rust.

A row is `(station, start in ms UTC, {parameter: exact decimal})`, in the order of the file. What is
not sent is not read: dew point, rain, the published AQI, the 8 h mean of ozone, blank cells, `NA`.
Files are found by `aqi.text_of`; clocks in them show UTC+8.
"""

import csv
import datetime as dt
import os
import re
from collections import Counter, defaultdict
from decimal import Decimal

from aqi import text_of

HOUR_MS = 3_600_000
ZONE = dt.timezone(dt.timedelta(hours=8))
POINTS = "N NNE NE ENE E ESE SE SSE S SSW SW WSW W WNW NW NNW".split()

# Column -> parameter and the power of ten that brings its unit to the kept one.
POLLUTANTS = {"PM2.5": ("pm25", 0), "PM10": ("pm10", 0), "SO2": ("so2", 0), "NO2": ("no2", 0)}
PRSA = POLLUTANTS | {
    "CO": ("co", -3), "O3": ("o3", 0), "TEMP": ("air_temp", 0), "PRES": ("air_pressure", -1),
    "WSPM": ("wind_speed", 0),
}
NATIONAL = POLLUTANTS | {"CO": ("co", 0), "O3_1h": ("o3", 0)}


def ms(local):
    return round(local.replace(tzinfo=ZONE).timestamp() * 1000)


def date_of(time):
    return dt.datetime.fromtimestamp(time / 1000, ZONE).date()


def excerpt(path, folder, begins):
    """Writes the lines that begin so to a file of the folder; its path."""
    begins = re.compile(begins)
    part = os.path.join(folder, os.path.basename(path).removesuffix(".gz"))
    with text_of(path) as whole, open(part, "w", encoding="utf-8", newline="") as out:
        out.writelines(line for line in whole if begins.match(line))
    return part


def values(row, columns):
    there = ((row[column].strip(), *kept) for column, kept in columns.items())
    return {name: Decimal(text).scaleb(power) for text, name, power in there if text not in ("", "NA")}


def read_prsa(path):
    """An hour is named by its start; the wind's compass point is sent in degrees."""
    with text_of(path) as file:
        for row in csv.DictReader(file):
            start = dt.datetime(*(int(row[k]) for k in ("year", "month", "day", "hour")))
            found = values(row, PRSA)
            if row["wd"] in POINTS:
                found["wind_dir"] = Decimal(f"{POINTS.index(row['wd']) * 22.5:g}")
            yield row["station"], ms(start), found


def read_national(path):
    """An hour is named by its end; rows may stand more than once."""
    with text_of(path) as file:
        for row in csv.DictReader(file):
            end = ms(dt.datetime.strptime(row["Date"], "%Y%m%d")) + int(row["Hour"]) * HOUR_MS
            yield f"{row['city']}/{row['WatchPoint']}", end - HOUR_MS, values(row, NATIONAL)


class Expected:
    """The rows, what they leave behind, and what the ledger must say of them."""

    def __init__(self, rows):
        self.rows = 0
        self.values = 0
        self.series = defaultdict(dict)
        self.frames = defaultdict(list)
        seen = {}
        for station, time, found in rows:
            self.rows += 1
            self.values += len(found)
            if seen.setdefault((station, time), found) != found:
                raise SystemExit(f"{station} {time}: two rows that disagree")
            self.frames[station].append((time, len(found)))
            for parameter, value in found.items():
                self.series[station, parameter][time] = value

    def distinct(self):
        return sum(map(len, self.series.values()))

    def extent(self, station):
        times = [time for time, _ in self.frames[station]]
        return min(times), max(times)

    def ledger(self, times):
        """(station, unit, disposition) -> count after the files were sent so many times.

        A row with values is stored once, then a duplicate. A row without any is a frame without
        readings: there is nothing by which it could be known again, so it is kept whenever it comes.
        """
        counts = Counter()
        for station, frames in self.frames.items():
            seen = set()
            for time, readings in frames * times:
                fate = "duplicate" if readings and time in seen else "stored"
                seen.add(time)
                counts[station, "frame", fate] += 1
                counts[station, "reading", fate] += readings
        return +counts
