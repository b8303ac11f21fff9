"""Programs stay up: the state machine with real processes. Numbers are cases of the reference's list."""

import os
import re
import signal
import time
import unittest

from harness import HouseTest, is_alive, until

QUICK = "startsecs = 0\nautorestart = true\n"


class StateMachine(HouseTest):
    def test_25_backoff_growth_four_spawns_with_gaps_then_fatal(self):
        house = self.house("[program:p]\ncommand = sh -c 'date +%%s.%%N >> times; sleep 0.2; exit 1'\nstartretries = 3\n").up()
        house.until_state("p", "FATAL", limit=20)
        times = [float(line) for line in house.read("times").split()]
        self.assertEqual(len(times), 4)
        for n, (a, b) in enumerate(zip(times, times[1:]), 1):
            self.assertGreaterEqual(b - a, n)
        self.assertIn("gave up: p entered FATAL state, too many start retries too quickly", house.log())

    def test_26_startretries_0_is_fatal_after_one_try(self):
        house = self.house("[program:p]\ncommand = sh -c 'echo x >> tries; exit 1'\nstartretries = 0\n").up()
        house.until_state("p", "FATAL")
        self.assertEqual(house.read("tries"), "x\n")

    def test_28_expected_exit_rests_and_another_is_restarted(self):
        house = self.house(
            "[program:good]\ncommand = sh -c 'sleep 0.2; exit 0'\nstartsecs = 0\nautorestart = unexpected\n"
            "[program:listed]\ncommand = sh -c 'sleep 0.2; exit 3'\nstartsecs = 0\nexitcodes = 0,3\n"
            "[program:bad]\ncommand = sh -c 'echo x >> bad; sleep 0.2; exit 3'\nstartsecs = 0\n"
            "[program:never]\ncommand = sh -c 'exit 3'\nstartsecs = 0\nautorestart = false\n").up()
        for name in ("good", "listed", "never"):
            house.until_state(name, "EXITED")
        until(lambda: len(house.read("bad")) >= 4)
        self.assertEqual(house.state("good"), "EXITED")
        self.assertIn("exited: good (exit status 0; expected)", house.log())
        self.assertIn("exited: bad (exit status 3; not expected)", house.log())
        self.assertEqual(house.info("never")["exitstatus"], 3)

    def test_29_signal_death_is_unexpected_and_restarted(self):
        house = self.house("[program:p]\ncommand = sleep 1000\nstartsecs = 0\n"
                           "[program:q]\ncommand = sleep 1000\nstartsecs = 0\nautorestart = false\n").up()
        first = house.pid("p")
        os.kill(first, signal.SIGKILL)
        os.kill(house.pid("q"), signal.SIGKILL)
        until(lambda: house.pid("p") not in (0, first))
        house.until_state("q", "EXITED")
        self.assertEqual(house.info("q")["exitstatus"], -1)
        self.assertIn("exited: p (terminated by SIGKILL; not expected)", house.log())

    def test_31_stop_in_backoff_is_stopped_at_once(self):
        house = self.house("[program:p]\ncommand = sh -c 'exit 1'\nstartretries = 10\n").up()
        house.until_state("p", "BACKOFF")
        self.assertTrue(house.rpc.supervisor.stopProcess("p"))
        self.assertEqual(house.state("p"), "STOPPED")

    def test_32_stop_escalation_kills_what_ignores_term(self):
        house = self.house("[program:p]\ncommand = sh -c 'trap \"\" TERM; echo up; while :; do sleep 0.1; done'\n"
                           "startsecs = 0\nstopwaitsecs = 2\nstopasgroup = false\nkillasgroup = true\n").up()
        until(lambda: "up" in "".join(house.read(name) for name in os.listdir(house.folder) if name.startswith("p-stdout")))
        pid = house.pid("p")
        before = time.monotonic()
        self.assertTrue(house.rpc.supervisor.stopProcess("p"))
        self.assertGreaterEqual(time.monotonic() - before, 1.99)
        self.assertIn(f"killing 'p' ({pid}) with SIGKILL", house.log())
        self.assertEqual(house.info("p")["exitstatus"], -1)
        self.assertFalse(is_alive(pid))

    def test_34_start_while_stopping_faults_40_and_stop_while_stopping_70(self):
        house = self.house("[program:p]\ncommand = sh -c 'trap \"\" TERM; echo up > up; while :; do sleep 0.1; done'\n"
                           "startsecs = 0\nstopwaitsecs = 2\nkillasgroup = true\n").up()
        until(lambda: house.read("up"))
        house.rpc.supervisor.stopProcess("p", False)
        house.until_state("p", "STOPPING")
        self.fault(40, "ABNORMAL_TERMINATION: p", house.rpc.supervisor.startProcess, "p")
        self.fault(70, "NOT_RUNNING: p", house.rpc.supervisor.stopProcess, "p")
        house.until_state("p", "STOPPED")

    def test_37_fatal_does_not_exit_and_term_ends_with_0(self):
        house = self.house("[program:p]\ncommand = sh -c 'exit 1'\nstartretries = 0\n").up()
        house.until_state("p", "FATAL")
        self.assertEqual(house.down(), 0)

    def test_a_crash_loop_of_millisecond_exits_becomes_fatal(self):
        house = self.house("[program:p]\ncommand = sh -c 'exit 1'\nstartretries = 2\n").up()
        house.until_state("p", "FATAL", limit=15)
        self.assertNotIn("success: p", house.log())

    def test_a_program_that_forks_away_leaves_nothing_confused(self):
        house = self.house("[program:p]\ncommand = sh -c 'sleep 1.5 & echo child $!; exit 0'\nstartsecs = 0\n").up()
        house.until_state("p", "EXITED")
        self.assertEqual(house.rpc.supervisor.getState()["statename"], "RUNNING")

    def test_ten_thousand_restarts_leave_the_others_alone(self):
        # Bounded by time as well: each restart costs a fork and an exec.
        house = self.house("[program:calm]\ncommand = sleep 1000\nstartsecs = 0\n"
                           "[program:storm]\ncommand = true\nstartsecs = 0\nautorestart = true\nrestart_delay = 0s\n"
                           "stdout_logfile = NONE\nstderr_logfile = NONE\n", daemon="loglevel = warn\n").up()
        calm = house.pid("calm")
        goal = int(os.environ.get("LARES_TEST_RESTARTS", "10000"))
        status = lambda: house.rpc.lares.status(["storm"])["processes"][0]["restarts"]
        until(lambda: status() >= goal, limit=90)
        self.assertEqual(house.pid("calm"), calm)
        fds = len(os.listdir(f"/proc/{house.daemon_pid}/fd"))
        self.assertLess(fds, 60)


