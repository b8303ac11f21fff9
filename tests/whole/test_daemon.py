"""The daemon itself: signals, files, sockets, endings. Numbers are cases of the reference's list."""

import os
import re
import signal
import socket
import stat
import subprocess
import time
import unittest

from harness import LARES, PATIENCE, HouseTest, all_processes, is_alive, parent, refused, until

SLEEPER = "[program:p]\ncommand = sleep 1000\nstartsecs = 0\n"


class Beginning(HouseTest):
    def test_38_double_start_is_refused_and_the_first_unharmed(self):
        house = self.house(SLEEPER).up()
        second = subprocess.run([LARES, "up", "-c", house.config, "--foreground"], capture_output=True, text=True,
                                timeout=PATIENCE, cwd=house.folder)
        self.assertEqual(second.returncode, 2)
        self.assertIn("Another program is already listening on a port that one of our HTTP servers is configured to use.", second.stderr)
        self.assertEqual(house.rpc.supervisor.getPID(), house.daemon_pid)
        self.assertEqual(house.read("lares.pid"), f"{house.daemon_pid}\n")

    def test_a_stale_socket_is_replaced(self):
        house = self.house(SLEEPER)
        left = socket.socket(socket.AF_UNIX)
        left.bind(house.socket)
        left.close()
        house.up()
        until(lambda: "Unlinking stale socket" in house.log() + house.read("stderr"))

    def test_43_pidfile_and_socket_removed_and_the_socket_is_private(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            house = self.house(SLEEPER).up()
            self.assertEqual(stat.S_IMODE(os.stat(house.socket).st_mode), 0o700)
            self.assertEqual(house.down(number), 0)
            self.assertFalse(os.path.exists(house.socket))
            self.assertFalse(os.path.exists(house.path("lares.pid")))
            self.assertIn(f"received {signal.Signals(number).name} indicating exit request", house.log())

    def test_detach_answers_when_the_sockets_are_open(self):
        house = self.house(SLEEPER)
        done = subprocess.run([LARES, "up", "-c", house.config, "--detach"], capture_output=True, text=True, timeout=PATIENCE, cwd=house.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        try:
            pid = house.rpc.supervisor.getPID()
            self.assertNotEqual(pid, os.getpid())
            self.assertEqual(os.getsid(pid), parent(pid))  # the keeper leads it
        finally:
            house.lares("down", check=True)
        until(lambda: not is_alive(pid))

    def test_1_no_supervisord_section(self):
        code, err, left = refused("[program:x]\ncommand = true\n")
        self.assertEqual(code, 2)
        self.assertTrue(err.startswith("Error: .ini file does not include supervisord section\nFor help, use "), err)
        self.assertEqual(left, ["lares.conf"])

    def test_a_faulty_file_starts_nothing_and_names_every_mistake(self):
        code, err, left = refused("[supervisord]\nlogfile = @/log\npidfile = @/pid\n[unix_http_server]\nfile = @/s\n"
                                  "[program:x]\ncommand = true\nstartsecs = soon\n[program:y]\ncommand = true\nautorestart = sometimes\n")
        self.assertEqual(code, 2)
        self.assertIn("lares.conf:8", err)
        self.assertIn("lares.conf:11", err)
        self.assertEqual(left, ["lares.conf"])

    def test_a_missing_file_is_told_as_supervisord_tells_it(self):
        done = subprocess.run([LARES, "up", "-c", "/nosuch/file.conf"], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 2)
        self.assertIn("Error: could not find config file /nosuch/file.conf", done.stderr)


class Signals(HouseTest):
    def test_40_hup_restarts_programs_under_the_same_daemon(self):
        house = self.house(SLEEPER).up()
        first = house.pid("p")
        house.kill(signal.SIGHUP)
        until(lambda: house.answers() and house.info("p")["pid"] not in (0, first))
        self.assertEqual(house.rpc.supervisor.getPID(), house.daemon_pid)
        self.assertIn("received SIGHUP indicating restart request", house.log())

    def test_hup_takes_the_new_configuration(self):
        house = self.house(SLEEPER).up()
        house.write("[program:q]\ncommand = sleep 1000\nstartsecs = 0\n")
        house.kill(signal.SIGHUP)
        until(lambda: [each["name"] for each in house.rpc.supervisor.getAllProcessInfo()], ["q"])
        house.until_state("q", "RUNNING")

    def test_hup_with_a_broken_file_changes_nothing(self):
        house = self.house(SLEEPER).up()
        house.until_state("p", "RUNNING")
        first = house.pid("p")
        house.write("[program:p]\ncommand = sleep 1000\nstartsecs = soon\n")
        house.kill(signal.SIGHUP)
        house.until_log("configuration not changed")
        self.assertIn("startsecs", house.log())
        self.assertEqual(house.pid("p"), first)
        self.assertTrue(is_alive(first))

    def test_hup_with_a_circle_changes_nothing(self):
        house = self.house(SLEEPER).up()
        house.until_state("p", "RUNNING")
        first = house.pid("p")
        house.write("[program:p]\ncommand = sleep 1000\ndepends_on = q\n[program:q]\ncommand = sleep 1\ndepends_on = p\n")
        house.kill(signal.SIGHUP)
        house.until_log("configuration not changed")
        self.assertEqual(house.pid("p"), first)

    def test_41_usr2_reopens_logs_that_were_moved(self):
        house = self.house("[program:p]\ncommand = sh -c 'while :; do echo line; sleep 0.05; done'\nstdout_logfile = %(here)s/out\nstartsecs = 0\n").up()
        until(lambda: house.read("out"))
        os.rename(house.path("out"), house.path("out.old"))
        os.rename(house.log_file, house.path("log.old"))
        house.kill(signal.SIGUSR2)
        until(lambda: "line" in house.read("out"))
        self.assertIn("received SIGUSR2 indicating log reopen request", house.read("log.old"))

    def test_usr1_is_harmless(self):
        house = self.house(SLEEPER).up()
        house.kill(signal.SIGUSR1)
        house.until_log("SIGUSR1")
        self.assertEqual(house.state("p"), "RUNNING")

    def test_shutdown_kills_what_ignores_term_and_leaves_nothing(self):
        house = self.house("[program:p]\ncommand = sh -c 'trap \"\" TERM; echo up > up; while :; do sleep 0.1; done'\nstartsecs = 0\nstopwaitsecs = 1\nkillasgroup = true\n").up()
        until(lambda: house.read("up"))
        pids = house.descendants()
        self.assertEqual(house.down(), 0)
        until(lambda: [pid for pid in pids if is_alive(pid)], [])
        self.assertIn("waiting for p to die", house.log())


class Endings(HouseTest):
    def test_on_fatal_shuts_down_with_the_code_asked(self):
        house = self.house("[program:p]\ncommand = sh -c 'exit 9'\nstartretries = 0\non_fatal = shutdown:42\n[program:q]\ncommand = sleep 1000\n").up(wait=False)
        self.assertEqual(house.process.wait(PATIENCE), 42)

    def test_on_exit_shuts_down_with_the_programs_own_code(self):
        house = self.house("[program:p]\ncommand = sh -c 'sleep 0.3; exit 7'\nstartsecs = 0\nautorestart = false\non_exit = shutdown\n[program:q]\ncommand = sleep 1000\n").up(wait=False)
        self.assertEqual(house.process.wait(PATIENCE), 7)

    def test_as_pid_1_it_reaps_orphans_quietly(self):
        probe = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", "true"], capture_output=True)
        if probe.returncode != 0:
            self.skipTest("no pid namespace can be made here")
        house = self.house("[program:p]\ncommand = sh -c '(sleep 0.2 &); (sleep 0.3 &); (sleep 0.2 &); exec sleep 1000'\nstartsecs = 0\n")
        process = subprocess.Popen(["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", LARES, "up", "-c", house.config, "--foreground"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=house.folder)
        try:
            until(lambda: os.path.exists(house.socket) and house.rpc.supervisor.getPID() > 1)
            # Below the keeper, which is 1: the daemon, and no zombie of the orphans.
            children_of = lambda pid: [(child, fields) for child, fields in all_processes() if int(fields[1]) == pid]
            init = until(lambda: children_of(process.pid))[0][0]
            until(lambda: len(children_of(init)), 1, say="orphans are not reaped")
            self.assertEqual(house.rpc.supervisor.getState()["statename"], "RUNNING")
            self.assertNotIn("unknown pid", house.log())
        finally:
            house.rpc.supervisor.shutdown()
            process.wait(PATIENCE)


class Files(HouseTest):
    def test_44_rotation_keeps_so_many_files(self):
        house = self.house(
            "[program:p]\ncommand = sh -c 'i=0; while [ $i -lt 60 ]; do echo line number $i; i=$((i+1)); sleep 0.01; done; sleep 1000'\n"
            "stdout_logfile = %(here)s/f\nstdout_logfile_maxbytes = 100\nstdout_logfile_backups = 3\nstartsecs = 0\n"
            "[program:q]\ncommand = sh -c 'i=0; while [ $i -lt 30 ]; do echo line number $i; i=$((i+1)); sleep 0.01; done; echo done; sleep 1000'\n"
            "stdout_logfile = %(here)s/g\nstdout_logfile_maxbytes = 100\nstdout_logfile_backups = 0\nstartsecs = 0\n").up()
        kept = lambda name: sorted(each for each in os.listdir(house.folder) if re.fullmatch(name + r"(\.\d+)?", each))
        until(lambda: "59" in house.read("f") + house.read("f.1"))
        self.assertEqual(kept("f"), ["f", "f.1", "f.2", "f.3"])
        until(lambda: "done" in house.read("g"))
        self.assertEqual(kept("g"), ["g"])

    def test_46_a_log_on_dev_stdout_appears_there_without_a_special_setting(self):
        house = self.house("[program:p]\ncommand = sh -c 'echo hello from p; sleep 1000'\nstdout_logfile = /dev/stdout\nstartsecs = 0\n").up()
        until(lambda: "hello from p" in house.read("stdout"))
        self.assertNotIn("Illegal seek", house.log())

    def test_47_auto_log_cleanup_deletes_ours_and_keeps_others(self):
        house = self.house(SLEEPER, daemon="identifier = me\n")
        for name in ("p-stdout---me-abcdefgh.log", "p-stdout---me-abcdefgh.log.1", "p-stdout---other-abcdefgh.log"):
            with open(house.path(name), "w", encoding="ascii") as file:
                file.write("old")
        house.up()
        self.assertFalse(os.path.exists(house.path("p-stdout---me-abcdefgh.log")))
        self.assertFalse(os.path.exists(house.path("p-stdout---me-abcdefgh.log.1")))
        self.assertTrue(os.path.exists(house.path("p-stdout---other-abcdefgh.log")))
        mode = stat.S_IMODE(os.stat(house.info("p")["stdout_logfile"]).st_mode)
        self.assertEqual(mode, 0o600)

    def test_47_nocleanup_keeps_them(self):
        house = self.house(SLEEPER, daemon="identifier = me\nnocleanup = true\n")
        with open(house.path("p-stdout---me-abcdefgh.log"), "w", encoding="ascii") as file:
            file.write("old")
        house.up()
        self.assertTrue(os.path.exists(house.path("p-stdout---me-abcdefgh.log")))

    def test_16_redirect_stderr_keeps_the_order_in_one_file(self):
        house = self.house("[program:p]\ncommand = sh -c 'echo a; echo b >&2; echo c; sleep 1000'\nredirect_stderr = true\nstdout_logfile = %(here)s/out\nstartsecs = 0\n").up()
        until(lambda: house.read("out"), "a\nb\nc\n")
        self.assertEqual(house.info("p")["stderr_logfile"], "")

    def test_a_log_that_was_moved_away_is_made_again(self):
        house = self.house("[program:p]\ncommand = sh -c 'while :; do echo line; sleep 0.05; done'\nstdout_logfile = %(here)s/out\nstartsecs = 0\n").up()
        until(lambda: house.read("out"))
        os.rename(house.path("out"), house.path("out.old"))
        until(lambda: "line" in house.read("out"))

    def test_a_log_folder_that_vanishes_is_told_once_and_the_program_goes_on(self):
        house = self.house("[program:p]\ncommand = sh -c 'while :; do echo line; sleep 0.02; done'\nstdout_logfile = %(here)s/logs/out\nstartsecs = 0\n")
        os.mkdir(house.path("logs"))
        house.up()
        until(lambda: house.read("logs/out"))
        pid = house.pid("p")
        import shutil
        shutil.rmtree(house.path("logs"))
        house.until_log("stdout of 'p'", limit=15)
        os.mkdir(house.path("logs"))
        until(lambda: house.read("logs/out"), limit=15)
        self.assertEqual(house.pid("p"), pid)
        self.assertLess(house.log().count("ERRO stdout of 'p'"), 3)

    def test_a_full_disk_stops_no_program(self):
        house = self.house("[program:p]\ncommand = sh -c 'while :; do head -c 100000 /dev/zero; echo; sleep 0.02; done'\n"
                           "stdout_logfile = %(here)s/small/out\nstdout_logfile_maxbytes = 0\nstartsecs = 0\n"
                           "[program:q]\ncommand = sh -c 'while :; do echo line; sleep 0.05; done'\nstdout_logfile = %(here)s/q\nstartsecs = 0\n")
        os.mkdir(house.path("small"))
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "lares-test", house.path("small")], capture_output=True).returncode != 0:
            self.skipTest("no file system can be mounted here")
        try:
            house.up()
            house.until_log("no space left on device", limit=20)
            before = len(house.read("q"))
            until(lambda: len(house.read("q")) > before)
            self.assertEqual(house.state("p"), "RUNNING")
            house.down()
        finally:
            subprocess.run(["umount", "-l", house.path("small")], check=False)

    def test_a_flood_of_output_does_not_delay_a_restart(self):
        house = self.house("[program:flood]\ncommand = yes\nstdout_logfile = %(here)s/flood\nstdout_logfile_maxbytes = 1MB\nstdout_logfile_backups = 1\nstartsecs = 0\n"
                           "[program:calm]\ncommand = sleep 1000\nstartsecs = 0\n").up()
        time.sleep(1.2)  # calm must count as long-lived
        first = house.pid("calm")
        os.kill(first, signal.SIGKILL)
        until(lambda: house.pid("calm") not in (0, first), limit=5)

    @unittest.skipIf("LARES_TEST_SANITIZED" in os.environ, "a sanitizer wakes by itself")
    def test_an_idle_daemon_does_not_wake(self):
        house = self.house("".join(f"[program:p{n}]\ncommand = sleep 1000\nstartsecs = 0\n" for n in range(10))).up()
        until(lambda: all(each["statename"] == "RUNNING" for each in house.rpc.supervisor.getAllProcessInfo()))
        both = (house.process.pid, house.daemon_pid)  # the keeper as well
        def switches():
            total = 0
            for pid in both:
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/status", encoding="ascii", errors="replace") as status:
                        total += int(re.search(r"voluntary_ctxt_switches:\s*(\d+)", status.read()).group(1))
            return total
        # Connections linger for two seconds, and the kernel counts a wait for a page as well: one
        # quiet window of ten seconds is asked for, in three. A tick would show in each.
        time.sleep(3)
        woken = []
        for _ in range(3):
            before = switches()
            time.sleep(10)
            woken.append(switches() - before)
            if woken[-1] == 0:
                return
        self.fail(f"woken in each of three windows of 10 s: {woken}")


if __name__ == "__main__":
    unittest.main()
