"""lares-capture's links and look-ups: chains kept whole, nobody led into private addresses, what is gone is listed."""

import json
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from capture_timelines import Timelines
from test_capture import Archive


class Web:
    """Redirects and pages on an address of its own; counts who came."""

    def __init__(self, address="127.0.0.1"):
        self.pages = {}  # path: (status, location)
        self.came = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self):
                web.answer(self, b"")

            def do_GET(self):
                web.answer(self, b"x" * 100_000)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer((address, 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://{address}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, request, body):
        self.came.append((request.command, request.path))
        status, location = self.pages.get(request.path, (404, None))
        if request.command == "HEAD" and status == "no HEAD":
            status = 405
        elif status == "no HEAD":
            status = 200
        request.send_response(status)
        if location:
            request.send_header("Location", location)
            body = b""
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        try:
            request.wfile.write(body)
        except OSError:
            pass  # bodies are not read

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class LinkTest(unittest.TestCase):
    def setUp(self):
        self.archive = Archive()
        self.addCleanup(self.archive.close)

    def web(self, *address):
        web = Web(*address)
        self.addCleanup(web.close)
        return web

    def post(self, number, urls=(), text="look"):
        return {"id_str": str(number), "created_at": "Mon Oct 15 20:15:12 +0000 2012", "text": text,
                "user": {"id_str": "1", "screen_name": "Ann"},
                "entities": {"urls": [{"url": short, "expanded_url": long} for short, long in urls]}}

    def index(self, posts):
        self.archive.replay("old", posts, dialect="twitter")
        self.archive.done("index", "old")

    def listed(self):
        return {line.split("\t")[0]: line.split("\t")[1:] for line in self.archive.done("links", "list").splitlines()}

    def test_shortened_links_are_followed_with_every_step_kept(self):
        web = self.web()
        web.pages = {"/a": (301, "/b"), "/b": (302, f"{web.url}/end#part"), "/end": (200, None), "/get": ("no HEAD", None)}
        self.index([self.post(1, [("http://t.example/1", f"{web.url}/a"), ("http://t.example/2", f"{web.url}/get")]),
                    self.post(2, [("http://t.example/1", f"{web.url}/a")]), self.post(3, text=f"see {web.url}/gone, please")])
        self.assertIn("3 links looked at, 0 without an end", self.archive.done("links", "run", "--allow", "127.0.0.1"))
        listed = self.listed()
        self.assertEqual(listed["http://t.example/1"], ["done", "200", f"{web.url}/end"])
        self.assertEqual(listed["http://t.example/2"], ["done", "200", f"{web.url}/get"])
        self.assertEqual(listed[f"{web.url}/gone"], ["done", "404", f"{web.url}/gone"])
        chain = json.loads(self.archive.done("links", "show", "http://t.example/1"))
        self.assertEqual([(step["status"], step["url"]) for step in chain],
                         [(301, f"{web.url}/a"), (302, f"{web.url}/b"), (200, f"{web.url}/end")])
        self.assertEqual(chain[0]["headers"]["location"], "/b")
        self.assertIn(("GET", "/get"), web.came)
        self.assertIn("0 links looked at", self.archive.done("links", "run"))

    def test_no_link_leads_into_private_addresses(self):
        web, inside = self.web(), self.web("127.0.0.2")
        port = inside.server.server_port
        inside.pages["/secret"] = (200, None)
        web.pages = {"/a": (302, f"{inside.url}/secret"), "/b": (302, "http://[::1]/"), "/c": (302, "file:///etc/passwd"),
                     "/d": (302, f"http://2130706434:{port}/secret"), "/e": (302, "http://169.254.169.254/latest/meta-data/")}
        urls = [(f"http://t.example/{name}", f"{web.url}/{name}") for name in "abcde"]
        urls.append(("http://t.example/direct", f"{inside.url}/secret"))
        urls.append(("http://t.example/name", f"http://localhost.localdomain:{port}/secret"))
        self.index([self.post(n, [each]) for n, each in enumerate(urls)])
        self.assertIn("without an end", self.archive.done("links", "run", "--allow", "127.0.0.1"))
        self.assertEqual(inside.came, [])
        listed = self.listed()
        for name in ("a", "b", "d", "e", "direct"):
            self.assertEqual(listed[f"http://t.example/{name}"][0], "refused", name)
        self.assertEqual(listed["http://t.example/c"][0], "refused")
        self.assertIn("127.0.0.2, which is no public address", listed["http://t.example/a"][-1])
        # Without leave the first step is refused as well.
        web.came.clear()
        self.archive.replay("more", [self.post(99, [("http://t.example/z", f"{web.url}/a")])], dialect="twitter")
        self.archive.done("index", "more")
        self.archive.done("links", "run")
        self.assertEqual(web.came, [])

    def test_what_does_not_answer_waits_for_its_next_try(self):
        web = self.web()
        web.pages["/busy"] = (503, None)
        self.index([self.post(1, [("http://t.example/busy", f"{web.url}/busy")])])
        for _ in range(2):
            self.archive.done("links", "run", "--allow", "127.0.0.1")
        self.assertEqual(len([each for each in web.came if each[0] == "HEAD"]), 1)
        self.assertEqual(self.listed()["http://t.example/busy"][:2], ["due", "503"])
        web.pages["/busy"] = (200, None)
        self.archive.done("links", "again")
        self.archive.done("links", "run", "--allow", "127.0.0.1")
        self.assertEqual(self.listed()["http://t.example/busy"][:2], ["done", "200"])


class LookupTest(unittest.TestCase):
    def setUp(self):
        self.archive = Archive()
        self.addCleanup(self.archive.close)
        self.service = Timelines()
        self.addCleanup(self.service.close)

    def ids(self, text):
        path = f"{self.archive.folder}/ids"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def rehydrate(self, service, ids, known):
        self.service.looked_up = known
        self.archive.define(service=service, url=self.service.url, people="7")
        said = self.archive.done("rehydrate", "s", self.ids("\n".join(ids)))  # without a line's end at its end
        with open(f"{self.archive.folder}/ids.notfound", encoding="utf-8") as file:
            return said, file.read().splitlines()

    def test_ids_become_posts_again_and_those_that_are_gone_are_listed(self):
        ids = [str(number) for number in range(1, 251)]
        gone = {"3", "101", "250"}
        posts = {each: {"id": each, "text": f"post {each}", "author_id": "5"} for each in ids if each not in gone}
        said, missing = self.rehydrate("x-timelines", ids, posts)
        self.assertIn("250 of 250 ids: 247 posts, 3 not found", said)
        self.assertEqual(missing, ["3\tNot Found Error", "101\tNot Found Error", "250\tNot Found Error"])
        self.assertEqual({each["data"]["id"] for each in self.archive.messages()}, set(ids) - gone)
        self.assertEqual(self.archive.done("dehydrate", "s").split(), [each for each in ids if each not in gone])
        self.assertEqual([len(query["ids"].split(",")) for _, query in self.service.requests], [100, 100, 50])

    def test_mastodon_and_bluesky_give_posts_by_their_ids_too(self):
        said, missing = self.rehydrate("mastodon-timelines", ["7", "8"], {"7": Timelines.status("1", 7)})
        self.assertIn("2 of 2 ids: 1 posts, 1 not found", said)
        self.assertEqual(missing, ["8\tnot found"])
        self.archive.close()
        self.archive = Archive()
        self.addCleanup(self.archive.close)
        uris = [f"at://did:plc:a/app.bsky.feed.post/{n}" for n in range(30)]
        posts = {each: {"uri": each, "cid": "c", "author": {"did": "did:plc:a"}, "record": {"text": "x"}} for each in uris[1:]}
        said, missing = self.rehydrate("bluesky-timelines", uris, posts)
        self.assertIn("30 of 30 ids: 29 posts, 1 not found", said)
        self.assertEqual(self.archive.done("dehydrate", "s").split(), uris[1:])

    def test_a_list_goes_on_where_it_was_stopped(self):
        ids = [str(number) for number in range(1, 301)]
        self.service.looked_up = {each: {"id": each, "text": "x"} for each in ids}
        self.archive.define(service="x-timelines", url=self.service.url, people="7")
        path = self.ids("\r\n".join(ids) + "\r\n")
        self.service.fault_at = {2: 401}
        refused = self.archive.command("rehydrate", "s", path)
        self.assertEqual(refused.returncode, 1)
        self.assertIn(b"100 of 300 ids: 100 posts", refused.stdout)
        self.service.fault_at = {}
        self.service.requests.clear()
        self.assertIn("300 of 300 ids: 200 posts", self.archive.done("rehydrate", "s", path))
        self.assertEqual(len(self.service.requests), 2)
        self.assertEqual(len(self.archive.messages()), 300)


if __name__ == "__main__":
    unittest.main()