class Spawning(HouseTest):
    def test_19_command_not_found_is_told_and_retried_to_fatal(self):
        house = self.house("[program:p]\ncommand = nosuchcommand-x\nautostart = false\nstartretries = 1\n").up()
        self.fault(20, "NO_FILE: can't find command 'nosuchcommand-x'", house.rpc.supervisor.startProcess, "p")
        house.until_state("p", "FATAL")
        self.assertEqual(house.info("p")["spawnerr"], "can't find command 'nosuchcommand-x'")

    def test_20_what_cannot_be_executed_has_its_words(self):
        house = self.house(
            "[program:directory]\ncommand = /usr\nautostart = false\n"
            "[program:plain]\ncommand = /etc/passwd\nautostart = false\n"
            "[program:quoted]\ncommand = sh -c 'x\nautostart = false\n"
            "[program:empty]\ncommand =\nautostart = false\n").up()
        start = house.rpc.supervisor.startProcess
        self.fault(21, "NOT_EXECUTABLE: command at '/usr' is a directory", start, "directory")
        self.fault(21, "NOT_EXECUTABLE: command at '/etc/passwd' is not executable", start, "plain")
        self.fault(21, "NOT_EXECUTABLE: can't parse command \"sh -c 'x\": No closing quotation", start, "quoted")

    def test_22_a_relative_command_is_found_in_the_PATH_of_environment(self):
        house = self.house("[program:p]\ncommand = mine\nenvironment = PATH=\"%(here)s/bin:/bin:/usr/bin\"\nstartsecs = 0\n")
        os.mkdir(house.path("bin"))
        with open(house.path("bin/mine"), "w", encoding="ascii") as file:
            file.write("#!/bin/sh\nexec sleep 1000\n")
        os.chmod(house.path("bin/mine"), 0o755)
        house.up()
        house.until_state("p", "RUNNING")

    @unittest.skipUnless(os.geteuid() == 0, "switching users needs root")
    def test_23_user_switch_sets_uid_gid_and_groups(self):
        house = self.house("[program:p]\ncommand = sh -c 'id -u; id -G; umask; sleep 1000'\nuser = nobody\numask = 077\n"
                           "startsecs = 0\nstdout_logfile = %(here)s/out\n")
        os.chmod(house.folder, 0o755)
        house.up()
        until(lambda: house.read("out").count("\n") >= 3)
        import grp
        import pwd
        nobody = pwd.getpwnam("nobody")
        uid, groups, umask = house.read("out").split("\n")[:3]
        self.assertEqual(int(uid), nobody.pw_uid)
        expected = {nobody.pw_gid} | {g.gr_gid for g in grp.getgrall() if "nobody" in g.gr_mem}
        self.assertEqual({int(g) for g in groups.split()}, expected)
        self.assertEqual(umask, "0077")

    def test_the_child_inherits_nothing_but_its_three_descriptors(self):
        house = self.house("[program:p]\ncommand = sh -c 'ls /proc/self/fd > fds; grep Sig /proc/self/status > signals; sleep 1000'\n"
                           "startsecs = 0\n").up()
        until(lambda: "SigCgt" in house.read("signals"))
        self.assertEqual(house.read("fds").split(), ["0", "1", "2", "3"])  # 3 is ls reading the folder
        self.assertRegex(house.read("signals"), r"SigIgn:\s0{16}")
        self.assertRegex(house.read("signals"), r"SigBlk:\s0{16}")

    def test_the_environment_names_the_program_and_the_server(self):
        house = self.house("[program:p]\ncommand = sh -c 'env > env; sleep 1000'\nenvironment = A=\"x,y\",B=plain\nstartsecs = 0\n"
                           "[group:g]\nprograms = p\n").up()
        until(lambda: "SUPERVISOR_GROUP_NAME" in house.read("env"))
        env = dict(line.split("=", 1) for line in house.read("env").strip().split("\n"))
        self.assertEqual((env["A"], env["B"]), ("x,y", "plain"))
        self.assertEqual(env["SUPERVISOR_ENABLED"], "1")
        self.assertEqual(env["SUPERVISOR_PROCESS_NAME"], "p")
        self.assertEqual(env["SUPERVISOR_GROUP_NAME"], "g")
        self.assertEqual(env["SUPERVISOR_SERVER_URL"], "unix://" + house.socket)

    def test_the_parent_of_a_program_is_the_daemon_itself(self):
        house = self.house("[program:p]\ncommand = sh -c 'echo $PPID > parent; sleep 1000'\nstartsecs = 0\n").up()
        until(lambda: house.read("parent").strip())
        self.assertEqual(int(house.read("parent")), house.daemon_pid)

    def test_a_directory_that_is_missing_is_told_in_status(self):
        house = self.house("[program:p]\ncommand = sleep 1000\ndirectory = /nosuch\nstartretries = 0\n").up()
        house.until_state("p", "FATAL")
        self.assertIn("/nosuch", house.info("p")["spawnerr"])

    @unittest.skipUnless(os.geteuid() == 0, "needs another user to limit")
    def test_fork_refused_to_another_user_is_told_and_stops_nobody_else(self):
        house = self.house("[program:limited]\ncommand = sh -c 'sleep 1000 & sleep 1000'\nuser = nobody\nlimit_nproc = 1\nstartsecs = 0\n"
                           "startretries = 0\nautorestart = false\n[program:free]\ncommand = sleep 1000\nstartsecs = 0\n")
        os.chmod(house.folder, 0o755)
        house.up()
        house.until_state("free", "RUNNING")
        house.until_state("limited", "EXITED", "FATAL", "RUNNING", "BACKOFF")
        self.assertEqual(house.rpc.supervisor.getState()["statename"], "RUNNING")


