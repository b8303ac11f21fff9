"""lares-deliver as the daemon drives it: real mail servers, each fault at each moment, real commands."""

import atexit
import email
import email.policy
import fcntl
import functools
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import mail_servers
from harness import LARES, PATIENCE, all_processes, until
from mail_servers import HANG_UP, STALL, Talker

DELIVER = os.path.join(os.path.dirname(LARES), "lares-deliver")


def order(number, url, message=None, attempt=1, **channel):
    given = {"name": "ops", "kind": "mail", "url": url, "from": "Lares <lares@example.org>", "to": ["anna@example.org"],
             "timeout_ms": 20_000, **channel}
    return {"id": number, "attempt": attempt, "key": f"lares-{number}-host", "channel": given,
            "message": message or {"title": "backup: failed", "text": "The disk is full.\n"}}


class Deliver:
    def __init__(self, receipts=None, environment=None):
        words = [DELIVER] + (["--receipts", receipts] if receipts else [])
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=dict(os.environ, **(environment or {})))

    def give(self, *orders):
        for each in orders:
            line = each if isinstance(each, bytes) else json.dumps(each).encode() + b"\n"
            self.process.stdin.write(line)
        self.process.stdin.flush()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"lares-deliver said nothing: {self.process.stderr.read()}")
        return json.loads(line)

    def ask(self, *orders):
        self.give(*orders)
        answers = [self.answer() for _ in orders]
        return answers[0] if len(answers) == 1 else sorted(answers, key=lambda each: each["id"])

    def end(self):
        """Its exit status, and what it said on stderr."""
        if not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass
        status = self.process.wait(PATIENCE * 2)
        if not self.process.stderr.closed:
            self.said = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        return status, self.said


