"""Tables of cron that stay where they are, and who gets what their commands say: MAILTO through a server of the test's own."""

import os
import socket
import sqlite3
import unittest
from urllib.parse import quote

from harness import HouseTest, until
from test_messages import CHANNEL, Server, body

TABLE = """MAILTO="web@example.org, Second <second@example.org>"
0 0 1 1 * echo hello; echo oops >&2
0 0 1 1 * true
MAILTO=""
0 0 1 1 * echo nobody hears it
"""


class MailTo(HouseTest):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)

    def house_of(self, table, crontab="mail_channel = ops\n", sections="", channel=True):
        lines = CHANNEL.replace("PORT", str(self.server.port)) if channel else ""
        house = self.house(f"[crontab]\nfiles = %(here)s/tab\n{crontab}{lines}{sections}")
        with open(house.path("tab"), "w", encoding="utf-8") as file:
            file.write(table)
        house.up()
        house.rpc.lares.tasks()  # answered once the database is open
        return house

    @staticmethod
    def task_of(house, words):
        return next(task["task"] for task in house.rpc.lares.tasks() if words in task["task"])

    @staticmethod
    def run_task(house, task):
        job = house.rpc.lares.run(task, {}, {"wait": True})["job"]
        return job if isinstance(job, int) else job["job"]

    @staticmethod
    def database(house):
        return next(os.path.join(place, "lares.db") for place, _, names in os.walk(house.folder) if "lares.db" in names)

    def marks(self, house):
        with sqlite3.connect(f"file:{quote(self.database(house))}?mode=ro", uri=True) as database:
            return database.execute("select name from marks where name like 'mail/%'").fetchall()

    def test_output_is_mailed_to_whom_mailto_names_and_silence_and_an_empty_mailto_are_not(self):
        house = self.house_of(TABLE)
        names = [task["task"] for task in house.rpc.lares.tasks()]
        self.assertEqual(len(names), 3)
        for words in (".true", ".echo"):
            for name in names:
                if words in name:
                    self.run_task(house, name)
        until(lambda: self.server.mails)
        until(lambda: not self.marks(house))
        until(lambda: not house.rpc.lares.outbox({"state": "live"})["deliveries"])
        self.assertEqual(len(self.server.mails), 1)
        mail = self.server.mails[0]
        host = socket.gethostname().split(".")[0]
        user = "root" if os.geteuid() == 0 else None
        self.assertRegex(mail["Subject"], rf"^Cron <{user or '[^@]+'}@{host}> echo hello; echo oops >&2$")
        self.assertEqual(mail["To"], "web@example.org, Second <second@example.org>")
        self.assertEqual(body(mail).replace("\r\n", "\n"), "hello\noops\n")
        story = house.lares("trace", str(house.rpc.lares.outbox({})["deliveries"][0]["cause"]), check=True)[1]
        self.assertIn("sent: 250 2.0.0 taken", story)

    def test_without_mailto_the_channels_own_recipients_are_told_and_a_failing_run_as_well(self):
        house = self.house_of("0 0 1 1 * echo it went wrong; exit 3\n")
        self.run_task(house, self.task_of(house, "echo"))
        until(lambda: self.server.mails)
        self.assertEqual(self.server.mails[0]["To"], "anna@example.org")
        self.assertEqual(body(self.server.mails[0]).strip(), "it went wrong")

    def test_what_a_daemon_could_not_mail_any_more_its_successor_mails_once(self):
        house = self.house_of("MAILTO=\"\"\n0 0 1 1 * echo left over\n")
        job = self.run_task(house, self.task_of(house, "echo"))
        run = house.rpc.lares.runs({"job": job})["runs"][0]
        house.down()
        record = f"run={run['run']}\nlog={run['log']}\nchannel=ops\nto=late@example.org\ntitle=Cron <x@y> z\n"
        for _ in range(2):  # the second time it is there already
            with sqlite3.connect(self.database(house)) as database:
                database.execute("insert into marks values (?, ?)", (f"mail/{run['run']}", record))
            house.up()
            house.rpc.lares.tasks()
            until(lambda: not self.marks(house))
            until(lambda: not house.rpc.lares.outbox({"state": "live"})["deliveries"])
            house.down()
        self.assertEqual([(mail["To"], body(mail).strip()) for mail in self.server.mails],
                         [("late@example.org", "left over")])

    def test_a_long_output_is_mailed_by_its_end_and_says_where_all_of_it_is(self):
        house = self.house_of("0 0 1 1 * seq 1 100000\n")
        job = self.run_task(house, self.task_of(house, "seq"))
        run = house.rpc.lares.runs({"job": job})["runs"][0]["run"]
        until(lambda: self.server.mails)
        lines = body(self.server.mails[0]).split()
        self.assertEqual(lines[-1], "100000")
        self.assertIn(f"lares log {run}", body(self.server.mails[0]))
        numbers = [int(line) for line in body(self.server.mails[0]).splitlines()[2:]]
        self.assertEqual(numbers, list(range(numbers[0], 100001)))
        self.assertGreater(len(numbers), 15000)

    def test_a_task_of_ones_own_is_mailed_by_its_options(self):
        house = self.house_of("", sections="[task:own]\ncommand = echo mine\nmail_channel = ops\nmail_to = me@example.org\n")
        self.run_task(house, "own")
        until(lambda: self.server.mails)
        self.assertEqual(self.server.mails[0]["To"], "me@example.org")

    def test_check_says_what_is_not_mailed_and_which_channel_cannot(self):
        house = self.house_of(TABLE, crontab="", channel=False)
        status, told = house.lares("check", house.config)
        self.assertEqual(status, 0, told)
        self.assertIn("nothing is mailed; output is kept in the log of each run", told)
        self.assertIn("mail_channel = NAME", told)
        web = "[channel:web]\ntype = webhook\nurl = https://example.org/x\n"
        house.write(f"[crontab]\nfiles = %(here)s/tab\nmail_channel = web\n{web}[task:x]\ncommand = true\nmail_channel = nobody\n")
        status, told = house.lares("check", house.config)
        self.assertNotEqual(status, 0)
        self.assertIn("[crontab] mail_channel names the channel 'web' of type webhook: output is sent by mail", told)
        self.assertIn("[task:x] mail_channel names the channel 'nobody', which is not there", told)


if __name__ == "__main__":
    unittest.main()