class Order(HouseTest):
    def test_a_needed_program_is_ready_before_its_dependant_starts_and_stops_after_it(self):
        house = self.house(
            "[program:web]\ncommand = sh -c 'test -e ready || echo early >> wrong; trap \"echo web >> order; exit 0\" TERM; echo x > web; while :; do sleep 0.05; done'\n"
            "depends_on = db\nstartsecs = 0\nautorestart = false\n"
            "[program:db]\ncommand = sh -c 'trap \"echo db >> order; exit 0\" TERM; sleep 0.5; touch ready; while :; do sleep 0.05; done'\n"
            "ready = exec test -e %(here)s/ready\nready_every = 100ms\nstartsecs = 0\nautorestart = false\n").up()
        house.until_state("web", "RUNNING")
        until(lambda: house.read("web"))
        self.assertEqual(house.read("wrong"), "")
        self.assertEqual(house.down(), 0)
        self.assertEqual(house.read("order"), "web\ndb\n")

    def test_shutdown_stops_priorities_in_reverse_with_a_barrier(self):
        program = ("[program:{name}]\ncommand = sh -c 'trap \"sleep 0.2; echo {name} >> order; exit 0\" TERM; echo up > {name}.up; while :; do sleep 0.05; done'\n"
                   "priority = {priority}\nstartsecs = 0\n")
        house = self.house("".join(program.format(name=n, priority=p) for n, p in (("a", 1), ("b", 2), ("c", 3)))).up()
        for name in "abc":
            until(lambda: house.read(f"{name}.up"))
        self.assertEqual(house.down(), 0)
        self.assertEqual(house.read("order"), "c\nb\na\n")

    def test_a_circle_of_needs_is_named(self):
        from harness import refused
        code, err, _ = refused("[supervisord]\n[program:a]\ncommand = true\ndepends_on = b\n[program:b]\ncommand = true\ndepends_on = a\n")
        self.assertEqual(code, 2)
        self.assertRegex(err, "a.* needs .*b.* needs .*a")


