"""What looking costs: the list of 1,000 programs by REST, and 200 viewers of a program that writes 10 MB/s.

    python3 bench/api/run.py build/release/bin/lares [--programs 1000] [--viewers 200]

The figures are times of this machine; the ratios are what is promised: a restart with 200 viewers takes as long as
without, and the daemon's memory is bounded.
"""

import argparse
import http.client
import json
import os
import selectors
import socket
import statistics
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from house import Lares  # noqa: E402


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


def lists(arguments):
    sections = f"[program:p]\ncommand=sleep 3600\nnumprocs={arguments.programs}\n" \
               "process_name=p_%(process_num)04d\nautostart=false\nstdout_logfile=NONE\nstderr_logfile=NONE\n"
    with Lares(arguments.binary, sections) as house:
        connection = Unix(house.socket)
        size = len(ask(connection, "GET", "/api/v1/programs"))
        whole = told(f"list of {arguments.programs} programs ({size // 1024} KB)",
                     times_of(lambda: ask(connection, "GET", "/api/v1/programs"), 50))
        told("  of three members each",
             times_of(lambda: ask(connection, "GET", "/api/v1/programs?fields=name,group,statename"), 50))
        told("  /metrics", times_of(lambda: ask(connection, "GET", "/metrics"), 20))
        print(f"list under 10 ms: {'yes' if whole < 10 else 'NO'}")


class Viewers(threading.Thread):
    """Takes what the streams send and throws it away; a process of its own would be fairer, a thread is enough."""

    def __init__(self, path, count):
        super().__init__(daemon=True)
        self.bytes, self.gaps, self.ends, self.is_over = 0, 0, 0, False
        self.selector = selectors.DefaultSelector()
        for _ in range(count):
            peer = socket.socket(socket.AF_UNIX)
            peer.connect(path)
            peer.sendall(b"GET /api/v1/stream?topics=programs,log:loud HTTP/1.1\r\nHost: x\r\n\r\n")
            peer.setblocking(False)
            self.selector.register(peer, selectors.EVENT_READ)

    def run(self):
        while not self.is_over:
            for key, _ in self.selector.select(0.2):
                try:
                    data = key.fileobj.recv(1 << 20)
                except BlockingIOError:
                    continue
                self.bytes += len(data)
                self.gaps += data.count(b"event: gap")
                if not data:
                    self.ends += 1
                    self.selector.unregister(key.fileobj)


def viewers(arguments):
    loud = "import os,time\nline=b'x'*1023+b'\\n'\nchunk=line*100\nbegin=time.monotonic()\nsent=0\n" \
           "while True:\n os.write(1,chunk)\n sent+=len(chunk)\n" \
           " wait=sent/1e7-(time.monotonic()-begin)\n if wait>0: time.sleep(wait)\n"
    sections = "[program:quick]\ncommand=sleep 3600\nstartsecs=0\nstdout_logfile=NONE\nstderr_logfile=NONE\n" \
               "[program:loud]\ncommand=%FOLDER%/loud\nstdout_logfile=%FOLDER%/loud.log\nstdout_logfile_maxbytes=50MB\n" \
               "stdout_logfile_backups=1\n"

    def before(folder):
        with open(f"{folder}/loud", "w", encoding="ascii") as file:
            file.write(f"#!{sys.executable}\n{loud}")
        os.chmod(f"{folder}/loud", 0o755)

    with Lares(arguments.binary, sections, before=before) as house:
        connection = Unix(house.socket)
        restart = lambda: ask(connection, "POST", "/api/v1/programs/quick/restart", {"wait": True})  # noqa: E731
        times_of(restart, 5)
        without = told("restart without viewers", times_of(restart, arguments.restarts))
        before_memory = memory_of(house.pid())
        cpu = house.cpu()
        watching = Viewers(house.socket, arguments.viewers)
        watching.start()
        time.sleep(3)
        began, seen = time.monotonic(), watching.bytes
        with_viewers = told(f"restart with {arguments.viewers} viewers", times_of(restart, arguments.restarts))
        time.sleep(5)
        span = time.monotonic() - began
        print(f"viewers took {(watching.bytes - seen) / span / 1e6:.1f} MB/s together; {watching.gaps} gaps told; "
              f"{watching.ends} ended; memory {before_memory} -> {memory_of(house.pid())} MB")
        # Now they stop reading: what is unsent is bounded, nothing else suffers.
        watching.is_over = True
        watching.join()
        time.sleep(5)
        stalled = told("restart with as many viewers who take nothing", times_of(restart, arguments.restarts))
        print(f"memory with stalled viewers: {memory_of(house.pid())} MB")
        print(f"ratio with viewers / without: {with_viewers / without:.2f}; stalled / without: {stalled / without:.2f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--programs", type=int, default=1000)
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--restarts", type=int, default=40)
    parser.add_argument("--only", choices=["lists", "viewers"])
    arguments = parser.parse_args()
    if arguments.only != "viewers":
        lists(arguments)
    if arguments.only != "lists":
        viewers(arguments)


main()
