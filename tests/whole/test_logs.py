"""Logs and surroundings of programs: formats, rotation, limits, environment, stops, restarts."""

import glob
import gzip
import json
import os
import re
import resource
import stat
import subprocess
import sys
import threading
import time
import unittest

from harness import LARES, HouseTest, until

UTC = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def say(*lines):
    """A program that writes these lines, and stays."""
    return "sh -c 'printf \"" + "".join(f"{line}\\n" for line in lines).replace("%", "%%%%") + "\"; exec sleep 1000'"


def program(command, options="", name="p"):
    return f"[program:{name}]\ncommand = {command}\nstartsecs = 0\nstopasgroup = true\n{options}\n"


OUT = "stdout_logfile = %(here)s/out\n"


class Formats(HouseTest):
    def written(self, options, *lines):
        house = self.house(program(say(*lines), OUT + options)).up()
        return until(lambda: house.read("out").splitlines() if house.read("out").count("\n") >= len(lines) else None)

    def test_json_is_an_object_a_line(self):
        found = [json.loads(line) for line in self.written("stdout_format = json\n", "plain", "quote\\\\x")]
        self.assertEqual([(each["program"], each["stream"], each["line"]) for each in found],
                         [("p", "stdout", "plain"), ("p", "stdout", "quote\\x")])
        for each in found:
            self.assertRegex(each["time"], f"^{UTC}$")

    def test_a_prefix_stands_before_each_line(self):
        self.assertEqual(self.written("stdout_prefix = \"[%(process_name)s] \"\n", "a", "b"), ["[p] a", "[p] b"])

    def test_a_time_stands_before_each_line_and_before_the_prefix(self):
        for line in self.written("stdout_timestamp = true\nstdout_prefix = \"> \"\n", "a", "b"):
            self.assertRegex(line, f"^{UTC} > [ab]$")

    def test_text_without_more_is_what_was_written(self):
        self.assertEqual(self.written("stdout_format = text\n", "a", "b"), ["a", "b"])

    def test_strip_ansi_takes_colours_out(self):
        house = self.house(program(say("\\033[31mred\\033[0m", "plain"), OUT), daemon="strip_ansi = true\n").up()
        until(lambda: house.read("out"), "red\nplain\n")

    def test_without_it_bytes_stay(self):
        house = self.house(program(say("\\033[31mred\\033[0m"), OUT)).up()
        until(lambda: house.read("out"), "\x1b[31mred\x1b[0m\n")

    def test_a_line_without_end_is_kept_when_the_program_ends(self):
        house = self.house(program("printf end", OUT + "stdout_prefix = \"> \"\nautorestart = false\n")).up()
        until(lambda: house.read("out").strip(), "> end")


class Places(HouseTest):
    def test_NONE_keeps_nothing(self):
        house = self.house(program("sh -c 'echo x; echo y >&2; touch done; exec sleep 1000'", "stdout_logfile = NONE\nstderr_logfile = NONE\n")).up()
        until(lambda: os.path.exists(house.path("done")))
        self.assertEqual((house.info("p")["stdout_logfile"], house.info("p")["stderr_logfile"]), ("", ""))
        self.assertEqual(glob.glob(house.path("p-*")), [])

    def test_dev_stderr_is_the_daemons(self):
        house = self.house(program("sh -c 'echo to stderr >&2; exec sleep 1000'", "stderr_logfile = /dev/stderr\n")).up()
        until(lambda: "to stderr\n" in house.read("stderr"))

    def test_a_fifo_is_written_when_someone_reads_and_holds_up_nobody(self):
        house = self.house(program("sh -c 'while :; do echo tick; sleep 0.05; done'", "stdout_logfile = %(here)s/fifo\n")
                           + program("sh -c 'while :; do echo tock; sleep 0.05; done'", OUT, name="q"))
        os.mkfifo(house.path("fifo"))
        house.up()
        until(lambda: house.read("out").count("tock") > 3)
        self.assertEqual(house.state("p"), "RUNNING")
        found = []
        def reader():
            with open(house.path("fifo"), "rb") as fifo:
                found.append(fifo.readline())
        thread = threading.Thread(target=reader, daemon=True)
        thread.start()
        thread.join(20)
        self.assertEqual(found, [b"tick\n"])
        self.assertEqual(house.state("p"), "RUNNING")

    def test_redirect_joins_both_streams(self):
        house = self.house(program("sh -c 'echo a; echo b >&2; exec sleep 1000'", OUT + "redirect_stderr = true\nstdout_prefix = \"> \"\n")).up()
        until(lambda: house.read("out"), "> a\n> b\n")

    def test_two_programs_may_share_a_file(self):
        house = self.house(program("sh -c 'for i in 1 2 3; do echo a; done; exec sleep 1000'", OUT)
                           + program("sh -c 'for i in 1 2 3; do echo b; done; exec sleep 1000'", OUT, name="q")).up()
        until(lambda: sorted(house.read("out").split()), ["a"] * 3 + ["b"] * 3)


