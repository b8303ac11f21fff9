"""Debian's supervisorctl and ours, one command line after the other, against one Lares.

Both must say the same words on the same streams and exit alike. What differs by nature is made equal
first: pids and uptimes; the source line of Python behind "file:"; and, where a command shows its help,
all after the first line, since the help is ours.
"""

import io
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

from harness import LARES, PATIENCE, House, until
from supervisor_here import ENVIRONMENT, needs_supervisor

PROGRAMS = (
    "[program:cat]\ncommand = cat\nstartsecs = 0\nstdout_logfile = %(here)s/cat.log\n"
    "[program:w]\ncommand = sleep 1000\nprocess_name = %(program_name)s_%(process_num)d\nnumprocs = 2\nstartsecs = 0\n"
    "stdout_logfile = NONE\nstderr_logfile = NONE\n"
    "[program:idle]\ncommand = sleep 1000\nautostart = false\nstartsecs = 0\n"
    "[program:gone]\ncommand = sh -c 'exit 0'\nstartsecs = 0\n"
    "[program:fails]\ncommand = sh -c 'exit 1'\nautostart = false\nstartsecs = 5\nstartretries = 0\n"
    "[program:missing]\ncommand = nosuchcommand-x\nautostart = false\n"
    "[program:plain]\ncommand = /etc/passwd\nautostart = false\n"
    "[program:a_program_with_a_name_of_more_than_thirty_letters]\ncommand = sleep 1000\nautostart = false\n"
    "[program:says]\ncommand = sh -c 'echo one; echo two; echo wrong >&2; exec sleep 1000'\nstartsecs = 0\n"
    "stdout_logfile = %(here)s/says.out\nstderr_logfile = %(here)s/says.err\n"
    "[group:g]\nprograms = x,y\n"
    "[program:x]\ncommand = sleep 1000\nstartsecs = 0\n[program:y]\ncommand = sleep 1000\nautostart = false\nstartsecs = 0\n"
)
RUNNING = ("cat:cat", "w:w_0", "w:w_1", "says:says", "g:x")

# Command lines that find the same house and leave it as it was, or as reset() makes it again.
LINES = """
status
status all
status cat
status cat w:*
status w:
status cat cat
status idle
status nope
status nope:*
status nope:x
status w
status w_0
status w:w_0
status w:nope
status idle nope
status nope idle
status g:y g:x
pid
pid cat
pid all
pid nope
pid gone
pid cat nope gone
pid w:*
start idle
start idle idle
start cat
start nope
start nope:*
start w:*
start w:nope
start g:*
start g:
start all
start missing
start plain
start fails
start missing idle nope
start nope cat
stop cat
stop cat cat
stop nope
stop nope:*
stop idle
stop w:*
stop g:*
stop w:w_0 g:x
stop nope cat
restart cat
restart idle
restart nope
restart nope:*
restart g:*
restart w:w_1 cat
signal WINCH cat
signal SIGWINCH cat
signal 28 cat
signal XX cat
signal XX w:*
signal WINCH nope
signal WINCH nope:*
signal WINCH gone
signal WINCH w:*
signal WINCH g:*
signal WINCH cat gone nope
signal CONT all
tail says
tail says stdout
tail says STDERR
tail says stderr
tail -3 says
tail -0 says
tail -99999 says
tail nope
tail w:w_0
tail says foo
tail -x says
tail - says
tail -5
tail -f nope
tail -f says foo
maintail -x
maintail foo
maintail -
fg nope
fg gone
fg a b
clear cat
clear cat nope
clear nope
clear g:*
version
bogus
bogus words after it
-status
!status
?nope
help
?
help nope
help start stop
help EOF
exit
quit
EOF
open nope
open ftp://localhost
add nope
remove nope
remove cat
""".strip().splitlines()

# These show the help of the command after a first line.
LINES_WITH_HELP = ["start", "stop", "restart", "signal", "signal HUP", "clear", "tail", "tail a b c d", "maintail a b", "fg",
                   "version x", "avail x", "reread x", "shutdown now", "reload now"]


def normalised(text):
    text = re.sub(r"pid \d+, uptime \d+:\d\d:\d\d", "pid N, uptime T", text)
    text = re.sub(r"^\d+$", "N", text, flags=re.M)
    text = re.sub(r"((?:Nov|[A-Z][a-z]{2}) \d\d) \d\d:\d\d [AP]M", r"\1 T", text)
    return re.sub(r": file: .*", ": file:", text)


