#!/usr/bin/env python3
"""Soak: many times a district's load with faults, and whether memory, file handles and disk stay flat.

    TEST_BINARY=target/release/skyriver python3 tests/independent/soak.py [MINUTES]

A district's load is taken as 300 devices that send one frame of 6 values a minute: 5 frames a second. Ten
times that is sent here all the time, while the fleet is killed and comes again, connections bring bytes
that are no frames, and now and then the server is killed with signal 9 and started again. Prints a row
of figures every half minute, and ends with a failure when an acknowledged reading is lost or memory or
handles of the longest life of the server grew. No check of every run: it takes as long as it is told.
"""

import os
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path

import check_faults as faults
from check_faults import Fleet, Server, want

DEVICES, RATE = 50, 1
FLEET_S = 45
# Turns of the server's life; of a flat line the last third is not much above the middle one.
GROWTH_MAX = 1.25
PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


def resident_mib(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_KIB / 1024


def handles(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def disk_mib(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / (1 << 20)


def noise(server):
    """Somebody connects and speaks no protocol."""
    host, port = server.devices.rsplit(":", 1)
    for words in (b"GET / HTTP/1.1\r\n\r\n", b"##0101QN=20160801085857223;ST=32;", os.urandom(3000)):
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(words)


def soak(room, minutes):
    ends, begun, lives, kept = time.monotonic() + 60 * minutes, time.monotonic(), [[]], 0
    print("minute  life  RSS MiB  handles  disk MiB  entries of the log")
    life = 0
    while time.monotonic() < ends:
        fleet = Fleet(room, DEVICES)
        with Server(room / "data", fleet.registry) as server:
            until = min(ends, time.monotonic() + (60 * minutes / 2 if life == 0 else 90))
            while time.monotonic() < until:
                words = ["--rate", RATE, "--seconds", FLEET_S]
                with fleet.sending(server, *words) as sending:
                    for _ in range(2):
                        time.sleep(min(FLEET_S / 3, max(1, until - time.monotonic())))
                        noise(server)
                        row = (resident_mib(server.process.pid), handles(server.process.pid))
                        lives[-1].append(row)
                        print(f"{(time.monotonic() - begun) / 60:6.1f} {life:5} {row[0]:8.1f} {row[1]:8} "
                              f"{disk_mib(room / 'data'):9.1f} {server.health()['sequence']:8}", flush=True)
                    sending.wait(timeout=2 * FLEET_S)
                kept += sum(fleet.acknowledged().values())
                fleet.want_kept(server)
                fleet.start += 60_000 * 60
            server.end(signal.SIGKILL)
        life += 1
        lives.append([])
    longest = max(lives, key=len)
    third = len(longest) // 3
    for name, at in (("memory", 0), ("handles", 1)):
        middle, last = longest[third:2 * third], longest[2 * third:]
        if middle and last:
            ratio = max(row[at] for row in last) / max(row[at] for row in middle)
            print(f"{name}: the last third of the longest life has {ratio:.2f} of the middle third")
            want(ratio < GROWTH_MAX, f"{name} grew")
    print(f"{kept} frames acknowledged, none lost; {life} lives of the server")


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    faults.BINARY = os.path.abspath(os.environ["TEST_BINARY"])
    with tempfile.TemporaryDirectory(prefix="skyriver-soak-") as folder:
        faults.ROOMS = Path(folder)
        soak(faults.ROOMS, minutes)


if __name__ == "__main__":
    main()
