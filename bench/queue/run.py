"""What Lares promises as a queue, from the socket to the database and back, beside limits and peers of the same run.

Usage: run.py --lares BINARY --tools FOLDER [--only put,lines,exec,peers] [--rounds 3] [--seconds 2] [--folder FOLDER] [--json]

put: durable enqueues from 8 clients, one request at a time, pipelined, and in batches; beside them the disk's bare fdatasync and SQLite
without anything around it. lines: no-op jobs end to end with two workers, and how long from putting to starting. exec: programs that
end at once, beside a bare fork, exec and wait loop. peers: RQ on Redis with appendfsync always, nq, task-spooler. Rates are medians of
the rounds; CPU times are the daemon's own. Numbers of two runs mean nothing to each other: the ratios do.
"""

import argparse
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from house import Lares, Shared, Table, tool  # noqa: E402
import peers  # noqa: E402

NEVER = "[program:never]\ncommand=/bin/true\nautostart=false\n[task:hold]\ncommand=/bin/true\nneeds=never\nqueue_max=1000000\n"


def median_of(rounds, key):
    return statistics.median(each[key] for each in rounds)


def put(asked, house, task, **options):
    """One load; what the tool printed, and the daemon's CPU time a job."""
    before = house.cpu()
    done = tool(asked.tools, "put_load", f"socket={house.socket}", f"task={task}", *(f"{name}={value}" for name, value in options.items()))
    done["rate"] = done["jobs"] / done["seconds"]
    done["cpu_us"] = (house.cpu() - before) / max(done["jobs"], 1) * 1e6
    if done["refused"]:
        raise SystemExit(f"{done['refused']} of the puts were refused: {done['first_refusal']}")
    return done


def measure_put(asked, table):
    forms = [("JSON, one at a time", dict(form="json", window=1)), ("JSON, 32 under way each", dict(form="json", window=32)),
             ("lares.put, one at a time", dict(form="xml", window=1)), ("lares.put, 32 under way each", dict(form="xml", window=32)),
             ("batches of 1,000 lines", dict(form="lines", window=2, batch=1000, clients=4)),
             ("lares.put_batch of 1,000", dict(form="xml_batch", window=2, batch=1000, clients=4))]
    found = {name: [] for name, _ in forms}
    limits = []
    for _ in range(asked.rounds):
        with Lares(asked.lares, NEVER, asked.folder) as house:
            limits.append(tool(asked.tools, "disk_limit", house.folder, asked.seconds / 4))
            for name, options in forms:
                found[name].append(put(asked, house, "hold", seconds=asked.seconds, jobs=120_000, **options))
    table.add("write and fdatasync of 8 KB", median_of(limits, "fdatasyncs"), "/s")
    against = {"one at a time": ("SQLite alone, 8 jobs a commit", "sqlite_8"), "32 under way each": ("SQLite alone, 64 jobs a commit", "sqlite_64")}
    for name, options in forms:
        words, key = against.get(name.split(", ")[-1], ("SQLite alone, 10,000 jobs a commit", "sqlite_10000"))
        batch = options.get("batch", 1) > 1
        rate = median_of(found[name], "rate")
        table.add(f"put: {name}", rate, "jobs/s", words, median_of(limits, key), target="100,000/s" if batch else "20,000/s")
        table.add(f"put: {name}: CPU of the daemon", median_of(found[name], "cpu_us"), "us/job", "SQLite alone (CPU)",
                  median_of(limits, f"{key}_cpu_us"))
        table.add(f"put: {name}: answered within (p99)", median_of(found[name], "p99_ms"), "ms")
    return {"put": median_of(found["JSON, one at a time"], "rate"), "batch": median_of(found["batches of 1,000 lines"], "rate")}


