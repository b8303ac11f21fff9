"""Messages that reach a person: real mails through a server of the test's own, which can be stopped."""

import email
import email.policy
import glob
import os
import re
import signal
import socketserver
import threading
import time
import unittest
import urllib.request

from harness import HouseTest, UnixTransport, until


class Mailbox(socketserver.StreamRequestHandler):
    """SMTP as far as a sender needs it; what it has taken is in server.mails."""

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("220 mailbox.example ESMTP")
        while line := self.rfile.readline():
            verb = line.split(None, 1)[0].upper() if line.strip() else b""
            if verb == b"EHLO":
                self.say("250-mailbox.example")
                self.say("250 8BITMIME")
            elif verb == b"DATA":
                self.say("354 go on")
                lines = []
                while (text := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(text[1:] if text.startswith(b"..") else text)
                mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
                refusal = self.server.refuse(mail)
                if not refusal:
                    self.server.mails.append(mail)
                self.say(refusal or "250 2.0.0 taken")
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 2.0.0 ok")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Mailbox)
        self.mails = []
        self.refuse = lambda mail: None
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    @property
    def port(self):
        return self.server_address[1]

    def close(self):
        self.shutdown()
        self.server_close()


CHANNEL = """[channel:ops]
type = mail
url = smtp://127.0.0.1:PORT
from = Lares <lares@example.org>
to = anna@example.org
retry_backoff = 200ms..400ms
"""
LARES = """[lares]
notify = ops: failure, fatal, late, recovery, missed
group_wait = 300ms
group_interval = 1s
"""


def body(mail):
    part = mail.get_body(("plain",))
    return part.get_content()


class Messages(HouseTest):
    def server(self, port=0):
        server = Server(port)
        self.addCleanup(server.close)
        return server

    def house_of(self, server, sections="", lares=LARES, channel=CHANNEL):
        house = self.house(lares + channel.replace("PORT", str(server.port)) + sections.replace("@", "%(here)s"))
        house.up()
        house.rpc.lares.tasks()  # answered once the database is open
        return house

    def run_task(self, house, task):
        job = house.rpc.lares.run(task, {}, {"wait": True})["job"]
        return job if isinstance(job, int) else job["job"]

    def test_a_failure_reaches_the_mailbox_with_its_last_lines_and_a_success_ends_it(self):
        server = self.server()
        house = self.house_of(server, "[task:report]\ncommand = /bin/sh -c 'echo all went wrong; test -e @/good'\n")
        self.run_task(house, "report")
        until(lambda: len(server.mails) == 1)
        mail = server.mails[0]
        self.assertEqual(mail["To"], "anna@example.org")
        self.assertIn("task 'report' failed", mail["Subject"])
        self.assertIn("all went wrong", body(mail))
        alert = house.rpc.lares.alerts({"state": "open"})["alerts"][0]
        self.assertEqual(alert["subject"], "task/report")
        self.assertIn(f"lares alerts ack {alert['alert']}", body(mail))
        open(house.path("good"), "w").close()
        self.run_task(house, "report")
        until(lambda: len(server.mails) == 2)
        self.assertIn("well again", server.mails[1]["Subject"])
        # One conversation for the reader's program.
        self.assertEqual(server.mails[0]["References"], server.mails[1]["References"])
        self.assertEqual(house.rpc.lares.alerts({"state": "open"})["alerts"], [])
        ended = house.rpc.lares.alerts({"alert": alert["alert"]})["alerts"][0]
        self.assertEqual(ended["state"], "resolved")
        story = house.lares("trace", str(alert["members"][0]["event"]), check=True)[1]
        self.assertIn("ops is told", story)
        self.assertIn("sent: 250 2.0.0 taken", story)

    def test_a_thousand_failures_of_one_cause_are_one_message(self):
        server = self.server()
        house = self.house_of(server, "[task:many]\ncommand = /bin/false\ncircuit = 0\nworkers = 4\n",
                              lares=LARES.replace("300ms", "2s"))
        house.rpc.lares.put_batch("\n".join('{"task":"many"}' for _ in range(1000)))
        until(lambda: len(house.rpc.lares.jobs({"state": "dead", "limit": 1000})["jobs"]) == 1000, limit=120)
        until(lambda: server.mails)
        until(lambda: not house.rpc.lares.outbox({"state": "live"})["deliveries"])
        self.assertLessEqual(len(server.mails), 2, [mail["Subject"] for mail in server.mails])
        self.assertIn("task 'many' failed", server.mails[0]["Subject"])

    def test_while_the_server_is_down_and_the_daemon_is_killed_every_message_is_kept_and_comes_once(self):
        server = self.server()
        port = server.port
        house = self.house_of(server)
        server.close()
        for number in range(10):
            for half in "ab":
                house.rpc.lares.notify("ops", {"title": f"message {number}{half}", "thread": "one",
                                               "text": "x", "key": f"{number}{half}"})
            house.kill_daemon()
            house.rpc.lares.tasks()
        self.assertEqual(len(house.rpc.lares.outbox({"state": "live"})["deliveries"]), 20)
        again = self.server(port)
        until(lambda: len(again.mails) == 20, limit=60)
        until(lambda: not house.rpc.lares.outbox({"state": "live"})["deliveries"])
        self.assertEqual([mail["Subject"] for mail in again.mails],
                         [f"message {number}{half}" for number in range(10) for half in "ab"])
        self.assertEqual(len(house.rpc.lares.outbox({"state": "sent"})["deliveries"]), 20)

    def test_daemon_and_sender_are_killed_while_mails_flow_and_none_is_lost_or_doubled_by_the_daemon(self):
        server = self.server()
        house = self.house_of(server)
        for number in range(200):
            house.rpc.lares.notify("ops", {"title": f"n{number}", "text": "x"})
            if number % 40 == 20:
                house.kill_daemon()
                house.rpc.lares.tasks()
        until(lambda: len(house.rpc.lares.outbox({"state": "sent", "limit": 1000})["deliveries"]) == 200, limit=60)
        subjects = [mail["Subject"] for mail in server.mails]
        self.assertEqual(sorted(set(subjects)), sorted(f"n{number}" for number in range(200)))
        self.assertEqual(len(subjects), 200)

    def test_a_key_is_told_once_for_good(self):
        server = self.server()
        house = self.house_of(server)
        first = house.rpc.lares.notify("ops", {"title": "once", "key": "k"})["deliveries"]
        self.assertEqual(house.rpc.lares.notify("ops", {"title": "once", "key": "k"})["deliveries"], first)
        until(lambda: len(server.mails) == 1)
        house.down()
        house.up()
        house.rpc.lares.tasks()
        self.assertEqual(house.rpc.lares.notify("ops", {"title": "once", "key": "k"})["deliveries"], first)
        self.assertEqual(len(server.mails), 1)

    def test_a_refused_message_has_failed_and_can_be_tried_again_and_one_that_waits_taken_back(self):
        server = self.server()
        house = self.house_of(server, lares="")
        server.refuse = lambda mail: "550 5.7.1 not this one"
        number = house.rpc.lares.notify("ops", {"title": "hello"})["deliveries"][0]
        until(lambda: house.rpc.lares.delivery(number)["state"] == "failed")
        self.assertIn("550 5.7.1 not this one", house.rpc.lares.delivery(number)["words"])
        server.refuse = lambda mail: "451 4.7.1 later" if mail["Subject"] == "wait" else None
        house.lares("outbox", "retry", str(number), check=True)
        until(lambda: house.rpc.lares.delivery(number)["state"] == "sent")
        waiting = house.rpc.lares.notify("ops", {"title": "wait"})["deliveries"][0]
        until(lambda: "451" in house.rpc.lares.delivery(waiting)["words"])
        self.assertIn("451", house.lares("outbox", check=True)[1])
        until(lambda: house.lares("outbox", "drop", str(waiting))[0] == 0)
        self.assertEqual(house.rpc.lares.delivery(waiting)["state"], "dropped")
        self.assertEqual([mail["Subject"] for mail in server.mails], ["hello"])

    def test_files_go_along_and_leave_nothing_behind(self):
        server = self.server()
        house = self.house_of(server)
        with open(house.path("a.bin"), "wb") as file:
            file.write(bytes(range(256)) * 60_000)  # 15 MB
        status, words = house.lares("notify", "ops", "--title", "Bericht für Jürgen", "--text", "Grüße\n",
                                    "--attach", house.path("a.bin"), "--wait")
        self.assertEqual(status, 0, words)
        mail = server.mails[0]
        self.assertEqual(mail["Subject"], "Bericht für Jürgen")
        self.assertEqual(body(mail).strip(), "Grüße")
        attached = list(mail.iter_attachments())
        self.assertEqual(attached[0].get_content(), bytes(range(256)) * 60_000)
        with open(house.path("b.bin"), "wb") as file:
            file.truncate(21 << 20)
        status, words = house.lares("notify", "ops", "--title", "too much", "--attach", house.path("b.bin"))
        self.assertNotEqual(status, 0)
        self.assertIn("at most 20 files of 20 MB together", words)
        until(lambda: not glob.glob(house.path("state/*/attachments/*")))

    def test_acknowledging_stops_the_ladder_and_so_does_the_link_of_the_mail(self):
        server = self.server()
        ladder = LARES.replace("notify = ops: ", "notify = ops then 1s second: ").replace(
            "[lares]\n", "[lares]\npage_url = http://lares.example\n")
        second = CHANNEL.replace("channel:ops", "channel:second").replace("anna", "berta")
        house = self.house_of(server, "[task:one]\ncommand = /bin/false\n[task:two]\ncommand = /bin/false\n",
                              lares=ladder, channel=CHANNEL + second)
        self.run_task(house, "one")
        until(lambda: len(server.mails) == 2)
        self.assertEqual([mail["To"] for mail in server.mails], ["anna@example.org", "berta@example.org"])
        self.assertIn("nobody has answered", server.mails[1]["Subject"])
        self.run_task(house, "two")
        until(lambda: len(server.mails) == 3)
        link = re.search(r"http://lares.example(/ack/\S+)", body(server.mails[2])).group(1)
        transport = UnixTransport(house.socket)
        for method, words in (("GET", "I have it in hand"), ("POST", "It is noted")):
            connection = transport.make_connection("localhost")
            connection.request(method, link)
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200)
            self.assertIn(words, answer.read().decode())
            connection.close()
        time.sleep(1.5)  # longer than the ladder's step: nothing may come
        self.assertEqual(len(server.mails), 3)
        states = {alert["subject"]: alert["state"] for alert in house.rpc.lares.alerts({"state": "open"})["alerts"]}
        self.assertEqual(states["task/two"], "acknowledged")

    def test_what_needs_a_broken_program_is_told_in_the_message_about_it(self):
        server = self.server()
        house = self.house_of(server, "[program:db]\ncommand = /bin/false\nstartretries = 0\n"
                              "[program:web]\ncommand = /bin/false\nstartretries = 0\ndepends_on = db\nautostart = no\n"
                              "[task:load]\ncommand = /bin/false\nneeds = db\n", lares=LARES.replace("300ms", "1500ms"))
        until(lambda: house.state("db") == "FATAL")
        house.rpc.supervisor.getState()
        until(lambda: len(server.mails) == 1)
        self.assertIn("program 'db' is FATAL", server.mails[0]["Subject"])

    def test_a_maintenance_keeps_people_from_being_told_and_tells_what_is_left_after_it(self):
        server = self.server()
        house = self.house_of(server, "[program:flaky]\ncommand = /bin/false\nstartretries = 0\nautostart = no\n")
        house.rpc.lares.maintenance_begin("1h", [], "new disks")
        try:
            house.rpc.supervisor.startProcess("flaky")
        except Exception:  # it is FATAL, as it should be
            pass
        until(lambda: house.rpc.lares.alerts({"state": "open"})["alerts"])
        time.sleep(1)  # longer than group_wait: nothing may come
        self.assertEqual(server.mails, [])
        house.rpc.lares.maintenance_end()
        until(lambda: len(server.mails) == 1)

    def test_the_heartbeat_is_asked_for_while_all_is_well(self):
        beats = []

        class Web(socketserver.StreamRequestHandler):
            def handle(self):
                beats.append(self.rfile.readline())
                while self.rfile.readline().strip():
                    pass
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

        web = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Web)
        web.daemon_threads = True
        threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.addCleanup(web.server_close)
        self.addCleanup(web.shutdown)
        url = f"http://127.0.0.1:{web.server_address[1]}/ping/x"
        house = self.house(f"[lares]\nheartbeat_url = {url}\nheartbeat_every = 10s\n")
        house.up()
        until(lambda: beats)
        self.assertEqual(beats[0], b"GET /ping/x HTTP/1.1\r\n")

    def test_a_channel_that_stalls_delays_no_restart_and_no_other_channel(self):
        server = self.server()
        stalled = self.server()
        stalled.refuse = lambda mail: time.sleep(30)
        second = CHANNEL.replace("channel:ops", "channel:slow").replace("PORT", str(stalled.port))
        house = self.house_of(server, "[program:cat]\ncommand = /bin/cat\n", channel=CHANNEL + second)
        for _ in range(5):
            house.rpc.lares.notify("slow", {"title": "x"})
        until(lambda: house.rpc.lares.outbox({"channel": "slow", "state": "sending"})["deliveries"])
        house.until_state("cat", "RUNNING")
        begin = time.monotonic()
        house.rpc.lares.notify("ops", {"title": "y"})
        until(lambda: server.mails)
        pid = house.pid("cat")
        os.kill(pid, signal.SIGKILL)
        until(lambda: house.pid("cat") not in (0, pid))
        self.assertLess(time.monotonic() - begin, 5)


if __name__ == "__main__":
    unittest.main()