class Health(HouseTest):
    def test_notify_makes_it_running_when_the_program_says_so(self):
        script = ("import os,socket,time; time.sleep(0.3); s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM); "
                  "a=os.environ['NOTIFY_SOCKET']; s.sendto(b'READY=1\\nSTATUS=serving', a if a[0]!='@' else chr(0)+a[1:]); time.sleep(1000)")
        house = self.house(f"[program:p]\ncommand = python3 -c \"{script.replace('%', '%%')}\"\nready = notify\nstartsecs = 0\n").up()
        house.until_state("p", "RUNNING")
        self.assertIn("serving", house.lares("status", "p")[1])

    def test_what_is_not_ready_in_time_has_failed(self):
        house = self.house("[program:p]\ncommand = sleep 1000\nready = exec false\nready_within = 500ms\nready_every = 100ms\nstartretries = 0\nstartsecs = 0\n").up()
        house.until_state("p", "FATAL")
        self.assertEqual(house.descendants(), [])

    def test_a_program_that_stops_answering_is_restarted(self):
        house = self.house("[program:p]\ncommand = sh -c 'touch well; sleep 1000'\nalive = exec test -e %(here)s/well\nalive_every = 200ms\nalive_failures = 2\nstartsecs = 0\nstopasgroup = true\n").up()
        house.until_state("p", "RUNNING")
        first = house.pid("p")
        until(lambda: os.path.exists(house.path("well")))
        os.unlink(house.path("well"))
        until(lambda: house.pid("p") not in (0, first))
        house.until_state("p", "RUNNING")

    def test_a_changed_file_restarts_its_program_once(self):
        house = self.house("[program:p]\ncommand = sh -c 'echo x >> starts; sleep 1000'\nwatch_restart = %(here)s/code\nwatch_delay = 200ms\nstartsecs = 0\nstopasgroup = true\n")
        with open(house.path("code"), "w", encoding="ascii") as file:
            file.write("1")
        house.up()
        until(lambda: house.read("starts"), "x\n")
        first = house.pid("p")
        for n in range(5):
            with open(house.path("code"), "w", encoding="ascii") as file:
                file.write(str(n))
        until(lambda: house.pid("p") not in (0, first))
        until(lambda: house.read("starts"), "x\nx\n")


class Hooks(HouseTest):
    def test_hooks_run_at_their_turning_points(self):
        house = self.house("[program:p]\ncommand = sh -c 'echo main >> order; sleep 1000'\nstopasgroup = true\nstartsecs = 0\n"
                           "pre_start = sh -c 'echo $LARES_HOOK >> order'\npost_start = sh -c 'echo $LARES_HOOK >> order'\n"
                           "pre_stop = sh -c 'echo $LARES_HOOK >> order'\npost_stop = sh -c 'echo $LARES_HOOK >> order'\n").up()
        until(lambda: house.read("order").count("\n"), 3)
        house.lares("stop", "p", check=True)
        until(lambda: house.read("order").count("\n"), 5)
        words = house.read("order").split()
        self.assertEqual(words[0], "pre_start")
        self.assertEqual(set(words[1:3]), {"main", "post_start"})
        self.assertEqual(words[3:], ["pre_stop", "post_stop"])

    def test_a_failed_pre_start_is_a_failed_start(self):
        house = self.house("[program:p]\ncommand = sh -c 'echo ran > ran'\npre_start = false\nstartretries = 0\n").up()
        house.until_state("p", "FATAL")
        self.assertEqual(house.read("ran"), "")

    def test_a_hook_that_takes_too_long_is_killed(self):
        house = self.house("[program:p]\ncommand = sleep 1000\npre_start = sleep 1000\nhook_timeout = 300ms\nstartretries = 0\n").up()
        house.until_state("p", "FATAL")
        self.assertIn("took longer than 300ms", house.log())
        self.assertEqual(house.descendants(), [])


if __name__ == "__main__":
    unittest.main()
