#!/usr/bin/env python3
"""Faults of the machine under the real program: no file handles left, a clock that is set back a day, a
file that is gone, a footer that is damaged, and what `skyriver verify` says of it.

Uses the world of `check_faults.py`. The clock is set back by libfaketime (Debian: `faketime`); where it
is not installed, that check is skipped.
"""

import os
import resource
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import check_faults as faults
from check_faults import PATIENCE_S, Fleet, Server, Skipped, copy_of, demo, ledger, until, want

HANDLES = 96
LIBRARIES = ["/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
             "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"]


def verify(data):
    """Exit code and text of `skyriver verify` on a directory that nobody serves."""
    done = subprocess.run([faults.BINARY, "verify", "--dir", data], capture_output=True, text=True, timeout=120)
    want("panicked" not in done.stderr, f"verify panicked: {done.stderr[-500:]}")
    return done.returncode, done.stdout + done.stderr


def want_green(data):
    code, text = verify(data)
    want(code == 0, f"verify is not green: {text.strip()[-500:]}")


def want_named(data, name):
    code, text = verify(data)
    want(code != 0 and name in text, f"verify (exit {code}) does not name {name}: {text.strip()[-500:]}")


def after_the_file_handles_ran_out_it_serves_again_and_has_lost_nothing(room):
    fleet = Fleet(room)
    seconds = ["--seconds", 12, "--rate", 500]
    with Server(room / "data", fleet.registry) as server, fleet.sending(server, *seconds) as sending:
        until("frames are kept", lambda: server.health()["sequence"] >= 200)
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (HANDLES, HANDLES))
        host, port = server.devices.rsplit(":", 1)
        greedy = []
        for _ in range(2 * HANDLES):
            connection = socket.socket()
            connection.settimeout(1)
            try:
                connection.connect((host, int(port)))
            except OSError:
                pass
            greedy.append(connection)
        used = len(os.listdir(f"/proc/{server.process.pid}/fd"))
        want(used >= HANDLES - 8, f"only {used} handles were taken: nothing was tested")
        time.sleep(2)
        want(server.is_alive(), "it ended when no handle was left")
        for connection in greedy:
            connection.close()
        until("it serves again", lambda: server.health()["status"] in ("ok", "degraded"))
        sending.wait(timeout=PATIENCE_S)
        want(server.end() == 0, "exit code")
    with Server(room / "data", fleet.registry) as server:
        fleet.want_kept(server)
        want(server.health()["status"] == "ok", f"not well afterwards: {server.health()}")
    want_green(room / "data")


def faketime():
    """Where libfaketime is; None when it is not installed."""
    return next((path for path in LIBRARIES if Path(path).exists()), None)


@contextmanager
def faked(library, shift):
    """What is started meanwhile has a wall clock that is ahead by what the file says, at each moment."""
    fake = {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(shift), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
    before = {name: os.environ.get(name) for name in fake}
    os.environ.update(fake)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def a_clock_that_is_set_back_a_day_costs_nothing_that_was_acknowledged(room):
    library = faketime()
    if library is None:
        raise Skipped("libfaketime is not installed (apt-get install faketime)")
    shift = room / "shift"
    shift.write_text("+0\n")
    fleet = Fleet(room)
    # Not ahead of the clock that is set back, or it would be put aside as data of the future.
    fleet.start -= 3_600_000
    with faked(library, shift):
        server = Server(room / "data", fleet.registry)
    with server, faults.sending_soon(fleet, server) as sending:
        at = server.health()["sequence"]
        shift.write_text("-1d\n")
        until("turns go on while the clock is a day back", lambda: server.health()["sequence"] > at + 200)
        server.end(signal.SIGKILL)
        sending.wait(timeout=PATIENCE_S)
    with Server(room / "data", fleet.registry) as server:
        fleet.want_kept(server)
        ledger(server)
        want(server.end() == 0, "exit code")
    want_green(room / "data")


def what_a_frame_wrote_is_synced_before_its_answer_leaves(room):
    if shutil.which("strace") is None:
        raise Skipped("strace is not installed")
    fleet, trace = Fleet(room, devices=1), room / "trace"
    with Server(room / "data", fleet.registry) as server:
        calls = "trace=pwrite64,fdatasync,fsync,sendto,write,writev"
        words = ["strace", "-f", "-y", "-s", "400", "-e", calls, "-o", trace, "-p", str(server.process.pid)]
        tracer = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        if "attached" not in (said := tracer.stderr.readline()):
            tracer.kill()
            raise Skipped(f"strace may not look at the server: {said.strip()}")
        # One frame at a time, so that no other turn writes while an answer leaves.
        with fleet.sending(server, "--window", 1, "--rate", 20, "--seconds", 4) as sending:
            sending.wait(timeout=PATIENCE_S)
        tracer.send_signal(signal.SIGINT)
        tracer.wait(timeout=PATIENCE_S)
        tracer.stderr.close()
    unsynced, written, answers = False, 0, 0
    for line in trace.read_text(errors="replace").splitlines():
        if "skyriver.db-wal" in line and "pwrite64(" in line:
            unsynced, written = True, written + 1
        elif "skyriver.db-wal" in line and ("fdatasync(" in line or "fsync(" in line):
            unsynced = False
        elif "CN=9014" in line:
            answers += 1
            want(not unsynced, f"answer {answers} left before what its frame wrote was synced")
    want(answers >= 20 and written >= answers, f"{answers} answers and {written} writes seen: nothing was tested")


def verify_names_a_file_that_is_gone_and_the_rest_is_served(room):
    data, file = with_sealed_file(room)
    file.unlink()
    with Server(data) as server:
        faults.want_said(faults.want_rest_served(server, day_of(file)))
        faults.want_problem(server, str(file.relative_to(data)))
        want(server.end() == 0, "exit code")
    want_named(data, str(file.relative_to(data / "archive")))


def verify_names_a_file_with_a_damaged_footer_and_the_rest_is_served(room):
    data, file = with_sealed_file(room)
    content = file.read_bytes()
    file.write_bytes(content[:-40] + bytes(byte ^ 0xFF for byte in content[-40:-32]) + content[-32:])
    with Server(data) as server:
        faults.want_said(faults.want_rest_served(server, day_of(file)))
        faults.want_problem(server, str(file.relative_to(data)))
        want(server.end() == 0, "exit code")
    want_named(data, str(file.relative_to(data / "archive")))


def verify_names_a_damaged_page_and_is_green_on_a_sound_directory(room):
    data, file = with_sealed_file(room)
    want_green(data)
    file.write_bytes(faults.flip(file.read_bytes()))
    want_named(data, str(file.relative_to(data / "archive")))


def with_sealed_file(room):
    data = copy_of(demo()[0], room / "data")
    file = max(data.glob("archive/readings/*/*.parquet"), default=None)
    want(file, "the demo sealed no day")
    return data, file


def day_of(file):
    return faults.dt.date.fromisoformat(file.parent.name.removeprefix("day=")).toordinal() - \
        faults.dt.date(1970, 1, 1).toordinal()


CHECKS = [
    after_the_file_handles_ran_out_it_serves_again_and_has_lost_nothing,
    a_clock_that_is_set_back_a_day_costs_nothing_that_was_acknowledged,
    what_a_frame_wrote_is_synced_before_its_answer_leaves,
    verify_names_a_file_that_is_gone_and_the_rest_is_served,
    verify_names_a_file_with_a_damaged_footer_and_the_rest_is_served,
    verify_names_a_damaged_page_and_is_green_on_a_sound_directory,
]

if __name__ == "__main__":
    faults.start(CHECKS)
