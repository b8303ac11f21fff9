"""Event listeners with real processes: what goes beyond supervisord, and what its recipes rely on.

Its own cases (64, 65) stand in tests/conformance/test_event_cases.py.
"""

import json
import os
import signal
import sys
import unittest

from harness import HouseTest, until

RECORDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorder.py")


def recorder(name, events, more="", how=""):
    return (f"[eventlistener:{name}]\ncommand = {sys.executable} -B -u {RECORDER} %(here)s/{name}.events {how}\n"
            f"events = {events}\nstartsecs = 0\nstdout_logfile = %(here)s/{name}.out\n{more}\n")


class EventTest(HouseTest):
    def records(self, house, name):
        return [(words["eventname"], payload, words) for words, payload in
                (json.loads(line) for line in house.read(f"{name}.events").splitlines())]

    def payloads(self, house, name, event):
        return [payload for kind, payload, _ in self.records(house, name) if kind == event]

    def until_idle(self, house, name, least=0):
        """Until it has answered `least` events and waits for more."""
        until(lambda: len(self.records(house, name)) >= least and
              house.read(f"{name}.out").count("READY\n") == len(self.records(house, name)) + 1, say=house.log())

    def remote(self, house, kind, data=""):
        self.assertIs(house.rpc.supervisor.sendRemoteCommEvent(kind, data), True)


