"""What public clients send, as the reference lists them, and what each of them takes out of the answers.

None of them is run: their requests are replayed as they are on the wire, and the answers are read as strictly
as they read them.
"""

import base64
import http.client
import re
import socket
import subprocess
import unittest
import xmlrpc.client
from xml.etree import ElementTree

from harness import PATIENCE, House, until
from supervisor_here import ENVIRONMENT, ConformanceTest, ctl_command, needs_supervisor, server

PROGRAMS = ("[program:web]\ncommand = sh -c 'echo out; echo err >&2; sleep 1000'\nstartsecs = 0\nprocess_name = %(program_name)s_%(process_num)02d\nnumprocs = 2\n"
            "[program:idle]\ncommand = sleep 1000\nautostart = false\nstartsecs = 0\n"
            "[program:gone]\ncommand = sh -c 'exit 3'\nautorestart = false\nstartsecs = 0\n")
# As Go's kolo/xmlrpc writes a call without arguments (node_exporter, Telegraf).
GO_CALL = '<?xml version="1.0" encoding="UTF-8"?><methodCall><methodName>{}</methodName><params></params></methodCall>'


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@needs_supervisor
class Clients(ConformanceTest):
    @classmethod
    def setUpClass(cls):
        cls.port = free_port()
        house = cls.shared = House("", servers="")
        cls.addClassCleanup(house.clean)
        house.servers = (f"[unix_http_server]\nfile = {house.socket}\n[inet_http_server]\nport = 127.0.0.1:{cls.port}\n"
                         "username = me\npassword = secret\n")
        house.write(PROGRAMS)
        house.up()
        house.until_state("gone", "EXITED")
        for name in ("web:web_00", "web:web_01"):
            house.until_state(name, "RUNNING")

    def post(self, body, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("POST", "/RPC2", body, {
                "Content-Type": "text/xml", "Authorization": "Basic " + base64.b64encode(b"me:secret").decode(), **(headers or {})})
            answer = connection.getresponse()
            self.assertEqual((answer.status, answer.getheader("Content-Type")), (200, "text/xml"))
            return answer.read().decode()
        finally:
            connection.close()

    def strict_members(self, body):
        """Every process as {member: (type, text)}: Go's decoders panic at another type than they expect."""
        return [{member.find("name").text: (member.find("value")[0].tag, member.find("value")[0].text or "") for member in struct.iter("member")}
                for struct in ElementTree.fromstring(body).iter("struct")]

    def test_node_exporter_asserts_the_type_of_each_member(self):
        processes = self.strict_members(self.post(GO_CALL.format("supervisor.getAllProcessInfo"), {"User-Agent": "Go-http-client/1.1", "Accept-Encoding": "gzip"}))
        self.assertEqual([each["name"][1] for each in processes], ["gone", "idle", "web_00", "web_01"])
        for each in processes:
            for key in ("name", "group", "statename"):
                self.assertEqual(each[key][0], "string", key)
            for key in ("start", "stop", "now", "state", "exitstatus", "pid"):
                self.assertEqual(each[key][0], "int", key)
                self.assertLess(abs(int(each[key][1])), 1 << 31)
        up = next(each for each in processes if each["name"][1] == "web_00")
        self.assertGreaterEqual(int(up["now"][1]) - int(up["start"][1]), 0)

    def test_telegraf_takes_small_integers_and_the_identification(self):
        for each in self.strict_members(self.post(GO_CALL.format("supervisor.getAllProcessInfo"))):
            self.assertLess(abs(int(each["state"][1])), 1 << 15)
            self.assertLess(abs(int(each["exitstatus"][1])), 1 << 7)
        state = self.strict_members(self.post(GO_CALL.format("supervisor.getState")))[0]
        self.assertEqual(state, {"statecode": ("int", "1"), "statename": ("string", "RUNNING")})
        self.assertIn("<value><string>supervisor</string></value>", self.post(GO_CALL.format("supervisor.getIdentification")))

    def test_datadog_formats_all_14_members_and_parses_the_version(self):
        proxy = server(self.shared, "me", "secret", f"http://127.0.0.1:{self.port}")
        self.addCleanup(lambda: proxy("close")())
        form = ("%(name)s %(group)s %(description)s %(start)d %(stop)d %(now)d %(state)d %(statename)s %(spawnerr)s %(exitstatus)d "
                "%(logfile)s %(stdout_logfile)s %(stderr_logfile)s %(pid)d")
        for info in proxy.supervisor.getAllProcessInfo():
            self.assertEqual(len(info), 14)
            self.assertTrue(form % info)
        self.assertTrue(re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", proxy.supervisor.getSupervisorVersion()))

    def test_cesi_reads_the_uptime_out_of_the_description(self):
        proxy = xmlrpc.client.ServerProxy(f"http://me:secret@127.0.0.1:{self.port}/RPC2")
        self.addCleanup(lambda: proxy("close")())
        self.assertIn("supervisor.getAllProcessInfo", proxy.system.listMethods())
        info = proxy.supervisor.getProcessInfo("web:web_00")
        self.assertRegex(info["description"].split(",")[1], r"^ uptime \d+:\d\d:\d\d$")
        until(lambda: proxy.supervisor.tailProcessStdoutLog("web:web_00", 0, 500)[0], "out\n")
        until(lambda: proxy.supervisor.tailProcessStderrLog("web:web_00", 0, 500)[0], "err\n")
        self.assertIs(proxy.supervisor.startProcess("idle"), True)
        self.assertIs(proxy.supervisor.stopProcess("idle"), True)

    def test_supervisord_monitor_sends_1_for_wait(self):
        def call(method, *values):
            parameters = "".join(f"<param>\n<value>{each}</value>\n</param>\n" for each in values)
            return self.post(f'<?xml version="1.0"?>\r\n<methodCall>\r\n<methodName>supervisor.{method}</methodName>\r\n<params>\r\n{parameters}</params>\r\n</methodCall>')
        one = "<int>1</int>"
        self.assertIn("<boolean>1</boolean>", call("startProcess", "<string>idle</string>", one))
        self.assertIn("<boolean>1</boolean>", call("stopProcess", "<string>idle:idle</string>", "<i4>1</i4>"))
        self.assertIn("<boolean>1</boolean>", call("clearProcessLogs", "<string>web:web_01</string>"))
        until(lambda: "err" in call("readProcessStderrLog", "<string>web:web_00</string>", "<int>-1000</int>", "<int>0</int>"))
        self.assertIn("<name>status</name>", call("startAllProcesses", one))
        self.assertIn("<name>status</name>", call("stopAllProcesses", one))
        self.assertIn("<name>status</name>", call("startAllProcesses", one))
        self.assertIn("<string>web_00</string>", call("getAllProcessInfo"))
        self.assertIn("<value><string>", call("getSupervisorVersion"))

    def ansible(self, *words):
        """As community.general.supervisorctl runs it: exit status, lines."""
        done = subprocess.run(ctl_command(self.shared, *words), capture_output=True, text=True, timeout=PATIENCE * 2,
                              env=dict(ENVIRONMENT, LANG="C", LC_ALL="C", LC_MESSAGES="C"), stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout.splitlines()

    def test_ansible_reads_words_of_status_and_of_what_was_done(self):
        self.ansible("stop", "idle")
        code, lines = self.ansible("status")
        states = {line.split()[0]: line.split()[1] for line in lines}
        self.assertEqual((code, states["idle"], states["gone"], states["web:web_00"]), (3, "STOPPED", "EXITED", "RUNNING"))
        for verb, words in (("start", "idle: started"), ("restart", "idle: started"), ("stop", "idle: stopped")):
            code, lines = self.ansible(verb, "idle")
            self.assertEqual((code, lines[-1]), (0, words))
        self.assertEqual(self.ansible("signal", "WINCH", "web:web_00"), (0, ["web:web_00: signalled"]))
        self.assertEqual(self.ansible("start", "web:")[0], 0)

    def test_ansible_adds_and_removes(self):
        if "supervisor.reloadConfig" not in self.shared.rpc.system.listMethods():
            self.skipTest("reloadConfig is not there yet")
        self.assertEqual(self.ansible("reread")[0], 0)
        self.assertEqual(self.ansible("stop", "gone")[0], 0)
        self.assertEqual(self.ansible("remove", "gone"), (0, ["gone: removed process group"]))
        self.assertEqual(self.ansible("add", "gone"), (0, ["gone: added process group"]))
        self.assertEqual(self.ansible("update")[0], 0)
        self.shared.until_state("gone", "EXITED")

    def test_multivisor_asks_and_steers(self):
        proxy = xmlrpc.client.ServerProxy(f"http://me:secret@127.0.0.1:{self.port}/RPC2")
        self.addCleanup(lambda: proxy("close")())
        methods = proxy.system.listMethods()
        s = proxy.supervisor
        self.assertEqual((s.getAPIVersion(), s.getIdentification()), ("3.0", "supervisor"))
        self.assertEqual(s.getPID(), self.shared.rpc.supervisor.getPID())
        for info in s.getAllProcessInfo():
            self.assertEqual(f"{info['group']}:{info['name']}".count(":"), 1)
        self.assertEqual([each["status"] for each in s.stopProcessGroup("web")], [80, 80])
        self.assertEqual([each["status"] for each in s.startProcessGroup("web")], [80, 80])
        if "supervisor.reloadConfig" in methods:
            self.assertEqual(s.reloadConfig(), [[[], [], []]])

    def test_the_debian_unit_and_scripts_use_these_words(self):
        code, lines = self.ansible("pid")
        self.assertEqual((code, lines), (0, [str(self.shared.rpc.supervisor.getPID())]))


if __name__ == "__main__":
    unittest.main()
