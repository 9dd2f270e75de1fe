#!/usr/bin/env python3
"""Faults of disk and process, made to happen to the real program.

A second server, a full disk, a read-only folder, damaged files, a newer format, SIGTERM and kill -9:
each is done to a running `skyriver serve` from outside, and what devices were told, what the API
answers and what the log says is held against each other. The readings of the load generator follow
from device and number, so each acknowledged one is computed here a second time and looked for.

TEST_BINARY names the program. A small tmpfs is mounted for the full disk and the read-only one; where
that is not permitted, these are skipped.
"""

import datetime as dt
import functools
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

from server import crc16

BINARY = os.environ.get("TEST_BINARY")
UTC = dt.timezone.utc
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
DAY_MS = 86_400_000
# The order in which the load generator uses them.
PARAMETERS = ["pm25", "pm10", "so2", "no2", "co", "o3"]
PATIENCE_S = 30
UNANSWERED_S = 2.5  # longer than the pause after which the server tries again to write
DISK_BYTES = 64 << 20
ROOM_BYTES = 3 << 20


class Wrong(Exception):
    """What the program did is not what it has to do."""


class Skipped(Exception):
    """The machine does not permit the check."""


def want(condition, what):
    if not condition:
        raise Wrong(what)


def until(what, look, seconds=PATIENCE_S):
    """Looks again and again until there is something, and returns it."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        want(time.monotonic() < deadline, f"{what}: not within {seconds} s")
        time.sleep(0.05)
    return found


def rfc3339(ms):
    return dt.datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- the program as processes -------------------------------------------------------------------


def serve_words(data, registry, more=()):
    settings = {"store.dir": data, "http.listen": "127.0.0.1:0", "hj212.listen": "127.0.0.1:0",
                "log.format": "json", "log.level": "info", **dict(more)}
    if registry:
        settings["district.registry"] = registry
    return [BINARY, "serve", *(word for item in settings.items() for word in ("--set", "%s=%s" % item))]


def refused(data):
    """What `serve` says, when it must not start on this directory."""
    with subprocess.Popen(serve_words(data, None), stderr=subprocess.PIPE, text=True) as process:
        try:
            text = process.communicate(timeout=PATIENCE_S)[1]
        except subprocess.TimeoutExpired:
            raise Wrong(f"the server was not refused: it still runs after {PATIENCE_S} s") from None
        finally:
            process.kill()
    want(process.returncode != 0, f"exit code 0 though it did not serve; it said: {text.strip()}")
    want("panicked" not in text, f"it panicked: {text.strip()}")
    return text.strip()


class Server:
    """`skyriver serve` on a data directory, its API and its log."""

    ahead = dt.timedelta()  # of our clock
    def __init__(self, data, registry=None, more=()):
        self.log_file = Path(tempfile.mkstemp(suffix=".log", dir=ROOMS)[1])
        with self.log_file.open("w") as log:
            self.process = subprocess.Popen(serve_words(data, registry, more), stderr=log)
        try:
            fields = until("the server serves", self._listening)
        except BaseException:
            self.end(signal.SIGKILL)
            raise
        self.page, self.devices = fields["page"], fields["devices"]

    def _listening(self):
        is_over = not self.is_alive()
        found = next((line["fields"] for line in self.log() if "page" in line["fields"]), None)
        want(found or not is_over, f"the server ended at its start: {self.log_file.read_text()}")
        return found

    def is_alive(self):
        return self.process.poll() is None

    def log(self, level=None):
        # The last line may be half written.
        lines = (line for line in self.log_file.read_text().split("\n")[:-1] if line.startswith("{"))
        return [line for line in map(json.loads, lines) if level in (None, line["level"])]

    def get(self, route, **query):
        with urlopen(f"{self.page}/api/v1/{route}?{urlencode(query)}", timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def health(self):
        return self.get("health")

    def end(self, how=signal.SIGTERM):
        if self.is_alive():
            self.process.send_signal(how)
        try:
            return self.process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Wrong(f"it still ran {PATIENCE_S} s after {how.name}") from None

    def __enter__(self):
        return self

    def __exit__(self, _, wrong, __):
        if self.is_alive():
            self.process.kill()
            self.process.wait()
        if panic := re.search(r"panicked at .*\n.*", self.log_file.read_text()):
            text = "the server " + panic[0].replace("\n", " ")
            want(wrong, text)
            wrong.add_note(text)


class Fleet:
    """Devices that send computable readings; what they were told is kept is in the journal."""

    def __init__(self, room, devices=4):
        self.devices, self.registry, self.journal = devices, room / "registry.toml", room / "journal.csv"
        self.start = (int(time.time() * 1000) - DAY_MS) // 60_000 * 60_000
        # One more is registered: it is for the caller.
        self._run("--devices", devices + 1, "--registry-out", self.registry).communicate(timeout=PATIENCE_S)

    def _run(self, *words):
        return subprocess.Popen([BINARY, "device", "fleet", *map(str, words)],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    @contextmanager
    def sending(self, server, *words):
        process = self._run("--devices", self.devices, "--server", server.devices, "--values", len(PARAMETERS),
                            "--start", rfc3339(self.start), "--journal", self.journal, "--json", *words)
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def spare_mn(self):
        return re.findall(r'mn = "(\w+)"', self.registry.read_text())[-1]

    def acknowledged(self):
        """How many frames of each device were acknowledged."""
        rows = (line.split(",") for line in self.journal.read_text().split()[1:])
        return {mn: int(frames) for mn, frames in rows}

    @staticmethod
    def value(device, number, place):
        """The value that a device sends at this place of its n-th frame."""
        seed = (device * 0x9E37_79B9_7F4A_7C15 ^ number * 0xD1B5_4A32_D192_ED03) & (1 << 64) - 1
        mixed = (seed ^ seed >> 29) + place * 0x9E37_79B9 & (1 << 64) - 1
        return (100_000 + (mixed >> 7) % 100_000) / 1000

    def want_kept(self, server):
        """Each acknowledged reading is there with its value, and the ledger accounts for it."""
        acknowledged = self.acknowledged()
        want(sum(acknowledged.values()) > 0, "nothing was acknowledged: nothing was tested")
        streams = {(row["device"], row["parameter"]): row["id"] for row in server.get("datastreams")
                   if row["device"] and row["period"] == "instant"}
        for mn, frames in acknowledged.items():
            for place, parameter in enumerate(PARAMETERS if frames else []):
                expected = {self.start + 1000 * n: self.value(int(mn[-8:], 16), n, place) for n in range(frames)}
                found = rows_of(server, streams[mn, parameter], self.start, self.start + 1000 * frames)[0]
                lost = [at for at, value in expected.items() if found.get(at) != value]
                want(not lost, f"{len(lost)} of {frames} acknowledged readings of {mn} {parameter} are not there "
                     f"as sent, first {lost and rfc3339(lost[0])}")
        stored = ledger(server)
        for mn, frames in acknowledged.items():
            want(stored.get(mn, 0) >= frames, f"ledger: {stored.get(mn, 0)} frames of {mn}, {frames} acknowledged")
        return acknowledged, stored


def ledger(server):
    """Frames stored, by device, of today and yesterday; both days balance."""
    stored, today = {}, (dt.datetime.now(SHANGHAI) + server.ahead).date()
    for day in (today - dt.timedelta(days=1), today):
        answer = server.get("ledger", day=day.isoformat(), by="device")
        for unit in ("frames", "readings"):
            count = dict(answer[unit])
            received = count.pop("received")
            want(answer["balanced"] and received == sum(count.values()), f"ledger of {day}, {unit}: {answer[unit]}")
        for row in answer["rows"]:
            if (row["unit"], row["disposition"]) == ("frame", "stored"):
                stored[row["device"]] = stored.get(row["device"], 0) + row["count"]
    return stored


def rows_of(server, datastream, start, end):
    """A series as a dict from time to value, and its gaps."""
    answer = server.get("readings", datastream=datastream, step="raw", **{"from": rfc3339(start), "to": rfc3339(end)})
    want(answer["truncated"] is None, "the answer is cut")
    columns = answer["columns"]
    return dict(zip(columns["time"], columns["value"], strict=True)), answer["gaps"]


# --- one device by hand ------------------------------------------------------------------------


def upload(mn):
    """An upload of one PM2.5 value that asks for an answer (HJ 212-2017)."""
    now = dt.datetime.now(SHANGHAI)
    text = (f"QN={now:%Y%m%d%H%M%S}001;ST=22;CN=2011;PW=123456;MN={mn};Flag=5;"
            f"CP=&&DataTime={now:%Y%m%d%H%M%S};a34004-Rtd=35.5,a34004-Flag=N&&").encode()
    return b"##%04d%s%04X\r\n" % (len(text), text, crc16(text))


def is_acknowledged(device, seconds):
    """Whether a 9014 comes in this time."""
    deadline, heard = time.monotonic() + seconds, b""
    while (left := deadline - time.monotonic()) > 0:
        device.settimeout(left)
        try:
            more = device.recv(4096)
        except TimeoutError:
            return False
        want(more, "the server closed the connection of a waiting device")
        heard += more
        if b"CN=9014" in heard:
            return True
    return False


# --- folders and disks -------------------------------------------------------------------------


@contextmanager
def small_disk(folder):
    """A tmpfs of DISK_BYTES; unmounted whatever happens."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", folder]
    try:
        done = subprocess.run(words, capture_output=True, text=True)
    except FileNotFoundError:
        raise Skipped("there is no mount command") from None
    if done.returncode != 0:
        why = done.stderr.strip().split("\n")[0]
        raise Skipped(f"a tmpfs cannot be mounted: {why}")
    try:
        yield folder
    finally:
        if subprocess.run(["umount", folder], capture_output=True).returncode != 0:
            subprocess.run(["umount", "--lazy", folder], check=True)


