#!/usr/bin/env python3
"""People at once on the board of cases: each opens it, looks for some seconds, and asks again.

    skyriver demo --port 8080        (in another window; it prints the accounts and their passwords)
    python3 tests/independent/speed_board.py http://127.0.0.1:8080 operator PASSWORD [PEOPLE [SECONDS]]

Every one has a connection of his own and asks what the page asks: the stages, and the open cases. Prints the
middle, the 95th and the 99th hundredth of the times to the whole answer, and how many bytes it had. A measure, no test.
"""

import asyncio
import json
import random
import sys
import time
import urllib.parse
import urllib.request

PATHS = ("/api/v1/cases/board", "/api/v1/cases?which=open&q=&limit=500")
LOOK_S = 5.0


def sign_in(base, name, password):
    body = json.dumps({"name": name, "password": password}).encode()
    request = urllib.request.Request(f"{base}/api/v1/session", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return answer.headers["set-cookie"].split(";")[0]


async def ask(reader, writer, path, host, cookie):
    writer.write(f"GET {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\naccept-encoding: gzip\r\n\r\n".encode())
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    if " 200 " not in head.split("\r\n")[0]:
        raise SystemExit(f"{path}: {head.splitlines()[0]}")
    if "content-length:" in head:
        size = int(head.split("content-length:")[1].split()[0])
        await reader.readexactly(size)
        return size
    size = 0
    while count := int((await reader.readline()).strip() or b"0", 16):
        await reader.readexactly(count + 2)
        size += count
    await reader.readline()
    return size


async def person(address, host, cookie, end, found):
    await asyncio.sleep(random.uniform(0, LOOK_S))
    reader, writer = await asyncio.open_connection(*address)
    while time.monotonic() < end:
        began = time.monotonic()
        size = sum([await ask(reader, writer, path, host, cookie) for path in PATHS])
        found.append((time.monotonic() - began, size))
        await asyncio.sleep(LOOK_S * random.uniform(0.5, 1.5))
    writer.close()


async def main():
    base, name, password = sys.argv[1:4]
    people, seconds = (int(text) for text in (sys.argv[4:6] + ["500", "30"][len(sys.argv[4:6]):]))
    url = urllib.parse.urlsplit(base)
    cookie, found = sign_in(base, name, password), []
    end = time.monotonic() + seconds
    everybody = (person((url.hostname, url.port), url.netloc, cookie, end, found) for _ in range(people))
    await asyncio.gather(*everybody)
    times = sorted(taken for taken, _ in found)
    at = lambda share: 1_000 * times[min(int(share * len(times)), len(times) - 1)]
    print(f"{people} people, {len(times)} boards in {seconds} s, {found[0][1]} bytes each: "
          f"p50 {at(0.5):.0f} ms, p95 {at(0.95):.0f} ms, p99 {at(0.99):.0f} ms, most {at(1):.0f} ms")


asyncio.run(main())
