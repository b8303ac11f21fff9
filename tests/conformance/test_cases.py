"""The reference's list of conformance cases: each has a test that bears its number and name.

Most stand in the other files of this folder and of tests/whole. Here is the list, what looks for them,
and the cases that had no test elsewhere. Cases 3, 6, 9, ... are not in the list: the reference leaves
those numbers out.
"""

import glob
import json
import os
import pwd
import re
import signal
import sys
import unittest
import xmlrpc.client

from harness import SHUTDOWN_STATE, HouseTest, is_alive, until
from supervisor_here import ConformanceTest, ctl, needs_supervisor, server

# Number: the names of its tests. A case of several names has several tests.
CASES = {
    1: "no_supervisord_section", 2: "bad_values_table", 4: "inline_comments", 5: "multi_line_command", 7: "percent_escape",
    8: "env_expansion", 10: "env_quoting", 11: "numprocs_naming", 13: "group_section", 14: "names", 16: "redirect_stderr",
    17: "half_auth",
    19: "command_not_found", 20: "not_executable directory bad_quoting empty", 22: "relative_PATH_from_environment",
    23: "user_switch",
    25: "backoff_growth", 26: "startretries_0", 28: "expected_exit", 29: "signal_death", 31: "stop_in_backoff",
    32: "stop_escalation", 34: "start_while_stopping", 35: "autostart_false_restart_of_daemon", 37: "fatal_does_not_exit",
    38: "double_start", 40: "hup", 41: "usr2", 43: "pidfile_and_socket_removed", 44: "rotation",
    46: "logfile_dev_stdout_with_maxbytes_0", 47: "auto_log_cleanup nocleanup",
    49: "process_info_shape", 50: "fault_table", 52: "group_results", 53: "wait_false", 55: "security",
    56: "untyped_value_int_for_bool_and_missing_params", 58: "reload_add_remove", 59: "stdin",
    61: "ctl_output_table", 62: "ctl_no_server",
    64: "listener_handshake", 65: "superlance_six",
}
SLEEPER = "command = sleep 1000\nstartsecs = 0\n"


def has_method(house, name):
    return name in house.rpc.system.listMethods()


class TheList(unittest.TestCase):
    def test_every_case_of_the_list_has_a_test_of_its_name(self):
        here = os.path.dirname(os.path.abspath(__file__))
        there = set()
        for path in glob.glob(f"{here}/test_*.py") + glob.glob(f"{here}/../whole/test_*.py"):
            with open(path, encoding="utf-8") as file:
                there.update(re.findall(r"^    def (test_\w+)\(", file.read(), re.M))
        missing = [f"test_{number}_{name}" for number, names in CASES.items() for name in names.split()
                   if not any(re.fullmatch(f"test_{number}_{name}(_.*)?", each) for each in there)]
        self.assertEqual(missing, [])
        numbers = {int(found.group(1)) for each in there if (found := re.match(r"test_(\d+)_", each))}
        self.assertEqual(numbers - set(CASES), set(), "tests bear numbers that the list does not have")