class Clients:
    """Both as functions of a command line: (exit status, standard output, standard error)."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="lares-test-")
        self.name = os.path.join(self.folder, "supervisorctl")
        os.symlink(LARES, self.name)

    def clean(self):
        shutil.rmtree(self.folder)

    def ours(self, words, typed, cwd):
        done = subprocess.run([self.name, *words], input=typed, capture_output=True, text=True, timeout=PATIENCE * 2,
                              env=ENVIRONMENT, cwd=cwd)
        return done.returncode, done.stdout, done.stderr

    def original(self, words, typed, cwd):
        """In a fork of this process, which has loaded supervisor already: a start costs little then."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as stdin:
            stdin.write(typed.encode())
            stdin.seek(0)
            pid = os.fork()
            if pid == 0:
                self.become_the_original(words, cwd, (stdin, out, err))
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            out.seek(0)
            err.seek(0)
            return status, out.read().decode(), err.read().decode()

    def become_the_original(self, words, cwd, files):
        status = 1
        try:
            for number, file in enumerate(files):
                os.dup2(file.fileno(), number)
            sys.stdin = open(0, encoding="utf-8")
            sys.stdout = io.TextIOWrapper(open(1, "wb"), encoding="utf-8", write_through=True)
            sys.stderr = io.TextIOWrapper(open(2, "wb"), encoding="utf-8", write_through=True)
            os.chdir(cwd)
            sys.argv = [self.name, *words]
            from supervisor import options, supervisorctl
            options.Options.stdout, options.Options.stderr = sys.stdout, sys.stderr
            supervisorctl.main()
            status = 0
        except SystemExit as end:
            status = end.code or 0
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)


