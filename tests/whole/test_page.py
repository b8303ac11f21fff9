"""The page's front door, and files dropped from it, by the real binary."""

import base64
import gzip
import http.client
import os
import re
import socket
import unittest

from harness import HouseTest, until

BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Page(HouseTest):
    def setUp(self):
        self.port = free_port()
        users = "[user:anna]\npassword = a\nrole = operator\n[user:vera]\npassword = v\nrole = viewer\n"
        self.h = self.house("", daemon="")
        inbox = self.h.path("inbox")
        os.mkdir(inbox)
        self.h.servers += f"[inet_http_server]\nport = 127.0.0.1:{self.port}\n{users}"
        self.h.write(f"[task:take]\ncommand = true\n[folder:inbox]\npath = {inbox}\ntask = take\nmatch = *.txt\n")
        self.h.up()

    def ask(self, method, path, body=None, headers=None, user=None):
        headers = dict(headers or {})
        if user:
            headers["Authorization"] = "Basic " + base64.b64encode(user.encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        self.addCleanup(connection.close)
        return answer, answer.read()

    def test_the_page_needs_no_login_and_holds_nothing_of_the_house(self):
        answer, body = self.ask("GET", "/", headers={**BROWSER, "Accept-Encoding": "gzip"})
        self.assertEqual((answer.status, answer.headers["Content-Encoding"]), (200, "gzip"))
        html = gzip.decompress(body).decode()
        self.assertNotIn("inbox", html)
        self.assertEqual(self.ask("GET", "/")[0].status, 401)  # scripts get the classic page, and its login
        self.assertEqual(self.ask("GET", "/", user="vera:v")[0].status, 200)
        self.assertEqual(self.ask("POST", "/api/v1/call/lares.status", "[]")[0].status, 401)
        for name in re.findall(r'"(/page/app-[^"]+)"', html):
            answer, body = self.ask("GET", name)
            self.assertEqual(answer.status, 200)
            again, nothing = self.ask("GET", name, headers={"If-None-Match": answer.headers["ETag"]})
            self.assertEqual((again.status, nothing), (304, b""))

    def test_a_file_is_dropped_whole_by_who_may_and_nowhere_else(self):
        drop = "/api/v1/folders/inbox/files/"
        self.assertEqual(self.ask("PUT", drop + "a.txt", b"x")[0].status, 401)
        self.assertEqual(self.ask("PUT", drop + "a.txt", b"x", user="vera:v")[0].status, 403)
        for name in ("..%2Fout.txt", "%2Fetc%2Fx.txt", ".hidden.txt", "x.pdf", "a%0Ab.txt", "..", "a%00.txt", "n" * 300 + ".txt"):
            self.assertEqual(self.ask("PUT", drop + name, b"x", user="anna:a")[0].status, 400, name)
        for name in ("", "sub/a.txt"):
            self.assertEqual(self.ask("PUT", drop + name, b"x", user="anna:a")[0].status, 404, name)
        self.assertEqual(self.ask("PUT", "/api/v1/folders/nope/files/a.txt", b"x", user="anna:a")[0].status, 404)
        self.assertEqual(os.listdir(self.h.path("inbox")), [])
        self.assertFalse(os.path.exists(self.h.path("out.txt")))
        large = os.urandom(6 << 20)
        answer, _ = self.ask("PUT", drop + "order.txt", large, user="anna:a")
        self.assertEqual(answer.status, 201)
        with open(self.h.path("inbox/order.txt"), "rb") as file:
            self.assertEqual(file.read(), large)
        answer, body = self.ask("PUT", drop + "order.txt", b"second", user="anna:a")
        self.assertIn(b"order-1.txt", body)
        # Who sends it again with its key, since the answer was lost, gets that answer and no third file.
        for expected in (None, "true"):
            answer, body = self.ask("PUT", drop + "order.txt", b"third", {"Idempotency-Key": "k"}, user="anna:a")
            self.assertEqual((answer.status, answer.headers["Idempotency-Replayed"]), (201, expected))
            self.assertIn(b"order-2.txt", body)
        self.assertEqual(self.ask("PUT", drop + "order.txt", b"other", {"Idempotency-Key": "k"}, user="anna:a")[0].status, 422)
        self.assertFalse(os.path.exists(self.h.path("inbox/order-3.txt")))
        until(lambda: "done" in self.h.lares("jobs")[1], say="the file became a job")
        self.assertIn("anna", self.h.lares("events", "-n", "50")[1])


if __name__ == "__main__":
    unittest.main()
