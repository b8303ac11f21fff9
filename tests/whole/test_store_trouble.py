"""The database is damaged, not where it should be, locked by another or on a full disk: programs are
supervised all the same, what would need it is refused in words, and when it can be used again what
waited goes on and no due time is lost."""

import os
import shutil
import sqlite3
import subprocess
import time
import unittest
import xmlrpc.client

from harness import HouseTest, until

FAILED = 30
WORK = """
[program:web]
command = /bin/sleep 1000
startsecs = 0
[task:quick]
command = /bin/true
[task:ticking]
command = /bin/true
schedule = * * * * * *
catchup = all, max 1000
"""


class StoreTrouble(HouseTest):
    def trouble_house(self, has_folder=True):
        house = self.house()
        self.database = house.path("base/lares.db")
        house.write(f"{WORK}\n[lares]\ndatabase = {self.database}\n")
        if has_folder:
            os.mkdir(house.path("base"))
        return house

    def refused(self, house):
        """The words with which a job is refused; empty when it is taken."""
        try:
            house.rpc.lares.put("quick", {}, {})
            return ""
        except xmlrpc.client.Fault as fault:
            self.assertEqual(fault.faultCode, FAILED, fault)
            return fault.faultString

    def check_supervised(self, house):
        """A program that dies is started again, whatever the database does."""
        house.until_state("web", "RUNNING")
        pid = house.pid("web")
        os.kill(pid, 9)
        until(lambda: house.pid("web") not in (0, pid))

    def check_goes_on(self, house):
        until(lambda: self.refused(house) == "")
        until(lambda: house.rpc.lares.jobs({"state": "done", "task": "quick"})["jobs"])

    def check_no_tick_lost(self, house):
        """Each second since the first has a job."""
        house.down()
        with sqlite3.connect(self.database) as base:
            self.assertEqual(base.execute("pragma integrity_check").fetchone()[0], "ok")
            first, = base.execute("select value from marks where name like 'first/tick/%'").fetchone()
            seen, = base.execute("select value from marks where name like 'tick/%'").fetchone()
            dues = [due // 1000 for due, in base.execute("select due from jobs where task = 'ticking' order by due")]
        self.assertEqual(dues, list(range(int(first) + 1, int(seen) + 1)))
        return len(dues)

    def told(self, house, words):
        return house.log().count(words)

    def check_trouble(self, house, words):
        until(lambda: words in self.refused(house), say=f"not refused with '{words}'; last: {self.refused(house)}\n{house.log()}")
        self.check_supervised(house)
        house.until_log("jobs wait until that is mended")
        self.assertEqual(self.told(house, "jobs wait until that is mended"), 1, house.log())
        self.assertIn(words, self.refused(house))

    def test_a_damaged_database_is_left_as_it_is_and_the_programs_run(self):
        house = self.trouble_house()
        garbage = b"this is no database, and was not always so" * 300
        with open(self.database, "wb") as file:
            file.write(garbage)
        house.up()
        self.check_trouble(house, "is not a database")
        with open(self.database, "rb") as file:
            self.assertEqual(file.read(), garbage)
        # Mended: a person takes it away.
        os.rename(self.database, self.database + ".damaged")
        self.check_goes_on(house)

    def test_a_database_damaged_in_the_middle_is_told_and_the_programs_run(self):
        house = self.trouble_house()
        house.up()
        self.check_goes_on(house)
        house.down()
        with open(self.database, "r+b") as file:
            size = file.seek(0, 2)
            file.seek(4096)
            file.write(b"\xa5" * (size - 4096))
        house.up()
        self.check_trouble(house, "damaged")

    def test_a_file_where_the_folder_should_be(self):
        house = self.trouble_house(has_folder=False)
        with open(house.path("base"), "w", encoding="ascii"):
            pass
        house.up()
        self.check_trouble(house, "base")
        os.remove(house.path("base"))
        os.mkdir(house.path("base"))
        self.check_goes_on(house)

    def test_what_is_due_while_another_process_holds_the_database_runs_afterwards(self):
        house = self.trouble_house()
        house.up()
        self.check_goes_on(house)
        until(lambda: house.rpc.lares.jobs({"task": "ticking"})["jobs"])
        other = sqlite3.connect(self.database, isolation_level=None, timeout=30)
        other.execute("begin exclusive")
        held_since = time.monotonic()
        # The daemon waits for its turn first; what is asked meanwhile is told what happened.
        self.check_trouble(house, "locked")
        held = time.monotonic() - held_since
        other.execute("rollback")
        other.close()
        house.until_log("can be written again")
        self.check_goes_on(house)
        wanted = time.time()
        until(lambda: house.rpc.lares.jobs({"task": "ticking"})["jobs"][0]["due"] > wanted)
        self.assertGreater(self.check_no_tick_lost(house), held - 2)

    def test_the_daemon_may_begin_while_another_process_holds_the_database(self):
        house = self.trouble_house()
        house.up()
        self.check_goes_on(house)
        house.down()
        other = sqlite3.connect(self.database, isolation_level=None, timeout=30)
        other.execute("begin exclusive")
        house.up()
        self.check_trouble(house, "locked")
        other.execute("rollback")
        other.close()
        self.check_goes_on(house)
        wanted = time.time()
        until(lambda: house.rpc.lares.jobs({"task": "ticking"})["jobs"][0]["due"] > wanted)
        self.check_no_tick_lost(house)

    def test_a_full_disk_refuses_jobs_and_loses_no_due_time(self):
        house = self.trouble_house()
        disk = house.path("base")
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], stderr=subprocess.DEVNULL, check=False).returncode != 0:
            self.skipTest("a small disk may not be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        house.up()
        self.check_goes_on(house)
        filler = f"{disk}/filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        self.check_trouble(house, "full")
        os.remove(filler)
        house.until_log("can be written again")
        self.check_goes_on(house)
        wanted = time.time()
        until(lambda: house.rpc.lares.jobs({"task": "ticking"})["jobs"][0]["due"] > wanted)
        self.check_no_tick_lost(house)

    def test_a_machine_that_was_off_uses_no_run_number_twice(self):
        """The daemon's memory, with the last number, is of one boot of the machine."""
        house = self.trouble_house()
        house.up()
        self.check_goes_on(house)
        house.down()
        shutil.rmtree(house.path("state"))
        house.up()
        until(lambda: self.refused(house) == "")
        until(lambda: len(house.rpc.lares.jobs({"state": "done", "task": "quick"})["jobs"]) == 2)
        runs = [run["run"] for run in house.rpc.lares.runs({})["runs"]]
        self.assertEqual(len(runs), len(set(runs)))
        self.assertNotIn("could not be started", house.log())


if __name__ == "__main__":
    unittest.main()
