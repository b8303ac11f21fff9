#!/usr/bin/env python3
"""Kills lares-capture, the daemon that keeps it running and the line to the service at random moments, and compares the
archive with the numbers that were sent.

    capture.py [--seconds 30] [--seed N] [--long] [--keep]

Two captures of one numbered stream: with cursors no number may be missing or double after `verify --repair`; without
cursors every number that is missing lies within a gap that was written down. --long goes on for ten minutes.
"""

import argparse
import gzip
import json
import os
import random
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../whole"))
from capture_servers import Proxy, Service  # noqa: E402
from harness import House, until  # noqa: E402
from test_capture import CAPTURE, Archive  # noqa: E402

# A capture that falls over within a second is held back by Lares, as it should be.
BETWEEN_KILLS = 1.6


def numbers_of(archive, name):
    out = []
    for path in archive.files():
        if f"/archive/{name}/" in path:
            with gzip.open(path, "rt", encoding="utf-8") as file:
                out += [json.loads(line)["seq"] for line in file]
    return out


def missing_outside_gaps(archive, name, numbers):
    bounds = [(int(gap["after"]["id"]), int(gap["before"]["id"])) for gap in archive.gaps(name) if gap["book"] == "closed"]
    there = set(numbers)
    return [number for number in range(min(numbers), max(numbers))
            if number not in there and not any(low < number < high for low, high in bounds)]


class Storm:
    def __init__(self, seconds, seed):
        self.chance, self.end = random.Random(seed), time.monotonic() + seconds
        self.archive = Archive()
        self.services = {"with": Service(cursors=True, rate=800), "without": Service(cursors=False, rate=800)}
        self.proxies = {name: Proxy(service.port) for name, service in self.services.items()}
        for name, proxy in self.proxies.items():
            options = dict(service="generic", url=f"http://127.0.0.1:{proxy.port}/stream", form="lines", flush=1, stall=5,
                           rotate=3, active="yes", dialect="lines id=seq")
            if name == "with":
                options.update(dialect="lines id=seq cursor=seq", cursor="cursor", rewind=50)
            self.archive.define(name, **options)
        # A daemon that is killed is started again by the keeper above it.
        self.house = House("")
        self.house.write(f"[program:keep]\ncommand = {CAPTURE} --home {self.archive.home} --lares unix://{self.house.socket} keep\n")
        self.counts = {"capture": 0, "daemon": 0, "line": 0}

    def size(self):
        return self.archive.open_bytes() + sum(os.path.getsize(path) for path in self.archive.files())

    def kill_capture(self):
        name = self.chance.choice(list(self.services))
        try:
            os.kill(self.house.pid(f"capture-{name}"), signal.SIGKILL)
        except (ProcessLookupError, OSError):
            return

    def rage(self):
        self.house.up()
        until(lambda: self.size() > 2000)
        last = 0.0
        while time.monotonic() < self.end:
            time.sleep(self.chance.uniform(0.05, 0.7))  # the moment of the fault, nothing is waited for
            what = self.chance.choices(("line", "capture", "daemon"), (6, 3, 1))[0]
            if what == "line":
                self.chance.choice(list(self.proxies.values())).cut()
            elif time.monotonic() - last < BETWEEN_KILLS:
                continue
            elif what == "capture":
                self.kill_capture()
                last = time.monotonic()
            else:
                self.house.kill_daemon()
                last = time.monotonic()
            self.counts[what] += 1

    def judge(self):
        size = self.size()
        until(lambda: self.size() > size)
        self.house.down()
        self.archive.done("verify", "--repair")
        faults = []
        if "0 faults" not in self.archive.done("verify"):
            faults.append("verify finds faults")
        numbers = numbers_of(self.archive, "with")
        if numbers != list(range(1, len(numbers) + 1)):
            faults.append(f"with cursors: {len(numbers)} numbers, {len(set(numbers))} different, up to {max(numbers)}")
        others = numbers_of(self.archive, "without")
        if len(others) != len(set(others)):
            faults.append("without cursors: numbers came twice")
        if hidden := missing_outside_gaps(self.archive, "without", others):
            faults.append(f"without cursors: {len(hidden)} numbers are missing outside of gaps, the first {hidden[:5]}")
        print(f"capture: {self.counts['capture']} kills of captures, {self.counts['daemon']} of the daemon, {self.counts['line']} cuts; "
              f"{len(numbers)} numbers with cursors, {len(others)} without and {len(self.archive.gaps('without'))} gaps")
        return faults

    def close(self, keep):
        self.house.clean()
        for each in (*self.proxies.values(), *self.services.values()):
            each.close()
        if keep:
            print(f"kept in {self.archive.folder}")
        else:
            self.archive.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--long", action="store_true", help="ten minutes")
    parser.add_argument("--keep", action="store_true", help="leave the archive behind")
    asked = parser.parse_args()
    print(f"capture: seed {asked.seed}")
    storm = Storm(600 if asked.long else asked.seconds, asked.seed)
    try:
        storm.rage()
        faults = storm.judge()
        for each in faults:
            print("FAULT: " + each)
        return 1 if faults else 0
    finally:
        storm.close(asked.keep)


if __name__ == "__main__":
    sys.exit(main())