class Spawning(HouseTest):
    def start_fault(self, command, code, words):
        """What startProcess answers, and that nothing ran."""
        house = self.house(f"[program:x]\ncommand = {command}\nautostart = false\n").up()
        self.fault(code, words.replace("@", house.folder), house.rpc.supervisor.startProcess, "x")
        self.assertEqual((house.info("x")["pid"], house.info("x")["start"]), (0, 0))

    def test_19_command_not_found(self):
        house = self.house("[program:x]\ncommand = nosuchcommand-x\nstartretries = 1\n").up()
        house.until_state("x", "BACKOFF")
        house.until_state("x", "FATAL")
        info = house.info("x")
        self.assertEqual((info["spawnerr"], info["description"], info["pid"]), ("can't find command 'nosuchcommand-x'",) * 2 + (0,))
        self.assertEqual(house.log().count("spawnerr: can't find command 'nosuchcommand-x'"), 2)
        self.assertIn("gave up: x entered FATAL state", house.log())
        self.fault(20, "NO_FILE: can't find command 'nosuchcommand-x'", house.rpc.supervisor.startProcess, "x")

    def test_20_not_executable(self):
        self.start_fault("/etc/passwd", 21, "NOT_EXECUTABLE: command at '/etc/passwd' is not executable")

    def test_20_directory(self):
        self.start_fault("/tmp", 21, "NOT_EXECUTABLE: command at '/tmp' is a directory")

    def test_20_bad_quoting(self):
        house = self.house("[program:x]\ncommand = sh -c 'x\nautostart = false\n").up()
        with self.assertRaises(xmlrpc.client.Fault) as caught:
            house.rpc.supervisor.startProcess("x")
        self.assertEqual(caught.exception.faultCode, 21)
        self.assertIn("No closing quotation", caught.exception.faultString)

    def test_20_empty(self):
        house = self.house('[program:x]\ncommand = ""\nautostart = false\n').up()
        with self.assertRaises(xmlrpc.client.Fault) as caught:
            house.rpc.supervisor.startProcess("x")
        self.assertEqual((caught.exception.faultCode, house.info("x")["pid"]), (50, 0))

    def test_22_relative_PATH_from_environment(self):
        house = self.house('[program:x]\ncommand = only-here-x\nstartsecs = 0\nenvironment = PATH="%(here)s/programs:/usr/bin:/bin"\n')
        os.mkdir(house.path("programs"))
        with open(house.path("programs/only-here-x"), "w", encoding="ascii") as file:
            file.write("#!/bin/sh\necho found > found\nexec sleep 1000\n")
        os.chmod(house.path("programs/only-here-x"), 0o755)
        house.up()
        until(lambda: house.read("found"), "found\n")
        house.until_state("x", "RUNNING")

    @unittest.skipUnless(os.geteuid() == 0, "only root may become another user")
    def test_23_user_switch(self):
        nobody = pwd.getpwnam("nobody")
        house = self.house()
        os.chmod(house.folder, 0o777)
        code = ("import json, os; f = open('seen.new', 'w'); "
                "json.dump([os.getuid(), os.geteuid(), os.getgid(), os.getegid(), sorted(os.getgroups())], f); f.close(); "
                "os.rename('seen.new', 'seen')")
        house.write(f'[program:x]\ncommand = {sys.executable} -c "{code}"\nuser = nobody\nstartsecs = 0\nautorestart = false\n'
                    "directory = %(here)s\n")
        house.up()
        groups = sorted(set(os.getgrouplist("nobody", nobody.pw_gid)))
        self.assertEqual(json.loads(until(lambda: house.read("seen"))),
                         [nobody.pw_uid, nobody.pw_uid, nobody.pw_gid, nobody.pw_gid, groups])


class TheDaemon(HouseTest):
    def test_35_autostart_false_restart_of_daemon(self):
        house = self.house(f"[program:by_hand]\n{SLEEPER}autostart = false\n[program:by_itself]\n{SLEEPER}").up()
        house.rpc.supervisor.startProcess("by_hand")
        first = house.pid("by_itself")
        house.rpc.supervisor.restart()
        until(lambda: house.pid("by_itself") not in (0, first))
        self.assertEqual(house.info("by_hand")["statename"], "STOPPED")

    def test_40_hup_keeps_the_pid_renews_programs_and_names_of_logs_and_refuses_calls_meanwhile(self):
        house = self.house("[program:slow]\ncommand = sh -c 'trap \"sleep 0.5; exit\" TERM; touch ready; while :; do sleep 0.02; done'\nstartsecs = 0\n").up()
        until(lambda: os.path.exists(house.path("ready")))
        daemon, before = house.rpc.supervisor.getPID(), house.info("slow")
        house.kill(signal.SIGHUP)

        def is_refused():
            try:
                house.rpc.supervisor.getState()
            except xmlrpc.client.Fault as fault:
                return fault.faultCode
            except OSError:
                pass
            return None
        until(is_refused, SHUTDOWN_STATE)
        after = until(lambda: (info := house.info("slow"))["pid"] not in (0, before["pid"]) and info)
        self.assertEqual(house.rpc.supervisor.getPID(), daemon)
        self.assertNotEqual(after["stdout_logfile"], before["stdout_logfile"])
        self.assertFalse(os.path.exists(before["stdout_logfile"]), "the AUTO log of before is deleted")
        self.assertFalse(is_alive(before["pid"]))
        self.assertIn("received SIGHUP indicating restart request", house.log())

    def test_46_logfile_dev_stdout_with_maxbytes_0(self):
        house = self.house("[program:p]\ncommand = sh -c 'echo hello from p; sleep 1000'\nstdout_logfile = /dev/stdout\n"
                           "stdout_logfile_maxbytes = 0\nredirect_stderr = true\nstartsecs = 0\n").up()
        until(lambda: "hello from p\n" in house.read("stdout"))


