#!/usr/bin/env python3
"""Whole judgements of random inputs, for `cases.py`: reports, spans with composite index, ranks,
sections, CWQI, TLI. Written from the texts, exact fractions and decimals, the standard library alone.
"""

import datetime as dt
import random
from decimal import Decimal, getcontext
from fractions import Fraction

from aqi import POLLUTANTS, half_even, judge, judge_hour, mean
from year import LIMITS, PERCENTILE, PLACES, capture, percentile

getcontext().prec = 40

# GB 3838-2002 table 1 for the items of CWQI and class that the cases use; pH has the range 6 to 9.
SECTION = {
    "ph": None,
    "do": ("7.5", "6", "5", "3", "2"),
    "codmn": ("2", "4", "6", "10", "15"),
    "cod": ("15", "15", "20", "30", "40"),
    "bod5": ("3", "3", "4", "6", "10"),
    "nh3n": ("0.15", "0.5", "1.0", "1.5", "2.0"),
    "tp": ("0.02", "0.1", "0.2", "0.3", "0.4"),
    "volatile_phenol": ("0.002", "0.002", "0.005", "0.01", "0.1"),
    "petroleum": ("0.05", "0.05", "0.05", "0.5", "1.0"),
    "fluoride": ("1.0", "1.0", "1.0", "1.5", "1.5"),
}
LAKE_TP = ("0.01", "0.025", "0.05", "0.1", "0.2")
NAMES = ("I", "II", "III", "IV", "V", "worse_than_V")


def text(x):
    """A decimal that ends."""
    places = 0
    while x * 10**places != int(x * 10**places):
        places += 1
    digits = str(int(x * 10**places)).rjust(places + 1, "0")
    return digits if places == 0 else f"{digits[:-places]}.{digits[-places:]}"


def values(rng, p, count, missing):
    top = {"SO2": 60, "NO2": 120, "CO": 5, "O3": 260, "PM10": 400, "PM2.5": 300}[p]
    places = 2 if p == "CO" else rng.choice((0, 0, 1))
    top = rng.choice((top, top, top * 4))
    return [None if rng.random() < missing else Fraction(rng.randint(0, top * 10**places), 10**places)
            for _ in range(count)]


def dash(x):
    return "-" if x is None else str(x)


def report(rng, of_hour):
    edition = rng.choice((2012, 2026))
    missing = rng.choice((0, 0.05, 0.2))
    day = {p: values(rng, p, 24, 1 if rng.random() < 0.03 else missing) for p in POLLUTANTS}
    published, computed, primary, single = (judge_hour if of_hour else judge)(edition, day)
    hours = " ".join("-" if v is None else text(v) for p in POLLUTANTS for v in day[p])
    expected = [dash(published), dash(computed), "+".join(primary) or "-", *(dash(single[p]) for p in POLLUTANTS)]
    return f"{edition} {hours}", " ".join(expected)


