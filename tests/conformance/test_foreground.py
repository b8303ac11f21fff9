"""The lines of a daemon in the foreground that upstream's end-to-end tests and people's scripts wait for.

Upstream's tests start a fixture and expect lines on its standard output; here the same scenarios with
configurations of our own. In the foreground every line of the main log stands there, too.
"""

import os
import re
import signal
import sys
import unittest

from harness import HouseTest, until
from supervisor_here import ConformanceTest, ctl, needs_supervisor

STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} "


class Foreground(HouseTest):
    def expect(self, house, *patterns, skip=0):
        """Waits for lines that match, in this order."""
        def where():
            lines, at = house.read("stdout").splitlines()[skip:], 0
            for line in lines:
                if at < len(patterns) and re.match(STAMP + patterns[at] + "$", line):
                    at += 1
            return at
        until(where, len(patterns), say=f"not all of {patterns} in:\n{house.read('stdout')}")

    def test_a_life_is_told_in_these_words(self):
        house = self.house("[program:cat]\ncommand = cat\n", daemon="loglevel = info\n").up()
        self.expect(house, r"INFO supervisord started with pid \d+", r"INFO spawned: 'cat' with pid \d+",
                    r"INFO success: cat entered RUNNING state, process has stayed up for > than 1 seconds \(startsecs\)")
        house.kill(signal.SIGTERM)
        self.assertEqual(house.down(), 0)
        self.expect(house, "WARN received SIGTERM indicating exit request", "INFO waiting for cat to die", r"WARN stopped: cat \(terminated by SIGTERM\)")

    def test_each_end_has_its_words(self):
        house = self.house("[program:good]\ncommand = sh -c 'sleep 0.1'\nstartsecs = 0\n"
                           "[program:bad]\ncommand = sh -c 'exit 4'\nstartsecs = 0\nautorestart = false\n"
                           "[program:quick]\ncommand = sh -c 'exit 1'\nstartretries = 0\n[program:lost]\ncommand = nosuchcommand-x\nstartretries = 0\n"
                           "[program:killed]\ncommand = sh -c 'kill -9 $$'\nstartsecs = 0\nautorestart = false\n").up()
        for words in (r"INFO exited: good \(exit status 0; expected\)", r"WARN exited: bad \(exit status 4; not expected\)",
                      r"WARN exited: quick \(exit status 1; not expected\)", "INFO gave up: quick entered FATAL state, too many start retries too quickly",
                      "INFO spawnerr: can't find command 'nosuchcommand-x'", r"WARN exited: killed \(terminated by SIGKILL; not expected\)"):
            self.expect(house, words)

    def test_a_reload_and_a_reopening_have_theirs(self):
        house = self.house("[program:p]\ncommand = sleep 1000\nstartsecs = 0\n").up()
        house.until_state("p", "RUNNING")
        house.kill(signal.SIGUSR2)
        self.expect(house, "INFO received SIGUSR2 indicating log reopen request", "INFO supervisord logreopen")
        house.kill(signal.SIGHUP)
        self.expect(house, "WARN received SIGHUP indicating restart request", r"WARN stopped: p \(terminated by SIGTERM\)",
                    r"INFO supervisord started with pid \d+", r"INFO spawned: 'p' with pid \d+")

    def test_what_is_waited_for_is_named(self):
        house = self.house("[program:slow]\ncommand = sh -c 'trap \"\" TERM; touch up; while :; do sleep 0.05; done'\nstartsecs = 0\nstopwaitsecs = 1\nkillasgroup = true\n").up()
        until(lambda: os.path.exists(house.path("up")))
        pid = house.pid("slow")
        house.kill(signal.SIGTERM)
        self.expect(house, "INFO waiting for slow to die", rf"WARN killing 'slow' \({pid}\) with SIGKILL", r"WARN stopped: slow \(terminated by SIGKILL\)")
        self.assertEqual(house.down(), 0)


