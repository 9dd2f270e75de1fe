#!/usr/bin/env python3
"""What `skyriver verify` says and what `skyriver backup` brings back, with the real program.

A server is copied under load and killed; then everything that is kept is read again. Damage is made from
outside and has to be named. TEST_BINARY names the program.
"""

import datetime as dt
import json
import signal
import subprocess

import check_faults as world


def verify(data):
    """Whether `skyriver verify` says that all is well, and what it printed."""
    done = subprocess.run([world.BINARY, "verify", "--dir", data], capture_output=True, text=True, timeout=120)
    return done.returncode == 0, done.stdout + done.stderr


def verify_counts_what_was_kept_after_kill_9_and_a_backup_brings_it_back(room):
    fleet = world.Fleet(room)
    with world.Server(room / "data", fleet.registry) as server, world.sending_soon(fleet, server) as sending:
        copied = subprocess.run([world.BINARY, "backup", room / "backup", "--dir", room / "data"],
                                capture_output=True, text=True, timeout=120)
        world.want(copied.returncode == 0, f"no backup under load: {copied.stderr}")
        server.end(signal.SIGKILL)
        sending.wait(timeout=world.PATIENCE_S)
    for data in (room / "data", room / "backup"):
        is_well, said = verify(data)
        world.want(is_well, f"verify of {data.name}: {said}")
    restored = subprocess.run([world.BINARY, "restore", room / "backup", room / "restored"],
                              capture_output=True, text=True, timeout=120)
    world.want(restored.returncode == 0, f"restore: {restored.stdout}{restored.stderr}")
    with world.Server(room / "restored", fleet.registry) as server:
        world.want(server.health()["status"] == "ok", f"the restored directory is not well: {server.health()}")
        world.want(server.health()["sequence"] >= 500, "what was kept before the backup is not in it")
        world.ledger(server)


def verify_names_the_first_damaged_place(room):
    data, name, _ = world.damaged_parquet(room)
    is_well, said = verify(data)
    world.want(not is_well and name in said, f"verify does not name {name}: {said}")
    data, _ = world.damaged_blob(room / "blob")
    is_well, said = verify(data)
    world.want(not is_well and "readings_blob" in said, f"verify does not name the blob: {said}")


def a_data_directory_is_judged_as_its_server_judges_it(room):
    data, _ = world.demo()
    copy = world.copy_of(data, room / "data")
    done = subprocess.run([world.BINARY, "assess", "air", "--dir", copy, "--period", "day", "--json"],
                          capture_output=True, text=True, timeout=120)
    world.want(done.returncode == 0, f"assess --dir: {done.stderr}")
    judged = [json.loads(line) for line in done.stdout.splitlines()]
    with world.Server(copy) as server:
        days = sorted({row["time"] for row in judged})
        for station in sorted({row["station"] for row in judged})[:3]:
            after = (dt.date.fromisoformat(days[-1]) + dt.timedelta(days=1)).isoformat()
            said = server.get("index/day", place=station, **{"from": days[0], "to": after})["items"]
            said = {local_day(item["start"]): (item["aqi"], item["level"], item["primary"]) for item in said}
            own = {row["time"]: (row["aqi"], row["level"], row["primary"]) for row in judged
                   if row["station"] == station and row["aqi"] is not None}
            world.want(own, f"{station}: no day has an index")
            differ = {day: (value, said.get(day)) for day, value in own.items() if said.get(day) != value}
            world.want(not differ, f"{station}: assess --dir and the server differ: {differ}")


def local_day(start):
    return dt.datetime.fromisoformat(start).astimezone(world.SHANGHAI).date().isoformat()


if __name__ == "__main__":
    world.start([
        verify_counts_what_was_kept_after_kill_9_and_a_backup_brings_it_back,
        verify_names_the_first_damaged_place,
        a_data_directory_is_judged_as_its_server_judges_it,
    ])
