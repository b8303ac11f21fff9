"""Tasks, triggers and jobs: the one road, with real processes and a real database."""

import json
import os
import signal
import sqlite3
import stat
import time
import unittest
import urllib.parse
import xmlrpc.client

from harness import HouseTest, is_alive, until

WORKER = """#!/usr/bin/env python3
import json, os, sys, time
for line in sys.stdin:
    asked = json.loads(line)
    if "cancel" in asked:
        continue
    payload = asked["payload"]
    with open("began", "a") as book:
        book.write("%d\\n" % asked["job"])
    if payload.get("die"):
        os.kill(os.getpid(), 9)
    if payload.get("hang"):
        time.sleep(1000)
    if payload.get("fail"):
        answer = {"job": asked["job"], "ok": False, "error": "it said so", "code": 7}
    else:
        answer = {"job": asked["job"], "ok": True, "result": {"pid": os.getpid(), "n": payload.get("n")}}
    print(json.dumps(answer), flush=True)
"""


# Notes what it comes to, and answers when there is a file "go".
PATIENT = """#!/usr/bin/python3
import json, os, sys, time
for line in sys.stdin:
    job = json.loads(line)["job"]
    with open("times", "a") as file:
        file.write(f"{job}\\n")
    while not os.path.exists("go"):
        time.sleep(0.01)
    print(json.dumps({"job": job, "ok": True, "result": {"n": job}}), flush=True)
"""


class TaskTest(HouseTest):
    def house(self, *arguments, **more):
        house = super().house(*arguments, **more)
        begin = house.up

        def up():
            begin()
            house.rpc.lares.tasks()  # answered once the database is open
            return house

        house.up = up
        return house

    def job(self, house, number):
        return house.rpc.lares.job(number)

    def state(self, house, number):
        return self.jobs_state(house)[number]

    def jobs_state(self, house):
        return {job["job"]: job["state"] for job in house.rpc.lares.jobs({"limit": 1000})["jobs"]}

    def until_job(self, house, number, *states, limit=None):
        return until(lambda: self.state(house, number) in states, limit=limit,
                     say=f"job {number} did not become {states}; log:\n{house.log()}")

    def rows(self, house, query):
        folder = [os.path.join(place, "lares.db") for place, _, names in os.walk(house.folder) if "lares.db" in names]
        with sqlite3.connect(f"file:{urllib.parse.quote(folder[0])}?mode=ro", uri=True) as connection:
            return connection.execute(query).fetchall()


