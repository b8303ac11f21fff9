"""What looking costs: the list of 1,000 programs by REST, and 200 viewers of a program that writes 10 MB/s.

    python3 bench/api/run.py build/release/bin/lares [--programs 1000] [--viewers 200]

The figures are times of this machine; the ratios are what is promised: a restart with 200 viewers takes as long as
without, the writer is not held up, the daemon's memory is bounded, and what a viewer does not get it is told of. Exit
status 1 when a promise is not kept, 2 when the machine is too busy to tell.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import selectors
import socket
import statistics
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from house import Lares  # noqa: E402


# What is kept unsent for a viewer is bounded (control/live.h); of 200 of them together.
MEMORY_MB = 64
# Medians of the same that differ by more show that the machine is too busy to tell.
MOST_CHANCE = 1.5


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("x")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def ask(connection, method, path, body=None):
    connection.request(method, path, body=json.dumps(body) if body is not None else None)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status >= 300:
        raise SystemExit(f"{method} {path}: {answer.status} {text[:300]}")
    return text


def times_of(act, count):
    found = []
    for _ in range(count):
        began = time.perf_counter()
        act()
        found.append((time.perf_counter() - began) * 1000)
    return found


def told(name, times):
    times = sorted(times)
    print(f"{name}: median {statistics.median(times):.2f} ms, 95 % {times[int(len(times) * .95)]:.2f} ms, "
          f"worst {times[-1]:.2f} ms")
    return statistics.median(times)


def memory_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) // 1024


def lists(arguments, promises):
    sections = f"[program:p]\ncommand=sleep 3600\nnumprocs={arguments.programs}\n" \
               "process_name=p_%(process_num)04d\nautostart=false\nstdout_logfile=NONE\nstderr_logfile=NONE\n"
    with Lares(arguments.binary, sections) as house:
        connection = Unix(house.socket)
        size = len(ask(connection, "GET", "/api/v1/programs"))
        cpu = house.cpu()
        whole = told(f"list of {arguments.programs} programs ({size // 1024} KB)",
                     times_of(lambda: ask(connection, "GET", "/api/v1/programs"), 50))
        used = (house.cpu() - cpu) * 1000 / 50
        print(f"  of which the daemon computes {used:.1f} ms")
        told("  of three members each",
             times_of(lambda: ask(connection, "GET", "/api/v1/programs?fields=name,group,statename"), 50))
        told("  /metrics", times_of(lambda: ask(connection, "GET", "/metrics"), 20))
        # What it computes no neighbour can make more; for how long it waits for a processor he can.
        promises.hold(whole < 10, f"a list of {arguments.programs} programs takes {whole:.1f} ms (at most 10)",
                      can_tell=whole < 10 or used >= 10)


class Viewers:
    """A process of its own that takes what the streams send and throws it away: in ours it would hold up the clock that
    times restarts. Of lower priority, since real viewers are other machines that take nothing of this one's processors."""

    def __init__(self, path, count):
        self.counts = multiprocessing.Array("q", 3, lock=False)  # bytes, gaps, ends
        self.order = multiprocessing.Value("i", 1, lock=False)   # 1: take; 0: take nothing; -1: go
        self.process = multiprocessing.Process(target=self.run, args=(path, count), daemon=True)
        self.process.start()

    def run(self, path, count):
        os.nice(10)
        selector = selectors.DefaultSelector()
        for _ in range(count):
            peer = socket.socket(socket.AF_UNIX)
            peer.connect(path)
            peer.sendall(b"GET /api/v1/stream?topics=programs,log:loud HTTP/1.1\r\nHost: x\r\n\r\n")
            peer.setblocking(False)
            selector.register(peer, selectors.EVENT_READ)
        while self.order.value >= 0:
            if self.order.value == 0:
                time.sleep(0.05)
                continue
            for key, _ in selector.select(0.2):
                try:
                    data = key.fileobj.recv(1 << 20)
                except BlockingIOError:
                    continue
                self.counts[0] += len(data)
                self.counts[1] += data.count(b"event: gap")
                if not data:
                    self.counts[2] += 1
                    selector.unregister(key.fileobj)

    bytes = property(lambda self: self.counts[0])
    gaps = property(lambda self: self.counts[1])
    ends = property(lambda self: self.counts[2])

    def end(self):
        self.order.value = -1
        self.process.join()


LOUD = """import os, struct, sys, time
line = b'x' * 1023 + b'\\n'
chunk = line * 100
begin = time.monotonic()
sent = 0
told = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
while True:
    os.write(1, chunk)
    sent += len(chunk)
    os.pwrite(told, struct.pack('q', sent), 0)
    wait = sent / 1e7 - (time.monotonic() - begin)
    if wait > 0: time.sleep(wait)
    # What was missed is not made up for: each second is judged by itself.
    if wait < -1: begin -= wait
"""


class Writer:
    """What `loud` has written so far, as it says itself."""

    def __init__(self, folder):
        self.path = f"{folder}/sent"

    def sent(self):
        with open(self.path, "rb") as file:
            return struct.unpack("q", file.read(8))[0]


class Promises:
    """What is promised and whether it was kept; broken ones make the exit status 1."""

    def __init__(self):
        self.broken, self.untold = [], []

    def hold(self, is_kept, words, can_tell=True):
        print(f"  {'kept' if is_kept else 'NOT KEPT' if can_tell else 'NOT JUDGED, too much else goes on here'}: {words}")
        if not can_tell:
            self.untold.append(words)
        elif not is_kept:
            self.broken.append(words)


