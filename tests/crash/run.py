#!/usr/bin/env python3
"""Kills the daemon at random moments while programs write, start, stop and die, and counts what was lost.

    run.py [--kills 200] [--programs 50] [--seed N] [--long] [--keep]

Programs (writer.cc) keep their own books, so a line lost or doubled, a death nobody caused, a start
made twice and an exit that was not noticed are all seen from outside. A model says what every program's
state must be. The seed draws the kills and what is done to which program; it is printed, and --seed
replays it as far as the kernel's timing allows.
"""

import argparse
import http.client
import json
import os
import random
import re
import signal
import struct
import sys
import threading
import time
import xmlrpc.client

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../whole"))
from harness import House, UnixTransport, is_alive, until  # noqa: E402

WRITER = os.environ.get("LARES_CRASH_WRITER", os.path.join(HERE, "../../build/release/bin/crash_writer"))
TROUBLE = (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError)
LIMIT = float(os.environ.get("LARES_TEST_PATIENCE", "60"))
NOT_RUNNING, ALREADY_STARTED, SHUTDOWN_STATE = 70, 60, 6


def image_of(pid):
    """Tells one executed program from another, though they are of one file: where its arguments lie. 0: not told."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return int(stat.read().rsplit(")", 1)[1].split()[45])
    except OSError:
        return 0


class OnceTransport(UnixTransport):
    """Python's own asks again by itself when a connection breaks, and nobody learns of it."""

    def request(self, *arguments, **more):
        return self.single_request(*arguments, **more)


class Program:
    """What we know of one: what it should be, and whom we killed."""

    def __init__(self, number):
        self.name = f"p{number:02d}"
        self.restarts_itself = number % 3 != 0
        self.is_up = True
        self.pid = 0
        self.may_die = set()     # pids that we ended or asked to end
        self.runs = [1, 1]       # at least, at most so many runs must have been
        self.restarts = [0, 0]   # restarts that nobody asked for, at least and at most
        self.version = 0         # odd: something is being done to it
        self.status = None       # of the end, when it is down by itself

    def configuration(self, number, folder):
        lines = [f"[program:{self.name}]", f"command = {WRITER} {self.name} {folder}/books {10 + number * 7 % 60}", "startsecs = 0",
                 f"autorestart = {'true' if self.restarts_itself else 'false'}", "stopwaitsecs = 30", "restart_delay = 0s",
                 f"stdout_logfile = {folder}/logs/{self.name}.out", f"stderr_logfile = {folder}/logs/{self.name}.err",
                 "stdout_logfile_backups = 3000", "stderr_logfile_backups = 3000"]
        if number % 2 == 0:
            lines.append("redirect_stderr = true")
        if number % 5 < 2:
            lines += ["stdout_logfile_maxbytes = 64KB", "stderr_logfile_maxbytes = 64KB"]
        if number % 4 == 1:
            lines += ["stdout_timestamp = true", "stderr_timestamp = true"]
        return "\n".join(lines) + "\n"


