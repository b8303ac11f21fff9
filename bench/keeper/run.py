#!/usr/bin/env python3
"""How long nobody answers after kill -9 of the daemon, and what the keeper costs.

    run.py [--lares BINARY] [--programs 50,1000] [--kills 10]

Prints a JSON object. A client connects while no daemon lives, so what is measured is what a client
waits: the keeper's start of the next daemon, the hand-over, the configuration, the adoption.
"""

import argparse
import json
import os
import re
import signal
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../tests/whole"))


def pss(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M).group(1))


def switches(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", file.read(), re.M).group(1))


def measure(house, kills, until):
    waits, pids = [], lambda: [each["pid"] for each in house.rpc.supervisor.getAllProcessInfo()]
    until(lambda: all(each["statename"] == "RUNNING" for each in house.rpc.supervisor.getAllProcessInfo()), limit=120)
    before = pids()
    for _ in range(kills):
        time.sleep(0.5)  # a daemon that ends too soon after the last one is started later
        daemon = house.daemon_pid
        os.kill(daemon, signal.SIGKILL)
        begun = time.monotonic()
        while True:
            try:
                if house.rpc.supervisor.getPID() != daemon:
                    break
            except OSError:  # cut off by the death itself
                pass
        waits.append((time.monotonic() - begun) * 1000)
    same = sum(1 for a, b in zip(before, pids()) if a == b)
    keeper = house.process.pid
    time.sleep(3)
    idle = switches(keeper)
    time.sleep(10)
    return {"answered after, ms, median": round(statistics.median(waits), 1), "worst": round(max(waits), 1),
            "programs with the pid of the beginning": same, "keeper's Pss, kB": pss(keeper),
            "keeper's descriptors": len(os.listdir(f"/proc/{keeper}/fd")), "keeper's wake-ups in 10 s": switches(keeper) - idle}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lares", default=os.path.join(HERE, "../../build/release/bin/lares"))
    parser.add_argument("--programs", default="50,1000")
    parser.add_argument("--kills", type=int, default=10)
    asked = parser.parse_args()
    os.environ["LARES_BINARY"] = asked.lares
    from harness import House, until
    results = {}
    for count in map(int, asked.programs.split(",")):
        house = House(f"[program:p]\ncommand = sleep 100000\nnumprocs = {count}\nprocess_name = p%(process_num)d\nstartsecs = 0\n"
                      "stdout_logfile = NONE\nstderr_logfile = NONE\n", daemon="minfds = 10000\n")
        try:
            house.up()
            results[f"{count} programs"] = measure(house, asked.kills, until)
        finally:
            house.clean()
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
