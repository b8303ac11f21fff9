#!/usr/bin/env python3
"""Kills the daemon at random moments while clocks, folders, clients and queues are busy, and compares
what became of every job, file and due time with books that are kept outside of Lares.

    jobs.py [--kills 80] [--seed N] [--long] [--harmless] [--keep]

The commands of the jobs (jobs_work.sh, jobs_worker.py) keep the book; clients ask until they are
answered, with a key that makes that harmless; jobs_judge.py judges. The seed draws the kills and
what is put; it is printed, and --seed replays it as far as the kernel's timing allows.
"""

import argparse
import itertools
import json
import os
import random
import signal
import sys
import threading
import time
import types
import xmlrpc.client

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../whole"))
sys.path.insert(0, HERE)
import jobs_judge  # noqa: E402
import run  # noqa: E402
from harness import House, is_alive, until  # noqa: E402

LIMIT = run.LIMIT
CLIENTS = 3
PREFETCH, LINE_WORKERS = 4, 2
FAILED = 30  # fault: not now, or not at all

# What the judge has to know about the tasks.
TASKS = {
    "quick": {}, "shaky": {"retries": 2}, "lined": {"lines": True}, "single": {"unique": True}, "filed": {},
    "ticking": {"clock": True, "once_a": 1}, "skipping": {"clock": True, "once_a": 2}, "again": {"clock": True, "every": 1},
    "second": {"before": ("quick", "done", "after"), "clock": True}, "third": {"before": ("second", "done", "after"), "clock": True},
    "mourning": {"before": ("shaky", "dead", "on_failure")},
}


def configuration(folder):
    work = f"{HERE}/jobs_work.sh {folder}"
    return f"""
[task:quick]
command = {work} 0 0
workers = 2
queue_max = 100000
[task:shaky]
command = {work} 0 shaky
workers = 2
retries = 2
circuit = 0                    ; ten fail one after the other, by chance
retry_backoff = 20ms..50ms
on_failure = mourning
[task:lined]
command = {sys.executable} -S {HERE}/jobs_worker.py {folder}
protocol = lines
workers = {LINE_WORKERS}
prefetch = {PREFETCH}
[task:single]
command = {work} 0.02 0
unique = {{{{k}}}}
workers = 2
[task:filed]
command = {work} 0 0 {{{{file}}}}
workers = 2
[task:ticking]
command = {work} 0 0
schedule = * * * * * *
catchup = all, max 1000
[task:skipping]
command = {work} 2.2 0
schedule = */2 * * * * *
overlap = skip
[task:again]
command = {work} 0 0
every = 1s
[task:second]
command = {work} 0 0
after = quick
queue_max = 100000
[task:third]
command = {work} 0 0
after = second
queue_max = 100000
[task:mourning]
command = {work} 0 0
[folder:in]
path = {folder}/in
task = filed
settle = 0
done = move:done
failed = move:failed
"""


