"""Looking ahead and beside: simulate, shadow, the plan of tasks, what is expected of programs."""

import gzip
import json
import os
import subprocess
import time
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


if __name__ == "__main__":
    unittest.main()