class Rotation(HouseTest):
    COUNT = 3000  # numbered lines of 10 bytes

    def numbered(self, options, pace="sleep 0.02"):
        # In pieces, since what is written at once is not split.
        command = f"sh -c 'for i in $(seq 0 {self.COUNT - 1}); do printf \"%%09d\\n\" $i; test $((i %% 100)) = 99 && {pace}; done; exec sleep 1000'"
        return self.house(program(command.replace("%%09d", "%%09d"), OUT + options)).up()

    def files(self, house):
        """Oldest first."""
        number = lambda path: int(re.search(r"out(?:\.(\d+))?(\.gz)?$", path).group(1) or 0)
        return sorted((path for path in glob.glob(house.path("out*")) if re.search(r"out(\.\d+)?(\.gz)?$", path)), key=number, reverse=True)

    def whole(self, house):
        bytes_ = b""
        for path in self.files(house):
            opened = gzip.open if path.endswith(".gz") else open
            with opened(path, "rb") as file:
                bytes_ += file.read()
        return bytes_

    def expected(self):
        return b"".join(b"%09d\n" % n for n in range(self.COUNT))

    def check_whole(self, house):
        def found():
            try:
                return self.whole(house)
            except (FileNotFoundError, EOFError, OSError):
                return b""  # renamed while we looked
        until(lambda: found() == self.expected(), limit=30, say=f"lines are missing or twice: {[os.path.basename(p) for p in self.files(house)]}")

    def test_every_byte_is_in_the_rotated_files_once(self):
        house = self.numbered("stdout_logfile_maxbytes = 2000\nstdout_logfile_backups = 1000\n")
        self.check_whole(house)
        self.assertGreater(len(self.files(house)), 5)

    def test_compressed_files_are_whole(self):
        house = self.numbered("stdout_logfile_maxbytes = 2000\nstdout_logfile_backups = 1000\nstdout_compress = true\n")
        self.check_whole(house)
        until(lambda: all(path.endswith(".gz") for path in self.files(house)[:-1]))
        self.check_whole(house)
        self.assertGreater(len(self.files(house)), 5)

    def test_keep_bytes_bounds_the_rotated_files(self):
        house = self.numbered("stdout_logfile_maxbytes = 2000\nstdout_logfile_backups = 1000\nstdout_keep_bytes = 9000\n")
        until(lambda: f"{self.COUNT - 1:09d}" in house.read("out") + house.read("out.1"), limit=30)
        size = lambda: sum(os.path.getsize(path) for path in self.files(house) if not path.endswith("/out"))
        until(lambda: 0 < size() <= 9000)

    def test_by_time_less_than_a_minute_is_refused_and_a_minute_accepted(self):
        house = self.house(program("sleep 1000", OUT + "stdout_rotate = 1s\n"))
        code, output = house.lares("check")
        self.assertEqual(code, 1)
        self.assertIn("1m", output)
        house.write(program("sleep 1000", OUT + "stdout_rotate = 1m\n"))
        self.assertEqual(house.lares("check")[0], 0)

    def test_by_time_a_log_of_a_period_that_is_over_is_rotated(self):
        # The least period is a minute; what the file says of its last change is older than that.
        house = self.house(program("sh -c 'while :; do echo new; sleep 0.05; done'", OUT + "stdout_rotate = 1m\n"))
        with open(house.path("out"), "w", encoding="ascii") as file:
            file.write("old\n")
        os.utime(house.path("out"), (time.time() - 3600,) * 2)
        house.up()
        until(lambda: house.read("out.1"), "old\n")
        until(lambda: house.read("out").startswith("new\n"))


PROBE = """import json, os, resource, sys
limit = lambda name: list(resource.getrlimit(getattr(resource, name)))
umask = os.umask(0)
seen = {"nofile": limit("RLIMIT_NOFILE"), "core": limit("RLIMIT_CORE"), "nice": os.nice(0), "umask": umask,
        "oom": int(open("/proc/self/oom_score_adj").read()), "cpus": sorted(os.sched_getaffinity(0)),
        "directory": os.getcwd(), "environment": dict(os.environ), "pgid": os.getpgrp() == os.getpid()}
with open(sys.argv[1] + ".new", "w") as file:
    json.dump(seen, file)
os.rename(sys.argv[1] + ".new", sys.argv[1])
"""


