"""What others need for the same: RQ on Redis (made durable), nq and task-spooler. Each is None where it is not installed."""

import os
import shutil
import subprocess
import tempfile
import time

PYTHON = "/usr/bin/python3"  # the one that Debian's python3-rq is for

PUTTER = """
import sys, time
import redis, rq
queue = rq.Queue("bench", connection=redis.Redis(unix_socket_path=sys.argv[1]))
jobs, batch = int(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
for _ in range(jobs // batch):
    if batch == 1:
        queue.enqueue("time.time")
    else:
        queue.enqueue_many([rq.Queue.prepare_data("time.time") for _ in range(batch)])
print("done", flush=True)
sys.stdin.readline()
"""

WORKER = """
import sys
import redis, rq
kind = rq.Worker if sys.argv[2] == "fork" else rq.SimpleWorker
print("ready", flush=True)
sys.stdin.readline()
connection = redis.Redis(unix_socket_path=sys.argv[1])
kind([rq.Queue("bench", connection=connection)], connection=connection).work(burst=True, logging_level="ERROR")
print("done", flush=True)
sys.stdin.readline()
"""


def has_rq():
    return shutil.which("redis-server") and subprocess.run([PYTHON, "-c", "import rq, redis"], capture_output=True, check=False).returncode == 0


def together(script, words, count):
    """Seconds that so many of the script need, from the word to begin until the last has ended; what they load before is not counted."""
    all_of_them = [subprocess.Popen([PYTHON, "-c", script, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                   for _ in range(count)]
    for each in all_of_them:
        each.stdout.readline()
    begin = time.monotonic()
    for each in all_of_them:
        each.stdin.write("\n")
        each.stdin.flush()
    for each in all_of_them:
        if each.stdout.readline() != "done\n":
            raise SystemExit("a peer's script failed")
    took = time.monotonic() - begin
    for each in all_of_them:
        each.communicate("\n")
    return took


class Redis:
    def __init__(self, where=None):
        self.where = where

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="lares-bench-", dir=self.where)
        self.socket = f"{self.folder}/redis.sock"
        self.process = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", self.folder, "--appendonly", "yes",
                                         "--appendfsync", "always", "--save", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while not os.path.exists(self.socket):
            if time.monotonic() > end or self.process.poll() is not None:
                raise SystemExit("redis-server did not come up")
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def rq_rates(where, jobs):
    """Jobs a second: put by 8 clients one at a time, in batches of 500, and worked on by 2 workers in their own process and in forks."""
    if not has_rq():
        return None
    found = {}
    with Redis(where) as redis:
        found["put"] = jobs // 8 * 8 / together(PUTTER, [redis.socket, str(jobs // 8), "1"], 8)
        found["lines"] = jobs // 8 * 8 / together(WORKER, [redis.socket, "simple"], 2)
        found["batch"] = 1000 * 2 / together(PUTTER, [redis.socket, "1000", "500"], 2)
    with Redis(where) as redis:
        together(PUTTER, [redis.socket, str(jobs // 10), "1"], 1)
        found["exec"] = jobs // 10 / together(WORKER, [redis.socket, "fork"], 2)
    return found


def nq_rate(program, jobs):
    """nq runs one at a time, in order."""
    if not shutil.which("nq"):
        return None
    folder = tempfile.mkdtemp(prefix="lares-bench-")
    environment = dict(os.environ, NQDIR=folder)
    try:
        begin = time.monotonic()
        for _ in range(jobs):
            subprocess.run(["nq", "-q", program], env=environment, check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["nq", "-w"], env=environment, check=True, stdout=subprocess.DEVNULL)
        return jobs / (time.monotonic() - begin)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def tsp_rate(program, jobs, at_once):
    if not shutil.which("tsp"):
        return None
    folder = tempfile.mkdtemp(prefix="lares-bench-")
    environment = dict(os.environ, TS_SOCKET=f"{folder}/ts", TMPDIR=folder, TS_SLOTS=str(at_once), TS_MAXFINISHED="10")
    try:
        begin = time.monotonic()
        for _ in range(jobs):
            subprocess.run(["tsp", "-n", program], env=environment, check=True, stdout=subprocess.DEVNULL)
        for last in range(jobs - at_once, jobs):  # its numbers begin with 0, and -n does not print them
            subprocess.run(["tsp", "-w", str(last)], env=environment, check=True, stdout=subprocess.DEVNULL)
        return jobs / (time.monotonic() - begin)
    finally:  # the server is its own process
        subprocess.run(["tsp", "-K"], env=environment, check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
