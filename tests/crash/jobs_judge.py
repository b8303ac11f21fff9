"""Compares what jobs wrote into books of their own, what clients were answered and what became of
files with what the database says. Each complaint names the job, both sides and its last events.

The book is lines "WORD TASK JOB ATTEMPT RUN PID SECONDS REST" with WORD begin, end (REST: the exit
status), two (another attempt of the job was alive) or torn (the file was not whole).
"""

import bisect
import collections
import json
import os
import sqlite3

ENDS = ("done", "dead", "parked", "cancelled", "skipped")
Line = collections.namedtuple("Line", "word task job attempt run pid at rest")


def read_book(path):
    lines = []
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for text in file:
                word, task, job, attempt, run, pid, at, rest = text.rstrip("\n").split(" ", 7)
                lines.append(Line(word, task, int(job), int(attempt), int(run), int(pid), float(at), rest))
    except FileNotFoundError:
        pass
    return lines


class Told:
    """What was seen from outside: answers of the daemon, files written, kills."""

    def __init__(self):
        self.answered = {}   # once -> job
        self.files = {}      # path as it was put -> 'good' or 'bad'
        self.kills = 0
        self.moments = []    # of the kills, in seconds since 1970
        self.ahead = 0       # jobs of protocol = lines that may be under way at one kill: workers x prefetch