class Jobs(run.Crash):
    """The daemon, its keeper and how it is asked are those of run.py; nothing else is."""

    def __init__(self, options):
        super().__init__(types.SimpleNamespace(programs=0, **vars(options)))
        self.told = jobs_judge.Told()
        self.told.ahead = PREFETCH * LINE_WORKERS
        self.counter = itertools.count(1)
        self.asked = self.asked_twice = 0

    def up(self):
        house = self.house = House("")
        for name in ("books", "locks", "in", "state"):
            os.makedirs(house.path(name), exist_ok=True)
        house.write(configuration(house.folder))
        house.up()
        self.binary = os.readlink(f"/proc/{house.process.pid}/exe")
        self.first_daemon = until(self.daemon, limit=LIMIT, say="there is no daemon below its keeper")

    # Clients.
    def put(self, task, payload, once):
        """As a careful client: until there is an answer, in the rest after the kills at the latest. (job, is a duplicate)"""
        end = None
        while True:
            answer, asked = self.call("lares.put", task, payload, {"once": once})
            self.asked += asked
            if not isinstance(answer, xmlrpc.client.Fault):
                return int(answer["job"]), answer["duplicate"]
            if end is None and self.stopping.is_set():
                end = time.monotonic() + LIMIT
            if answer.faultCode != FAILED or (end and time.monotonic() > end):
                raise AssertionError(f"put of '{once}' for '{task}': {answer}")
            time.sleep(0.01)

    def drive_client(self, number, seed):
        random_ = random.Random(seed)
        while not self.stopping.is_set():
            task = random_.choice(("quick", "shaky", "lined", "lined", "single"))
            once = f"{number}-{next(self.counter)}"
            payload = {"k": f"key{random_.randrange(3)}"} if task == "single" else {"text": "x" * random_.choice((0, 10, 70_000))}
            job, _ = self.put(task, payload, once)
            self.told.answered[f"{task} {once}"] = job
            # The key of a job that had ended by then is free, and this `once` was never used.
            if task != "single" and random_.random() < 0.2:
                again, is_duplicate = self.put(task, payload, once)
                self.asked_twice += 1
                if again != job or not is_duplicate:
                    self.complain(f"'{once}' for '{task}' was job {job}; asked again, it is {again} (duplicate: {is_duplicate})")
            self.stopping.wait(random_.uniform(0, 0.12))

    def drive_writer(self, number, seed):
        """Files: renamed into place, written at once, written slowly; some of them fail."""
        random_, folder = random.Random(seed), self.house.path("in")
        while not self.stopping.is_set():
            kind = "bad" if random_.random() < 0.2 else "good"
            name = f"{kind}{number}-{next(self.counter)}.txt"
            way = random_.choice(("renamed", "whole", "slow"))
            path = f"{folder}/{name}" + (".part" if way == "renamed" else "")
            with open(path, "w", encoding="ascii") as file:
                file.write("begin\n")
                if way == "slow":
                    file.flush()
                    time.sleep(random_.uniform(0, 0.2))
                file.write("END\n")
            if way == "renamed":
                os.rename(path, f"{folder}/{name}")
            self.told.files[f"{folder}/{name}"] = kind
            self.stopping.wait(random_.uniform(0, 0.25))

    def guard(self, drive, number, seed):
        try:
            drive(number, seed)
        except Exception as error:  # whatever ends a thread ends the run, and is told
            self.complain(f"{drive.__name__}: {type(error).__name__}: {error}")
            self.stopping.set()

    # Kills.
    def strike(self, kill):
        """One kill, sometimes followed by another within milliseconds; then mostly an answer is awaited."""
        number = 0 if self.options.harmless else signal.SIGSEGV if kill % 10 == 9 else signal.SIGKILL
        times = 2 if self.random.random() < 0.15 else 1
        for _ in range(times):
            pid = until(self.daemon, limit=LIMIT, say="the keeper started no daemon")
            try:
                self.told.moments.append(time.time())
                self.kill_one(pid, number)
                self.told.kills += 1
            except ProcessLookupError:
                pass
        start, was_ready = time.monotonic(), self.answered and times == 1
        self.answered = False
        if self.random.random() < 0.25:
            return  # the next one meets a daemon that is not ready yet
        self.call("supervisor.getPID")
        (self.first_answers if was_ready else self.later_answers).append(time.monotonic() - start)
        self.answered = True
        if self.random.random() < 0.5:
            self.until_open()  # on a slow machine, too, some kills meet a daemon at work

    def until_open(self):
        def is_open():
            answer, _ = self.call("lares.put", "lined", {}, {"once": f"open-{next(self.counter)}"})
            return not isinstance(answer, xmlrpc.client.Fault)
        until(is_open, limit=LIMIT, say="no job is taken")

    def crash(self):
        drives = [(self.drive_client, n) for n in range(CLIENTS)] + [(self.drive_writer, n) for n in range(2)]
        threads = [threading.Thread(target=self.guard, args=(drive, n, self.random.random())) for drive, n in drives]
        for thread in threads:
            thread.start()
        try:
            kill = 0
            while self.told.kills < self.options.kills and not self.stopping.is_set():
                # Now and then there is time for something to be finished.
                self.stopping.wait(self.random.choice((0.02, 0.1, 0.3)) * self.random.random() * 2)
                self.strike(kill)
                kill += 1
                if kill % 100 == 0:
                    print(f"  {kill} kills, {len(self.told.answered)} jobs put, {len(self.told.files)} files", flush=True)
        except (AssertionError, OSError) as error:
            self.complain(f"{type(error).__name__}: {error}")
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join()

    # The end.
    def until_quiet(self):
        """Waits until nothing is left but what clocks bring; gives when that was, in ms since 1970."""
        self.until_open()
        since = time.time()

        def live():
            answer, _ = self.call("lares.jobs", {"state": "live", "limit": 1000})
            self.last = answer
            if isinstance(answer, xmlrpc.client.Fault):
                return [answer]
            return [each for each in answer["jobs"] if each["created"] < since or not TASKS[each["task"]].get("clock")]

        def waiting_files():
            # A daemon that has just begun has not looked into its folder yet: it is asked itself, too.
            unseen = sorted(name for name in os.listdir(self.house.path("in")) if name.startswith(("good", "bad")))
            if unseen:
                return unseen
            answer, _ = self.call("lares.folders")
            return [answer] if isinstance(answer, xmlrpc.client.Fault) else [each for each in answer if each["waiting"] + each["taken"] > 0]

        for question, what in ((waiting_files, "files wait"), (live, "jobs are left")):
            left, end = question(), time.monotonic() + LIMIT
            while left and time.monotonic() < end:
                time.sleep(0.1)
                now = question()
                if now != left:  # slow machines take their time; what counts is that it goes on
                    left, end = now, time.monotonic() + LIMIT
            if left:
                self.complain(f"{what} after {LIMIT:.0f} s without any change: {left[:5]}")
        return int(since * 1000)

    def down(self):
        code = self.house.down()
        if code != 0:
            self.complain(f"the end had exit status {code}")
        for line in jobs_judge.read_book(self.house.path("book")):
            if is_alive(line.pid) and self.is_ours(line.pid):
                self.complain(f"process {line.pid} of job {line.job} was left behind")
                os.kill(line.pid, signal.SIGKILL)

    def end_roughly(self):
        if self.house.process.poll() is None:
            left = self.house.descendants()
            self.house.process.kill()
            self.house.process.wait()
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def check_audit(self):
        """What Lares finds about itself must agree."""
        answer, _ = self.call("lares.audit", f"{int(time.time() - self.started + 5)}s ago")
        if isinstance(answer, xmlrpc.client.Fault) or answer["unexplained"]:
            self.complain(f"lares.audit: {answer}")

    def run(self):
        begin, figures = time.monotonic(), {}
        self.started = time.time()
        self.up()
        try:
            self.crash()
            crashed = time.monotonic()
            since = self.until_quiet()
            self.check_audit()
            self.down()
            database = next(os.path.join(root, "lares.db") for root, _, names in os.walk(self.house.path("state")) if "lares.db" in names)
            book = jobs_judge.read_book(self.house.path("book"))
            figures = jobs_judge.Judge(database, book, self.told, TASKS, self.complain).judge(since)
        except (AssertionError, StopIteration) as error:
            self.complain(f"{type(error).__name__}: {error}")
            crashed = time.monotonic()
        finally:
            if self.complaints or self.options.keep:
                print(f"  kept for a look: {self.house.folder}")
                self.end_roughly()
            else:
                self.house.clean()
        self.report(figures, crashed - begin, time.monotonic() - begin)
        return not self.complaints

    def report(self, figures, crashing, whole):
        def share(part, of):
            of = sorted(of) or [0]
            return round(of[min(len(of) - 1, int(part * len(of)))] * 1000)
        if share(0.5, self.first_answers) > 2000:
            self.complain("half of all first answers took longer than 2 s")
        print(json.dumps({
            "seed": self.options.seed, "kills": self.told.kills, "complaints": len(self.complaints), **figures,
            "put": len(self.told.answered), "asked": self.asked, "asked again on purpose": self.asked_twice,
            "first answer after a kill, ms": {"median": share(0.5, self.first_answers), "95 %": share(0.95, self.first_answers),
                                              "longest": share(1, self.first_answers)},
            "the same after kills in quick succession, ms": {"median": share(0.5, self.later_answers), "longest": share(1, self.later_answers)},
            "seconds": [round(crashing), round(whole)]}, indent=1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=80)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--long", action="store_true", help="500 kills")
    parser.add_argument("--harmless", action="store_true", help="signal 0 instead of 9: judges this program itself")
    parser.add_argument("--keep", action="store_true", help="leave the folder")
    options = parser.parse_args()
    if options.long:
        options.kills = 500
    print(f"seed {options.seed}", flush=True)
    return 0 if Jobs(options).run() else 1


if __name__ == "__main__":
    sys.exit(main())