class Jobs(TaskTest):
    def test_a_job_runs_with_its_payload_in_arguments_variables_and_a_file(self):
        house = self.house(
            "[task:print]\n"
            "command = sh -c 'echo \"arg=$1 variable=$PAYLOAD_name job=$LARES_JOB task=$LARES_TASK attempt=$LARES_ATTEMPT\";"
            " cat $LARES_PAYLOAD' x {{name}}\n").up()
        put = house.rpc.lares.put("print", {"name": "a b;$(touch hacked)", "n": 3})
        self.until_job(house, put["job"], "done")
        told = house.rpc.lares.run("print", {"name": "c"}, {"wait": True})
        self.assertEqual(told["state"], "done")
        self.assertIn("arg=c variable=c", told["log"])
        self.assertIn('"name":"c"', told["log"].replace(" ", ""))
        log = self.rows(house, f"select log from runs where job = {put['job']}")[0][0]
        with open(log, encoding="utf-8") as file:
            text = file.read()
        self.assertIn(f"arg=a b;$(touch hacked) variable=a b;$(touch hacked) job={put['job']} task=print attempt=1", text)
        self.assertFalse(os.path.exists(house.path("hacked")))
        self.assertEqual(stat.S_IMODE(os.stat(log).st_mode), 0o600)

    def test_what_is_put_is_durable_before_it_is_answered(self):
        house = self.house("[task:t]\ncommand = true\nenabled = true\nnot_between = 00:00-23:59, 23:59-00:00\n").up()
        put = house.rpc.lares.put("t", {"n": 1})
        os.kill(house.daemon_pid, signal.SIGKILL)
        self.assertEqual(self.rows(house, "select id, payload, state from jobs"), [(put["job"], '{"n":1}', "ready")])

    def test_a_failing_job_is_retried_and_then_a_dead_letter_that_can_be_tried_again(self):
        house = self.house(
            "[task:t]\ncommand = sh -c 'test -e good || exit 3'\nretries = 2\nretry_backoff = 100ms..200ms\n").up()
        put = house.rpc.lares.put("t")
        self.until_job(house, put["job"], "dead")
        self.assertEqual(self.rows(house, "select attempts, errors from jobs"), [(3, 3)])
        self.assertEqual(self.rows(house, "select outcome, code from runs order by run"), [("error", 3)] * 3)
        open(house.path("good"), "w").close()
        house.rpc.lares.retry(put["job"])
        self.until_job(house, put["job"], "done")

    def test_a_job_whose_attempts_crash_is_parked_as_poison(self):
        house = self.house(
            "[task:t]\ncommand = sh -c 'kill -SEGV $$'\nretries = 9\nretry_backoff = 50ms\npoison_after = 2\n").up()
        put = house.rpc.lares.put("t", {"bad": "input"})
        self.until_job(house, put["job"], "parked")
        self.assertEqual(self.rows(house, "select attempts, crashes, payload from jobs"), [(2, 2, '{"bad":"input"}')])

    def test_an_attempt_that_takes_too_long_is_ended_with_its_children(self):
        house = self.house(
            "[task:t]\ncommand = sh -c 'sleep 1000 & echo $! > child; wait'\ntimeout = 300ms\nstopwaitsecs = 1\n").up()
        put = house.rpc.lares.put("t")
        self.until_job(house, put["job"], "dead")
        self.assertEqual(self.rows(house, "select outcome from runs"), [("timeout",)])
        until(lambda: not is_alive(int(house.read("child"))))

    def test_a_running_job_can_be_cancelled_and_a_waiting_one_too(self):
        house = self.house("[task:t]\ncommand = sleep 1000\nworkers = 1\n").up()
        first = house.rpc.lares.put("t")["job"]
        self.until_job(house, first, "running")
        second = house.rpc.lares.put("t")["job"]
        house.rpc.lares.cancel(second)
        self.assertEqual(self.state(house, second), "cancelled")
        house.rpc.lares.cancel(first)
        self.until_job(house, first, "cancelled")

    def test_unique_keys_hold_among_live_jobs_and_idempotency_keys_for_good(self):
        house = self.house("[task:t]\ncommand = sh -c 'until test -e go; do sleep 0.02; done'\n").up()
        first = house.rpc.lares.put("t", {}, {"key": "k", "once": "o"})
        again = house.rpc.lares.put("t", {}, {"key": "k"})
        self.assertEqual((again["job"], again["duplicate"]), (first["job"], True))
        open(house.path("go"), "w").close()
        self.until_job(house, first["job"], "done")
        fresh = house.rpc.lares.put("t", {}, {"key": "k"})
        self.assertFalse(fresh["duplicate"])
        same = house.rpc.lares.put("t", {}, {"once": "o"})
        self.assertEqual((same["job"], same["duplicate"]), (first["job"], True))

    def test_priorities_come_first_and_one_resource_is_held_by_one(self):
        house = self.house(
            "[lares]\nresources = db:1\n"
            "[task:a]\ncommand = sh -c 'echo {{n}} >> order; sleep 0.1'\nresources = db:1\nworkers = 5\n").up()
        house.rpc.lares.pause("a")
        numbers = {}
        for n, priority in ((1, 0), (2, 5), (3, 9)):
            numbers[n] = house.rpc.lares.put("a", {"n": n}, {"priority": priority})["job"]
        why = house.rpc.lares.why("a")
        self.assertIn("paused", json.dumps(why))
        house.rpc.lares.resume("a")
        for n in numbers.values():
            self.until_job(house, n, "done")
        self.assertEqual(house.read("order").split(), ["3", "2", "1"])
        spans = self.rows(house, "select started, ended from runs order by started")
        for (_, end), (begin, _) in zip(spans, spans[1:]):
            self.assertGreaterEqual(begin, end - 5)

    def test_a_pause_survives_the_daemon(self):
        house = self.house("[task:t]\ncommand = true\n").up()
        house.rpc.lares.pause("t", "because")
        put = house.rpc.lares.put("t")["job"]
        house.kill_daemon()
        self.assertIn("because", json.dumps(house.rpc.lares.why(str(put))))
        house.rpc.lares.resume("t")
        self.until_job(house, put, "done")

    def test_a_task_waits_for_the_programs_it_needs(self):
        house = self.house("[program:db]\ncommand = sleep 1000\nautostart = false\nstartsecs = 0\n"
                           "[task:t]\ncommand = true\nneeds = db\n").up()
        put = house.rpc.lares.put("t")["job"]
        self.assertIn("needs db (STOPPED)", json.dumps(house.rpc.lares.why(str(put))))
        house.rpc.supervisor.startProcess("db")
        self.until_job(house, put, "done")

    def test_what_cannot_be_taken_is_refused_with_what_to_do(self):
        house = self.house("[task:order]\ncommand = echo {{id}}\nqueue_max = 1\nworkers = 1\n"
                           "not_between = 00:00-23:59, 23:59-00:00\n").up()
        for task, payload, words in (("ordr", {}, "did you mean 'order'"), ("order", {}, "id"),
                                     ("order", "[1]", "object"), ("order", "{", "")):
            with self.assertRaises(xmlrpc.client.Fault) as caught:
                house.rpc.lares.put(task, payload)
            self.assertIn(words, caught.exception.faultString)
        house.rpc.lares.put("order", {"id": 1})
        with self.assertRaises(xmlrpc.client.Fault) as caught:
            house.rpc.lares.put("order", {"id": 2})
        self.assertIn("full", caught.exception.faultString)
        self.assertEqual(len(self.rows(house, "select id from jobs")), 1)

    def test_a_batch_is_stored_whole_or_not_at_all(self):
        house = self.house("[task:t]\ncommand = true\nworkers = 4\n").up()
        lines = "\n".join(json.dumps({"task": "t", "payload": {"n": n}}) for n in range(200))
        with self.assertRaises(xmlrpc.client.Fault) as caught:
            house.rpc.lares.put_batch(lines + '\n{"task":"x"}\n')
        self.assertIn("201", caught.exception.faultString)
        self.assertEqual(self.rows(house, "select count(*) from jobs"), [(0,)])
        house.rpc.lares.put_batch(lines)
        until(lambda: self.rows(house, "select count(*) from jobs where state = 'done'") == [(200,)], limit=60)


