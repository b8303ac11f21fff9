"""lares-capture's page: who may see and change what, and that nothing anybody wrote becomes more than text."""

import base64
import html
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
import unittest
import urllib.parse

from capture_servers import Service
from harness import House, until
from test_capture import CAPTURE, Archive

EVIL = "<script>alert(1)</script>\"'&"
POLICY = ("default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; "
          "base-uri 'none'; frame-ancestors 'none'")
NOWHERE = "unix:///nowhere/lares.sock"
SECRET = "a long password"


class Page:
    def __init__(self, archive, *arguments, daemon=NOWHERE):
        self.process = subprocess.Popen([CAPTURE, "--home", archive.home, "--lares", daemon, "serve", "--listen", "127.0.0.1:0", *arguments],
                                        stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if found := re.search(r"page is at http://.*:(\d+)/", line):
                self.port = int(found.group(1))
                break
        self.cookie, self.headers = "", {}

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        self.process.stderr.close()

    def ask(self, method, path, fields=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = {"Cookie": self.cookie, **{name.replace("_", "-"): value for name, value in headers.items()}}
        body = urllib.parse.urlencode(fields) if fields is not None else None
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, {name: value for name, value in sent.items() if value})
        answer = connection.getresponse()
        self.bytes = answer.read()
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        connection.close()
        return answer.status, self.bytes.decode("utf-8", "replace")

    def get(self, path, **headers):
        status, text = self.ask("GET", path, **headers)
        assert status == 200, (path, status, text)
        return text

    def key(self):
        return re.search(r'name="key" value="([0-9a-f]+)"', self.get("/captures")).group(1)

    def post(self, path, fields, **headers):
        return self.ask("POST", path, {"key": self.key(), **fields}, **headers)

    def done(self, path, fields):
        status, text = self.post(path, fields)
        assert status == 303, (path, status, text)
        return self.headers["location"]

    def sign_in(self, **fields):
        status, text = self.ask("POST", "/sign-in", fields)
        if status == 303:
            self.cookie = self.headers["set-cookie"].split(";")[0]
        return status, text


class PageTest(unittest.TestCase):
    def setUp(self):
        self.archive = Archive()
        self.addCleanup(self.archive.close)

    def page(self, *arguments, **options):
        page = Page(self.archive, *arguments, **options)
        self.addCleanup(page.close)
        return page

    def fill(self, count=3, text="post {} about owls", more=()):
        posts = [{"id_str": str(n), "created_at": "Mon Oct 15 20:15:12 +0000 2012", "text": text.format(n),
                  "user": {"id_str": str(7 + n % 2), "screen_name": "Ann"}} for n in range(1, count + 1)]
        self.archive.replay("old", [*posts, *more], dialect="twitter", words="owls")
        self.archive.done("index", "old")

    def house(self):
        house = House("")
        self.addCleanup(house.clean)
        house.up()
        for name, role in (("root", "admin"), ("otto", "operator"), ("vera", "viewer")):
            house.rpc.lares.user_set(name, role, SECRET)
        return house

    def signed_in(self, house, name):
        page = self.page(daemon=f"unix://{house.socket}")
        self.assertEqual(page.sign_in(name=name, password=SECRET)[0], 303)
        return page

    # -- where it cannot begin

    def test_a_port_that_is_taken_and_a_lares_that_is_away_are_told_by_name(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            where = f"127.0.0.1:{taken.getsockname()[1]}"
            done = subprocess.run([CAPTURE, "--home", self.archive.home, "--lares", NOWHERE, "serve", "--listen", where],
                                  capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"--listen = '{where}': another program listens there; end it, or choose another port", done.stderr)
        missing = self.archive.command("serve", "--listen", "127.0.0.1:0", "--certificate", "/nowhere/cert.pem", "--key", "/nowhere/key.pem")
        self.assertEqual(missing.returncode, 1)
        self.assertIn("the certificate '/nowhere/cert.pem': no such file or directory", missing.stderr.decode())
        kept = subprocess.run([CAPTURE, "--home", self.archive.home, "--lares", NOWHERE, "keep", "--once"],
                              capture_output=True, text=True, timeout=30)
        self.assertEqual(kept.returncode, 1)
        self.assertIn(f"'{NOWHERE}': ", kept.stderr)

    # -- what is shown

    def test_every_view_shows_what_is_there_in_two_languages(self):
        self.fill()
        page = self.page("--open", "operator")
        for path in ("/", "/captures", "/capture?name=old", "/posts", "/posts?q=owls", "/accounts", "/account?service=twitter&id=7",
                     "/sets", "/jobs", "/work"):
            with self.subTest(path):
                text = page.get(path)
                self.assertIn("<html lang=\"en\">", text)
                self.assertNotIn("<script", text)  # nothing is under way
                self.assertNotIn(" style=", text)
                self.assertIsNone(re.search(r"<[^>]* on[a-z]+=", text))
                # Nothing is loaded or sent elsewhere.
                self.assertEqual(re.findall(r'(?:src|href|action)="(?!/|#main|data:,)[^"]*"', text), [])
                self.assertEqual(page.headers["content-security-policy"], POLICY)
                self.assertEqual(page.headers["x-content-type-options"], "nosniff")
                self.assertEqual(page.headers["cache-control"], "no-store")
        self.assertIn("post 2 about owls", page.get("/posts?q=owls"))
        self.assertNotIn("post 2", page.get("/posts?q=%22+OR+NEAR("))
        self.assertIn("old-", page.get("/capture?name=old"))
        self.assertEqual(json.loads(page.get("/post?service=twitter&id=2"))["text"], "post 2 about owls")
        self.assertTrue(page.headers["content-type"].startswith("application/json"))
        self.assertEqual(page.ask("GET", "/language?to=de&back=%2Fposts")[0], 303)
        self.assertEqual(page.headers["location"], "/posts")
        page.cookie = page.headers["set-cookie"].split(";")[0]
        german = page.get("/")
        self.assertIn("<html lang=\"de\">", german)
        self.assertIn("Überblick", german)
        for elsewhere in ("//evil.example", "https://evil.example/", "/%5Cevil.example", "/%0d%0aSet-Cookie:x", ""):
            page.ask("GET", "/language?to=en&back=" + elsewhere)
            self.assertEqual(page.headers["location"], "/", elsewhere)

    def test_posts_are_found_by_words_capture_set_account_and_days_and_page_by_page(self):
        self.fill(120)
        page = self.page("--open", "viewer")
        shown = lambda path: re.findall(r"post (\d+) about owls", page.get(path))
        self.assertEqual(len(shown("/posts")), 50)
        seen, path = [], "/posts"
        while path:
            text = page.get(path)
            seen += re.findall(r"post (\d+) about owls", text)
            more = re.search(r'href="(/posts\?[^"]*before=[^"]*)"', text)
            path = html.unescape(more.group(1)) if more else None
        self.assertEqual(sorted(map(int, seen)), list(range(1, 121)))  # all at one second, none lost, none doubled
        self.assertEqual(shown("/posts?q=post+77"), ["77"])
        self.assertEqual(len(shown("/posts?source=old")), 50)
        self.assertEqual(shown("/posts?source=other"), [])
        self.assertEqual(set(shown("/posts?account=8&q=owls+3")), {"3"})
        self.assertEqual(shown("/posts?account=7&q=owls+3"), [])
        self.assertEqual(shown("/posts?to=2012-10-14"), [])
        self.assertEqual(len(shown("/posts?from=2012-10-15&to=2012-10-15")), 50)
        self.assertEqual(shown("/posts?set=none"), [])
        self.assertEqual(page.ask("GET", "/posts?from=yesterday")[0], 400)
        self.assertIn("No posts are indexed, or none fits.", page.get("/posts?q=nothing"))

    def test_blank_views_name_a_next_step(self):
        page = self.page("--open", "operator")
        for path, words in (("/", "There is no capture yet."), ("/captures", "Make one below"), ("/posts", "Index a capture"),
                            ("/accounts", "Add some below"), ("/sets", "Add a set"), ("/jobs", "lares-capture timelines tasks"),
                            ("/work", "Exports begin on the page of a capture")):
            self.assertIn(words, html.unescape(page.get(path)), path)

    # -- what anybody wrote, and what requests say

    def test_what_anybody_wrote_stays_text(self):
        self.fill(1, EVIL + " owls {}", [{"delete": {"status": {"id_str": EVIL}}}])
        self.archive.done("set", "add", EVIL, "--notes", EVIL)
        self.archive.define("evil", service="generic", url="http://127.0.0.1:1/" + EVIL, words='"' + EVIL.replace('"', "") + '"')
        page = self.page("--open", "operator")
        quoted = urllib.parse.quote(EVIL)
        for path in ("/", "/posts", "/posts?q=" + quoted, "/sets", "/set?name=" + quoted, "/accounts?q=" + quoted, "/capture?name=evil",
                     "/capture?name=" + quoted, "/account?service=" + quoted + "&id=" + quoted, "/" + quoted, "/post?id=" + quoted,
                     "/posts?account=" + quoted, "/posts?source=" + quoted, "/posts?from=" + quoted, "/export?file=" + quoted,
                     "/capture?name=old&day=" + quoted, "/capture?name=old&tried=" + quoted):
            with self.subTest(path):
                _, text = page.ask("GET", path)
                self.assertNotIn("<script", text)
                self.assertNotIn("alert(1)\"", text)
                self.assertEqual(page.headers["content-security-policy"], POLICY)
        self.assertIn(html.escape(EVIL), page.get("/posts").replace("&#39;", "&#x27;"))

    def test_no_path_comes_from_a_request(self):
        self.fill()
        page = self.page("--open", "operator")
        with open(f"{self.archive.home}/secret", "w", encoding="utf-8") as file:
            file.write("secret words")
        for path in ("/export?file=../secret", "/export?file=%2e%2e%2fsecret", "/export?file=", "/../secret", "/capture?name=../..",
                     "/capture?name=old&day=../../..", "/style.css/../secret", f"/export?file={self.archive.home}/secret"):
            with self.subTest(path):
                _, text = page.ask("GET", path)
                self.assertNotIn("secret words", text)
        for name in ("../x", "", ".x", "a/b", "-x"):
            self.assertEqual(page.post("/capture", {"name": name, "option_service": "jetstream"})[0], 400)
            self.assertEqual(page.post("/try", {"name": "old", "archive": name or "../x"})[0], 400)
        self.assertEqual(page.post("/exports/remove", {"file": "../secret"})[0], 404)
        self.assertTrue(os.path.exists(f"{self.archive.home}/secret"))

    def test_files_of_the_machine_and_where_tokens_go_are_an_administrators(self):
        self.archive.done("credential", "set", "c", "mastodon", stdin=b"token\n")
        self.archive.define("m", service="mastodon", url="https://good.example/api", credential="c")
        page = self.page("--open", "operator")
        for fields in ({"name": "f", "option_service": "file", "option_url": "/etc/passwd"},
                       {"name": "f", "option_service": "generic", "option_form": "file", "option_url": "/etc/passwd"},
                       {"name": "f", "option_service": "jetstream", "option_ca_file": "/etc/passwd"},
                       {"name": "m", "option_url": "https://evil.example/api"},
                       {"name": "f", "option_service": "generic", "option_url": "https://evil.example", "option_credential": "c"}):
            for path in ("/capture", "/try"):
                self.assertEqual(page.post(path, fields)[0], 403, fields)
        page.done("/capture", {"name": "m", "option_words": "owl", "option_url": "https://good.example/api"})
        self.assertEqual(self.archive.done("filter", "list"), "m\tinactive\tmastodon\n")

    def test_forms_of_strange_pages_change_nothing(self):
        page = self.page("--open", "operator")
        key = page.key()
        good = {"key": key, "name": "birds"}
        for fields, headers in (({"name": "birds"}, {}), ({"key": "0" * 32, "name": "birds"}, {}),
                                (good, {"Origin": "http://evil.example"}), (good, {"Origin": "null"}),
                                (good, {"Sec_Fetch_Site": "cross-site"}), (good, {"Sec_Fetch_Site": "same-site"})):
            with self.subTest(str(headers)):
                self.assertEqual(page.ask("POST", "/sets", fields, **headers)[0], 403)
        # A name that leads here by somebody else's will (DNS rebinding) is nobody.
        self.assertEqual(page.ask("GET", "/", Host="evil.example")[0], 401)
        self.assertEqual(page.ask("POST", "/sets", good, Host="evil.example")[0], 401)
        self.assertEqual(self.archive.done("set", "list"), "")
        self.assertEqual(page.ask("POST", "/sets", good, Origin=f"http://127.0.0.1:{page.port}", Sec_Fetch_Site="same-origin")[0], 303)
        self.assertIn("birds", self.archive.done("set", "list"))
        self.assertEqual(page.ask("GET", "/sign-out")[0], 404)
        self.assertEqual(page.ask("PUT", "/sets", good)[0], 405)

    def test_oversized_and_slow_requests_hold_up_nobody(self):
        self.fill()
        page = self.page("--open", "operator")
        slow = []
        for start in (b"GET / HTTP/1.1\r\nHost: x\r\n", b"POST /sets HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nname="):
            for _ in range(30):
                connection = socket.create_connection(("127.0.0.1", page.port))
                connection.sendall(start)
                slow.append(connection)
        began = time.monotonic()
        page.get("/posts")
        self.assertLess(time.monotonic() - began, 5)
        for connection in slow:
            connection.close()
        for request, statuses in ((b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", (400, 414, 431)),
                                  (b"GET / HTTP/1.1\r\nA: " + b"x" * 70_000 + b"\r\n\r\n", (400, 431)),
                                  (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", (413,)),
                                  (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", (400,))):
            with socket.create_connection(("127.0.0.1", page.port)) as connection:
                connection.settimeout(20)
                connection.sendall(request)
                answer = connection.recv(100)
                self.assertIn(int(answer.split()[1]), statuses, request[:30])
        # As many fields as anybody sends, and bytes that are no text.
        self.assertEqual(page.ask("POST", "/sets", {f"a{n}": "x" * 1000 for n in range(3000)})[0], 403)
        self.assertEqual(page.post("/sets", {"name": "x" * 300})[0], 400)
        page.get("/posts?q=%ff%fe%00")
        page.get("/posts")

    # -- what is changed

    def test_captures_and_sets_are_edited_as_the_command_line_does(self):
        self.fill()
        page = self.page("--open", "operator")
        self.assertEqual(page.done("/capture", {"name": "new", "option_service": "jetstream", "option_words": "barn owl\r\ntawny owl\r\n"}),
                         "/capture?name=new")
        self.assertIn("words = barn owl,tawny owl", self.archive.done("filter", "show", "new"))
        status, text = page.post("/capture", {"name": "new", "option_level": "77"})
        self.assertEqual(status, 400)
        self.assertIn("level = &#39;77&#39;: must be a whole number, 1 to 9", text)
        # The ceilings of the services.
        status, text = page.post("/capture", {"name": "many", "option_service": "x", "option_words": ",".join(f"word{n}" for n in range(401))})
        self.assertEqual(status, 400)
        self.assertIn("400", text)
        page.done("/sets", {"name": "birders", "notes": "who watch"})
        self.assertIn("birders\t0 accounts\twho watch", self.archive.done("set", "list"))
        self.assertEqual(page.post("/set", {"set": "none", "what": "join", "service": "x", "account": "a"})[0], 404)
        self.assertEqual(page.post("/set", {"set": "birders", "what": "join", "service": "x", "account": "a"})[0], 404)
        page.done("/capture/switch", {"name": "new", "active": "yes"})
        self.assertIn("new\tactive", self.archive.done("filter", "list"))
        self.assertEqual(page.post("/capture/switch", {"name": "new", "active": "perhaps"})[0], 400)
        self.assertEqual(page.post("/capture/switch", {"name": "none", "active": "yes"})[0], 404)
        # Two who edit at once: the second is told, and overwrites nothing.
        seen = re.search(r'name="seen" value="([0-9a-f]+)"', page.get("/capture?name=new")).group(1)
        page.done("/capture", {"name": "new", "seen": seen, "option_words": "first"})
        self.assertEqual(page.post("/capture", {"name": "new", "seen": seen, "option_words": "second"})[0], 409)
        self.assertIn("words = first\n", self.archive.done("filter", "show", "new"))
        # An operator removes nothing.
        self.assertEqual(page.post("/capture/remove", {"name": "new", "confirm": "new"})[0], 403)
        self.assertEqual(page.post("/set/remove", {"name": "birders", "confirm": "birders"})[0], 403)
        self.assertEqual(page.post("/takedown", {"name": "old", "policy": "mark"})[0], 403)

    def test_a_dry_run_tells_what_would_match_and_saves_nothing(self):
        self.fill()
        page = self.page("--open", "operator")
        at = page.done("/try", {"name": "old", "option_words": "post 2, post 3"})
        until(lambda: "2 of 3 posts would have matched" in page.get(at))
        self.assertIn("1 by &#39;post 2&#39;", page.get(at))
        self.assertIn("post 2, post 3</textarea>", page.get(at))  # to be saved, or not
        self.assertIn("words = owls\n", self.archive.done("filter", "show", "old"))
        # Of a capture that is not there yet, over the archive of another.
        at = page.done("/try", {"name": "fresh", "archive": "old", "option_service": "jetstream", "option_words": "owls"})
        until(lambda: "3 of 3 posts would have matched" in page.get(at))
        self.assertEqual(page.post("/try", {"name": "fresh", "option_service": "jetstream"})[0], 404)
        self.assertEqual(page.ask("GET", "/capture?name=fresh")[0], 404)

    def test_exports_are_made_beside_the_page_and_are_the_command_lines_bytes(self):
        self.fill(3000)
        page = self.page("--open", "operator")
        name = lambda suffix: re.search(rf'/export\?file=([^"]+\.{suffix})"', page.get("/work"))
        for suffix, more in (("csv", {"from": "2012-10-15", "to": "2012-10-15", "sample": "7"}), ("tsv", {}), ("jsonl", {})):
            self.assertEqual(page.done("/exports", {"capture": "old", "format": suffix, **more}), "/work")
            until(lambda: name(suffix))
            page.get("/export?file=" + name(suffix).group(1))
            self.assertIn("attachment", page.headers["content-disposition"])
            options = [each for key, value in more.items() for each in (f"--{key}", value)]
            wanted = self.archive.command("export", "--capture", "old", "--format", suffix, *options).stdout
            self.assertEqual(page.bytes, wanted)
        page.done("/exports", {"account": "twitter:7", "format": "xlsx"})
        until(lambda: name("xlsx"))
        self.assertEqual(page.post("/exports", {"capture": "none", "format": "csv"})[0], 404)
        self.assertEqual(page.post("/exports", {"capture": "old", "format": "exe"})[0], 400)
        page.done("/exports", {"capture": "old", "format": "csv", "from": "yesterday"})
        until(lambda: "must be a day as 2026-11-28" in page.get("/work"))
        page.done("/exports/remove", {"file": name("xlsx").group(1)})
        self.assertIsNone(name("xlsx"))

    def test_an_export_tells_how_far_it_is_and_what_is_half_made_is_gone_at_the_next_start(self):
        self.fill(20_000)
        page = self.page("--open", "operator")
        page.done("/exports", {"capture": "old", "format": "xlsx"})
        text = page.get("/work")
        self.assertRegex(text, r"running</span> \d+ Posts|done</span>")
        if "running" in text:
            self.assertIn('<script src="/page.js" defer></script>', text)
            self.assertIn('id="live"', text)
        os.makedirs(f"{self.archive.home}/exports", exist_ok=True)
        page.process.kill()
        page.process.wait(20)
        with open(f"{self.archive.home}/exports/20261128T000000Z-old.csv.part", "w", encoding="utf-8") as file:
            file.write("half")
        again = self.page("--open", "operator")
        self.assertNotIn(".part", "".join(os.listdir(f"{self.archive.home}/exports")))
        self.assertEqual(again.ask("GET", "/export?file=20261128T000000Z-old.csv.part")[0], 404)

    def test_a_split_export_is_as_many_files_as_the_command_line_makes(self):
        self.fill(250)
        page = self.page("--open", "operator")
        names = lambda: sorted(set(re.findall(r'/export\?file=([^"]+)"', page.get("/work"))))
        for suffix in ("csv", "xlsx"):
            page.done("/exports", {"capture": "old", "format": suffix, "split": "100"})
            until(lambda: len(names()) == 3)
            self.assertEqual([re.sub(r"^\d+T\d+Z-", "", name) for name in names()], [f"old-000{n}.{suffix}" for n in (1, 2, 3)])
            if suffix == "csv":
                output = f"{self.archive.folder}/posts.csv"
                self.archive.done("export", "--capture", "old", "--split", "100", "--output", output)
                for number, name in enumerate(names(), 1):
                    page.get("/export?file=" + name)
                    with open(f"{self.archive.folder}/posts-000{number}.csv", "rb") as file:
                        self.assertEqual(page.bytes, file.read())
            for name in names():
                page.done("/exports/remove", {"file": name})
        # More files than there may be: none is left.
        page.done("/exports", {"capture": "old", "format": "csv", "split": "1"})
        until(lambda: "more than 100 files would be made" in page.get("/work"))
        self.assertEqual(os.listdir(f"{self.archive.home}/exports"), [])
        page.done("/exports", {"capture": "old", "format": "csv", "split": "none"})
        until(lambda: "must be a whole number from 1" in page.get("/work"))
        self.assertEqual(names(), [])

    def directory(self):
        names = {"ann": "7", "ben": "8"}
        asked = []

        def lookup(method, target, headers, body):
            asked.append(headers)
            name = target.split("acct=")[1]
            return (200, json.dumps({"id": names[name], "acct": name}).encode(), []) if name in names else (404, b"{}", [])

        service = Service(cursors=False, rate=500)
        self.addCleanup(service.close)
        service.answers = {"/api/v1/accounts/lookup": lookup,
                           "/api/v1/accounts/7": lambda *_: (200, b'{"id":"7","acct":"anna","locked":true}', []),
                           "/api/v1/accounts/8": lambda *_: (410, b"{}", [])}
        return f"http://127.0.0.1:{service.port}", asked

    def test_accounts_are_added_and_looked_after_from_the_page(self):
        url, _ = self.directory()
        page = self.page("--open", "operator")
        about = {"service": "mastodon", "url": url}
        self.assertEqual(page.done("/accounts", {**about, "names": "@ann, ben\r\nnobody"}), "/work")
        until(lambda: "1 accounts were not added" in page.get("/work"))
        self.assertIn("nobody\tnot added: &#39;nobody&#39;: there is no such account", page.get("/work"))
        self.assertIn("mastodon\tann\t7\tactive\nmastodon\tben\t8\tactive\n", self.archive.done("account", "list"))
        page.done("/accounts/refresh", about)
        until(lambda: "2 accounts checked, 2 changed" in page.get("/work"))
        self.assertIn("mastodon\tanna\t7\tprotected\nmastodon\tben\t8\tdeleted\n", self.archive.done("account", "list"))
        self.assertIn("ann\t7\tis now anna, protected", page.get("/work"))
        for fields, status in (({"names": "ann"}, 400), ({"service": "x; rm", "names": "ann"}, 400), ({**about, "names": ""}, 400),
                               ({**about, "names": "--url=http://127.0.0.1:1"}, 400), ({**about, "names": ",".join("a" * 101)}, 400),
                               ({"service": "mastodon", "names": "ann"}, 400), ({**about, "url": "file:///etc/passwd", "names": "ann"}, 400),
                               ({**about, "url": "http://user:pass@127.0.0.1", "names": "ann"}, 400),
                               ({**about, "names": "ann", "credential": "none"}, 404)):
            self.assertEqual(page.post("/accounts", fields)[0], status, fields)

    def test_credentials_are_an_administrators_and_their_tokens_are_shown_to_nobody(self):
        url, asked = self.directory()
        house = self.house()
        page = self.signed_in(house, "root")
        token = "secret-token-0123456789"
        self.assertEqual(page.done("/credentials", {"name": "reading", "service": "mastodon", "token": token}), "/accounts")
        self.assertEqual(self.archive.done("credential", "list"), "reading\tmastodon\n")
        page.done("/accounts", {"service": "mastodon", "url": url, "credential": "reading", "names": "ann"})
        until(lambda: asked)
        self.assertEqual({name.lower(): value for name, value in dict(asked[0]).items()}["authorization"], f"Bearer {token}")
        until(lambda: "done</span>" in page.get("/work"))
        for path in ("/", "/accounts", "/work", "/captures", "/jobs", "/account?service=mastodon&id=7"):
            self.assertNotIn(token, page.get(path), path)
        self.assertIn("reading", page.get("/accounts"))
        for bad in ("", "two lines\nX: y", "x" * 4001, "with blank"):
            status, text = page.post("/credentials", {"name": "other", "service": "x", "token": bad})
            self.assertEqual(status, 400)
            self.assertTrue(bad == "" or bad not in text)
        self.archive.define("m", service="mastodon", url="https://good.example/api", credential="reading")
        self.assertEqual(page.post("/credentials/remove", {"name": "reading"})[0], 409)
        # An operator uses them where they belong, and makes, sees and leads away none.
        other = self.signed_in(house, "otto")
        self.assertEqual(other.post("/credentials", {"name": "mine", "service": "x", "token": token})[0], 403)
        self.assertEqual(other.post("/credentials/remove", {"name": "reading"})[0], 403)
        self.assertNotIn("/credentials", other.get("/accounts"))
        self.assertEqual(other.post("/accounts", {"service": "mastodon", "url": url, "credential": "reading", "names": "ben"})[0], 403)
        self.assertEqual(other.post("/accounts", {"service": "jetstream", "credential": "reading", "names": "ben"})[0], 403)
        self.assertEqual(len(asked), 1)
        vera = self.signed_in(house, "vera")
        self.assertNotIn('action="/accounts', vera.get("/accounts").replace('method="get" action="/accounts"', ""))
        page.done("/capture/remove", {"name": "m", "confirm": "m"})
        page.done("/credentials/remove", {"name": "reading"})
        self.assertEqual(self.archive.done("credential", "list"), "")
        for each in (page, other, vera):
            each.process.terminate()
            self.assertNotIn(token, each.process.stderr.read())

    def test_what_is_refused_is_said_in_the_pages_language(self):
        self.fill()
        url, _ = self.directory()
        self.archive.done("credential", "set", "c", "x", stdin=b"token\n")
        self.archive.define("one", service="x", words="owl", credential="c", active="yes")
        self.archive.define("two", service="x", words="owl", credential="c")
        page = self.page("--open", "operator")
        warning = lambda text: html.unescape(re.findall(r'<p class="warning"[^>]*>(.*?)</p>', text, re.S)[-1])
        acts = (
            ("/capture", {"name": "a b"}, "the name 'a b' may have", "der Name 'a b' darf nur"),
            ("/capture", {"name": "old", "option_level": "77"}, "level = '77': must be a whole number, 1 to 9", "Stufe = '77': muss sein: eine ganze Zahl von 1 bis 9"),
            ("/capture", {"name": "old", "option_words": '"open'}, "is not closed", "wird nicht geschlossen"),
            ("/capture", {"name": "old", "option_places": "1,2"}, "expected four a place", "vier je Ort"),
            ("/capture", {"name": "fresh", "option_service": "jetstream", "option_credential": "none"}, "there is no credential 'none'", "es gibt keinen Zugang 'none'"),
            ("/capture", {"name": "many", "option_service": "x", "option_words": ",".join(f"w{n}" for n in range(401))}, "401 phrases; x takes at most 400",
             "401 Wortfolgen; x nimmt höchstens 400"),
            ("/capture/switch", {"name": "two", "active": "yes"}, "is used by the active capture 'one'", "die eingeschaltete Sammlung 'one'"),
            ("/capture/switch", {"name": "owl", "active": "yes"}, "there is no capture 'owl'; did you mean 'old'?", "keine Sammlung 'owl'; meinen Sie 'old'?"),
            ("/capture/remove", {"name": "old", "confirm": "old"}, "Your role does not allow this", "Ihre Rolle erlaubt das nicht"),
            ("/try", {"name": "fresh", "option_service": "jetstream"}, "the archive has nothing of 'fresh'", "das Archiv hat nichts von 'fresh'"),
            ("/sets", {"name": "-x"}, "a set needs a name", "eine Gruppe braucht einen Namen"),
            ("/set", {"set": "none", "what": "join", "service": "x", "account": "a"}, "there is no set 'none'", "es gibt keine Gruppe 'none'"),
            ("/exports", {"capture": "none", "format": "csv"}, "there is no capture 'none'", "es gibt keine Sammlung 'none'"),
            ("/exports", {"capture": "old", "format": "exe"}, "must be csv, tsv, jsonl or xlsx", "muss csv, tsv, jsonl oder xlsx sein"),
            ("/exports/remove", {"file": "x"}, "there is no file 'x'", "es gibt keine Datei 'x'"),
            ("/accounts", {"service": "mastodon", "names": "ann"}, "needs --url https://SERVER", "braucht eine Adresse"),
            ("/accounts", {"service": "x", "names": ""}, "expected 1 to 100", "es müssen 1 bis 100 sein"),
        )
        for path, fields, english, german in acts:
            with self.subTest(path + " " + english):
                page.cookie = ""
                self.assertIn(english, warning(page.post(path, fields)[1]))
                page.cookie = "lares_capture_language=de"
                self.assertIn(german, warning(page.post(path, fields)[1]))
        self.assertIn("'yesterday': muss ein Tag sein", warning(page.ask("GET", "/posts?from=yesterday")[1]))
        # What work says of itself, whoever looks.
        self.archive.done("set", "add", "all")
        page.done("/exports", {"set": "all", "format": "csv"})
        page.done("/exports", {"capture": "old", "format": "csv", "from": "gestern"})
        until(lambda: page.get("/work").count("fertig</span>") == 1 and page.get("/work").count("gescheitert</span>") == 1)
        page.done("/index", {"name": "old"})
        until(lambda: "0 Beiträge aus 0 Dateien erschlossen" in page.get("/work"))
        page.done("/accounts", {"service": "mastodon", "url": url, "names": "ann, nobody"})
        until(lambda: "1 Konten wurden nicht hinzugefügt" in page.get("/work"))
        at = page.done("/try", {"name": "old", "option_words": "post 2"})
        until(lambda: "1 von 3 Beiträgen hätten gepasst" in page.get(at))
        german = html.unescape(page.get("/work"))
        for words in ("0 Beiträge in 1 Dateien", "Von Tag = 'gestern': muss ein Tag sein wie 2026-11-28", "nicht hinzugefügt: 'nobody': dieses Konto gibt es nicht"):
            self.assertIn(words, german)
        page.cookie = ""
        english = html.unescape(page.get("/work"))
        for words in ("0 posts in 1 files", "--from = 'gestern': must be a day as 2026-11-28", "not added: 'nobody': there is no such account"):
            self.assertIn(words, english)

    # -- Lares

    def test_users_and_tokens_of_lares_have_their_roles_here(self):
        house = self.house()
        token = house.rpc.lares.token_create("robot", "operator", "")["token"]
        page = self.page(daemon=f"unix://{house.socket}")
        for path in ("/posts", "/work", "/capture?name=x", "/export?file=x", "/post?id=1"):
            self.assertEqual(page.ask("GET", path)[0], 401, path)
        self.assertEqual(page.ask("POST", "/sets", {"name": "x"})[0], 401)
        self.assertEqual(page.sign_in(name="vera", password="wrong")[0], 403)
        self.assertEqual(page.sign_in(name="vera", password=SECRET, Origin="x")[0], 303)
        self.assertIn("HttpOnly; SameSite=Strict", page.headers["set-cookie"])
        key = re.search(r'name="key" value="([0-9a-f]+)"', page.get("/posts")).group(1)
        for act in ("/sets", "/capture", "/capture/switch", "/capture/remove", "/try", "/index", "/takedown", "/set", "/set/remove",
                    "/exports", "/exports/remove"):
            self.assertEqual(page.ask("POST", act, {"key": key, "name": "birds"})[0], 403, act)
        # The key of one is not another's.
        other = self.signed_in(house, "otto")
        self.assertEqual(other.ask("POST", "/sets", {"key": key, "name": "birds"})[0], 403)
        self.assertEqual(page.ask("POST", "/sign-out", {"key": key})[0], 303)
        self.assertEqual(page.ask("GET", "/posts")[0], 401)
        page.cookie = ""
        self.assertEqual(page.sign_in(token=token)[0], 303)
        page.done("/sets", {"name": "birds"})
        house.rpc.lares.token_revoke("robot")
        until(lambda: page.ask("GET", "/posts")[0] == 401)
        # Programs bring theirs with each request, and Lares' own page its cookie.
        fresh = house.rpc.lares.token_create("reader", "viewer", "")["token"]
        page.cookie = ""
        page.get("/posts", Authorization=f"Bearer {fresh}")
        self.assertEqual(page.ask("GET", "/posts", Authorization="Bearer nonsense")[0], 401)
        self.assertEqual(page.ask("GET", "/posts", Cookie="lares_session=nonsense; lares_capture_session=0")[0], 401)
        refused = self.archive.command("serve", "--open", "viewer", "--listen", "0.0.0.0:0")
        self.assertEqual(refused.returncode, 2)

    def test_who_is_signed_in_stays_so_over_a_restart_until_lares_says_otherwise(self):
        house = self.house()
        first = self.page(daemon=f"unix://{house.socket}")
        cookies = {}
        for name in ("root", "otto", "vera"):
            self.assertEqual(first.sign_in(name=name, password=SECRET)[0], 303)
            cookies[name] = first.cookie
        first.cookie = cookies["otto"]
        key = first.key()
        path = f"{self.archive.home}/sessions"
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        with open(path, encoding="utf-8") as file:
            kept = file.read()
        for secret in (SECRET, base64.b64encode(f"otto:{SECRET}".encode()).decode(), f"otto:{SECRET}".encode().hex(),
                       *(cookie.split("=")[1] for cookie in cookies.values())):
            self.assertNotIn(secret, kept)
        first.process.kill()
        first.process.wait(20)
        page = self.page(daemon=f"unix://{house.socket}")
        page.cookie = cookies["otto"]
        # A form that was open meanwhile is still ours.
        self.assertEqual(page.ask("POST", "/sets", {"key": key, "name": "birds"})[0], 303)
        page.cookie = cookies["root"]
        self.assertEqual(page.ask("POST", "/sets", {"key": key, "name": "birds"})[0], 403)
        # Another password, no user any more, another role: told by Lares, also of sessions of before.
        house.rpc.lares.user_set("otto", "operator", SECRET + " changed")
        house.rpc.lares.user_remove("vera")
        house.rpc.lares.user_set("root", "viewer")
        again = self.page(daemon=f"unix://{house.socket}")
        for name, status in (("otto", 401), ("vera", 401), ("root", 200)):
            again.cookie = cookies[name]
            self.assertEqual(again.ask("GET", "/captures")[0], status, name)
        self.assertNotIn("option_service", again.get("/captures"))
        again.close()
        with open(path, encoding="utf-8") as file:
            self.assertEqual(len(file.read().splitlines()), 2)  # the first line, and root's
        # Whoever signed out stays out.
        last = self.page(daemon=f"unix://{house.socket}")
        last.cookie = cookies["root"]
        key = re.search(r'name="key" value="([0-9a-f]+)"', last.get("/posts")).group(1)
        self.assertEqual(last.ask("POST", "/sign-out", {"key": key})[0], 303)
        last.close()
        final = self.page(daemon=f"unix://{house.socket}")
        final.cookie = cookies["root"]
        self.assertEqual(final.ask("GET", "/posts")[0], 401)

    def test_a_page_that_is_open_to_all_shuts_itself_once_lares_has_users(self):
        house = House("")
        self.addCleanup(house.clean)
        house.up()
        daemon = f"unix://{house.socket}"
        page = self.page("--open", "operator", daemon=daemon)
        key = page.key()
        self.assertEqual(page.ask("POST", "/sets", {"key": key, "name": "birds"})[0], 303)
        house.rpc.lares.user_set("root", "admin", SECRET)
        until(lambda: page.ask("GET", "/captures")[0] == 401)
        self.assertEqual(page.ask("POST", "/sets", {"key": key, "name": "more"})[0], 401)
        self.assertEqual(page.ask("GET", "/post?service=x&id=1")[0], 401)
        self.assertIn("Lares has users now, so they sign in.", page.ask("GET", "/")[1])
        self.assertIn("Lares hat jetzt Benutzer", page.ask("GET", "/", Cookie="lares_capture_language=de")[1])
        self.assertEqual(page.sign_in(name="root", password=SECRET)[0], 303)
        page.get("/captures")
        # That the users go again opens it to nobody behind their backs,
        house.rpc.lares.user_remove("root")
        time.sleep(2.5)  # what Lares said of its users is believed so long
        page.cookie = ""
        self.assertEqual(page.ask("GET", "/captures")[0], 401)
        house.rpc.lares.user_set("root", "admin", SECRET)
        page.process.terminate()
        said = page.process.stderr.read()
        self.assertEqual(said.count("--open counts no more: Lares has users"), 1, said)
        # nor does a start while Lares is away; a start when it has none does.
        house.down()
        away = self.page("--open", "operator", daemon=daemon)
        self.assertEqual(away.ask("GET", "/captures")[0], 401)
        away.close()
        house.up()
        house.rpc.lares.user_remove("root")
        fresh = self.page("--open", "operator", daemon=daemon)
        until(lambda: fresh.ask("GET", "/captures")[0] == 200)

    def test_a_strange_page_signs_nobody_in_and_guessing_ends_after_ten_tries(self):
        house = self.house()
        page = self.page(daemon=f"unix://{house.socket}")
        right = {"name": "vera", "password": SECRET}
        self.assertEqual(page.ask("POST", "/sign-in", right, Origin="http://evil.example")[0], 403)
        self.assertEqual(page.ask("POST", "/sign-in", right, Sec_Fetch_Site="cross-site")[0], 403)
        for _ in range(10):
            page.ask("GET", "/posts", Authorization="Bearer nonsense")
        status, text = page.sign_in(**right)
        self.assertEqual(status, 403)
        self.assertIn("Too many wrong tries", text)

    def test_an_administrator_removes_captures_and_carries_out_removals(self):
        self.fill(3, more=[{"delete": {"status": {"id_str": "2"}}}])
        house = self.house()
        page = self.signed_in(house, "root")
        page.done("/takedown", {"name": "old", "policy": "mark"})
        until(lambda: "1 removals were told" in page.get("/work"))
        self.assertNotIn("post 2", self.archive.done("search", "owls"))
        self.assertIn("removed", page.get("/account?service=twitter&id=7"))
        page.done("/takedown", {"name": "old", "policy": "remove"})
        until(lambda: "1 posts taken out of the archive" in page.get("/work"))
        self.assertIn("0 faults", self.archive.done("verify"))
        self.assertRegex(page.get("/capture?name=old"), r'<div>remove</div></td><td[^>]*><div><span class="number">1</span>')
        self.assertEqual(page.ask("GET", "/post?service=twitter&id=2")[0], 404)
        self.assertEqual(page.post("/capture/remove", {"name": "old", "confirm": "olt"})[0], 400)
        page.done("/capture/remove", {"name": "old", "confirm": "old"})
        self.assertEqual(self.archive.done("filter", "list"), "")
        self.assertTrue(self.archive.files())

    def test_each_edit_is_brought_to_lares_also_when_it_was_away(self):
        service = Service(cursors=False, rate=500)
        self.addCleanup(service.close)
        house = self.house()
        page = self.signed_in(house, "root")
        options = {"option_service": "generic", "option_url": service.url(), "option_dialect": "lines id=seq", "option_flush": "0"}
        page.done("/capture", {"name": "s", "option_active": "yes", **options})
        state = lambda: {each["name"]: each["statename"] for each in house.rpc.supervisor.getAllProcessInfo()}
        until(lambda: state().get("capture-s") == "RUNNING")
        until(lambda: re.search(r"RUNNING</span> up \d+ s, since <time", page.get("/capture?name=s")))
        first = house.rpc.supervisor.getProcessInfo("capture-s")["pid"]
        page.done("/capture", {"name": "s", "option_words": "message"})
        until(lambda: house.rpc.supervisor.getProcessInfo("capture-s")["pid"] not in (0, first))
        page.done("/capture/switch", {"name": "s", "active": "no"})
        until(lambda: "capture-s" not in state())
        # The daemon goes. What is there can be read, edits are kept, and nobody new comes in.
        key = page.key()
        house.down()
        until(lambda: "Lares does not answer. What you change is kept" in page.get("/captures"))
        self.assertEqual(page.ask("POST", "/capture/switch", {"key": key, "name": "s", "active": "yes"})[0], 303)
        stranger = self.page(daemon=f"unix://{house.socket}")
        status, text = stranger.sign_in(name="root", password=SECRET)
        self.assertEqual(status, 403)
        self.assertIn("Lares does not answer, so nobody can sign in", text)
        house.up()
        until(lambda: state().get("capture-s") == "RUNNING")
        until(lambda: "Lares does not answer" not in page.get("/captures"))
        key = page.key()
        page.done("/capture/remove", {"name": "s", "confirm": "s"})
        until(lambda: "capture-s" not in state())

    def test_a_daemon_that_hangs_holds_up_no_page(self):
        house = self.house()
        page = self.signed_in(house, "vera")
        page.get("/captures")
        pid = house.daemon_pid
        os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(5.5)  # what Lares said of the session is believed so long
            page.get("/captures")  # pays for finding out
            until(lambda: "Lares does not answer" in page.get("/captures"))
            began = time.monotonic()
            page.get("/captures")
            page.get("/posts")
            self.assertLess(time.monotonic() - began, 2)
        finally:
            os.kill(pid, signal.SIGCONT)
        until(lambda: "Lares does not answer" not in page.get("/captures"))


if __name__ == "__main__":
    unittest.main()
