"""Debian's supervisorctl against Lares: its lines and exit codes. Numbers are cases of the reference's list.

The commands over configuration groups (reread, update, add, remove, avail) are not there yet.
"""

import os
import re
import signal
import socket
import subprocess
import unittest

from harness import PATIENCE, is_alive, until
from supervisor_here import ENVIRONMENT, ConformanceTest, ctl, ctl_command, needs_supervisor

PROGRAMS = (
    "[program:cat]\ncommand = cat\nstartsecs = 0\nstdout_logfile = %(here)s/cat.log\n"
    "[program:w]\ncommand = sleep 1000\nprocess_name = %(program_name)s_%(process_num)d\nnumprocs = 2\nstartsecs = 0\n"
    "stdout_logfile = NONE\nstderr_logfile = NONE\n"
    "[program:idle]\ncommand = sleep 1000\nautostart = false\nstartsecs = 0\n"
    "[program:gone]\ncommand = sh -c 'exit 0'\nstartsecs = 0\n"
    "[program:fails]\ncommand = sh -c 'exit 1'\nautostart = false\nstartsecs = 5\nstartretries = 0\n"
    "[program:missing]\ncommand = nosuchcommand-x\nautostart = false\n"
    "[program:unused]\ncommand = sleep 1000\nautostart = false\n"
    "[program:plain]\ncommand = /etc/passwd\nautostart = false\n"
)


