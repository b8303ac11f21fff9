"""Our own command line with a real daemon: what it prints, and its exit status."""

import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from harness import LARES, PATIENCE, House, HouseTest, is_alive, until

WORKERS = ("[program:w]\ncommand = sleep 1000\nprocess_name = %(program_name)s_%(process_num)d\nnumprocs = 3\nstartsecs = 0\n"
           "stdout_logfile = NONE\nstderr_logfile = NONE\n")
CAT = "[program:cat]\ncommand = cat\nstartsecs = 0\nstdout_logfile = %(here)s/cat.log\n"
IDLE = "[program:idle]\ncommand = sleep 1000\nautostart = false\nstartsecs = 0\n"
FAILS = "[program:fails]\ncommand = nosuchcommand-x\nautostart = false\nstartretries = 0\n"


class Shared(HouseTest):
    """One daemon for the tests of a class."""

    PROGRAMS = WORKERS + CAT + IDLE + FAILS

    @classmethod
    def setUpClass(cls):
        cls.shared = House(cls.PROGRAMS)
        cls.addClassCleanup(cls.shared.clean)
        cls.shared.up()
        for name in ("w:w_0", "w:w_1", "w:w_2", "cat"):
            cls.shared.until_state(name, "RUNNING")

    def row(self, words, code, output):
        self.assertEqual(self.shared.lares(*words.split()), (code, output), f"lares {words}")

    def workers(self):
        return {name: self.shared.pid(f"w:{name}") for name in ("w_0", "w_1", "w_2")}


class Status(Shared):
    def names(self, *words):
        code, output = self.shared.lares("status", *words)
        return code, [line.split()[0] for line in output.splitlines()[1:]]

    def test_status_is_a_table(self):
        code, output = self.shared.lares("status")
        self.assertEqual(code, 0)
        lines = output.splitlines()
        self.assertEqual(lines[0].split(), ["NAME", "STATE", "PID", "UPTIME", "RESTARTS", "WHY"])
        self.assertRegex(lines[1], rf"^cat    RUNNING +{self.shared.pid('cat')}  \d:\d\d:\d\d +0$")
        self.assertNotIn("\x1b", output)

    def test_names_groups_and_globs_choose(self):
        everything = ["cat", "fails", "idle", "w:w_0", "w:w_1", "w:w_2"]
        self.assertEqual(self.names(), (0, everything))
        self.assertEqual(self.names("all"), (0, everything))
        self.assertEqual(self.names("cat"), (0, ["cat"]))
        self.assertEqual(self.names("w:*"), (0, ["w:w_0", "w:w_1", "w:w_2"]))
        self.assertEqual(self.names("w:w_1", "cat"), (0, ["cat", "w:w_1"]))
        self.assertEqual(self.names("w_*"), (0, ["w:w_0", "w:w_1", "w:w_2"]))
        self.assertEqual(self.names("*a*"), (0, ["cat", "fails"]))

    def test_an_unknown_name_is_exit_1_and_the_others_are_shown(self):
        self.row("status nope", 1, "lares: no process matches 'nope'\n")
        code, output = self.shared.lares("status", "cat", "nope")
        self.assertEqual(code, 1)
        self.assertIn("RUNNING", output)
        self.assertIn("no process matches 'nope'", output)

    def test_json_can_be_read_and_says_the_same(self):
        code, output = self.shared.lares("status", "--json")
        self.assertEqual(code, 0)
        status = json.loads(output)
        self.assertEqual(status["pid"], self.shared.daemon_pid)
        self.assertEqual([each["name"] for each in status["processes"]], ["cat", "fails", "idle", "w_0", "w_1", "w_2"])
        cat = status["processes"][0]
        self.assertEqual((cat["statename"], cat["pid"], cat["ready"]), ("RUNNING", self.shared.pid("cat"), True))
        code, output = self.shared.lares("status", "nope", "--json")
        self.assertEqual((code, json.loads(output.splitlines()[0])["unknown"]), (1, ["nope"]))

    def test_fail_looks_at_the_states(self):
        self.assertEqual(self.shared.lares("status", "--fail", "cat")[0], 0)
        self.shared.lares("start", "fails")
        self.assertEqual(self.shared.lares("status", "--fail")[0], 1)


