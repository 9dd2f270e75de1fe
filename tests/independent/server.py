"""The program under test as a process, and its API as a client sees it."""

import datetime as dt
import http.client
import json
import os
import signal
import struct
import subprocess
import threading
from decimal import Decimal
from urllib.parse import quote, urlencode, urlsplit

BINARY = os.environ.get("TEST_BINARY", "target/release/skyriver")
DAY_MS = 86_400_000
# Small, so that a month of hours is more than one page.
ROWS_MAX = 500


def rfc3339(time):
    return dt.datetime.fromtimestamp(time / 1000, dt.timezone.utc).isoformat(timespec="milliseconds")


def run(*arguments):
    """Runs the program; what it prints."""
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise SystemExit(f"skyriver {' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def start(*arguments):
    """Starts the program and leaves it running; nobody reads what it prints."""
    silent = subprocess.DEVNULL
    return subprocess.Popen([BINARY, *arguments], stdout=silent, stderr=silent)


def crc16(text):
    """The checksum of HJ 212."""
    crc = 0xFFFF
    for byte in text:
        crc = crc >> 8 ^ byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


class Server:
    """`skyriver serve` on a data directory; `errors` are the error lines of its log."""

    def __init__(self, folder):
        settings = {
            "store.dir": f"{folder}/data", "district.registry": f"{folder}/registry.toml",
            "http.listen": "127.0.0.1:0", "hj212.listen": "127.0.0.1:0", "log.format": "json",
            "http.limits.rows_max": ROWS_MAX,
        }
        sets = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        self.process = subprocess.Popen([BINARY, "serve", *sets], stderr=subprocess.PIPE, text=True)
        self.errors = []
        for line in self.process.stderr:
            if line.startswith("{") and "page" in (fields := json.loads(line)["fields"]):
                break
        else:
            raise SystemExit(f"the server ended before it listened: exit {self.process.wait()}")
        self.devices = fields["devices"]
        self.page = http.client.HTTPConnection(urlsplit(fields["page"]).netloc, timeout=60)
        self.reader = threading.Thread(target=self._read_log, daemon=True)
        self.reader.start()

    def _read_log(self):
        self.errors += [line for line in self.process.stderr if '"level":"ERROR"' in line]

    def end(self, how=signal.SIGTERM):
        """Sends a signal and waits; the exit code."""
        self.page.close()
        self.process.send_signal(how)
        code = self.process.wait(timeout=120)
        self.reader.join()
        self.process.stderr.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end(signal.SIGKILL)

    def _get(self, route, query):
        query = {name: value for name, value in query.items() if value is not None}
        self.page.request("GET", f"/api/v1/{route}?{urlencode(query, quote_via=quote)}")
        answer = self.page.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{route} {query}: {answer.status} {body[:500]!r}")
        return answer, body

    def get(self, route, **query):
        """An answer in JSON, its numbers exactly as they are written."""
        return json.loads(self._get(route, query)[1], parse_float=Decimal)

    def series(self, datastream, first, last, form):
        """Every row from `first` to `last` and a day around: (time, value, sequence, flag)."""
        rows, start, end = [], first - DAY_MS, rfc3339(last + DAY_MS)
        while True:
            query = {"datastream": datastream, "from": rfc3339(start), "to": end, "step": "raw"}
            page, left_out = (self._columns if form == "columns" else self._json)(query)
            rows += page
            if not left_out:
                return rows
            start = page[-1][0] + 1

    def _json(self, query):
        answer = self.get("readings", **query)
        columns = answer["columns"]
        rows = zip(columns["time"], columns["value"], columns["sequence"], columns["flag"], strict=True)
        return list(rows), answer["truncated"] is not None

    def _columns(self, query):
        answer, body = self._get("readings", query | {"format": "columns"})
        magic, n = struct.unpack_from("<4sI", body)
        if magic != b"SKY1" or len(body) != 16 + 26 * n:
            raise SystemExit(f"readings {query}: not the documented columns")
        cells = struct.unpack_from(f"<{3 * n}d{n}h", body, 16)
        times, values, sequences, flags = (cells[k * n : (k + 1) * n] for k in range(4))
        # The shortest text of a float is the decimal that it stands for.
        decimals = (None if value != value else Decimal(repr(value)) for value in values)
        rows = zip(map(int, times), decimals, map(int, sequences), flags, strict=True)
        return list(rows), int(answer.headers["x-rows-available"]) > n
