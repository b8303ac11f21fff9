"""Who may do what: users with passwords and tokens over TCP, peers of the unix socket, wrong logins."""

import hashlib
import os
import pwd
import subprocess
import time
import unittest
import xmlrpc.client

from harness import until
from test_face import FaceTest, basic

PASSWORD = "correct horse"


def sha512_hash(password):
    return subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password, capture_output=True, text=True,
                          check=True).stdout.strip()


class Users(FaceTest):
    def guarded(self):
        token = hashlib.sha256(b"t0ken").hexdigest()
        return self.inet_house(
            "[program:web]\ncommand = sleep 100\nstartsecs = 0\n"
            f"[user:eve]\npassword = look\n[user:odd]\npassword = {sha512_hash(PASSWORD)}\nrole = operator\n"
            f"[user:robot]\ntoken = sha256:{token}\nrole = operator\n"
            f"[user:root]\npassword = {{SHA}}{hashlib.sha1(b'admin').hexdigest()}\nrole = admin\n")

    def call(self, method, headers, *parameters):
        """The result, a fault as (code, words), or an HTTP status."""
        body = xmlrpc.client.dumps(parameters, method)
        status, _, text = self.ask("POST", "/RPC2", body, headers)
        if status != 200:
            return status
        try:
            return xmlrpc.client.loads(text)[0][0]
        except xmlrpc.client.Fault as fault:
            return fault.faultCode, fault.faultString

    def test_each_role_may_what_its_rows_say(self):
        house = self.guarded()
        eve, odd, root = basic("eve", "look"), basic("odd", PASSWORD), basic("root", "admin")
        robot = {"Authorization": "Bearer t0ken"}
        self.assertEqual(self.call("supervisor.getPID", {}), 401)
        for login in (eve, odd, robot, root):
            self.assertEqual(self.call("supervisor.getAPIVersion", login), "3.0")
        self.assertEqual(self.call("supervisor.stopProcess", eve, "web"),
                         (30, "FAILED: user 'eve' is a viewer; supervisor.stopProcess needs operator"))
        self.assertEqual(house.state("web"), "RUNNING")
        self.assertIs(self.call("supervisor.stopProcess", odd, "web"), True)
        self.assertIs(self.call("supervisor.startProcess", robot, "web"), True)
        self.assertEqual(self.call("supervisor.shutdown", robot),
                         (30, "FAILED: user 'robot' is an operator; supervisor.shutdown needs admin"))
        nested = [{"methodName": "supervisor.shutdown", "params": []}]
        self.assertEqual(self.call("system.multicall", odd, nested)[0]["faultCode"], 30)
        self.assertEqual(self.ask("POST", "/?action=stopall", headers=eve)[0], 403)
        self.assertEqual(self.ask("GET", "/", headers=eve)[0], 200)
        self.assertEqual(self.ask("GET", "/mainlogtail")[0], 401)
        self.assertIs(self.call("supervisor.shutdown", root), True)
        self.assertEqual(house.process.wait(20), 0)

    def test_wrong_logins_wait_longer_each_time_and_right_ones_never(self):
        house = self.guarded()
        begin = time.monotonic()
        for _ in range(5):
            self.assertEqual(self.call("supervisor.getPID", basic("eve", "wrong")), 401)
        self.assertGreaterEqual(time.monotonic() - begin, 1.5)  # 0 + 100 + 200 + 400 + 800 ms
        begin = time.monotonic()
        self.assertEqual(self.call("supervisor.getAPIVersion", basic("eve", "look")), "3.0")
        self.assertLess(time.monotonic() - begin, 0.75)
        self.assertEqual(house.log().count("refused a wrong login from 127.0.0.1"), 1)

    def test_the_unix_socket_still_belongs_to_whoever_may_open_it(self):
        house = self.guarded()
        self.assertEqual(house.rpc.supervisor.getState()["statename"], "RUNNING")
        self.assertIn("RUNNING", house.lares("status", check=True)[1])


class Peers(FaceTest):
    def peers(self, rules):
        house = self.house()
        house.servers = f"[unix_http_server]\nfile = {house.socket}\npeer_roles = {rules}\n"
        house.write("[program:web]\ncommand = sleep 100\nstartsecs = 0\n")
        return house

    def test_a_peer_has_the_role_of_its_user(self):
        me = pwd.getpwuid(os.getuid()).pw_name
        house = self.peers(f"{me}:viewer, *:none").up()
        until(lambda: house.state("web") == "RUNNING")
        self.fault(30, f"FAILED: uid {os.getuid()} is a viewer; supervisor.stopProcess needs operator",
                   house.rpc.supervisor.stopProcess, "web")

    def test_a_peer_without_a_role_is_shown_out(self):
        house = self.peers("*:none").up(wait=False)
        until(lambda: os.path.exists(house.socket))

        def status():
            try:
                house.rpc.supervisor.getPID()
                return 200
            except xmlrpc.client.ProtocolError as error:
                return error.errcode
            except OSError:
                return None
        until(status, 403)

    @unittest.skipUnless(os.getuid() == 0, "needs root to become another user")
    def test_a_group_counts_also_when_it_is_a_further_one(self):
        house = self.peers("root:admin, @4711:operator")
        house.servers += "chmod = 0777\n"
        house.write("[program:web]\ncommand = sleep 100\nstartsecs = 0\n")
        os.chmod(house.folder, 0o755)
        house.up()
        script = ("import os,sys,socket\nos.setgroups([4711]); os.setgid(65534); os.setuid(65534)\n"
                  "line=socket.socket(socket.AF_UNIX); line.connect(sys.argv[1])\n"
                  "body=b'<methodCall><methodName>supervisor.shutdown</methodName></methodCall>'\n"
                  "line.sendall(b'POST /RPC2 HTTP/1.0\\r\\nContent-Length: %d\\r\\n\\r\\n'%len(body)+body)\n"
                  "print(line.makefile().read())\n")
        done = subprocess.run(["python3", "-c", script, house.socket], capture_output=True, text=True, timeout=20)
        self.assertIn("uid 65534 is an operator; supervisor.shutdown needs admin", done.stdout, done.stderr)


if __name__ == "__main__":
    unittest.main()
