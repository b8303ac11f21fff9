"""What a reading of the daemon with suspicion asked for: requests that must be answered, lists that change under way."""

import http.client
import os
import signal
import socket
import threading
import time
import unittest
import xmlrpc.client

from harness import PATIENCE, HouseTest, UnixConnection, until


class Asked:
    """A call made on a thread of its own; result() gives its answer or its fault's code."""

    def __init__(self, call, *arguments):
        self.found = None
        self.thread = threading.Thread(target=self.run, args=(call, arguments), daemon=True)
        self.thread.start()

    def run(self, call, arguments):
        try:
            self.found = call(*arguments)
        except xmlrpc.client.Fault as fault:
            self.found = fault.faultCode
        except OSError as error:
            self.found = type(error).__name__

    def result(self, limit=PATIENCE):
        self.thread.join(limit)
        if self.thread.is_alive():
            raise AssertionError("the request was never answered")
        return self.found


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def status(entries):
    return [entry["status"] for entry in entries]


SLEEPER = "[program:p]\ncommand = sleep 1000\nstartsecs = 0\n"
SLOW_TO_STOP = "command = sh -c 'trap \"sleep 1; exit\" TERM; while :; do sleep 0.05; done'\nstartsecs = 0\n"
NEVER_UP = "command = false\nautostart = false\nstartretries = 0\nstartsecs = 60\n"


class EveryRequestIsAnswered(HouseTest):
    def test_a_restart_that_is_overtaken_by_a_stop(self):
        house = self.house("[program:p]\n" + SLOW_TO_STOP).up()
        house.until_state("p", "RUNNING")
        time.sleep(0.3)
        asked = Asked(house.rpc.lares.restart, ["p"], True, False)
        house.until_state("p", "STOPPING")
        house.rpc.lares.stop(["p"], False)
        found = asked.result(8)
        self.assertIn(house.state("p"), ("STOPPED", "RUNNING"))
        self.assertIn(status(found), ([40], [80]))

    def test_a_restart_that_waits_for_a_need_and_is_stopped(self):
        house = self.house("[program:db]\n" + NEVER_UP + "[program:p]\ncommand = sleep 1000\nautostart = false\ndepends_on = db\n").up()
        asked = Asked(house.rpc.lares.restart, ["p"], True, False)
        house.until_state("db", "FATAL")
        house.rpc.supervisor.stopProcess("p")
        self.assertEqual(status(asked.result(5)), [40])

    def test_a_start_that_waits_for_a_need_when_the_daemon_is_restarted(self):
        house = self.house("[program:db]\n" + NEVER_UP + "[program:p]\ncommand = sleep 1000\nautostart = false\ndepends_on = db\n").up()
        asked = Asked(house.rpc.lares.start, ["p"], True)
        house.until_state("db", "FATAL")
        house.kill(signal.SIGHUP)
        self.assertEqual(status(asked.result(5)), [40])

    def test_a_rolling_restart_when_the_daemon_is_restarted(self):
        house = self.house("[program:p]\n" + SLOW_TO_STOP + "numprocs = 3\nprocess_name = %(process_num)s\n").up()
        for name in "012":
            house.until_state(f"p:{name}", "RUNNING")
        time.sleep(0.3)
        asked = Asked(house.rpc.lares.restart, ["p:*"], True, True)
        until(lambda: any(house.state(f"p:{name}") == "STOPPING" for name in "012"))
        house.kill(signal.SIGHUP)
        self.assertEqual(len(asked.result(12)), 3)

    def test_a_scaling_down_that_is_taken_back(self):
        house = self.house("[program:p]\n" + SLOW_TO_STOP + "numprocs = 3\nprocess_name = %(process_num)s\n").up()
        for name in "012":
            house.until_state(f"p:{name}", "RUNNING")
        time.sleep(0.3)
        down = Asked(house.rpc.lares.scale, "p", 1)
        house.until_state("p:2", "STOPPING")
        up = Asked(house.rpc.lares.scale, "p", 3)
        up.result(8)
        down.result(8)
        for name in "012":
            house.until_state(f"p:{name}", "RUNNING", limit=8)

    def test_a_stop_called_off_by_a_start_of_what_needs_it(self):
        house = self.house("[program:db]\ncommand = sleep 1000\nstartsecs = 0\n"
                           "[program:a]\ndepends_on = db\n" + SLOW_TO_STOP +
                           "[program:b]\ncommand = sleep 1000\nstartsecs = 0\ndepends_on = db\nautostart = false\n").up()
        house.until_state("a", "RUNNING")
        time.sleep(0.3)
        asked = Asked(house.rpc.lares.stop, ["db"], True)
        house.until_state("a", "STOPPING")
        house.rpc.lares.start(["b"], False)
        asked.result(8)