class Surroundings(HouseTest):
    def seen(self, options, files=None, **more):
        house = self.house("", **more)
        for name, text in {"probe.py": PROBE, **(files or {})}.items():
            with open(house.path(name), "w", encoding="utf-8") as file:
                file.write(text)
        os.chmod(house.folder, 0o777)
        house.write(program(f"{os.path.realpath('/usr/bin/python3')} -I -B %(here)s/probe.py %(here)s/seen", "autorestart = false\n" + options))
        house.up()
        self.last = house
        return json.loads(until(lambda: house.read("seen"), say=house.log()))

    def test_limits_nice_umask_and_directory_are_seen_inside(self):
        cpu = min(os.sched_getaffinity(0))
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        soft = 77 if hard == resource.RLIM_INFINITY else min(77, hard)
        seen = self.seen(f"limit_nofile = {soft}\nlimit_core = 0\nnice = 7\noom_score_adj = 500\ncpu_affinity = {cpu}\numask = 027\ndirectory = /usr\n")
        self.assertEqual(seen["nofile"][0], soft)
        self.assertEqual(seen["core"], [0, 0])
        self.assertEqual(seen["nice"], 7)
        self.assertEqual((seen["oom"], seen["cpus"], seen["umask"], seen["directory"]), (500, [cpu], 0o027, "/usr"))
        self.assertTrue(seen["pgid"])

    def test_a_soft_and_a_hard_limit(self):
        self.assertEqual(self.seen("limit_nofile = 50:60\n")["nofile"], [50, 60])

    def test_without_options_the_limits_are_those_the_daemon_was_started_with(self):
        self.assertEqual(self.seen("")["nofile"], list(resource.getrlimit(resource.RLIMIT_NOFILE)))

    def test_environment_files_are_read_and_one_may_be_absent(self):
        seen = self.seen("environment_file = %(here)s/secrets, -%(here)s/absent\nenvironment = B=own\n",
                         {"secrets": "# note\nA=one\nexport B='two words'\nC=\"x\\ny\"\n"})
        environment = seen["environment"]
        self.assertEqual((environment["A"], environment["C"]), ("one", "x\ny"))
        self.assertEqual(environment["B"], "own")  # what stands in the configuration wins

    def test_an_environment_file_that_is_missing_is_a_failed_start_with_words(self):
        house = self.house(program("sleep 1000", "environment_file = %(here)s/nosuch\nstartretries = 0\n")).up()
        house.until_state("p", "FATAL")
        self.assertIn("nosuch", house.info("p")["spawnerr"])

    def test_clear_environment_hands_down_nothing(self):
        seen = self.seen("clear_environment = true\nenvironment = A=own\n", extra_environment={"OUTSIDE": "x"})
        names = {name for name in seen["environment"] if not name.startswith("SUPERVISOR_")}
        self.assertEqual(names - {"LC_CTYPE"}, {"A"})

    @unittest.skipUnless(os.geteuid() == 0, "switching users needs root")
    def test_user_environment_is_the_users(self):
        import pwd
        nobody = pwd.getpwnam("nobody")
        environment = self.seen("user = nobody\nuser_environment = true\n")["environment"]
        self.assertEqual([environment[name] for name in ("HOME", "USER", "LOGNAME", "SHELL")],
                         [nobody.pw_dir, "nobody", "nobody", nobody.pw_shell])

    def test_a_cgroup_limit_that_has_no_effect_is_told_with_the_reason(self):
        house = self.house(program("sleep 1000", "memory_max = 100MB\n")).up()
        house.until_state("p", "RUNNING")
        pid = house.pid("p")
        with open(f"/proc/{pid}/cgroup", encoding="ascii") as file:
            limited = any(line.startswith("0::") and "lares" in line for line in file)
        if limited:
            self.assertNotIn("have no effect", house.log())
        else:
            self.assertRegex(house.log(), r"WARN cgroup limits of 'p' have no effect: \w+")


