"""lares top on a real terminal (a pty, with pyte as its screen), beside a real daemon."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import threading
import time
import unittest

from harness import LARES, HouseTest, is_alive, until

try:
    import pyte
except ImportError:
    pyte = None

PROGRAMS = (
    "[program:web]\ncommand = sleep 1000\nstartsecs = 0\n"
    "[program:talker]\ncommand = sh -c 'echo hello from talker; sleep 1000'\nstartsecs = 0\nautostart = true\n"
    "[program:broken]\ncommand = false\nstartretries = 0\nstartsecs = 1\nautorestart = false\n"
    "[task:report]\ncommand = sh -c 'echo the report; exit 3'\nretries = 0\n"
    "[task:clock]\ncommand = true\nschedule = * * * * *\n"
)


class Terminal:
    """lares top in a window of its own; `screen` is what a person would see."""

    def __init__(self, house, *words, columns=80, rows=24, term="xterm-256color", environment=None):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.bytes = b""
        self.lock = threading.Lock()
        self.master, slave = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(slave)
        variables = {**os.environ, "TERM": term, "LC_ALL": "C.UTF-8", "TZ": "UTC", **(environment or {})}
        for name in ("COLUMNS", "LINES", "NO_COLOR"):
            if name not in (environment or {}):
                variables.pop(name, None)
        self.process = subprocess.Popen([LARES, "-c", house.config, "top", *words], stdin=slave, stdout=slave,
                                        stderr=slave, env=variables, cwd=house.folder, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.slave = slave
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while True:
            try:
                if not select.select([self.master], [], [], 0.2)[0]:
                    if self.process.poll() is not None:
                        return
                    continue
                piece = os.read(self.master, 65536)
            except (OSError, ValueError):
                return
            with self.lock:
                self.bytes += piece
                self.stream.feed(piece)

    def resize(self, columns, rows):
        with self.lock:
            self.screen.resize(rows, columns)
            fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def lines(self):
        with self.lock:
            return [line.rstrip() for line in self.screen.display]

    @property
    def text(self):
        return "\n".join(self.lines)

    def press(self, keys):
        os.write(self.master, keys.encode())

    def until(self, words, limit=None):
        try:
            until(lambda: words in self.text, limit=limit)
        except AssertionError:
            raise AssertionError(f"'{words}' was not shown; the screen:\n{self.text}") from None

    def until_gone(self, words):
        until(lambda: words not in self.text, say=f"'{words}' stayed")

    def line_with(self, words):
        return next((line for line in self.lines if words in line), "")

    def choose(self, name):
        """Moves down, and at the end up, until the row of `name` is the chosen (reversed) one."""
        key = "j"
        for _ in range(50):
            before = self.reversed_rows()
            if any(name in line for _, line in before):
                return
            self.press(key)
            try:
                until(lambda: [y for y, _ in self.reversed_rows()] != [y for y, _ in before]
                      or any(name in line for _, line in self.reversed_rows()), limit=2)
            except AssertionError:
                key = "k" if key == "j" else "j"
        raise AssertionError(f"'{name}' cannot be chosen:\n{self.text}")

    def reversed_rows(self):
        """The chosen row, and those of headings: where each is, and what it says."""
        with self.lock:
            return [(y, line) for y, line in enumerate(self.screen.display) if y > 1 and self.screen.buffer[y][0].reverse]

    def ends(self):
        """Waits for its end; the exit status, once the terminal is as it was."""
        status = self.process.wait(20)
        self.reader.join(5)
        return status

    def is_as_before(self):
        now = termios.tcgetattr(self.slave)
        return now[:4] == self.before[:4] and b"\x1b[?1049l" in self.bytes[-200:]

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for fd in (self.master, self.slave):
            try:
                os.close(fd)
            except OSError:
                pass


@unittest.skipIf(pyte is None, "python3-pyte is not installed")
class Top(HouseTest):
    def top(self, house, *words, **options):
        terminal = Terminal(house, *words, **options)
        self.addCleanup(terminal.close)
        return terminal

    def common(self):
        house = self.house(PROGRAMS).up()
        house.until_state("broken", "FATAL", "EXITED")
        house.until_state("web", "RUNNING")
        return house

    def test_the_overview_says_what_needs_you_and_every_view_is_there(self):
        house = self.common()
        house.lares("run", "report")
        terminal = self.top(house)
        terminal.until("broken")
        terminal.until("1 dead")
        terminal.until("NEXT HOUR")
        terminal.until("unexplained 0")
        self.assertRegex(terminal.text, r"things? needs? you")
        self.assertIn("clock", terminal.text)
        for key, words in (("2", "RESTARTS"), ("3", "NEXT IN"), ("4", "no folder is configured"), ("5", "1 dead"),
                           ("6", "STARTED"), ("7", "KIND"), ("8", "ABOUT"), ("9", "the daemon's own log"), ("?", "What changes something"),
                           ("\x1b", "the daemon's own log"), ("\t", "NEEDS YOU")):
            terminal.press(key)
            terminal.until(words)
            self.assertEqual([line for line in terminal.lines if len(line) > 80], [])
        terminal.press("q")
        self.assertEqual(terminal.ends(), 0)
        self.assertTrue(terminal.is_as_before(), terminal.bytes[-200:])

    def test_keys_act_after_a_yes_and_only_then(self):
        house = self.common()
        terminal = self.top(house, "programs")
        terminal.until("talker")
        terminal.choose("web")
        terminal.press("x")
        terminal.until("stop web?")
        terminal.press("n")
        terminal.until("nothing was done")
        self.assertEqual(house.state("web"), "RUNNING")
        terminal.press("x")
        terminal.until("stop web?")
        terminal.press("y")
        house.until_state("web", "STOPPED")
        terminal.until("STOPPED")
        self.assertIn("STOPPED", house.lares("status", "web")[1])
        terminal.press("s")
        terminal.until("start web?")
        terminal.press("y")
        house.until_state("web", "RUNNING")

    def test_a_task_is_run_paused_and_resumed_and_a_dead_job_retried(self):
        house = self.common()
        terminal = self.top(house, "tasks")
        terminal.until("report")
        terminal.choose("report")
        terminal.press("r")
        terminal.until("run report?")
        terminal.press("y")
        until(lambda: "1 job" in house.lares("status")[1] or "1 are dead" in house.lares("status")[1])
        terminal.press("p")
        terminal.until("pause report?")
        terminal.press("y")
        until(lambda: "paused: report" in house.lares("status")[1])
        terminal.until("paused")
        terminal.press("u")
        terminal.until("resume report?")
        terminal.press("y")
        until(lambda: "paused" not in house.lares("status")[1])
        until(lambda: "1 are dead" in house.lares("status")[1])
        terminal.press("5")
        terminal.until("1 dead")
        terminal.choose("dead")
        terminal.press("l")
        terminal.until("the report")  # its log
        terminal.press("5")
        terminal.choose("dead")
        terminal.press("y")
        terminal.until("retry job")
        terminal.press("y")
        until(lambda: house.lares("runs", "report")[1].count("report") == 2)

    def test_the_log_of_a_program_is_followed(self):
        house = self.house("[program:ticker]\ncommand = sh -c 'i=0; while :; do i=$((i+1)); echo tick $i; sleep 0.3; done'\n").up()
        terminal = self.top(house, "programs")
        terminal.until("ticker")
        terminal.press("\r")
        terminal.until("ticker stdout  (follows)")
        terminal.until("tick 3")
        terminal.until("tick 9")
        terminal.press("/")
        terminal.press("tick 2\r")
        terminal.until("with 'tick 2'")
        terminal.until_gone("tick 9")

    def test_a_filter_and_a_sort_keep_what_is_asked_for(self):
        house = self.common()
        terminal = self.top(house, "programs")
        terminal.until("talker")
        terminal.press("/")
        terminal.press("TALK")
        terminal.until("filter 'TALK': 1 of 3")
        terminal.until_gone("web")
        terminal.press("\x1b")
        terminal.until("web")
        terminal.press(">")
        terminal.until("NAME^")
        terminal.press("I")
        terminal.until("NAMEv")
        names = [line.split()[0] for line in terminal.lines[3:6]]
        self.assertEqual(names, ["web", "talker", "broken"])

    def test_the_window_may_change_its_size(self):
        house = self.common()
        terminal = self.top(house)
        terminal.until("NEEDS YOU")
        for columns, rows in ((40, 12), (132, 50), (20, 5), (10, 3), (80, 24)):
            terminal.resize(columns, rows)
            wanted = "too small" if columns < 20 else "lares"
            terminal.until(wanted)
            until(lambda: terminal.lines[0].strip() != "" and len(terminal.lines) == rows)
        terminal.until("NEEDS YOU")
        self.assertIsNone(terminal.process.poll())

    def test_it_goes_on_when_the_daemon_was_away(self):
        house = self.common()
        terminal = self.top(house, "programs")
        terminal.until("talker")
        house.down()
        terminal.until("not reachable since")
        self.assertIn("talker", terminal.text)  # what was known
        terminal.press("5")  # and it still listens to its reader
        terminal.until("run, ")
        terminal.press("2")
        house.up()
        terminal.until_gone("not reachable")
        terminal.until("RUNNING")

    def test_a_silent_daemon_keeps_no_key_waiting(self):
        house = self.common()
        terminal = self.top(house, "programs")
        terminal.until("talker")
        os.kill(house.daemon_pid, signal.SIGSTOP)
        try:
            terminal.until("not reachable since")
            begin = time.monotonic()
            terminal.press("?")
            terminal.until("What changes something")
            self.assertLess(time.monotonic() - begin, 2)
            terminal.press("\x1b")
            terminal.press("q")
            self.assertEqual(terminal.ends(), 0)
        finally:
            os.kill(house.daemon_pid, signal.SIGCONT)

    def test_each_way_to_end_leaves_the_terminal_clean(self):
        house = self.common()
        for how in ("\x03", signal.SIGTERM, signal.SIGHUP):
            terminal = self.top(house)
            terminal.until("NEEDS YOU")
            if isinstance(how, str):
                terminal.press(how)
            else:
                terminal.process.send_signal(how)
            self.assertEqual(terminal.ends(), 0, how)
            self.assertTrue(terminal.is_as_before(), (how, terminal.bytes[-200:]))

    def test_it_ends_when_its_window_is_closed(self):
        house = self.common()
        terminal = self.top(house)
        terminal.until("NEEDS YOU")
        os.close(terminal.slave)
        terminal.slave = os.open("/dev/null", os.O_RDONLY)
        os.close(terminal.master)
        self.assertEqual(terminal.process.wait(20), 0)
        self.assertFalse(is_alive(terminal.process.pid))

    def test_only_what_changed_is_sent(self):
        house = self.common()
        terminal = self.top(house, "programs")
        terminal.until("talker")
        time.sleep(0.5)  # the first picture is whole by then; more time makes the claim only harder
        with terminal.lock:
            before = len(terminal.bytes)
        time.sleep(3)
        sent = terminal.bytes[before:]
        self.assertGreater(len(sent), 0)  # the clock
        self.assertLess(len(sent), 3 * 400, sent)
        self.assertNotIn(b"\x1b[2J", sent)

    def test_marked_programs_are_stopped_by_one_yes_and_each_is_told(self):
        house = self.common()
        terminal = self.top(house, "programs")
        terminal.until("talker")
        terminal.choose("talker")
        terminal.press(" ")
        terminal.until("1 marked")
        self.assertTrue(terminal.line_with("talker").startswith("* talker"), terminal.text)
        terminal.choose("web")
        terminal.press(" ")
        terminal.until("2 marked")
        terminal.press("x")
        terminal.until("stop 2 programs: talker, web?  y: yes")
        terminal.press("n")
        terminal.until("nothing was done")
        self.assertEqual(house.state("web"), "RUNNING")
        terminal.press("x")
        terminal.until("stop 2 programs")
        terminal.press("y")
        terminal.until("stop 2 programs: all asked")
        self.assertIn("talker  asked", terminal.text)
        house.until_state("web", "STOPPED")
        house.until_state("talker", "STOPPED")
        terminal.press("\x1b")
        terminal.until_gone("marked")
        # A range upwards; one of the three cannot be stopped, and stays marked.
        terminal.press("G")
        terminal.press(" ")
        terminal.press("g")
        terminal.press("v")
        terminal.until("3 marked")
        terminal.press("s")
        terminal.until("start 3 programs: broken, talker, web?")
        terminal.press("y")
        terminal.until("start 3 programs: all asked")
        house.until_state("web", "RUNNING")
        terminal.press("\x1b")
        terminal.press("*")
        terminal.until("3 marked")
        terminal.press("s")
        terminal.press("y")
        terminal.until("start 3 programs: 1 asked, 2 not")
        self.assertIn("!! talker", terminal.text)
        terminal.press("\x1b")
        terminal.until("2 marked")

    def test_all_that_a_filter_shows_are_retried_or_cancelled_and_no_other(self):
        house = self.house(PROGRAMS + "[task:other]\ncommand = false\nretries = 0\n").up()
        for _ in range(3):
            house.lares("run", "report")
        house.lares("run", "other")
        until(lambda: "4 are dead" in house.lares("status")[1])
        terminal = self.top(house, "queue")
        terminal.until("4 dead")
        terminal.press("/")
        terminal.press("report\r")
        terminal.until("3 of 4")
        terminal.press("*")
        terminal.until("3 marked")
        terminal.press("y")
        terminal.until("retry 3 jobs: ")
        terminal.press("y")
        terminal.until("retry 3 jobs: all asked")
        until(lambda: house.lares("runs", "report")[1].count("report") == 6)
        self.assertEqual(house.lares("runs", "other")[1].count("other"), 1)
        terminal.press("\x1b")
        until(lambda: "4 are dead" in house.lares("status")[1])
        terminal.until("3 of 4")
        terminal.press("*")
        terminal.press("c")
        terminal.until("cancel 3 jobs")
        terminal.press("y")
        terminal.until("cancel 3 jobs: ")
        terminal.press("\x1b")

    def test_many_tasks_are_paused_and_go_on(self):
        house = self.common()
        until(lambda: "unexplained 0" in house.lares("top", "--once")[1])  # the journal opens beside the programs' start
        terminal = self.top(house, "tasks")
        terminal.until("report")
        terminal.press("*")
        terminal.until("2 marked")
        terminal.press("p")
        terminal.until("pause 2 tasks")
        terminal.press("y")
        terminal.until("pause 2 tasks: all asked")
        until(lambda: "paused: clock, report" in house.lares("status")[1])
        terminal.press("\x1b")
        terminal.press("*")
        terminal.press("u")
        terminal.until("resume 2 tasks")
        terminal.press("y")
        until(lambda: "paused" not in house.lares("status")[1])

    def test_files_that_a_folder_asks_about_are_run_or_left_here(self):
        house = self.house("[task:eat]\ncommand = true {{file}}\n"
                           "[folder:incoming]\npath = %(here)s/in\ntask = eat\nsettle = 0\nduplicates = ask\n")
        inbox = os.path.join(house.folder, "in")
        os.makedirs(inbox, exist_ok=True)
        house.up()
        for name in "abc":
            with open(os.path.join(inbox, name), "w") as file:
                file.write("the same contents")
            if name == "a":
                until(lambda: "done" in house.lares("jobs")[1] or house.lares("runs", "eat")[1].count("eat") >= 1)
        terminal = self.top(house, "folders")
        until(lambda: terminal.text.count("asked") == 2)
        terminal.until("2 for you")
        terminal.press("/")
        terminal.press("asked\r")
        terminal.until("2 of ")
        terminal.press("*")
        terminal.until("2 marked")
        terminal.press("r")
        terminal.until("run 2 files: ")
        terminal.press("y")
        terminal.until("run 2 files: all asked")
        until(lambda: house.lares("runs", "eat")[1].count("eat") >= 3)

    def test_it_is_readable_at_60_columns_without_colours_while_the_window_changes(self):
        house = self.common()
        terminal = self.top(house, "programs", columns=60, rows=20, term="vt100", environment={"NO_COLOR": "1"})
        terminal.until("talker")
        self.assertEqual(terminal.lines[1], "1:Ove 2:Programs 3:Tas 4:Fol 5:Que 6:Run 7:Eve 8:Mes 9:Log")
        terminal.press("*")
        terminal.until("3 marked")
        # Without colours a mark is a letter, and what is chosen is reversed.
        self.assertEqual(sum(line.startswith("* ") for line in terminal.lines), 3, terminal.text)
        terminal.press("r")
        terminal.until("restart 3 programs")
        self.assertTrue(terminal.lines[-1].endswith("y: yes, any other key: no"), terminal.text)
        terminal.resize(34, 12)
        terminal.until("1 2:Programs 3")
        until(lambda: terminal.lines[-1].startswith("restart 3 programs") and terminal.lines[-1].endswith("y/n"))
        terminal.resize(100, 30)
        terminal.until(" 1 Overview  2 Programs  3 Tasks  4 Folders")
        terminal.press("n")
        terminal.until("nothing was done")
        terminal.until("3 marked")
        self.assertEqual(house.state("web"), "RUNNING")

    def test_hostile_names_and_lines_are_harmless_and_keep_the_columns(self):
        house = self.house(
            "[program:日本語サーバ]\ncommand = sleep 1000\nstartsecs = 0\n"
            "[program:e\u0301\u0301\u0301\u0301\u0301accents]\ncommand = sleep 1000\nstartsecs = 0\n"
            "[program:left\u202eright]\ncommand = sleep 1000\nstartsecs = 0\n"
            "[program:rocket🚀]\ncommand = sleep 1000\nstartsecs = 0\n"
            "[program:nasty]\nstartsecs = 0\n"
            "command = python3 -c \"import os,time; os.write(1, b'\\x1b[2Jgone\\x1b]0;title\\x07 \\x9b31m \\xff\\xfe end\\n'); time.sleep(1000)\"\n"
        ).up()
        # Not "xterm": pyte does not know its way to repeat a character.
        for term, environment in (("xterm-256color", {}), ("vt220", {"LC_ALL": "C"}), ("vt100", {})):
            terminal = self.top(house, "programs", term=term, environment=environment)
            terminal.until("nasty")
            until(lambda: terminal.text.count("RUNNING") == 5)
            if not environment:
                self.assertIn("left\ufffdright", terminal.text)
            with terminal.lock:
                places = {"".join(cell.data for cell in (terminal.screen.buffer[y][x] for x in range(80))).count("RUNNING")
                          and next(x for x in range(74) if all(terminal.screen.buffer[y][x + i].data == letter
                                                               for i, letter in enumerate("RUNNING")))
                          for y in range(3, 8)}
            self.assertEqual(len(places), 1, f"{term}: {places}\n{terminal.text}")
            terminal.choose("nasty")
            terminal.press("l")
            terminal.until("end")
            self.assertIn("gone", terminal.text)
            self.assertNotIn("[2J", terminal.text)  # a whole sequence is left out
            self.assertNotIn(b"\x1b]0;title", terminal.bytes)
            self.assertNotIn(b"\x9b31m", terminal.bytes.replace(b"\xc2\x9b", b""))
            terminal.press("q")
            self.assertEqual(terminal.ends(), 0)

    def test_no_colours_where_none_are_wanted(self):
        house = self.common()
        coloured = self.top(house, "programs")
        coloured.until("talker")
        self.assertRegex(coloured.bytes, rb"\x1b\[3[0-9]")
        plain = self.top(house, "programs", environment={"NO_COLOR": "1"})
        plain.until("talker")
        self.assertNotRegex(plain.bytes, rb"\x1b\[[0-9;]*3[0-7](;|m)")

    def test_a_terminal_that_will_not_do_is_refused_with_what_to_use_instead(self):
        house = self.common()
        for term, words in (("dumb", "cannot move its cursor"), ("no-such-thing", "does not know"), ("", "TERM is not set")):
            terminal = self.top(house, term=term)
            self.assertEqual(terminal.ends(), 2)
            self.assertIn(words, terminal.text)
            self.assertIn("lares status", terminal.text.replace("\n", ""))
        status, text = house.lares("top")
        self.assertEqual(status, 2)
        self.assertIn("lares top --once", text)

    def test_once_prints_one_plain_screen(self):
        house = self.common()
        # The journal opens beside the programs' start.
        until(lambda: "unexplained 0" in house.lares("top", "--once")[1])
        status, text = house.lares("top", "--once")
        self.assertEqual(status, 0, text)
        self.assertNotIn("\x1b", text)
        self.assertIn("broken", text)
        self.assertLessEqual(len(text.splitlines()), 24)
        self.assertIn("talker", house.lares("top", "--once", "programs", check=True)[1])
        self.assertIn('"usage"', house.lares("top", "--json", check=True)[1])
        self.assertEqual(house.lares("top", "--once", "nonsense")[0], 2)
        house.down()
        status, text = house.lares("top", "--once")
        self.assertEqual(status, 3, text)

    def test_a_viewer_is_told_what_may_not_be_done(self):
        house = self.house(PROGRAMS)
        house.servers = f"[unix_http_server]\nfile = {house.socket}\npeer_roles = *:viewer\n"
        house.write(PROGRAMS)
        house.up()
        terminal = self.top(house, "programs")
        terminal.until("viewer: may look, not act")
        terminal.choose("web")
        terminal.press("x")
        terminal.until("stop web needs an operator")
        self.assertEqual(house.state("web"), "RUNNING")


if __name__ == "__main__":
    unittest.main()
