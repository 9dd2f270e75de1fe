#!/usr/bin/env python3
"""Reports as others read them: the workbook by openpyxl, every formula computed again here; the PDF by pdftotext.

Two years of hours of two stations are made here and imported into the real program; then each report is written in
every form. Every value of a workbook has to be what its formulas give from the numbers that were given, and what the
report says; the PDF has to hold its Chinese as text. TEST_BINARY names the program, `skyriver-pdf` lies beside it.

Makes a virtual environment under `target/` and skips the workbook when openpyxl cannot be had.
"""

import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

BINARY = os.path.abspath(os.environ.get("TEST_BINARY", "target/release/skyriver"))
VENV = Path(__file__).resolve().parents[2] / "target" / "venv-reports"
STATIONS = "key,name,kind,lon,lat,mn,password\nroof,屋顶站,air_station,113.6,34.8,D1,secret1\nyard,院内站,air_station,113.7,34.8,D2,secret2\n"
LEVELS = {"so2": 9, "no2": 31, "co": 0.7, "o3": 80, "pm10": 78, "pm25": 44}
INSIDE = r"""
import json, sys, openpyxl
book = openpyxl.load_workbook(sys.argv[1])
kept = openpyxl.load_workbook(sys.argv[1], data_only=True)
print(json.dumps({sheet.title: {cell.coordinate: [cell.value, kept[sheet.title][cell.coordinate].value]
      for row in sheet.iter_rows() for cell in row if cell.value is not None} for sheet in book}))
"""


def want(holds, what):
    if not holds:
        raise AssertionError(what)


def run(*arguments):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, timeout=600)
    want(done.returncode == 0, f"{arguments}: {done.stdout[-800:]}{done.stderr[-800:]}")
    return done.stdout


def hours(path):
    """Two years, the second a little better; a week of one station is missing."""
    with open(path, "w") as out:
        out.write("time,device,parameter,value,flag\n")
        for hour in range(731 * 24):
            day, of_day = divmod(hour, 24)
            at = time.strftime("%Y-%m-%d %H:00", time.gmtime(1_704_067_200 + hour * 3600))
            for device, factor in (("D1", 1.0), ("D2", 1.13)):
                if device == "D2" and 200 <= day < 207:
                    continue
                season = 1 + 0.7 * math.cos(day * 2 * math.pi / 365.25) + 0.2 * math.sin(of_day * 0.26 + day)
                better = 0.93 if day >= 366 else 1
                for parameter, level in LEVELS.items():
                    value = level * factor * better * (2.2 - season if parameter == "o3" else season)
                    out.write(f"{at},{device},{parameter},{value:.1f},\n")


def python():
    own = VENV / "bin" / "python"
    if not own.exists():
        venv.create(VENV, with_pip=True)
    has = subprocess.run([own, "-I", "-c", "import openpyxl"], capture_output=True).returncode == 0
    if not has:
        got = subprocess.run([own, "-m", "pip", "install", "-q", "openpyxl==3.1.5"], capture_output=True)
        has = got.returncode == 0
    return own if has else None


class Sheets:
    """A workbook computed from its formulas alone: what was stored as their results is not looked at."""

    def __init__(self, cells):
        self.cells, self.known = cells, {}

    def value(self, sheet, cell):
        if (sheet, cell) not in self.known:
            own = self.cells[sheet].get(cell, [0])[0]
            if isinstance(own, str) and own.startswith("="):
                own = self.formula(sheet, own[1:])
            self.known[sheet, cell] = own
        return self.known[sheet, cell]

    def formula(self, sheet, text):
        text = re.sub(r"'([^']+)'!([A-Z]+\d+)", r"V('\1','\2')", text)
        text = re.sub(r"(?<![A-Z'\d])([A-Z]\d+)(?!['\d(])", lambda own: f"V({sheet!r},'{own[1]}')", text)
        text = text.replace(")=0.5", ")==0.5")
        names = {
            "V": self.value, "ABS": abs, "MOD": lambda a, b: a - b * math.floor(a / b),
            "SIGN": lambda a: (a > 0) - (a < 0),
            # Spreadsheets round half away from nought.
            "ROUND": lambda a, n: float(Decimal(repr(a)).quantize(Decimal(1).scaleb(-int(n)), ROUND_HALF_UP)),
        }
        return eval(text, {"__builtins__": {}}, names)


