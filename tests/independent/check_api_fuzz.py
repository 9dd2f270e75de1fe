#!/usr/bin/env python3
"""Every route of the API fuzzed from its own document by schemathesis: no 5xx, no answer that hangs, by
nobody and by each of the three managers.

Makes a virtual environment under `target/` and skips when the package cannot be had. The server is a fresh
one with the three managers only; what is asked of it may do anything to it but end it. The live stream
has no end and is left out; so is what would sign the asking one out.
"""

import http.client
import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from urllib.parse import urlsplit

from server import BINARY

VENV = Path(__file__).resolve().parents[2] / "target" / "venv-fuzz"
PACKAGE = "schemathesis==4.32.5"
PASSWORD = "a sentence for the fuzzer"
EXAMPLES = int(sys.argv[1]) if len(sys.argv) > 1 else 6
SECONDS_MAX = 35  # of each of the four who ask
LEFT_OUT = ["^/api/v1/events$", "^/api/v1/me/sessions/", "^/api/v1/users/{name}/access$"]


def schemathesis():
    """The command; None when it cannot be had."""
    own = VENV / "bin" / "st"
    if own.exists() and subprocess.run([own, "--version"], capture_output=True).returncode == 0:
        return own
    try:
        venv.create(VENV, with_pip=True)
        subprocess.run([VENV / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", PACKAGE],
                       check=True, capture_output=True, timeout=240)
    except Exception as error:  # No network, no venv module: told, not failed.
        print(f"skipped: {PACKAGE} cannot be had ({error})")
        return None
    return own


def started(folder):
    """A server on a fresh directory, its address, and the tokens of the printed links by role."""
    sets = {"store.dir": f"{folder}/data", "http.listen": "127.0.0.1:0", "hj212.listen": "127.0.0.1:0",
            "log.level": "error", "http.limits.anonymous_per_min_max": "100000000"}
    words = [word for key, value in sets.items() for word in ("--set", f"{key}={value}")]
    process = subprocess.Popen([BINARY, "serve", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    tokens, role = {}, None
    while len(tokens) < 3:
        line = process.stdout.readline()
        if not line:
            raise SystemExit(f"the server ended before it printed its links: exit {process.wait()}")
        if "/setup#token=" in line:
            url = line.strip()
            tokens[role] = url.rsplit("=", 1)[1]
        else:
            role = line.split("·")[0].strip()
    return process, urlsplit(url).netloc, tokens


def signed_in(address, role, token):
    """Makes the first of a manager; the headers that a request of theirs carries."""
    page = http.client.HTTPConnection(address, timeout=30)
    body = json.dumps({"token": token, "name": f"the-{role}", "password": PASSWORD})
    page.request("POST", "/api/v1/setup", body, {"Content-Type": "application/json"})
    answer = page.getresponse()
    said = json.loads(answer.read())
    if answer.status != 200:
        raise SystemExit(f"/setup for {role}: {answer.status} {said}")
    return ["-H", f"Cookie: {answer.headers['Set-Cookie'].split(';')[0]}", "-H", f"X-Skyriver-CSRF: {said['csrf']}"]


def fuzzed(st, folder, address, who, headers):
    """Runs the fuzzer as somebody; whether all was well."""
    command = [st, "run", f"http://{address}/api/v1/openapi.json", "--url", f"http://{address}",
               "--checks", "not_a_server_error", "--request-timeout", "20", "--max-examples", str(EXAMPLES),
               "--phases", "examples,fuzzing", "--max-time", str(SECONDS_MAX), "--workers", "2",
               "--seed", "1", "--warnings", "off", "--no-color", "--continue-on-failure",
               "--exclude-by", "#/operationId == 'sign_out'", "--suppress-health-check", "all", *headers]
    for pattern in LEFT_OUT:
        command += ["--exclude-path-regex", pattern]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=folder)
    tail = [line for line in done.stdout.splitlines() if "cases" in line or "passed" in line or "generated" in line]
    print(f"{who}: exit {done.returncode}; {' · '.join(line.strip() for line in tail[-3:])}")
    if done.returncode != 0:
        print(done.stdout[-6000:], done.stderr[-2000:])
    return done.returncode == 0


def main():
    st = schemathesis()
    if st is None:
        return 0
    with tempfile.TemporaryDirectory(prefix="skyriver-fuzz-") as folder:
        process, address, tokens = started(folder)
        try:
            asking = [("nobody", [])]
            asking += [(role, signed_in(address, role, token)) for role, token in tokens.items()]
            results = [fuzzed(st, folder, address, who, headers) for who, headers in asking]
            page = http.client.HTTPConnection(address, timeout=30)
            page.request("GET", "/api/v1/health")
            is_alive = page.getresponse().status == 200
        finally:
            process.terminate()
            code = process.wait(timeout=60)
            errors = process.stdout.read()
        if errors.strip():
            print("the log of the server:", errors[-3000:])
    is_well = all(results) and is_alive and code == 0
    print("no 5xx, no hang" if is_well else "NOT WELL")
    return 0 if is_well else 1


sys.exit(main())