class Triggers(TaskTest):
    def test_a_schedule_brings_one_job_for_each_due_time(self):
        house = self.house("[task:tick]\ncommand = true\nschedule = * * * * * *\n").up()
        until(lambda: len(self.rows(house, "select id from jobs where state = 'done'")) >= 3)
        dues = [due for (due,) in self.rows(house, "select due from jobs order by id")]
        self.assertEqual([due - dues[0] for due in dues], [n * 1000 for n in range(len(dues))])
        until(lambda: house.rpc.lares.audit()["unexplained"] == 0)

    def test_what_was_missed_while_the_daemon_was_down_is_caught_up_once_and_told(self):
        house = self.house("[task:tick]\ncommand = true\nschedule = * * * * * *\ncatchup = latest\n").up()
        until(lambda: self.rows(house, "select count(*) from jobs")[0][0] >= 1)
        house.down()
        before = self.rows(house, "select max(due) from jobs")[0][0]
        time.sleep(max(0.0, before / 1000 + 4 - time.time()))  # the clock itself is what is waited for
        house.up()
        until(lambda: self.rows(house, "select count(*) from events where kind = 'trigger.missed'")[0][0] == 1)
        until(lambda: house.rpc.lares.audit()["unexplained"] == 0)
        gaps = [due for (due,) in self.rows(house, f"select due from jobs where due > {before} order by due")]
        self.assertGreater(gaps[0] - before, 1000)

    def test_overlap_skip_leaves_a_word_for_each_that_was_skipped(self):
        house = self.house("[task:slow]\ncommand = sleep 1000\nschedule = * * * * * *\noverlap = skip\nstopwaitsecs = 1\n").up()
        until(lambda: self.rows(house, "select count(*) from events where kind = 'trigger.skipped'")[0][0] >= 2)
        self.assertEqual(self.rows(house, "select count(*) from jobs"), [(1,)])

    def test_after_passes_on_the_payload_and_all_of_waits_for_all(self):
        house = self.house(
            "[task:a]\ncommand = true\n[task:b]\ncommand = sh -c 'exit $PAYLOAD_code'\npayload = code=0\n"
            "[task:one]\ncommand = sh -c 'echo $PAYLOAD_x $PAYLOAD_after_task >> one'\nafter = a\n"
            "[task:both]\ncommand = sh -c 'echo both >> both'\nafter = a, b:any\n"
            "[task:bad]\ncommand = sh -c 'echo bad >> bad'\nafter = b:failure\n").up()
        house.rpc.lares.put("a", {"x": "7"})
        until(lambda: house.read("one") == "7 a\n")
        self.assertEqual(house.read("both"), "")
        house.rpc.lares.put("b", {"code": "1"})
        until(lambda: house.read("both") == "both\n")
        until(lambda: house.read("bad") == "bad\n")

    def test_an_event_of_a_program_is_a_trigger(self):
        house = self.house("[program:p]\ncommand = false\nstartretries = 0\n"
                           "[task:mourn]\ncommand = sh -c 'echo $PAYLOAD_event $PAYLOAD_subject >> mourned'\n"
                           "on = PROCESS_STATE_FATAL p*\n").up()
        until(lambda: house.read("mourned") == "PROCESS_STATE_FATAL p:p\n")

    def test_every_runs_at_the_start_and_then_in_its_time(self):
        house = self.house("[task:e]\ncommand = true\nevery = 1s\n").up()
        until(lambda: self.rows(house, "select count(*) from jobs where state = 'done'")[0][0] >= 3)

    def test_a_reboot_schedule_runs_once_a_boot_and_not_at_each_start(self):
        house = self.house("[task:boot]\ncommand = true\nschedule = @reboot\n").up()
        until(lambda: self.rows(house, "select state from jobs") == [("done",)])
        house.down()
        house.up()
        house.rpc.lares.put("boot")
        until(lambda: self.rows(house, "select count(*) from jobs where state = 'done'") == [(2,)])


    def test_what_follows_on_another_replaces_the_one_before_it_where_overlap_says_so(self):
        house = self.house("[task:a]\ncommand = true\n"
                           "[task:b]\ncommand = sleep 1000\nafter = a\noverlap = replace\nstopwaitsecs = 2\n").up()
        house.rpc.lares.put("a")
        until(lambda: self.rows(house, "select state from jobs where task = 'b'") == [("running",)])
        house.rpc.lares.put("a")
        until(lambda: self.rows(house, "select state from jobs where task = 'b' order by id") == [("cancelled",), ("running",)])

    def test_of_what_follows_at_one_moment_unique_lets_one_in(self):
        house = self.house("[task:a]\ncommand = true\nworkers = 8\n[task:b]\ncommand = sleep 1000\nafter = a\nunique = one\nstopwaitsecs = 2\n").up()
        house.rpc.lares.put_batch("\n".join(['{"task":"a"}'] * 30))
        until(lambda: self.rows(house, "select count(*) from jobs where task = 'a' and state = 'done'") == [(30,)])
        until(lambda: self.rows(house, "select count(*) from events where kind = 'trigger.skipped'") == [(29,)])
        self.assertEqual(self.rows(house, "select state from jobs where task = 'b'"), [("running",)])