def workbook(room, kind, report, path):
    own = python()
    if own is None:
        return None
    read = subprocess.run([own, "-I", "-c", INSIDE, path], capture_output=True, text=True, timeout=300)
    want(read.returncode == 0, read.stderr[-800:])
    cells = json.loads(read.stdout)
    sheets = Sheets(cells)
    numbers, computed = report["numbers"], 0
    for row in range(2, 2 + len(numbers)):
        code = cells["数字"][f"A{row}"][0]
        number = numbers[code]
        value = sheets.value("数字", f"C{row}")
        want(abs(float(value) - float(number["value"])) < 1e-9, f"{kind} {code}: {value} is not {number['value']}")
        computed += number["made"]["made"] != "given"
    linked = 0
    for sheet, own in cells.items():
        for cell, (formula, stored) in own.items():
            if isinstance(formula, str) and formula.startswith("='数字'!"):
                linked += 1
                want(abs(float(sheets.value(sheet, cell)) - float(stored)) < 1e-9, f"{kind} {sheet} {cell}")
    return len(numbers), computed, linked


def paper(room, kind, report, path, words):
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, timeout=60).stdout
    plain = re.sub(r"\s", "", text)
    for word in [report["title"]["zh"], *words]:
        want(re.sub(r"\s", "", word) in plain, f"{kind}: {word} is not in the text of the PDF")
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, timeout=60).stdout.splitlines()[2:]
    want(fonts and all(" yes yes yes" in " ".join(line.split()) for line in fonts), f"{kind}: a font is not embedded: {fonts}")
    pages = text.count("\f")
    want(f"第{pages}页，共{pages}页" in plain, f"{kind}: no page numbers")
    return pages


def main():
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        (room / "stations.csv").write_text(STATIONS)
        hours(room / "hours.csv")
        data = room / "data"
        run("import", "places", room / "stations.csv", "--dir", data)
        run("import", "readings", room / "hours.csv", "--dir", data)
        asked = {
            "year": (["--from", "2025-01-01"], ["数字一览", "优良天数", "屋顶站"]),
            "month": (["--from", "2025-03-01"], ["综合指数"]),
            "week": (["--from", "2025-03-03"], ["综合指数"]),
            "day": (["--from", "2025-03-03"], ["院内站"]),
            "river-month": (["--from", "2025-03-01"], ["没有登记的水质断面"]),
            "founding": ([], ["按村计", "回迁率", "已回迁", "计划用水率"]),
        }
        for kind, (days, words) in asked.items():
            write = lambda form, *more: run("report", kind, "--dir", data, *days, "--format", form, *more)
            report = json.loads(write("json"))
            book, pdf = room / f"{kind}.xlsx", room / f"{kind}.pdf"
            write("xlsx", "-o", book)
            write("csv", "-o", room / f"{kind}-csv")
            html = write("html", "--language", "en").decode()
            want(html.count('<tr id="N') == len(report["numbers"]), f"{kind}: a number has no row in the page")
            told = [f"{kind}: {len(report['numbers'])} numbers"]
            checked = workbook(room, kind, report, book)
            told.append("no openpyxl, workbook not checked" if checked is None else
                        f"{checked[1]} computed and {checked[2]} linked cells are right")
            if (Path(BINARY).parent / "skyriver-pdf").exists() and shutil.which("pdftotext"):
                begun = time.monotonic()
                write("pdf", "-o", pdf)
                took = time.monotonic() - begun
                told.append(f"PDF of {paper(room, kind, report, pdf, words)} pages in {took:.1f} s")
                want(took < 30, f"{kind}: the PDF took {took:.1f} s")
                if keep := os.environ.get("KEEP_REPORTS"):
                    shutil.copy(pdf, keep)
            else:
                told.append("skyriver-pdf or pdftotext is not here, PDF not checked")
            print("; ".join(told))


if __name__ == "__main__":
    sys.exit(main())
