"""Cases 64 and 65 of the reference's list: event listeners, seen by listeners that record and by the ways of superlance's six."""

import json
import os
import re
import sys
import unittest

from harness import until
from supervisor_here import ConformanceTest, needs_supervisor

LISTENER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "listener.py")
SUPERLANCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "superlance_ways.py")


def listener(name, events, answers="", more=""):
    return (f"[eventlistener:{name}]\ncommand = {sys.executable} -B -u {LISTENER} %(here)s/{name}.events {answers}\n"
            f"events = {events}\nstderr_logfile = %(here)s/{name}.err\n{more}\n")


class EventTest(ConformanceTest):
    def up(self, programs, **options):
        house = self.house(programs, **options).up()
        if "supervisor.sendRemoteCommEvent" not in house.rpc.system.listMethods():
            self.skipTest("event listeners are not there yet")
        return house

    def records(self, house, name):
        """[{header's words and the payload}], in the order they came."""
        found = []
        for line in house.read(f"{name}.events").splitlines():
            header, payload = json.loads(line)
            self.assertRegex(header, r"^ver:3\.0 server:\S+ serial:\d+ pool:\S+ poolserial:\d+ eventname:[A-Z_0-9]+ len:\d+\n$")
            found.append(dict((each.split(":", 1) for each in header.split()), payload=payload))
        return found

    def of(self, house, name, event):
        return [each for each in self.records(house, name) if each["eventname"] == event]

    def comm(self, house, kind, data=""):
        self.assertIs(house.rpc.supervisor.sendRemoteCommEvent(kind, data), True)


@needs_supervisor
class Handshake(EventTest):
    def test_64_listener_handshake_headers_and_payloads(self):
        house = self.up(listener("all", "EVENT", more="buffer_size = 500") +
                        "[program:p]\ncommand = sh -c 'read a; echo said $a; read b; exit 3'\nautostart = false\nautorestart = false\n"
                        "stdout_events_enabled = true\nstartsecs = 1\n"
                        "[program:miss]\ncommand = nosuchcommand-x\nautostart = false\nstartretries = 0\n"
                        "[program:capture]\ncommand = sh -c 'printf \"<!--XSUPERVISOR:BEGIN-->inside<!--XSUPERVISOR:END-->\"; sleep 1000'\n"
                        "autostart = false\nstartsecs = 0\nstdout_capture_maxbytes = 1MB\n")
        house.until_state("all", "RUNNING")
        s = house.rpc.supervisor
        s.startProcess("p")
        pid = house.pid("p")
        s.sendProcessStdin("p", "words\n")
        until(lambda: self.of(house, "all", "PROCESS_LOG_STDOUT"))
        s.sendProcessStdin("p", "more\n")
        house.until_state("p", "EXITED")
        s.startProcess("capture")
        capture = house.pid("capture")
        until(lambda: self.of(house, "all", "PROCESS_COMMUNICATION_STDOUT"))
        s.stopProcess("capture")
        self.comm(house, "mytype", "é€ data")
        self.comm(house, "last", "")
        until(lambda: any(each["payload"] == "type:last\n" for each in self.of(house, "all", "REMOTE_COMMUNICATION")))

        found = self.records(house, "all")
        self.assertEqual([int(each["serial"]) for each in found], sorted(int(each["serial"]) for each in found))
        self.assertEqual([int(each["poolserial"]) for each in found], list(range(len(found))), "poolserial counts from 0")
        self.assertEqual({(each["pool"], each["server"]) for each in found}, {("all", "supervisor")})
        for each in found:
            self.assertEqual(int(each["len"]), len(each["payload"]), "characters, as the original counts")
        payloads = [(each["eventname"], each["payload"]) for each in found]
        for wanted in (
            ("PROCESS_GROUP_ADDED", "groupname:all\n"),
            ("SUPERVISOR_STATE_CHANGE_RUNNING", ""),
            ("PROCESS_STATE_STARTING", "processname:p groupname:p from_state:STOPPED tries:0"),
            ("PROCESS_STATE_RUNNING", f"processname:p groupname:p from_state:STARTING pid:{pid}"),
            ("PROCESS_LOG_STDOUT", f"processname:p groupname:p pid:{pid} channel:stdout\nsaid words\n"),
            ("PROCESS_STATE_EXITED", f"processname:p groupname:p from_state:RUNNING expected:0 pid:{pid}"),
            ("PROCESS_COMMUNICATION_STDOUT", f"processname:capture groupname:capture pid:{capture}\ninside"),
            ("PROCESS_STATE_STOPPING", f"processname:capture groupname:capture from_state:RUNNING pid:{capture}"),
            ("PROCESS_STATE_STOPPED", f"processname:capture groupname:capture from_state:STOPPING pid:{capture}"),
            ("REMOTE_COMMUNICATION", "type:mytype\né€ data"),
        ):
            self.assertIn(wanted, payloads)

    def test_64_listener_handshake_backoff_and_fatal(self):
        house = self.up(listener("states", "PROCESS_STATE") + "[program:q]\ncommand = sh -c 'exit 1'\nstartretries = 1\nstartsecs = 1\n")
        until(lambda: self.of(house, "states", "PROCESS_STATE_FATAL"))
        found = [(each["eventname"], each["payload"]) for each in self.records(house, "states") if "processname:q " in each["payload"]]
        self.assertEqual(found, [
            ("PROCESS_STATE_STARTING", "processname:q groupname:q from_state:STOPPED tries:0"),
            ("PROCESS_STATE_BACKOFF", "processname:q groupname:q from_state:STARTING tries:1"),
            ("PROCESS_STATE_STARTING", "processname:q groupname:q from_state:BACKOFF tries:1"),
            ("PROCESS_STATE_BACKOFF", "processname:q groupname:q from_state:STARTING tries:2"),
            ("PROCESS_STATE_FATAL", "processname:q groupname:q from_state:BACKOFF")])

    def test_64_listener_handshake_FAIL_is_redelivered_to_the_same_pool_only(self):
        house = self.up(listener("first", "REMOTE_COMMUNICATION", "fail@REMOTE_COMMUNICATION") +
                        listener("second", "REMOTE_COMMUNICATION") + listener("ticks", "TICK_3600"))
        for name in ("first", "second", "ticks"):
            house.until_state(name, "RUNNING")
        self.comm(house, "a")
        self.comm(house, "b")
        until(lambda: len(self.records(house, "first")) == 3 and len(self.records(house, "second")) == 2)
        self.comm(house, "c")
        until(lambda: len(self.records(house, "first")) == 4 and len(self.records(house, "second")) == 3)
        first = self.records(house, "first")
        self.assertEqual([each["payload"] for each in first], ["type:a\n", "type:a\n", "type:b\n", "type:c\n"])
        self.assertEqual((first[0]["serial"], first[0]["poolserial"]), (first[1]["serial"], first[1]["poolserial"]))
        self.assertEqual([each["payload"] for each in self.records(house, "second")], ["type:a\n", "type:b\n", "type:c\n"])
        self.assertEqual([each for each in self.records(house, "ticks") if each["eventname"] != "TICK_3600"], [])

    def test_64_listener_handshake_death_while_BUSY_is_redelivered(self):
        house = self.up(listener("frail", "REMOTE_COMMUNICATION", "die@REMOTE_COMMUNICATION", "autorestart = true"))
        house.until_state("frail", "RUNNING")
        self.comm(house, "a")
        until(lambda: len(self.records(house, "frail")) == 2)
        one, two = self.records(house, "frail")
        self.assertEqual((one["payload"], one["serial"], one["poolserial"]), (two["payload"], two["serial"], two["poolserial"]))

    def test_64_listener_handshake_a_bad_RESULT_is_UNKNOWN_and_told(self):
        house = self.up(listener("odd", "REMOTE_COMMUNICATION", "bad@REMOTE_COMMUNICATION"), daemon="loglevel = debug\n")
        house.until_state("odd", "RUNNING")
        self.comm(house, "a")
        house.until_log("odd: BUSY -> UNKNOWN")
        self.assertIn("odd: READY -> BUSY", house.log())

    def test_64_listener_handshake_overflow_drops_the_oldest_and_says_so(self):
        house = self.up("[eventlistener:deaf]\ncommand = sleep 1000\nevents = REMOTE_COMMUNICATION\nbuffer_size = 2\nstartsecs = 0\n")
        for kind in "abcd":
            self.comm(house, kind)
        until(lambda: len(re.findall(r"ERRO pool deaf event buffer overflowed, discarding event \d+", house.log())) == 2)


