"""lares-deliver against stand-ins for SMS, Telegram, Mastodon, X, Bluesky and webhooks: each fault, and after it."""

import json
import time
import unittest

import services
from services import half, reset, stall, wrong_json
from test_deliver import Case as DeliverCase


def order(kind, url, number=17, attempt=1, resume="", message=None, **channel):
    given = {"name": "c", "kind": kind, "url": url, "timeout_ms": 20_000, **channel}
    return {"id": number, "attempt": attempt, "key": f"lares-{number}-host", "resume": resume, "channel": given,
            "message": message or {"title": "web <is> down", "text": "It ended & stays down.\n",
                                   "link": "https://lares.example.com/a/12", "tags": ["ops"]}}


LONG = {"title": "report", "text": " ".join(f"word{i}" for i in range(120)), "link": "https://a.example.com/x"}


class Case(DeliverCase):
    kind, service, how = "", None, {}

    def setUp(self):
        super().setUp()
        self.there = self.service()
        self.addCleanup(self.there.close)
        self.sender = self.deliver()

    def ask(self, **given):
        return self.sender.ask(order(self.kind, self.there.url, **{**self.how, **given}))

    def fault(self, *faults):
        self.there.faults.extend(faults)


class Telegram(Case):
    kind, service, how = "telegram", services.Telegram, {"token": "123:right", "to": ["77"], "parse_mode": "HTML"}

    def test_a_message_is_said_and_its_signs_are_no_html(self):
        answer = self.ask()
        self.assertEqual((answer["outcome"], answer["provider"]), ("sent", "1"))
        self.assertIn("web &lt;is&gt; down", self.there.said[0][1])

    def test_each_fault_is_what_it_is(self):
        limited = (429, {}, {"ok": False, "description": "Too Many Requests", "parameters": {"retry_after": 31}})
        self.fault(limited, (502, {}, b"<html>"), reset, half, wrong_json)
        answers = [self.ask() for _ in range(5)]
        self.assertEqual([each["outcome"] for each in answers], ["limited", "later", "unsure", "unsure", "unsure"])
        self.assertEqual(answers[0]["retry_after_ms"], 31_000)
        self.fault(stall(3))
        self.assertEqual(self.ask(timeout_ms=300)["outcome"], "unsure")
        self.assertEqual(self.ask(token="123:wrong")["outcome"], "blocked")
        self.assertEqual(self.ask(to=["nobody"])["outcome"], "refused")
        self.assertEqual(self.there.said, [])

    def test_no_words_hold_the_token(self):
        self.there.close()
        answer = self.ask(token="123:verysecret")
        self.assertEqual(answer["outcome"], "blocked")
        self.assertNotIn("verysecret", json.dumps(answer))

    def test_who_blocked_the_bot_keeps_it_from_nobody_else(self):
        self.there.blocked.add("78")
        answer = self.ask(to=["77", "78", "79"])
        self.assertEqual((answer["outcome"], answer["provider"]), ("sent", "1 - 2"))
        self.assertIn("blocked by the user", answer["words"])

    def test_a_thread_goes_on_where_it_stopped(self):
        self.fault(services.OK, (429, {"Retry-After": 1}, {}))
        answer = self.ask(message=LONG, length=200, threads=True)
        again = self.ask(message=LONG, length=200, threads=True, attempt=2, resume=answer["provider"])
        self.assertEqual((answer["outcome"], again["outcome"]), ("limited", "sent"))
        texts = [each[1] for each in self.there.said]
        self.assertEqual(len(texts), len(set(texts)))
        self.assertEqual([each[2] for each in self.there.said], [None] + list(range(1, len(texts))))
        for i in range(120):
            self.assertIn(f"word{i}", " ".join(texts).split())

    def test_a_file_follows_as_a_document(self):
        path = self.write("a.log", b"last lines\n")
        answer = self.ask(message={"title": "t", "files": [{"name": "a.log", "path": path}]})
        self.assertEqual(answer["provider"], "1 2")
        self.assertIn(b"last lines", self.there.said[1][1])


