"""Work over changes, deaths and doubts: the plan of tasks and folders, the audit's own alarm, and what a
successor still knows of failures and rates."""

import os
import sqlite3
import unittest

from harness import HouseTest, until

TASK = "[task:{}]\ncommand = {}\n{}\n"


def task(name, more="", command="true"):
    return TASK.format(name, command, more)


class WorkTest(HouseTest):
    def opened(self, *arguments, **more):
        house = self.house(*arguments, **more).up()
        house.rpc.lares.tasks()  # answered once the database is open
        return house

    @staticmethod
    def events(house, kind):
        return house.rpc.lares.events({"kind": kind, "limit": 100})["events"]

    @staticmethod
    def kill(house):
        os.kill(house.rpc.supervisor.getPID(), 9)
        until(house.answers, limit=20)
        house.rpc.lares.tasks()

    @staticmethod
    def database(house):
        return next(os.path.join(place, "lares.db") for place, _, names in os.walk(house.folder) if "lares.db" in names)


class Plan(WorkTest):
    def test_tasks_are_planned_with_their_lines_and_next_runs_and_applied(self):
        zone = "timezone = Europe/Berlin\n"
        house = self.opened(task("report", "schedule = 0 2 * * *\n" + zone) + task("old", "schedule = @daily\n"))
        house.write(task("report", "schedule = 30 3 * * *\nretries = 2\n" + zone) + task("new", "schedule = @hourly\n"))
        plan = house.rpc.lares.plan()
        self.assertEqual([(one["action"], one["kind"], one["name"]) for one in plan["work"]],
                         [("change", "task", "report"), ("add", "task", "new"), ("remove", "task", "old")])
        report = plan["work"][0]
        self.assertEqual([(one["option"], one["before"], one["after"]) for one in report["options"]],
                         [("schedule", "0 2 * * *", "30 3 * * *"), ("retries", "(0 by default)", "2")])
        self.assertEqual([len(report[which]) for which in ("next_before", "next_after")], [5, 5])
        self.assertRegex(report["next_before"][0], r"T02:00:00\+0[12]:00$")
        self.assertRegex(report["next_after"][0], r"T03:30:00\+0[12]:00$")
        status, told = house.lares("plan")
        self.assertEqual(status, 0)
        self.assertRegex(told, r"lares\.conf:\d+: schedule: 0 2 \* \* \* -> 30 3 \* \* \*\n")
        self.assertRegex(told, r"before +after\n +\w{3} \S+ 02:00 \+0[12]:00 +\w{3} \S+ 03:30 \+0[12]:00\n")
        done = house.rpc.lares.apply(plan["fingerprint"])
        self.assertEqual([(one["name"], one["description"]) for one in done],
                         [("task/report", "changed"), ("task/new", "added"), ("task/old", "removed")])
        self.assertEqual(house.rpc.lares.plan()["work"], [])
        self.assertIn("nothing would change", house.lares("plan")[1])

    def test_jobs_of_a_removed_task_stay_and_go_on_when_it_is_back(self):
        nap = task("nap", command=f"sh -c 'while ! test -e {{}}; do sleep 0.05; done'")
        house = self.house()
        nap = nap.format(house.path("go"))
        house.write(nap)
        house.up()
        jobs = [house.rpc.lares.put("nap", {})["job"] for _ in range(3)]
        until(lambda: house.rpc.lares.job(jobs[0])["state"] == "running")
        house.write("")
        work = house.rpc.lares.plan()["work"]
        self.assertEqual((work[0]["action"], work[0]["waiting"], work[0]["running"]), ("remove", 2, 1))
        self.assertIn("2 jobs wait: they stay in the database", work[0]["notes"][0])
        self.assertIn("1 run goes on to the end", work[0]["notes"][1])
        house.rpc.lares.update([])
        open(house.path("go"), "w", encoding="utf-8").close()
        until(lambda: house.rpc.lares.job(jobs[0])["state"] == "done")  # as the plan said
        self.assertEqual([house.rpc.lares.job(one)["state"] for one in jobs[1:]], ["ready", "ready"])
        self.assertIn("there is no task 'nap'", house.lares("why", str(jobs[1]))[1])
        house.rpc.lares.cancel(jobs[1])
        self.assertEqual(house.rpc.lares.job(jobs[1])["state"], "cancelled")
        house.write(nap)
        house.rpc.lares.update([])
        until(lambda: house.rpc.lares.job(jobs[2])["state"] == "done")

    def test_a_removed_folder_leaves_what_waits_and_finishes_what_it_took(self):
        house = self.house()
        os.mkdir(house.path("in"))
        eat = task("eat", command=f"sh -c 'while ! test -e {house.path('go')}; do sleep 0.05; done'")
        folder = f"[folder:in]\npath = {house.path('in')}\ntask = eat\nsettle = 0\ndone = move:{house.path('done')}\n"
        house.write(eat + folder)
        house.up()
        house.rpc.lares.tasks()
        with open(house.path("a"), "w", encoding="utf-8") as file:
            file.write("a")
        os.rename(house.path("a"), house.path("in/a"))
        until(lambda: [one["state"] for one in house.rpc.lares.jobs({})["jobs"]] == ["running"])
        house.write(eat)
        work = house.rpc.lares.plan()["work"]
        self.assertEqual([(one["action"], one["kind"], one["running"]) for one in work], [("remove", "folder", 1)])
        self.assertIn("1 file is with jobs, which go on", work[0]["notes"][1])
        house.rpc.lares.update([])
        open(house.path("in/late"), "w", encoding="utf-8").close()
        open(house.path("go"), "w", encoding="utf-8").close()
        until(lambda: os.path.exists(house.path("done/a")))
        self.assertEqual(os.listdir(house.path("in")), ["late"])
        self.assertEqual(len(house.rpc.lares.jobs({})["jobs"]), 1)