class Judge:
    def __init__(self, database, book, told, tasks, complain):
        """tasks: {name: {"retries": n, "lines": bool, "unique": bool, "clock": bool, "once_a": seconds, "before": task}}"""
        self.base = sqlite3.connect(database)
        self.base.row_factory = sqlite3.Row
        self.base.execute("begin")
        self.jobs = {row["id"]: row for row in self.base.execute("select * from jobs")}
        self.book, self.told, self.tasks, self.tell = book, told, tasks, complain
        self.begun, self.ended = collections.defaultdict(list), collections.defaultdict(list)
        for line in book:
            if line.word in ("begin", "end"):
                (self.begun if line.word == "begin" else self.ended)[line.job].append(line)
        self.figures = collections.Counter()
        self.handed = {}  # when a run was, in seconds since 1970
        for row in self.base.execute("select at, words from events where kind = 'job.started'"):
            self.handed[int(row["words"].rpartition(" ")[2])] = row["at"] / 1000

    def complain(self, job, words):
        """With everything there is to know about the job."""
        lines = [f"job {job}: {words}"]
        row = self.jobs.get(job)
        if row is None:
            lines.append("store: there is no such job")
        else:
            lines.append(f"store: {row['task']} {row['state']}, attempts {row['attempts']}, errors {row['errors']}, crashes {row['crashes']}, "
                         f"run {row['run']}, once '{row['once']}', source '{row['source']}', why '{row['why']}'")
        lines += [f"book: {line.word} attempt {line.attempt} run {line.run} pid {line.pid} at {line.at} {line.rest}"
                  for line in self.book if line.job == job]
        lines += [f"run {row['run']}: attempt {row['attempt']} {row['outcome'] or 'open'} code {row['code']} {row['words']}"
                  for row in self.base.execute("select * from runs where job = ? order by run", (job,))]
        lines += [f"event {row['id']} at {row['at']}: {row['kind']}: {row['words']}" for row in
                  list(self.base.execute("select * from events where subject = ? order by id", (f"job/{job}",)))[-12:]]
        self.tell("\n      ".join(lines))

    def judge(self, quiet_since):
        """quiet_since: milliseconds since 1970; what clocks brought after it may still be under way."""
        found = self.base.execute("pragma integrity_check").fetchone()[0]
        if found != "ok":
            self.tell(f"the database is damaged: {found}")
        self.check_answers()
        self.check_ends(quiet_since)
        self.check_attempts()
        self.check_given_again()
        self.check_strangers()
        self.check_ticks()
        self.check_every()
        self.check_followers()
        self.check_unique()
        self.check_files()
        return self.figures

    def check_answers(self):
        for once, job in self.told.answered.items():
            if job not in self.jobs:
                self.complain(job, f"was promised for '{once}' and is lost")
        for once, count in collections.Counter(row["once"] for row in self.jobs.values() if row["once"]).items():
            if count > 1:
                self.tell(f"'{once}' made {count} jobs")

    def check_ends(self, quiet_since):
        for job, row in self.jobs.items():
            self.figures["jobs"] += 1
            self.figures[row["state"]] += 1
            if row["state"] in ENDS:
                if row["ended"] == 0:
                    self.complain(job, "has ended and has no time of it")
            elif not (self.tasks[row["task"]].get("clock") and row["created"] >= quiet_since):
                self.complain(job, "has not ended")
        for row in self.base.execute("select job, run from runs where kind = 'job' and ended = 0"):
            if self.jobs[row["job"]]["state"] in ENDS:
                self.complain(row["job"], f"has ended, and its run {row['run']} has not")

    def check_attempts(self):
        for line in self.book:
            if line.word == "two":
                self.complain(line.job, f"had two live attempts, pid {line.pid} beside another")
        repeated = 0
        for job, row in self.jobs.items():
            task = self.tasks[row["task"]]
            statuses = [int(line.rest) for line in self.ended[job]]
            good, bad = statuses.count(0), len(statuses) - statuses.count(0)
            repeated += max(good - 1, 0)
            if row["state"] == "done" and good == 0:
                self.complain(job, "is done, and no attempt ended well")
            if row["state"] in ("dead", "parked") and good > 0:
                self.complain(job, f"is {row['state']}, and an attempt ended well")
            if task.get("lines"):
                self.check_lines(job, row)
            else:
                self.check_exec(job, row, task, good, bad)
        self.figures["attempts"] = sum(len(lines) for lines in self.begun.values())
        self.figures["attempts cut short"] = self.figures["attempts"] - sum(len(lines) for lines in self.ended.values())
        self.figures["repeated though done"] = repeated
        if repeated > self.told.kills * max(1, self.told.ahead):
            self.tell(f"{repeated} jobs were done again over {self.told.kills} kills, more than can have been under way")

    def check_exec(self, job, row, task, good, bad):
        """A process outlives the daemon and its end is kept: nothing of it is ever done twice."""
        if row["state"] not in ENDS:
            return
        runs = [line.run for line in self.begun[job]]
        if len(runs) != len(set(runs)):
            self.complain(job, f"a run began twice: {runs}")
        if good > 1:
            self.complain(job, f"ended well {good} times")
        if len(self.begun[job]) != len(self.ended[job]):
            self.complain(job, f"{len(self.begun[job])} attempts began and {len(self.ended[job])} ended; nobody killed one")
        if bad > task.get("retries", 0) + 1 or (row["state"] == "dead" and bad != task.get("retries", 0) + 1):
            self.complain(job, f"is {row['state']} after {bad} failed attempts, of {task.get('retries', 0) + 1} it may have")
        if row["errors"] != bad:
            self.complain(job, f"failed {bad} times, and {row['errors']} were counted")

    def check_lines(self, job, row):
        """What a worker was handed stands in the store before; what it was handed at a kill begins anew, uncounted."""
        outcomes = {each["run"]: each["outcome"] for each in self.base.execute("select run, outcome from runs where job = ?", (job,))}
        begun = [line.run for line in self.begun[job]]
        if len(begun) != len(set(begun)):
            self.complain(job, f"a run was handed to workers twice: {begun}")
        if row["state"] not in ENDS:
            return
        if strangers := set(begun) - set(outcomes):
            self.complain(job, f"workers were handed runs of which the store does not know: {sorted(strangers)}")
        good = [run for run, outcome in outcomes.items() if outcome == "ok"]
        if row["state"] == "done" and len(good) != 1:
            self.complain(job, f"is done by {len(good)} runs: {good}")
        if others := {run: outcome for run, outcome in outcomes.items() if outcome not in ("ok", "interrupted")}:
            self.complain(job, f"ended otherwise than by a kill: {others}")
        if row["errors"] or row["crashes"]:
            self.complain(job, f"{row['errors']} errors and {row['crashes']} crashes were counted; it only was interrupted")
        for line in self.ended[job]:
            if line.run in good or line.run not in self.handed:
                continue
            # Which kill it was: the first after the worker was handed it.
            kill = bisect.bisect_right(self.told.moments, self.handed[line.run])
            was_answered = kill < len(self.told.moments) and line.at < self.told.moments[kill]
            self.figures["of these answered before the kill" if was_answered else "of these worked on after the kill"] += 1

    def check_given_again(self):
        """At each death at most what its workers had in hand: workers x prefetch."""
        again = most = 0
        for row in self.base.execute("select kind, words from events where kind in ('daemon.start', 'job.retry', 'job.again') order by id"):
            if row["kind"] == "daemon.start":
                again = 0
            elif "the daemon ended while it was under way" in row["words"] and self.is_of_lines(row["words"]):
                again += 1
                if again == self.told.ahead + 1:
                    self.tell(f"after one death more than {self.told.ahead} jobs of workers begin anew: {row['words']}")
            most = max(most, again)
        self.figures["most given again after one death"] = most

    def is_of_lines(self, words):
        """words: 'job 17 (lined): …'"""
        return self.tasks.get(words.partition("(")[2].partition(")")[0], {}).get("lines", False)

    def check_strangers(self):
        for job in set(self.begun) - set(self.jobs):
            self.complain(job, "ran, and is not in the database")

    def check_ticks(self):
        """Every due time has a job, or an event that says why not; one of both."""
        for name, task in self.tasks.items():
            step = task.get("once_a")
            if not step:
                continue
            dues = collections.Counter(row["due"] for row in self.jobs.values() if row["task"] == name and row["due"])
            told = [json.loads(row["data"]) | {"kind": row["kind"]} for row in self.base.execute(
                "select kind, data from events where kind in ('trigger.skipped', 'trigger.missed') and subject = ? and data <> ''", (f"trigger/{name}#0",))]
            dues.update(each["due"] for each in told if "due" in each)
            for each in told:
                if each["kind"] == "trigger.missed":
                    gone = range(each["due_from"], each["due_to"] + 1, step * 1000)
                    if len(gone) != each["count"]:
                        self.tell(f"task '{name}': {each} tells of {each['count']} missed due times; there are {len(gone)}")
                    dues.update(gone)
            first = self.base.execute("select value from marks where name like ?", (f"first/tick/{name}/%",)).fetchone()
            seen = self.base.execute("select value from marks where name like ?", (f"tick/{name}/%",)).fetchone()
            first, seen = int(first[0]), int(seen[0])
            wanted = set(range((first // step + 1) * step * 1000, seen * 1000 + 1, step * 1000))
            self.figures[f"due times of {name}"] = len(wanted)
            if wanted - set(dues):
                self.tell(f"task '{name}': due times with neither job nor reason: {sorted(wanted - set(dues))}")
            if set(dues) - wanted:
                self.tell(f"task '{name}': jobs for what was never due: {sorted(set(dues) - wanted)}")
            if doubled := [due for due, count in dues.items() if count > 1]:
                self.tell(f"task '{name}': due times dealt with twice: {doubled}")

    def check_every(self):
        for name, task in self.tasks.items():
            if "every" not in task:
                continue
            rows = sorted((row for row in self.jobs.values() if row["task"] == name), key=lambda row: row["id"])
            self.figures[f"jobs of {name}"] = len(rows)
            # Each may come late, so that the next seems early; none comes before its number is due.
            for number, row in enumerate(rows):
                since = row["created"] - rows[0]["created"]
                if since < (number - 1) * task["every"] * 1000:
                    self.complain(row["id"], f"is number {number} after job {rows[0]['id']}, came {since} ms after it, and is due every {task['every']} s")
                    break

    def check_followers(self):
        for name, task in self.tasks.items():
            if "before" not in task:
                continue
            before, state, source = task["before"]
            causes = collections.Counter(int(row["once"].split("/")[1]) for row in self.jobs.values()
                                         if row["task"] == name and row["once"].startswith("after/"))
            for job, row in self.jobs.items():
                expected = 1 if row["task"] == before and row["state"] == state else 0
                if causes[job] != expected:
                    self.complain(job, f"has {causes[job]} followers of '{name}' ({source}), and should have {expected}")
            self.figures[f"followers ({name})"] = sum(causes.values())

    def check_unique(self):
        """Two jobs with one key: the later was put when the earlier had ended."""
        held = collections.defaultdict(list)
        for row in self.jobs.values():
            if row["unique_key"]:
                held[row["task"], row["unique_key"]].append(row)
        for rows in held.values():
            rows.sort(key=lambda row: row["id"])
            for one, other in zip(rows, rows[1:]):
                # The end of the earlier stands in an event, whose number tells the order.
                end = self.base.execute("select max(id) from events where subject = ? and kind in ('job.done', 'job.dead')", (f"job/{one['id']}",)).fetchone()[0]
                if end is None or end > other["id"]:
                    self.complain(other["id"], f"has the key of job {one['id']}, which had not ended (event {end})")

    def check_files(self):
        by_file = collections.defaultdict(list)
        for row in self.jobs.values():
            if row["source"].startswith("folder "):
                by_file[json.loads(row["payload"])["file"]].append(row)
        for line in self.book:
            if line.word == "torn":
                self.complain(line.job, f"was given a file that was not whole: {line.rest}")
        for path, kind in self.told.files.items():
            rows = by_file.pop(path, [])
            if len(rows) != 1:
                self.tell(f"file '{path}' has {len(rows)} jobs: {[row['id'] for row in rows]}")
            folder, name = os.path.split(path)
            places = [place for place in (folder, f"{folder}/done", f"{folder}/failed") if os.path.exists(f"{place}/{name}")]
            wanted = f"{folder}/{'done' if kind == 'good' else 'failed'}"
            if places != [wanted]:
                words = f"file '{path}' is in {places}, and should be in '{wanted}'"
                states = [tuple(row) for row in self.base.execute("select id, state, destination, words from files where path = ?", (path,))]
                self.complain(rows[0]["id"] if rows else 0, f"{words}; rows: {states}")
        for path, rows in by_file.items():
            self.complain(rows[0]["id"], f"is of file '{path}', which nobody wrote")
        open_rows = list(self.base.execute("select path, state from files where state in ('taken', 'moving')"))
        if open_rows:
            self.tell(f"files that are not settled: {[tuple(row) for row in open_rows]}")
        self.figures["files"] = len(self.told.files)
