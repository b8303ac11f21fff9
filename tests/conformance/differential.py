"""Plays one script against Debian's supervisord and against Lares, and compares what they answer.

A script is a row of scripts.py: programs, options and steps. A step is (verb, argument...); the verbs are
the methods of Player that begin with do_. What a step answers is normalised (pids, times, random names,
folders) and must be the same on both sides, or, where docs/decisions/0003 wants a difference, exactly what the step's
Wanted says for each side: a wanted difference that is no more is a failure, too.

    python3 differential.py [SCRIPT...]     plays them and prints what differs; test_differential.py is the test
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import xmlrpc.client

from harness import LARES, House, UnixConnection, is_alive, until
from scripts import SCRIPTS, Wanted
from supervisor_here import ENVIRONMENT, SUPERVISORD, SupervisordHouse

HERE = os.path.dirname(os.path.abspath(__file__))
SETTLE = 60  # seconds; two cores may be busy
AT_ONCE = threading.Semaphore(12)  # daemons: most of the time supervisord waits for its own poll


def normal_text(text, house):
    text = text.replace(house.folder, "@")
    text = re.sub(r"\bpid (\d+)", "pid N", text)
    text = re.sub(r"pid:[1-9]\d*", "pid:N", text)
    text = re.sub(r"uptime (\d+ days?, )?\d+:\d\d:\d\d", "uptime T", text)
    text = re.sub(r"\b[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M\b", "TIME", text)
    text = re.sub(r"---(\S+?)-[a-z0-9_]{8}\.log", r"---\1-RANDOM.log", text)
    text = re.sub(r"\((\d+)\) with SIGKILL", "(N) with SIGKILL", text)
    # We say more than INCORRECT_PARAMETERS: of what, and what was expected.
    text = re.sub(r"INCORRECT_PARAMETERS: \S+ takes .* given", "INCORRECT_PARAMETERS", text)
    text = re.sub(r"<name>now</name>\n<value><int>\d+", "<name>now</name>\n<value><int>N", text)
    return re.sub(r"\bwhen:\d+", "when:N", text)


def normal(value, house):
    if isinstance(value, str):
        return normal_text(value, house)
    if isinstance(value, (list, tuple)):
        return [normal(each, house) for each in value]
    if not isinstance(value, dict):
        return value
    value = {key: normal(each, house) for key, each in value.items()}
    if "statename" in value and "spawnerr" in value:  # a process: its times and pid are only there or not
        for key in ("start", "stop", "now", "pid"):
            value[key] = value[key] > 0
        if value["spawnerr"].startswith("can't find"):
            value["start"] = False  # never spawned: supervisord tells the time of the try
    return value


class Player:
    """One side: a house and what was answered to each step."""

    def __init__(self, house):
        self.house, self.answers, self.ctl_process, self.kept = house, [], None, {}

    def play(self, steps):
        for step in steps:
            verb, *arguments = step.step if isinstance(step, Wanted) else step
            try:
                answer = getattr(self, "do_" + verb)(*arguments)
            except xmlrpc.client.Fault as fault:
                answer = ["fault", fault.faultCode, fault.faultString]
            except xmlrpc.client.ProtocolError as error:
                answer = ["status", error.errcode]
            self.answers.append(normal(answer, self.house))

    def close(self):
        if self.ctl_process:
            self.ctl_process.stdin.close()
            self.ctl_process.stdout.close()
            self.ctl_process.wait()
        self.house.clean()

    # Calls.
    def do_rpc(self, method, *arguments):
        call = self.house.rpc
        for part in (method if "." in method else "supervisor." + method).split("."):
            call = getattr(call, part)
        return call(*arguments)

    def do_rpc_sorted(self, method, *arguments):
        """For answers whose order is that in which things ended."""
        return sorted(self.do_rpc(method, *arguments), key=json.dumps)

    def do_soon(self, method, *arguments):
        """A call whose effect supervisord has at its next poll; its answer, and a poll's time."""
        answer = self.do_rpc(method, *arguments)
        time.sleep(1.2)
        return answer

    def do_ctl(self, words):
        if self.ctl_process is None:
            self.ctl_process = subprocess.Popen(["/usr/bin/python3", "-B", f"{HERE}/ctl_fork.py", self.house.config],
                                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                                env=ENVIRONMENT, cwd=self.house.folder)
        self.ctl_process.stdin.write(json.dumps(words.split()) + "\n")
        self.ctl_process.stdin.flush()
        code, output = json.loads(self.ctl_process.stdout.readline())
        return [code, re.sub(r"^\d+$", "N", output, flags=re.M)]

    def do_ctl_sorted(self, words):
        code, output = self.do_ctl(words)
        return [code, sorted(output.splitlines())]

    def do_ctl_first(self, words):
        code, output = self.do_ctl(words)
        return [code, output.splitlines()[:1]]

    def do_methods(self):
        """system.listMethods without what only we have."""
        return [name for name in self.do_rpc("system.listMethods") if not name.startswith("lares.")]

    def do_fault_code(self, method, *arguments):
        try:
            return self.do_rpc(method, *arguments)
        except xmlrpc.client.Fault as fault:
            return fault.faultCode

    def do_http(self, method, path, headers=None, body=None):
        """[status, a few headers that clients look at]"""
        connection = UnixConnection(self.house.socket)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            kind = (answer.getheader("Content-Type") or "").split(";")[0]  # of a complaint: text/plain instead of text/html
            return [answer.status, kind if answer.status < 400 else "", answer.getheader("WWW-Authenticate") or ""]
        finally:
            connection.close()

    def do_raw(self, method, params=""):
        """The bytes of an answer."""
        connection = UnixConnection(self.house.socket)
        try:
            connection.request("POST", "/RPC2", f"<?xml version='1.0'?><methodCall><methodName>{method}</methodName>{params}</methodCall>",
                               {"Content-Type": "text/xml"})
            answer = connection.getresponse()
            return [answer.status, answer.getheader("Content-Type"), answer.read().decode()]
        finally:
            connection.close()

    def do_field(self, name, key):
        return self.house.info(name)[key]

    def do_other_infos(self, *names):
        return [info for info in self.do_rpc("getAllProcessInfo") if info["name"] not in names]

    def do_stream(self, path, words, version="1.1"):
        """Follows a stream until it brought these words: [status, headers that matter, what it brought]."""
        with socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(SETTLE)
            wire.connect(self.house.socket)
            wire.sendall(f"GET {path} HTTP/{version}\r\nHost: x\r\n\r\n".encode())
            found = b""
            while words.encode() not in found.split(b"\r\n\r\n", 1)[-1]:
                more = wire.recv(65536)
                if not more:
                    break
                found += more
        head, _, body = found.decode("utf-8", "replace").partition("\r\n\r\n")
        headers = sorted(line for line in head.split("\r\n") if re.match("(?i)(content-type|transfer-encoding|x-accel-buffering):", line))
        if any("chunked" in line for line in headers):
            body = re.sub("(?m)^[0-9a-f]+\r\n|\r\n(?=[0-9a-f]+\r\n|$)", "", body)
        return [head.split("\r\n")[0].split(" ", 1)[1], [line.lower() for line in headers], body]

    # Waiting.
    def do_running(self, *names):
        """Until all of them are RUNNING."""
        until(lambda: all(self.house.state(name) == "RUNNING" for name in names), limit=SETTLE, say=f"not RUNNING: {names}")

    def do_until_new_pid(self, name):
        def is_new():
            try:
                return self.house.pid(name) not in (0, self.kept[name])
            except OSError:  # no socket between two configurations
                return False
        until(is_new, limit=SETTLE, say=f"'{name}' did not come back")

    def do_until_event(self, name, words):
        self.do_until_file(f"{name}.events", words)

    def do_until_file(self, name, words):
        until(lambda: words in self.house.read(name), limit=SETTLE, say=f"no {words!r} in {name}: {self.house.read(name)!r}")

    def do_until_log(self, words):
        self.do_until_file("lares.log", words)

    def do_up_again(self):
        """Until a restart is over."""
        until(lambda: self.house.answers() and self.house.rpc.supervisor.getState()["statename"] == "RUNNING", limit=SETTLE)

    # The world.
    def do_configuration(self, programs):
        self.house.write(programs)

    def do_remember_pid(self, name):
        self.kept[name] = self.house.pid(name)

    def do_is_same_pid(self, name):
        return self.house.pid(name) == self.kept[name]

    def do_daemon_is_same(self):
        return self.house.rpc.supervisor.getPID() == self.kept.setdefault("the daemon", self.house.rpc.supervisor.getPID())

    def do_kill(self, name, number):
        os.kill(self.house.pid(name), number)

    def do_signal_daemon(self, number):
        os.kill(self.house.rpc.supervisor.getPID(), number)

    def do_move(self, one, other):
        os.rename(self.house.path(one), self.house.path(other))

    def do_file(self, name):
        return self.house.read(name)

    def do_files(self, pattern):
        return sorted({normal_text(each, self.house) for each in os.listdir(self.house.folder) if re.fullmatch(pattern, each)})

    def do_json_log(self, name):
        """What a program printed as JSON."""
        return json.loads(until(lambda: self.house.rpc.supervisor.readProcessStdoutLog(name, 0, 0), limit=SETTLE))

    def do_grep(self, pattern):
        """The main log's lines that match, without their times."""
        lines = [re.sub(r"^\S+ \S+ ", "", line) for line in self.house.log().splitlines()]
        return [line for line in lines if re.search(pattern, line)]

    def do_events(self, name, *without):
        """What a recording listener was sent: [event, payload], sorted by nothing: order counts."""
        found = []
        for line in self.house.read(f"{name}.events").splitlines():
            header, payload = json.loads(line)
            event = re.search(r"eventname:(\S+)", header).group(1)
            if not event.startswith(without or "-"):
                found.append([event, payload])
        return found

    def do_end(self):
        """Ends the daemon by TERM: exit status, and what it leaves behind."""
        pid = self.house.rpc.supervisor.getPID()
        os.kill(pid, signal.SIGTERM)
        code = self.house.process.wait(SETTLE)
        until(lambda: not is_alive(pid))
        return [code, [name for name in ("lares.sock", "lares.pid") if os.path.exists(self.house.path(name))]]

    def do_refused(self, text):
        """Starts with this file, which is faulty: [exit status, the first line of the complaint]."""
        path = self.house.path("faulty.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("@", self.house.folder))
        done = subprocess.run(command_of(self.house, path), capture_output=True, text=True, timeout=SETTLE, cwd=self.house.folder,
                              stdin=subprocess.DEVNULL, env=ENVIRONMENT)
        lines = [line for line in done.stderr.splitlines() if not re.search(r"UserWarning|self\.warnings|pkg_resources|running as root|^ ", line)]
        return [done.returncode, lines[0] if lines else ""]


def command_of(house, path):
    return [SUPERVISORD, "-n", "-c", path] if isinstance(house, SupervisordHouse) else [LARES, "up", "--foreground", "-c", path]


def has(house, needed):
    """Whether a method or a route is there."""
    if not needed.startswith("/"):
        return needed in house.rpc.system.listMethods()
    connection = UnixConnection(house.socket)
    try:
        connection.request("GET", needed)
        return connection.getresponse().status != 404
    finally:
        connection.close()


def play(kind, script):
    """A script on one side: its answers; none when what it needs is missing."""
    house = kind(script.get("programs", ""), daemon="loglevel = info\n" + script.get("daemon", ""))
    if "servers" in script:
        house.servers = script["servers"].replace("@", house.folder)
        house.write(script["programs"])
    for name, text in script.get("files", {}).items():
        with open(house.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(house.path(name), 0o755)
    player = Player(house)
    try:
        house.up(wait="servers" not in script)
        if "servers" in script:
            until(lambda: os.path.exists(house.socket))
        if not has(house, script.get("needs", "/ok.html")):
            return None
        player.play(script["steps"])
        return player.answers
    finally:
        player.close()


class Both:
    """A script being played on both sides at once."""

    def __init__(self, script):
        self.script, self.found, self.errors = script, [None, None], [None, None]
        self.threads = [threading.Thread(target=self.side, args=(n, kind)) for n, kind in enumerate((SupervisordHouse, House))]
        for thread in self.threads:
            thread.start()

    def side(self, n, kind):
        try:
            with AT_ONCE:
                self.found[n] = play(kind, self.script)
        except (Exception, AssertionError) as error:  # told by differences()
            self.errors[n] = error

    def differences(self):
        for thread in self.threads:
            thread.join()
        for who, error in zip(("supervisord", "Lares"), self.errors):
            if error is not None:
                return [f"{who} did not play to the end: {type(error).__name__}: {error}"]
        if self.found[1] is None:
            return [f"Lares has no {self.script['needs']}"]
        differences = []
        for number, (step, theirs, ours) in enumerate(zip(self.script["steps"], *self.found)):
            if isinstance(step, Wanted):
                for who, found, wanted in (("supervisord", theirs, step.theirs), ("Lares", ours, step.ours)):
                    if found != wanted:
                        differences.append(f"step {number} {step.step} ({step.why}): {who} answers\n    {found!r}\n  wanted\n    {wanted!r}")
            elif theirs != ours:
                differences.append(f"step {number} {step}: supervisord\n    {theirs!r}\n  Lares\n    {ours!r}")
        return differences


def main():
    names = sys.argv[1:] or list(SCRIPTS)
    playing = {name: Both(SCRIPTS[name]) for name in names}
    failed = False
    for name, both in playing.items():
        differences = both.differences()
        failed = failed or bool(differences)
        print(f"{name}: {'same' if not differences else 'differs'}")
        for difference in differences:
            print("  " + difference)
    sys.exit(failed)


if __name__ == "__main__":
    main()
