"""Fields against PyKrige and scikit-learn: the same stations left out, the same hours, the same mark.

By hand, since both come from PyPI:

    python3 -m venv V && V/bin/pip install pykrige scikit-learn
    SKYRIVER_REAL_DATA=… cargo run --release -p space --example fields -- accuracy CASES.csv
    V/bin/python tests/independent/fields_others.py CASES.csv

CASES.csv has for each case the place that is asked (with its truth), the stations that are known, and what `space::field` said:
its mean and 99 quantiles. The others see the same stations and nothing of the hours before, since they have no place for them; their
covariance is fitted on the hour (PyKrige: exponential and linear variogram; scikit-learn: a Gaussian process of logarithms with
an exponential kernel and noise). CRPS is twice the mean pinball loss over 99 quantiles for everybody.
"""

import csv
import math
import statistics
import sys
import warnings
from collections import defaultdict

import numpy as np
from pykrige.ok import OrdinaryKriging
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

PARTS = [(i + 0.5) / 99 for i in range(99)]
NORMAL = [statistics.NormalDist().inv_cdf(p) for p in PARTS]


def cases(path):
    found = defaultdict(lambda: {"known": [], "quantiles": [], "field": None, "asked": None})
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            case = found[(row["set"], int(row["case"]))]
            value = float(row["value"])
            if row["role"] == "quantile":
                case["quantiles"].append(value)
            elif row["role"] == "field":
                case["field"] = value
            else:
                spot = (float(row["lon"]), float(row["lat"]), value)
                if row["role"] == "asked":
                    case["asked"] = spot
                else:
                    case["known"].append(spot)
    return found


def crps(quantiles, truth):
    loss = 0.0
    for p, q in zip(PARTS, quantiles):
        loss += (truth - q) * p if truth >= q else (q - truth) * (1 - p)
    return 2 * loss / len(PARTS)


def metres(spots, origin):
    east = 111_195 * math.cos(math.radians(origin[1]))
    xy = [((lon - origin[0]) * east, (lat - origin[1]) * 111_195) for lon, lat, _ in spots]
    return np.array(xy), np.array([value for _, _, value in spots])


def kriged(xy, values, model):
    """Ordinary kriging of PyKrige at the origin."""
    if np.ptp(values) == 0:
        return values[0], 0.0
    found = OrdinaryKriging(
        xy[:, 0] / 1e3, xy[:, 1] / 1e3, values, variogram_model=model, enable_plotting=False
    )
    mean, variance = found.execute("points", [0.0], [0.0])
    return float(mean[0]), math.sqrt(max(float(variance[0]), 0.0))


def process(xy, values):
    """A Gaussian process of logarithms, back through its quantiles."""
    floor = max(0.6 * float(np.median(values)), 1e-6)
    y = np.arcsinh(values / floor)
    kernel = ConstantKernel(0.3, (1e-3, 1e2)) * Matern(20.0, (0.5, 2e3), nu=0.5)
    kernel += WhiteKernel(0.02, (1e-4, 2.0))
    found = GaussianProcessRegressor(kernel, normalize_y=True, n_restarts_optimizer=0)
    found.fit(xy / 1e3, y)
    mean, sd = found.predict(np.zeros((1, 2)), return_std=True)
    quantiles = [max(floor * math.sinh(float(mean[0]) + z * float(sd[0])), 0.0) for z in NORMAL]
    return statistics.fmean(quantiles), quantiles


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    warnings.simplefilter("ignore")
    marks = defaultdict(lambda: defaultdict(list))
    for (name, _), case in sorted(cases(sys.argv[1]).items()):
        truth, known = case["asked"][2], case["known"]
        if len(known) < 5 or case["field"] is None:
            continue
        xy, values = metres(known, case["asked"])

        def take(method, mean, quantiles):
            inside = quantiles[4] <= truth <= quantiles[94]
            marks[name][method].append(((mean - truth) ** 2, crps(quantiles, truth), inside))

        take("space::field", case["field"], case["quantiles"])
        for model in ("exponential", "linear"):
            try:
                mean, sd = kriged(xy, values, model)
            except (ValueError, np.linalg.LinAlgError):
                continue
            take(f"PyKrige, {model}", mean, [max(mean + z * sd, 0.0) for z in NORMAL])
        mean, quantiles = process(xy, values)
        take("scikit-learn", mean, quantiles)
    print("| set | method | cases | RMSE | CRPS | 90 % interval covers, % |\n|---|---|--:|--:|--:|--:|")
    for name, methods in marks.items():
        for method, rows in methods.items():
            rmse = math.sqrt(statistics.fmean(row[0] for row in rows))
            score = statistics.fmean(row[1] for row in rows)
            covers = 100 * statistics.fmean(row[2] for row in rows)
            print(f"| {name} | {method} | {len(rows)} | {rmse:.2f} | {score:.2f} | {covers:.1f} |")


if __name__ == "__main__":
    main()
