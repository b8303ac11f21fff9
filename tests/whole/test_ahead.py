"""Looking ahead and beside: simulate, shadow, the plan of tasks, what is expected of programs."""

import gzip
import json
import os
import unittest

from harness import HouseTest, until


class AheadTest(HouseTest):
    def opened(self, *arguments, **more):
        house = self.house(*arguments, **more).up()
        house.rpc.lares.tasks()  # answered once the database is open
        return house


class Simulate(AheadTest):
    TASKS = "[task:nap]\ncommand = sleep 1.2\nschedule = 0 3 * * *\n"

    def test_the_past_of_a_running_house_is_played_again_and_nothing_is_run(self):
        house = self.opened(self.TASKS)
        told = house.rpc.lares.run("nap", {}, {"wait": True})
        self.assertEqual(told["state"], "done")
        database = [os.path.join(place, "lares.db") for place, _, names in os.walk(house.folder) if "lares.db" in names]
        for whose in (["--database", database[0]], []):  # else it asks the daemon
            _, told = house.lares("simulate", house.config, "--days", "3", "--json", *whose, check=True)
            seen = json.loads(told)
            task = seen["tasks"][0]
            self.assertEqual(task["task"], "nap")
            self.assertEqual(task["due"], 6)  # three by the clock, and the run by hand once a day
            self.assertEqual(task["busy_seconds"], 6)
            self.assertIn("1 runs, 1 arrivals", seen["past"])
        self.assertEqual(len(house.rpc.lares.jobs({})["jobs"]), 1)

    def test_it_needs_no_daemon_and_says_what_it_assumes(self):
        house = self.house(self.TASKS)
        status, told = house.lares("simulate", house.config, "--days", "3", "--assume", "1h")
        self.assertEqual(status, 0, told)
        self.assertIn("without a past", told)
        self.assertIn("1h are assumed", told)

    def test_mistakes_are_placed_and_exit_with_2(self):
        house = self.house("[task:nap]\ncommand = sleep 1\nschedule = 0 22-2 * * *\n")
        status, told = house.lares("simulate", house.config)
        self.assertEqual(status, 2)
        self.assertIn("22-23,0-2", told)


class Shadow(AheadTest):
    def shadow(self, house, *words):
        status, told = house.lares("shadow", "crontab", house.path("tab"), "--tz", "UTC", "--syslog", house.path("log"),
                                   *words)
        return status, told

    def tab(self, house, text):
        with open(house.path("tab"), "w", encoding="utf-8") as file:
            file.write(text)

    def test_rotated_and_compressed_logs_are_read_and_differences_are_placed(self):
        house = self.house()
        self.tab(house, "MAILTO=x\n0 3 * * * /bin/backup --all\n*/30 * * * * true %input\n")
        with gzip.open(house.path("log.2.gz"), "wt") as file:
            file.write("2026-03-28T00:00:00+00:00 h kernel: up\n2026-03-28T00:30:01+00:00 h CRON[5]: (anna) CMD (true )\n")
        with open(house.path("log.1"), "w", encoding="utf-8") as file:
            file.write("2026-03-28T01:00:01+00:00 h CRON[6]: (anna) CMD (true )\n"
                       "2026-03-28T01:45:01+00:00 h CRON[7]: (anna) CMD (true )\n")
        with open(house.path("log"), "w", encoding="utf-8") as file:
            file.write("2026-03-28T02:00:01+00:00 h CRON[8]: (anna) CMD (true )\n"
                       "2026-03-28T02:20:00+00:00 h kernel: x\n")
        status, told = self.shadow(house, "--of", "anna", "--json")
        self.assertEqual(status, 1, told)
        seen = json.loads(told)
        self.assertEqual(seen["agree_count"], 3)
        self.assertEqual([one["at"] for one in seen["missing"]], ["2026-03-28T00:00:00+00:00", "2026-03-28T01:30:00+00:00"])
        self.assertEqual([(one["at"], one["line"]) for one in seen["too_much"]], [("2026-03-28T01:45:01+00:00", 3)])
        self.assertEqual(len(seen["logs"]), 3)

    def test_a_table_and_a_log_that_agree_exit_with_0(self):
        house = self.house()
        self.tab(house, "0 3 * * * /bin/backup\n")
        with open(house.path("log"), "w", encoding="utf-8") as file:
            file.write("Mar 28 02:00:00 h kernel: up\nMar 28 03:00:01 h CROND[5]: (anna) CMD (/bin/backup)\n")
        status, told = self.shadow(house)
        self.assertEqual(status, 0, told)
        self.assertIn("1 runs agree, 0 would have run and did not", told)