class Delivery(EventTest):
    def test_a_pool_sees_its_own_birth_that_of_later_groups_and_the_start(self):
        house = self.house(recorder("all", "EVENT", "buffer_size = 100") +
                           "[program:b]\ncommand = sleep 1000\nstartsecs = 0\n[program:a]\ncommand = sleep 1000\nautostart = false\n").up()
        until(lambda: self.payloads(house, "all", "PROCESS_STATE_RUNNING"))
        first = [(kind, payload) for kind, payload, _ in self.records(house, "all")][:4]
        self.assertEqual(first, [("PROCESS_GROUP_ADDED", "groupname:all\n"), ("PROCESS_GROUP_ADDED", "groupname:a\n"),
                                 ("PROCESS_GROUP_ADDED", "groupname:b\n"), ("SUPERVISOR_STATE_CHANGE_RUNNING", "")])

    def test_listeners_stop_last_and_hear_the_others_stop(self):
        house = self.house(recorder("all", "PROCESS_STATE_STOPPED,SUPERVISOR_STATE_CHANGE") +
                           "[program:p]\ncommand = sleep 1000\nstartsecs = 0\n").up()
        house.until_state("p", "RUNNING")
        self.until_idle(house, "all", 1)
        pid = house.pid("p")
        self.assertEqual(house.down(), 0)
        self.assertEqual([(kind, payload) for kind, payload, _ in self.records(house, "all")],
                         [("SUPERVISOR_STATE_CHANGE_RUNNING", ""), ("SUPERVISOR_STATE_CHANGE_STOPPING", ""),
                          ("PROCESS_STATE_STOPPED", f"processname:p groupname:p from_state:STOPPING pid:{pid}")])

    def test_events_may_be_sent_while_the_daemon_stops(self):
        house = self.house(recorder("all", "REMOTE_COMMUNICATION") +
                           "[program:p]\ncommand = sh -c 'trap \"\" TERM; echo up > up; while :; do sleep 0.1; done'\n"
                           "startsecs = 0\nstopwaitsecs = 60\nkillasgroup = true\n").up()
        until(lambda: house.read("up"))
        house.until_state("all", "RUNNING")
        pid = house.pid("p")
        house.rpc.supervisor.shutdown()
        self.remote(house, "late", "word")
        until(lambda: self.payloads(house, "all", "REMOTE_COMMUNICATION") == ["type:late\nword"])
        os.kill(pid, signal.SIGKILL)
        house.process.wait(20)

    def test_a_listener_that_reads_bytes_is_sent_lengths_in_bytes(self):
        house = self.house(recorder("chars", "REMOTE_COMMUNICATION") +
                           recorder("raw", "REMOTE_COMMUNICATION", "event_length = bytes", "bytes")).up()
        for name in ("chars", "raw"):
            house.until_state(name, "RUNNING")
        for data in ("é€", "plain", "日本"):
            self.remote(house, "t", data)
        for name in ("chars", "raw"):
            until(lambda: len(self.records(house, name)) == 3)
            self.assertEqual(self.payloads(house, name, "REMOTE_COMMUNICATION"), ["type:t\né€", "type:t\nplain", "type:t\n日本"])
        lengths = [[int(words["len"]) for _, _, words in self.records(house, name)] for name in ("chars", "raw")]
        self.assertEqual(lengths, [[9, 12, 9], [12, 12, 13]])

    def test_output_that_is_no_utf8_is_replaced_and_a_cut_character_is_not(self):
        house = self.house(recorder("logs", "PROCESS_LOG", "buffer_size = 100") +
                           f"[program:p]\ncommand = {sys.executable} -u -c \"import os, sys; os.write(1, b'a\\xff' + 'é'.encode()[:1]); "
                           "sys.stdin.readline(); os.write(1, 'é'.encode()[1:] + b'z'); sys.stdin.readline()\"\n"
                           "stdout_events_enabled = true\nstartsecs = 0\n").up()
        until(lambda: len(self.payloads(house, "logs", "PROCESS_LOG_STDOUT")) == 1)
        house.rpc.supervisor.sendProcessStdin("p", "go\n")
        until(lambda: len(self.payloads(house, "logs", "PROCESS_LOG_STDOUT")) == 2)
        pid = house.pid("p")
        head = f"processname:p groupname:p pid:{pid} channel:stdout\n"
        self.assertEqual(self.payloads(house, "logs", "PROCESS_LOG_STDOUT"), [head + "a\ufffd", head + "éz"])

    def test_ticks_come_at_multiples_of_their_period(self):
        house = self.house(recorder("ticks", "TICK_5")).up()
        until(lambda: len(self.payloads(house, "ticks", "TICK_5")) >= 2, limit=30)
        first, second = [int(payload.removeprefix("when:")) for payload in self.payloads(house, "ticks", "TICK_5")[:2]]
        self.assertEqual((first % 5, second - first), (0, 5))

    def test_a_restart_makes_the_pools_anew(self):
        house = self.house(recorder("all", "SUPERVISOR_STATE_CHANGE,REMOTE_COMMUNICATION")).up()
        self.until_idle(house, "all", 1)
        house.kill(signal.SIGHUP)
        until(lambda: len(self.records(house, "all")) == 3)
        self.assertEqual([kind for kind, _, _ in self.records(house, "all")],
                         ["SUPERVISOR_STATE_CHANGE_RUNNING", "SUPERVISOR_STATE_CHANGE_STOPPING", "SUPERVISOR_STATE_CHANGE_RUNNING"])
        house.until_state("all", "RUNNING")
        self.remote(house, "after")
        until(lambda: self.payloads(house, "all", "REMOTE_COMMUNICATION") == ["type:after\n"])

    def test_what_a_listener_writes_is_also_in_its_log(self):
        house = self.house(recorder("all", "REMOTE_COMMUNICATION")).up()
        house.until_state("all", "RUNNING")
        self.remote(house, "a")
        until(lambda: house.read("all.out") == "READY\nRESULT 2\nOKREADY\n")