class Stops(HouseTest):
    def test_the_ladder_of_signals_is_seen_by_the_program(self):
        script = ("import signal, time\n"
                  "def note(number, frame):\n    with open(\"signals\", \"a\") as file: file.write(f\"{signal.Signals(number).name} {time.monotonic()}\\n\")\n"
                  "for number in (signal.SIGTERM, signal.SIGINT): signal.signal(number, note)\n"
                  "open(\"up\", \"w\").close()\nwhile True: time.sleep(1000)\n")
        house = self.house("[program:p]\ncommand = python3 -B %(here)s/deaf.py\nstartsecs = 0\nstopsignal = TERM:300ms,INT:300ms,KILL\n")
        with open(house.path("deaf.py"), "w", encoding="ascii") as file:
            file.write(script)
        house.up()
        until(lambda: os.path.exists(house.path("up")))
        before = time.monotonic()
        house.lares("stop", "p", check=True)
        took = time.monotonic() - before
        seen = [line.split() for line in house.read("signals").splitlines()]
        self.assertEqual([name for name, _ in seen], ["SIGTERM", "SIGINT"])
        self.assertGreaterEqual(float(seen[1][1]) - float(seen[0][1]), 0.25)
        self.assertGreaterEqual(took, 0.6)
        self.assertEqual(house.info("p")["exitstatus"], -1)
        self.assertIn("with SIGKILL", house.log())


class Restarts(HouseTest):
    TIMES = "sh -c 'date +%%s.%%N >> %(here)s/times; exit 1'"

    def gaps(self, options, count):
        house = self.house(f"[program:p]\ncommand = {self.TIMES}\n{options}\n").up()
        until(lambda: house.read("times").count("\n") >= count, say=house.log())
        times = [float(line) for line in house.read("times").split()][:count]
        return house, [b - a for a, b in zip(times, times[1:])]

    def test_restart_delay_and_its_growth_after_failed_starts(self):
        _, gaps = self.gaps("startsecs = 1\nstartretries = 10\nrestart_delay = 200ms\nrestart_backoff = 2\nrestart_max_delay = 500ms\n", 5)
        for gap, least in zip(gaps, (0.2, 0.4, 0.5, 0.5)):
            self.assertGreaterEqual(gap, least - 0.02)
        self.assertLess(min(gaps), 0.4 + 1)

    def test_restart_delay_after_exits(self):
        _, gaps = self.gaps("startsecs = 0\nautorestart = true\nrestart_delay = 300ms\n", 4)
        for gap in gaps:
            self.assertGreaterEqual(gap, 0.28)

    def test_more_restarts_than_restart_limit_are_FATAL(self):
        house, _ = self.gaps("startsecs = 0\nautorestart = true\nrestart_delay = 10ms\nrestart_limit = 3 in 60s\n", 4)
        house.until_state("p", "FATAL")
        self.assertEqual(house.read("times").count("\n"), 4)
        self.assertIn("3", house.lares("status", "p")[1])

    def test_jitter_only_lengthens(self):
        _, gaps = self.gaps("startsecs = 0\nautorestart = true\nrestart_delay = 200ms\nrestart_jitter = 50\n", 4)
        for gap in gaps:
            self.assertGreaterEqual(gap, 0.18)


class Descriptors(HouseTest):
    def test_without_descriptors_it_says_so_keeps_the_others_and_recovers(self):
        programs = "".join(f"[program:p{n:02}]\ncommand = sleep 1000\nstartsecs = 0\nstartretries = -1\nrestart_delay = 300ms\n"
                           "stdout_logfile = NONE\nstderr_logfile = NONE\n" for n in range(30))
        house = self.house(programs, daemon="minfds = 10\n")
        house.stderr, house.stdout = open(house.path("stderr"), "wb"), open(house.path("stdout"), "wb")
        house.process = subprocess.Popen(["sh", "-c", f"ulimit -n 64; exec {LARES} up -c {house.config} --foreground"], stdin=subprocess.DEVNULL,
                                         stdout=house.stdout, stderr=house.stderr, cwd=house.folder)
        house.until_log("too many open files")
        until(lambda: "entered RUNNING state" in house.log())
        # Each answer may take a second now: a connection, too, needs a descriptor.
        infos = lambda: {each["name"]: each for each in house.rpc.supervisor.getAllProcessInfo()}
        first = infos()
        running = [name for name, each in first.items() if each["statename"] == "RUNNING"]
        waiting = [name for name, each in first.items() if each["statename"] in ("BACKOFF", "STARTING")]
        self.assertTrue(running)
        self.assertTrue(waiting)
        # Those that run give their places to those that wait, all but one.
        kept = running[0]
        house.lares("stop", *running[1:], check=True)
        second = until(lambda: (found := infos()) and any(found[name]["statename"] == "RUNNING" for name in waiting) and found)
        self.assertEqual(second[kept]["pid"], first[kept]["pid"])
        self.assertEqual(house.down(), 0)


if __name__ == "__main__":
    unittest.main()