@needs_supervisor
class TheSix(EventTest):
    """superlance's six tools as they use us; its own code when it is installed is not needed for that:
    superlance_ways.py does with supervisor.childutils what each of them does."""

    def six(self, tool, events, programs, *words):
        return self.up(f"[eventlistener:{tool}]\ncommand = {sys.executable} -B -u {SUPERLANCE} {tool} %(here)s/mails {' '.join(words)}\n"
                       f"events = {events}\nstderr_logfile = %(here)s/{tool}.err\nstartsecs = 0\n{programs}")

    def mail(self, house, words):
        until(lambda: words in house.read("mails"), say=f"no '{words}' in {house.read('mails')!r}; {house.read('err')}{house.log()}")

    CRASHES = "[program:crash]\ncommand = sh -c 'sleep 1.2; exit 2'\nautorestart = false\n"

    def test_65_superlance_six_crashmail(self):
        house = self.six("crashmail", "PROCESS_STATE", self.CRASHES)
        self.mail(house, "Process crash in group crash exited unexpectedly (pid ")
        self.assertIn("from state RUNNING", house.read("mails"))

    def test_65_superlance_six_crashmailbatch(self):
        house = self.six("crashmailbatch", "PROCESS_STATE,TICK_5", self.CRASHES)
        self.mail(house, "Process crash in group crash exited unexpectedly (pid ")

    def test_65_superlance_six_crashsms(self):
        house = self.six("crashsms", "PROCESS_STATE,TICK_5", self.CRASHES)
        self.mail(house, "[crash:crash] exited unexpectedly")

    def test_65_superlance_six_fatalmailbatch(self):
        house = self.six("fatalmailbatch", "PROCESS_STATE,TICK_5", "[program:fails]\ncommand = sh -c 'exit 1'\nstartretries = 0\n")
        self.mail(house, "Process fails in group fails failed to start too many times")

    def test_65_superlance_six_memmon(self):
        house = self.six("memmon", "TICK_5", f"[program:hog]\ncommand = {sys.executable} -c 'import time; a = bytearray(50 << 20); time.sleep(1000)'\n", "hog", "40")
        house.until_state("hog", "RUNNING")
        pid = house.pid("hog")
        self.mail(house, "hog:hog restarted")
        until(lambda: house.pid("hog") not in (0, pid))

    def test_65_superlance_six_httpok(self):
        house = self.six("httpok", "TICK_5", "[program:web]\ncommand = sleep 1000\nstartsecs = 0\n", "web", "http://127.0.0.1:1/")
        house.until_state("web", "RUNNING")
        pid = house.pid("web")
        self.mail(house, "web restarted")
        until(lambda: house.pid("web") not in (0, pid))


if __name__ == "__main__":
    unittest.main()
