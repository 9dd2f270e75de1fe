#!/usr/bin/env python3
"""Soak: many times a district's load with faults, and whether memory, file handles and disk stay flat.

    TEST_BINARY=target/release/skyriver python3 tests/independent/soak.py [MINUTES]

A district's load is taken as 300 devices that send one frame of 6 values a minute: 5 frames a second. Ten
times that is sent here all the time, while the fleet is killed and comes again, connections bring bytes
that are no frames, and now and then the server is killed with signal 9 and started again. After each burst its
wall clock jumps three hours ahead, so that days close and are sealed (libfaketime; without it no day closes).
Prints rows of figures, and ends with a failure when an acknowledged reading is lost or memory or handles of
the longest life of the server grew. No check of every run: it takes as long as it is told.
"""

import datetime as dt
import os
import signal
import socket
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

import check_faults as faults
from check_faults import Fleet, Server, want
from check_faults_machine import faked, faketime, want_green

DEVICES, RATE = 50, 1
FLEET_S = 45
HOP = dt.timedelta(hours=3)
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


class Clock:
    """The server's wall clock: `HOP` ahead more after each round, where libfaketime is installed, so that days
    close, are sealed and folded while it is loaded. Without it the clock is ours."""

    def __init__(self, room):
        self.library, self.file, self.ahead = faketime(), room / "ahead", dt.timedelta()
        self._write()

    def _write(self):
        self.file.write_text(f"+{self.ahead.total_seconds():.0f}\n")

    def hop(self, server):
        if self.library:
            self.ahead += HOP
            self._write()
            server.ahead = self.ahead

    def server(self, data, registry):
        with faked(self.library, self.file) if self.library else nullcontext():
            server = Server(data, registry, {"store.seal_after_h": 1})
        server.ahead = self.ahead
        return server

    def now_ms(self):
        return int((time.time() + self.ahead.total_seconds()) * 1000) // 60_000 * 60_000


def told(when, data, clock, server):
    """Prints a row; returns memory and handles."""
    memory, open_files = resident_mib(server.process.pid), handles(server.process.pid)
    days, sealed = clock.ahead / dt.timedelta(days=1), len(list((data / "archive/readings").glob("*/*.parquet")))
    print(f"{when} {days:5.1f} {memory:8.1f} {open_files:8} {disk_mib(data):9.1f} {sealed:13} "
          f"{server.health()['sequence']:8}", flush=True)
    return memory, open_files


def soak(room, minutes):
    ends, begun, lives, kept = time.monotonic() + 60 * minutes, time.monotonic(), [[]], 0
    clock, life = Clock(room), 0
    print("minute  life   day  RSS MiB  handles  disk MiB  sealed files  entries of the log")
    while time.monotonic() < ends:
        fleet = Fleet(room, DEVICES)
        with clock.server(room / "data", fleet.registry) as server:
            until = min(ends, time.monotonic() + (60 * minutes / 2 if life == 0 else 90))
            while time.monotonic() < until:
                fleet.start = clock.now_ms()
                words = ["--rate", RATE, "--seconds", FLEET_S]
                with fleet.sending(server, *words) as sending:
                    for _ in range(2):
                        time.sleep(min(FLEET_S / 3, max(1, until - time.monotonic())))
                        noise(server)
                        minute = (time.monotonic() - begun) / 60
                        lives[-1].append(told(f"{minute:6.1f} {life:5}", room / "data", clock, server))
                    sending.wait(timeout=2 * FLEET_S)
                kept += sum(fleet.acknowledged().values())
                fleet.want_kept(server)
                clock.hop(server)
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
    want_green(room / "data")
    print(f"{kept} frames acknowledged, none lost; {life} lives of the server; verify is green")


def main():
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    faults.BINARY = os.path.abspath(os.environ["TEST_BINARY"])
    with tempfile.TemporaryDirectory(prefix="skyriver-soak-") as folder:
        faults.ROOMS = Path(folder)
        soak(faults.ROOMS, minutes)


if __name__ == "__main__":
    main()