@needs_supervisor
class Faults(ConformanceTest):
    PROGRAMS = (f"[program:cat]\ncommand = cat\nstartsecs = 0\n[program:idle]\n{SLEEPER}autostart = false\n"
                "[program:missing]\ncommand = nosuchcommand-x\nautostart = false\n[program:plain]\ncommand = /etc/passwd\nautostart = false\n"
                "[program:fails]\ncommand = sh -c 'exit 1'\nautostart = false\nstartsecs = 5\nstartretries = 0\n"
                "[program:silent]\ncommand = sleep 1000\nstartsecs = 0\nstdout_logfile = NONE\n"
                "[program:deaf]\ncommand = sh -c 'trap \"\" TERM; exec <&-; touch deaf; while :; do sleep 0.02; done'\n"
                "startsecs = 0\nstopwaitsecs = 1\nkillasgroup = true\n")

    def check(self, house, rows):
        supervisor = server(house)
        self.addCleanup(lambda: supervisor("close")())
        for code, words, method, *arguments in rows:
            with self.subTest(method=method, arguments=arguments):
                call = supervisor
                for part in method.split("."):
                    call = getattr(call, part)
                self.fault(code, words, call, *arguments)

    def test_50_fault_table(self):
        house = self.house(self.PROGRAMS).up()
        until(lambda: os.path.exists(house.path("deaf")))
        self.check(house, (
            (1, "UNKNOWN_METHOD", "supervisor.nope"),
            (1, "UNKNOWN_METHOD", "supervisor._update"),
            (1, "UNKNOWN_METHOD", "nope.getPID"),
            (2, "INCORRECT_PARAMETERS: supervisor.startProcess takes 1 to 2 parameters, 0 given", "supervisor.startProcess"),
            (2, "INCORRECT_PARAMETERS: supervisor.getPID takes 0 parameters, 1 given", "supervisor.getPID", 1),
            (3, "BAD_ARGUMENTS", "supervisor.readProcessStdoutLog", "cat", -1, 1),
            (3, "BAD_ARGUMENTS", "supervisor.readProcessStdoutLog", "cat", 0, -1),
            (3, "BAD_ARGUMENTS", "supervisor.readLog", -1, 1),
            (4, "SIGNATURE_UNSUPPORTED", "system.methodHelp", "nope"),
            (4, "SIGNATURE_UNSUPPORTED", "system.methodSignature", "supervisor.nope"),
            (10, "BAD_NAME: nope", "supervisor.getProcessInfo", "nope"),
            (10, "BAD_NAME: cat:*", "supervisor.getProcessInfo", "cat:*"),
            (10, "BAD_NAME: nope", "supervisor.startProcessGroup", "nope"),
            (10, "BAD_NAME: nope", "supervisor.clearProcessLogs", "nope"),
            (11, "BAD_SIGNAL: XX", "supervisor.signalProcess", "cat", "XX"),
            (20, "NO_FILE: can't find command 'nosuchcommand-x'", "supervisor.startProcess", "missing"),
            (20, "NO_FILE", "supervisor.readProcessStdoutLog", "silent", 0, 1),
            (21, "NOT_EXECUTABLE: command at '/etc/passwd' is not executable", "supervisor.startProcess", "plain"),
            (50, "SPAWN_ERROR: fails", "supervisor.startProcess", "fails"),
            (60, "ALREADY_STARTED: cat", "supervisor.startProcess", "cat"),
            (70, "NOT_RUNNING: idle", "supervisor.stopProcess", "idle"),
            (70, "NOT_RUNNING: idle", "supervisor.signalProcess", "idle", "HUP"),
            (70, "NOT_RUNNING: idle", "supervisor.sendProcessStdin", "idle", "x"),
        ))
        house.rpc.supervisor.stopProcess("deaf", False)
        self.check(house, ((40, "ABNORMAL_TERMINATION: deaf", "supervisor.startProcess", "deaf"),))
        house.rpc.supervisor.shutdown()
        self.check(house, ((6, "SHUTDOWN_STATE", "supervisor.getState"),))

    def test_50_fault_table_of_groups_and_files(self):
        house = self.house(self.PROGRAMS).up()
        if not has_method(house, "supervisor.addProcessGroup"):
            self.skipTest("reloadConfig and its kin are not there yet")
        self.check(house, (
            (10, "BAD_NAME: nope", "supervisor.addProcessGroup", "nope"),
            (10, "BAD_NAME: nope", "supervisor.removeProcessGroup", "nope"),
            (90, "ALREADY_ADDED: cat", "supervisor.addProcessGroup", "cat"),
            (91, "STILL_RUNNING: cat", "supervisor.removeProcessGroup", "cat"),
        ))
        house.write("[program:cat]\ncommand = cat\nstartsecs = soon\n")
        with self.assertRaises(xmlrpc.client.Fault) as caught:
            house.rpc.supervisor.reloadConfig()
        self.assertEqual(caught.exception.faultCode, 92)
        self.assertRegex(caught.exception.faultString, r"^CANT_REREAD: .*startsecs|^CANT_REREAD: .*soon")

    def test_58_reload_add_remove(self):
        kept, changed, removed = (f"[program:{name}]\n{SLEEPER}" for name in ("kept", "changed", "removed"))
        house = self.house(kept + changed + removed).up()
        if not has_method(house, "supervisor.reloadConfig"):
            self.skipTest("reloadConfig is not there yet")
        s = house.rpc.supervisor
        self.assertEqual(s.reloadConfig(), [[[], [], []]])  # names of AUTO logs do not count
        house.write(kept + changed + "environment = A=1\n" + f"[program:new]\n{SLEEPER}")
        self.assertEqual(s.reloadConfig(), [[["new"], ["changed"], ["removed"]]])
        pids = {name: house.pid(name) for name in ("kept", "changed", "removed")}
        self.assertTrue(all(is_alive(pid) for pid in pids.values()), "reading starts and stops nothing")
        self.fault(91, "STILL_RUNNING: removed", s.removeProcessGroup, "removed")
        s.stopProcess("removed")
        self.assertIs(s.removeProcessGroup("removed"), True)
        self.fault(10, "BAD_NAME: removed", s.getProcessInfo, "removed")
        self.assertIs(s.addProcessGroup("new"), True)
        self.fault(90, "ALREADY_ADDED: new", s.addProcessGroup, "new")
        house.until_state("new", "RUNNING")
        self.assertEqual((house.pid("kept"), house.pid("changed")), (pids["kept"], pids["changed"]))


