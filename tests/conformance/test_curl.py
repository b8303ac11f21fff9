"""What people type: curl against the unix socket and the TCP port."""

import os
import shutil
import socket
import subprocess
import unittest

from harness import PATIENCE, HouseTest

CURL = shutil.which("curl")
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
CALL = "<?xml version='1.0'?><methodCall><methodName>{}</methodName></methodCall>"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@unittest.skipUnless(CURL, "curl is not installed")
class Curl(HouseTest):
    def setUp(self):
        self.port = free_port()
        self.one = self.house("[program:web]\ncommand = sh -c 'echo hello; sleep 1000'\nstartsecs = 0\n", servers="")
        self.one.servers = (f"[unix_http_server]\nfile = {self.one.socket}\n"
                            f"[inet_http_server]\nport = 127.0.0.1:{self.port}\nusername = me\npassword = secret\n")
        self.one.write("[program:web]\ncommand = sh -c 'echo hello; sleep 1000'\nstartsecs = 0\n")
        self.one.up()
        self.one.until_state("web", "RUNNING")

    def curl(self, *words):
        done = subprocess.run([CURL, "-sS", "--noproxy", "*", *words], env=ENVIRONMENT, timeout=PATIENCE, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    def test_a_call_over_the_unix_socket(self):
        code, text = self.curl("--unix-socket", self.one.socket, "-H", "Content-Type: text/xml",
                               "-d", CALL.format("supervisor.getAPIVersion"), "http://localhost/RPC2")
        self.assertEqual(code, 0)
        self.assertIn("<value><string>3.0</string></value>", text)

    def test_a_call_over_tcp_needs_the_password(self):
        url = f"http://127.0.0.1:{self.port}/RPC2"
        status = ("-o", os.devnull, "-w", "%{http_code}", "-d", CALL.format("supervisor.getState"))
        self.assertEqual(self.curl(*status, url), (0, "401"))
        self.assertEqual(self.curl(*status, "-u", "me:wrong", url), (0, "401"))
        self.assertEqual(self.curl(*status, "-u", "me:secret", url), (0, "200"))

    def test_a_log_is_followed_until_curl_has_had_enough(self):
        code, text = self.curl("--max-time", "2", "-N", "--unix-socket", self.one.socket, "http://localhost/logtail/web")
        self.assertEqual((code, text), (28, "hello\n"))

    def test_a_state_is_not_changed_by_following_a_link(self):
        code, text = self.curl("-o", os.devnull, "-w", "%{http_code}", "--unix-socket", self.one.socket,
                               "http://localhost/index.html?processname=web&action=stop")
        self.assertEqual((code, text), (0, "405"))
        self.assertEqual(self.one.rpc.supervisor.getProcessInfo("web")["statename"], "RUNNING")
