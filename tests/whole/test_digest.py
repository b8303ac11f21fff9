"""What a channel gathers comes as one message, in order, once; the weekly letter likewise."""

import datetime
import glob
import random
import sqlite3
import time
import unittest

from harness import HouseTest, UnixTransport, until
from test_messages import Server, body

CHANNEL = """[channel:ops]
type = mail
url = smtp://127.0.0.1:PORT
from = Lares <lares@example.org>
to = anna@example.org
retry_backoff = 200ms..400ms
"""


class Gathered(HouseTest):
    def server(self):
        server = Server()
        self.addCleanup(server.close)
        return server

    def house_of(self, server, channel="", lares=""):
        house = self.house((f"[lares]\n{lares}" if lares else "")
                           + CHANNEL.replace("PORT", str(server.port)) + channel)
        house.up()
        house.rpc.lares.tasks()
        return house

    def restart_hard(self, house):
        house.kill_daemon()
        house.rpc.lares.tasks()

    def database(self, house, sql, *values):
        """Changes what is stored while no daemon runs: the house must be down."""
        (path,) = glob.glob(house.path("state/*/lares.db")) or glob.glob(house.path("state/*/*.db"))
        with sqlite3.connect(path) as database:
            changed = database.execute(sql, values).rowcount
        database.close()
        return changed

    def test_what_is_not_grave_comes_as_one_message_in_order_and_the_rest_at_once(self):
        server = self.server()
        far = (datetime.datetime.now() + datetime.timedelta(hours=3)).strftime("%H:%M")
        house = self.house_of(server, f"digest = daily {far}\n")
        numbers = [house.rpc.lares.notify("ops", {"title": f"note {i}", "text": f"text {i}\n", "link": f"http://x/{i}"})
                   ["deliveries"][0] for i in range(3)]
        house.rpc.lares.notify("ops", {"title": "fire", "severity": "critical"})
        until(lambda: len(server.mails) == 1)
        self.assertEqual(server.mails[0]["Subject"], "fire")
        self.restart_hard(house)
        self.assertEqual({house.rpc.lares.delivery(number)["state"] for number in numbers}, {"waiting"})
        house.down()
        self.assertEqual(self.database(house, "update deliveries set not_before = 1 where state = 'waiting'"), 3)
        house.up()
        until(lambda: len(server.mails) == 2)
        digest = server.mails[1]
        self.assertEqual(digest["Subject"], "3 messages of ops")
        places = [body(digest).index(word) for i in range(3) for word in (f"note {i}", f"text {i}", f"http://x/{i}")]
        self.assertEqual(places, sorted(places))
        self.assertEqual({house.rpc.lares.delivery(number)["state"] for number in numbers}, {"gathered"})
        self.assertIn("in digest", house.rpc.lares.delivery(numbers[0])["words"])
        time.sleep(0.5)
        self.assertEqual(len(server.mails), 2)

    def test_one_by_itself_comes_as_it_is(self):
        server = self.server()
        house = self.house_of(server, "digest = every 7d\n")
        house.rpc.lares.notify("ops", {"title": "alone"})
        house.down()
        self.database(house, "update deliveries set not_before = 1 where state = 'waiting'")
        house.up()
        until(lambda: [mail["Subject"] for mail in server.mails] == ["alone"])

    def test_a_daemon_killed_around_the_time_of_a_digest_says_everything_once(self):
        server = self.server()
        house = self.house_of(server, "digest = every 7d\n")
        chance = random.Random(5)
        titles = []
        for turn in range(4):
            for i in range(5):
                titles.append(f"m{turn}-{i}.")
                house.rpc.lares.notify("ops", {"title": titles[-1]})
            house.down()
            soon = int(time.time() * 1000) + 600
            self.database(house, "update deliveries set not_before = ? where state = 'waiting'", soon)
            house.up()
            time.sleep(chance.uniform(0.1, 0.9))
            self.restart_hard(house)
        until(lambda: not house.rpc.lares.outbox({"state": "live"})["deliveries"], limit=30)
        said = "\n".join(mail["Subject"] + "\n" + body(mail) for mail in server.mails)
        self.assertEqual([said.count(title) for title in titles], [1] * len(titles))
        self.assertEqual([said.index(title) for title in titles], sorted(said.index(title) for title in titles))

    def test_the_letter_of_a_week_that_passed_while_no_daemon_ran_is_written_once(self):
        server = self.server()
        yesterday = datetime.datetime.now() - datetime.timedelta(days=1)
        house = self.house_of(server, "[task:good]\ncommand = /bin/true\n[budget:sms]\nlimit = 5 EUR/month\n",
                              f"letter_to = ops\nletter_at = 0 0 * * {yesterday.strftime('%a')}\nlanguage = de\n")
        house.rpc.lares.run("good", {}, {"wait": True})
        house.down()
        three_days_ago = int(time.time()) - 3 * 86400
        self.assertEqual(self.database(house, "update marks set value = ? where name = 'messages/letter'",
                                       str(three_days_ago)), 1)
        house.up()
        until(lambda: len(server.mails) == 1)
        letter = server.mails[0]
        self.assertIn("die Woche vom", letter["Subject"])
        self.assertIn("Eine ruhige Woche", body(letter))
        self.assertIn("0.00 EUR of 5.00 EUR", body(letter))
        self.assertIn("<h1>", letter.get_body(("html",)).get_content())
        for _ in range(3):
            self.restart_hard(house)
        self.assertEqual(len(house.rpc.lares.outbox({"source": "letter"})["deliveries"]), 1)
        self.assertEqual(len(server.mails), 1)

    def test_the_letter_is_read_as_text_and_as_a_page_for_printing(self):
        server = self.server()
        house = self.house_of(server, "[task:bad]\ncommand = /bin/false\ncircuit = 0\n[task:good]\ncommand = /bin/true\n",
                              "notify = ops\ngroup_wait = 50ms\n")
        house.rpc.lares.run("good", {}, {"wait": True})
        house.rpc.lares.run("bad", {}, {"wait": True})
        until(lambda: server.mails)
        words = house.lares("letter", check=True)[1]
        self.assertIn("What needs you", words)
        self.assertIn("task/bad", words)
        self.assertIn("good: one run, took", words)
        self.assertIn("Was Sie braucht", house.lares("letter", "--language", "de", check=True)[1])
        self.assertIn("@media print", house.lares("letter", "--html", check=True)[1])
        connection = UnixTransport(house.socket).make_connection("localhost")
        connection.request("GET", "/letter?language=de")
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)
        self.assertIn("task/bad", answer.read().decode())
        self.assertNotIn("script", answer.getheader("Content-Security-Policy"))
        connection.close()


if __name__ == "__main__":
    unittest.main()
