"""The daemon ends though work goes on coming: what is due meanwhile waits for the next one."""

import time
import unittest

from harness import HouseTest, until

# Takes its time to stop, so that seconds pass while the daemon ends.
SLOW = "/bin/sh -c 'trap \"sleep 2; exit\" TERM; echo ready; while :; do sleep 0.05; done'"


class WorkDown(HouseTest):
    def check_end(self, trigger):
        house = self.house(f"[program:slow]\ncommand = {SLOW}\nstdout_logfile = @/slow.log\n".replace("@", "%(here)s") +
                           f"[task:often]\ncommand = /bin/true\n{trigger}\n")
        house.up()
        until(lambda: "ready" in house.read("slow.log"))
        house.rpc.lares.tasks()  # answered once the database is open
        until(lambda: house.rpc.lares.jobs({"task": "often", "state": "done"})["jobs"])
        begin = time.monotonic()
        self.assertEqual(house.down(), 0)
        return time.monotonic() - begin

    def test_a_schedule_that_is_due_while_it_ends_holds_nothing_up(self):
        self.assertGreater(self.check_end("schedule = * * * * * *"), 1.5)

    def test_an_interval_that_is_over_while_it_ends_holds_nothing_up(self):
        self.assertGreater(self.check_end("every = 1s"), 1.5)


if __name__ == "__main__":
    unittest.main()
