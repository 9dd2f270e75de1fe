#!/usr/bin/env python3
"""Random cases with their answers, to compare the server's arithmetic with.

Every answer is computed here from the texts with exact fractions and the standard library alone. The
seed decides everything; it stands in the first row.

    python3 cases.py --seed 1 --count 100000 > cases.csv

Rows are `kind,arguments…,expected`, arguments joined by spaces:

    iaqi        edition column concentration           single index, `none` above a table without rule
    round       decimals value                         half to even
    percentile  percent value value …                  fraction
    day         hour hour …                            mean of the day, `none` of too few; `-` is missing
    ozone       hour hour …                            largest running 8 h mean with its capture rule
    class       body item value                        class of surface water
    nowcast     hour hour …                            newest first; fraction

and whole judgements, from `law.py`: `report_day`, `report_hour`, `span` (with composite index and classes
of days), `ranks`, `section`, `cwqi`, `tli`.
"""

import argparse
import random
from fractions import Fraction

from aqi import BREAKPOINTS, BREAKPOINTS_2026, day_max_8h, day_mean, half_even, single_index
from law import KINDS as JUDGEMENTS
from year import percentile

# GB 3838-2002 table 1: the limits of classes I to V, rivers and lakes where they differ.
WATER = {
    ("any", "do"): ("7.5", "6", "5", "3", "2"),
    ("any", "codmn"): ("2", "4", "6", "10", "15"),
    ("any", "cod"): ("15", "15", "20", "30", "40"),
    ("any", "bod5"): ("3", "3", "4", "6", "10"),
    ("any", "nh3n"): ("0.15", "0.5", "1.0", "1.5", "2.0"),
    ("river", "tp"): ("0.02", "0.1", "0.2", "0.3", "0.4"),
    ("lake", "tp"): ("0.01", "0.025", "0.05", "0.1", "0.2"),
    ("lake", "tn"): ("0.2", "0.5", "1.0", "1.5", "2.0"),
    ("any", "cu"): ("0.01", "1.0", "1.0", "1.0", "1.0"),
    ("any", "zn"): ("0.05", "1.0", "1.0", "2.0", "2.0"),
    ("any", "hg"): ("0.00005", "0.00005", "0.0001", "0.001", "0.001"),
    ("any", "cd"): ("0.001", "0.005", "0.005", "0.005", "0.01"),
    ("any", "volatile_phenol"): ("0.002", "0.002", "0.005", "0.01", "0.1"),
    ("any", "petroleum"): ("0.05", "0.05", "0.05", "0.5", "1.0"),
}
CLASSES = ("I", "II", "III", "IV", "V")


def near(rng, nodes, decimals):
    """A decimal, mostly close to a node, where mistakes live."""
    scale = 10**decimals
    node = Fraction(str(rng.choice(nodes)))
    if rng.random() < 0.7:
        n = int(node * scale) + rng.randint(-3, 3)
    else:
        n = rng.randint(0, int(Fraction(str(nodes[-1])) * scale * 6 / 5) + 1)
    return text(Fraction(max(n, 0), scale), decimals)


def text(x, decimals):
    n = int(x * 10**decimals)
    digits = str(n).rjust(decimals + 1, "0")
    return digits if decimals == 0 else f"{digits[:-decimals]}.{digits[-decimals:]}"


def hours(rng, length):
    top = rng.choice((40, 400, 4000))
    decimals = rng.choice((0, 0, 1, 2))
    share = rng.choice((0.02, 0.15, 0.4))
    return ["-" if rng.random() < share else text(Fraction(rng.randint(0, top)), decimals)
            for _ in range(length)]


def numbers(texts):
    return [None if t == "-" else Fraction(t) for t in texts]


def iaqi(rng):
    edition = rng.choice((2012, 2026))
    tables = BREAKPOINTS_2026 if edition == 2026 else BREAKPOINTS
    column = rng.choice(list(tables))
    c = near(rng, tables[column], rng.choice((0, 1, 2, 4)))
    index = single_index(edition, column, Fraction(c))
    return f"{edition} {column} {c}", "none" if index is None else index


def rounding(rng):
    decimals = rng.randint(0, 4)
    half = Fraction(2 * rng.randint(0, 20000) + 1, 2 * 10**decimals)
    x = half if rng.random() < 0.5 else half + Fraction(rng.randint(-9, 9), 10**6)
    return f"{decimals} {text(x, 6) if x >= 0 else 0}", half_even(max(x, 0), decimals)


def percentiles(rng):
    values = [text(Fraction(rng.randint(0, 300)), rng.choice((0, 1))) for _ in range(rng.randint(1, 40))]
    p = rng.choice((50, 75, 90, 95, 98))
    return f"{p} {' '.join(values)}", percentile([Fraction(v) for v in values], p)


def day(rng):
    texts = hours(rng, 24)
    value = day_mean(numbers(texts))
    return " ".join(texts), "none" if value is None else value


def ozone(rng):
    texts = hours(rng, 24)
    value = day_max_8h(numbers(texts))
    return " ".join(texts), "none" if value is None else value


def water(rng):
    body, key = rng.choice(list(WATER))
    limits = WATER[body, key]
    value = near(rng, sorted(limits, key=Fraction), rng.choice((2, 3, 5)))
    x = Fraction(value)
    meets = (lambda limit: x >= limit) if key == "do" else (lambda limit: x <= limit)
    classes = [c for c, limit in zip(CLASSES, limits) if meets(Fraction(limit))]
    body = rng.choice(("river", "lake")) if body == "any" else body
    return f"{body} {key} {value}", classes[0] if classes else "worse_than_V"


def nowcast(rng):
    texts = hours(rng, 12)
    values = numbers(texts)
    there = [v for v in values if v is not None]
    if sum(v is not None for v in values[:3]) < 2:
        return " ".join(texts), "none"
    weight = max(min(there) / max(there), Fraction(1, 2)) if max(there) else Fraction(1)
    pairs = [(weight**i, v) for i, v in enumerate(values) if v is not None]
    return " ".join(texts), sum(w * v for w, v in pairs) / sum(w for w, _ in pairs)


KINDS = (("iaqi", iaqi, 40), ("round", rounding, 20), ("class", water, 25), ("percentile", percentiles, 5),
         ("day", day, 5), ("ozone", ozone, 3), ("nowcast", nowcast, 2), *JUDGEMENTS)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    print(f"seed,{args.seed},{args.count}")
    picks = rng.choices(KINDS, weights=[weight for *_, weight in KINDS], k=args.count)
    for kind, make, _ in picks:
        arguments, expected = make(rng)
        print(f"{kind},{arguments},{expected}")


if __name__ == "__main__":
    main()
