"""The real lares-capture against stand-ins of its services: what they send is in the archive, once, or in a gap."""

import glob
import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

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

    def numbers(self):
        return [message["seq"] for message in self.messages()]

    def open_bytes(self):
        return sum(os.path.getsize(path) for path in glob.glob(f"{self.home}/archive/*/.open/*"))

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
                side = json.load(open(archive.files("*.json")[0], encoding="utf-8"))
                self.assertEqual((side["messages"], side["first"]["id"]), (len(numbers), str(numbers[0])))

    def test_a_stream_with_cursors_loses_nothing_and_doubles_nothing_when_the_line_breaks(self):
        service = self.numbered(self.service(rate=2000))
        self.archive.start()
        for _ in range(4):
            size = self.archive.open_bytes()
            until(lambda: self.archive.open_bytes() > size + 500)
            service.cut()
        size = self.archive.open_bytes()
        until(lambda: self.archive.open_bytes() > size + 500)
        self.archive.stop()
        numbers = self.archive.numbers()
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        gaps = self.archive.gaps()
        self.assertEqual({gap["book"] for gap in gaps[:-1]}, {"covered"}, gaps)
        self.assertEqual(gaps[-1]["reason"], "stopped")

    def test_without_cursors_each_gap_is_recorded_with_its_bounds(self):
        service = self.numbered(self.service(cursors=False, rate=2000))
        self.archive.start()
        for _ in range(3):
            size = self.archive.open_bytes()
            until(lambda: self.archive.open_bytes() > size + 500)
            service.cut()
        size = self.archive.open_bytes()
        until(lambda: self.archive.open_bytes() > size + 500)
        self.archive.stop()
        numbers = self.archive.numbers()
        self.check_gaps(numbers)
        side = json.load(open(self.archive.files("*.json")[0], encoding="utf-8"))
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
        size = self.archive.open_bytes()
        until(lambda: self.archive.open_bytes() > size + 500)
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
        packed = subprocess.run(["gzip", "-dc"], stdin=open(part, "rb"), capture_output=True)
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


if __name__ == "__main__":
    unittest.main()