def worked_through(asked, options, workers=2):
    """Jobs a second from the first put until the last is done in the database, and how long each was on its way to its worker."""
    shared_path = f"%FOLDER%/shared"
    section = (f"[task:noop]\ncommand={asked.tools}/bench_ok_lines {shared_path}\nprotocol=lines\nworkers={workers}\n"
               f"prefetch={asked.prefetch}\nqueue_max=1000000\n")
    with Lares(asked.lares, section, asked.folder) as house:
        shared = Shared(f"{house.folder}/shared", 2_000_000)
        put(asked, house, "noop", jobs=10, seconds=10)  # so that the workers are there
        house.until(house.is_idle, "the first jobs done")
        came, cpu, begin = shared.numbers(0, 1)[0], house.cpu(), time.monotonic()
        threads = house.cpu_of_threads()
        jobs = put(asked, house, "noop", **options)["jobs"]
        house.until(lambda: shared.numbers(0, 1)[0] >= came + jobs and house.is_idle(), "all jobs done")
        took, cpu = time.monotonic() - begin, house.cpu() - cpu
        if asked.threads:
            for name, value in house.cpu_of_threads().items():
                print(f"  {name}: {(value - threads.get(name, 0)) / jobs * 1e6:.1f} us/job", file=sys.stderr)
        waits = sorted(shared.numbers(came + 1, came + jobs + 1))
        done = house.count("done")
        if done != came + jobs:
            raise SystemExit(f"{came + jobs} jobs were put, {done} are done; {house.others()}")
    return {"rate": jobs / took, "cpu_us": cpu / jobs * 1e6, "p50_ms": waits[len(waits) // 2] / 1e6, "p95_ms": waits[len(waits) * 95 // 100] / 1e6}


def measure_lines(asked, table):
    full = [worked_through(asked, dict(form="lines", batch=200, clients=8, window=1, seconds=asked.seconds)) for _ in range(asked.rounds)]
    single = [worked_through(asked, dict(form="json", clients=8, window=16, seconds=asked.seconds)) for _ in range(asked.rounds)]
    rate = median_of(full, "rate")
    table.add("lines, 2 workers, put in batches of 200: end to end", rate, "jobs/s", target="10,000/s")
    table.add("lines, put in batches: CPU of the daemon", median_of(full, "cpu_us"), "us/job")
    table.add("lines, 2 workers, put one by one: end to end", median_of(single, "rate"), "jobs/s", target="10,000/s")
    table.add("lines, put one by one: CPU of the daemon", median_of(single, "cpu_us"), "us/job")
    for share in (0.25, 0.5):
        pace = round(median_of(single, "rate") * share)
        paced = [worked_through(asked, dict(form="json", clients=8, window=16, seconds=asked.seconds, rate=pace)) for _ in range(asked.rounds)]
        table.add(f"lines at {pace} jobs/s: put to start, median", median_of(paced, "p50_ms"), "ms")
        table.add(f"lines at {pace} jobs/s: put to start, p95", median_of(paced, "p95_ms"), "ms", target="below 10 ms")
    return {"lines": rate}


def measure_exec(asked, table):
    program, jobs = f"{asked.tools}/bench_exec_loop", asked.execs
    rates, loop = {}, 0
    for workers in (1, 4):
        bare, noted, ours, cpu = [], [], [], []
        section = f"[task:run]\ncommand={program}\nworkers={workers}\nqueue_max=1000000\n"
        with Lares(asked.lares, section, asked.folder) as house:
            for _ in range(asked.rounds):  # in turns: a noisy machine is noisy for both
                bare.append(jobs / tool(asked.tools, "exec_loop", jobs, workers, program)[0])
                noted.append(jobs / tool(asked.tools, "exec_loop", jobs, workers, f"sync={house.folder}/noted", program)[0])
                begin, used = time.monotonic(), house.cpu()
                put(asked, house, "run", form="lines", batch=jobs, clients=1, jobs=jobs, seconds=60)
                house.until(house.is_idle, "all jobs done", pause=0.02)  # each look costs a processor half a millisecond
                ours.append(jobs / (time.monotonic() - begin))
                cpu.append((house.cpu() - used) / jobs * 1e6)
            if house.count("done") != jobs * asked.rounds:
                raise SystemExit(f"{house.count('done')} of {jobs * asked.rounds} are done; {house.others()}")
        rates[workers] = statistics.median(ours)
        table.add(f"exec, {workers} at once", rates[workers], "jobs/s", f"bare fork+exec+wait, {workers} at once", statistics.median(bare),
                  wanted=0.7, target="at least 70 %")
        if workers == 1:
            loop = statistics.median(bare)
            table.add("exec, 1 at once, again", rates[workers], "jobs/s", "the same loop, 8 KB on the disk before each", statistics.median(noted))
        else:
            table.add(f"exec, {workers} at once, again", rates[workers], "jobs/s", "one bare loop", loop)
        table.add(f"exec, {workers} at once: CPU of the daemon", statistics.median(cpu), "us/job")
    return {"exec": rates[4], "exec_1": rates[1]}


def measure_peers(asked, table, ours):
    program = f"{asked.tools}/bench_exec_loop"
    found = peers.rq_rates(asked.folder, 2_000) or {}
    names = {"put": "put one at a time, 8 clients: RQ", "batch": "put in batches of 500: RQ", "lines": "work in 2 workers' own process: RQ",
             "exec": "work in a process each, 2 workers: RQ"}
    for key, rate in found.items():
        mine = ours.get(key)
        table.add(f"{names[key]} on Redis", rate, "jobs/s", "Lares in this run" if mine else "", mine, ratio=mine / rate if mine else None, wanted=1)
    if not found:
        table.add("RQ on Redis: not installed", 0, "jobs/s")
    for name, rate, mine in (("nq", peers.nq_rate(program, 300), ours.get("exec_1")), ("task-spooler, 4 slots", peers.tsp_rate(program, 300, 4), ours.get("exec"))):
        if rate is None:
            table.add(f"{name}: not installed", 0, "jobs/s")
            continue
        table.add(f"exec: {name}", rate, "jobs/s", "Lares in this run" if mine else "", mine, ratio=mine / rate if mine else None, wanted=1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lares", required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--only", default="put,lines,exec,peers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--execs", type=int, default=2_000)
    parser.add_argument("--prefetch", type=int, default=64)
    parser.add_argument("--folder", help="where databases lie; the disk that is measured")
    parser.add_argument("--threads", action="store_true", help="the daemon's CPU time by thread")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    asked.tools = os.path.abspath(asked.tools)
    only, table, ours = asked.only.split(","), Table(), {}
    if "put" in only:
        ours |= measure_put(asked, table)
    if "lines" in only:
        ours |= measure_lines(asked, table)
    if "exec" in only:
        ours |= measure_exec(asked, table)
    if "peers" in only:
        measure_peers(asked, table, ours)
    table.print(asked.json)
    return 0 if table.kept() else 1


if __name__ == "__main__":
    sys.exit(main())