@functools.cache
def certificates():
    """Made once: a key takes a while to find."""
    folder = tempfile.mkdtemp(prefix="lares-test-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return mail_servers.Certificates(folder)


def parsed(data):
    return email.message_from_bytes(data, policy=email.policy.default)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="lares-test-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def talker(self, **how):
        server = Talker(**how)
        self.addCleanup(server.close)
        return server

    def deliver(self, **how):
        made = Deliver(**how)

        def stop():
            if made.process.poll() is None:
                made.process.kill()
            made.end()
        self.addCleanup(stop)
        return made

    def certificates(self):
        return certificates()

    def write(self, name, data):
        path = f"{self.folder}/{name}"
        with open(path, "wb") as file:
            file.write(data)
        return path


class Mails(Case):
    def test_a_whole_mail_is_what_a_mail_program_reads(self):
        data = bytes(range(256)) * 50
        path = self.write("x", data)
        message = {
            "title": "Grüße aus der Druckerei: 漢字 und \U0001f600, damit die Zeile länger ist als eine Zeile sein darf",
            "text": "Hallo\n.\n..zwei\nFrom hier\n" + "lang " * 300 + "\n", "html": "<p>Grüße</p>",
            "fields": [{"label": "host", "value": "press-2"}], "link": "https://x.example/1", "details": "  line 1\n",
            "files": [{"name": "büro.bin", "path": path}], "severity": "critical", "tags": ["press"],
            "in_reply_to": "<first@example.org>", "unsubscribe": "https://x.example/u", "reply_to": "Änna <anna@x.org>"}
        server = self.talker()
        answer = self.deliver().ask(order(17, server.url, message, to=['"Berg, Anna" <anna@example.org>', "b@x.org"]))
        self.assertEqual((answer["outcome"], answer["provider"], answer["words"]),
                         ("sent", "<lares-17-host@example.org>", "250 2.0.0 taken"))
        (sender, recipients, got), = server.mails
        self.assertEqual((sender, recipients), ("lares@example.org", ["anna@example.org", "b@x.org"]))
        mail = parsed(got)
        self.assertEqual(mail["Subject"], message["title"])
        self.assertEqual([(each.display_name, each.addr_spec) for each in mail["To"].addresses],
                         [("Berg, Anna", "anna@example.org"), ("", "b@x.org")])
        self.assertEqual(mail["Reply-To"].addresses[0].display_name, "Änna")
        self.assertEqual((mail["Message-ID"], mail["In-Reply-To"], mail["References"]),
                         ("<lares-17-host@example.org>", "<first@example.org>", "<first@example.org>"))
        self.assertEqual((mail["Auto-Submitted"], mail["Importance"], mail["Keywords"]), ("auto-generated", "high", "press"))
        self.assertEqual(mail["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        self.assertAlmostEqual(mail["Date"].datetime.timestamp(), time.time(), delta=120)
        plain, html = mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()
        self.assertEqual(plain.replace("\r\n", "\n").rstrip() + "\n", message["text"] + "\nhost: press-2\n\nhttps://x.example/1\n\n  line 1\n")
        self.assertEqual(html.strip(), "<p>Grüße</p>")
        attachment, = mail.iter_attachments()
        self.assertEqual((attachment.get_filename(), attachment.get_content()), ("büro.bin", data))
        self.assertEqual(mail.defects, [])
        for line in got.split(b"\r\n"):
            self.assertLessEqual(len(line), 78)
            self.assertNotRegex(line, rb"[\r\n\x80-\xff]")

    def test_any_text_in_any_field_is_read_back_and_makes_no_header(self):
        draw = random.Random(7)
        pieces = ["\r\n", "\n", "\r", "Bcc: x@y", ":", "ü", "漢", "\U0001f600", "=?utf-8?q?x?=", '"', "\\", "<a@b>", ",",
                  " ", "  ", "\t", "\x00", "\x7f", "--=_lares", ".", "a", "https://x.example/?a=b", "\u2028", "é"]
        text = lambda most: "".join(draw.choice(pieces) for _ in range(draw.randrange(most)))
        server, deliver = self.talker(), self.deliver()
        usual = None
        for number in range(1, 301):
            message = {"title": text(40), "text": text(40), "html": "<p>" + text(9), "tags": [text(4)], "language": text(2),
                       "in_reply_to": text(5), "unsubscribe": "https://" + text(4), "details": text(9),
                       "fields": [{"label": text(5), "value": text(5)}]}
            self.assertEqual(deliver.ask(order(number, server.url, message))["outcome"], "sent")
            mail = parsed(server.mails[-1][2])
            usual = usual or {"Date", "Message-ID", "From", "To", "Subject", "Auto-Submitted", "MIME-Version", "Content-Type",
                              "Keywords", "Content-Language", "In-Reply-To", "References", "List-Unsubscribe",
                              "List-Unsubscribe-Post"}
            self.assertLessEqual(set(mail.keys()), usual)
            self.assertEqual(len(mail.keys()), len(set(mail.keys())))
            self.assertEqual([part.get_content_type() for part in mail.walk()],
                             ["multipart/alternative", "text/plain", "text/html"])
            shown = "".join(" " if ord(c) < 32 and ord(c) in (9, 10, 13) else "\ufffd" if ord(c) < 32 else c
                            for c in message["title"])
            squeeze = lambda value: " ".join(value.replace("\x7f", " ").split())
            self.assertEqual(squeeze(str(mail["Subject"] or "")), squeeze(shown))
        self.assertEqual(server.connections, 1)

    def test_many_mails_go_over_one_connection(self):
        server, deliver = self.talker(), self.deliver()
        for number in range(1, 51):
            self.assertEqual(deliver.ask(order(number, server.url))["outcome"], "sent")
        self.assertEqual((server.connections, len(server.mails)), (1, 50))

    def test_a_connection_that_the_server_closed_meanwhile_is_replaced_unseen(self):
        server, deliver = self.talker(), self.deliver()
        self.assertEqual(deliver.ask(order(1, server.url))["outcome"], "sent")
        server.drop_clients()
        self.assertEqual(deliver.ask(order(2, server.url))["outcome"], "sent")
        server.replies["MAIL"] = ["421 you were idle for too long"]
        self.assertEqual(deliver.ask(order(3, server.url))["outcome"], "sent")
        server.replies["DATA"] = [HANG_UP]
        self.assertEqual(deliver.ask(order(4, server.url))["outcome"], "sent")
        self.assertEqual([mail[2].count(b"lares-") for mail in server.mails], [1, 1, 1, 1])
        self.assertEqual(server.connections, 4)

    def test_a_late_answer_to_one_mail_is_never_taken_for_the_answer_to_the_next(self):
        late = mail_servers.Late("250 2.0.0 taken late")
        server, deliver = self.talker(replies={"MESSAGE": [late]}), self.deliver()
        self.assertEqual(deliver.ask(order(1, server.url, timeout_ms=300))["outcome"], "unsure")
        late.release.set()
        late.said.wait(PATIENCE)
        server.lines.clear()
        answer = deliver.ask(order(2, server.url))
        self.assertEqual((answer["outcome"], answer["words"]), ("sent", "250 2.0.0 taken"))
        # Not even tried on the old connection.
        self.assertEqual([line.split(" ")[0] for line in server.lines].count("MAIL"), 1)

    def test_a_server_that_stalls_when_we_take_our_leave_holds_nothing_up(self):
        server = self.talker(replies={"RCPT": "550 no", "QUIT": STALL})
        deliver = self.deliver()
        for number in (1, 2):
            self.assertEqual(deliver.ask(order(number, server.url))["outcome"], "refused")
        del server.replies["RCPT"]
        self.assertEqual(deliver.ask(order(3, server.url))["outcome"], "sent")
        self.assertEqual(deliver.end()[0], 0)

    def test_an_attachment_that_vanished_refuses_the_mail(self):
        server = self.talker()
        answer = self.deliver().ask(order(1, server.url, {"title": "x", "files": [{"name": "a", "path": "/nowhere/a"}]}))
        self.assertEqual(answer["outcome"], "refused")
        self.assertIn("'/nowhere/a'", answer["words"])
        self.assertEqual(server.connections, 0)


class Faults(Case):
    def outcome(self, replies, timeout_ms=20_000, number=1, **channel):
        server = self.talker(replies=replies)
        answer = self.deliver().ask(order(number, server.url, timeout_ms=timeout_ms, **channel))
        self.assertEqual(answer["id"], number)
        self.mails = server.mails
        return answer["outcome"], answer.get("words", "")

    def test_each_refusal_has_its_outcome_and_the_servers_words(self):
        for replies, outcome, words in (
                ({"MAIL": "451 4.3.0 try again"}, "later", "451 4.3.0 try again"),
                ({"MAIL": "550 5.7.1 not you"}, "refused", "550 5.7.1 not you"),
                ({"MAIL": "530 5.7.0 log in first"}, "blocked", "530 5.7.0 log in first"),
                ({"RCPT": "450 4.2.0 greylisted"}, "later", "anna@example.org: 450 4.2.0 greylisted"),
                ({"RCPT": "550-5.1.1 no\r\n550 5.1.1 such user"}, "refused", "anna@example.org: 550 5.1.1 no 5.1.1 such user"),
                ({"DATA": "452 4.3.1 disk full"}, "later", "452 4.3.1 disk full"),
                ({"MESSAGE": "554 5.7.1 spam"}, "refused", "554 5.7.1 spam"),
                ({"MESSAGE": "451 4.7.1 later"}, "later", "451 4.7.1 later"),
                ({"MESSAGE": "421 4.3.2 shutting down"}, "blocked", "421 4.3.2 shutting down"),
                ({"GREETING": "554 5.3.2 no service here"}, "blocked", "554 5.3.2 no service here"),
                ({"GREETING": "421 too many of you"}, "blocked", "421 too many of you")):
            with self.subTest(replies):
                self.assertEqual(self.outcome(replies), (outcome, words))
                self.assertEqual(self.mails, [])

    def test_some_recipients_refused_for_good_are_named_and_the_others_get_it(self):
        outcome, words = self.outcome({"RCPT <b@x.org>": "550 5.1.1 unknown"}, to=["a@x.org", "b@x.org", "c@x.org"])
        self.assertEqual((outcome, words), ("sent", "250 2.0.0 taken; but not for b@x.org: 550 5.1.1 unknown"))
        self.assertEqual(self.mails[0][1], ["a@x.org", "c@x.org"])

    def test_a_greylisted_recipient_gets_it_later_and_the_others_not_again(self):
        server = self.talker(replies={"RCPT <b@x.org>": ["450 4.2.0 greylisted"]})
        deliver, to = self.deliver(), ["a@x.org", "b@x.org"]
        first = deliver.ask(order(1, server.url, to=to))
        self.assertEqual(first["outcome"], "later")
        second = deliver.ask(dict(order(1, server.url, to=to, attempt=2), resume=first["provider"]))
        self.assertEqual(second["outcome"], "sent")
        self.assertEqual([mail[1] for mail in server.mails], [["a@x.org"], ["b@x.org"]])

    def test_only_what_breaks_between_the_end_of_the_mail_and_its_answer_is_unsure(self):
        for replies, expected in (
                ({"GREETING": HANG_UP}, "blocked"), ({"EHLO": HANG_UP}, "blocked"), ({"MAIL": HANG_UP}, "blocked"),
                ({"RCPT": HANG_UP}, "blocked"), ({"DATA": HANG_UP}, "blocked"), ({"BODY": HANG_UP}, "blocked"),
                ({"MESSAGE": HANG_UP}, "unsure")):
            with self.subTest(replies):
                server, message = self.talker(replies=replies), {"title": "x", "text": "x\n"}
                if "BODY" in replies:  # larger than what the kernel takes before the server has read it
                    message["files"] = [{"name": "x", "path": self.write("x", bytes(20 << 20))}]
                answer = self.deliver().ask(order(1, server.url, message))
                self.assertEqual(answer["outcome"], expected, answer)

    def test_a_server_that_stalls_is_left_after_the_time_out(self):
        for replies, expected in (({"GREETING": STALL}, "blocked"), ({"RCPT": STALL}, "blocked"), ({"MESSAGE": STALL}, "unsure")):
            with self.subTest(replies):
                outcome, words = self.outcome(replies, timeout_ms=300)
                self.assertEqual(outcome, expected)
                self.assertIn("took longer than 300 ms", words)

    def test_garbage_is_no_greeting_and_no_answer(self):
        self.assertEqual(self.outcome({"GREETING": b"\x00\xff\x16\x03garbage\r\n" * 50}, timeout_ms=300)[0], "blocked")
        self.assertEqual(self.outcome({"GREETING": b"\xff" * 300_000 + b"\r\n"}, timeout_ms=300)[0], "blocked")
        self.assertEqual(self.outcome({"MESSAGE": b"taken, I think\r\n"}, timeout_ms=300)[0], "unsure")
        outcome, words = self.outcome({"MAIL": b"550 \xff\xfe\x01 no\r\n"})
        self.assertEqual(outcome, "refused")

    def test_no_server_and_no_name_block_the_channel(self):
        deliver = self.deliver()
        port = mail_servers.free_port()
        self.assertEqual(deliver.ask(order(1, f"smtp://127.0.0.1:{port}"))["outcome"], "blocked")
        answer = deliver.ask(order(2, "smtp://name.invalid"))
        self.assertEqual((answer["outcome"], answer["words"]), ("blocked", "Could not resolve host: name.invalid"))
        self.assertEqual(deliver.ask(order(3, "http://127.0.0.1/"))["outcome"], "blocked")


class Logins(Case):
    def ask(self, server, **channel):
        return self.deliver().ask(order(1, server.url, **channel))

    def test_starttls_is_used_where_it_is_offered_and_demanded_where_it_must_be(self):
        certificates = self.certificates()
        server = self.talker(tls=certificates.context())
        self.assertEqual(self.ask(server)["outcome"], "sent")
        self.assertIn("STARTTLS", server.lines)
        self.assertEqual(self.ask(server, tls="starttls", ca_file=certificates.authority)["outcome"], "sent")
        refused = self.ask(server, tls="starttls")
        self.assertEqual(refused["outcome"], "blocked")
        self.assertIn("certificate", refused["words"])
        server.lines.clear()
        self.assertEqual(self.ask(server, tls="none")["outcome"], "sent")
        self.assertNotIn("STARTTLS", server.lines)
        bare = self.talker()
        missing = self.ask(bare, tls="starttls", ca_file=certificates.authority)
        self.assertEqual(missing["outcome"], "blocked")
        self.assertEqual(bare.mails, [])

    def test_tls_from_the_first_byte(self):
        certificates = self.certificates()
        server = self.talker(tls=certificates.context(), implicit=True)
        self.assertEqual(self.ask(server, ca_file=certificates.authority)["outcome"], "sent")
        self.assertEqual(self.ask(server)["outcome"], "blocked")
        server.implicit, plain_url = True, server.url.replace("smtps", "smtp")
        answer = self.deliver().ask(order(2, plain_url, tls="tls", ca_file=certificates.authority))
        self.assertEqual(answer["outcome"], "sent")

    def test_cram_md5_never_sends_the_password(self):
        server = self.talker(login=mail_servers.CramMd5("lares", "geheim"))
        self.assertEqual(self.ask(server, user="lares", password="geheim", auth="cram-md5")["outcome"], "sent")
        self.assertEqual(self.ask(server, user="lares", password="geheim")["outcome"], "sent")
        wrong = self.ask(server, user="lares", password="falsch", auth="cram-md5")
        self.assertEqual((wrong["outcome"], wrong["words"]), ("blocked", "535 5.7.8 wrong name or password"))
        self.assertEqual(len(server.mails), 2)

    def test_xoauth2_gives_the_token_with_its_user(self):
        server = self.talker(login=mail_servers.XOAuth2("lares@example.org", "ya29.token"))
        given = {"user": "lares@example.org", "auth": "xoauth2"}
        self.assertEqual(self.ask(server, token="ya29.token", **given)["outcome"], "sent")
        wrong = self.ask(server, token="stale", **given)
        self.assertEqual(wrong["outcome"], "blocked")
        self.assertIn("the login was refused", wrong["words"])

    def test_a_mechanism_that_the_server_does_not_have_blocks_the_channel(self):
        server = self.talker(login=mail_servers.CramMd5("lares", "geheim"))
        answer = self.ask(server, user="lares", password="geheim", auth="plain")
        self.assertEqual(answer["outcome"], "blocked")
        self.assertEqual(server.mails, [])


class Aiosmtpd(Case):
    """Debian's aiosmtpd, an implementation that is not ours: STARTTLS, and AUTH only behind it."""

    def setUp(self):
        super().setUp()
        if mail_servers.aiosmtpd_or_none() is None:
            self.skipTest("python3-aiosmtpd is not installed")

    def start(self):
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import AuthResult
        certificates, mails = self.certificates(), []

        class Handler:
            async def handle_DATA(self, server, session, envelope):
                mails.append((session.auth_data, envelope.content))
                return "250 2.0.0 taken"

        def check(server, session, envelope, mechanism, data):
            fine = (data.login, data.password) == (b"lares", b"geheim")
            return AuthResult(success=fine, handled=False, auth_data=mechanism if fine else None)

        class AnyPort(Controller):
            def _trigger_server(self):  # it would ask for the port that was given: 0
                self.port = self.server.sockets[0].getsockname()[1]
                super()._trigger_server()
        controller = AnyPort(Handler(), hostname="127.0.0.1", port=0, tls_context=certificates.context(),
                             require_starttls=True, auth_require_tls=True, authenticator=check, auth_required=True)
        controller.start()
        self.addCleanup(controller.stop)
        return f"smtp://127.0.0.1:{controller.port}", certificates, mails

    def test_a_login_behind_starttls_by_each_mechanism(self):
        url, certificates, mails = self.start()
        deliver = self.deliver()
        for number, (auth, mechanism) in enumerate((("plain", "PLAIN"), ("login", "LOGIN"), ("auto", "PLAIN")), 1):
            answer = deliver.ask(order(number, url, name=auth, auth=auth, user="lares", password="geheim",
                                       ca_file=certificates.authority))
            self.assertEqual(answer["outcome"], "sent", answer)
            self.assertEqual(mails[-1][0], mechanism)
        wrong = deliver.ask(order(9, url, name="w", user="lares", password="falsch", ca_file=certificates.authority))
        self.assertEqual(wrong["outcome"], "blocked")
        self.assertIn("535", wrong["words"])
        self.assertNotIn("falsch", json.dumps(wrong))
        self.assertEqual(len(mails), 3)


class RealServer(Case):
    def test_opensmtpd_takes_what_we_send_and_delivers_it_whole(self):
        if not mail_servers.opensmtpd() or subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
            self.skipTest("opensmtpd is not installed, or may not be run here")
        server = mail_servers.OpenSmtpd(self.folder)
        self.addCleanup(server.close)
        until(server.answers)
        data = os.urandom(300_000)
        path = self.write("x.bin", data)
        deliver = self.deliver()
        for number in range(1, 6):
            answer = deliver.ask(order(number, f"smtp://127.0.0.1:{server.port}", {
                "title": f"Nummer {number}: Grüße", "text": ".\n..\n", "files": [{"name": "x.bin", "path": path}]}))
            self.assertEqual(answer["outcome"], "sent", answer)
            self.assertRegex(answer["words"], "^250 2.0.0 .*accepted")
        until(lambda: len(server.mails()), 5)
        mails = sorted((parsed(mail) for mail in server.mails()), key=lambda mail: str(mail["Subject"]))
        self.assertEqual([str(mail["Subject"]) for mail in mails], [f"Nummer {n}: Grüße" for n in range(1, 6)])
        for mail in mails:
            self.assertEqual(mail.get_body().get_content().splitlines(), [".", ".."])
            self.assertEqual(next(mail.iter_attachments()).get_content(), data)


class Programs(Case):
    def script(self, name, text):
        path = self.write(name, b"#!/bin/sh\n" + text.encode())
        os.chmod(path, 0o755)
        return path

    def test_a_sendmail_program_gets_the_mail_and_its_exit_status_is_understood(self):
        path = self.script("sendmail", f'echo "$@" > {self.folder}/words; cat > {self.folder}/mail; exit $(cat {self.folder}/code)\n')
        deliver = self.deliver()
        for number, (code, outcome) in enumerate(((0, "sent"), (75, "later"), (67, "refused"), (78, "blocked")), 1):
            self.write("code", str(code).encode())
            self.assertEqual(deliver.ask(order(number, f"sendmail:{path}"))["outcome"], outcome)
        with open(f"{self.folder}/words", encoding="utf-8") as words:
            self.assertEqual(words.read(), "-i -f lares@example.org -- anna@example.org\n")
        with open(f"{self.folder}/mail", "rb") as mail:
            data = mail.read()
        self.assertNotIn(b"\r", data)
        self.assertEqual(parsed(data)["Subject"], "backup: failed")

    def test_a_command_gets_the_message_and_no_shell_sees_it(self):
        path = self.script("page", f'printf "%s\\n" "$1" "$LARES_SEVERITY" > {self.folder}/got; cat >> {self.folder}/got\n')
        message = {"title": "$(touch x); `y` 'z'", "text": "wake up\n", "severity": "critical"}
        answer = self.deliver().ask(order(1, "", message, kind="command", command=[path, "{{title}}"]))
        self.assertEqual(answer["outcome"], "sent", answer)
        with open(f"{self.folder}/got", encoding="utf-8") as got:
            self.assertEqual(got.read(), "$(touch x); `y` 'z'\ncritical\nwake up\n")

    def test_a_command_that_hangs_is_killed_at_its_time_out(self):
        path = self.script("hang", f"echo $$ > {self.folder}/pid; sleep 1000 & wait\n")
        answer = self.deliver().ask(order(1, "", kind="command", command=[path], timeout_ms=300))
        self.assertEqual(answer["outcome"], "later")
        with open(f"{self.folder}/pid", encoding="ascii") as pid:
            group = int(pid.read())
        until(lambda: not self.group_is_alive(group))

    def group_is_alive(self, group):
        return any(int(fields[2]) == group and fields[0] != "Z" for _, fields in all_processes())


class Process(Case):
    def receipts(self):
        try:
            with open(f"{self.folder}/receipts", "rb") as file:
                return [json.loads(line) for line in file.read().split(b"\n") if line]
        except FileNotFoundError:
            return []

    def test_an_answer_is_in_the_receipts_before_it_is_said(self):
        server, deliver = self.talker(), self.deliver(receipts=f"{self.folder}/receipts")
        for number in range(1, 21):
            answer = deliver.ask(order(number, server.url))
            self.assertEqual(self.receipts()[-1], answer)
        self.assertEqual(os.stat(f"{self.folder}/receipts").st_mode & 0o777, 0o600)
        self.assertEqual(deliver.end()[0], 0)

    def test_what_was_sent_is_in_the_receipts_though_nobody_hears_of_it(self):
        server = self.talker(replies={"MESSAGE": ["250 2.0.0 taken"]})
        deliver = self.deliver(receipts=f"{self.folder}/receipts")
        deliver.process.stdout.close()  # as by a daemon that was killed
        deliver.give(order(1, server.url))
        until(lambda: [each["outcome"] for each in self.receipts()], ["sent"])
        deliver.process.stdin.close()
        self.assertEqual(deliver.process.wait(PATIENCE), 0)

    def test_killed_at_any_moment_it_leaves_whole_lines_but_for_the_last(self):
        server = self.talker()
        for _ in range(5):
            deliver = self.deliver(receipts=f"{self.folder}/receipts")
            deliver.give(*(order(number, server.url, connections=4) for number in range(1, 101)))
            deliver.answer()
            deliver.process.kill()
            deliver.process.wait()
        with open(f"{self.folder}/receipts", "ab") as file:
            file.write(b'{"id":999,"att')  # as a machine that lost its power may leave it
        deliver = self.deliver(receipts=f"{self.folder}/receipts")
        deliver.ask(order(7, server.url))
        with open(f"{self.folder}/receipts", "rb") as file:
            lines = file.read().split(b"\n")
        torn = [line for line in lines[:-1] if line and not line.endswith(b"}")]
        self.assertEqual(torn, [b'{"id":999,"att'])
        self.assertEqual(json.loads(lines[-2])["id"], 7)

    def test_two_do_not_share_receipts_and_the_lock_tells_when_the_first_has_ended(self):
        first = self.deliver(receipts=f"{self.folder}/receipts")
        server = self.talker()
        first.ask(order(1, server.url))
        status, said = self.deliver(receipts=f"{self.folder}/receipts").end()
        self.assertEqual(status, 1)
        self.assertIn("belongs to another lares-deliver", said)
        with open(f"{self.folder}/receipts", "rb") as file:
            with self.assertRaises(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.assertEqual(first.end()[0], 0)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def test_receipts_that_cannot_be_written_end_it_and_the_answer_is_said_all_the_same(self):
        server, deliver = self.talker(), self.deliver(receipts="/dev/full")
        self.assertEqual(deliver.ask(order(1, server.url))["outcome"], "sent")
        self.assertEqual(deliver.process.wait(PATIENCE), 1)
        self.assertIn("No space left", deliver.end()[1])

    def test_told_to_end_it_ends_what_is_under_way_and_begins_nothing_else(self):
        for how in ("term", "end of input"):
            with self.subTest(how):
                server, deliver = self.talker(), self.deliver()
                # The second has been handed over when the first is under way, and has not begun.
                server.replies["MESSAGE"] = [STALL]
                deliver.give(order(1, server.url, timeout_ms=2_000), order(2, server.url))
                server.data_began.wait(PATIENCE)
                deliver.process.send_signal(signal.SIGTERM) if how == "term" else deliver.process.stdin.close()
                answers = [json.loads(line) for line in deliver.process.stdout]
                self.assertEqual([(each["id"], each["outcome"]) for each in answers], [(1, "unsure")])
                self.assertEqual(deliver.end()[0], 0)

    def test_a_slow_channel_stops_no_other(self):
        slow, quick, deliver = self.talker(replies={"GREETING": STALL}), self.talker(), self.deliver()
        deliver.give(*(order(number, slow.url, name="slow") for number in range(1, 6)))
        for number in range(10, 20):
            self.assertEqual(deliver.ask(order(number, quick.url, name="quick"))["id"], number)

    def test_what_is_no_order_is_complained_of_and_stops_nothing(self):
        server, deliver = self.talker(), self.deliver()
        deliver.give(b"garbage\n", b"\n", b"[]\n", b'{"id":5,"attempt":3,"channel":7}\n',
                     b'{"id":6,"x":"' + b"y" * (5 << 20) + b'"}\n')
        answer = deliver.answer()
        self.assertEqual((answer["id"], answer["attempt"], answer["outcome"]), (5, 3, "refused"))
        self.assertEqual(deliver.ask(order(7, server.url))["id"], 7)
        status, said = deliver.end()
        self.assertEqual(status, 0)
        self.assertIn("'channel': must be an object", said)
        self.assertIn("was left out", said)

    def test_idle_it_does_not_wake(self):
        if os.environ.get("LARES_TEST_SANITIZED"):
            self.skipTest("a sanitizer's own threads wake")
        server, deliver = self.talker(), self.deliver()
        deliver.ask(order(1, server.url), order(2, server.url, name="other"))

        def switches():
            total = 0
            for task in os.listdir(f"/proc/{deliver.process.pid}/task"):
                with open(f"/proc/{deliver.process.pid}/task/{task}/status", encoding="ascii") as status:
                    total += sum(int(line.split()[1]) for line in status if "voluntary_ctxt_switches" in line)
            return total

        def quiet_second():
            before = switches()
            time.sleep(1)  # a span to be idle in
            return switches() == before
        until(quiet_second)

    def test_no_secret_is_in_its_arguments_or_its_complaints(self):
        deliver = self.deliver()
        port = mail_servers.free_port()
        answer = deliver.ask(order(1, f"smtp://127.0.0.1:{port}", user="lares", password="geheim-17"))
        with open(f"/proc/{deliver.process.pid}/cmdline", "rb") as words:
            self.assertNotIn(b"geheim", words.read())
        self.assertNotIn("geheim", json.dumps(answer) + deliver.end()[1])

    def test_once_sends_one_and_its_exit_status_tells(self):
        server = self.talker()
        run = lambda what: subprocess.run([DELIVER, "--once"], input=json.dumps(what).encode(), capture_output=True)
        done = run(order(1, server.url))
        self.assertEqual((done.returncode, json.loads(done.stdout)["outcome"]), (0, "sent"))
        server.replies["MAIL"] = "550 no"
        self.assertEqual(run(order(1, server.url)).returncode, 1)
        self.assertEqual(subprocess.run([DELIVER, "--what"], capture_output=True).returncode, 2)
        self.assertIn(b"--receipts", subprocess.run([DELIVER, "--help"], capture_output=True).stdout)


if __name__ == "__main__":
    unittest.main()