class TwoClients(unittest.TestCase):
    """What every class here does with both."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        from supervisor import supervisorctl  # noqa: F401  loaded once, before the forks
        cls.clients = Clients()
        cls.addClassCleanup(cls.clients.clean)

    def both(self, words, typed="", cwd=None, before=lambda: None, only_first_line=False, sort=False):
        """`sort`: processes end and start in any order, and are listed as they do."""
        found = []
        for client in (self.clients.original, self.clients.ours):
            before()
            status, out, err = client(words, typed, cwd or self.clients.folder)
            out = normalised(out)
            if sort:
                out = "\n".join(sorted(out.split("\n")))
                status = min(status, 1)  # the last failure gives the code
            found.append((status, out.split("\n")[0] if only_first_line else out, normalised(err)))
        self.assertEqual(found[1], found[0], f"supervisorctl {words}: ours, then the original's")
        return found[0]


@needs_supervisor
class SameWords(TwoClients):
    """Case 61: the table of commands."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.house = House(PROGRAMS)
        cls.addClassCleanup(cls.house.clean)
        cls.house.up()
        cls.house.until_state("gone", "EXITED")
        until(lambda: cls.house.read("says.out") == "one\ntwo\n" and cls.house.read("says.err") == "wrong\n")

    def reset(self):
        """The house as every line finds it."""
        for each in self.house.rpc.supervisor.getAllProcessInfo():
            full = f"{each['group']}:{each['name']}"
            wanted = full in RUNNING
            if wanted and each["statename"] != "RUNNING":
                self.house.rpc.supervisor.startProcess(full)
            if not wanted and each["statename"] in ("RUNNING", "STARTING", "BACKOFF"):
                self.house.rpc.supervisor.stopProcess(full)

    def line(self, line, **more):
        return self.both(["-c", self.house.config, *line.split()], before=self.reset, **more)

    def test_61_every_line_has_the_same_words_and_code(self):
        self.assertGreaterEqual(len(LINES) + len(LINES_WITH_HELP), 80)
        for line in LINES:
            with self.subTest(line):
                self.line(line, sort=line.endswith((":*", " all", "g:")))

    def test_61_what_shows_its_help_begins_with_the_same_line(self):
        for line in LINES_WITH_HELP:
            with self.subTest(line):
                status, first, _ = self.line(line, only_first_line=True)
                self.assertNotEqual((status, first), (0, ""))

    def test_61_stop_all_and_restart_all(self):
        for line in ("stop all", "restart all"):
            with self.subTest(line):
                self.line(line, sort=True)

    def test_61_what_is_typed_at_a_prompt_without_a_terminal(self):
        for typed in ("", "status\n", "pid\nbogus\nquit\nstatus\n", "stop cat\nstart cat\n", "shutdown\nn\nreload\nno\n", "reload\n",
                      "help\n\n\nversion\n", "exit\n", "status nope"):
            with self.subTest(typed):
                self.both(["-c", self.house.config], typed=typed, before=self.reset)
                self.both(["-i", "-c", self.house.config], typed=typed, before=self.reset)

    def test_61_a_prompt_of_ones_own(self):
        config = self.house.path("prompt.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"[supervisorctl]\nserverurl = unix://%(here)s/lares.sock\nprompt = mine\n")
        self.assertIn("mine> ", self.both(["-c", config], typed="pid\n")[1])

    def test_61_options(self):
        url = f"unix://{self.house.socket}"
        empty = self.house.path("empty.conf")
        open(empty, "w").close()
        for words in (["-s", url, "-c", self.house.config, "version"], ["--serverurl", url, "-c", self.house.config, "version"],
                      [f"--serverurl={url}", f"--conf={self.house.config}", "pid", "cat"], ["-s", "foo", "status"], ["--nope"], ["-x"],
                      ["-c"], ["-c", "/nonexistent/x.conf", "status"], ["-c", empty, "status"], ["-s", url, "-s", url, "pid"],
                      ["--in=x"], ["--", "-x"], ["-u", "a", "-u", "b", "pid"], ["-ic", self.house.config, "pid"],
                      ["-c", self.house.config, "-s", "https://localhost", "pid"], ["-c", self.house.config, "pid", "-x"],
                      ["--history", self.house.path("h"), "-c", self.house.config, "version"],
                      [f"-c{self.house.config}", "version"], ["-c", self.house.config, "status", "-c", "x"]):
            with self.subTest(words):
                self.both(words)

    def test_61_help_goes_to_standard_output(self):
        for words in (["-h"], ["--help"], ["-?"], ["--hel"]):
            status, out, err = self.clients.ours(words, "", self.clients.folder)
            self.assertEqual((status, err), (0, ""))
            self.assertIn(f"Usage: {self.clients.name} [options] [action [arguments]]", out)

    def test_61_a_plug_in_is_warned_of(self):
        config = self.house.path("plugin.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"[supervisorctl]\nserverurl = unix://{self.house.socket}\n[ctlplugin:x]\nsupervisor.ctl_factory = a:b\n")
        status, out, err = self.clients.ours(["-c", config, "version"], "", self.clients.folder)
        self.assertEqual((status, out), (0, "4.2.5\n"))
        self.assertIn("[ctlplugin:x] is ignored", err)

    def test_61_an_included_section_names_the_server(self):
        with open(self.house.path("main.conf"), "w", encoding="utf-8") as file:
            file.write("[include]\nfiles = part-*.ini\n")
        with open(self.house.path("part-1.ini"), "w", encoding="utf-8") as file:
            file.write("[supervisorctl]\nserverurl = unix://%(here)s/lares.sock\n")
        status, out, _ = self.clients.ours(["-c", self.house.path("main.conf"), "version"], "", self.clients.folder)
        self.assertEqual((status, out), (0, "4.2.5\n"))


EVERY_COMMAND = ["status", "status x", "pid", "pid x", "start x", "start all", "stop x", "restart x", "signal HUP x", "tail x", "tail -f x",
                 "maintail", "clear x", "clear all", "fg x", "version", "avail", "reread", "update", "add x", "remove x", "reload", "shutdown",
                 "help", "bogus"]


@needs_supervisor
class SameTrouble(TwoClients):
    """Case 62: nobody there, or nobody for us."""

    def config(self, url):
        path = os.path.join(self.clients.folder, "trouble.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"[supervisorctl]\nserverurl = {url}\n")
        return path

    def every_command(self, url):
        config = self.config(url)
        for line in EVERY_COMMAND:
            with self.subTest(line):
                self.both(["-c", config, *line.split()])

    def test_62_no_socket(self):
        self.every_command(f"unix://{self.clients.folder}/none.sock")

    def test_62_a_stale_socket(self):
        path = os.path.join(self.clients.folder, "stale.sock")
        left = socket.socket(socket.AF_UNIX)
        left.bind(path)
        left.close()
        self.every_command(f"unix://{path}")

    def test_62_a_port_that_nobody_has(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.every_command(f"http://127.0.0.1:{port}")

    def test_62_a_password_is_asked_for(self):
        house = House("[program:p]\ncommand = sleep 1000\nstartsecs = 0\n")
        self.addCleanup(house.clean)
        house.servers = f"[unix_http_server]\nfile = {house.socket}\nusername = me\npassword = secret\n"
        house.write("[program:p]\ncommand = sleep 1000\nstartsecs = 0\n")
        house.up(wait=False)
        until(lambda: os.path.exists(house.socket))
        for line in ("status", "pid", "start p", "tail p", "shutdown", "reload", "avail"):
            with self.subTest(line):
                self.both(["-c", house.config, *line.split()])
                self.both(["-c", house.config, "-u", "me", "-p", "wrong", *line.split()])
        self.both(["-c", house.config, "-u", "me", "-p", "secret", "status"])
        self.both(["-c", house.config, "--user=me", "--pass", "secret", "pid", "p"])


if __name__ == "__main__":
    unittest.main()
