"""Runs the real lares with real programs in a folder of its own, and leaves nothing behind.

A House is one configuration and its daemon. Tests wait for what they expect to see (until()), never
for a span of time; the only clocks are limits after which a test fails.
"""

import atexit
import http.client
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import xmlrpc.client

LARES = os.environ.get("LARES_BINARY", os.path.join(os.path.dirname(__file__), "../../build/release/bin/lares"))
LARES = os.path.abspath(LARES)
# Daemons started without a House (and what they keep for a successor) stay off the machine's own folders.
os.environ["STATE_DIRECTORY"] = tempfile.mkdtemp(prefix="lares-test-state-")
atexit.register(shutil.rmtree, os.environ["STATE_DIRECTORY"], ignore_errors=True)
SHUTDOWN_STATE = 6  # fault: the daemon ends, or restarts
PATIENCE = float(os.environ.get("LARES_TEST_PATIENCE", "20"))  # seconds; generous: machines are noisy


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        try:
            self.sock.connect(self.path)
        except OSError:
            self.close()
            raise


class UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path):
        super().__init__()
        self.path = path

    def make_connection(self, host):
        self._connection = host, UnixConnection(self.path)
        return self._connection[1]

    def single_request(self, *arguments, **more):
        try:
            return super().single_request(*arguments, **more)
        finally:
            self.close()  # a connection a call: none lingers


def until(what, expected=True, limit=None, say=None):
    """Calls what() until it gives `expected` (or something true), and returns that.

    say: words for when it does not, or what gives them then.
    """
    end = time.monotonic() + (limit or PATIENCE)
    while True:
        try:
            found = what()
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != SHUTDOWN_STATE or time.monotonic() > end:
                raise
            found = fault  # between two configurations
        refused = isinstance(found, xmlrpc.client.Fault)
        if not refused and (found == expected or (expected is True and found)):
            return found
        if time.monotonic() > end:
            say = say() if callable(say) else say
            raise AssertionError(f"{say or 'waited in vain'}: last seen {found!r}, expected {expected!r}")
        time.sleep(0.01)