class Lines(TaskTest):
    def worker(self, house):
        path = house.path("worker")
        with open(path, "w", encoding="utf-8") as file:
            file.write(WORKER)
        os.chmod(path, 0o755)

    def house_with(self, options=""):
        house = self.house(f"[task:w]\ncommand = %(here)s/worker\nprotocol = lines\ndirectory = %(here)s\n{options}")
        self.worker(house)
        return house.up()

    def test_one_worker_answers_many_jobs(self):
        house = self.house_with("workers = 1\n")
        jobs = [house.rpc.lares.put("w", {"n": n})["job"] for n in range(20)]
        for job in jobs:
            self.until_job(house, job, "done")
        results = [json.loads(result) for (result,) in self.rows(house, "select result from jobs order by id")]
        self.assertEqual([result["n"] for result in results], list(range(20)))
        self.assertEqual(len({result["pid"] for result in results}), 1)

    def test_a_job_that_kills_its_worker_is_parked_and_the_others_are_done(self):
        house = self.house_with("workers = 1\nprefetch = 8\nretries = 5\nretry_backoff = 10ms\npoison_after = 2\n")
        house.rpc.lares.pause("w")
        bad = house.rpc.lares.put("w", {"die": True})["job"]
        good = [house.rpc.lares.put("w", {"n": n})["job"] for n in range(5)]
        house.rpc.lares.resume("w")
        self.until_job(house, bad, "parked", limit=60)
        for job in good:
            self.until_job(house, job, "done", limit=60)
        self.assertEqual(self.rows(house, f"select max(errors), max(crashes) from jobs where id != {bad}"), [(0, 0)])

    def test_an_answer_that_says_no_is_a_failure_with_its_words(self):
        house = self.house_with("retries = 0\n")
        job = house.rpc.lares.put("w", {"fail": True})["job"]
        self.until_job(house, job, "dead")
        self.assertIn("it said so", self.rows(house, "select why from jobs")[0][0])

    def test_a_worker_that_hangs_is_ended_by_the_jobs_timeout(self):
        house = self.house_with("timeout = 400ms\nretries = 0\n")
        job = house.rpc.lares.put("w", {"hang": True})["job"]
        self.until_job(house, job, "dead")
        self.assertEqual(self.rows(house, "select outcome from runs"), [("timeout",)])


