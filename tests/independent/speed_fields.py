#!/usr/bin/env python3
"""A grid by PyKrige, timed in turns with `space::field` by `cargo xtask bench fields` (or `… --example fields -- speed`).

Run by that program with a Python that has pykrige (`SKYRIVER_PYTHON`). It sends the grid (west, south, east, north, columns, rows), a line
for each station (longitude, latitude, value) and an empty line; then the name of a way a line, each answered by: seconds, seconds of the processor, peak of
memory above what was held before in KiB, mean of the cells, mean width of the 90 % interval.

Ways: `bands` is the vectorized backend on 16 rows of cells at a time, all stations for each cell, as somebody would do it whose
memory does not hold the whole (2.4 GB for a matrix of a million cells and 300 stations, of which it makes several); `nearest` is the
compiled backend with the 32 nearest stations of each cell, which is what space::field looks at.
"""

import sys
import time
import warnings

BAND, NEAREST = 16, 32


def memory(what):
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(what):
                return int(line.split()[1])
    return 0


def forget_peak():
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def numbers(line):
    return [float(cell) for cell in line.split()]


def main():
    import numpy as np
    import pykrige
    from pykrige.ok import OrdinaryKriging

    warnings.simplefilter("ignore")
    west, south, east, north, cols, rows = numbers(sys.stdin.readline())
    stations = []
    while line := sys.stdin.readline().strip():
        stations.append(numbers(line))
    lon, lat, value = np.array(stations).T
    # metres of a plane, as ours
    origin = ((west + east) / 2, (south + north) / 2)
    scale = 111_195 * np.cos(np.radians(origin[1])), 111_195
    started = time.perf_counter()
    kriging = OrdinaryKriging((lon - origin[0]) * scale[0], (lat - origin[1]) * scale[1], value,
                              variogram_model="exponential", enable_plotting=False)
    print(pykrige.__version__, f"{time.perf_counter() - started:.3f}", flush=True)
    x = (west + (east - west) * (np.arange(int(cols)) + 0.5) / cols - origin[0]) * scale[0]
    y = (north - (north - south) * (np.arange(int(rows)) + 0.5) / rows - origin[1]) * scale[1]

    def bands(**how):
        total = width = 0.0
        for first in range(0, len(y), BAND):
            mean, variance = kriging.execute("grid", x, y[first:first + BAND], **how)
            total += float(mean.sum())
            width += float(2 * 1.645 * np.sqrt(np.maximum(variance, 0)).sum())
        return total / len(x) / len(y), width / len(x) / len(y)

    ways = {"bands": {"backend": "vectorized"}, "nearest": {"backend": "C", "n_closest_points": NEAREST}}
    for way in sys.stdin:
        forget_peak()
        before, started, own = memory("VmRSS"), time.perf_counter(), time.process_time()
        mean, width = bands(**ways[way.strip()])
        seconds, own = time.perf_counter() - started, time.process_time() - own
        print(f"{seconds:.3f} {own:.3f} {memory('VmHWM') - before} {mean:.2f} {width:.2f}", flush=True)


if __name__ == "__main__":
    main()
