"""jobs_judge.py finds what it looks for: each kind of loss, put before it."""

import os
import sqlite3
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import jobs_judge  # noqa: E402

TASKS = {"work": {"retries": 1}, "lined": {"lines": True}, "ticking": {"clock": True, "once_a": 2},
         "again": {"clock": True, "every": 1}, "next": {"before": ("work", "done", "after")}}
COLUMNS = {
    "jobs": "id integer, task text, payload text, unique_key text, once text, created integer, source text, due integer, ended integer,"
            " state text, attempts integer, errors integer, crashes integer, run integer, why text",
    "runs": "run integer, kind text, job integer, attempt integer, ended integer, outcome text, code integer, words text",
    "events": "id integer, at integer, kind text, subject text, words text, data text",
    "files": "id integer, path text, state text, destination text, words text",
    "marks": "name text, value text",
}


class TheJudge(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="lares-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for name in ("in", "in/done", "in/failed"):
            os.mkdir(f"{self.folder}/{name}")
        self.base = sqlite3.connect(f"{self.folder}/lares.db")
        self.addCleanup(self.base.close)
        for table, columns in COLUMNS.items():
            self.base.execute(f"create table {table} ({columns})")
        self.book, self.told, self.tasks = [], jobs_judge.Told(), {"work": {"retries": 1}, "lined": {"lines": True}}
        self.told.kills = 1

    def put(self, table, **row):
        self.base.execute(f"insert into {table} ({', '.join(row)}) values ({', '.join('?' * len(row))})", tuple(row.values()))

    def job(self, number, task="work", state="done", **more):
        self.put("jobs", **{"id": number, "task": task, "payload": "{}", "unique_key": "", "once": "", "created": 0, "source": "put", "due": 0,
                            "ended": 0 if state in ("ready", "running") else 9, "state": state, "attempts": 1, "errors": 0, "crashes": 0,
                            "run": number, "why": "", **more})

    def note(self, word, job, run, rest="-", task="work"):
        self.book.append(jobs_judge.Line(word, task, job, 1, run, 7, 1.0, str(rest)))

    def ran(self, job, run, status=0):
        self.note("begin", job, run)
        self.note("end", job, run, status)

    def complaints(self):
        self.base.commit()
        found = []
        judge = jobs_judge.Judge(f"{self.folder}/lares.db", self.book, self.told, self.tasks, found.append)
        judge.judge(100)
        judge.base.close()
        return found

    def expect(self, *words):
        found = self.complaints()
        self.assertEqual(len(found), len(words), found)
        for each, part in zip(found, words):
            self.assertIn(part, each)

    def test_all_is_well(self):
        self.job(1)
        self.ran(1, 1)
        self.told.answered["work a"] = 1
        self.expect()

    def test_a_lost_job_is_found(self):
        self.told.answered["work a"] = 4
        self.expect("job 4: was promised for 'work a' and is lost")

    def test_a_job_that_goes_on_for_ever_is_found(self):
        self.job(1, state="ready")
        self.expect("has not ended")

    def test_a_job_that_is_done_without_having_run_is_found(self):
        self.job(1)
        self.expect("is done, and no attempt ended well")

    def test_a_job_done_twice_is_found(self):
        self.job(1)
        self.ran(1, 1)
        self.ran(1, 2)
        self.expect("ended well 2 times")

    def lined(self, job, *outcomes):
        """A job of lines that workers were handed once for each outcome; its runs are 10 x job + 1 and so on."""
        self.job(job, task="lined")
        for number, outcome in enumerate(outcomes, 10 * job + 1):
            self.ran(job, number)
            self.put("runs", run=number, kind="job", job=job, attempt=1, ended=9, outcome=outcome, code=0, words="")

    def death(self, *jobs, task="lined", first=1):
        self.put("events", id=first, at=1, kind="daemon.start", subject="daemon", words="the daemon is up", data="")
        for number, job in enumerate(jobs, first + 1):
            self.put("events", id=number, at=1, kind="job.again", subject=f"job/{job}", data="",
                     words=f"job {job} ({task}): the daemon ended while it was under way; ready again, not counted")

    def test_lines_may_be_done_again_as_often_as_there_were_kills(self):
        self.lined(1, "interrupted", "ok")
        self.expect()
        self.ran(1, 13)
        self.put("runs", run=13, kind="job", job=1, attempt=1, ended=9, outcome="interrupted", code=0, words="")
        self.expect("more than can have been under way")

    def test_a_worker_that_was_handed_what_the_store_does_not_know_is_found(self):
        self.lined(1, "ok")
        self.note("begin", 1, 12)
        self.expect("runs of which the store does not know: [12]")

    def test_a_run_handed_out_twice_is_found(self):
        self.lined(1, "ok")
        self.note("begin", 1, 11)
        self.expect("a run was handed to workers twice")

    def test_a_job_of_lines_that_two_runs_did_is_found(self):
        self.lined(1, "ok", "ok")
        self.expect("is done by 2 runs: [11, 12]")

    def test_what_a_kill_interrupted_and_was_counted_is_found(self):
        self.lined(1, "crash", "ok")
        self.expect("ended otherwise than by a kill: {11: 'crash'}")

    def test_more_given_again_after_one_death_than_workers_had_in_hand_is_found(self):
        self.told.ahead = 2
        self.death(1, 2)
        self.death(3, 4, first=10)
        self.expect()
        self.death(5, 6, 7, first=20)
        self.death(8, 9, 10, task="work", first=30)
        self.expect("after one death more than 2 jobs of workers begin anew: job 7 (lined)")

    def test_it_is_told_whether_what_was_done_again_had_been_answered(self):
        self.told.moments = [5.0, 7.0]
        self.told.kills = 2
        self.lined(1, "interrupted", "ok")
        self.lined(2, "interrupted", "ok")
        for run, at in ((11, 3000), (12, 7500), (21, 6000), (22, 7500)):
            self.put("events", id=run, at=at, kind="job.started", subject="", words=f"attempt 1 of job 1 (lined) as run {run}", data="")
        times = {11: (4.0, 4.5), 12: (8.0, 8.5), 21: (7.2, 7.5), 22: (8.0, 8.5)}
        self.book = [line._replace(at=times[line.run][line.word == "end"]) for line in self.book]
        self.base.commit()
        judge = jobs_judge.Judge(f"{self.folder}/lares.db", self.book, self.told, self.tasks, self.fail)
        self.addCleanup(judge.base.close)
        figures = judge.judge(100)
        self.assertEqual((figures["of these answered before the kill"], figures["of these worked on after the kill"]), (1, 1))

    def test_two_live_attempts_are_found(self):
        self.job(1)
        self.ran(1, 1)
        self.note("two", 1, 2)
        self.expect("had two live attempts")

    def test_an_attempt_that_vanished_is_found(self):
        self.job(1)
        self.note("begin", 1, 1)
        self.ran(1, 2)
        self.expect("2 attempts began and 1 ended")

    def test_a_retry_too_many_and_a_failure_that_was_not_counted_are_found(self):
        self.job(1, state="dead", errors=2)
        for run in (1, 2, 3):
            self.ran(1, run, status=1)
        self.expect("after 3 failed attempts, of 2", "failed 3 times, and 2 were counted")

    def test_a_job_nobody_put_is_found(self):
        self.ran(5, 5)
        self.expect("job 5: ran, and is not in the database")

    def test_an_open_run_of_an_ended_job_is_found(self):
        self.job(1)
        self.ran(1, 1)
        self.put("runs", run=1, kind="job", job=1, attempt=1, ended=0, outcome="", code=0, words="")
        self.expect("its run 1 has not")

    def clock(self, *dues, seen=8):
        self.tasks = {"ticking": TASKS["ticking"]}
        for number, due in enumerate(dues, 1):
            self.job(number, task="ticking", due=due * 1000)
            self.ran(number, number)
        self.put("marks", name="first/tick/ticking/x", value="3")
        self.put("marks", name="tick/ticking/x", value=str(seen))

    def test_due_times_with_jobs_or_reasons_are_well(self):
        self.clock(4)
        self.put("events", id=90, at=1, kind="trigger.missed", subject="trigger/ticking#0", words="", data='{"count":1,"due_from":6000,"due_to":6000}')
        self.put("events", id=91, at=1, kind="trigger.skipped", subject="trigger/ticking#0", words="", data='{"due":8000}')
        self.expect()

    def test_a_lost_due_time_is_found(self):
        self.clock(4, 8)
        self.expect("neither job nor reason: [6000]")

    def test_a_due_time_that_was_run_twice_is_found(self):
        self.clock(4, 6, 8, 8)
        self.expect("dealt with twice: [8000]")

    def test_a_run_that_was_not_due_is_found(self):
        self.clock(4, 6, 7, 8)
        self.expect("never due: [7000]")

    def test_an_interval_that_is_too_short_is_found(self):
        self.tasks = {"again": TASKS["again"]}
        for number, created in ((1, 1000), (2, 2000), (3, 2500), (4, 2900)):
            self.job(number, task="again", created=created)
            self.ran(number, number)
        self.expect("job 4: is number 3 after job 1, came 1900 ms after it")

    def test_a_follower_that_is_missing_or_doubled_is_found(self):
        self.tasks["next"] = TASKS["next"]
        for number in (1, 2, 3):
            self.job(number)
            self.ran(number, number)
        for number, before in ((4, 1), (5, 2), (6, 2)):
            self.job(number, task="next", once=f"after/{before}/next/x{number}")
            self.ran(number, number)
        self.expect("job 2: has 2 followers", "job 3: has 0 followers")

    def test_a_key_that_two_held_at_once_is_found(self):
        for number in (1, 5, 9):
            self.job(number, unique_key="k")
            self.ran(number, number)
        self.put("events", id=4, at=1, kind="job.done", subject="job/1", words="", data="")
        self.put("events", id=12, at=1, kind="job.done", subject="job/5", words="", data="")
        self.expect("job 9: has the key of job 5, which had not ended (event 12)")

    def file(self, name, place, kind="good", jobs=1):
        path = f"{self.folder}/in/{name}"
        self.told.files[path] = kind
        if place is not None:
            with open(f"{self.folder}/in/{place}/{name}", "w", encoding="ascii"):
                pass
        for number in range(1, jobs + 1):
            self.job(number, source="folder in", payload=f'{{"file":"{path}"}}')
            self.ran(number, number)

    def test_a_file_in_its_place_is_well(self):
        self.file("a", "done")
        self.expect()

    def test_a_lost_file_and_one_that_was_not_moved_are_found(self):
        self.file("a", None)
        self.file("b", ".", jobs=0)
        self.expect("is in []", "has 0 jobs", "is in ['")

    def test_a_file_in_the_wrong_place_is_found(self):
        self.file("a", "done", kind="bad")
        self.expect("/in/failed'")

    def test_two_jobs_of_one_file_are_found(self):
        self.file("a", "done", jobs=2)
        self.expect("has 2 jobs: [1, 2]")

    def test_a_file_given_before_it_was_whole_is_found(self):
        self.file("a", "done")
        self.note("torn", 1, 1, "/in/a")
        self.expect("was given a file that was not whole")

    def test_a_row_that_is_not_settled_is_found(self):
        self.put("files", id=1, path="/in/a", state="moving", words="")
        self.expect("not settled")


if __name__ == "__main__":
    unittest.main()