class Deaths(TaskTest):
    def test_a_running_attempt_outlives_the_daemon_and_its_end_is_seen(self):
        house = self.house("[task:t]\ncommand = sh -c 'echo begin; until test -e go; do sleep 0.02; done; echo end; exit 3'\n"
                           "success_codes = 3\n").up()
        job = house.rpc.lares.put("t")["job"]
        self.until_job(house, job, "running")
        pid = until(lambda: [run["pid"] for run in house.rpc.lares.running() if run["pid"]])[0]
        house.kill_daemon()
        self.assertTrue(is_alive(pid))
        self.assertEqual([run["pid"] for run in house.rpc.lares.running()], [pid])
        open(house.path("go"), "w").close()
        self.until_job(house, job, "done")
        self.assertEqual(self.rows(house, "select attempts from jobs"), [(1,)])
        log = self.rows(house, "select log, code from runs")[0]
        with open(log[0], encoding="utf-8") as file:
            self.assertEqual(file.read(), "begin\nend\n")
        self.assertEqual(log[1], 3)

    def test_an_attempt_that_ends_while_there_is_no_daemon_is_not_done_again(self):
        house = self.house("[task:t]\ncommand = sh -c 'echo x >> times; until test -e go; do sleep 0.01; done'\n").up()
        job = house.rpc.lares.put("t")["job"]
        until(lambda: house.read("times") == "x\n")
        old = house.daemon_pid
        os.kill(old, signal.SIGSTOP)
        open(house.path("go"), "w").close()
        os.kill(old, signal.SIGKILL)
        until(lambda: house.daemon_pid != old and house.answers())
        self.until_job(house, job, "done")
        self.assertEqual(house.read("times"), "x\n")

    def test_what_a_worker_answered_is_not_done_again_though_the_disk_had_not_taken_it(self):
        house = self.house("[task:w]\ncommand = %(here)s/worker\nprotocol = lines\nprefetch = 4\nworkers = 1\ndirectory = %(here)s\n")
        with open(house.path("worker"), "w", encoding="utf-8") as file:
            file.write(PATIENT)
        os.chmod(house.path("worker"), 0o755)
        house.up()
        jobs = [house.rpc.lares.put("w")["job"] for _ in range(3)]
        for job in jobs:
            self.until_job(house, job, "running")
        until(lambda: house.read("times") == f"{jobs[0]}\n")
        folder = next(place for place, _, names in os.walk(house.folder) if "lares.db" in names)
        with sqlite3.connect(os.path.join(folder, "lares.db"), isolation_level=None) as other:
            other.execute("begin immediate")  # nothing can be written now
            open(house.path("go"), "w").close()
            until(lambda: self.noted(folder) == 3, say="the answers are not in the daemon's memory")
            old = house.daemon_pid
            os.kill(old, signal.SIGKILL)
            other.execute("rollback")
        until(lambda: house.daemon_pid != old and house.answers())
        for job in jobs:
            self.until_job(house, job, "done")
        self.assertEqual(house.read("times"), "".join(f"{job}\n" for job in jobs))
        self.assertEqual(self.rows(house, "select outcome, attempt from runs where kind = 'job'"), [("ok", 1)] * 3)
        self.assertEqual([json.loads(result)["n"] for (result,) in self.rows(house, "select result from jobs order by id")], jobs)
        until(lambda: house.rpc.lares.audit()["unexplained"] == 0)

    def noted(self, folder):
        with open(os.path.join(folder, "ledger"), "rb") as file:
            return file.read().count(b"outcome=ok")

    def test_a_daemon_told_to_end_gives_its_jobs_back(self):
        house = self.house("[task:t]\ncommand = sh -c 'echo x >> times; test -e go || exec sleep 1000'\nstopwaitsecs = 2\n").up()
        job = house.rpc.lares.put("t")["job"]
        until(lambda: house.read("times") == "x\n")
        house.down()
        self.assertEqual(self.rows(house, "select state, errors from jobs"), [("ready", 0)])
        kinds = "select kind from events where kind in ('job.again', 'job.retry')"
        self.assertEqual(self.rows(house, kinds), [("job.again",)])
        open(house.path("go"), "w").close()
        house.up()
        self.until_job(house, job, "done")
        self.assertEqual(house.read("times"), "x\nx\n")