class Recipes(EventTest):
    def test_a_line_of_shell_that_kills_its_parent_on_FATAL_ends_the_daemon(self):
        house = self.house("[eventlistener:guard]\ncommand = sh -c 'printf \"READY\\n\"; while read line; do kill -TERM $PPID; done'\n"
                           "events = PROCESS_STATE_FATAL\n[program:p]\ncommand = sh -c 'exit 1'\nstartretries = 0\n").up(wait=False)
        self.assertEqual(house.process.wait(30), 0)
        self.assertIn("received SIGTERM indicating exit request", house.log())

    def test_supervisor_stdout_is_built_in(self):
        house = self.house(f"[eventlistener:stdout]\ncommand = {sys.executable} -B -u {RECORDER} %(here)s/events echo\nevents = PROCESS_LOG\n"
                           "buffer_size = 100\nresult_handler = supervisor_stdout:event_handler\nstartsecs = 0\n"
                           "[program:p]\ncommand = sh -c 'echo one; echo two; sleep 1000'\nstdout_events_enabled = true\nstartsecs = 0\n"
                           "[program:q]\ncommand = sh -c 'echo bad >&2; sleep 1000'\nstderr_events_enabled = true\nstartsecs = 0\n",
                           daemon="silent = true\n").up()
        until(lambda: sorted(house.read("stdout").splitlines()) == ["p stdout | one", "p stdout | two", "q stderr | bad"],
              say=house.read("stdout") + house.log())

    def test_debug_shows_output_signals_and_the_conversation(self):
        house = self.house(recorder("all", "REMOTE_COMMUNICATION") +
                           "[program:p]\ncommand = sh -c 'echo words; exec sleep 1000'\nstartsecs = 0\nstdout_logfile = NONE\n",
                           daemon="loglevel = debug\n").up()
        house.until_log("DEBG 'p' stdout output:\nwords\n")
        house.until_state("all", "RUNNING")
        self.remote(house, "a")
        house.until_log("all: event was processed")
        for words in ("DEBG all: ACKNOWLEDGED -> READY", "DEBG all: READY -> BUSY", "sent to listener all", "DEBG all: BUSY -> ACKNOWLEDGED"):
            self.assertIn(words, house.log())
        pid = house.pid("p")
        house.rpc.supervisor.stopProcess("p")
        self.assertIn(f"DEBG killing p (pid {pid}) with signal SIGTERM", house.log())


class Offenders(EventTest):
    def test_one_that_breaks_the_protocol_is_started_again_and_its_event_is_not_lost(self):
        script = ("[ -e been ] && exec %s -B -u %s odd.events; echo x > been; printf \"READY\\\\n\"; read line; echo nonsense; sleep 1000"
                  % (sys.executable, RECORDER))
        house = self.house(f"[eventlistener:odd]\ncommand = sh -c '{script}'\nevents = REMOTE_COMMUNICATION\nstartsecs = 0\n"
                           "directory = %(here)s\nstopasgroup = true\n").up()
        house.until_state("odd", "RUNNING")
        self.remote(house, "a", "precious")
        until(lambda: self.payloads(house, "odd", "REMOTE_COMMUNICATION") == ["type:a\nprecious"])
        self.assertIn("odd: bad result line: 'nonsense", house.log())
        self.assertIn("odd: has entered the UNKNOWN state", house.log())
        self.assertIn("restarting it now", house.log())

    def test_one_that_rejects_everything_does_not_spin(self):
        house = self.house("[eventlistener:no]\ncommand = sh -c 'while :; do printf \"READY\\n\"; read line; echo x >> tries; dd bs=1 count=7 "
                           "status=none >/dev/null; printf \"RESULT 4\\nFAIL\"; done'\n"
                           "events = REMOTE_COMMUNICATION\nstartsecs = 0\ndirectory = %(here)s\n").up()
        house.until_state("no", "RUNNING")
        self.remote(house, "a")
        until(lambda: len(house.read("tries").split()) >= 7)
        # 4 at once, then after 0.1, 0.3, 0.7, 1.5, 3.1 s: a spinning one would be at thousands.
        self.assertLess(len(house.read("tries").split()), 20)

    def test_dead_listeners_cost_one_line_of_the_log(self):
        house = self.house("[eventlistener:dead]\ncommand = sleep 1000\nevents = REMOTE_COMMUNICATION\nautostart = false\nbuffer_size = 2\n").up()
        for number in range(50):
            self.remote(house, f"t{number}")
        house.until_log("pool dead event buffer overflowed, discarding event 0; none of its listeners runs")
        self.assertEqual(house.log().count("overflowed"), 1)

    def test_an_unknown_result_handler_is_warned_of_and_judged_by_OK(self):
        house = self.house(recorder("all", "REMOTE_COMMUNICATION", "result_handler = my.module:handler")).up()
        self.assertIn("Python plug-ins cannot be loaded", house.log())
        house.until_state("all", "RUNNING")
        self.remote(house, "a")
        until(lambda: self.payloads(house, "all", "REMOTE_COMMUNICATION") == ["type:a\n"])


if __name__ == "__main__":
    unittest.main()