class Screen:
    """A command on a terminal of its own."""

    def __init__(self, house, *words):
        self.text = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(LARES, [LARES, "-c", house.config, *words], dict(os.environ, TERM="xterm", COLUMNS="100", LINES="30"))

    def read(self):
        while select.select([self.fd], [], [], 0)[0]:
            try:
                piece = os.read(self.fd, 65536)
            except OSError:
                break
            if not piece:
                break
            self.text += piece.decode(errors="replace")
        return self.text

    def until(self, words):
        until(lambda: words in self.read(), say=f"no {words!r} on the screen: {self.text!r}")

    def wait(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = None
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.01)
        raise AssertionError(f"does not end: {self.text!r}")

    def close(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


class Watching(HouseTest):
    def test_watch_redraws_and_ctrl_c_ends_it_with_0(self):
        house = self.house(CAT + IDLE).up()
        house.until_state("cat", "RUNNING")
        screen = Screen(house, "status", "-w")
        try:
            screen.until("RUNNING")
            self.assertIn("\x1b[?25l", screen.text)  # the cursor is hidden
            house.lares("start", "idle", check=True)
            screen.until("2 RUNNING")
            self.assertRegex(screen.text, r"\x1b\[\d+A")  # drawn over the picture before
            os.write(screen.fd, b"\x03")
            self.assertEqual(screen.wait(), 0)
            self.assertIn("\x1b[?25h", screen.read())  # and shown again
        finally:
            screen.close()

    def test_watch_in_a_pipe_tells_changes_as_lines(self):
        house = self.house(CAT + IDLE).up()
        with open(house.path("watched"), "wb") as out:
            watch = subprocess.Popen([LARES, "-c", house.config, "status", "-w"], stdout=out, stdin=subprocess.DEVNULL)
        try:
            until(lambda: "cat " in house.read("watched"))
            house.lares("start", "idle", check=True)
            until(lambda: re.search(r"^idle: STOPPED -> RUNNING", house.read("watched"), re.M))
            watch.send_signal(signal.SIGINT)
            self.assertEqual(watch.wait(PATIENCE), 0)
            self.assertNotIn("\x1b", house.read("watched"))
        finally:
            watch.kill()
            watch.wait()


class Acting(Shared):
    def test_start_and_stop_say_what_became_of_each(self):
        self.row("start idle", 0, "idle: started\n")
        self.row("start idle", 0, "idle: already running\n")
        self.row("stop idle", 0, "idle: stopped\n")
        self.row("stop idle", 0, "idle: was not running\n")
        self.row("start nope", 1, "lares: no process matches 'nope'\n")
        code, output = self.shared.lares("start", "fails")
        self.assertEqual(code, 1)
        self.assertRegex(output, r"^lares: fails: not started: .*can't find command 'nosuchcommand-x'\n$")

    def test_groups_and_globs_stop_and_start(self):
        before = self.workers()
        self.assertEqual(sorted(self.shared.lares("stop", "w:*", check=True)[1].splitlines()), [f"w:w_{n}: stopped" for n in range(3)])
        self.assertEqual(self.shared.state("cat"), "RUNNING")
        self.assertEqual(sorted(self.shared.lares("start", "w_[01]", check=True)[1].splitlines()), [f"w:w_{n}: started" for n in range(2)])
        self.assertEqual(self.shared.state("w:w_2"), "STOPPED")
        self.shared.lares("restart", "w:*", check=True)
        after = self.workers()
        self.assertFalse(set(before.values()) & set(after.values()))
        self.assertNotIn(0, after.values())

    def test_signal_and_pid(self):
        self.row("pid", 0, f"{self.shared.daemon_pid}\n")
        self.row("pid cat", 0, f"{self.shared.pid('cat')}\n")
        self.row("pid w:*", 0, "".join(f"{pid}\n" for pid in self.workers().values()))
        self.row("signal WINCH cat", 0, "cat: signalled\n")
        self.assertEqual(self.shared.lares("signal", "XX", "cat")[0], 1)
        code, output = self.shared.lares("pid", "fails")
        self.assertEqual(code, 1)
        self.assertNotIn("0\n", output)  # kill $(lares pid fails) must not meet a number

    def test_version(self):
        self.assertRegex(self.shared.lares("version", check=True)[1], r"^lares \d+\.\d+\.\d+ .*\ndaemon \d+\.\d+\.\d+\n$")

    def test_wrong_usage_is_exit_2(self):
        for words in ((), ("nope",), ("start",), ("signal", "HUP"), ("status", "--nope"), ("scale", "w", "many"), ("explain",)):
            code, output = self.shared.lares(*words)
            self.assertEqual(code, 2, f"{words}: {output}")

    def test_explain_and_check_need_no_daemon(self):
        code, output = self.shared.lares("explain", "startsecs")
        self.assertEqual(code, 0)
        self.assertIn("default  1", output)
        code, output = self.shared.lares("explain", "startsec")
        self.assertEqual(code, 1)
        self.assertIn("did you mean 'startsecs'", output)

    def test_check_of_a_good_file_says_what_would_run(self):
        code, output = self.shared.lares("check")
        self.assertEqual(code, 0)
        self.assertIn("is good: 4 groups, 4 programs, 6 processes", output)
        self.assertTrue(json.loads(self.shared.lares("check", "--json", check=True)[1]))

    def test_check_of_a_faulty_file_names_every_mistake(self):
        path = self.shared.path("faulty.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write("[supervisord]\n[program:x]\ncommand = true\nstartsecs = soon\nautorestart = sometimes\nstartsec = 1\n")
        code, output = self.shared.lares("check", path)
        self.assertEqual(code, 1)
        for words in ("faulty.conf:4", "faulty.conf:5", "faulty.conf:6", "'startsecs'"):
            self.assertIn(words, output)


class Stopping(HouseTest):
    def test_start_of_what_is_still_stopping_starts_it_once_it_is_gone(self):
        house = self.house("[program:slow]\ncommand = sh -c 'trap \"sleep 0.5; exit 0\" TERM; echo up > up; while :; do sleep 0.05; done'\nstartsecs = 0\n").up()
        until(lambda: house.read("up"))
        first = house.pid("slow")
        house.lares("stop", "--no-wait", "slow", check=True)
        house.until_state("slow", "STOPPING")
        house.lares("start", "slow", check=True)
        self.assertEqual(house.state("slow"), "RUNNING")
        self.assertNotEqual(house.pid("slow"), first)


class Restarts(HouseTest):
    def test_status_counts_what_came_back_by_itself_and_not_what_was_asked_for(self):
        house = self.house("[program:once]\ncommand = true\nstartsecs = 0\nautorestart = false\n"
                           "[program:again]\ncommand = sleep 1000\nstartsecs = 0\n").up()
        restarts = lambda name: json.loads(house.lares("status", name, "--json", check=True)[1])["processes"][0]["restarts"]
        for _ in range(2):
            house.until_state("once", "EXITED")
            house.lares("start", "once", check=True)
        self.assertEqual(restarts("once"), 0)
        first = house.pid("again")
        os.kill(first, signal.SIGKILL)
        until(lambda: house.pid("again") not in (0, first))
        self.assertEqual(restarts("again"), 1)
        house.lares("restart", "again", check=True)
        self.assertEqual(restarts("again"), 1)


class Waiting(HouseTest):
    def test_start_waits_until_RUNNING_and_no_wait_does_not(self):
        house = self.house("[program:slow]\ncommand = sleep 1000\nautostart = false\nstartsecs = 1\n").up()
        self.assertEqual(house.lares("start", "--no-wait", "slow"), (0, "slow: starting\n"))
        self.assertEqual(house.state("slow"), "STARTING")
        house.until_state("slow", "RUNNING")
        house.lares("restart", "slow", check=True)
        self.assertEqual(house.state("slow"), "RUNNING")

    def test_rolling_restart_never_has_two_down_at_once(self):
        house = self.house(
            "[program:w]\ncommand = sh -c 'trap \"exit 0\" TERM; echo $SUPERVISOR_PROCESS_NAME up >> %(here)s/order; sleep 0.1; touch %(here)s/$SUPERVISOR_PROCESS_NAME.$$;"
            " while :; do sleep 0.02; done'\nprocess_name = %(program_name)s_%(process_num)d\nnumprocs = 3\nstartsecs = 0\n"
            "ready = exec sh -c 'test -e %(here)s/%(program_name)s_%(process_num)d.$LARES_PID'\nready_every = 50ms\n").up()
        names = [f"w:w_{n}" for n in range(3)]
        for name in names:
            house.until_state(name, "RUNNING")
        before = {name: house.pid(name) for name in names}
        rolling = subprocess.Popen([LARES, "-c", house.config, "restart", "--rolling", "w:*"], stdout=subprocess.PIPE, text=True)
        fewest = 3
        while rolling.poll() is None:
            states = [each["statename"] for each in house.rpc.supervisor.getAllProcessInfo()]
            fewest = min(fewest, states.count("RUNNING"))
        output = rolling.communicate()[0]
        self.assertEqual((rolling.returncode, sorted(output.splitlines())), (0, [f"{name}: restarted" for name in names]))
        self.assertEqual(fewest, 2)
        for name in names:
            self.assertNotIn(house.pid(name), (0, before[name]))

    def test_rolling_restart_stops_at_the_first_that_does_not_come_back(self):
        house = self.house("[program:w]\ncommand = sh -c 'test ! -e %(here)s/broken && exec sleep 1000'\n"
                           "process_name = %(program_name)s_%(process_num)d\nnumprocs = 3\nstartsecs = 1\nstartretries = 0\n").up()
        names = [f"w:w_{n}" for n in range(3)]
        for name in names:
            house.until_state(name, "RUNNING")
        before = [house.pid(name) for name in names]
        open(house.path("broken"), "w", encoding="ascii").close()
        code, output = house.lares("restart", "--rolling", "w:*")
        self.assertEqual(code, 1, output)
        self.assertEqual(sum(is_alive(pid) for pid in before), 2, output)

    def test_scale_leaves_the_others_pids(self):
        house = self.house(WORKERS).up()
        names = lambda: [each["name"] for each in house.rpc.supervisor.getAllProcessInfo()]
        for n in range(3):
            house.until_state(f"w:w_{n}", "RUNNING")
        first = {n: house.pid(f"w:w_{n}") for n in range(3)}
        self.assertEqual(house.lares("scale", "w", "5"), (0, "w: 5 processes\n"))
        self.assertEqual(names(), [f"w_{n}" for n in range(5)])
        house.until_state("w:w_4", "RUNNING")
        self.assertEqual({n: house.pid(f"w:w_{n}") for n in range(3)}, first)
        gone = [house.pid(f"w:w_{n}") for n in (2, 3, 4)]
        self.assertEqual(house.lares("scale", "w", "2"), (0, "w: 2 processes\n"))
        until(names, ["w_0", "w_1"])
        self.assertEqual({n: house.pid(f"w:w_{n}") for n in range(2)}, {n: first[n] for n in range(2)})
        until(lambda: [pid for pid in gone if is_alive(pid)], [])
        self.assertEqual(house.lares("scale", "nope", "2")[0], 1)

    def test_down_waits_until_the_daemon_is_gone(self):
        house = self.house("[program:p]\ncommand = sh -c 'trap \"sleep 0.3; exit 0\" TERM; touch up; while :; do sleep 0.02; done'\nstartsecs = 0\n").up()
        until(lambda: os.path.exists(house.path("up")))
        pid = house.daemon_pid
        # Nobody reaps the daemon while its parent, this test, is busy: a zombie has ended all the same.
        self.assertEqual(house.lares("down"), (0, f"the daemon (pid {pid}) has ended\n"))
        self.assertEqual(house.process.wait(PATIENCE), 0)


class Tailing(HouseTest):
    def test_tail_shows_the_end(self):
        house = self.house("[program:p]\ncommand = sh -c 'for i in $(seq 1 30); do echo line $i; done; echo wrong >&2; exec sleep 1000'\nstartsecs = 0\n").up()
        until(lambda: "line 30" in house.lares("tail", "p")[1])
        lines = lambda *words: house.lares("tail", *words, check=True)[1].splitlines()
        self.assertEqual(lines("p"), [f"line {n}" for n in range(11, 31)])
        self.assertEqual(lines("p", "--lines", "2"), ["line 29", "line 30"])
        self.assertEqual(lines("p", "-n", "5"), ["e 30"])
        until(lambda: lines("p", "stderr"), ["wrong"])
        self.assertIn("supervisord started with pid", "\n".join(lines("--main")))
        self.assertEqual(house.lares("tail", "nope"), (1, "lares: no process matches 'nope'\n"))

    def test_tail_f_follows_through_a_rotation(self):
        house = self.house(CAT + "stdout_logfile_maxbytes = 200\nstdout_logfile_backups = 2\n").up()
        house.until_state("cat", "RUNNING")
        until(lambda: os.path.exists(house.path("cat.log")))  # made on another thread
        with open(house.path("followed"), "wb") as out:
            tail = subprocess.Popen([LARES, "-c", house.config, "tail", "-f", "cat"], stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        try:
            # One line at a time, each seen before the next: what was rotated away twice could be missed rightly.
            expected = ""
            for n in range(40):
                expected += f"line {n:03}\n"
                house.rpc.supervisor.sendProcessStdin("cat", f"line {n:03}\n")
                until(lambda: house.read("followed"), expected)
            self.assertTrue(os.path.exists(house.path("cat.log.1")))
            tail.send_signal(signal.SIGINT)
            self.assertIn(tail.wait(PATIENCE), (0, -signal.SIGINT))
        finally:
            tail.kill()
            tail.wait()


class Nobody(HouseTest):
    def test_without_a_socket_it_says_how_to_start_one(self):
        house = self.house(CAT)
        code, output = house.lares("status")
        self.assertEqual(code, 3)
        self.assertIn(f"no Lares is listening: there is no socket {house.socket}\n", output)
        self.assertIn(f"start it with: lares up -c {house.config}\n", output)
        for words in (("start", "cat"), ("pid",), ("down",), ("tail", "cat")):
            self.assertEqual(house.lares(*words)[0], 3, words)

    def test_a_stale_socket_is_told_apart(self):
        house = self.house(CAT)
        left = socket.socket(socket.AF_UNIX)
        left.bind(house.socket)
        left.close()
        code, output = house.lares("status")
        self.assertEqual(code, 3)
        self.assertIn(f"nobody answers on the socket {house.socket}\n", output)
        self.assertIn("left over from a daemon that died", output)

    @unittest.skipUnless(os.geteuid() == 0, "becoming another user needs root")
    def test_another_user_is_told_whose_socket_it_is(self):
        house = self.house(CAT).up()
        os.chmod(house.folder, 0o755)
        # A binary that everyone may run: the build may lie where nobody may look.
        folder = tempfile.mkdtemp(prefix="lares-test-")
        self.addCleanup(shutil.rmtree, folder)
        os.chmod(folder, 0o755)
        binary = shutil.copy(LARES, folder)
        done = subprocess.run([binary, "-c", house.config, "status"], capture_output=True, text=True, timeout=PATIENCE,
                              user="nobody", group="nogroup", extra_groups=[], cwd="/")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(f"nobody may not use the socket {house.socket} (owner root, group root, mode 0700)", done.stderr)


if __name__ == "__main__":
    unittest.main()
