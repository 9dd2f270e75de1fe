#!/usr/bin/env python3
"""The single indices of packages on PyPI against the exact ones, every known disagreement counted.

The exact ones are those of `aqi.py`, with which the server agrees case by case (`cases.py`). The grid is
every whole µg/m³, CO every 0.1 mg/m³, a little beyond the table. A package that changes, for better or
worse, changes its count and is told; `docs/standards/other-programs.md` says why they differ.

Makes a virtual environment under `target/` and skips when the packages cannot be had.
"""

import json
import subprocess
import sys
import venv
from fractions import Fraction
from pathlib import Path

from aqi import BREAKPOINTS, BREAKPOINTS_2026, single_index

VENV = Path(__file__).resolve().parents[2] / "target" / "venv-law"
PACKAGES = ("aqi-hub==0.3.3", "python-aqi==0.6.1")

# Differences found by column, and why. CO of aqi-hub is binary floats at the ceiling.
KNOWN = {
    "aqi-hub 2026": {"PM2.5_24h": 0, "PM10_24h": 0, "SO2_24h": 796, "SO2_1h": 0, "NO2_24h": 0, "NO2_1h": 0,
                     "CO_24h": 1, "CO_1h": 22, "O3_8h": 0, "O3_1h": 0},
    "python-aqi 2012": {"PM2.5_24h": 102, "PM10_24h": 85, "SO2_1h": 170, "NO2_1h": 833, "CO_24h": 590,
                        "CO_1h": 1453, "O3_8h": 180, "O3_1h": 161, "SO2_24h": 510, "NO2_24h": 186},
}

INSIDE = r"""
import json, sys, warnings
warnings.simplefilter("ignore")
grids = json.load(sys.stdin)
out = {}
if sys.argv[1] == "aqi-hub":
    from aqi_hub.aqi_cn import cal_iaqi_cn
    for column, grid in grids.items():
        item = column.replace(".", "").replace("h", "H")
        out[column] = [cal_iaqi_cn(item, float(c) if "." in c else int(c)) for c in grid]
else:
    from aqi.algos.mep import AQI
    algo = AQI()
    for column, grid in grids.items():
        name = {"PM2.5_24h": "pm25", "PM10_24h": "pm10"}.get(column, column.lower())
        def index(c):
            try:
                return int(algo.iaqi(name, c))
            except Exception:
                return None
        out[column] = [index(c) for c in grid]
json.dump(out, sys.stdout)
"""


def python():
    """The interpreter of an environment that has the packages; None when they cannot be had."""
    own = VENV / "bin" / "python"
    if own.exists() and subprocess.run([own, "-I", "-c", "import aqi, aqi_hub"], capture_output=True).returncode == 0:
        return own
    try:
        venv.create(VENV, with_pip=True)
        subprocess.run([own, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES],
                       check=True, capture_output=True, timeout=180)
    except Exception as error:  # No network, no venv module: told, not failed.
        print(f"skipped: {' and '.join(PACKAGES)} cannot be had ({error})")
        return None
    return own


def grid(column, table, beyond):
    step = Fraction(1, 10) if column.startswith("CO") else Fraction(1)
    count = int((table[-1] + beyond) / step)
    return [str(n) if step == 1 else f"{n // 10}.{n % 10}" for n in range(count + 1)]


def main():
    interpreter = python()
    if interpreter is None:
        return 0
    failed = False
    for name, edition, tables, beyond in (("aqi-hub", 2026, BREAKPOINTS_2026, 20), ("python-aqi", 2012, BREAKPOINTS, 0)):
        grids = {column: grid(column, table, beyond) for column, table in tables.items()}
        answer = subprocess.run([interpreter, "-I", "-c", INSIDE, name], input=json.dumps(grids), text=True,
                                capture_output=True, check=True)
        theirs = json.loads(answer.stdout)
        for column, points in grids.items():
            exact = [single_index(edition, column, Fraction(c)) for c in points]
            differ = [(c, e, t) for c, e, t in zip(points, exact, theirs[column]) if e != t]
            known = KNOWN[f"{name} {edition}"][column]
            mark = "" if len(differ) == known else f"  <-- {known} were known"
            failed = failed or bool(mark)
            first = f", first {differ[0]}" if differ else ""
            print(f"{name} HJ 633-{edition} {column}: {len(differ)} of {len(points)} differ{first}{mark}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
