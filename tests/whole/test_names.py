"""supervisord and supervisorctl as names of lares: their command lines, and the prompt on a real terminal.

The words of single commands are compared with the original's in tests/conformance/test_two_clients.py.
"""

import os
import pty
import re
import select
import signal
import subprocess
import termios
import time
import unittest

from harness import LARES, PATIENCE, HouseTest, until

PROGRAM = "[program:p]\ncommand = sh -c 'echo ready; exec cat'\nstartsecs = 0\nstdout_logfile = %(here)s/p.out\n"


def link(house, name):
    path = house.path(name)
    if not os.path.islink(path):
        os.symlink(LARES, path)
    return path


def run(house, name, *words, typed=""):
    """(exit status, standard output, standard error)"""
    done = subprocess.run([link(house, name), *words], input=typed, capture_output=True, text=True, timeout=PATIENCE * 2,
                          cwd=house.folder)
    return done.returncode, done.stdout, done.stderr


class Terminal:
    """A program on a terminal of its own: what it shows, and keys for it."""

    def __init__(self, house, *words, environment=None):
        self.shown = ""
        self.at = 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(house.folder)
            os.environ.update(TERM="xterm", LC_ALL="C.UTF-8", **(environment or {}))
            os.execv(words[0], list(words))
        termios.tcsetwinsize(self.fd, (40, 120))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass
        os.close(self.fd)

    def read(self):
        """What has come, without the terminal's own sequences; False at the end."""
        try:
            piece = os.read(self.fd, 65536)
        except OSError:
            return False
        self.shown += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r", "", piece.decode(errors="replace"))
        return bool(piece)

    def until(self, words):
        """Waits for `words` after what was waited for before."""
        end = time.monotonic() + PATIENCE
        while words not in self.shown[self.at:]:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0] or not self.read():
                raise AssertionError(f"no {words!r} after {self.shown[self.at:]!r}, before that {self.shown[:self.at]!r}")
        self.at = self.shown.index(words, self.at) + len(words)

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def end(self, keys=""):
        """Waits for the program's end and gives its exit status.

        keys: typed again now and then: what comes just before a prompt reads keys by itself may be lost.
        """
        limit = time.monotonic() + PATIENCE
        while True:
            if not select.select([self.fd], [], [], 2)[0]:
                if time.monotonic() > limit:
                    raise AssertionError(f"it does not end after {self.shown!r}")
                if keys:
                    self.type(keys)
            elif not self.read():
                break
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Supervisord(HouseTest):
    def test_a_daemon_under_supervisords_name_does_as_the_file_says(self):
        house = self.house(PROGRAM)
        self.assertEqual(run(house, "supervisord", "-c", house.config), (0, "", ""))
        self.addCleanup(run, house, "supervisorctl", "-c", house.config, "shutdown")
        until(lambda: house.read("lares.pid"))
        pid = int(house.read("lares.pid"))
        self.assertEqual(run(house, "supervisorctl", "-c", house.config, "pid"), (0, f"{pid}\n", ""))
        self.assertEqual(run(house, "supervisorctl", "-c", house.config, "shutdown"), (0, "Shut down\n", ""))
        until(lambda: not os.path.exists(house.path("lares.pid")))

    def test_every_option_wins_over_the_file(self):
        os_limit = "2000"
        house = self.house(PROGRAM, daemon="identifier = file\nloglevel = info\n")
        words = ["-n", "-s", "--conf", house.config, "-i", "option", "-e", "error", "-l", house.path("o.log"), "-y", "5MB", "-z", "3",
                 "-j", house.path("o.pid"), "-q", house.folder, "-a", os_limit, "--minprocs", "100", "-k", "-t", "-m", "027", "-d", "/"]
        daemon = subprocess.Popen([link(house, "supervisord"), *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, cwd=house.folder, text=True)
        self.addCleanup(daemon.stdout.close)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.terminate)
        until(lambda: os.path.exists(house.path("o.pid")) and house.read("o.pid"))
        until(lambda: os.path.exists(house.socket))
        self.assertEqual(int(house.read("o.pid")), house.rpc.supervisor.getPID())
        self.assertEqual(house.rpc.supervisor.getIdentification(), "option")
        self.assertNotIn("INFO", house.read("o.log"))  # -e
        self.assertFalse(os.path.exists(house.log_file))
        daemon.terminate()
        self.assertEqual(daemon.stdout.read(), "")  # -s
        self.assertEqual(daemon.wait(PATIENCE), 0)

    def test_mistakes_have_supervisords_words_and_exit_status(self):
        house = self.house(PROGRAM)
        name = link(house, "supervisord")
        for words, said in ((["--nope"], "option --nope not recognized"), (["foo"], "positional arguments are not supported: ['foo']"),
                            (["-l", "a", "-l", "b"], "conflicting command line option '-l'"),
                            (["-c", house.config, "-e", "zz"], "invalid value for -e 'zz': bad logging level name 'zz'"),
                            (["-c", house.config, "-m", "9"], "invalid value for -m '9': 9 can not be converted to an octal type"),
                            (["-c", house.config, "-y", "x"], "invalid value for -y 'x': "),
                            (["-c", house.config, "-a", "x"], "invalid value for -a 'x': invalid literal for int() with base 10: 'x'"),
                            (["-c", house.config, "-d", "/nope"], "invalid value for -d '/nope': /nope is not an existing directory"),
                            (["-c", house.config, "-l", "/nope/x"], "invalid value for -l '/nope/x': "),
                            (["-c", house.config, "-u", "nobody-here"], "Invalid user name nobody-here"),
                            (["-c", "/nope.conf"], "could not find config file /nope.conf")):
            with self.subTest(words):
                status, out, err = run(house, "supervisord", *words)
                self.assertEqual((status, out), (2, ""))
                self.assertTrue(err.startswith(f"Error: {said}"), err)
                self.assertIn(f"\nFor help, use {name} -h\n", err)

    def test_version_and_help(self):
        house = self.house()
        self.assertEqual(run(house, "supervisord", "-v"), (0, "4.2.5\n", ""))
        status, out, err = run(house, "supervisord", "--help")
        self.assertEqual((status, err), (0, ""))
        self.assertIn("--logfile_maxbytes", out)
        done = subprocess.run([LARES, "supervisord", "--version"], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout), (0, "4.2.5\n"))


