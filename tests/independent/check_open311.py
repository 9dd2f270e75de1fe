#!/usr/bin/env python3
"""Open311 GeoReport v2 as a client of another house sees it: standard library only, by what the specification says.

Starts the real program on a fresh directory, makes a key, reports in JSON and in XML, and reads back: both forms say the
same, every field of the specification is there and of its kind, filters hold, errors are as specified, nothing that
somebody wrote or who wrote it is told to the public. TEST_BINARY names the program.
"""

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET

BINARY = os.path.abspath(os.environ.get("TEST_BINARY", "target/release/skyriver"))
PASSWORD = "correct horse battery"
# GeoReport v2, GET requests: field and kinds that its value may have.
FIELDS = {
    "service_request_id": str, "status": str, "status_notes": (str, type(None)), "service_name": str, "service_code": str,
    "description": (str, type(None)), "agency_responsible": (str, type(None)), "service_notice": (str, type(None)),
    "requested_datetime": str, "updated_datetime": str, "expected_datetime": (str, type(None)),
    "address": (str, type(None)), "address_id": (str, type(None)), "zipcode": (str, type(None)),
    "lat": (float, type(None)), "long": (float, type(None)), "media_url": (str, type(None)),
}
SERVICE = {"service_code": str, "service_name": str, "description": str, "metadata": bool, "type": str, "keywords": str,
           "group": (str, type(None))}


def want(holds, what):
    if not holds:
        raise AssertionError(what)