class Expected(AheadTest):
    def late(self, house, kind="expect.late"):
        return [row["subject"] for row in house.rpc.lares.events({"kind": kind})["events"]]

    def test_a_program_that_falls_silent_is_late_and_well_again_when_it_writes(self):
        house = self.opened(
            "[program:talk]\n"
            "command = sh -c 'echo begin; while ! test -e go; do sleep 0.05; done; while :; do echo x; sleep 0.2; done'\n"
            "directory = %(here)s\nstartsecs = 0\nexpect = output within 1s\n")
        until(lambda: self.late(house) == ["program/talk:talk"], limit=20)
        self.assertIn("late: nothing since", house.log())
        self.assertIn("program 'talk', expected output within 1 s", house.log())
        open(house.path("go"), "w", encoding="utf-8").close()
        until(lambda: self.late(house, "expect.ok") == ["program/talk:talk"], limit=20)

    def test_several_lines_of_one_program_are_late_and_told_one_by_one(self):
        house = self.opened("[program:mute]\ncommand = sleep 1000\nstartsecs = 0\n"
                            "expect = output within 1s\n  every 2s\n  output within 10min\n")
        until(lambda: len(self.late(house)) == 2, limit=20)
        words = sorted(row["words"] for row in house.rpc.lares.events({"kind": "expect.late"})["events"])
        self.assertIn("output within 1 s", words[0] + words[1])
        self.assertIn("every 2 s", words[0] + words[1])
        self.assertNotEqual(words[0], words[1])
        self.assertEqual(self.late(house), ["program/mute:mute"] * 2)  # the third line has time

    def test_nothing_is_expected_of_a_program_that_is_stopped(self):
        house = self.opened("[program:mute]\ncommand = sleep 1000\nstartsecs = 0\nautostart = false\n"
                            "expect = output within 1s\n[program:other]\ncommand = sleep 1000\nstartsecs = 0\n"
                            "expect = every 1s\n")
        until(lambda: self.late(house) == ["program/other:other"], limit=20)
        house.rpc.supervisor.startProcess("mute")
        until(lambda: sorted(self.late(house)) == ["program/mute:mute", "program/other:other"], limit=20)

    def test_lateness_is_told_once_over_a_death_of_the_daemon(self):
        house = self.opened("[program:mute]\ncommand = sleep 1000\nstartsecs = 0\nexpect = output within 1s\n")
        until(lambda: self.late(house) == ["program/mute:mute"], limit=20)
        pid = house.pid("mute")
        os.kill(house.rpc.supervisor.getPID(), 9)
        until(house.answers, limit=20)
        house.rpc.lares.tasks()
        self.assertEqual(house.pid("mute"), pid)
        until(lambda: self.late(house, "daemon.start"), limit=20)
        self.assertEqual(self.late(house), ["program/mute:mute"])

    def test_what_cannot_be_seen_of_a_program_is_refused(self):
        house = self.house("[program:x]\ncommand = cat\nexpect = output\n[program:y]\ncommand = cat\n"
                           "expect = within 5min of file *.csv\n[program:z]\ncommand = cat\nexpect = by 06:00 at least 3\n")
        status, told = house.lares("check")
        self.assertEqual(status, 1)
        self.assertEqual(told.count("of a program write output within 10min"), 3, told)


class Commands(AheadTest):
    def test_priority_running_and_a_rerun_of_a_large_payload(self):
        house = self.opened("[task:nap]\ncommand = sh -c 'wc -c < $LARES_PAYLOAD; while ! test -e go; do sleep 0.05; done'\n"
                            "directory = %(here)s\n")
        first = house.rpc.lares.put("nap", {"n": "x" * 200_000})["job"]
        until(lambda: house.rpc.lares.job(first)["state"] == "running")
        second, third = (house.rpc.lares.put("nap", {})["job"] for _ in range(2))
        _, told = house.lares("priority", str(third), "10", check=True)
        self.assertIn(f"job {third}: has priority 10", told)
        self.assertEqual(house.rpc.lares.job(third)["priority"], 10)
        self.assertEqual(house.lares("priority", str(third), "high")[0], 1)
        _, told = house.lares("jobs", "--running", check=True)
        self.assertIn(f"{first}", told)
        self.assertIn("pid ", told)
        open(house.path("go"), "w", encoding="utf-8").close()
        until(lambda: house.rpc.lares.job(second)["state"] == "done")
        _, told = house.lares("jobs", "--running", check=True)
        self.assertIn("no job runs", told)
        run = house.rpc.lares.job(first)["run"]
        _, told = house.lares("rerun", str(run), "--json", check=True)
        again = json.loads(told)["job"]
        until(lambda: house.rpc.lares.job(again)["state"] == "done")
        log = house.rpc.lares.run_log(house.rpc.lares.job(again)["run"], 0, 1000)
        self.assertIn("200008", json.dumps(log, default=str))

    def test_a_file_that_a_folder_asks_about_is_decided_by_its_path(self):
        house = self.house()
        os.mkdir(house.path("in"))
        house.write("[task:eat]\ncommand = cat {{file}}\n[folder:in]\npath = %(here)s/in\ntask = eat\nsettle = 0\n"
                    "duplicates = ask\n")
        house.up()
        for name in ("a", "b"):
            with open(house.path("part"), "w", encoding="utf-8") as file:
                file.write("same")
            os.rename(house.path("part"), house.path(f"in/{name}"))
            until(lambda n=name: house.rpc.lares.files({"path": house.path(f"in/{n}")})["files"])
            until(lambda n=name: house.rpc.lares.files({"path": house.path(f"in/{n}")})["files"][0]["state"] != "taken")
        self.assertEqual(house.rpc.lares.files({"path": house.path("in/b")})["files"][0]["state"], "asked")
        self.assertEqual(house.lares("folder", "eat", house.path("in/b"))[0], 2)
        self.assertEqual(house.lares("folder", "run", house.path("in/none"))[0], 1)
        _, told = house.lares("folder", "run", house.path("in/b"), check=True)
        self.assertIn("gets a job", told)
        until(lambda: len(house.rpc.lares.jobs({})["jobs"]) == 2)


if __name__ == "__main__":
    unittest.main()