class Prompt(HouseTest):
    def prompt(self, house, *words):
        terminal = Terminal(house, link(house, "supervisorctl"), "-c", house.config, *words)
        self.addCleanup(terminal.__exit__)
        return terminal

    def started(self, *words, programs=PROGRAM):
        house = self.house(programs).up()
        house.until_state("p", "RUNNING")
        terminal = self.prompt(house, *words)
        terminal.until("RUNNING")
        terminal.until("supervisor> ")
        return house, terminal

    def test_the_status_comes_first_and_the_end_of_input_ends_it(self):
        _, terminal = self.started()
        terminal.type("stat\t")
        terminal.until("status ")
        terminal.type("\n")
        terminal.until("RUNNING")
        terminal.until("supervisor> ")
        terminal.type("\x04")
        self.assertEqual(terminal.end("\x04"), 0)

    def test_tab_completes_commands_names_and_groups(self):
        _, terminal = self.started(programs=PROGRAM + "[group:many]\nprograms = first,second\n"
                                   "[program:first]\ncommand = cat\n[program:second]\ncommand = cat\n")
        terminal.type("vers\t\n")
        terminal.until("version \n")
        terminal.until("4.2.5")
        terminal.type("stop many:f\t\n")
        terminal.until("many:first \n")
        terminal.until("many:first: stopped")
        terminal.type("start \t")
        terminal.until("many:first  many:*  many:second  p")
        terminal.type("many:s\t\n")
        terminal.until("many:second: ERROR (already started)")

    def test_ctrl_c_leaves_the_prompt_with_0(self):
        _, terminal = self.started()
        terminal.type("half a li\x03")
        self.assertEqual(terminal.end(), 0)

    def test_ctrl_c_in_tail_f_goes_back_to_the_prompt(self):
        house, terminal = self.started()
        terminal.type("tail -f p\n")
        terminal.until("==> Press Ctrl-C to exit <==")
        terminal.until("ready")
        house.rpc.supervisor.sendProcessStdin("p", "more\n")
        terminal.until("more")
        terminal.type("\x03")
        terminal.until("supervisor> ")
        terminal.type("pid\n")
        terminal.until(str(house.rpc.supervisor.getPID()))
        terminal.type("quit\n")
        self.assertEqual(terminal.end(), 0)

    def test_fg_connects_both_ways_until_ctrl_c(self):
        house, terminal = self.started()
        terminal.type("fg p\n")
        terminal.until("==> Press Ctrl-C to exit <==")
        terminal.type("to the process\n")
        until(lambda: "to the process\n" in house.read("p.out"))
        terminal.until("to the process\n")
        terminal.type("\x03")
        terminal.until("Exiting foreground")
        terminal.until("supervisor> ")
        terminal.type("version\n")
        terminal.until("4.2.5")

    def test_the_history_is_kept_and_found_again(self):
        house, terminal = self.started("-r", "hist")
        terminal.type("version\n")
        terminal.until("4.2.5")
        terminal.until("supervisor> ")
        terminal.type("\x04")
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(house.read("hist"), "version\n")
        again = self.prompt(house, "-r", "hist")
        again.until("supervisor> ")
        again.type("\x1b[A\n")
        again.until("version")
        again.until("4.2.5")

    def test_it_asks_before_it_ends_the_daemon(self):
        house, terminal = self.started()
        terminal.type("shutdown\n")
        terminal.until("Really shut the remote supervisord process down y/N? ")
        terminal.type("n\n")
        terminal.until("supervisor> ")
        self.assertTrue(house.answers())
        terminal.type("shutdown\n")
        terminal.until("y/N? ")
        terminal.type("y\n")
        terminal.until("Shut down")
        self.assertEqual(house.process.wait(PATIENCE), 0)  # the keeper gives the daemon's

    def test_a_password_is_asked_for_and_not_shown(self):
        house = self.house(PROGRAM)
        house.servers = f"[unix_http_server]\nfile = {house.socket}\nusername = me\npassword = secret\n"
        house.write(PROGRAM)
        house.up(wait=False)
        until(lambda: os.path.exists(house.socket))
        terminal = self.prompt(house)
        terminal.until("Server requires authentication")
        terminal.until("Username:")
        terminal.type("me\n")
        terminal.until("Password:")
        terminal.type("secret\n")
        terminal.until("RUNNING")
        self.assertNotIn("secret", terminal.shown)
        terminal.type("version\n")
        terminal.until("4.2.5")


if __name__ == "__main__":
    unittest.main()