class Folders(TaskTest):
    def test_files_become_jobs_and_go_where_the_end_of_the_job_says(self):
        house = self.house("[folder:in]\npath = %(here)s/in\ntask = press\nsettle = 0\ndone = move:done\nfailed = move:failed\n"
                           "[task:press]\ncommand = sh -c 'grep -q good \"$1\"' x {{file}}\nretries = 0\n")
        os.mkdir(house.path("in"))
        house.up()
        for name, text in (("a.txt", "good"), ("-b c\n.txt", "good"), ("bad.txt", "bad")):
            with open(house.path("part"), "w", encoding="utf-8") as file:
                file.write(text)
            os.rename(house.path("part"), os.path.join(house.path("in"), name))
        until(lambda: sorted(os.listdir(house.path("in/done"))) == ["-b c\n.txt", "a.txt"]
              if os.path.exists(house.path("in/done")) else False)
        until(lambda: os.path.exists(house.path("in/failed")) and os.listdir(house.path("in/failed")) == ["bad.txt"])
        until(lambda: house.rpc.lares.audit()["unexplained"] == 0)

    def test_files_that_lay_there_before_the_start_are_taken_once(self):
        house = self.house("[folder:in]\npath = %(here)s/in\ntask = count\nsettle = 200ms\ndone = keep\n"
                           "[task:count]\ncommand = sh -c 'echo $PAYLOAD_name >> counted'\n")
        os.mkdir(house.path("in"))
        for n in range(5):
            with open(house.path(f"in/{n}"), "w", encoding="utf-8") as file:
                file.write("x")
        house.up()
        until(lambda: len(house.read("counted").split()) == 5)
        house.kill_daemon()
        with open(house.path("in/new"), "w", encoding="utf-8") as file:
            file.write("x")
        until(lambda: "new" in house.read("counted"))
        self.assertEqual(sorted(house.read("counted").split()), ["0", "1", "2", "3", "4", "new"])