class Mastodon(Case):
    kind, service, how = "mastodon", services.Mastodon, {"token": "right"}

    def test_whatever_breaks_a_status_is_said_once(self):
        for number, fault in enumerate([reset, half, wrong_json, (503, {}, b""), services.done_then_reset(self.there)]):
            self.fault(fault)
            self.assertEqual(self.ask(number=number)["outcome"], "later")
            self.assertEqual(self.ask(number=number, attempt=2)["outcome"], "sent")
        self.assertEqual(len(self.there.statuses), 5)

    def test_limits_and_refusals(self):
        at = time.strftime("%Y-%m-%dT%H:%M:%S.123456Z", time.gmtime(time.time() + 100))
        self.fault((429, {"X-RateLimit-Reset": at}, {"error": "Too many requests"}), (422, {}, {"error": "no"}))
        answer = self.ask()
        self.assertEqual(answer["outcome"], "limited")
        self.assertTrue(90_000 < answer["retry_after_ms"] <= 100_000)
        self.assertEqual(self.ask()["outcome"], "refused")
        self.assertEqual(self.ask(token="wrong")["outcome"], "blocked")

    def test_a_thread_hangs_together_after_a_break(self):
        self.fault(services.OK, services.done_then_reset(self.there))
        answer = self.ask(message=LONG, threads=True)
        self.assertEqual((answer["outcome"], answer["provider"]), ("later", "900"))
        answer = self.ask(message=LONG, threads=True, attempt=2, resume="900")
        self.assertEqual(answer["provider"], "900 901")
        self.assertEqual([each["parent"] for each in self.there.statuses], [None, "900"])

    def test_a_picture_is_waited_for_and_goes_along(self):
        message = {"title": "t", "files": [{"name": "a.png", "path": self.write("a.png", b"png")}]}
        answer = self.ask(message=message)
        self.assertEqual((answer["outcome"], answer["retry_after_ms"], answer["provider"]), ("later", 5000, "m1"))
        answer = self.ask(message=message, attempt=2, resume="m1")
        self.assertEqual(answer["outcome"], "sent")
        self.assertEqual(self.there.statuses[0]["media"], ["m1"])


class X(Case):
    kind, service = "x", services.X
    how = {"consumer_key": "ck", "consumer_secret": "c&s %", "token": "tok-1", "token_secret": "t+s"}

    def test_a_post_is_signed_and_one_by_others_refused(self):
        self.assertEqual(self.ask()["provider"], "500")
        self.assertEqual(self.ask(token_secret="wrong")["outcome"], "blocked")

    def test_a_post_whose_answer_was_lost_is_not_made_twice(self):
        self.fault(services.done_then_reset(self.there))
        self.assertEqual(self.ask()["outcome"], "later")
        self.assertEqual(self.ask(attempt=2)["outcome"], "sent")
        self.assertEqual(len(self.there.posts), 1)
        self.assertEqual(self.ask(number=18)["outcome"], "refused")

    def test_limits_say_until_when(self):
        self.fault((429, {"x-rate-limit-reset": int(time.time()) + 60}, {}))
        answer = self.ask()
        self.assertEqual(answer["outcome"], "limited")
        self.assertTrue(50_000 < answer["retry_after_ms"] <= 60_000)

    def test_refresh_tokens_are_used_once_and_given_back(self):
        how = dict.fromkeys(self.how, "") | {"client_id": "cid", "refresh_token": "r-1"}
        first = self.ask(**how)
        self.assertEqual((first["outcome"], first["refresh_token"]), ("sent", "r-2"))
        second = self.ask(number=18, message={"title": "another"}, **how)
        self.assertEqual((second["outcome"], second["refresh_token"]), ("sent", "r-2"))
        self.assertEqual(self.there.refresh, "r-2")
        other = self.deliver().ask(order("x", self.there.url, 19, message={"title": "b"}, **how))
        self.assertEqual(other["outcome"], "blocked")
        how["refresh_token"] = "r-2"
        third = self.deliver().ask(order("x", self.there.url, 20, message={"title": "c"}, **how))
        self.assertEqual((third["outcome"], third["refresh_token"]), ("sent", "r-3"))