@functools.cache
def demo():
    """A data directory with four days of the simulated zone, the older ones sealed; and what it says."""
    data = ROOMS / "demo"
    words = [BINARY, "demo", "--once", "--days", "4", "--keep", data]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    want(done.returncode == 0, f"skyriver demo --once: exit {done.returncode}: {done.stderr[-500:]}")
    with Server(copy_of(data, ROOMS / "truth")) as server:
        want(server.health()["status"] == "ok", f"a sound directory is degraded: {server.health()}")
        streams = [row["id"] for row in server.get("datastreams") if row["device"] and row["period"] == "hour"]
        streams = streams[:: max(1, len(streams) // 40)]
        return data, {stream: recent(server, stream)[0] for stream in streams}


def recent(server, stream):
    now = int(time.time() * 1000)
    return rows_of(server, stream, now - 7 * DAY_MS, now)


def copy_of(data, to):
    return shutil.copytree(data, to, ignore=shutil.ignore_patterns("lock"))


def flip(content):
    """The same bytes but for eight in the middle."""
    middle = len(content) // 2
    return content[:middle] + bytes(byte ^ 0xFF for byte in content[middle : middle + 8]) + content[middle + 8 :]


def damaged_parquet(room):
    """A copy of the demo with one damaged file; the file's name and its UTC day."""
    data = copy_of(demo()[0], room / "data")
    file = max(data.glob("archive/readings/*/*.parquet"), default=None)
    want(file, "the demo sealed no day")
    file.write_bytes(flip(file.read_bytes()))
    day = dt.date.fromisoformat(file.parent.name.removeprefix("day="))
    return data, str(file.relative_to(data)), (day - dt.date(1970, 1, 1)).days


def damaged_blob(room):
    """A copy of the demo with its largest blob of readings damaged; and the blob's UTC day."""
    data = copy_of(demo()[0], room / "data")
    connection = sqlite3.connect(data / "skyriver.db")
    blob, content, day = connection.execute(
        "SELECT id, bytes, day FROM readings_blob ORDER BY count DESC LIMIT 1").fetchone()
    with connection:
        connection.execute("UPDATE readings_blob SET bytes = ? WHERE id = ?", (flip(content), blob))
    connection.close()
    return data, day


def want_rest_served(server, day):
    """Rows of other days are all there, on the damaged day none is invented; what is gone, by datastream."""
    lost = {}
    for stream, truth in demo()[1].items():
        found, gaps = recent(server, stream)
        of_day = {at for at in truth.keys() | found.keys() if at // DAY_MS == day}
        rest = [at for at in truth if at not in of_day and found.get(at, "gone") != truth[at]]
        want(not rest, f"datastream {stream}: {len(rest)} readings of sound days are not served as before")
        wrong = [at for at in of_day if at in found and truth.get(at, "none") != found[at]]
        want(not wrong, f"datastream {stream}: {len(wrong)} readings of the damaged day are invented")
        if gone := sorted(of_day - found.keys()):
            lost[stream] = gone, gaps
    want(lost, "nothing was lost on the damaged day: nothing was tested")
    return lost


def want_said(lost):
    """Each reading that is gone lies in a gap whose reason is the damage."""
    for stream, (gone, gaps) in lost.items():
        damaged = [(ms_of(gap["from"]), ms_of(gap["to"])) for gap in gaps if gap["reason"] == "damaged_file"]
        silent = [at for at in gone if not any(start <= at < end for start, end in damaged)]
        reasons = sorted({gap["reason"] for gap in gaps}) or "none"
        want(not silent, f"datastream {stream}: {len(silent)} readings are gone, the first of {rfc3339(gone[0])}, "
             f"and no gap says damaged_file (reasons of its gaps: {reasons})")


def ms_of(text):
    return round(dt.datetime.fromisoformat(text).timestamp() * 1000)


def want_problem(server, *words):
    """Health is degraded, and names the words in one problem."""
    health = server.health()
    want(health["status"] == "degraded", f"health says {health['status']}")
    texts = [problem["message"]["en"] for problem in health["problems"]]
    want(any(all(word in text for word in words) for text in texts), f"no problem of health has {words}: {texts}")


# --- the checks --------------------------------------------------------------------------------


def a_second_server_on_the_same_directory_is_refused(room):
    fleet = Fleet(room)
    with Server(room / "data", fleet.registry) as first:
        said = refused(room / "data")
        want(str(room / "data") in said, f"the message does not name the directory: {said}")
        want("another server" in said, f"the message does not say why: {said}")
        with fleet.sending(first, "--frames", 20) as sending:
            want(sending.wait(timeout=PATIENCE_S) == 0, "the first server no longer acknowledges")
        fleet.want_kept(first)
        want(first.health()["status"] == "ok", f"the first server is not well: {first.health()}")


def a_full_disk_costs_nothing_that_was_acknowledged(room):
    with small_disk(room / "disk") as disk:
        data, ballast, fleet = disk / "data", disk / "ballast", Fleet(room)
        with Server(data, fleet.registry) as server:
            free = os.statvfs(disk)
            fill = free.f_bavail * free.f_bsize - ROOM_BYTES
            with ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, fill)
            # More than three times what finds room: the disk is full before they are through.
            with fleet.sending(server, "--frames", 8000) as sending:
                until("health says degraded", lambda: server.health()["status"] == "degraded")
                while_full(server, fleet, ballast)
                want(sending.wait(timeout=PATIENCE_S) == 0, "the fleet was not answered, or broke off")
                want(json.loads(sending.stdout.read())["broken"] == 0, "connections broke")
            acknowledged, stored = fleet.want_kept(server)
            want(set(acknowledged.values()) == {8000}, f"not every frame was acknowledged: {acknowledged}")
            want(stored == acknowledged | {fleet.spare_mn(): 1}, f"the ledger says {stored}")
            server.end(signal.SIGKILL)
        with Server(data, fleet.registry) as server:
            fleet.want_kept(server)


def while_full(server, fleet, ballast):
    """The disk is full: a device waits unanswered, nothing more is kept; with space again, all goes on."""
    want_problem(server, "no space left", "skyriver.db")
    before = server.health()["sequence"]
    host, port = server.devices.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as device:
        device.sendall(upload(fleet.spare_mn()))
        want(not is_acknowledged(device, UNANSWERED_S), "a frame was acknowledged that could not be kept")
        want(server.is_alive(), "the process died of a full disk")
        want_problem(server, "no space left", "skyriver.db")
        want(server.health()["sequence"] == before, "the log grew though it could not be written")
        want(fleet.spare_mn() not in ledger(server), "the ledger counts a frame that was not kept")
        ballast.unlink()
        want(is_acknowledged(device, PATIENCE_S), "there is space again, and the waiting frame is not acknowledged")
    until("health is ok again", lambda: server.health()["status"] == "ok")
    texts = [line["fields"].get("error", "") for line in server.log("ERROR")]
    want(any("no space left" in text for text in texts), f"the log does not say why nothing was kept: {texts}")


def a_read_only_directory_is_refused_with_what_to_do(room):
    if os.geteuid() == 0:
        # Who may write everywhere is stopped by the file system only.
        with small_disk(room / "disk") as disk:
            with Server(disk / "data") as server:
                want(server.end() == 0, "exit code")
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
            said, data = refused(disk / "data"), disk / "data"
    else:
        data = room / "data"
        data.mkdir(mode=0o555)
        said = refused(data)
    want(str(data) in said, f"the message does not name the directory: {said}")
    want("read-only" in said, f"the message does not say why: {said}")
    advice = re.search(r"right to write|permission to write|read-write|chown|chmod", said)
    want(advice, f"the message does not say what to do: {said}")


def of_a_damaged_parquet_file_the_rest_is_served_and_health_names_it(room):
    data, name, day = damaged_parquet(room)
    with Server(data) as server:
        want_said(want_rest_served(server, day))
        want_problem(server, name)
        ledger(server)
        want(server.end() == 0, "exit code")


def a_damaged_parquet_file_is_named_in_the_log_at_the_latest_at_the_next_start(room):
    data, name, day = damaged_parquet(room)
    for _ in range(2):
        with Server(data) as server:
            want_rest_served(server, day)
            want(server.end() == 0, "exit code")
            if any(name in json.dumps(line) for line in server.log("ERROR") + server.log("WARN")):
                return
    raise Wrong(f"{name} was found damaged while reading, and neither that server's log nor the next one's names it")


def of_a_damaged_blob_the_rest_is_served_and_log_and_health_name_it(room):
    data, day = damaged_blob(room)
    with Server(data) as server:
        want_rest_served(server, day)
        want_problem(server, "skyriver.db", "readings_blob", f"day {day}")
        named = [line for line in server.log("ERROR") if "readings_blob" in json.dumps(line)]
        want(named, "the log does not name the damaged blob")
        ledger(server)
        want(server.end() == 0, "exit code")
    with Server(data) as server:
        want_problem(server, "skyriver.db", "readings_blob", f"day {day}")


def readings_of_a_damaged_blob_are_a_gap_that_says_damaged(room):
    data, day = damaged_blob(room)
    with Server(data) as server:
        want_said(want_rest_served(server, day))


def sigterm_ends_with_exit_0_and_a_clean_log_while_devices_send(room):
    fleet = Fleet(room)
    with Server(room / "data", fleet.registry) as server, sending_soon(fleet, server) as sending:
        code = server.end()
        sending.wait(timeout=PATIENCE_S)
        want(code == 0, f"exit code {code}")
        bad = [line for line in server.log() if line["level"] in ("ERROR", "WARN")]
        want(not bad, f"the log is not clean: {bad}")
        last = server.log()[-1]["fields"]["message"]
        want(last == "stopped", f"the last line of the log is {last!r}")
    with Server(room / "data", fleet.registry) as server:
        fleet.want_kept(server)


def after_kill_9_a_start_finds_all_that_was_acknowledged(room):
    fleet = Fleet(room)
    with Server(room / "data", fleet.registry) as server, sending_soon(fleet, server) as sending:
        server.end(signal.SIGKILL)
        sending.wait(timeout=PATIENCE_S)
    with Server(room / "data", fleet.registry) as server:
        fleet.want_kept(server)
        want(server.health()["status"] == "ok", f"not well after kill -9: {server.health()}")
        want(server.end() == 0, "the restarted server does not end well")


@contextmanager
def sending_soon(fleet, server):
    """A fleet that sends; the block begins when a few hundred frames are kept."""
    with fleet.sending(server, "--seconds", PATIENCE_S, "--rate", 500) as sending:
        until("frames are kept", lambda: server.health()["sequence"] >= 500)
        yield sending


def a_newer_database_format_is_refused_with_both_numbers(room):
    data = room / "data"
    with Server(data) as server:
        want(server.end() == 0, "exit code")

    def version(new=None):
        connection = sqlite3.connect(data / "skyriver.db")
        with connection:
            if new is not None:
                connection.execute(f"PRAGMA user_version = {new}")
            found = connection.execute("PRAGMA user_version").fetchone()[0]
        connection.close()
        return found

    known = version()
    version(known + 98)
    said = refused(data)
    want(str(data / "skyriver.db") in said, f"the message does not name the database: {said}")
    numbers = re.search(rf"\b{known + 98}\b.*newer.*\b{known}\b", said)
    want(numbers, f"the message does not say that {known + 98} is newer than {known}: {said}")
    want(version() == known + 98, "the refused database was changed")
    version(known)
    with Server(data) as server:
        want(server.health()["status"] == "ok", "the directory does not serve with its own format again")


CHECKS = [
    a_second_server_on_the_same_directory_is_refused,
    a_full_disk_costs_nothing_that_was_acknowledged,
    a_read_only_directory_is_refused_with_what_to_do,
    of_a_damaged_parquet_file_the_rest_is_served_and_health_names_it,
    a_damaged_parquet_file_is_named_in_the_log_at_the_latest_at_the_next_start,
    of_a_damaged_blob_the_rest_is_served_and_log_and_health_name_it,
    readings_of_a_damaged_blob_are_a_gap_that_says_damaged,
    sigterm_ends_with_exit_0_and_a_clean_log_while_devices_send,
    after_kill_9_a_start_finds_all_that_was_acknowledged,
    a_newer_database_format_is_refused_with_both_numbers,
]


def run(check):
    """One check in a folder of its own; `passed`, `failed` or `skipped`."""
    sentence = check.__name__.replace("_", " ")
    room = ROOMS / check.__name__[:40]
    room.mkdir()
    try:
        check(room)
    except Skipped as why:
        print(f"skipped {sentence}: {why}", flush=True)
        return "skipped"
    except Exception as what:  # a defect of one check or an unexpected answer must not hide the others
        text = str(what) if isinstance(what, Wrong) else f"{type(what).__name__}: {what}"
        text = "; ".join([text, *getattr(what, "__notes__", [])])
        print(f"FAILED {sentence}: {text}", flush=True)
        return "failed"
    print(f"ok {sentence}", flush=True)
    return "passed"


def start(checks):
    """Runs checks and ends with their outcome; checks of another file use this one's world."""
    global BINARY, ROOMS
    if not BINARY:
        sys.exit("set TEST_BINARY to the path of the program: TEST_BINARY=target/release/skyriver "
                 f"python3 {sys.argv[0]}")
    BINARY = os.path.abspath(BINARY)
    # Ended from outside, it still ends its servers and unmounts its disks.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="skyriver-faults-") as folder:
        ROOMS = Path(folder)
        outcomes = [run(check) for check in checks]
    counts = {name: outcomes.count(name) for name in ("passed", "failed", "skipped")}
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}")
    sys.exit(1 if counts["failed"] else 0)


if __name__ == "__main__":
    start(CHECKS)