def span(rng):
    """A month, now and then a year, of days: every item, the composite index, the classes of days."""
    edition = rng.choice((2012, 2026))
    year = rng.choice((2023, 2024, 2025) if edition == 2012 else (2026, 2027, 2028))
    month = 0 if rng.random() < 0.03 else rng.randint(3 if year == 2026 else 1, 12)
    if month == 0:
        year += edition == 2026
    first = dt.date(year, month or 1, 1)
    last = dt.date(year, 12, 31) if not month else (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    dates = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    missing = rng.choice((0, 0.02, 0.08))
    days = {p: dict(zip(dates, values(rng, p, len(dates), missing))) for p in POLLUTANTS}
    aqis = [None if rng.random() < missing else rng.choice((rng.randint(20, 320), 100, 101, 200, 201)) for _ in dates]
    rows = []
    parts = []
    whole = True
    for p in POLLUTANTS:
        there = {d: v for d, v in days[p].items() if v is not None}
        annual, daily = LIMITS[edition][p]
        items = [] if annual is None else [(mean(list(there.values())) if there else None, annual)]
        if annual is None or not month:
            items.append((percentile(there.values(), PERCENTILE[p]) if there else None, daily))
        for at, (value, limit) in enumerate(items):
            if month:
                need = 25 if month == 2 else 27
                reason = "no_data" if not there else "too_few_days" if len(there) < need else ""
            else:
                reason = capture(list(there))
            rounded = None if value is None else half_even(value, PLACES[edition][p == "CO"])
            meets = exceedance = "-"
            if not month and rounded is not None and not reason:
                meets = "yes" if rounded <= limit else "no"
                exceedance = half_even((rounded - limit) / limit, 2) if rounded > limit else "-"
            rows.append(f"{p}:{len(there)}:{dash(value)}:{dash(rounded)}:{meets}:{exceedance}:{reason or '-'}")
            if at == 0:
                whole = whole and not reason and value is not None
                parts.append(value / limit if value is not None else 0)
    rows.append(f"composite:{half_even(sum(parts), 2) if whole else '-'}")
    there = [a for a in aqis if a is not None]
    good, heavy = sum(a <= 100 for a in there), sum(a > 200 for a in there)
    share = half_even(Fraction(100 * good, len(there)), 1) if there else "-"
    rows.append(f"days:{len(there)}:{good}:{heavy}:{share}")
    cells = [f"{edition}", f"{first}..{last}"]
    for at, date in enumerate(dates):
        cells += ["-" if days[p][date] is None else text(days[p][date]) for p in POLLUTANTS]
        cells.append(dash(aqis[at]))
    return " ".join(cells), " ".join(rows)


def ranks(rng):
    """Composite indices of places: rounded to two places, equal ones share a rank."""
    places = [None if rng.random() < 0.1 else Fraction(rng.randint(2000, 2300), 1000) for _ in range(rng.randint(1, 30))]
    shown = [None if v is None else half_even(v, 2) for v in places]
    order = [None if v is None else 1 + sum(o is not None and o < v for o in shown) for v in shown]
    return " ".join("-" if v is None else text(v) for v in places), " ".join(map(dash, order))


def water(rng):
    body = rng.choice(("river", "lake"))
    limits = dict(SECTION)
    if body == "lake":
        limits["tp"] = LAKE_TP
    keys = rng.sample(sorted(limits), rng.randint(1, len(limits)))
    chosen = {}
    for key in keys:
        nodes = limits[key] or ("6", "9")
        node = Fraction(rng.choice(nodes))
        near = rng.random() < 0.7
        step = Fraction(1, 1000)
        chosen[key] = max(node + rng.randint(-2, 2) * step if near else node * rng.randint(1, 30) / 10, step)
    return body, limits, keys, chosen


def class_of(limits, key, x):
    if key == "ph":
        return 0 if 6 <= x <= 9 else 5
    better = (lambda a, b: a >= b) if key == "do" else (lambda a, b: a <= b)
    return next((at for at, limit in enumerate(limits[key]) if better(x, Fraction(limit))), 5)


def arguments(body, keys, chosen):
    return " ".join([body, *(f"{key}={text(chosen[key])}" for key in keys)])


def section(rng):
    """Class by the worst item; main pollutants by class, then by multiple, the first three."""
    body, limits, keys, chosen = water(rng)
    classes = {key: class_of(limits, key, chosen[key]) for key in keys}
    worst = max(classes.values())
    deciding = sorted(key for key in keys if classes[key] == worst) if worst else []
    multiples = {}
    for key in keys:
        if classes[key] > 2:
            limit = None if key in ("ph", "do") else Fraction(limits[key][2])
            multiples[key] = None if limit is None else (chosen[key] - limit) / limit
    largest = sorted(multiples, key=lambda k: (-classes[k], -(multiples[k] if multiples[k] is not None else -1)))[:3]
    shown = [f"{classes[k]}:{'-' if multiples[k] is None else half_even(multiples[k], 1)}" for k in largest]
    return arguments(body, keys, chosen), " ".join((NAMES[worst], "+".join(deciding) or "-", *shown))


def cwqi(rng):
    """Value over the limit of class III; oxygen the other way; pH by its distance from 7."""
    body, limits, keys, chosen = water(rng)
    total = Fraction(0)
    for key in keys:
        x = chosen[key]
        if key == "ph":
            total += 7 - x if x <= 7 else (x - 7) / 2
        elif key == "do":
            total += Fraction(5) / x
        else:
            total += x / Fraction(limits[key][2])
    return arguments(body, keys, chosen), total


def tli(rng):
    """Zongzhan Shengzi [2001] 090; decimals of forty digits."""
    x = {"chla": Fraction(rng.randint(1, 2000), 10), "tp": Fraction(rng.randint(5, 900), 1000),
         "tn": Fraction(rng.randint(10, 900), 100), "sd": Fraction(rng.randint(5, 600), 100),
         "codmn": Fraction(rng.randint(5, 300), 10)}
    formula = {"chla": ("2.5", "1.086", "1"), "tp": ("9.436", "1.624", "0.84"), "tn": ("5.453", "1.694", "0.82"),
               "sd": ("5.118", "-1.94", "-0.83"), "codmn": ("0.109", "2.661", "0.83")}
    squares = {k: Decimal(r) ** 2 for k, (_, _, r) in formula.items()}
    total = Decimal(0)
    for k, (a, b, _) in formula.items():
        ln = (Decimal(x[k].numerator) / Decimal(x[k].denominator)).ln()
        total += squares[k] / sum(squares.values()) * 10 * (Decimal(a) + Decimal(b) * ln)
    grade = ("oligotrophic" if total < 30 else "mesotrophic" if total <= 50 else "light_eutrophic" if total <= 60
             else "middle_eutrophic" if total <= 70 else "hyper_eutrophic")
    return " ".join(f"{k}={text(v)}" for k, v in x.items()), f"{total:.8f} {grade}"


KINDS = (("report_day", lambda rng: report(rng, False), 2), ("report_hour", lambda rng: report(rng, True), 2),
         ("span", span, 2), ("ranks", ranks, 3), ("section", section, 8), ("cwqi", cwqi, 6), ("tli", tli, 3))

if __name__ == "__main__":
    for kind, make, _ in KINDS:
        print(kind, *make(random.Random(1)), sep=",")
