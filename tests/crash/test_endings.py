"""Deaths of the daemon and of the keeper, one story each; run.py kills at random, these kill at a chosen moment."""

import os
import signal
import socket
import time
import unittest

from harness import PATIENCE, HouseTest, is_alive, until

LIVES = "[program:a]\ncommand = sleep 1000\nstartsecs = 0\n[program:b]\ncommand = cat\nstartsecs = 0\nstdout_logfile = %(here)s/b.out\n"
# Takes its time to end: tells when it is asked to.
SLOW = ("command = sh -c 'trap \"touch asked; sleep 1; exit\" TERM; touch ready; while :; do sleep 0.02; done'\n"
        "startsecs = 0\ndirectory = %(here)s\n")


def listens(path):
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(path)
        except OSError:
            return False
        return True


class Deaths(HouseTest):
    def house(self, programs="", **options):
        house = super().house(programs, **options)
        os.makedirs(house.path("state"), exist_ok=True)
        house.environment["STATE_DIRECTORY"] = house.path("state")
        return house

    def daemon(self, house):
        """The pid of the daemon below the keeper."""
        return house.rpc.supervisor.getPID()

    def kill_daemon(self, house, number=signal.SIGKILL):
        pid = self.daemon(house)
        self.assertNotEqual(pid, house.process.pid, "there is no keeper")
        os.kill(pid, number)
        until(lambda: not is_alive(pid))
        until(lambda: house.answers() and self.daemon(house) != pid, say=f"no new daemon; log:\n{house.log()}")
        return pid

    def facts(self, house):
        return [{key: each[key] for key in ("name", "pid", "start", "statename", "stop", "exitstatus", "stdout_logfile")}
                for each in house.rpc.supervisor.getAllProcessInfo()]

    def up(self, programs, *names, **options):
        house = self.house(programs, **options).up()
        for name in names:
            house.until_state(name, "RUNNING")
        return house

    def test_kill_9_of_the_daemon_stops_nothing(self):
        house = self.up(LIVES + "[program:done]\ncommand = sh -c 'exit 3'\nstartsecs = 0\nautorestart = false\n[program:idle]\ncommand = sleep 1\nautostart = false\n", "a", "b")
        house.until_state("done", "EXITED")
        before = self.facts(house)
        self.kill_daemon(house)
        self.assertEqual(self.facts(house), before)
        house.rpc.supervisor.sendProcessStdin("b", "still there\n")
        until(lambda: house.read("b.out"), "still there\n")
        self.assertEqual(house.down(), 0)

    def test_a_fault_of_the_daemon_stops_nothing_either(self):
        for number in (signal.SIGSEGV, signal.SIGABRT):
            house = self.up(LIVES, "a", "b")
            before = self.facts(house)
            self.kill_daemon(house, number)
            self.assertEqual(self.facts(house), before)

    def test_what_ends_while_no_daemon_lives_is_seen_with_its_status(self):
        house = self.up("[program:p]\ncommand = sh -c 'trap \"exit 5\" USR1; touch ready; while :; do sleep 0.01; done'\nstartsecs = 0\nautorestart = false\n"
                        "[program:q]\ncommand = sleep 1000\nstartsecs = 0\nautorestart = false\n", "p", "q")
        until(lambda: os.path.exists(house.path("ready")))
        p, q, daemon = house.pid("p"), house.pid("q"), self.daemon(house)
        os.kill(daemon, signal.SIGSTOP)  # it sees nothing any more
        os.kill(p, signal.SIGUSR1)
        os.kill(q, signal.SIGKILL)
        until(lambda: not is_alive(p) and not is_alive(q))
        os.kill(daemon, signal.SIGKILL)
        until(lambda: not is_alive(daemon))
        until(house.answers)
        house.until_state("p", "EXITED")
        house.until_state("q", "EXITED")
        self.assertEqual((house.info("p")["exitstatus"], house.info("q")["exitstatus"]), (5, -1))

    def test_a_stop_goes_on_after_a_kill(self):
        house = self.up(f"[program:slow]\n{SLOW}", "slow")
        until(lambda: os.path.exists(house.path("ready")))
        pid = house.pid("slow")
        house.rpc.supervisor.stopProcess("slow", False)
        until(lambda: os.path.exists(house.path("asked")))
        self.kill_daemon(house)
        house.until_state("slow", "STOPPED")
        self.assertFalse(is_alive(pid))

    def test_a_shutdown_goes_on_after_a_kill(self):
        house = self.up(f"[program:slow]\n{SLOW}" + LIVES, "slow", "a")
        until(lambda: os.path.exists(house.path("ready")))
        pids = [house.pid(name) for name in ("slow", "a", "b")]
        daemon = self.daemon(house)
        house.kill(signal.SIGTERM)
        until(lambda: os.path.exists(house.path("asked")))
        os.kill(daemon, signal.SIGKILL)
        self.assertEqual(house.process.wait(PATIENCE), 0)
        self.assertEqual([pid for pid in pids if is_alive(pid)], [])
        self.assertEqual([name for name in ("lares.sock", "lares.pid") if os.path.exists(house.path(name))], [])

    def test_a_restart_of_the_house_goes_on_after_a_kill(self):
        house = self.up(f"[program:slow]\n{SLOW}" + LIVES, "slow", "a")
        until(lambda: os.path.exists(house.path("ready")))
        before = {name: house.pid(name) for name in ("slow", "a", "b")}
        house.write(f"[program:slow]\n{SLOW}[program:new]\ncommand = sleep 1000\nstartsecs = 0\n")
        daemon = self.daemon(house)
        house.kill(signal.SIGHUP)
        until(lambda: os.path.exists(house.path("asked")))
        os.kill(daemon, signal.SIGKILL)
        until(lambda: not is_alive(daemon))
        until(lambda: house.answers() and [each["name"] for each in house.rpc.supervisor.getAllProcessInfo()], ["new", "slow"],
              say=lambda: house.log())
        house.until_state("new", "RUNNING")
        house.until_state("slow", "RUNNING")
        self.assertNotEqual(house.pid("slow"), before["slow"])
        self.assertEqual([name for name, pid in before.items() if is_alive(pid)], [])

    def test_without_the_keeper_the_daemon_goes_on_and_says_so(self):
        house = self.up(LIVES, "a", "b")
        daemon, before = self.daemon(house), self.facts(house)
        house.process.kill()
        house.process.wait()
        try:
            house.until_log("keeper")
            self.assertEqual((self.daemon(house), self.facts(house)), (daemon, before))
            house.rpc.supervisor.sendProcessStdin("b", "on\n")
            until(lambda: house.read("b.out"), "on\n")
        finally:
            os.kill(daemon, signal.SIGTERM)
            until(lambda: not is_alive(daemon))
        self.assertEqual([each["name"] for each in before if is_alive(each["pid"])], [])

    def both_die(self, orphans):
        house = self.up(LIVES, "a", "b", daemon=f"[lares]\non_orphan = {orphans}\n")
        before = {name: house.pid(name) for name in ("a", "b")}
        daemon = self.daemon(house)
        house.process.kill()
        os.kill(daemon, signal.SIGKILL)
        house.process.wait()
        until(lambda: not is_alive(daemon))
        until(lambda: not listens(house.socket))  # its other threads end after its first
        house.stdout.close()
        house.stderr.close()
        self.addCleanup(lambda: [os.kill(pid, signal.SIGKILL) for pid in before.values() if is_alive(pid)])
        house.up()
        for name in before:
            house.until_state(name, "RUNNING")
        return house, before, {name: house.pid(name) for name in ("a", "b")}

    # b reads its standard input, whose other end died with both: it ends by itself.
    def test_when_both_die_the_next_start_adopts_what_is_left(self):
        house, before, after = self.both_die("adopt")
        self.assertEqual(after["a"], before["a"])
        self.assertEqual(house.down(), 0)
        self.assertFalse(is_alive(before["a"]))

    def test_when_both_die_the_next_start_stops_what_is_left_if_so_configured(self):
        house, before, after = self.both_die("stop")
        self.assertNotEqual(after["a"], before["a"])
        until(lambda: not is_alive(before["a"]))

    def test_when_both_die_the_next_start_leaves_alone_what_is_left_if_so_configured(self):
        house, before, after = self.both_die("ignore")
        self.assertNotEqual(after["a"], before["a"])
        self.assertTrue(is_alive(before["a"]))

    def test_no_connection_is_refused_over_a_kill(self):
        house = self.up(LIVES, "a")
        refused, asked = [], 0
        daemon = self.daemon(house)
        os.kill(daemon, signal.SIGKILL)
        end = time.monotonic() + 1
        while time.monotonic() < end:
            asked += 1
            try:
                house.rpc.supervisor.getState()
            except (ConnectionRefusedError, FileNotFoundError) as error:
                refused.append(error)
            except OSError:
                pass  # an answer that was under way
        self.assertEqual(refused, [])
        self.assertNotEqual(self.daemon(house), daemon)

    def test_an_upgrade_leaves_programs_alone(self):
        house = self.up(LIVES, "a", "b")
        if "lares.upgrade" not in house.rpc.lares.listMethods():
            self.skipTest("lares.upgrade is not there yet")
        before, daemon = self.facts(house), self.daemon(house)
        self.assertIs(house.rpc.lares.upgrade(""), True)
        until(lambda: not is_alive(daemon) and house.answers())
        self.assertEqual(self.facts(house), before)
        self.assertTrue(is_alive(house.process.pid))

    def test_an_upgrade_to_what_is_no_lares_is_refused(self):
        house = self.up(LIVES, "a")
        if "lares.upgrade" not in house.rpc.lares.listMethods():
            self.skipTest("lares.upgrade is not there yet")
        daemon = self.daemon(house)
        for path in ("/bin/true", "/nosuch/lares", "/etc/passwd"):
            with self.assertRaises(Exception, msg=path):
                house.rpc.lares.upgrade(path)
        self.assertEqual(self.daemon(house), daemon)


if __name__ == "__main__":
    unittest.main()
