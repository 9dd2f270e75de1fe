"""Drift against statsmodels, SciPy and scikit-learn on the same pairs of real sensors.

By hand, since they come from PyPI:

    python3 -m venv V && V/bin/pip install statsmodels scikit-learn scipy
    SKYRIVER_REAL_DATA=… cargo run --release -p space --example drift -- PAIRS.csv
    V/bin/python tests/independent/drift_others.py PAIRS.csv

PAIRS.csv has for each sensor and week the pairs of 28 days with temperature and humidity, what `space::drift` found (gain, offset, what a
standard deviation of each adds) and for how many independent pairs they counted. Three others are asked:

- the terms that make the penalised sum of Huber's losses least, by SciPy's general minimiser, the scale being the middle size of what is
  left, found by going to and fro: the same definition by other means, so digits must agree;
- statsmodels' RLM (Huber's weights, scale by the median), which knows no prior: the minimiser without prior must agree with it; how far
  ours lies from it is what the prior does;
- scikit-learn's HuberRegressor, which fits its scale together with the line: another definition, told and not judged.
"""

import csv
import sys
import warnings
from collections import defaultdict

import numpy as np
import statsmodels.api as sm
from scipy.optimize import minimize
from sklearn.linear_model import HuberRegressor

HUBER, GAIN_SD = 1.345, 0.3


def cases(path):
    found = defaultdict(lambda: {"pair": [], "terms": None, "counts": None})
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            case, numbers = found[(row["sensor"], int(row["week"]))], [float(row[name]) for name in "abcd"]
            if row["role"] == "pair":
                case["pair"].append(numbers)
            else:
                case[row["role"]] = numbers
    return {key: case for key, case in found.items() if case["terms"]}


def design(pairs):
    says, good, air = pairs[:, 0], pairs[:, 1], pairs[:, 2:]
    far = np.clip((air - air.mean(axis=0)) / air.std(axis=0), -3, 3)
    return np.column_stack([says, np.ones(len(says)), far]), good


def penalised(x, y, independent, weight=1.0):
    level = np.median(np.abs(y))
    middle = np.array([1.0, 0, 0, 0])
    prior = np.array([GAIN_SD, 0.1 * level, GAIN_SD * level, GAIN_SD * level]) ** -2.0 * weight
    share = min(independent / len(y), 1.0)
    # in units in which all terms are of one size, so that the minimiser has it easy
    unit = np.array([1.0, level, level, level])

    def least(start, scale):
        def loss(scaled):
            terms = scaled * unit
            left = (y - x @ terms) / scale
            size = np.abs(left)
            inner = size <= HUBER
            rho = np.where(inner, 0.5 * left**2, HUBER * size - 0.5 * HUBER**2)
            slope = -(share / scale) * (np.clip(left, -HUBER, HUBER) @ x) + prior * (terms - middle)
            return share * rho.sum() + 0.5 * (prior * (terms - middle) ** 2).sum(), slope * unit

        return minimize(loss, start / unit, jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 500}).x * unit

    terms = middle
    for _ in range(100):
        scale = np.median(np.abs(y - x @ terms)) / 0.6744897501960817
        new = least(terms, scale)
        if np.allclose(new, terms, rtol=1e-12, atol=0):
            break
        terms = new
    return new


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    warnings.simplefilter("ignore")
    off = defaultdict(lambda: defaultdict(list))
    for (sensor, _), case in sorted(cases(sys.argv[1]).items()):
        x, y = design(np.array(case["pair"]))
        ours, count = np.array(case["terms"]), case["counts"][0]

        def take(name, a, b):
            # of the line at the pairs, in standard deviations of what the good one said
            off[sensor][name].append((np.sqrt(np.mean((x @ (a - b)) ** 2)) / y.std(), abs(a[0] - b[0])))

        free = sm.RLM(y, x, sm.robust.norms.HuberT(HUBER)).fit(maxiter=500, tol=1e-12).params
        take("ours, SciPy (must agree)", ours, penalised(x, y, count))
        take("SciPy without prior, RLM (must agree)", penalised(x, y, count, 0.0), free)
        take("ours, RLM", ours, free)
        huber = HuberRegressor(epsilon=HUBER, alpha=0.0, max_iter=10_000, fit_intercept=False).fit(x, y)
        take("ours, HuberRegressor", ours, huber.coef_)
    print("| sensor | between | weeks | line, rms in sd of the good one: median | largest | gain: median | largest |")
    print("|---|---|--:|--:|--:|--:|--:|")
    wrong = 0
    for sensor, others in off.items():
        for name, rows in others.items():
            line, gain = (sorted(row[at] for row in rows) for at in (0, 1))
            middle = len(rows) // 2
            print(f"| {sensor} | {name} | {len(rows)} | {line[middle]:.1e} | {line[-1]:.1e} | {gain[middle]:.1e} | {gain[-1]:.1e} |")
            wrong += "must" in name and line[-1] > 1e-4
    if wrong:
        sys.exit("differs from the same definition by other means")


if __name__ == "__main__":
    main()
