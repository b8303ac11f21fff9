"""supervisord's XML-RPC, asked through supervisor's own transport. Numbers are cases of the reference's list."""

import os
import time
import unittest
import xmlrpc.client

from harness import UnixConnection, until
from supervisor_here import ConformanceTest, needs_supervisor, server

KEYS = {"name", "group", "description", "start", "stop", "now", "state", "statename", "spawnerr", "exitstatus",
        "logfile", "stdout_logfile", "stderr_logfile", "pid"}
NUMBERS = {"start", "stop", "now", "state", "exitstatus", "pid"}

PROGRAMS = (
    "[program:cat]\ncommand = cat\nstartsecs = 0\nstdout_logfile = %(here)s/cat.log\n"
    "[program:w]\ncommand = sleep 1000\nprocess_name = %(program_name)s_%(process_num)d\nnumprocs = 2\nstartsecs = 0\n"
    "[program:idle]\ncommand = sleep 1000\nautostart = false\nstartsecs = 0\n"
    "[program:slow]\ncommand = sleep 1000\nautostart = false\nstartsecs = 1\n"
    "[program:gone]\ncommand = sh -c 'exit 3'\nstartsecs = 0\nautorestart = false\n"
    "[program:fails]\ncommand = sh -c 'exit 1'\nautostart = false\nstartsecs = 5\nstartretries = 0\n"
    "[program:missing]\ncommand = nosuchcommand-x\nautostart = false\n"
    "[program:plain]\ncommand = /etc/passwd\nautostart = false\n"
    "[program:silent]\ncommand = sleep 1000\nstdout_logfile = NONE\nstderr_logfile = NONE\nstartsecs = 0\n"
    "[program:deaf]\ncommand = sh -c 'exec <&-; touch deaf; exec sleep 1000'\nstartsecs = 0\n"
)


