"""lares-capture's timelines against stand-ins: every post once, whatever stops a round, and what is missing is told."""

import json
import os
import signal
import subprocess
import unittest

from capture_timelines import Timelines
from harness import House, until
from test_capture import CAPTURE, Archive

SERVICES = {"mastodon-timelines": "7", "x-timelines": "7", "bluesky-timelines": "did:plc:ann"}


class TimelineTest(unittest.TestCase):
    def setUp(self):
        self.archive = Archive()
        self.addCleanup(self.archive.close)
        self.service = Timelines()
        self.addCleanup(self.service.close)

    def define(self, service="mastodon-timelines", **options):
        self.account = SERVICES[service]
        self.archive.define(service=service, url=self.service.url, active="yes", **{"people": self.account, **options})

    def run_round(self, *arguments):
        return self.archive.done("timelines", "run", "s", *arguments)

    def numbers(self):
        out = []
        for message in self.archive.messages():
            if "post" in message:
                out.append(int(message["post"]["uri"].rsplit("/", 1)[1]))
            else:
                out.append(int(message.get("data", message)["id"]))
        return out

    def start(self, *arguments):
        process = subprocess.Popen([CAPTURE, "--home", self.archive.home, "timelines", "run", "s", *arguments],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        return process

    def test_all_posts_are_had_once_and_later_only_the_new_ones(self):
        for service in SERVICES:
            with self.subTest(service):
                self.archive = Archive()
                self.addCleanup(self.archive.close)
                self.define(service)
                self.service.posts[self.account] = list(range(1, 36))
                self.assertIn("35 posts of 1 accounts, 0 errors", self.run_round())
                self.assertEqual(sorted(self.numbers()), list(range(1, 36)))
                self.assertIn("0 posts of 1 accounts, 0 errors", self.run_round())
                self.service.posts[self.account] += range(36, 60)
                self.assertIn("24 posts", self.run_round())
                self.assertEqual(sorted(self.numbers()), list(range(1, 60)))
                # One stretch, with nothing missing.
                self.assertEqual(len(self.archive.done("timelines", "show", "s").splitlines()), 1)
                self.assertNotIn("missing", self.archive.done("timelines", "show", "s"))
                self.assertIn("0 faults", self.archive.done("verify"))

    def test_posts_that_are_counted_and_not_shown_end_nothing(self):
        # The collector before ours took a short page for the end, and had gaps for ever.
        self.service.hidden = set(range(11, 32)) | {40, 41, 42}
        for service in SERVICES:
            with self.subTest(service):
                self.archive = Archive()
                self.addCleanup(self.archive.close)
                self.define(service)
                self.service.posts[self.account] = list(range(1, 51))
                self.run_round()
                self.assertEqual(set(self.numbers()), set(range(1, 51)) - self.service.hidden)

    def test_a_round_that_was_killed_goes_on_where_it_was(self):
        for service in SERVICES:
            with self.subTest(service):
                self.archive = Archive()
                self.addCleanup(self.archive.close)
                self.define(service)
                self.service.posts[self.account] = list(range(1, 101))
                self.service.requests.clear()
                self.service.hold_after = 4
                process = self.start()
                self.addCleanup(process.kill)
                until(lambda: len(self.service.requests) > 4)
                process.send_signal(signal.SIGKILL)
                process.wait(20)
                self.service.hold_after = None
                # What came meanwhile is had first, then the rest of what was begun.
                self.service.posts[self.account] += range(101, 121)
                self.archive.done("verify", "s", "--repair")
                self.assertIn("missing yet: down to the beginning", self.archive.done("timelines", "show", "s"))
                self.run_round()
                self.assertEqual(sorted(self.numbers()), list(range(1, 121)))
                self.assertEqual(len(self.archive.done("timelines", "show", "s").splitlines()), 1)
                self.assertIn("its process died", self.archive.done("timelines", "jobs", "s"))

    def test_rounds_of_one_credential_share_what_the_service_allows(self):
        self.archive.done("credential", "set", "c", "x", stdin=b"token\n")
        self.service.allow(6, 1.5)
        rounds = []
        for name in "abc":
            self.archive.define(name, service="x-timelines", url=self.service.url, credential="c", people=f"1{name}")
            self.service.posts[f"1{name}"] = list(range(1, 61))
        for name in "abc":
            rounds.append(subprocess.Popen([CAPTURE, "--home", self.archive.home, "timelines", "run", name],
                                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL))
        for each in rounds:
            out, _ = each.communicate(timeout=60)
            self.assertEqual((each.returncode, out.decode().split(" accounts")[0]), (0, "60 posts of 1"))
        # The first calls cannot know how many are left; after them nobody asks in vain.
        self.assertLessEqual(self.service.overdrawn, 2)

    def test_trouble_is_waited_out_and_a_refused_credential_stops_the_round(self):
        self.define()
        self.service.posts["7"] = list(range(1, 30))
        self.service.faults = [(0, {}), (429, {"Retry-After": "1"}), (0, {})]
        self.assertIn("29 posts of 1 accounts, 0 errors", self.run_round())
        self.service.faults = [(401, {})]
        refused = self.archive.command("timelines", "run", "s")
        self.assertEqual(refused.returncode, 1)
        self.assertIn(b"the credential is refused", refused.stderr)
        self.assertIn("the credential is refused", self.archive.done("timelines", "jobs"))

    def test_an_account_that_is_gone_is_noted_once_and_asked_no_more(self):
        self.define("x-timelines", people="7,8")
        self.service.posts = {"7": list(range(1, 5)), "8": list(range(1, 5))}
        self.service.gone["7"] = "suspended"
        self.assertIn("4 posts of 2 accounts, 1 errors", self.run_round())
        self.assertIn("7: the account is suspended", self.archive.done("timelines", "jobs", "s"))
        self.assertIn("x\t\t7\tsuspended", self.archive.done("account", "list"))
        self.service.requests.clear()
        self.assertIn("0 posts of 1 accounts, 0 errors", self.run_round())
        self.assertTrue(all("/8/" in path for path, _ in self.service.requests))

    def test_what_a_service_no_longer_gives_is_a_gap_with_its_reason(self):
        self.service.page = 800
        self.define("x-timelines")
        self.service.posts["7"] = list(range(1, 3201))
        self.run_round()
        self.assertIn("gap below: the service gives the newest 3200 posts alone", self.archive.done("timelines", "show", "s"))
        self.archive.define("b", service="bluesky-timelines", url=self.service.url, people="did:plc:old", back="30")
        self.service.posts["did:plc:old"] = [1, 2, 3]
        self.archive.done("timelines", "run", "b")
        self.assertEqual(self.archive.done("timelines", "show", "b"), "")

    def test_two_rounds_of_one_capture_do_not_run_at_once(self):
        self.define()
        self.service.posts["7"] = [1]
        self.service.allow(0, 600)
        process = self.start()
        until(lambda: "ask again" in process.stderr.readline().decode())
        second = self.archive.command("timelines", "run", "s")
        self.assertEqual(second.returncode, 1)
        self.assertIn(b"is running or mended already", second.stderr)
        process.terminate()
        self.assertEqual(process.wait(20), 1)
        self.assertIn("told to stop", self.archive.done("timelines", "jobs", "s"))

    def test_a_timeline_is_a_task_of_lares_with_sets_of_accounts(self):
        self.archive.done("set", "add", "birds")
        self.archive.done("account", "add", "mastodon", "--url", self.service.url, "@ann")
        self.archive.done("set", "join", "birds", "mastodon", "ann")
        self.define(people="", set="birds")
        self.archive.define("off", service="mastodon-timelines", url=self.service.url, people="7")
        self.service.posts["7"] = list(range(1, 6))
        text = self.archive.done("timelines", "tasks", "--schedule", "0 3 1 1 *")
        self.assertEqual(text.count("[task:"), 1)
        house = House(text)
        self.addCleanup(house.clean)
        house.up()
        house.rpc.lares.run("capture-s", "", {})
        until(lambda: "5 posts" in self.archive.done("timelines", "jobs", "s"))
        refused = self.archive.command("stream", "s")
        self.assertIn(b"has timelines, no stream", refused.stderr)

    def test_definitions_of_timelines_are_judged(self):
        for options, words in (({"words": "owl"}, "timelines are taken whole"), ({"people": ""}, "needs people or a set"),
                               ({"form": "sse"}, "timelines have their own"), ({"back": "0"}, "a whole number, 1 to 36500"),
                               ({"url": ""}, "needs a url")):
            settings = {"service": "mastodon-timelines", "url": "https://m.example", "people": "7", **options}
            refused = self.archive.command("filter", "set", "t", *(f"{k}={v}" for k, v in settings.items()))
            self.assertEqual(refused.returncode, 1, options)
            self.assertIn(words, refused.stderr.decode())
        self.assertIn(b"for timelines alone", self.archive.command("filter", "set", "t", "service=jetstream", "set=x").stderr)


if __name__ == "__main__":
    unittest.main()
