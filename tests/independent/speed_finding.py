#!/usr/bin/env python3
"""From the reading that completes a rule to the event on an open page, while a district's load comes in.

    TEST_BINARY=target/release/skyriver python3 tests/independent/speed_finding.py [SITES [LOAD_PER_S]]

Each of SITES dust sites (far apart: a rise of all together would be no news) has sent five-minute PM10 above 250 µg/m³ for a quarter of an hour but one; the time runs from the
moment at which the last frame is written to the socket until the stream of events says `finding`. Meanwhile LOAD_PER_S
frames a second come from others (300 stations send five). A measure, no test.
"""

import datetime as dt
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

from server import Server, crc16

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
STEP = dt.timedelta(minutes=5)
PLACE = """[[place]]
key = "{key}"
name = {{ zh = "{key}", en = "{key}" }}
kind = "{kind}"
lon = {lon}
lat = 34.2

[[device]]
mn = "{key}"
place = "{key}"
dialect = "2017"
"""


def frame(mn, command, time_, body):
    now = dt.datetime.now(SHANGHAI)
    text = (f"QN={now:%Y%m%d%H%M%S}{now.microsecond // 1000:03};ST=22;CN={command};PW=123456;MN={mn};Flag=5;"
            f"CP=&&DataTime={time_:%Y%m%d%H%M%S};{body}&&").encode()
    return b"##%04d%s%04X\r\n" % (len(text), text, crc16(text))


def load(address, names, rate, end):
    """Others send what they measure, in turn."""
    with socket.create_connection(address) as line:
        at = 0
        while not end.is_set():
            line.sendall(frame(names[at % len(names)], 2011, dt.datetime.now(SHANGHAI), "a34004-Rtd=35.5,a34004-Flag=N"))
            line.setblocking(False)
            try:
                line.recv(65536)
            except BlockingIOError:
                pass
            line.setblocking(True)
            at += 1
            time.sleep(1 / rate)


def listen(netloc, heard):
    host, port = netloc.split(":")
    with socket.create_connection((host, int(port))) as page:
        page.sendall(f"GET /api/v1/events HTTP/1.1\r\nhost: {netloc}\r\naccept: text/event-stream\r\n\r\n".encode())
        for row in page.makefile("rb"):
            if row.startswith(b"event:") and b"finding" in row:
                heard.append(time.monotonic())


def main():
    sites, rate = (int(text) for text in (sys.argv[1:3] + ["60", "50"][len(sys.argv[1:3]):]))
    with tempfile.TemporaryDirectory(prefix="skyriver-finding-") as folder:
        dust = [f"dust{n:04}" for n in range(sites)]
        others = [f"other{n:04}" for n in range(300)]
        rows = [PLACE.format(key=key, kind="dust_site", lon=73 + n % 60) for n, key in enumerate(dust)]
        rows += [PLACE.format(key=key, kind="micro_station", lon=113 + 0.01 * n) for n, key in enumerate(others)]
        Path(folder, "registry.toml").write_text("\n".join(rows))
        with Server(folder) as server:
            host, port = server.devices.rsplit(":", 1)
            address, end, heard, took = (host, int(port)), threading.Event(), [], []
            threading.Thread(target=load, args=(address, others, rate, end), daemon=True).start()
            netloc = f"{server.page.host}:{server.page.port}"
            threading.Thread(target=listen, args=(netloc, heard), daemon=True).start()
            now = dt.datetime.now(SHANGHAI)
            last = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0) - STEP
            lines = {key: socket.create_connection(address) for key in dust}
            tell = lambda key, time_, value: lines[key].sendall(
                frame(key, 2051, time_, f"a34002-Avg={value},a34002-Flag=N"))
            for key in dust:
                for back, value in ((5, 80), (4, 90), (3, 85), (2, 260), (1, 270)):
                    tell(key, last - back * STEP, value)
            time.sleep(5)
            heard.clear()
            for key in dust:
                begun, before = time.monotonic(), len(heard)
                tell(key, last, 280)
                while len(heard) == before and time.monotonic() - begun < 3:
                    time.sleep(0.001)
                if len(heard) > before:
                    took.append(heard[before] - begun)
                time.sleep(0.2)
            end.set()
    took.sort()
    at = lambda share: 1_000 * took[min(int(share * len(took)), len(took) - 1)]
    print(f"{len(took)} of {sites} sites raised on the page, {rate} frames a second beside: "
          + (f"p50 {at(0.5):.0f} ms, p99 {at(0.99):.0f} ms, most {at(1):.0f} ms" if took else "nothing was heard"))


main()
