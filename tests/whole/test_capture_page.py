"""lares-capture's page: who may see and change what, and that nothing anybody wrote becomes more than text."""

import html
import http.client
import json
import re
import subprocess
import unittest
import urllib.parse

from harness import House, until
from test_capture import CAPTURE, Archive

EVIL = "<script>alert(1)</script>\"'&"


class Page:
    def __init__(self, archive, *arguments, daemon="unix:///nowhere/lares.sock"):
        self.process = subprocess.Popen([CAPTURE, "--home", archive.home, "--lares", daemon, "serve", "--listen", "127.0.0.1:0", *arguments],
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        self.port = int(re.search(r":(\d+)/", line).group(1))
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
        text = answer.read().decode()
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        connection.close()
        return answer.status, text

    def get(self, path, **headers):
        status, text = self.ask("GET", path, **headers)
        assert status == 200, (path, status, text)
        return text

    def key(self, path="/sets"):
        return re.search(r'name="key" value="([0-9a-f]+)"', self.get(path)).group(1)

    def post(self, path, fields, **headers):
        return self.ask("POST", path, {"key": self.key(), **fields}, **headers)

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

    def fill(self, count=3, text="post {} about owls"):
        posts = [{"id_str": str(n), "created_at": "Mon Oct 15 20:15:12 +0000 2012", "text": text.format(n),
                  "user": {"id_str": "7", "screen_name": "Ann"}} for n in range(1, count + 1)]
        self.archive.replay("old", posts, dialect="twitter", words="owls")
        self.archive.done("index", "old")

    def test_every_view_shows_what_is_there_in_two_languages(self):
        self.fill()
        page = self.page("--open", "operator")
        for path in ("/", "/captures", "/capture?name=old", "/posts", "/posts?q=owls", "/accounts", "/account?service=twitter&id=7",
                     "/sets", "/exports", "/jobs"):
            with self.subTest(path):
                text = page.get(path)
                self.assertIn("<html lang=\"en\">", text)
                self.assertNotIn("<script", text)
                self.assertNotIn(" style=", text)
                self.assertNotIn(" onclick", text)
                # Nothing is loaded or sent elsewhere.
                self.assertEqual(re.findall(r'(?:src|href|action)="(?!/)[^"]*"', text), [])
                self.assertEqual(page.headers["content-security-policy"],
                                 "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
                self.assertEqual(page.headers["x-content-type-options"], "nosniff")
                self.assertEqual(page.headers["cache-control"], "no-store")
        self.assertIn("post 2 about owls", page.get("/posts?q=owls"))
        self.assertNotIn("post 2", page.get("/posts?q=%22+OR+NEAR("))
        self.assertIn("old-", page.get("/capture?name=old"))
        self.assertEqual(json.loads(page.get("/post?service=twitter&id=2"))["text"], "post 2 about owls")
        self.assertTrue(page.headers["content-type"].startswith("application/json"))
        page.ask("GET", "/language")
        page.cookie = page.headers["set-cookie"].split(";")[0]
        german = page.get("/")
        self.assertIn("<html lang=\"de\">", german)
        self.assertIn("Überblick", german)

    def test_what_anybody_wrote_stays_text(self):
        self.fill(1, EVIL + " owls {}")
        self.archive.done("set", "add", EVIL, "--notes", EVIL)
        page = self.page("--open", "operator")
        quoted = urllib.parse.quote(EVIL)
        for path in ("/", "/posts", "/posts?q=" + quoted, "/sets", "/set?name=" + quoted, "/accounts?q=" + quoted,
                     "/capture?name=" + quoted, "/account?service=" + quoted + "&id=" + quoted, "/" + quoted):
            with self.subTest(path):
                _, text = page.ask("GET", path)
                self.assertNotIn("<script", text)
                self.assertNotIn("alert(1)\"", text)
        self.assertIn(html.escape(EVIL), page.get("/posts").replace("&#39;", "&#x27;"))

    def test_no_path_comes_from_a_request(self):
        self.fill()
        page = self.page("--open", "operator")
        with open(f"{self.archive.home}/secret", "w", encoding="utf-8") as file:
            file.write("secret words")
        for path in ("/export?file=../secret", "/export?file=%2e%2e%2fsecret", "/export?file=", "/../secret", "/capture?name=../..",
                     "/capture?name=old&day=../../..", "/style.css/../secret"):
            with self.subTest(path):
                _, text = page.ask("GET", path)
                self.assertNotIn("secret words", text)
        for name in ("../x", "", ".x", "a/b"):
            self.assertEqual(page.post("/capture", {"name": name, "option_service": "jetstream"})[0], 400)
        # Files of the machine are an administrator's.
        self.assertEqual(page.post("/capture", {"name": "f", "option_service": "file", "option_url": "/etc/passwd"})[0], 403)

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
        self.assertEqual(self.archive.done("set", "list"), "")
        self.assertEqual(page.ask("POST", "/sets", good, Origin=f"http://127.0.0.1:{page.port}", Sec_Fetch_Site="same-origin")[0], 303)
        self.assertIn("birds", self.archive.done("set", "list"))
        self.assertEqual(page.ask("GET", "/sign-out")[0], 404)

    def test_captures_and_sets_are_edited_as_the_command_line_does(self):
        self.fill()
        page = self.page("--open", "operator")
        self.assertEqual(page.post("/capture", {"name": "new", "option_service": "jetstream", "option_words": "barn owl\r\ntawny owl\r\n"})[0], 303)
        self.assertIn("words = barn owl,tawny owl", self.archive.done("filter", "show", "new"))
        status, text = page.post("/capture", {"name": "new", "option_level": "77"})
        self.assertEqual(status, 400)
        self.assertIn("level = &#39;77&#39;: must be a whole number, 1 to 9", text)
        self.assertEqual(page.post("/try", {"name": "old"})[0], 303)
        self.assertIn("3 of 3 posts would have matched", page.get("/capture?name=old&tried=yes"))
        self.assertEqual(page.post("/try", {"name": "new"})[0], 404)
        self.assertEqual(page.post("/set", {"set": "none", "what": "join", "service": "x", "account": "a"})[0], 404)

    def test_exports_are_made_beside_the_page_and_downloaded(self):
        self.fill(3000)
        page = self.page("--open", "operator")
        self.assertEqual(page.post("/exports", {"capture": "old", "format": "jsonl"})[0], 303)
        until(lambda: "/export?file=" in page.get("/exports"))
        name = re.search(r'/export\?file=([^"]+)"', page.get("/exports")).group(1)
        lines = page.get("/export?file=" + name).splitlines()
        self.assertEqual(len(lines), 3000)
        self.assertIn("attachment", page.headers["content-disposition"])
        self.assertEqual(page.post("/exports", {"capture": "none", "format": "csv"})[0], 404)
        self.assertEqual(page.post("/exports", {"capture": "old", "format": "exe"})[0], 400)
        page.post("/exports", {"capture": "old", "format": "csv", "from": "yesterday"})
        until(lambda: "must be a day as 2026-11-28" in page.get("/exports"))

    def test_users_and_tokens_of_lares_have_their_roles_here(self):
        house = House("")
        self.addCleanup(house.clean)
        house.up()
        house.rpc.lares.user_set("root", "admin", "a long password")
        house.rpc.lares.user_set("vera", "viewer", "another password")
        token = house.rpc.lares.token_create("robot", "operator", "")["token"]
        page = self.page(daemon=f"unix://{house.socket}")
        self.assertEqual(page.ask("GET", "/posts")[0], 401)
        self.assertEqual(page.sign_in(name="vera", password="wrong")[0], 403)
        self.assertEqual(page.sign_in(name="vera", password="another password")[0], 303)
        self.assertIn("HttpOnly; SameSite=Strict", page.headers["set-cookie"])
        page.get("/posts")
        key = re.search(r'name="key" value="([0-9a-f]+)"', page.get("/posts")).group(1)
        self.assertEqual(page.ask("POST", "/sets", {"key": key, "name": "birds"})[0], 403)
        self.assertEqual(page.ask("POST", "/sign-out", {"key": key})[0], 303)
        self.assertEqual(page.ask("GET", "/posts")[0], 401)
        page.cookie = ""
        self.assertEqual(page.sign_in(token=token)[0], 303)
        self.assertEqual(page.post("/sets", {"name": "birds"})[0], 303)
        house.rpc.lares.token_revoke("robot")
        until(lambda: page.ask("GET", "/posts")[0] == 401)
        # Programs bring theirs with each request.
        fresh = house.rpc.lares.token_create("reader", "viewer", "")["token"]
        page.cookie = ""
        page.get("/posts", Authorization=f"Bearer {fresh}")
        self.assertEqual(page.ask("GET", "/posts", Authorization="Bearer nonsense")[0], 401)

    def test_nobody_comes_in_when_lares_cannot_be_asked(self):
        page = self.page()
        status, text = page.ask("GET", "/")
        self.assertEqual(status, 401)
        status, text = page.sign_in(name="vera", password="x")
        self.assertEqual(status, 403)
        self.assertIn("Lares cannot be asked", text)
        refused = self.archive.command("serve", "--open", "viewer", "--listen", "0.0.0.0:0")
        self.assertEqual(refused.returncode, 2)


if __name__ == "__main__":
    unittest.main()