class Shared(ConformanceTest):
    """One daemon for the tests of a class."""

    PROGRAMS = PROGRAMS

    @classmethod
    def setUpClass(cls):
        from harness import House
        cls.shared = House(cls.PROGRAMS)
        cls.addClassCleanup(cls.shared.clean)
        cls.shared.up()
        until(lambda: all(each["statename"] != "STARTING" for each in cls.shared.rpc.supervisor.getAllProcessInfo()))
        cls.shared.until_state("gone", "EXITED")
        cls.proxy = server(cls.shared)
        cls.addClassCleanup(lambda: cls.proxy("close")())
        cls.supervisor = cls.proxy.supervisor

    def post(self, body, path="/RPC2", headers=None):
        """A request as its bytes: (status, body)."""
        connection = UnixConnection(self.shared.socket)
        try:
            connection.request("POST", path, body.encode() if isinstance(body, str) else body,
                               {"Content-Type": "text/xml", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def call(self, method, params=""):
        status, body = self.post(f"<?xml version='1.0'?><methodCall><methodName>{method}</methodName>{params}</methodCall>")
        self.assertEqual(status, 200)
        return body


@needs_supervisor
class Shapes(Shared):
    def check_shape(self, info):
        self.assertEqual(set(info), KEYS)
        for key, value in info.items():
            self.assertIs(type(value), int if key in NUMBERS else str, key)

    def test_49_process_info_shape_is_14_keys_of_the_right_types(self):
        infos = self.supervisor.getAllProcessInfo()
        for info in infos:
            self.check_shape(info)
        self.assertEqual([(each["group"], each["name"]) for each in infos],
                         sorted((each["group"], each["name"]) for each in infos))
        cat = self.supervisor.getProcessInfo("cat")
        self.check_shape(cat)
        self.assertRegex(cat["description"], r"^pid \d+, uptime (\d+ days?, )?\d+:\d\d:\d\d$")
        self.assertEqual((cat["state"], cat["statename"]), (20, "RUNNING"))
        self.assertEqual(cat["logfile"], cat["stdout_logfile"])
        self.assertLessEqual(cat["start"], cat["now"])
        silent = self.supervisor.getProcessInfo("silent")
        self.assertEqual((silent["logfile"], silent["stdout_logfile"], silent["stderr_logfile"]), ("", "", ""))

    def test_49_what_has_ended_and_what_never_ran(self):
        gone = self.supervisor.getProcessInfo("gone")
        self.assertEqual((gone["state"], gone["pid"], gone["exitstatus"]), (100, 0, 3))
        self.assertRegex(gone["description"], r"^[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M$")
        plain = self.supervisor.getProcessInfo("plain")
        self.assertEqual((plain["state"], plain["description"], plain["start"], plain["stop"], plain["pid"]),
                         (0, "Not started", 0, 0, 0))

    def test_49_numbers_are_int_on_the_wire_and_nothing_is_nil(self):
        body = self.call("supervisor.getAllProcessInfo")
        self.assertTrue(body.startswith("<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value>"), body[:100])
        self.assertIn("<int>", body)
        for word in ("<i8>", "<i4>", "<nil/>", "<double>"):
            self.assertNotIn(word, body)

    def test_the_small_questions(self):
        self.assertEqual(self.supervisor.getAPIVersion(), "3.0")
        self.assertEqual(self.supervisor.getVersion(), "3.0")
        self.assertRegex(self.supervisor.getSupervisorVersion(), r"^\d+\.\d+(\.\d+)?$")
        self.assertEqual(self.supervisor.getIdentification(), "supervisor")
        self.assertEqual(self.supervisor.getState(), {"statecode": 1, "statename": "RUNNING"})
        self.assertEqual(self.supervisor.getPID(), self.shared.daemon_pid)

    def test_system_methods(self):
        methods = self.proxy.system.listMethods()
        self.assertEqual(methods, sorted(methods))
        for name in ("supervisor.startProcess", "supervisor.tailProcessLog", "system.multicall"):
            self.assertIn(name, methods)
        self.assertEqual(self.proxy.system.methodSignature("supervisor.startProcess"), ["boolean", "string", "boolean"])
        self.assertTrue(self.proxy.system.methodHelp("supervisor.startProcess"))
        with self.assertRaises(xmlrpc.client.Fault) as caught:
            self.proxy.system.methodHelp("supervisor.nope")
        self.assertEqual(caught.exception.faultCode, 4)

    def test_multicall_gives_bare_values_and_faults_in_order(self):
        results = self.proxy.system.multicall([
            {"methodName": "supervisor.getAPIVersion"},
            {"methodName": "supervisor.getProcessInfo", "params": ["nope"]},
            {"methodName": "system.multicall", "params": [[]]},
            {"params": []},
            {"methodName": "supervisor.getPID", "params": []}])
        self.assertEqual(results[0], "3.0")
        self.assertEqual(results[1], {"faultCode": 10, "faultString": "BAD_NAME: nope"})
        self.assertEqual(results[2], {"faultCode": 2, "faultString": "INCORRECT_PARAMETERS: Recursive system.multicall forbidden"})
        self.assertEqual(results[3], {"faultCode": 2, "faultString": "INCORRECT_PARAMETERS: No methodName"})
        self.assertEqual(results[4], self.shared.daemon_pid)


@needs_supervisor
class Faults(Shared):
    """Case 50."""

    def test_50_names_that_mean_nothing(self):
        s = self.supervisor
        for call in (s.getProcessInfo, s.startProcess, s.stopProcess, s.clearProcessLogs):
            self.fault(10, "BAD_NAME: nope", call, "nope")
            self.fault(10, "BAD_NAME: w:nope", call, "w:nope")
        self.fault(10, "BAD_NAME: w:*", s.getProcessInfo, "w:*")
        self.fault(10, "BAD_NAME: nope", s.startProcessGroup, "nope")
        self.fault(10, "BAD_NAME: nope", s.stopProcessGroup, "nope")
        self.fault(10, "BAD_NAME: nope", s.signalProcess, "nope", "HUP")
        self.fault(10, "BAD_NAME: nope", s.signalProcessGroup, "nope", "HUP")
        self.fault(10, "BAD_NAME: nope", s.readProcessStdoutLog, "nope", 0, 10)
        self.fault(10, "BAD_NAME: nope", s.tailProcessStdoutLog, "nope", 0, 10)
        self.fault(10, "BAD_NAME: nope", s.sendProcessStdin, "nope", "x")

    def test_50_starting_and_stopping_what_is_so_already(self):
        s = self.supervisor
        self.fault(60, "ALREADY_STARTED: cat", s.startProcess, "cat")
        self.fault(70, "NOT_RUNNING: gone", s.stopProcess, "gone")

    def test_50_starts_that_fail(self):
        s = self.supervisor
        self.fault(20, "NO_FILE: can't find command 'nosuchcommand-x'", s.startProcess, "missing")
        self.fault(21, "NOT_EXECUTABLE: command at '/etc/passwd' is not executable", s.startProcess, "plain")
        self.fault(50, "SPAWN_ERROR: fails", s.startProcess, "fails")

    def test_50_signals(self):
        s = self.supervisor
        self.assertIs(s.signalProcess("cat", "WINCH"), True)
        self.assertIs(s.signalProcess("cat", "SIGWINCH"), True)
        self.assertIs(s.signalProcess("cat", 28), True)
        self.assertIs(s.signalProcess("cat", "28"), True)
        self.fault(11, "BAD_SIGNAL: XX", s.signalProcess, "cat", "XX")
        self.fault(70, "NOT_RUNNING: gone", s.signalProcess, "gone", "HUP")

    def test_50_logs(self):
        s = self.supervisor
        with self.assertRaises(xmlrpc.client.Fault) as caught:
            s.readProcessStdoutLog("silent", 0, 10)
        self.assertEqual(caught.exception.faultCode, 20)
        self.assertEqual(s.tailProcessStdoutLog("silent", 0, 10), ["", 0, False])
        for arguments in ((-1, 1), (0, -1)):
            with self.assertRaises(xmlrpc.client.Fault) as caught:
                s.readProcessStdoutLog("cat", *arguments)
            self.assertEqual(caught.exception.faultCode, 3)

    def test_50_wrong_arguments(self):
        s = self.supervisor
        for call in (lambda: s.startProcess(), lambda: s.getPID(1), lambda: s.startProcess("a", True, 3)):
            with self.assertRaises(xmlrpc.client.Fault) as caught:
                call()
            self.assertEqual(caught.exception.faultCode, 2)
            self.assertTrue(caught.exception.faultString.startswith("INCORRECT_PARAMETERS"))

    def test_55_security_nothing_but_methods_can_be_reached(self):
        for name in ("supervisor.supervisord.options.execve", "supervisor._update", "supervisor.__class__", "x.y.z", "nope",
                     "supervisor.nope", "system.supervisor", "supervisor", ".", "supervisor.supervisord.options.warnings.linecache.os.system"):
            self.assertRegex(self.call(name), r"<int>1</int>[\s\S]*<string>UNKNOWN_METHOD</string>", name)

    def test_56_untyped_value_int_for_bool_and_missing_params_are_accepted(self):
        self.assertIn("<string>cat</string>", self.call("supervisor.getProcessInfo", "<params><param><value>cat</value></param></params>"))
        self.assertIn("<string>3.0</string>", self.call("supervisor.getAPIVersion"))
        self.assertIn("<string>3.0</string>", self.call("supervisor.getAPIVersion", "<params></params>"))
        self.assertIn("<int>60</int>", self.call("supervisor.startProcess",
                      "<params><param><value>cat</value></param><param><value><int>1</int></value></param></params>"))

    def test_56_what_is_no_call_is_400(self):
        for body in ("", "hello", "<methodCall>", "<?xml version='1.0'?><methodCall><methodName></methodName></methodCall>"):
            self.assertEqual(self.post(body)[0], 400, body)
        connection = UnixConnection(self.shared.socket)
        connection.request("GET", "/RPC2")
        self.assertEqual(connection.getresponse().status, 400)
        connection.close()


@needs_supervisor
class Groups(ConformanceTest):
    PROGRAMS = ("[program:w]\ncommand = sleep 1000\nprocess_name = %(program_name)s_%(process_num)d\nnumprocs = 2\nstartsecs = 0\n"
                "[program:slow]\ncommand = sleep 1000\nautostart = false\nstartsecs = 1\n")

    def test_52_group_results(self):
        house = self.house(self.PROGRAMS).up()
        s = house.rpc.supervisor
        house.until_state("w:w_0", "RUNNING")
        house.until_state("w:w_1", "RUNNING")
        by_name = lambda results: sorted(results, key=lambda each: each["name"])
        good = [{"name": f"w_{n}", "group": "w", "status": 80, "description": "OK"} for n in (0, 1)]
        self.assertEqual(s.startProcessGroup("w"), [])
        self.assertEqual(by_name(s.signalProcessGroup("w", "WINCH")), good)
        self.assertEqual([(each["name"], each["status"]) for each in by_name(s.signalProcessGroup("w", "XX"))], [("w_0", 11), ("w_1", 11)])
        self.assertEqual(by_name(s.stopProcessGroup("w")), good)
        self.assertEqual(s.stopProcessGroup("w"), [])
        self.assertEqual(by_name(s.startProcess("w:*")), good)
        self.assertEqual(by_name(s.stopAllProcesses()), good)
        self.assertEqual(s.signalAllProcesses("WINCH"), [])
        self.assertEqual([each["name"] for each in by_name(s.startAllProcesses())], ["slow", "w_0", "w_1"])

    def test_53_wait_false_answers_before_RUNNING(self):
        house = self.house(self.PROGRAMS).up()
        self.assertIs(house.rpc.supervisor.startProcess("slow", False), True)
        self.assertEqual(house.state("slow"), "STARTING")
        house.until_state("slow", "RUNNING")

    def test_53_with_wait_it_answers_when_RUNNING_and_others_are_served_meanwhile(self):
        import threading
        house = self.house(self.PROGRAMS).up()
        waiting = threading.Thread(target=lambda: house.rpc.supervisor.startProcess("slow"))
        before = time.monotonic()
        waiting.start()
        until(lambda: house.state("slow"), "STARTING")
        waiting.join()
        self.assertGreaterEqual(time.monotonic() - before, 1)
        self.assertEqual(house.state("slow"), "RUNNING")


@needs_supervisor
class Streams(Shared):
    def test_59_stdin_takes_utf8(self):
        self.assertIs(self.supervisor.sendProcessStdin("cat", "grüße, 世界\n"), True)
        until(lambda: "grüße, 世界\n" in self.shared.read("cat.log"))
        self.assertEqual(self.supervisor.tailProcessStdoutLog("cat", 0, 1000)[0], self.shared.read("cat.log"))

    def test_59_a_stdin_that_is_closed_or_of_nobody(self):
        until(lambda: os.path.exists(self.shared.path("deaf")))
        def closed():
            try:
                self.supervisor.sendProcessStdin("deaf", "x")
            except xmlrpc.client.Fault as fault:
                return fault.faultCode
            return None
        until(closed, 20)
        self.fault(70, "NOT_RUNNING: gone", self.supervisor.sendProcessStdin, "gone", "x")

    def test_reading_logs_counts_bytes(self):
        s = self.supervisor
        s.clearProcessLogs("cat")
        s.sendProcessStdin("cat", "0123456789")
        until(lambda: self.shared.read("cat.log"), "0123456789")
        self.assertEqual(s.readProcessStdoutLog("cat", 2, 3), "234")
        self.assertEqual(s.readProcessStdoutLog("cat", -4, 0), "6789")
        self.assertEqual(s.readProcessStdoutLog("cat", 5, 0), "56789")
        self.assertEqual(s.readProcessStdoutLog("cat", 50, 0), "")
        self.assertEqual(s.tailProcessStdoutLog("cat", 0, 5), ["56789", 10, True])
        self.assertEqual(s.tailProcessStdoutLog("cat", 7, 5), ["56789", 10, False])
        self.assertEqual(s.tailProcessStdoutLog("cat", 100, 5), ["", 10, False])
        self.assertEqual(s.tailProcessStdoutLog("cat", 0, 0), ["", 10, True])

    def test_the_main_log_is_read_and_cleared(self):
        s = self.supervisor
        self.assertIn("supervisord started with pid", s.readLog(0, 0))
        self.assertIs(s.clearLog(), True)
        self.assertNotIn("supervisord started with pid", s.readLog(0, 0))


@needs_supervisor
class Transport(ConformanceTest):
    def test_the_transport_reaches_a_port_with_a_password(self):
        house = self.house("[program:p]\ncommand = sleep 1000\nstartsecs = 0\n")
        import socket
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        house.servers += f"[inet_http_server]\nport = 127.0.0.1:{port}\nusername = me\npassword = {{SHA}}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4\n"
        house.write("[program:p]\ncommand = sleep 1000\nstartsecs = 0\n")
        house.up()
        good = server(house, "me", "secret", f"http://127.0.0.1:{port}")
        self.assertEqual(good.supervisor.getPID(), house.daemon_pid)
        self.assertEqual(good.supervisor.getPID(), house.daemon_pid)  # on the same connection
        good("close")()
        wrong = server(house, "me", "wrong", f"http://127.0.0.1:{port}")
        with self.assertRaises(xmlrpc.client.ProtocolError) as caught:
            wrong.supervisor.getPID()
        self.assertEqual(caught.exception.errcode, 401)
        wrong("close")()

    def test_shutdown_answers_before_the_end_and_faults_meanwhile(self):
        house = self.house("[program:p]\ncommand = sh -c 'trap \"\" TERM; touch up; while :; do sleep 0.05; done'\nstartsecs = 0\nstopwaitsecs = 2\nkillasgroup = true\n").up()
        until(lambda: os.path.exists(house.path("up")))
        self.assertIs(house.rpc.supervisor.shutdown(), True)
        self.fault(6, "SHUTDOWN_STATE", house.rpc.supervisor.getState)
        self.assertIn("supervisor.getState", house.rpc.system.listMethods())
        self.assertEqual(house.process.wait(20), 0)


if __name__ == "__main__":
    unittest.main()