class Bluesky(Case):
    kind, service, how = "bluesky", services.Bluesky, {"user": "me.example", "password": "app-pass"}

    def test_links_and_tags_stand_where_they_are(self):
        message = {"title": "休講のお知らせ", "text": "詳細https://a.example.com/xを見る", "tags": ["休講", "ops"]}
        self.assertEqual(self.ask(message=message)["outcome"], "sent")
        record = list(self.there.records.values())[0]["value"]
        self.assertEqual(len(record["facets"]), 3)

    def test_whatever_breaks_a_post_is_made_once(self):
        for number, fault in enumerate([reset, half, (500, {}, {}), services.done_then_reset(self.there)]):
            self.ask(number=100 + number)  # a session is there
            self.fault(fault)
            first = self.ask(number=number)["outcome"]
            self.assertIn(first, ("later", "sent"))
            self.assertEqual(self.ask(number=number, attempt=2)["outcome"], "sent")
        self.assertEqual(len(self.there.records), 8)
        self.assertEqual(self.there.logins, 1)

    def test_a_session_that_ends_is_refreshed(self):
        self.ask()
        self.there.access = "another"
        self.assertEqual(self.ask(number=18)["outcome"], "sent")
        self.assertEqual((self.there.logins, self.there.refreshes), (1, 1))

    def test_limits_and_a_wrong_password(self):
        self.fault((429, {"ratelimit-reset": int(time.time()) + 60}, {"error": "RateLimitExceeded"}))
        self.assertTrue(50_000 < self.ask()["retry_after_ms"] <= 60_000)
        self.assertEqual(self.ask(password="wrong")["outcome"], "blocked")


class Sms(Case):
    kind, service, how = "sms", services.Smsc, {"user": "me", "password": "pass", "to": ["+380501", "+380502"]}

    def test_an_sms_has_its_cost(self):
        answer = self.ask()
        self.assertEqual((answer["outcome"], answer["cost_micros"], answer["units"]), ("sent", 1_900_000, 2))

    def test_an_sms_whose_answer_was_lost_is_not_sent_twice(self):
        self.fault(services.OK, services.done_then_reset(self.there))
        first = self.ask()
        self.assertEqual(first["outcome"], "later")
        self.assertEqual(self.ask(attempt=2, resume=first["provider"])["outcome"], "sent")
        self.assertEqual([len(each) for each in self.there.sent.values()], [1, 1])

    def test_a_wrong_login_blocks_and_a_wrong_number_is_refused(self):
        self.assertEqual(self.ask(password="wrong")["outcome"], "blocked")
        self.assertEqual(self.ask(to=["12x"])["outcome"], "refused")
        self.fault((503, {"Retry-After": "9"}, b""))
        self.assertEqual(self.ask()["retry_after_ms"], 9_000)


class Hook(Case):
    kind, service, how = "webhook", services.Hook, {"secret": "shared"}

    def test_a_receiver_can_tell_who_calls_and_what_it_knows_already(self):
        self.fault(services.done_then_reset(self.there))
        self.assertEqual(self.ask()["outcome"], "later")
        self.assertEqual(self.ask(attempt=2)["outcome"], "sent")
        self.assertEqual(list(self.there.told), ["lares-17-host"])
        self.assertEqual(self.there.told["lares-17-host"]["title"], "web <is> down")
        self.assertEqual(self.ask(secret="wrong")["outcome"], "blocked")

    def test_gone_elsewhere_and_not_now(self):
        later = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 60))
        self.fault((410, {}, b""), (302, {"Location": "https://x.example/"}, b""), (503, {"Retry-After": later}, b""))
        answers = [self.ask() for _ in range(3)]
        self.assertEqual([each["outcome"] for each in answers], ["refused", "refused", "later"])
        self.assertIn("https://x.example/", answers[1]["words"])
        self.assertTrue(50_000 < answers[2]["retry_after_ms"] <= 60_000)


class Secure(DeliverCase):
    def test_a_service_with_tls_is_believed_by_its_authority_only(self):
        made = self.certificates()
        there = services.Hook(certificates=made)
        self.addCleanup(there.close)
        sender = self.deliver()
        self.assertEqual(sender.ask(order("webhook", there.url, secret="shared"))["outcome"], "blocked")
        answer = sender.ask(order("webhook", there.url, secret="shared", ca_file=made.authority))
        self.assertEqual(answer["outcome"], "sent", answer)


del Case, DeliverCase

if __name__ == "__main__":
    unittest.main()