class Hearing(TaskTest):
    def test_a_story_goes_from_the_file_to_the_end(self):
        house = self.house("[folder:in]\npath = %(here)s/in\ntask = press\nsettle = 0\n[task:press]\n"
                           "command = sh -c 'test -e mended || exit 1'\nretries = 3\nretry_backoff = 100ms\n")
        os.mkdir(house.path("in"))
        house.up()
        with open(house.path("in/x.pdf"), "w", encoding="utf-8") as file:
            file.write("x")
        until(lambda: self.rows(house, "select count(*) from events where kind = 'job.retry'")[0][0] >= 1)
        open(house.path("mended"), "w").close()
        until(lambda: self.rows(house, "select state from jobs") == [("done",)])
        kinds = [step["kind"] for step in house.rpc.lares.trace(house.path("in/x.pdf"))["story"]]
        for kind in ("folder.file", "job.accepted", "job.started", "job.retry", "job.done"):
            self.assertIn(kind, kinds)

    def test_progress_is_shown_while_the_job_runs(self):
        house = self.house("[task:t]\ncommand = sh -c 'echo 40 uploading >&$LARES_PROGRESS; until test -e go; do sleep 0.02; done'\n").up()
        job = house.rpc.lares.put("t")["job"]
        until(lambda: [(run["progress"], run["progress_words"]) for run in house.rpc.lares.running()] == [(40, "uploading")])
        open(house.path("go"), "w").close()
        self.until_job(house, job, "done")

    def test_maintenance_holds_jobs_and_lets_them_go(self):
        house = self.house("[task:t]\ncommand = true\n").up()
        house.rpc.lares.maintenance_begin("1h", [], "new disks")
        job = house.rpc.lares.put("t")["job"]
        self.assertIn("new disks", json.dumps(house.rpc.lares.why(str(job))))
        house.rpc.lares.maintenance_end()
        self.until_job(house, job, "done")

    def test_programs_are_in_the_journal_and_a_crash_loop_does_not_fill_it(self):
        house = self.house("[program:p]\ncommand = sh -c 'exit 0'\nstartsecs = 0\nautorestart = true\nrestart_delay = 0s\n").up()
        until(lambda: self.rows(house, "select count(*) from events where subject = 'program/p:p'")[0][0] >= 20)
        until(lambda: int(house.rpc.lares.status(["p"])["processes"][0]["restarts"]) > 40)
        self.assertLessEqual(self.rows(house, "select count(*) from events where subject = 'program/p:p'")[0][0], 45)

    def test_a_lateness_is_told_before_anyone_asks(self):
        house = self.house("[task:t]\ncommand = true\nexpect = every 1s\non_late = alarm\n"
                           "[task:alarm]\ncommand = sh -c 'echo $PAYLOAD_late_task >> alarmed'\n").up()
        until(lambda: house.read("alarmed") == "t\n")
        self.assertEqual([task["late"] for task in house.rpc.lares.tasks() if task["task"] == "t"], [True])
        house.rpc.lares.put("t")
        until(lambda: self.rows(house, "select count(*) from events where kind = 'expect.ok'")[0][0] == 1)


if __name__ == "__main__":
    unittest.main()
