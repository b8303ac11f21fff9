"""The real lares-capture against stand-ins of its services: what they send is in the archive, once, or in a gap."""

import csv
import glob
import gzip
import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import zipfile

from capture_servers import Proxy, Service
from harness import LARES, House, until

CAPTURE = os.environ.get("LARES_CAPTURE_BINARY", os.path.join(os.path.dirname(LARES), "lares-capture"))


class Archive:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="lares-capture-test-")
        self.home = f"{self.folder}/home"
        self.process = None
        self.log = open(f"{self.folder}/log", "a+b")

    def command(self, *arguments, stdin=b""):
        return subprocess.run([CAPTURE, "--home", self.home, *arguments], input=stdin, capture_output=True, timeout=60)

    def done(self, *arguments, stdin=b""):
        result = self.command(*arguments, stdin=stdin)
        assert result.returncode == 0, (arguments, result.stdout, result.stderr)
        return result.stdout.decode()

    def define(self, name="s", **options):
        self.done("filter", "set", name, *(f"{key}={value}" for key, value in options.items()))

    def start(self, name="s"):
        self.process = subprocess.Popen([CAPTURE, "--home", self.home, "stream", name], stderr=self.log, stdout=self.log)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0, self.words()

    def kill(self):
        self.process.kill()
        self.process.wait(20)

    def words(self):
        with open(f"{self.folder}/log", encoding="utf-8", errors="replace") as file:
            return file.read()

    def files(self, pattern="*.gz"):
        """In the order they were opened."""
        found = glob.glob(f"{self.home}/archive/*/[0-9]*/*/*/*/{pattern}")
        order = lambda path: (os.path.basename(path).split("Z")[0], int((os.path.basename(path).split("Z-") + ["1"])[1].split(".")[0] or 1))
        return sorted(found, key=order)

    def messages(self):
        out = []
        for path in self.files():
            with gzip.open(path, "rt", encoding="utf-8") as file:
                out += [json.loads(line) for line in file]
        return out

    def sidecar(self, number=0):
        with open(self.files("*.json")[number], encoding="utf-8") as file:
            return json.load(file)

    def replay(self, name, messages, **options):
        """A capture of a file that has these messages."""
        path = f"{self.folder}/{name}.json"
        with open(path, "w", encoding="utf-8") as file:
            file.writelines((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in messages)
        self.define(name, service="file", url=path, **options)
        self.start(name)
        assert self.process.wait(20) == 0, self.words()

    def numbers(self):
        return [message["seq"] for message in self.messages()]

    def open_bytes(self):
        return sum(os.path.getsize(path) for path in glob.glob(f"{self.home}/archive/*/.open/*"))

    def grows(self):
        """Waits until something more is kept."""
        size = self.open_bytes()
        until(lambda: self.open_bytes() > size + 500)

    def gaps(self, name="s"):
        """What the book says, as {from: last line of it}."""
        book = {}
        with open(f"{self.home}/archive/{name}/gaps.jsonl", encoding="utf-8") as file:
            for line in file:
                state, gap = line.split(" ", 1)
                gap = json.loads(gap)
                book[gap["from_ms"]] = dict(gap, book=state)
        return list(book.values())

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        if not self.log.closed:
            self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class CaptureTest(unittest.TestCase):
    def setUp(self):
        self.archive = Archive()
        self.addCleanup(self.archive.close)

    def service(self, **options):
        service = Service(**options)
        self.addCleanup(service.close)
        return service

    def numbered(self, service, **options):
        settings = dict(service="generic", url=service.url(), form=service.form, flush=0, stall=1,
                        dialect="lines id=seq cursor=seq" if service.cursors else "lines id=seq")
        if service.cursors:
            settings.update(cursor="cursor", rewind=50)
        settings.update(options)
        self.archive.define(**settings)
        return service

    def received(self):
        return sum(os.path.getsize(path) for path in glob.glob(f"{self.archive.home}/archive/*/.open/*.part"))

    def test_every_form_of_stream_is_archived_as_it_came(self):
        for form in ("lines", "websocket", "sse"):
            with self.subTest(form):
                archive = Archive()
                self.addCleanup(archive.close)
                service = self.service(form=form, cursors=False, rate=500)
                dialect = "lines id=data.seq" if form == "sse" else "lines id=seq"
                archive.define(service="generic", url=service.url(), form=form, dialect=dialect, flush=0)
                archive.start()
                until(lambda: archive.open_bytes() > 3000)
                archive.stop()
                got = archive.messages()
                if form == "sse":
                    self.assertEqual({each["event"] for each in got}, {"update"})
                    got = [each["data"] for each in got]
                numbers = [each["seq"] for each in got]
                self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
                self.assertEqual(got[0], json.loads(Service.numbered(numbers[0])))
                self.assertIn("0 faults", archive.done("verify"))
                side = archive.sidecar()
                self.assertEqual((side["messages"], side["first"]["id"]), (len(numbers), str(numbers[0])))

    def cut(self, service, times):
        """Breaks the line so often, each time while something comes, and stops behind something more."""
        for _ in range(times):
            self.archive.grows()
            service.cut()
        self.archive.grows()
        self.archive.stop()

    def test_a_stream_with_cursors_loses_nothing_and_doubles_nothing_when_the_line_breaks(self):
        service = self.numbered(self.service(rate=2000))
        self.archive.start()
        self.cut(service, 4)
        numbers = self.archive.numbers()
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        gaps = self.archive.gaps()
        self.assertEqual({gap["book"] for gap in gaps[:-1]}, {"covered"}, gaps)
        self.assertEqual(gaps[-1]["book"], "open")  # until it is started again

    def test_without_cursors_each_gap_is_recorded_with_its_bounds(self):
        service = self.numbered(self.service(cursors=False, rate=2000))
        self.archive.start()
        self.cut(service, 3)
        numbers = self.archive.numbers()
        self.check_gaps(numbers)
        side = self.archive.sidecar()
        self.assertGreaterEqual(len(side["gaps"]), 3)

    def check_gaps(self, numbers):
        """Whatever is missing lies between the bounds of a gap, and nothing came twice."""
        self.assertEqual(len(numbers), len(set(numbers)))
        there, bounds = set(numbers), []
        for gap in self.archive.gaps():
            if gap["book"] == "closed":
                bounds.append((int(gap["after"]["id"]), int(gap["before"]["id"])))
        for number in range(min(numbers), max(numbers)):
            if number not in there:
                self.assertTrue(any(low < number < high for low, high in bounds), (number, bounds))
        return bounds

    def test_a_refusal_is_answered_by_patience_and_silence_by_a_new_connection(self):
        service = self.numbered(self.service(rate=2000))
        service.refuse = [(503, [])]
        self.archive.start()
        until(lambda: "connecting again in 5000 ms" in self.archive.words())
        until(lambda: self.archive.open_bytes() > 500)
        service.silent = True
        until(lambda: "stall, connecting again in 250 ms" in self.archive.words())
        service.silent = False
        self.archive.grows()
        self.archive.stop()
        numbers = self.archive.numbers()
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))

    def test_too_many_requests_wait_a_minute_and_term_does_not_wait_for_it(self):
        service = self.numbered(self.service())
        service.refuse = [(429, [])] * 5
        self.archive.start()
        until(lambda: "http 429, connecting again in 60000 ms" in self.archive.words())
        began = time.monotonic()
        self.archive.stop()
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(len(service.requests), 1)

    def test_blank_lines_keep_a_slow_stream_alive_and_idle_files_rotate(self):
        service = self.numbered(self.service(cursors=False, rate=0, keepalive=0.3), rotate=1)
        self.archive.start()
        until(lambda: len(self.archive.files()) >= 3)
        self.archive.stop()
        self.assertEqual(len(service.requests), 1)  # no stall in three seconds of thumps
        self.assertEqual(self.archive.messages(), [])
        self.assertIn("0 faults", self.archive.done("verify"))

    def test_after_kill_the_file_can_be_read_up_to_its_last_flush(self):
        self.numbered(self.service(rate=1000))
        self.archive.start()
        until(lambda: self.archive.open_bytes() > 2000)
        self.archive.kill()
        part = glob.glob(f"{self.archive.home}/archive/s/.open/*.part")[0]
        with open(part, "rb") as file:
            packed = subprocess.run(["gzip", "-dc"], stdin=file, capture_output=True)
        lines = packed.stdout.decode().split("\n")
        self.assertGreater(len(lines), 10)
        self.assertEqual(self.archive.command("verify").returncode, 1)
        self.assertIn("mended:", self.archive.done("verify", "--repair"))
        self.assertEqual(self.archive.numbers(), list(range(1, len(self.archive.numbers()) + 1)))
        self.assertEqual(len(self.archive.numbers()), len(lines) - 1)

    def test_one_stream_a_credential_at_save_and_at_run_time(self):
        service = self.service(form="lines", message=lambda n: json.dumps({"data": {"id": str(n), "text": "cats"}}).encode())
        self.archive.done("credential", "set", "app", "x", stdin=b"secret\n")
        options = dict(service="x", credential="app", words="cats", url=service.url("/2/tweets/search/stream"), flush=0)
        self.archive.define("a", active="yes", **options)
        refused = self.archive.command("filter", "set", "b", "active=yes", *(f"{k}={v}" for k, v in options.items()))
        self.assertEqual(refused.returncode, 1)
        self.assertIn(b"used by the active capture 'a'", refused.stderr)
        self.archive.define("b", **options)  # inactive
        self.archive.start("a")
        until(lambda: self.archive.open_bytes() > 200)
        refused = self.archive.command("stream", "b")
        self.assertIn(b"the credential 'app' is in use by 'a'", refused.stderr)
        self.assertEqual(service.requests[-1][2]["authorization"], "Bearer secret")
        self.archive.stop()
        self.assertNotIn("secret", self.archive.words())

    def test_the_rules_of_x_are_brought_to_what_the_filter_says_and_others_left_alone(self):
        service = self.service(form="lines", message=lambda n: json.dumps({"data": {"id": str(n), "text": "cats"}}).encode())
        service.rules = [{"id": "1", "value": "dogs", "tag": "somebody"}, {"id": "2", "value": "birds", "tag": "lares:a"}]
        self.archive.done("credential", "set", "app", "x", stdin=b"secret\n")
        self.archive.define("a", service="x", credential="app", words='cats, red hat, "big house"', languages="de",
                            url=service.url("/2/tweets/search/stream"), flush=0)
        self.archive.start("a")
        until(lambda: self.archive.open_bytes() > 200)
        self.archive.stop()
        self.assertEqual([(rule["value"], rule["tag"]) for rule in service.rules],
                         [("dogs", "somebody"), ('(cats OR (red hat) OR "big house") (lang:de)', "lares:a")])

    def test_a_filter_takes_what_it_asks_for_and_can_be_tried_on_an_archive(self):
        service = self.service(cursors=True, rate=3000)
        self.numbered(service, words="\"message 7\", \"message 70\"")
        self.archive.start()
        until(lambda: service.latest() > 500)
        until(lambda: os.path.exists(f"{self.archive.home}/archive/s/.cursor") or self.archive.open_bytes() > 60)
        time_limit = time.monotonic() + 20
        while time.monotonic() < time_limit and self.archive.open_bytes() < 60:
            pass
        self.archive.stop()
        self.assertEqual([n for n in self.archive.numbers() if n < 100], [7, 70])
        said = self.archive.done("try", "s", *self.archive.files())
        self.assertIn("2 of 2 posts would have matched", said)

    def test_capture_is_killed_and_the_line_is_cut_at_random_and_nothing_is_lost_or_doubled(self):
        seconds = float(os.environ.get("LARES_CAPTURE_CRASH_SECONDS", "12"))
        for cursors in (True, False):
            with self.subTest(cursors=cursors):
                self.archive.close()
                self.archive = Archive()
                service = self.service(cursors=cursors, rate=1500)
                proxy = Proxy(service.port)
                self.addCleanup(proxy.close)
                self.numbered(service, url=f"http://127.0.0.1:{proxy.port}/stream", rotate=2, flush=1)
                chance = random.Random(20261128)
                self.archive.start()
                end = time.monotonic() + seconds / 2
                while time.monotonic() < end:
                    time.sleep(chance.uniform(0.05, 0.6))  # the moment of the fault, nothing is waited for
                    if chance.random() < 0.4:
                        self.archive.kill()
                        self.archive.start()
                    else:
                        proxy.cut()
                size = self.archive.open_bytes()
                files = len(self.archive.files())
                until(lambda: self.archive.open_bytes() > size or len(self.archive.files()) > files)
                until(lambda: len(self.archive.files()) > files)
                self.archive.stop()
                self.archive.done("verify", "--repair")
                self.assertIn("0 faults", self.archive.done("verify"))
                numbers = self.archive.numbers()
                if cursors:
                    self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
                else:
                    self.check_gaps(numbers)

    def tweets(self):
        for number in range(1, 8):
            yield {"id_str": str(number), "created_at": f"Mon Oct {14 + number} 23:59:59 +0000 2012", "text": f"post {number} about owls, \"really\"",
                   "user": {"id_str": str(number % 2), "screen_name": "Ann", "followers_count": 3}, "entities": {"hashtags": [{"text": "owl"}]}}
        yield {"delete": {"status": {"id_str": "2"}}}
        yield {"limit": {"track": 5}}

    def test_exports_have_the_twenty_columns_inclusive_days_samples_and_parts(self):
        self.archive.replay("old", self.tweets(), dialect="twitter")
        side = self.archive.sidecar()
        self.assertEqual((side["kinds"], side["missed"]), ({"post": 7, "removal": 1, "limit": 1}, 5))
        rows = list(csv.reader(io.StringIO(self.archive.done("export", "--capture", "old", "--from", "2012-10-16", "--to", "2012-10-18"), newline="")))
        self.assertEqual({len(row) for row in rows}, {20})
        self.assertEqual([row[3] for row in rows[1:]], ["2", "3", "4"])
        self.assertEqual(rows[1][:9], ["", "2012-10-16T23:59:59Z", "10/16/2012", "2", "Ann", "3", "", "", "owl"])
        self.assertEqual(rows[1][15], 'post 2 about owls, "really"')
        self.assertEqual(self.archive.done("export", "--capture", "old", "--count", "--sample", "3"), "3\n")
        output = f"{self.archive.folder}/posts.xlsx"
        self.archive.done("export", "--capture", "old", "--format", "xlsx", "--output", output, "--split", "5")
        with zipfile.ZipFile(output.replace(".xlsx", "-0002.xlsx")) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
        self.assertEqual(sheet.count("<row "), 3)  # the heading and two posts
        self.assertIn("url2_expanded", sheet)
        lines = self.archive.done("export", "--capture", "old", "--format", "jsonl").splitlines()
        self.assertEqual([json.loads(line) for line in lines], list(self.tweets())[:7])
        self.assertEqual(self.archive.done("dehydrate", "old").split(), [str(n) for n in range(1, 8)])
        self.assertEqual(self.archive.command("export", "--capture", "old", "--to", "yesterday").returncode, 2)

    def test_removals_are_kept_marked_or_carried_out_with_proof(self):
        self.archive.replay("old", self.tweets(), dialect="twitter")
        self.assertIn("7 posts of 1 files indexed", self.archive.done("index", "old"))
        self.assertIn("0 posts of 0 files indexed", self.archive.done("index", "old"))
        self.assertEqual(len(self.archive.done("search", "owls").splitlines()), 7)
        self.assertEqual(len(self.archive.done("search", "post 3").splitlines()), 1)
        self.archive.done("takedown", "old", "keep")
        self.assertEqual(self.archive.done("export", "--capture", "old", "--count"), "7\n")
        self.archive.done("takedown", "old", "mark")
        self.assertEqual(len(self.archive.done("search", "owls").splitlines()), 6)
        self.assertEqual(self.archive.done("export", "--capture", "old", "--count"), "6\n")
        self.assertEqual(len(self.archive.messages()), 9)
        said = self.archive.done("takedown", "old", "remove")
        self.assertIn("1 posts taken out of the archive", said)
        self.assertNotIn('"post 2 ', gzip.open(self.archive.files()[0]).read().decode())
        self.assertEqual(len(self.archive.messages()), 8)
        self.assertIn("0 faults", self.archive.done("verify"))
        self.assertEqual(self.archive.sidecar()["posts_removed"], 1)
        with open(f"{self.archive.home}/archive/old/removals.jsonl", encoding="utf-8") as file:
            proof = json.loads(file.read())
        gone = json.dumps(list(self.tweets())[1])
        self.assertEqual((proof["id"], proof["sha256_of_message"]), ("2", hashlib.sha256(gone.encode()).hexdigest()))
        self.assertIn("0 posts taken out", self.archive.done("takedown", "old", "remove"))

    def test_a_bag_is_verified_from_its_manifests(self):
        self.archive.replay("old", self.tweets(), dialect="twitter")
        bag = f"{self.archive.folder}/bag"
        self.archive.done("bag", "old", bag)
        self.assertIn("0 faults", self.archive.done("verify", "--bag", bag))
        listed = subprocess.run(["sha256sum", "--check", "--quiet", "manifest-sha256.txt"], cwd=bag, capture_output=True)
        self.assertEqual(listed.returncode, 0, listed.stdout)

    def test_people_are_known_by_ids_with_what_they_were_called(self):
        names = {"7": ["ann", False]}

        def by_name(method, target, headers, body):
            for key, (name, locked) in names.items():
                if target.split("acct=")[1].lower() == name:
                    return 200, json.dumps({"id": key, "acct": name.capitalize(), "locked": locked}).encode(), []
            return 404, b"{}", []

        def by_id(method, target, headers, body):
            if "7" not in names:
                return 410, b"{}", []
            return 200, json.dumps({"id": "7", "acct": names["7"][0], "locked": names["7"][1]}).encode(), []

        service = self.service()
        service.answers = {"/api/v1/accounts/lookup": by_name, "/api/v1/accounts/7": by_id}
        url = f"http://127.0.0.1:{service.port}"
        refused = self.archive.command("account", "add", "mastodon", "--url", url, "@ann", "nobody")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("nobody\tnot added: 'nobody': there is no such account", refused.stdout.decode())
        self.assertEqual(self.archive.done("account", "list"), "mastodon\tAnn\t7\tactive\n")
        self.archive.done("set", "add", "Friends", "--notes", "of ours")
        self.archive.done("set", "join", "friends", "mastodon", "ANN")
        names["7"] = ["anna", True]
        self.assertIn("1 accounts checked, 1 changed", self.archive.done("account", "refresh", "mastodon", "--url", url))
        names.clear()
        self.archive.done("account", "refresh", "mastodon", "--url", url)
        self.assertEqual(self.archive.done("set", "members", "Friends"), "mastodon\tanna\t7\tdeleted\n")
        history = [line.split("\t")[1:] for line in self.archive.done("account", "history", "mastodon", "7").splitlines()]
        self.assertEqual(history, [["name", "Ann"], ["state", "active"], ["state", "protected"]])

    def test_lares_runs_what_is_active_also_when_it_was_edited_while_the_daemon_was_down(self):
        service = self.service(rate=500)
        house = House("")
        self.addCleanup(house.clean)
        keep = lambda: self.archive.command("--lares", f"unix://{house.socket}", "keep", "--once")
        self.numbered(service, active="yes")
        self.assertEqual(keep().returncode, 1)  # nobody listens; what is wanted is kept
        house.up()
        self.assertEqual(keep().returncode, 0)
        state = lambda: {each["name"]: each["statename"] for each in house.rpc.supervisor.getAllProcessInfo()}
        until(lambda: state().get("capture-s") == "RUNNING")
        until(lambda: self.archive.open_bytes() > 500)
        first = house.rpc.supervisor.getProcessInfo("capture-s")["pid"]
        self.assertEqual(keep().returncode, 0)
        self.assertEqual(house.rpc.supervisor.getProcessInfo("capture-s")["pid"], first)
        self.archive.define(words="message")
        self.assertEqual(keep().returncode, 0)
        until(lambda: house.rpc.supervisor.getProcessInfo("capture-s")["pid"] not in (0, first))
        self.archive.define(active="no")
        self.assertEqual(keep().returncode, 0)
        self.assertNotIn("capture-s", state())
        numbers = self.archive.numbers()
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))


if __name__ == "__main__":
    unittest.main()