class Client:
    def __init__(self, base):
        self.base = base
        self.headers = {}

    def ask(self, path, form=None, headers=None):
        data = urllib.parse.urlencode(form).encode() if isinstance(form, dict) else form
        request = urllib.request.Request(self.base + path, data=data, headers={**self.headers, **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()

    def json(self, path, form=None, status=200):
        code, headers, text = self.ask(path, form)
        want(code == status and headers["Content-Type"].startswith("application/json"), f"{path}: {code} {text}")
        return json.loads(text)

    def xml(self, path, form=None, status=200):
        code, headers, text = self.ask(path, form)
        want(code == status and headers["Content-Type"].startswith("text/xml"), f"{path}: {code} {text}")
        return ET.fromstring(text)


def key(address):
    """A token of the operator with the right to report."""
    def post(path, body, headers):
        request = urllib.request.Request(f"http://{address}/api/v1{path}", json.dumps(body).encode(),
                                         {"Content-Type": "application/json", **headers})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.headers, json.loads(answer.read())
    headers, session = post("/session", {"name": "operator", "password": PASSWORD}, {})
    own = {"Cookie": headers["Set-Cookie"].split(";")[0], "X-Skyriver-CSRF": session["csrf"]}
    return post("/tokens", {"purpose": "an app", "rights": ["file"], "days": 1}, own)[1]["text"]


def fields(rows, known, what):
    for row in rows:
        for name, kind in known.items():
            want(name in row and isinstance(row[name], kind), f"{what}: {name} is {row.get(name)!r}")


def same(rows, root, item):
    """The XML says what the JSON says."""
    found = root.findall(item)
    want(len(found) == len(rows), f"{len(found)} of {len(rows)}")
    for row, element in zip(rows, found):
        for name, value in row.items():
            if isinstance(value, (dict, list)):
                continue
            text = element.findtext(name) or ""
            said = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            want(text == said, f"{name}: {text!r} and {said!r}")


def main():
    with tempfile.TemporaryDirectory(prefix="skyriver-open311-") as folder:
        store = ["--set", f"store.dir={folder}/data"]
        subprocess.run([BINARY, "user", "add", "operator", "--role", "operator", *store], input=PASSWORD + "\n", text=True,
                       check=True, capture_output=True, timeout=120)
        words = [word for pair in ("http.listen=127.0.0.1:0", "hj212.listen=127.0.0.1:0", "log.format=json") for word in ("--set", pair)]
        process = subprocess.Popen([BINARY, "serve", *store, *words], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        try:
            address = None
            for line in process.stderr:
                if line.startswith("{") and "page" in (said := json.loads(line)["fields"]):
                    address = urllib.parse.urlsplit(said["page"]).netloc
                    break
            want(address, "the server did not start")
            # Read on, or the pipe fills and the server waits.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            check(Client(f"http://{address}"), key(address))
        finally:
            process.terminate()
            process.wait(timeout=60)
    print("Open311: discovery, services, requests, reports and errors are as GeoReport v2 has them")


def check(client, api_key):
    root = "/open311/v2"
    discovery = client.json(f"{root}/discovery.json")
    want(discovery["endpoints"][0]["url"].endswith(root), discovery)
    services = client.json(f"{root}/services.json")
    fields(services, SERVICE, "service")
    same(services, client.xml(f"{root}/services.xml"), "service")
    code = services[0]["service_code"]
    want(client.json(f"{root}/services/{code}.json")["service_code"] == code, "definition")
    numbers = []
    for at, (form, call) in enumerate((("json", client.json), ("xml", client.xml))):
        report = {"api_key": api_key, "service_code": code, "lat": f"22.5{at}1234", "long": "114.051234",
                  "description": f"安娜说 <{at}> & more", "first_name": "Ann", "email": "ann@mail.example"}
        kept = call(f"{root}/requests.{form}", report, status=201)
        number = kept[0]["service_request_id"] if form == "json" else kept.find("request").findtext("service_request_id")
        again = call(f"{root}/requests.{form}", report, status=201)
        twice = again[0]["service_request_id"] if form == "json" else again.find("request").findtext("service_request_id")
        want(number and number == twice, f"sent twice it is {number} and {twice}")
        numbers.append(number)
    rows = client.json(f"{root}/requests.json")
    fields(rows, FIELDS, "request")
    want([row["service_request_id"] for row in rows] == numbers[::-1], "the newest first")
    same(rows, client.xml(f"{root}/requests.xml"), "request")
    for row in rows:
        for name in ("requested_datetime", "updated_datetime"):
            want(dt.datetime.fromisoformat(row[name].replace("Z", "+00:00")).tzinfo, name)
        want(row["status"] in ("open", "closed") and row["lat"] == round(row["lat"], 3), row)
        said = json.dumps(row, ensure_ascii=False)
        want(not any(word in said for word in ("Ann", "安娜", "operator", "mail.example")), said)
    both = client.json(f"{root}/requests.json?service_request_id={','.join(numbers)}")
    want(len(both) == 2, both)
    want(client.json(f"{root}/requests.json?status=closed") == [], "none is closed")
    want(client.json(f"{root}/requests.json?page=2&page_size=1")[0]["service_request_id"] == numbers[0], "the second page")
    past = urllib.parse.urlencode({"start_date": "2020-01-01T00:00:00Z", "end_date": "2020-02-01T00:00:00Z"})
    want(client.json(f"{root}/requests.json?{past}") == [], "none is of 2020")
    history = client.json(f"{root}/requests/{numbers[0]}.json?extensions=true")[0]["extended_attributes"]["history"]
    want(history[0]["step"] == "reported" and "who" not in history[0], history)
    for path, form, status in (
        ("requests/2026-999999.json", None, 404), ("requests.json?status=lost", None, 400),
        ("requests.json", {"service_code": code}, 401), ("requests.json", {"api_key": api_key}, 400),
        ("requests.json", {"api_key": api_key, "service_code": "none", "lat": "1", "long": "1"}, 404),
    ):
        errors = client.json(f"{root}/{path}", form, status)
        want(errors[0]["code"] == status and errors[0]["description"], errors)
        error = client.xml(f"{root}/{path.replace('.json', '.xml')}", form, status)
        want(error.tag == "errors" and error.find("error").findtext("code") == str(status), ET.tostring(error))


sys.exit(main())
