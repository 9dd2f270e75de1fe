#!/usr/bin/env python3
"""The annual assessment as an analyst writes it with pandas, and the single indices of the packages on
PyPI, timed; `cargo xtask bench law` prints it beside its own numbers. Run it with a Python that has them.
"""

import time


def annual(stations):
    import numpy as np
    import pandas as pd

    iaqi = [0, 50, 100, 150, 200, 300, 400, 500]
    nodes = {
        "SO2": [0, 50, 150, 475, 800, 1600, 2100, 2620], "NO2": [0, 40, 80, 180, 280, 565, 750, 940],
        "CO": [0, 2, 4, 14, 24, 36, 48, 60], "O3": [0, 100, 160, 215, 265, 800, 800.1, 800.2],
        "PM10": [0, 50, 150, 250, 350, 420, 500, 600], "PM2.5": [0, 35, 75, 115, 150, 250, 350, 500],
    }
    limits = {"SO2": 60, "NO2": 40, "CO": 4, "O3": 160, "PM10": 70, "PM2.5": 35}
    index = pd.date_range("2023-01-01", "2025-12-31 23:00", freq="h")
    rng = np.random.default_rng(1)
    frames = []
    for _ in range(stations):
        data = {p: rng.integers(0, top, len(index)).astype(float)
                for p, top in zip(nodes, (40, 90, 30, 180, 200, 120))}
        data["CO"] /= 10
        frame = pd.DataFrame(data, index=index)
        frames.append(frame.mask(rng.random(frame.shape) < 0.02))
    started = time.perf_counter()
    for frame in frames:
        by_day = frame.groupby(frame.index.floor("D"))
        daily = by_day.mean().where(by_day.count() >= 20)
        running = frame["O3"].rolling(8, min_periods=6).mean()
        running = running[(running.index.hour >= 7)]
        of_day = running.groupby(running.index.floor("D"))
        daily["O3"] = of_day.max().where(of_day.count() >= 14)
        single = pd.DataFrame({p: np.ceil(np.interp(daily[p], nodes[p], iaqi)) for p in nodes}, index=daily.index)
        aqi = single.max(axis=1)
        single.eq(aqi, axis=0)
        for _, year in daily.groupby(daily.index.year):
            values = year.mean()
            year.quantile([0.95, 0.98])
            values["CO"], values["O3"] = year["CO"].quantile(0.95), year["O3"].quantile(0.9)
            sum(values[p] / limits[p] for p in nodes)
        aqi.groupby(aqi.index.year).agg([lambda a: (a <= 100).sum(), lambda a: (a > 200).sum()])
    spent = time.perf_counter() - started
    print(f"pandas {pd.__version__}, {stations} stations, one process: {spent:.2f} s, {1e3 * spent / stations:.1f} ms a station")


def rate(name, function):
    started, count = time.perf_counter(), 0
    while time.perf_counter() - started < 1:
        for c in range(1, 500):
            function(c)
        count += 499
    print(f"{name}: {count / (time.perf_counter() - started) / 1e6:.3f} M single indices/s")


def packages():
    try:
        from aqi_hub.aqi_cn import cal_iaqi_cn

        rate("aqi-hub", lambda c: cal_iaqi_cn("PM25_24H", c))
    except Exception as error:  # The reader has to see which one is missing.
        print(f"aqi-hub: {error!r}")
    try:
        import sys

        sys.path.pop(0)  # The folder has an aqi.py of its own.
        import aqi

        rate("python-aqi", lambda c: aqi.to_iaqi(aqi.POLLUTANT_PM25, c, algo=aqi.ALGO_MEP))
    except Exception as error:
        print(f"python-aqi: {error!r}")


if __name__ == "__main__":
    packages()
    annual(20)