class Crash:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.programs = [Program(n) for n in range(options.programs)]
        self.complaints, self.first_answers, self.done = [], [], {}
        self.stopping = threading.Event()
        self.later_answers, self.answered = [], True
        self.compared = 0
        self.images = {0}  # of daemons that were killed

    def complain(self, words):
        self.complaints.append(words)
        print(f"  ! {words}", flush=True)

    # The daemon.
    def call(self, method, *arguments):
        """One answer, asked again while the daemon is away; a fault is an answer. (answer, times asked)"""
        end, asked = time.monotonic() + LIMIT, 0
        while True:
            asked += 1
            try:
                call = xmlrpc.client.ServerProxy("http://localhost/RPC2", transport=OnceTransport(self.house.socket))
                for part in method.split("."):
                    call = getattr(call, part)
                return call(*arguments), asked
            except xmlrpc.client.Fault as fault:
                if fault.faultCode != SHUTDOWN_STATE or time.monotonic() > end:
                    return fault, asked
            except TROUBLE as error:
                if time.monotonic() > end:
                    raise AssertionError(f"no answer to {method} within {LIMIT} s: {error}") from None
            time.sleep(0.002)

    def daemon(self):
        """The pid of the living daemon, or 0: the keeper's child that is Lares."""
        try:
            with open(f"/proc/{self.house.process.pid}/task/{self.house.process.pid}/children", encoding="ascii") as file:
                children = [int(each) for each in file.read().split()]
        except OSError:
            return 0
        for pid in children:
            try:
                # A child that a daemon was just making when it was killed still has its image, and the keeper inherits it.
                is_child = (image := image_of(pid)) in self.images and image != 0
                if os.readlink(f"/proc/{pid}/exe").startswith(self.binary) and is_alive(pid) and not is_child:
                    return pid
            except OSError:
                pass
        return self.house.process.pid if self.options.harmless else 0

    def status(self):
        answer, _ = self.call("lares.status", [])
        return {each["name"]: each for each in answer["processes"]}

    def seen(self):
        """What must be the same before and after a crash, of programs that nobody touches."""
        return {name: (each["pid"], each["started"], each["statename"], each["restarts"], each["stopped"], each["exitstatus"])
                for name, each in self.status().items()}

    def up(self):
        house = self.house = House("", daemon="minfds = 4096\n")
        for name in ("books", "logs", "state"):
            os.makedirs(house.path(name), exist_ok=True)
        house.environment["STATE_DIRECTORY"] = house.path("state")
        house.write("".join(each.configuration(n, house.folder) for n, each in enumerate(self.programs)))
        house.up()
        self.binary = os.readlink(f"/proc/{house.process.pid}/exe")
        for each in self.programs:
            self.settle(each)
        self.first_daemon = self.daemon()
        if not self.first_daemon:
            raise AssertionError("there is no daemon below the process that was started: is there a keeper?")

    def descriptors(self):
        return [len(os.listdir(f"/proc/{pid}/fd")) for pid in (self.house.process.pid, self.daemon())]

    # What is done to programs.
    def settle(self, program):
        """Waits until the program is what the model says, and remembers its pid."""
        def is_so():
            found, _ = self.call("supervisor.getProcessInfo", program.name)
            self.last = found
            if isinstance(found, xmlrpc.client.Fault):
                return False
            if program.is_up:
                return found["statename"] == "RUNNING" and found["pid"] not in (0, program.pid) and self.has_books(program, found["pid"]) and found
            return found["statename"] in ("STOPPED", "EXITED") and found["pid"] == 0 and found
        try:
            found = until(is_so, limit=LIMIT)
        except AssertionError:
            raise AssertionError(f"'{program.name}' should be {'up, with another pid than ' + str(program.pid) if program.is_up else 'down'}; it is {self.last}") from None
        if program.is_up:
            program.pid = found["pid"]
            return
        if program.status is not None and found["exitstatus"] != program.status:
            self.complain(f"'{program.name}' ended with {program.status}, and its status says {found['exitstatus']}")

    def has_books(self, program, pid):
        """It got so far as to keep books: what is killed before that leaves no trace."""
        return os.path.exists(self.house.path(f"books/{program.name}.{pid}"))

    def by_itself(self, program, number, status):
        """It dies without having been asked to through the daemon."""
        program.may_die.add(program.pid)
        os.kill(program.pid, number)
        program.is_up, program.status = program.restarts_itself, status
        if program.restarts_itself:
            program.restarts = [n + 1 for n in program.restarts]
            program.runs = [n + 1 for n in program.runs]

    def do_kill(self, program, _):
        self.by_itself(program, signal.SIGKILL, -1)

    def do_exit(self, program, _):
        self.by_itself(program, signal.SIGUSR1, 7)

    def do_stop(self, program, random_):
        program.may_die.add(program.pid)
        answer, asked = self.call("supervisor.stopProcess", program.name, random_.random() < 0.5)
        if answer is not True and not (asked > 1 and answer.faultCode == NOT_RUNNING):
            self.complain(f"stop of '{program.name}': {answer} at the {asked}. asking")
        program.is_up, program.status = False, -1

    def do_start(self, program, random_):
        program.pid = 0
        answer, asked = self.call("supervisor.startProcess", program.name, random_.random() < 0.5)
        if answer is not True and not (asked > 1 and answer.faultCode == ALREADY_STARTED):
            self.complain(f"start of '{program.name}': {answer} at the {asked}. asking")
        program.is_up = True
        program.runs = [n + 1 for n in program.runs]

    def act(self, program, random_):
        names = ["kill", "exit", "stop", "stop"] if program.is_up else ["start"]
        name = random_.choice(names)
        self.done[name] = self.done.get(name, 0) + 1
        program.version += 1
        getattr(self, "do_" + name)(program, random_)
        self.settle(program)
        program.version += 1

    def drive(self, programs, seed):
        """One thread: does one thing after the other to its programs."""
        random_ = random.Random(seed)
        try:
            while not self.stopping.is_set():
                self.act(random_.choice(programs), random_)
                self.stopping.wait(random_.uniform(0, 0.02))
        except (AssertionError, OSError) as error:
            self.complain(f"{type(error).__name__}: {error}")
            self.stopping.set()

    # Kills.
    def kill_one(self, pid, number):
        if number != 0:
            self.images.add(image_of(pid))
        os.kill(pid, number)

    def kill_daemon(self, number=signal.SIGKILL):
        pid = until(self.daemon, limit=LIMIT, say="the keeper started no daemon")
        versions = {each.name: each.version for each in self.programs}
        look = self.random.random() < 0.3
        before = self.seen() if look else None
        pid = self.daemon() or pid
        start = time.monotonic()
        try:
            self.kill_one(pid, number)
        except ProcessLookupError:
            return
        was_ready = self.answered
        self.answered = False
        if not look and self.random.random() < 0.5:
            return  # the next kill may meet a daemon that is not ready yet
        self.call("supervisor.getPID")
        # One that was killed before it could answer makes the keeper wait before it tries again.
        (self.first_answers if was_ready else self.later_answers).append(time.monotonic() - start)
        self.answered = True
        if look:
            self.compare(before, self.seen(), versions)

    def compare(self, before, after, versions):
        for program in self.programs:
            calm = program.version == versions[program.name] and program.version % 2 == 0
            if not calm:
                continue
            self.compared += 1
            if before[program.name] != after[program.name]:
                self.complain(f"'{program.name}' (pid, started, state, restarts, stopped, exitstatus) was "
                              f"{before[program.name]}, and after the crash is {after[program.name]}")

    def crash(self):
        threads = [threading.Thread(target=self.drive, args=(self.programs[n::4], self.random.random())) for n in range(4)]
        for thread in threads:
            thread.start()
        try:
            for kill in range(self.options.kills):
                if self.stopping.wait(self.random.uniform(0, 0.1)):
                    break
                number = signal.SIGSEGV if kill % 20 == 19 else signal.SIGKILL
                self.kill_daemon(0 if self.options.harmless else number)
                if kill % 100 == 99:
                    print(f"  {kill + 1} kills, {sum(self.done.values())} things done", flush=True)
        except (AssertionError, OSError) as error:
            self.complain(f"{type(error).__name__}: {error}")
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join()

    # What is counted at the end.
    def check_states(self):
        def is_rest():
            """What is under way when the kills end may take its time."""
            found = self.status()
            return all(found[each.name]["statename"] in (("RUNNING",) if each.is_up else ("STOPPED", "EXITED")) for each in self.programs)
        try:
            until(is_rest, limit=LIMIT)
        except AssertionError:
            pass  # told below
        status = self.status()
        for program in self.programs:
            found = status[program.name]
            if program.is_up and (found["statename"], found["pid"]) != ("RUNNING", program.pid):
                self.complain(f"'{program.name}' should be RUNNING with pid {program.pid}, and is {found['statename']} with {found['pid']}")
            if program.is_up and not program.restarts[0] <= found["restarts"] <= program.restarts[1]:
                self.complain(f"'{program.name}' restarted {program.restarts} times, and its status says {found['restarts']}")
            if not program.is_up and found["statename"] not in ("STOPPED", "EXITED"):
                self.complain(f"'{program.name}' should be down, and is {found['statename']}")

    def books(self, program):
        """{pid: ((begun, done) of o, of e)}"""
        found = {}
        for name in os.listdir(self.house.path("books")):
            owner, pid = name.rsplit(".", 1)
            if owner == program.name:
                with open(self.house.path(f"books/{name}"), "rb") as file:
                    numbers = struct.unpack("4Q", file.read(32))
                found[int(pid)] = {"o": numbers[:2], "e": numbers[2:]}
        return found

    def check_deaths(self):
        for program in self.programs:
            books = self.books(program)
            for pid in books:
                if not is_alive(pid) and pid not in program.may_die:
                    self.complain(f"'{program.name}' with pid {pid} died, and nobody killed it")
                if is_alive(pid) and not (program.is_up and pid == program.pid):
                    self.complain(f"'{program.name}' with pid {pid} lives, and should not")
            if not program.runs[0] <= len(books) <= program.runs[1]:
                self.complain(f"'{program.name}' should have run {program.runs} times, and ran {len(books)} times")

    def lines(self, program, stream):
        """(pid, stream, number) of every line in the log of a stream, the oldest file first."""
        base = f"{program.name}.{stream}"
        numbers = [0]
        for name in os.listdir(self.house.path("logs")):
            if match := re.fullmatch(re.escape(base) + r"\.(\d+)", name):
                numbers.append(int(match.group(1)))
        text = "".join(self.house.read(f"logs/{base}.{n}" if n else f"logs/{base}") for n in sorted(numbers, reverse=True))
        return [(int(pid), kind, int(number)) for pid, kind, number in
                re.findall(rf"{program.name} (\d+) ([oe]) (\d+) x*\n", text)]

    def check_lines(self):
        total = 0
        for program in self.programs:
            found = {}
            for pid, kind, number in self.lines(program, "out") + self.lines(program, "err"):
                found.setdefault((pid, kind), []).append(number)
                total += 1
            for pid, streams in self.books(program).items():
                for kind, (begun, done) in streams.items():
                    self.check_run(f"'{program.name}' {pid} {kind}", found.pop((pid, kind), []), begun, done)
            for key, numbers in found.items():
                self.complain(f"'{program.name}' has {len(numbers)} lines of {key}, which never ran")
        return total

    def check_run(self, name, numbers, begun, done):
        if numbers == list(range(len(numbers))) and done <= len(numbers) <= begun:
            return
        first = next((n for n, number in enumerate(numbers) if n != number), len(numbers))
        missing, doubled = set(range(done)) - set(numbers), len(numbers) - len(set(numbers))
        self.complain(f"{name}: {len(missing)} lines lost, {doubled} doubled of {done}; out of order from line {first}: "
                      f"...{numbers[max(0, first - 2):first + 3]}... (lost: {sorted(missing)[:5]})")

    def down(self):
        """Ends the house in order; nothing may be left of it."""
        code = self.house.down()
        if code != 0:
            self.complain(f"the end had exit status {code}")
        left = [pid for program in self.programs for pid in self.books(program) if is_alive(pid)]
        for pid in left:
            self.complain(f"process {pid} was left behind")
            os.kill(pid, signal.SIGKILL)

    def run(self):
        started = time.monotonic()
        self.up()
        try:
            descriptors = self.descriptors()
            self.crash()
            crashed = time.monotonic()
            self.call("supervisor.getPID")
            self.check_states()
            self.check_deaths()
            after = until(lambda: all(b <= a + 6 for a, b in zip(descriptors, self.descriptors())) and self.descriptors(), limit=5) \
                if self.daemon() else None
            # The database beside it has bounds of its own.
            kept = sum(os.path.getsize(os.path.join(root, name)) for root, _, names in os.walk(self.house.path("state"))
                       for name in names if not name.startswith("lares.db"))
            if kept > 4 << 20:
                self.complain(f"what the daemon keeps grew to {kept} bytes")
            for each in self.programs:
                each.may_die.add(each.pid)
            self.down()
            lines = self.check_lines()
        except AssertionError as error:
            self.complain(str(error))
            lines, after, kept, crashed = 0, None, 0, time.monotonic()
        finally:
            if self.complaints or self.options.keep:
                print(f"  kept for a look: {self.house.folder}")
                self.end_roughly()
            else:
                self.house.clean()
        answers = sorted(self.first_answers) or [0]
        later = sorted(self.later_answers) or [0]
        share = lambda part, of=answers: round(of[min(len(of) - 1, int(part * len(of)))] * 1000)
        print(json.dumps({
            "seed": self.options.seed, "kills": self.options.kills, "things done": self.done, "runs": sum(each.runs[0] for each in self.programs),
            "lines": lines, "complaints": len(self.complaints), "compared over a crash": self.compared,
            "first answer after a kill, ms": {"median": share(0.5), "95 %": share(0.95), "longest": share(1)},
            "the same after kills in quick succession, ms": {"median": share(0.5, later), "95 %": share(0.95, later), "longest": share(1, later)},
            "descriptors before and after (keeper, daemon)": [descriptors, after], "kept bytes": kept, "seconds": round(crashed - started)}, indent=1))
        if share(0.5) > 2000:
            self.complain("half of all first answers took longer than 2 s")
        return not self.complaints

    def end_roughly(self):
        if self.house.process.poll() is None:
            left = self.house.descendants()
            self.house.process.kill()
            self.house.process.wait()
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        for pid in [pid for program in self.programs for pid in self.books(program) if self.is_ours(pid)]:
            os.kill(pid, signal.SIGKILL)

    def is_ours(self, pid):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                return self.house.folder.encode() in file.read()
        except OSError:
            return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--programs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--long", action="store_true", help="2,000 kills")
    parser.add_argument("--harmless", action="store_true", help="signal 0 instead of 9: judges this program itself")
    parser.add_argument("--keep", action="store_true", help="leave the folder")
    options = parser.parse_args()
    if options.long:
        options.kills = 2000
    print(f"seed {options.seed}", flush=True)
    return 0 if Crash(options).run() else 1


if __name__ == "__main__":
    sys.exit(main())