def stat_of(pid):
    """The fields of /proc/PID/stat after the name: state, parent, process group... None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError, IndexError):  # the last two: gone while it was read
        return None


def is_alive(pid):
    fields = stat_of(pid)
    return fields is not None and fields[0] != "Z"


def parent(pid):
    fields = stat_of(pid)
    return fields and int(fields[1])


def all_processes():
    """Of each process there is: (its pid, what stat_of gives)."""
    found = ((int(name), stat_of(name)) for name in os.listdir("/proc") if name.isdigit())
    return [(pid, fields) for pid, fields in found if fields]


class House:
    def __init__(self, programs, daemon="", servers=None, extra_environment=None, arguments=()):
        self.folder = tempfile.mkdtemp(prefix="lares-test-")
        self.socket = f"{self.folder}/lares.sock"
        self.config = f"{self.folder}/lares.conf"
        self.log_file = f"{self.folder}/lares.log"
        self.daemon_options = daemon
        self.servers = servers if servers is not None else f"[unix_http_server]\nfile = {self.socket}\n"
        # What it keeps for a successor goes to its own folder, never to the machine's.
        self.environment = dict(os.environ, STATE_DIRECTORY=f"{self.folder}/state", **(extra_environment or {}))
        self.arguments = list(arguments)
        self.binary = LARES
        self.process = None
        self.write(programs)

    def write(self, programs):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(
                f"[supervisord]\nlogfile = {self.log_file}\npidfile = {self.folder}/lares.pid\n"
                f"childlogdir = {self.folder}\n{self.daemon_options}\n{self.servers}\n"
                "[rpcinterface:supervisor]\n"
                "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n"
                f"[supervisorctl]\nserverurl = unix://{self.socket}\n{programs}\n"
            )

    def path(self, name):
        return os.path.join(self.folder, name)

    def read(self, name):
        try:
            with open(self.path(name), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def log(self):
        return self.read("lares.log")

    def up(self, wait=True):
        """wait: until it answers, and the keeper has told the pid of what starts at once."""
        self.stderr = open(self.path("stderr"), "wb")
        self.stdout = open(self.path("stdout"), "wb")
        self.process = subprocess.Popen(
            [self.binary, "up", "-c", self.config, "--foreground", *self.arguments],
            stdin=subprocess.DEVNULL, stdout=self.stdout, stderr=self.stderr, env=self.environment, cwd=self.folder)
        if wait:
            until(self.answers, say=f"lares did not come up: {self.read('stderr')}")
            until(lambda: all(each["pid"] or each["statename"] != "STARTING" for each in self.rpc.supervisor.getAllProcessInfo()))
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"lares ended with {self.process.returncode}: {self.read('stderr')}{self.log()}")
        try:
            return bool(self.rpc.supervisor.getPID())
        except (OSError, http.client.HTTPException):
            return False

    @property
    def rpc(self):
        return xmlrpc.client.ServerProxy("http://localhost/RPC2", transport=UnixTransport(self.socket))

    def lares(self, *words, check=False, timeout=None):
        """Our own command line: (exit status, output)."""
        done = subprocess.run([LARES, "-c", self.config, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", timeout=timeout or PATIENCE * 3, cwd=self.folder)
        if check and done.returncode != 0:
            raise AssertionError(f"lares {' '.join(words)}: {done.returncode}\n{done.stdout}")
        return done.returncode, done.stdout

    def info(self, name):
        return self.rpc.supervisor.getProcessInfo(name)

    def state(self, name):
        return self.info(name)["statename"]

    def pid(self, name):
        """0 when it does not run. While it starts, the keeper has yet to say it: that is waited for."""
        until(lambda: (info := self.info(name))["statename"] != "STARTING" or info["pid"])
        return self.info(name)["pid"]

    def until_state(self, name, *states, limit=None):
        return until(lambda: self.state(name) in states, limit=limit,
                     say=f"'{name}' did not become {'/'.join(states)}; log:\n{self.log()}")

    def until_log(self, words, limit=None):
        return until(lambda: words in self.log(), limit=limit, say=f"no '{words}' in the log:\n{self.log()}")

    def kill(self, number):
        os.kill(self.process.pid, number)

    def kill_daemon(self):
        """Kills the daemon, not the keeper above it, and waits until the next one answers."""
        before = self.daemon_pid
        os.kill(before, signal.SIGKILL)
        until(lambda: self.daemon_pid != before and self.answers())

    @property
    def daemon_pid(self):
        """Of the daemon itself: what we started is the keeper above it."""
        return int(self.read("lares.pid") or self.process.pid)

    def down(self, number=signal.SIGTERM):
        """Ends the daemon and gives its exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.kill(number)
        try:
            self.process.wait(PATIENCE * 2)
        except subprocess.TimeoutExpired:
            for pid in [self.process.pid, self.daemon_pid, *self.descendants()]:
                os.kill(pid, signal.SIGKILL)
            self.process.wait()
            raise AssertionError(f"lares did not end:\n{self.log()}") from None
        finally:
            self.stdout.close()
            self.stderr.close()
        return self.process.returncode

    def descendants(self):
        """Pids of live processes below the daemon."""
        parents = {}
        for pid, fields in all_processes():
            if fields[0] != "Z":
                parents.setdefault(int(fields[1]), []).append(pid)
        found, todo = [], [self.process.pid]
        while todo:
            children = parents.get(todo.pop(), [])
            found += children
            todo += children
        return [pid for pid in found if pid != self.daemon_pid]

    def clean(self):
        left = []
        try:
            if self.process is not None and self.process.poll() is None:
                left = [self.daemon_pid, *self.descendants()]
                self.down()
        finally:
            for pid in left:
                if is_alive(pid):
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
            if self.process is not None:
                self.stdout.close()
                self.stderr.close()
            shutil.rmtree(self.folder, ignore_errors=True)


class HouseTest(unittest.TestCase):
    """A test that builds houses: each is ended and removed afterwards."""

    def house(self, programs="", **options):
        house = House(programs, **options)
        self.addCleanup(house.clean)
        return house

    def fault(self, code, words, call, *arguments):
        with self.assertRaises(xmlrpc.client.Fault) as caught:
            call(*arguments)
        self.assertEqual((caught.exception.faultCode, caught.exception.faultString), (code, words))


def refused(text, arguments=()):
    """Starts lares with this configuration text; returns (exit status, stderr, files left behind)."""
    folder = tempfile.mkdtemp(prefix="lares-test-")
    try:
        config = f"{folder}/lares.conf"
        with open(config, "w", encoding="utf-8") as file:
            file.write(text.replace("@", folder))
        done = subprocess.run([LARES, "up", "-c", config, "--foreground", *arguments], capture_output=True, text=True,
                              timeout=PATIENCE, cwd=folder, stdin=subprocess.DEVNULL)
        return done.returncode, done.stderr.replace(folder, "@"), sorted(os.listdir(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