class NothingStartsDuringAShutdown(HouseTest):
    def test_what_crashes_while_others_stop_is_not_started_again(self):
        house = self.house("[program:late]\npriority = 2\n" + SLOW_TO_STOP +
                           "[program:early]\npriority = 1\ncommand = sleep 1000\nstartsecs = 0\nautorestart = true\n").up()
        house.until_state("late", "RUNNING")
        time.sleep(0.3)
        pid = house.pid("early")
        house.kill(signal.SIGTERM)
        house.until_log("waiting for")
        os.kill(pid, signal.SIGKILL)
        house.process.wait(PATIENCE)
        self.assertEqual(house.log().count("spawned: 'early'"), 1, house.log())

    def test_shutdown_limit_ends_hooks_too(self):
        house = self.house("[program:p]\ncommand = sleep 1000\nstartsecs = 0\npre_stop = sleep 900\n", daemon="[lares]\nshutdown_limit = 1s\n").up()
        house.until_state("p", "RUNNING")
        house.kill(signal.SIGTERM)
        house.process.wait(8)


class Restarts(HouseTest):
    def test_a_configuration_with_too_many_processes_changes_nothing(self):
        house = self.house("[program:p]\ncommand = sleep 1000\nstartsecs = 0\n").up()
        house.until_state("p", "RUNNING")
        pid = house.pid("p")
        house.write("[program:p]\ncommand = sleep 1000\nnumprocs = 15000\nprocess_name=%(process_num)s\n[program:q]\ncommand = sleep 1000\nnumprocs = 15000\nprocess_name=%(process_num)s\n")
        house.kill(signal.SIGHUP)
        house.until_log("configuration not changed")
        self.assertEqual(house.pid("p"), pid)

    def test_servers_that_could_not_be_opened_are_tried_again_by_the_next_restart(self):
        house = self.house(SLEEPER).up()
        house.servers = f"[unix_http_server]\nfile = {house.path('later')}/sock\n"
        house.write(SLEEPER)
        house.kill(signal.SIGHUP)
        house.until_log("Cannot open an HTTP server")
        until(lambda: house.log().count("supervisord started with pid") == 2)
        os.mkdir(house.path("later"))
        house.kill(signal.SIGHUP)
        until(lambda: os.path.exists(house.path("later/sock")))

    def test_a_need_of_the_own_group_means_the_others_in_it(self):
        house = self.house("[group:g]\nprograms = a, b\n[program:a]\ncommand = sleep 1000\nstartsecs = 0\nnumprocs = 2\n"
                           "process_name = %(process_num)s\ndepends_on = g\n[program:b]\ncommand = sleep 1000\nstartsecs = 0\n").up()
        for name in "01b":
            house.until_state(f"g:{name}", "RUNNING")
        log = house.log()
        self.assertLess(log.index("spawned: 'b'"), log.index("spawned: '0'"))

    def test_a_tail_follows_over_a_restart(self):
        house = self.house("[program:p]\ncommand = sh -c 'while :; do echo $PPID $$; sleep 0.1; done'\nstartsecs = 0\n").up()
        house.until_state("p", "RUNNING")
        connection = UnixConnection(house.socket)
        connection.request("GET", "/logtail/p")
        answer = connection.getresponse()
        connection.sock.settimeout(5)
        answer.read(5)
        old = house.pid("p")
        house.kill(signal.SIGHUP)
        until(lambda: house.log().count("spawned: 'p'") == 2)
        new = str(house.pid("p"))
        seen = b""
        end = time.monotonic() + 5
        while new.encode() not in seen and time.monotonic() < end:
            seen += answer.read(8)
        self.assertIn(new.encode(), seen)
        connection.close()

    def test_a_hook_sees_what_environment_files_say(self):
        house = self.house()
        with open(house.path("env"), "w", encoding="utf-8") as file:
            file.write("SEEN=yes\n")
        house.write("[program:p]\ncommand = sleep 1000\nstartsecs = 0\n"
                    f"environment_file = {house.path('env')}\npost_start = sh -c 'echo hook $SEEN > {house.path('hook')}'\n")
        house.up()
        until(lambda: house.read("hook") == "hook yes\n", limit=5, say=house.read("hook"))


    def test_a_connection_made_before_a_restart_is_not_judged_by_another_servers_password(self):
        house = self.house()
        guarded = f"[inet_http_server]\nport = 127.0.0.1:{free_port()}\nusername = u\npassword = p\n"
        port = int(guarded.split(":")[1].split("\n")[0])
        house.servers = guarded + f"[unix_http_server]\nfile = {house.socket}\n"
        house.write("")
        house.up()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/mainlogtail")
        answer = connection.getresponse()
        answer.read()
        self.assertEqual(answer.status, 401)
        idle = [http.client.HTTPConnection("127.0.0.1", port, timeout=5) for _ in range(2)]
        for one in idle:
            one.connect()
        time.sleep(0.2)
        house.servers = f"[unix_http_server]\nfile = {house.socket}\n"
        house.write("")
        house.kill(signal.SIGHUP)
        until(lambda: house.log().count("supervisord started with pid") == 2)
        for one in idle:
            try:
                one.request("GET", "/ok.html")
                self.assertIn(one.getresponse().status, (401, 503))
            except (OSError, http.client.HTTPException):
                pass
            one.close()
        connection.close()


class Words(HouseTest):
    def test_a_failed_pre_start_is_not_called_an_exit(self):
        house = self.house("[program:p]\ncommand = sleep 1000\nstartretries = 0\npre_start = false\n").up()
        house.until_state("p", "FATAL")
        self.assertNotIn("exited: p", house.log())
        self.assertIn("pre_start", house.info("p")["spawnerr"])


if __name__ == "__main__":
    unittest.main()
