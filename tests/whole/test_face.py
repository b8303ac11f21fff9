"""Routes, buttons and origins over a real socket; the deleted socket; what curl and browsers may."""

import base64
import http.client
import os
import re
import socket
import unittest
import urllib.parse

from harness import HouseTest, UnixConnection, until


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def basic(name, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


class FaceTest(HouseTest):
    def inet_house(self, programs="", lines="", **options):
        self.port = free_port()
        house = self.house(programs, servers="", **options)
        house.servers = (f"[unix_http_server]\nfile = {house.socket}\n"
                         f"[inet_http_server]\nport = 127.0.0.1:{self.port}\n{lines}\n")
        house.write(programs)
        return house.up()

    def ask(self, method, target, body=None, headers=None):
        """(status, headers, body) of one request over TCP."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            connection.close()


class Routes(FaceTest):
    def test_a_button_acts_by_post_and_leads_back_with_supervisords_words(self):
        house = self.inet_house("[program:web]\ncommand = sleep 100\nautostart = false\nstartsecs = 0\n")
        status, headers, body = self.ask("GET", "/index.html?processname=web&action=start")
        self.assertEqual(status, 405)
        self.assertIn('method="post"', body)
        self.assertEqual(house.state("web"), "STOPPED")
        form = "processname=web&action=start"
        status, headers, _ = self.ask("POST", "/index.html", form, {
            "Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self.port}"})
        self.assertEqual((status, headers["Location"]), (303, "/?message=Process%20web%20started"))
        house.until_state("web", "RUNNING")
        status, headers, body = self.ask("GET", headers["Location"])
        self.assertEqual(status, 200)
        self.assertIn("Process web started", body)
        self.assertIn("RUNNING", body)
        self.assertNotIn("<script", body)
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])

    def test_pages_of_other_sites_and_strange_names_are_refused(self):
        house = self.inet_house("[program:web]\ncommand = sleep 100\n")
        house.until_state("web", "RUNNING", "STARTING")
        call = "<methodCall><methodName>supervisor.shutdown</methodName></methodCall>"
        for headers in ({"Origin": "http://evil.example", "Content-Type": "text/plain"}, {"Sec-Fetch-Site": "cross-site"},
                        {"Host": "evil.example:9001"}, {"Origin": "null"}):
            status, _, body = self.ask("POST", "/RPC2", call, headers)
            self.assertEqual(status, 403, headers)
        self.assertIn("hosts = evil.example", self.ask("GET", "/", headers={"Host": "evil.example"})[2])
        self.assertEqual(house.rpc.supervisor.getState()["statename"], "RUNNING")
        self.assertEqual(self.ask("GET", "/", headers={"Host": f"localhost:{self.port}"})[0], 200)
        self.assertEqual(len(re.findall("refused a browser's request", house.log())), 1)

    def test_the_log_of_a_process_is_a_page_and_a_stream(self):
        house = self.inet_house("[program:talk]\ncommand = sh -c 'echo \"<b>\"; exec sleep 100'\nstartsecs = 0\n")
        until(lambda: "&lt;b&gt;" in self.ask("GET", "/tail.html?processname=talk&limit=2000")[2])
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", "/logtail/talk%3Atalk/stdout")
        answer = connection.getresponse()
        self.assertEqual(answer.getheader("X-Accel-Buffering"), "no")
        self.assertEqual(answer.getheader("Content-Type"), "text/plain;charset=utf-8")
        self.assertIsNotNone(answer.getheader("Last-Modified"))
        self.assertEqual(answer.read1(4), b"<b>\n")
        connection.close()

    def test_a_deleted_socket_is_made_again_at_once(self):
        house = self.inet_house()
        os.unlink(house.socket)
        until(lambda: os.path.exists(house.socket))
        until(house.answers)
        house.until_log("made the socket")
        self.assertEqual(os.stat(house.socket).st_mode & 0o777, 0o700)
        # What somebody else puts there is left alone.
        os.unlink(house.socket)
        until(lambda: os.path.exists(house.socket))


class Transport(FaceTest):
    def raw(self, text):
        """What comes back for these bytes, until the server closes or half a second of silence."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            line.sendall(text.encode())
            line.settimeout(0.5)
            back = b""
            try:
                while piece := line.recv(65536):
                    back += piece
            except TimeoutError:
                pass
            return back.decode()

    CALL = "<methodCall><methodName>supervisor.getAPIVersion</methodName></methodCall>"

    def test_the_habits_of_old_clients_are_understood(self):
        self.inet_house()
        length = f"Content-Length: {len(self.CALL)}\r\n"
        plain = self.raw(f"POST /RPC2 HTTP/1.0\r\n{length}\r\n{self.CALL}")
        self.assertTrue(plain.startswith("HTTP/1.0 200 OK\r\n"))
        self.assertTrue(plain.endswith("<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n"
                                       "<value><string>3.0</string></value>\n</param>\n</params>\n</methodResponse>\n"))
        kept = self.raw(f"POST /RPC2 HTTP/1.0\r\nConnection: keep-alive\r\n{length}\r\n{self.CALL}" * 2)
        self.assertEqual(kept.count("HTTP/1.0 200 OK"), 2)
        self.assertEqual(kept.lower().count("connection: keep-alive"), 2)
        early = self.raw(f"\r\n\r\nPOST /RPC2/ HTTP/1.1\r\nHost:\r\nExpect: 100-continue\r\n{length}\r\n{self.CALL}")
        self.assertIn("HTTP/1.1 200 OK", early)
        self.assertTrue(self.raw("POST /RPC2 HTTP/1.1\r\nHost: localhost\r\n\r\n").startswith("HTTP/1.1 411 "))
        self.assertTrue(self.raw("POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
                        .startswith("HTTP/1.1 411 "))
        self.assertTrue(self.raw("GET /RPC2 HTTP/1.1\r\nHost: localhost\r\n\r\n").startswith("HTTP/1.1 400 "))


if __name__ == "__main__":
    unittest.main()
