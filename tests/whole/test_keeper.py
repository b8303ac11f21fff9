"""The daemon dies; what it supervised does not."""

import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import xmlrpc.client

from harness import LARES, PATIENCE, HouseTest, is_alive, parent, until

SLEEPER = "[program:p]\ncommand = sleep 1000\nstartsecs = 0\n"


class KeeperTest(HouseTest):
    def sleeper(self, **options):
        """A house whose program runs: its pid is one."""
        house = self.house(SLEEPER, **options).up()
        house.until_state("p", "RUNNING")
        return house

    def kill_daemon(self, house, number=signal.SIGKILL):
        """Ends the daemon and waits until the next one answers; its pid."""
        before = house.daemon_pid
        os.kill(before, number)
        return until(lambda: self.answers(house) not in (None, before) and self.answers(house), limit=PATIENCE)

    @staticmethod
    def answers(house):
        try:
            return house.rpc.supervisor.getPID()
        except (OSError, ConnectionError):
            return None


class Restarted(KeeperTest):
    def test_a_killed_daemon_is_started_again_below_the_same_keeper(self):
        house = self.sleeper()
        first, program = house.daemon_pid, house.pid("p")
        self.assertEqual(parent(first), house.process.pid)
        # A sanitizer ends the process by itself where it should have died.
        crashes = () if "LARES_TEST_SANITIZED" in os.environ else (signal.SIGSEGV, signal.SIGABRT)
        for number in (signal.SIGKILL, *crashes):
            second = self.kill_daemon(house, number)
            self.assertNotEqual(second, first)
            self.assertEqual(parent(second), house.process.pid)
            until(lambda: house.read("lares.pid"), f"{second}\n")
            with open(f"/proc/{second}/comm", encoding="ascii") as file:
                self.assertEqual(file.read(), os.path.basename(LARES) + "\n")
            first = second
        self.assertEqual((house.state("p"), house.pid("p")), ("RUNNING", program))
        self.assertEqual(house.down(), 0)
        self.assertFalse(is_alive(program))
        self.assertFalse(is_alive(first))
        self.assertFalse(os.path.exists(house.socket))

    def test_who_connects_while_no_daemon_lives_waits_and_is_answered(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        house = self.house(SLEEPER)
        house.write(SLEEPER + f"[inet_http_server]\nport = 127.0.0.1:{port}\n")
        house.up()
        stop, outcomes = threading.Event(), []

        def connect(address, family):
            while not stop.is_set():
                with socket.socket(family) as client:
                    client.settimeout(PATIENCE)
                    try:
                        client.connect(address)  # refused is the failure looked for
                        client.sendall(b"GET /ok.html HTTP/1.0\r\n\r\n")
                        outcomes.append(client.recv(4096) or b"cut")
                    except ConnectionRefusedError:
                        outcomes.append("refused")
                    except FileNotFoundError:
                        outcomes.append("no socket")
                    except ConnectionError:
                        outcomes.append("cut")  # accepted by the daemon that died

        threads = [threading.Thread(target=connect, args=(("127.0.0.1", port), socket.AF_INET)),
                   threading.Thread(target=connect, args=(house.socket, socket.AF_UNIX))]
        for thread in threads:
            thread.start()
        try:
            for _ in range(5):
                self.kill_daemon(house)
                seen = len(outcomes)
                until(lambda: len(outcomes) > seen + 4)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertNotIn("refused", outcomes)
        self.assertNotIn("no socket", outcomes)

    def test_a_deleted_socket_is_made_again(self):
        house = self.sleeper()
        os.unlink(house.socket)
        os.kill(house.daemon_pid, signal.SIGKILL)
        until(lambda: os.path.exists(house.socket))
        until(lambda: self.answers(house))

    def test_a_faulty_configuration_does_not_end_it(self):
        house = self.sleeper()
        program = house.pid("p")
        until(lambda: glob.glob(house.path("state/*/revisions/*1")))  # kept soon after the start
        with open(house.config, "a", encoding="utf-8") as file:
            file.write("[program:broken]\nautostart = perhaps\n")
        self.kill_daemon(house)  # goes on with what was applied last
        self.assertEqual(house.pid("p"), program)

    def test_in_the_background_the_pid_file_is_rewritten_and_the_terminal_left(self):
        house = self.house(SLEEPER)
        done = subprocess.run([LARES, "up", "-d", "-c", "lares.conf"], cwd=house.folder, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        first = house.daemon_pid
        keeper = parent(first)
        try:
            os.kill(first, signal.SIGKILL)
            second = until(lambda: house.read("lares.pid") not in ("", f"{first}\n") and house.daemon_pid)
            self.assertEqual(parent(second), keeper)
            for pid in (keeper, second):
                self.assertEqual({os.readlink(f"/proc/{pid}/fd/{fd}") for fd in (0, 1, 2)}, {"/dev/null"})
            until(lambda: self.answers(house))
        finally:
            os.kill(keeper, signal.SIGTERM)
            until(lambda: not is_alive(keeper))


class Signals(KeeperTest):
    def test_signals_to_the_keeper_reach_the_daemon(self):
        house = self.sleeper()
        house.kill(signal.SIGUSR2)
        house.until_log("received SIGUSR2 indicating log reopen request")
        self.kill_daemon(house)
        house.kill(signal.SIGHUP)
        house.until_log("received SIGHUP indicating restart request")
        self.assertEqual(house.down(), 0)

    def test_the_end_asked_for_while_no_daemon_is_ready_comes_when_one_is(self):
        house = self.sleeper()
        os.kill(house.daemon_pid, signal.SIGKILL)
        house.kill(signal.SIGTERM)
        self.assertIn(house.process.wait(PATIENCE), (0, 128 + signal.SIGTERM))

    def test_the_exit_status_of_the_daemon_is_the_keepers(self):
        house = self.house("[program:q]\ncommand = sh -c 'exit 3'\nstartsecs = 0\nautorestart = false\non_exit = shutdown:42\nautostart = false\n").up()
        self.kill_daemon(house)
        house.rpc.supervisor.startProcess("q", False)
        self.assertEqual(house.process.wait(PATIENCE), 42)


class Upgrades(KeeperTest):
    def test_an_upgrade_goes_on_from_another_binary(self):
        house = self.sleeper()
        first, program = house.daemon_pid, house.pid("p")
        other = house.path("lares-next")
        shutil.copy(LARES, other)
        self.assertIs(house.rpc.lares.upgrade(other), True)
        second = until(lambda: self.answers(house) not in (None, first) and self.answers(house))
        self.assertEqual(os.readlink(f"/proc/{second}/exe"), other)
        self.assertEqual(parent(second), house.process.pid)
        self.assertIn("making way for 'lares ", house.log())
        third = self.kill_daemon(house)  # and so from now on, even when the file is gone
        self.assertEqual(os.readlink(f"/proc/{third}/exe"), other)
        os.unlink(other)
        fourth = self.kill_daemon(house)
        self.assertEqual(os.readlink(f"/proc/{fourth}/exe"), other + " (deleted)")
        self.assertEqual(house.pid("p"), program)
        self.assertEqual(house.down(), 0)

    def test_a_binary_without_lares_deliver_says_what_is_missing_and_what_to_do(self):
        folder = tempfile.mkdtemp(prefix="lares-test-")
        self.addCleanup(shutil.rmtree, folder)
        shutil.copy(LARES, folder)
        house = self.house("[channel:ops]\ntype = command\ncommand = true\n[program:p]\ncommand = sleep 1000\n")
        house.binary = os.path.join(folder, "lares")
        house.up()
        words = f"'{folder}/lares-deliver', which sends messages, is not there; install it beside lares, then run 'lares upgrade'"
        until(lambda: words in str(house.rpc.lares.channels()))
        self.assertIn("no message can be sent: " + words, house.log())
        self.assertIn(words, house.lares("channel", "list")[1])
        until(lambda: "channel ops cannot send" in house.lares("top", "--once")[1])
        # Who tests a channel is not kept waiting for what cannot come.
        status, told = house.lares("channel", "test", "ops")
        self.assertNotEqual(status, 0)
        self.assertIn(words, told)
        house.rpc.lares.notify(["ops"], {"title": "hello"})
        delivery = until(lambda: house.rpc.lares.outbox()["deliveries"])[0]
        self.assertIn(words, house.rpc.lares.delivery(delivery["delivery"])["why"])
        # What it says to do helps, and the message that waited goes out.
        program = house.pid("p")
        shutil.copy(os.path.join(os.path.dirname(LARES), "lares-deliver"), folder)
        self.assertIs(house.rpc.lares.upgrade(), True)
        until(lambda: self.answers(house) and house.rpc.lares.delivery(delivery["delivery"])["state"] == "sent")
        self.assertEqual(house.rpc.lares.channels()[0]["trouble"], "")
        self.assertEqual(house.pid("p"), program)
        self.assertEqual(house.down(), 0)

    def test_an_upgrade_to_its_own_file_needs_no_path(self):
        house = self.sleeper()
        first = house.daemon_pid
        self.assertIs(house.rpc.lares.upgrade(), True)
        second = until(lambda: self.answers(house) not in (None, first) and self.answers(house))
        self.assertEqual(os.readlink(f"/proc/{second}/exe"), os.path.realpath(LARES))

    def test_what_is_no_lares_is_refused_and_nothing_changes(self):
        house = self.sleeper()
        first, program = house.daemon_pid, house.pid("p")
        for path, words in (("/bin/echo", "is no Lares"), (house.path("none"), "No such file or directory")):
            with self.assertRaises(xmlrpc.client.Fault) as caught:
                house.rpc.lares.upgrade(path)
            self.assertIn(words, caught.exception.faultString)
        self.assertEqual((house.daemon_pid, house.pid("p")), (first, program))

    def test_a_binary_that_does_not_become_ready_makes_way_for_the_former_one(self):
        house = self.sleeper()
        first = house.daemon_pid
        with open(house.path("liar"), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho 'lares 9.9'\nexit 1\n")
        os.chmod(house.path("liar"), 0o755)
        self.assertIs(house.rpc.lares.upgrade(house.path("liar")), True)
        second = until(lambda: self.answers(house) not in (None, first) and self.answers(house))
        self.assertEqual(os.readlink(f"/proc/{second}/exe"), os.path.realpath(LARES))


class WithoutKeeper(KeeperTest):
    def test_no_keeper_is_one_process_and_its_death_is_the_end(self):
        house = self.sleeper(arguments=["--no-keeper"])
        self.assertEqual(house.daemon_pid, house.process.pid)
        program = house.pid("p")
        house.process.kill()
        self.assertEqual(house.process.wait(PATIENCE), -signal.SIGKILL)
        os.kill(program, signal.SIGKILL)

    def test_a_daemon_goes_on_without_its_keeper_and_says_so(self):
        house = self.sleeper()
        program, daemon = house.pid("p"), house.daemon_pid
        house.process.kill()
        house.process.wait()
        try:
            house.until_log("the keeper is gone")
            self.assertEqual(house.pid("p"), program)
            house.rpc.supervisor.stopProcess("p")
            house.rpc.supervisor.startProcess("p")
        finally:
            os.kill(daemon, signal.SIGTERM)
            until(lambda: not is_alive(daemon))
        self.assertIsNone(re.search("CRIT .*keeper", house.log()))


if __name__ == "__main__":
    unittest.main()