class Following:
    """A command that goes on until it is interrupted; its output as it comes."""

    def __init__(self, house, *words):
        self.out_path = house.path("following")
        self.out = open(self.out_path, "wb")
        self.process = subprocess.Popen(ctl_command(house, *words), stdin=subprocess.PIPE, stdout=self.out,
                                        stderr=subprocess.STDOUT, env=dict(ENVIRONMENT, PYTHONUNBUFFERED="1"), cwd=house.folder)

    def __enter__(self):
        return self

    def read(self):
        with open(self.out_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def until(self, words):
        until(lambda: words in self.read(), say=f"no '{words}' in: {self.read()}")

    def type(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdin.close()
        self.out.close()


@needs_supervisor
class Table(ConformanceTest):
    """Case 61, a row of supervisorctl's commands each."""

    @classmethod
    def setUpClass(cls):
        from harness import House
        cls.shared = House(PROGRAMS)
        cls.addClassCleanup(cls.shared.clean)
        cls.shared.up()
        cls.shared.until_state("gone", "EXITED")
        for name in ("cat", "w:w_0", "w:w_1"):
            cls.shared.until_state(name, "RUNNING")

    def row(self, words, code, output):
        self.ctl(self.shared, words, code, output)

    def test_61_ctl_output_table_status_lines_and_codes(self):
        code, output = ctl(self.shared, "status")
        self.assertEqual(code, 3)
        lines = output.splitlines()
        self.assertEqual([line.split()[0] for line in lines], ["cat", "fails", "gone", "idle", "missing", "plain", "unused", "w:w_0", "w:w_1"])
        self.assertRegex(lines[0], r"^cat {30}RUNNING   pid \d+, uptime \d+:\d\d:\d\d$")
        self.assertRegex(lines[2], r"^gone {29}EXITED    [A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M$")
        self.assertRegex(lines[6], r"^unused {27}STOPPED   Not started$")
        self.assertEqual(ctl(self.shared, "status", "cat", "w:*")[0], 0)
        self.assertEqual(ctl(self.shared, "status", "idle")[0], 3)
        self.row("status nope", 4, "nope: ERROR (no such process)\n")
        self.row("status nope:*", 4, "nope: ERROR (no such group)\n")
        self.row("status w", 4, "w: ERROR (no such process)\n")
        self.assertEqual(ctl(self.shared, "status", "idle", "nope")[0], 3)  # the last code wins

    def test_61_start_and_stop_lines_and_codes(self):
        self.row("start idle", 0, "idle: started\n")
        self.row("start idle", 0, "idle: ERROR (already started)\n")
        self.row("stop idle", 0, "idle: stopped\n")
        self.row("stop idle", 0, "idle: ERROR (not running)\n")
        self.row("start nope", 1, "nope: ERROR (no such process)\n")
        self.row("stop nope", 1, "nope: ERROR (no such process)\n")
        self.row("start nope:*", 2, "nope: ERROR (no such group)\n")
        self.row("stop nope:*", 1, "nope: ERROR (no such group)\n")
        self.row("start missing", 1, "missing: ERROR (no such file)\n")
        self.row("start plain", 1, "plain: ERROR (file is not executable)\n")
        self.row("start fails", 7, "fails: ERROR (spawn error)\n")
        self.row("start w:*", 0, "")  # nothing to do, nothing said
        code, output = ctl(self.shared, "start")
        self.assertEqual((code, output.splitlines()[0]), (2, "Error: start requires a process name"))

    def test_61_groups_stop_start_and_restart(self):
        self.assertEqual(sorted(ctl(self.shared, "stop", "w:*")[1].splitlines()), ["w:w_0: stopped", "w:w_1: stopped"])
        self.assertEqual(sorted(ctl(self.shared, "start", "w:*")[1].splitlines()), ["w:w_0: started", "w:w_1: started"])
        code, output = ctl(self.shared, "restart", "w:*")
        self.assertEqual(code, 0)
        lines = output.splitlines()
        self.assertEqual((sorted(lines[:2]), sorted(lines[2:])),
                         (["w:w_0: stopped", "w:w_1: stopped"], ["w:w_0: started", "w:w_1: started"]))

    def test_61_restart_of_one(self):
        before = self.shared.pid("cat")
        self.row("restart cat", 0, "cat: stopped\ncat: started\n")
        self.assertNotEqual(self.shared.pid("cat"), before)
        self.row("restart idle", 0, "idle: ERROR (not running)\nidle: started\n")
        self.row("stop idle", 0, "idle: stopped\n")
        self.assertEqual(ctl(self.shared, "restart", "nope")[0], 1)

    def test_61_signal(self):
        self.row("signal WINCH cat", 0, "cat: signalled\n")
        self.row("signal SIGWINCH cat", 0, "cat: signalled\n")
        self.row("signal 28 cat", 0, "cat: signalled\n")
        self.row("signal XX cat", 1, "cat: ERROR (bad signal name)\n")
        self.row("signal HUP nope", 1, "nope: ERROR (no such process)\n")
        self.row("signal HUP gone", 7, "gone: ERROR (not running)\n")
        self.assertEqual(sorted(ctl(self.shared, "signal", "WINCH", "w:*")[1].splitlines()),
                         ["w:w_0: signalled", "w:w_1: signalled"])

    def test_61_pid(self):
        self.row("pid", 0, f"{self.shared.daemon_pid}\n")
        self.row("pid cat", 0, f"{self.shared.pid('cat')}\n")
        self.row("pid gone", 7, "0\n")
        self.row("pid nope", 1, "No such process nope\n")
        code, output = ctl(self.shared, "pid", "all")
        self.assertEqual(output.split(), [str(each["pid"]) for each in self.shared.rpc.supervisor.getAllProcessInfo()])

    def test_61_version_and_what_is_unknown(self):
        code, output = ctl(self.shared, "version")
        self.assertEqual(code, 0)
        self.assertRegex(output, r"^\d+\.\d+(\.\d+)?\n$")
        self.row("bogus", 1, "*** Unknown syntax: bogus\n")

    def test_61_fg_of_what_cannot_be_had(self):
        self.assertEqual(ctl(self.shared, "fg")[1].splitlines()[0], "ERROR: no process name supplied")
        self.row("fg nope", 1, "ERROR: bad process name supplied\n")
        self.row("fg gone", 1, "ERROR: process not running\n")


@needs_supervisor
class Logs(ConformanceTest):
    WRITER = ("[program:p]\ncommand = sh -c 'echo one; echo two; echo wrong >&2; cat'\nstartsecs = 0\n"
              "stdout_logfile = %(here)s/out\nstderr_logfile = %(here)s/err\n"
              "[program:silent]\ncommand = sleep 1000\nstdout_logfile = NONE\nstartsecs = 0\n")

    def writer(self):
        house = self.house(self.WRITER).up()
        until(lambda: "two" in house.read("out") and "wrong" in house.read("err"))
        return house

    def test_61_tail(self):
        house = self.writer()
        self.ctl(house, "tail p", 0, "one\ntwo\n\n")
        self.ctl(house, "tail p stdout", 0, "one\ntwo\n\n")
        self.ctl(house, "tail p stderr", 0, "wrong\n\n")
        self.ctl(house, "tail -3 p", 0, "wo\n\n")
        self.ctl(house, "tail nope", 1, "nope: ERROR (no such process name)\n")
        self.ctl(house, "tail p foo", 1, "Error: bad channel 'foo'\n")
        self.assertEqual(ctl(house, "tail")[1].splitlines()[0], "Error: too few arguments")

    def test_61_tail_f_goes_on_and_ends_with_0(self):
        house = self.writer()
        with Following(house, "tail", "-f", "p") as following:
            following.until("two\n")
            house.rpc.supervisor.sendProcessStdin("p", "three\n")
            following.until("three\n")
            self.assertEqual(following.interrupt(), 0)
            self.assertTrue(following.read().startswith("==> Press Ctrl-C to exit <==\none\ntwo\n"), following.read())

    def test_61_tail_f_of_what_is_unknown(self):
        house = self.writer()
        with Following(house, "tail", "-f", "nope") as following:
            following.until("status code 404")

    def test_61_maintail(self):
        house = self.writer()
        self.assertIn("supervisord started with pid", ctl(house, "maintail", "-2000")[1])
        code, output = ctl(house, "maintail", "-10")
        self.assertEqual((code, len(output)), (0, 11))
        with Following(house, "maintail", "-f") as following:
            following.until("==> Press Ctrl-C to exit <==")
            ctl(house, "stop", "p")
            following.until("stopped: p (")
            self.assertEqual(following.interrupt(), 0)

    def test_61_clear(self):
        house = self.writer()
        self.ctl(house, "clear p", 0, "p: cleared\n")
        self.assertEqual((house.read("out"), house.read("err")), ("", ""))
        house.rpc.supervisor.sendProcessStdin("p", "after\n")
        until(lambda: house.read("out"), "after\n")
        self.ctl(house, "clear nope", 1, "nope: ERROR (no such process)\n")
        self.assertEqual(sorted(ctl(house, "clear", "all")[1].splitlines()), ["p: cleared", "silent: cleared"])

    def test_61_fg_passes_lines_on(self):
        house = self.writer()
        with Following(house, "fg", "p") as following:
            following.until("==> Press Ctrl-C to exit <==")
            following.type("typed\n")
            until(lambda: "typed\n" in house.read("out"))
            following.until("typed\n")
            following.process.send_signal(signal.SIGINT)
            following.until("Exiting foreground")


@needs_supervisor
class TheDaemon(ConformanceTest):
    SLEEPER = "[program:p]\ncommand = sleep 1000\nstartsecs = 0\n"

    def test_61_shutdown_ends_the_daemon(self):
        house = self.house(self.SLEEPER).up()
        pid = house.pid("p")
        self.ctl(house, "shutdown", 0, "Shut down\n")
        self.assertEqual(house.process.wait(PATIENCE), 0)
        self.assertFalse(is_alive(pid))

    def test_61_reload_starts_anew_in_the_same_process(self):
        house = self.house(self.SLEEPER).up()
        first = house.pid("p")
        self.ctl(house, "reload", 0, "Restarted supervisord\n")
        until(lambda: house.answers() and house.rpc.supervisor.getState()["statename"] == "RUNNING" and house.pid("p") not in (0, first))
        self.assertEqual(house.rpc.supervisor.getPID(), house.daemon_pid)

    def test_62_ctl_no_server_no_socket(self):
        house = self.house()
        for words, code in (("status", 4), ("pid", 7), ("start p", 7)):
            self.ctl(house, words, code, f"unix://{house.socket} no such file\n")

    def test_62_what_a_daemon_leaves_behind_has_the_words_of_a_missing_one(self):
        house = self.house(self.SLEEPER).up()
        self.assertEqual(house.down(), 0)
        self.ctl(house, "status", 4, f"unix://{house.socket} no such file\n")
        self.ctl(house, "shutdown", 1, f"ERROR: unix://{house.socket} no such file (already shut down?)\n")

    def test_62_a_stale_socket_refuses(self):
        house = self.house()
        left = socket.socket(socket.AF_UNIX)
        left.bind(house.socket)
        left.close()
        for words in ("status", "pid"):
            self.ctl(house, words, 4, f"unix://{house.socket} refused connection\n")

    def test_62_a_password_is_asked_for(self):
        house = self.house(self.SLEEPER, servers=None)
        house.servers = f"[unix_http_server]\nfile = {house.socket}\nusername = me\npassword = secret\n"
        house.write(self.SLEEPER)
        house.up(wait=False)
        until(lambda: os.path.exists(house.socket))
        code, output = ctl(house, "pid")
        self.assertEqual((code, output.splitlines()[0]), (1, "Server requires authentication"))
        self.ctl(house, "-u me -p secret pid", 0, f"{house.daemon_pid}\n")
        self.assertEqual(ctl(house, "-u", "me", "-p", "wrong", "pid")[0], 1)

    def test_61_the_interactive_shell_shows_the_status_first(self):
        house = self.house(self.SLEEPER).up()
        house.until_state("p", "RUNNING")
        done = subprocess.run(ctl_command(house, "-i"), input="stop p\nquit\n", text=True, capture_output=True,
                              timeout=PATIENCE, env=ENVIRONMENT, cwd=house.folder)
        self.assertEqual(done.returncode, 0)
        self.assertTrue(re.match(r"p +RUNNING ", done.stdout), done.stdout)
        self.assertIn("p: stopped\n", done.stdout)


if __name__ == "__main__":
    unittest.main()
