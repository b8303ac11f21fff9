"""Budgets: channels and programs spend them, a hard stop holds what does not fit, and kill -9 forgets nothing."""

import http.server
import json
import os
import threading
import unittest
import urllib.parse

from harness import HouseTest, until


class Gateway(http.server.BaseHTTPRequestHandler):
    """An SMS gateway that remembers what it sent."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        text = form.get("text", [""])[0]
        status = self.server.refuse(text)
        if status == 200:
            self.server.sent.append(text)
        body = json.dumps({"good": status == 200}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


CHANNEL = """[channel:phone]
type = sms
gateway = generic
url = http://127.0.0.1:PORT/send
to = +491701234567
budget = sms
retry_backoff = 200ms..400ms
"""
BUDGET = """[budget:sms]
limit = 1 EUR/month
prices = sms = 0.25
thresholds = 50%, 100%
"""


class Budgets(HouseTest):
    def gateway(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
        server.daemon_threads = True
        server.sent = []
        server.refuse = lambda text: 200
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def house_of(self, gateway, budget=BUDGET, more=""):
        house = self.house(CHANNEL.replace("PORT", str(gateway.server_port)) + budget + more)
        house.up()
        house.rpc.lares.tasks()
        return house

    def say(self, house, text, **more):
        return house.rpc.lares.notify("phone", {"text": text, **more})["deliveries"][0]

    def state(self, house, delivery):
        return house.rpc.lares.delivery(delivery)["state"]

    def restart_hard(self, house):
        house.kill_daemon()
        house.rpc.lares.tasks()

    def test_what_does_not_fit_waits_says_so_and_goes_out_in_order_when_more_is_given(self):
        gateway = self.gateway()
        house = self.house_of(gateway)
        numbers = [self.say(house, f"n{i}") for i in range(6)]
        until(lambda: len(gateway.sent) == 4)
        until(lambda: house.rpc.lares.budget("sms")["spent"] == "1.00 EUR")
        until(lambda: "budget 'sms'" in house.rpc.lares.delivery(numbers[4])["why"])
        self.assertIn("do not fit before", house.lares("outbox", "show", str(numbers[4]), check=True)[1])
        self.assertIn("budget 'sms'", house.lares("why", f"delivery/{numbers[4]}")[1]
                      + house.rpc.lares.channels()[0]["held_by"])
        self.restart_hard(house)
        until(lambda: "budget 'sms'" in house.rpc.lares.delivery(numbers[4])["why"])
        self.assertEqual(len(gateway.sent), 4)
        house.lares("budget", "reset", "sms", "--reason", "the fair", check=True)
        until(lambda: len(gateway.sent) == 6)
        self.assertEqual(gateway.sent, [f"n{i}" for i in range(6)])
        until(lambda: house.rpc.lares.budget("sms")["spent"] == "0.50 EUR")
        reset = house.rpc.lares.events({"kind": "budget.set"})["events"][0]
        self.assertIn("the fair", reset["words"])
        self.assertNotEqual(reset["who"], "")

    def test_an_sms_of_three_parts_costs_three_and_one_that_is_refused_nothing(self):
        gateway = self.gateway()
        house = self.house_of(gateway)
        gateway.refuse = lambda text: 400 if text == "bad" else 200
        bad = self.say(house, "bad")
        until(lambda: self.state(house, bad) == "failed")
        self.assertEqual(house.rpc.lares.budget("sms")["spent"], "0.00 EUR")
        self.assertEqual(house.rpc.lares.budget("sms")["reserved"], "0.00 EUR")
        long = self.say(house, "x" * 400)
        until(lambda: self.state(house, long) == "sent")
        until(lambda: house.rpc.lares.budget("sms")["spent"] == "0.75 EUR")
        # Half of it is left for one part, not for two.
        until(lambda: "budget" in house.rpc.lares.delivery(self.say(house, "y" * 200))["why"])

    def test_a_threshold_is_told_once_and_beyond_a_soft_limit_messages_go_on(self):
        gateway = self.gateway()
        ops = """[channel:ops]
type = command
command = /bin/sh -c 'cat >>%(here)s/told; echo "{{title}}" >>%(here)s/told'
[lares]
group_wait = 100ms
group_interval = 200ms
"""
        house = self.house_of(gateway, BUDGET + "hard = no\nnotify = ops: budget\n", ops)
        for i in range(6):
            self.say(house, f"n{i}")
        until(lambda: len(gateway.sent) == 6)
        until(lambda: os.path.exists(house.path("told")) and "% reached" in house.read("told"))
        kinds = [event["words"] for event in house.rpc.lares.events({"kind": "budget.threshold"})["events"]]
        self.assertEqual(len(kinds), 2, kinds)
        self.assertEqual(house.rpc.lares.budget("sms")["spent"], "1.50 EUR")

    def test_a_daemon_killed_while_messages_flow_counts_each_once(self):
        gateway = self.gateway()
        house = self.house_of(gateway, BUDGET.replace("1 EUR", "100 EUR"))
        for i in range(100):
            self.say(house, f"n{i}")
            if i % 20 == 10:
                self.restart_hard(house)
        ended = lambda: [row["state"] for row in house.rpc.lares.outbox({"state": "ended", "limit": 200})["deliveries"]]
        until(lambda: len(ended()) == 100, limit=60)
        self.assertEqual(set(ended()) - {"sent", "unsure"}, set())
        self.assertEqual(sorted(gateway.sent), sorted(set(gateway.sent)))
        budget = house.rpc.lares.budget("sms")
        self.assertEqual(budget["reserved"], "0.00 EUR")
        self.assertEqual(budget["spent"], "25.00 EUR")
        self.assertEqual(budget["count"], 100)

    def test_programs_reserve_spend_and_give_back_and_a_kill_forgets_nothing(self):
        house = self.house("[budget:posts]\nlimit = 10/day\nprices = post = 2\n")
        house.up()
        house.rpc.lares.tasks()
        self.assertEqual(house.rpc.lares.budget("posts")["period"], "day")  # also before it is used
        house.lares("budget", "reserve", "posts", "a", "3", "post", check=True)
        self.restart_hard(house)
        self.assertEqual(house.rpc.lares.budget("posts")["reserved"], "6")
        status, words = house.lares("budget", "reserve", "posts", "b", "5")
        self.assertEqual(status, 1)
        self.assertIn("do not fit", words)
        # The same name again is the same reservation.
        house.lares("budget", "reserve", "posts", "a", "4", check=True)
        house.lares("budget", "reserve", "posts", "b", "5", check=True)
        house.lares("budget", "commit", "posts", "a", "3", check=True)
        house.lares("budget", "release", "posts", "b", check=True)
        self.restart_hard(house)
        budget = house.rpc.lares.budget("posts")
        self.assertEqual((budget["spent"], budget["reserved"], budget["left"]), ("3", "0", "7"))
        self.assertEqual(house.lares("budget", "commit", "posts", "a")[0], 1)  # it is over
        self.assertEqual(house.rpc.lares.budget("posts")["spent"], "3")
        house.lares("budget", "block", "posts", "--reason", "stop", check=True)
        self.assertIn("stop", house.lares("budget", "reserve", "posts", "c", "1")[1])
        house.lares("budget", "unblock", "posts", check=True)
        house.lares("budget", "set", "posts", "9", check=True)
        self.assertIn("9 ", house.lares("budget", check=True)[1])
        used = house.rpc.lares.events({"kind": "budget.used"})["events"]
        self.assertEqual(len(used), 5)
        self.assertTrue(all(event["who"] for event in used))


if __name__ == "__main__":
    unittest.main()