class Phase:
    """Restarts under one condition, in several turns, with what the writer reached meanwhile."""

    def __init__(self, name):
        self.name, self.times, self.bytes, self.seconds, self.cpu, self.memory = name, [], 0, 0.0, 0.0, 0

    def measure(self, house, writer, restart, count):
        began, sent, cpu = time.monotonic(), writer.sent(), house.cpu()
        for found in times_of(restart, count):
            self.times.append(found)
        time.sleep(2)
        self.seconds += time.monotonic() - began
        self.bytes += writer.sent() - sent
        self.cpu += house.cpu() - cpu
        self.memory = max(self.memory, memory_of(house.pid()))

    rate = property(lambda self: self.bytes / self.seconds / 1e6)
    median = property(lambda self: statistics.median(self.times))

    def tell(self):
        told(f"restart {self.name}", self.times)
        print(f"  the writer reached {self.rate:.1f} MB/s of 10; the daemon used {self.cpu / self.seconds * 100:.0f} % of a "
              f"processor and {self.memory} MB")


def spread(phase):
    """How far medians of the same differ by chance: between the halves of what was measured without viewers."""
    times = phase.times
    half = len(times) // 2
    first, second = statistics.median(times[:half]), statistics.median(times[half:])
    return max(first, second) / min(first, second)


def viewers(arguments, promises):
    sections = "[program:quick]\ncommand=sleep 3600\nstartsecs=0\nstdout_logfile=NONE\nstderr_logfile=NONE\n" \
               f"[program:loud]\ncommand={sys.executable} %FOLDER%/loud %FOLDER%/sent\nstdout_logfile=%FOLDER%/loud.log\n" \
               "stdout_logfile_maxbytes=50MB\nstdout_logfile_backups=1\n"

    def before(folder):
        with open(f"{folder}/loud", "w", encoding="ascii") as file:
            file.write(LOUD)

    with Lares(arguments.binary, sections, before=before) as house:
        connection, writer = Unix(house.socket), Writer(house.folder)
        restart = lambda: ask(connection, "POST", "/api/v1/programs/quick/restart", {"wait": True})  # noqa: E731
        house.until(lambda: os.path.exists(writer.path), "a writer")
        times_of(restart, 5)
        time.sleep(2)
        without, reading = Phase("without viewers"), Phase(f"with {arguments.viewers} viewers")
        stalled = Phase("with as many viewers who take nothing")
        taken = gaps = ends = 0
        span = 0.0
        alone = 0
        # Turn by turn, so that what else the machine does meets both alike.
        for _ in range(arguments.turns):
            without.measure(house, writer, restart, arguments.restarts)
            alone = alone or without.memory  # before the first viewer came
            watching = Viewers(house.socket, arguments.viewers)
            time.sleep(2)
            began, seen = time.monotonic(), watching.bytes
            reading.measure(house, writer, restart, arguments.restarts)
            span += time.monotonic() - began
            taken += watching.bytes - seen
            gaps += watching.gaps
            ends += watching.ends
            watching.order.value = 0
            time.sleep(3)
            stalled.measure(house, writer, restart, arguments.restarts)
            # Who was slow hears of it as soon as he takes something again.
            before_gaps = watching.gaps
            watching.order.value = 1
            time.sleep(2)
            told_after = watching.gaps - before_gaps
            watching.end()
            time.sleep(1)
        for phase in (without, reading, stalled):
            phase.tell()
        chance = spread(without)
        print(f"viewers took {taken / span / 1e6:.1f} MB/s together, with {gaps} notes of what was left out; {ends} were let go; "
              f"after they took nothing for a while: {told_after} notes")
        print(f"two halves of the same differ by {chance:.2f}; allowed is what differs by chance, and a quarter")
        most = 1.25 * min(chance, MOST_CHANCE)
        for phase in (reading, stalled):
            ratio = phase.median / without.median
            words = f"a restart {phase.name} takes {ratio:.2f} times what it takes without (at most {most:.2f})"
            # On a machine where the same takes twice as long a minute later nothing is shown either way.
            promises.hold(ratio <= most, words, can_tell=ratio <= most or chance <= MOST_CHANCE)
            promises.hold(phase.rate >= 0.9 * without.rate,
                          f"{phase.name} the writer reaches {phase.rate:.1f} MB/s, without {without.rate:.1f} (at least nine tenths)")
            grown = phase.memory - alone
            promises.hold(grown <= MEMORY_MB, f"{phase.name} the daemon's memory grows by {grown} MB (at most {MEMORY_MB})")
        promises.hold(gaps > 0 and ends == 0, "what is not shown is told in notes, and nobody who reads is let go")
        promises.hold(told_after >= arguments.viewers, "each viewer who took nothing is told what it missed")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--programs", type=int, default=1000)
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--restarts", type=int, default=40)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--only", choices=["lists", "viewers"])
    arguments = parser.parse_args()
    promises = Promises()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    if arguments.only != "viewers":
        lists(arguments, promises)
    if arguments.only != "lists":
        viewers(arguments, promises)
    if promises.broken:
        raise SystemExit(f"not kept: {'; '.join(promises.broken)}")
    if promises.untold:
        print(f"not judged: {'; '.join(promises.untold)}")
        raise SystemExit(2)


main()
