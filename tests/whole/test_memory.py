"""kill -9 of the daemon: what the next one knows. And orphans, when the keeper died as well."""

import os
import signal
import unittest

from harness import HouseTest, is_alive, until

ALL = ("name", "group", "statename", "state", "pid", "start", "stop", "exitstatus", "spawnerr", "logfile",
       "stdout_logfile", "stderr_logfile")


class Memory(HouseTest):
    def known(self, house):
        return [{name: info[name] for name in ALL} for info in house.rpc.supervisor.getAllProcessInfo()]

    def test_the_next_daemon_knows_every_process_as_it_was(self):
        house = self.house(
            "[program:up]\ncommand = sh -c 'while read line; do echo got $line; done'\n"
            "[program:off]\ncommand = sleep 1000\n"
            "[program:fails]\ncommand = sh -c 'exit 3'\nstartretries = 0\n"
            "[program:done]\ncommand = true\nstartsecs = 0\nautorestart = no\n"
            "[program:own]\ncommand = sleep 1000\nstdout_logfile = AUTO\n").up()
        for name in ("up", "off", "own"):
            house.until_state(name, "RUNNING")
        house.rpc.supervisor.stopProcess("off")
        house.until_state("fails", "FATAL")
        house.until_state("done", "EXITED")
        before = self.known(house)
        house.kill_daemon()
        self.assertEqual(self.known(house), before)
        house.until_log("took over 2 processes from the daemon that ended")
        house.rpc.supervisor.sendProcessStdin("up", "this\n")
        until(lambda: "got this" in house.rpc.supervisor.readProcessStdoutLog("up", 0, 100))
        house.kill_daemon()
        self.assertEqual(self.known(house), before)
        house.rpc.supervisor.stopProcess("up")
        self.assertEqual(house.state("up"), "STOPPED")

    def test_a_death_while_no_daemon_lives_is_seen_with_its_status(self):
        house = self.house("[program:p]\ncommand = sh -c 'trap \"exit 7\" USR1; while :; do sleep 0.05; done'\nautorestart = no\n").up()
        house.until_state("p", "RUNNING")
        pid, before = house.pid("p"), house.daemon_pid
        os.kill(before, signal.SIGSTOP)  # it cannot hear of it any more
        os.kill(pid, signal.SIGUSR1)
        until(lambda: not is_alive(pid))
        os.kill(before, signal.SIGKILL)
        until(lambda: house.answers() and house.daemon_pid != before)
        house.until_state("p", "EXITED")
        self.assertEqual(house.info("p")["exitstatus"], 7)

    def test_a_shutdown_that_had_begun_goes_on(self):
        house = self.house("[program:p]\ncommand = sh -c 'trap \"\" TERM; while :; do sleep 0.05; done'\nstopwaitsecs = 2\n").up()
        house.until_state("p", "RUNNING")
        pid = house.pid("p")
        house.kill(signal.SIGTERM)
        house.until_log("waiting for p to die")
        os.kill(house.daemon_pid, signal.SIGKILL)
        self.assertEqual(house.process.wait(30), 0)
        self.assertFalse(is_alive(pid))

    def orphaned(self, option):
        house = self.house(f"[program:p]\ncommand = sleep 1000\n{option}\n", arguments=["--no-keeper"]).up()
        house.until_state("p", "RUNNING")
        info = house.info("p")
        self.addCleanup(lambda: is_alive(info["pid"]) and os.kill(info["pid"], signal.SIGKILL))
        house.process.kill()
        house.process.wait()
        self.assertTrue(is_alive(info["pid"]))
        house.up()
        house.until_state("p", "RUNNING")
        return house, info

    def test_an_orphan_is_adopted_with_its_pid_and_start(self):
        house, before = self.orphaned("autorestart = no")
        after = house.info("p")
        self.assertEqual((after["pid"], after["start"]), (before["pid"], before["start"]))
        house.until_log("outlived the daemon and its keeper")
        os.kill(before["pid"], signal.SIGKILL)
        house.until_state("p", "EXITED")

    def test_an_orphan_is_stopped_and_started_anew_where_that_is_asked(self):
        house, before = self.orphaned("on_orphan = stop")
        until(lambda: not is_alive(before["pid"]))
        until(lambda: house.pid("p") not in (0, before["pid"]))

    def test_an_orphan_is_left_alone_where_that_is_asked(self):
        house, before = self.orphaned("on_orphan = ignore")
        self.assertNotEqual(house.pid("p"), before["pid"])
        self.assertTrue(is_alive(before["pid"]))
        house.until_log("it is left alone (on_orphan = ignore)")

    def test_stopped_by_hand_stays_stopped_at_the_next_start(self):
        house = self.house("[program:p]\ncommand = sleep 1000\nremember = yes\n[program:q]\ncommand = sleep 1000\n").up()
        house.until_state("p", "RUNNING")
        house.rpc.supervisor.stopAllProcesses()
        until(lambda: "stopped=p:p" in house.read("state/" + os.listdir(house.path("state"))[0] + "/remembered"))
        self.assertEqual(house.down(), 0)
        house.up()
        house.until_state("q", "RUNNING")
        self.assertEqual(house.state("p"), "STOPPED")
        self.assertIn("stopped by hand, remembered", house.lares("status", "-v", "p")[1] + house.lares("status", "--json", "p")[1])
        house.rpc.supervisor.startProcess("p")
        self.assertEqual(house.down(), 0)
        house.up()
        house.until_state("p", "RUNNING")


if __name__ == "__main__":
    unittest.main()