class Audit(WorkTest):
    def test_what_has_neither_a_result_nor_a_reason_is_an_alarm_until_it_has_one(self):
        ops = "[channel:ops]\ntype = command\ncommand = /bin/true\n[lares]\nnotify = ops: audit\n"
        house = self.opened(task("a") + ops)
        house.rpc.lares.pause("a", "test")
        job = house.rpc.lares.put("a", {})["job"]
        house.down()
        with sqlite3.connect(self.database(house)) as database:  # a job vanishes, as no daemon may let it
            row = database.execute("SELECT * FROM jobs WHERE id = ?", (int(job),)).fetchone()
            database.execute("DELETE FROM jobs WHERE id = ?", (int(job),))
            database.execute("UPDATE events SET at = at - 120000")
        database.close()
        house.up()
        house.rpc.lares.tasks()
        until(lambda: len(self.events(house, "audit.unexplained")) == 1, limit=30)
        event = self.events(house, "audit.unexplained")[0]
        self.assertIn("1 unexplained", event["words"])
        self.assertIn("there is no such job", event["words"])
        self.assertIn("1 unexplained", house.lares("status")[1])
        self.assertEqual(house.rpc.lares.status([], [])["unexplained"], 1)
        self.assertEqual(house.lares("audit")[0], 1)
        until(lambda: [one for one in house.rpc.lares.alerts({})["alerts"] if one["subject"] == "audit"], limit=20)
        house.down()
        house.up()
        house.rpc.lares.tasks()
        until(lambda: house.rpc.lares.status([], [])["audited"], limit=30)
        self.assertEqual(len(self.events(house, "audit.unexplained")), 1)  # once, over a restart
        house.down()
        with sqlite3.connect(self.database(house)) as database:
            database.execute(f"INSERT INTO jobs VALUES ({','.join('?' * len(row))})", row)
        database.close()
        house.up()
        house.rpc.lares.tasks()
        until(lambda: len(self.events(house, "audit.clean")) == 1, limit=30)
        self.assertIn("0 unexplained", house.lares("status")[1])

    def test_a_house_in_order_is_looked_at_and_nothing_is_told(self):
        house = self.opened(task("a", "schedule = * * * * * *\n") + task("b", "schedule = */2 * * * * *\noverlap = skip\n",
                                                                           command="sleep 3"))
        until(lambda: house.rpc.lares.status([], [])["audited"], limit=30)
        self.assertEqual(house.rpc.lares.status([], [])["unexplained"], 0)
        self.assertEqual(self.events(house, "audit."), [])


class Kept(WorkTest):
    def test_a_circuit_that_is_open_stays_so_over_a_death_of_the_daemon(self):
        house = self.opened(task("a", "circuit = 3\n", command="false"))
        jobs = [house.rpc.lares.put("a", {"n": str(n)})["job"] for n in range(3)]
        until(lambda: all(house.rpc.lares.job(one)["state"] == "dead" for one in jobs))
        until(lambda: len(self.events(house, "circuit.open")) == 1)
        self.kill(house)
        held = house.rpc.lares.put("a", {"n": "held"})["job"]
        self.assertIn("3 jobs failed with no success between", house.lares("why", str(held))[1])
        self.assertEqual(house.rpc.lares.job(held)["state"], "ready")
        house.rpc.lares.resume("a")
        until(lambda: house.rpc.lares.job(held)["state"] == "dead")
        self.kill(house)  # and one that was reset is so
        again = house.rpc.lares.put("a", {"n": "again"})["job"]
        until(lambda: house.rpc.lares.job(again)["state"] == "dead")

    def test_failures_before_a_death_count_with_those_after_it(self):
        house = self.opened(task("a", "circuit = 3\n", command="false"))
        for n in range(3):
            job = house.rpc.lares.put("a", {"n": str(n)})["job"]
            until(lambda one=job: house.rpc.lares.job(one)["state"] == "dead")
            self.assertEqual(len(self.events(house, "circuit.open")), 1 if n == 2 else 0)
            self.kill(house)

    def test_rates_and_retry_budgets_count_what_started_before_a_death(self):
        house = self.opened(task("slow", "rate = 1/h\n") +
                            task("again", "retries = 5\nretry_backoff = 0s\nretry_budget = 2/h\n", command="false"))
        first = house.rpc.lares.put("slow", {})["job"]
        until(lambda: house.rpc.lares.job(first)["state"] == "done")
        failing = house.rpc.lares.put("again", {})["job"]
        until(lambda: house.rpc.lares.job(failing)["attempts"] == 3)
        self.kill(house)
        second = house.rpc.lares.put("slow", {})["job"]
        self.assertIn("rate", house.lares("why", str(second))[1])
        other = house.rpc.lares.put("again", {})["job"]
        until(lambda: house.rpc.lares.job(other)["attempts"] == 1)  # a first attempt is no retry
        self.assertIn("budget", house.lares("why", str(failing))[1])
        self.assertIn("budget", house.lares("why", str(other))[1])
        self.assertEqual(house.rpc.lares.job(second)["state"], "ready")
        self.assertEqual(house.rpc.lares.job(failing)["attempts"], 3)


if __name__ == "__main__":
    unittest.main()