@needs_supervisor
class ControlTool(ConformanceTest):
    """Case 61's rows about configuration; the others are in test_control_tool.py."""

    def test_61_ctl_output_table_of_configuration(self):
        kept, changed, removed = (f"[program:{name}]\n{SLEEPER}" for name in ("kept", "changed", "removed"))
        house = self.house(kept + changed + removed).up()
        if not has_method(house, "supervisor.reloadConfig"):
            self.skipTest("reloadConfig is not there yet")
        for name in ("kept", "changed", "removed"):
            house.until_state(name, "RUNNING")
        self.ctl(house, "reread", 0, "No config updates to processes\n")
        self.ctl(house, "update", 0, "")
        code, output = ctl(house, "avail")
        self.assertEqual((code, output.splitlines()[0]), (0, f"{'changed':<32} {'in use':<9} {'auto':<9} 999:999"))
        house.write(kept + changed + "environment = A=1\n" + f"[program:new]\n{SLEEPER}")
        self.ctl(house, "reread", 0, "changed: changed\nnew: available\nremoved: disappeared\n")
        before = house.pid("kept")
        self.ctl(house, "remove removed", 1, "ERROR: process/group still running: removed\n")
        self.ctl(house, "remove nope", 1, "ERROR: no such process/group: nope\n")
        self.ctl(house, "add nope", 1, "ERROR: no such process/group: nope\n")
        self.ctl(house, "add kept", 0, "ERROR: process group already active\n")
        self.ctl(house, "update nope", 1, "ERROR: no such group: nope\n")
        self.ctl(house, "update", 0, "removed: stopped\nremoved: removed process group\nchanged: stopped\n"
                                     "changed: updated process group\nnew: added process group\n")
        self.assertEqual(house.pid("kept"), before)
        house.until_state("new", "RUNNING")
        self.ctl(house, "stop new", 0, "new: stopped\n")
        self.ctl(house, "remove new", 0, "new: removed process group\n")
        self.ctl(house, "add new", 0, "new: added process group\n")
        house.write("[program:kept]\ncommand = sleep 1000\nstartsecs = soon\n")
        code, output = ctl(house, "reread")
        self.assertEqual((code, output[:20]), (1, "ERROR: CANT_REREAD: "))
        code, output = ctl(house, "update")
        self.assertEqual(code, 1)
        self.assertTrue(output.startswith("error: <class 'xmlrpc.client.Fault'>, <Fault 92: "), output)


if __name__ == "__main__":
    unittest.main()
