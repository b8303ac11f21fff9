"""Clients that mean harm, or do not know what they do: refused, logged below flood rate, nothing grows, others served."""

import http.client
import os
import random
import resource
import socket
import time
import unittest

from harness import UnixConnection, until
from test_face import FaceTest

HEAD = "POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n"


def memory_of(pid):
    """Resident bytes."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


class Hostile(FaceTest):
    def setUp(self):
        self.one = self.inet_house("[program:web]\ncommand = sleep 100\nstartsecs = 0\n")
        self.one.until_state("web", "RUNNING")
        self.daemon = self.one.rpc.supervisor.getPID()  # not its keeper

    def send(self, data, wait=5.0):
        """The status line of what comes back; '' when the server closes without a word."""
        data = data.encode() if isinstance(data, str) else data
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as line:
            try:
                line.sendall(data)
            except OSError:
                pass  # refused before it was all sent
            try:
                return line.recv(64).split(b"\r\n")[0].decode("latin-1")
            except ConnectionResetError:
                return ""

    def post(self, body):
        return self.send(HEAD.format(len(body.encode())) + body)

    def is_well(self):
        self.assertEqual(self.one.rpc.supervisor.getState()["statename"], "RUNNING")
        self.assertEqual(self.ask("GET", "/ok.html")[2], "OK")
        self.assertEqual(self.one.process.poll(), None)

    def test_xml_that_is_none_or_a_bomb_is_refused(self):
        bomb = ('<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
                + "".join(f'<!ENTITY a{i} "{f"&a{i - 1 if i else str()};" * 10}">' for i in range(10))
                + "]><methodCall><methodName>&a9;</methodName></methodCall>")
        secret = ('<?xml version="1.0"?><!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
                  "<methodCall><methodName>&x;</methodName></methodCall>")
        before = memory_of(self.daemon)
        for body in ("", "<", "<a" * 1000, "\0" * 100, "<methodCall/>", "<?xml", "]]>",
                     "<methodCall><methodName>" + "<x>" * 100_000):
            self.assertRegex(self.post(body), "^HTTP/1.1 400 ")
        for body in (bomb, secret):
            self.assertRegex(self.post(body), "^HTTP/1.1 (200|400) ")
        deep = ("<methodCall><methodName>system.multicall</methodName><params><param>"
                + "<value><array><data>" * 60_000 + "</data></array></value>" * 60_000 + "</param></params></methodCall>")
        self.assertRegex(self.post(deep), "^HTTP/1.1 400 ")
        self.is_well()
        self.assertLess(memory_of(self.daemon) - before, 20 << 20)
        self.assertEqual(self.one.log().count("refused a call"), 1, "logged once a minute")

    def test_walks_through_attributes_are_unknown_methods(self):
        for name in ("supervisor.supervisord.options.warnings.linecache.os.system", "supervisor._update",
                     "supervisor.__class__", "x.y.z", "system.__init__", "supervisor", ".", "supervisor.", "a" * 10_000):
            self.fault(1, "UNKNOWN_METHOD", getattr(self.one.rpc, name))

    def test_bodies_and_headers_too_large_are_refused_before_they_are_kept(self):
        before = memory_of(self.daemon)
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
                line.sendall(HEAD.format(100 << 20).encode())
                self.assertTrue(line.recv(64).startswith(b"HTTP/1.1 413 "))
        for head in ("GET / HTTP/1.1\r\nX: " + "a" * 100_000, "GET /" + "a" * 100_000, "G" * 100_000,
                     "GET / HTTP/1.1\r\n" + "X: y\r\n" * 20_000):
            self.assertRegex(self.send(head), "^(HTTP/1.1 4|$)")
        for head in ("POST /RPC2 HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "POST /RPC2 HTTP/1.1\r\nContent-Length: 1e9\r\n\r\n",
                     "POST /RPC2 HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
                     "POST /RPC2 HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
                     "POST /RPC2 HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\nabcd",
                     "POST /RPC2\r\n\r\n", "NONSENSE\r\n\r\n", " \r\n\r\n", "GET / HTTP/9.9\r\n\r\n"):
            self.assertRegex(self.send(head), "^HTTP/1.1 4", head)
        self.is_well()
        self.assertLess(memory_of(self.daemon) - before, 8 << 20)

    def test_noise_ends_in_a_refusal(self):
        noise = random.Random(7)
        for _ in range(200):
            self.assertRegex(self.send(noise.randbytes(noise.randint(1, 2000)) + b"\r\n\r\n"), "^(HTTP/1.1 4|$)")
        self.is_well()
        self.assertLess(len(self.one.log().splitlines()), 40)

    def test_two_thousand_connections_and_half_requests_starve_nobody(self):
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, limit[1]), limit[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, limit)
        before = memory_of(self.daemon)
        worker = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.addCleanup(worker.close)
        lines, refused = [], 0
        self.addCleanup(lambda: [line.close() for line in lines])
        for number in range(2000):
            line = socket.create_connection(("127.0.0.1", self.port), timeout=20)
            line.sendall(HEAD.format(100).encode()[: number % 70])
            lines.append(line)
            if number % 200 == 0:
                start = time.monotonic()
                worker.request("GET", "/ok.html")
                self.assertEqual(worker.getresponse().read(), b"OK")
                self.assertLess(time.monotonic() - start, 2)
                self.assertEqual(self.one.rpc.supervisor.getState()["statename"], "RUNNING")
        for line in lines:
            line.settimeout(0.001)
            try:
                refused += b" 503 " in line.recv(64) or not line.recv(1)
            except OSError:
                pass
        self.assertGreater(refused, 500)
        self.assertEqual(self.one.rpc.supervisor.getState()["statename"], "RUNNING", "the machine's own people get in")
        self.assertLess(memory_of(self.daemon) - before, 30 << 20)
        for line in lines:
            line.close()
        lines.clear()
        until(lambda: self.ask("GET", "/ok.html")[0], 200)
        self.assertLessEqual(self.one.log().count("too many connections"), 2)

    def test_slow_clients_are_shown_out_and_cost_others_nothing(self):
        slow = [socket.create_connection(("127.0.0.1", self.port), timeout=30) for _ in range(50)]
        self.addCleanup(lambda: [each.close() for each in slow])
        for each in slow:
            each.sendall(b"POST /RPC2 HTTP/1.1\r\nHost: local")
        begin = time.monotonic()
        answers = 0
        while time.monotonic() - begin < 2:
            self.assertEqual(self.one.rpc.supervisor.getState()["statename"], "RUNNING")
            answers += 1
        self.assertGreater(answers, 5)
        # A byte now and then does not buy more time: the whole header has ten seconds.
        shown_out = 0
        end = time.monotonic() + 20
        while time.monotonic() < end and not shown_out:
            try:
                slow[0].sendall(b"h")
                slow[0].settimeout(0.5)
                shown_out = slow[0].recv(64).startswith(b"HTTP/1.1 408 ")
            except TimeoutError:
                continue
            except OSError:
                shown_out = True
        self.assertTrue(shown_out)

    def test_requests_in_a_row_are_answered_in_their_order(self):
        calls = "".join(f"GET /{page} HTTP/1.1\r\nHost: localhost\r\n\r\n" for page in ("ok.html", "nope", "ok.html") * 100)
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            line.sendall(calls.encode())
            back = b""
            while back.count(b"HTTP/1.1 ") < 300:
                piece = line.recv(65536)
                self.assertTrue(piece, "closed early")
                back += piece
        self.assertEqual([part[:3] for part in back.split(b"HTTP/1.1 ")[1:]], [b"200", b"404", b"200"] * 100)

    def test_an_answer_nobody_takes_costs_little(self):
        before = memory_of(self.daemon)
        call = "<methodCall><methodName>supervisor.readLog</methodName><params><param><value><int>0</int></value></param>" \
               "<param><value><int>0</int></value></param></params></methodCall>"
        request = (HEAD.format(len(call)) + call).encode()
        lines = [socket.create_connection(("127.0.0.1", self.port), timeout=5) for _ in range(50)]
        self.addCleanup(lambda: [line.close() for line in lines])
        for line in lines:
            line.setblocking(False)
            for _ in range(200):
                try:
                    line.send(request)
                except BlockingIOError:
                    break
        self.is_well()
        self.assertLess(memory_of(self.daemon) - before, 30 << 20)


if __name__ == "__main__":
    unittest.main()