@needs_supervisor
class Scenarios(ConformanceTest):
    """Upstream's end-to-end scenarios, by what they are about."""

    def test_percent_signs_in_the_inherited_environment_are_left_alone(self):
        house = self.house("[program:p]\ncommand = sh -c 'printenv ODD > seen'\nstartsecs = 0\nautorestart = false\n",
                           extra_environment={"ODD": "%(nope)s 100%"}).up()
        until(lambda: house.read("seen"), "%(nope)s 100%\n")

    def test_a_program_may_print_what_is_no_text(self):
        house = self.house("[program:p]\ncommand = sh -c \"printf '\\\\377\\\\376 caf\\\\303\\\\251\\\\n'; sleep 1000\"\nstartsecs = 0\nredirect_stderr = true\n").up()
        until(lambda: "café" in house.rpc.supervisor.tailProcessStdoutLog("p", 0, 100)[0])
        code, output = ctl(house, "tail", "p")
        self.assertEqual(code, 0)
        self.assertIn("café", output)

    def test_status_and_main_log_may_hold_letters_beyond_ascii(self):
        house = self.house("[program:wörter]\ncommand = sleep 1000\nstartsecs = 0\nenvironment = GRUSS=\"grüße\"\n[program:fehlt]\ncommand = nichtdä-x\nstartretries = 0\n").up()
        house.until_state("wörter", "RUNNING")
        house.until_state("fehlt", "FATAL")
        code, output = ctl(house, "status")
        self.assertEqual(code, 3)
        self.assertRegex(output, r"wörter +RUNNING   pid \d+")
        self.assertIn("can't find command 'nichtdä-x'", output)
        code, output = ctl(house, "maintail", "-1500")
        self.assertEqual(code, 0)
        self.assertIn("spawned: 'wörter' with pid", output)

    def test_quotes_and_backslashes_of_a_command_reach_the_program(self):
        house = self.house("[program:p]\ncommand = " + sys.executable + " -c \"import sys; open('seen', 'w').write(repr(sys.argv[1:]))\" 'a \"b\"' c\\ d \"e'f\"\n"
                           "startsecs = 0\nautorestart = false\n").up()
        until(lambda: house.read("seen"), repr(['a "b"', "c d", "e'f"]))

    def test_the_identifier_of_the_file_is_told_and_stands_in_log_names(self):
        house = self.house("[program:p]\ncommand = sleep 1000\nstartsecs = 0\n", daemon="identifier = from-file\n").up()
        self.assertEqual(house.rpc.supervisor.getIdentification(), "from-file")
        self.assertIn("---from-file-", house.info("p")["stdout_logfile"])

    def test_groups_are_shown_by_group_then_name(self):
        house = self.house("".join(f"[program:{name}]\ncommand = sleep 1000\nstartsecs = 0\n" for name in "cab") + "[group:z]\nprograms = c,a\n").up()
        code, output = ctl(house, "status")
        self.assertEqual([line.split()[0] for line in output.splitlines()], ["b", "z:a", "z:c"])

    def test_TERM_of_the_daemon_ends_a_program_that_forked(self):
        house = self.house("[program:p]\ncommand = sh -c 'sleep 1000 & echo $! > child; wait'\nstartsecs = 0\nstopasgroup = true\n").up()
        child = int(until(lambda: house.read("child")))
        self.assertEqual(house.down(), 0)
        until(lambda: not os.path.exists(f"/proc/{child}"))

    def test_tail_f_of_letters_beyond_ascii(self):
        from test_control_tool import Following
        house = self.house("[program:p]\ncommand = cat\nstartsecs = 0\nstdout_logfile = %(here)s/out\n").up()
        house.until_state("p", "RUNNING")
        house.rpc.supervisor.sendProcessStdin("p", "schön\n")
        until(lambda: house.read("out"), "schön\n")
        with Following(house, "tail", "-f", "p") as following:
            following.until("schön\n")
            house.rpc.supervisor.sendProcessStdin("p", "世界\n")
            following.until("世界\n")
            self.assertEqual(following.interrupt(), 0)


if __name__ == "__main__":
    unittest.main()
