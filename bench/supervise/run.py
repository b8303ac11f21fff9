"""What Lares promises as a supervisor, measured beside supervisord, runit and s6 in the same run.

Usage: run.py --lares BINARY --tools FOLDER [--only birth,restart,memory,throughput,status] [--json]
Every figure is a ratio against a peer or a bare loop of this run, or a limit; nothing is compared
with another day or another machine. Peers that are not installed are left out and named.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

PEER = shutil.which("supervisord")


class Folder:
    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="lares-bench-")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def configuration(folder, programs, name="d"):
    text = (f"[supervisord]\nlogfile={folder}/{name}.log\npidfile={folder}/{name}.pid\nchildlogdir={folder}\n"
            f"nodaemon=true\nminfds=10000\n[unix_http_server]\nfile={folder}/{name}.sock\n"
            "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
            f"[supervisorctl]\nserverurl=unix://{folder}/{name}.sock\n{programs}")
    path = f"{folder}/{name}.conf"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


class Daemon:
    """A supervisor under measurement, ended at the end of the block."""

    def __init__(self, command, folder, name="d"):
        self.command, self.folder, self.name = command, folder, name

    def __enter__(self):
        self.begun = time.monotonic()
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder, env=dict(os.environ, STATE_DIRECTORY=f"{self.folder}/state-{self.name}"))
        return self

    def __exit__(self, *_):
        children = self.children()
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def own(self):
        """The supervisor's own processes: what was started, and the daemon below it where that is a keeper."""
        try:
            with open(f"{self.folder}/{self.name}.pid", encoding="ascii") as file:
                return {self.process.pid, int(file.read())}
        except (FileNotFoundError, ValueError):
            return {self.process.pid}

    def children(self):
        found = set()
        for own in self.own():
            for task in os.listdir(f"/proc/{own}/task"):
                with open(f"/proc/{own}/task/{task}/children", encoding="ascii") as file:
                    found |= {int(pid) for pid in file.read().split()}
        return sorted(found - self.own())

    def log(self):
        try:
            with open(f"{self.folder}/{self.name}.log", encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def until_log(self, pattern, count, limit=120):
        end = time.monotonic() + limit
        while len(re.findall(pattern, self.log())) < count:
            if time.monotonic() > end or self.process.poll() is not None:
                raise RuntimeError(f"{self.command[0]}: fewer than {count} lines of '{pattern}'")
            time.sleep(0.1)

    def cpu(self):
        ticks = 0
        for pid in self.own():
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def pss(self):
        kilobytes = 0
        for pid in self.own():
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                kilobytes += int(re.search(r"^Pss:\s+(\d+)", file.read(), re.M).group(1))
        return kilobytes / 1024


def seconds_of(line):
    clock = re.match(r"\d+-\d+-\d+ (\d+):(\d+):(\d+),(\d+)", line)
    h, m, s, ms = (int(each) for each in clock.groups())
    return h * 3600 + m * 60 + s + ms / 1000


def birth_of(daemon):
    lines = daemon.log().split("\n")
    started = next(seconds_of(line) for line in lines if "started with pid" in line)
    spawned = [seconds_of(line) for line in lines if " spawned: " in line]
    return max(spawned) - started


def idle_programs(count, command="/bin/sleep 100000"):
    return "".join(f"[program:p{n}]\ncommand={command}\nstartsecs=0\nautorestart=true\n" for n in range(count))


def measure_birth(asked, results):
    count = 1000
    bare = [float(subprocess.run([f"{asked.tools}/bench_spawn_loop", str(count), "/bin/sleep", "100000"], capture_output=True, text=True, check=True).stdout) for _ in range(3)]
    ours, cpu = [], []
    for _ in range(3):
        with Folder() as folder, Daemon([asked.lares, "up", "--foreground", "-c", configuration(folder, idle_programs(count))], folder) as daemon:
            daemon.until_log(" spawned: ", count)
            daemon.until_log("entered RUNNING", count)
            ours.append(birth_of(daemon))
            cpu.append(daemon.cpu())
    results["birth of 1,000: bare posix_spawn loop, s"] = statistics.median(bare)
    results["birth of 1,000: lares, s"] = statistics.median(ours)
    results["birth of 1,000: ratio lares / bare (at most 1.5)"] = statistics.median(ours) / statistics.median(bare)
    results["birth of 1,000: own CPU of lares, s (below 0.3)"] = statistics.median(cpu)
    if PEER:
        with Folder() as folder, Daemon([PEER, "-n", "-s", "-c", configuration(folder, idle_programs(count))], folder) as daemon:
            daemon.until_log(" spawned: ", count)
            results["birth of 1,000: supervisord, s"] = birth_of(daemon)


class Stamps:
    """Hears when a stamp program's main began."""

    def __init__(self, folder):
        self.path = f"{folder}/stamps"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(30)

    def next(self):
        nanoseconds, pid = self.socket.recv(64).split()
        return int(nanoseconds) / 1e9, int(pid)


def kill_and_wait(stamps, pid, trials):
    """Milliseconds from kill -9 to the replacement's main, each after the program was up for 1.2 s."""
    delays = []
    for _ in range(trials):
        time.sleep(1.2)
        at = time.clock_gettime(time.CLOCK_MONOTONIC)
        os.kill(pid, signal.SIGKILL)
        born, pid = stamps.next()
        delays.append((born - at) * 1000)
    return delays


def measure_restart(asked, results):
    stamp = f"{asked.tools}/bench_stamp"
    with Folder() as folder:
        stamps, bare = Stamps(folder), []
        for _ in range(12):
            time.sleep(1.2)  # as long as each trial below: what a machine forgets while it idles counts for both
            at = time.clock_gettime(time.CLOCK_MONOTONIC)
            pid = os.posix_spawn(stamp, [stamp, stamps.path], os.environ)
            born, _ = stamps.next()
            bare.append((born - at) * 1000)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    results["kill to main: bare posix_spawn, ms"] = statistics.median(bare)
    peers = {"lares": ([asked.lares, "up", "--foreground"], 15)}
    if PEER:
        peers["supervisord"] = ([PEER, "-n", "-s"], 4)
    for name, (command, trials) in peers.items():
        with Folder() as folder:
            stamps = Stamps(folder)
            config = configuration(folder, f"[program:p]\ncommand={stamp} {stamps.path}\nstartsecs=0\nautorestart=true\n")
            with Daemon([*command, "-c", config], folder):
                _, pid = stamps.next()
                results[f"kill to main: {name}, ms"] = statistics.median(kill_and_wait(stamps, pid, trials))
    for name, command in (("runit", "runsv"), ("s6", "s6-supervise")):
        if shutil.which(command):
            with Folder() as folder:
                stamps = Stamps(folder)
                os.mkdir(f"{folder}/service")
                with open(f"{folder}/service/run", "w", encoding="ascii") as file:
                    file.write(f"#!/bin/sh\nexec {stamp} {stamps.path}\n")
                os.chmod(f"{folder}/service/run", 0o755)
                with Daemon([command, f"{folder}/service"], folder):
                    _, pid = stamps.next()
                    results[f"kill to main: {name}, ms"] = statistics.median(kill_and_wait(stamps, pid, 8))
    results["kill to main: ratio lares / bare (at most 2)"] = results["kill to main: lares, ms"] / results["kill to main: bare posix_spawn, ms"]


def measure_memory(asked, results):
    for count, limit in ((100, 8), (1000, 14)):
        with Folder() as folder, Daemon([asked.lares, "up", "--foreground", "-c", configuration(folder, idle_programs(count))], folder) as daemon:
            daemon.until_log("entered RUNNING", count)
            time.sleep(2)
            results[f"PSS with {count} programs: lares, MB (below {limit})"] = daemon.pss()
        if PEER:
            with Folder() as folder, Daemon([PEER, "-n", "-s", "-c", configuration(folder, idle_programs(count))], folder) as daemon:
                daemon.until_log("entered RUNNING", count)
                results[f"PSS with {count} programs: supervisord, MB"] = daemon.pss()


def logged_bytes(folder):
    while True:
        try:
            return sum(os.path.getsize(f"{folder}/{name}") for name in os.listdir(folder) if name.startswith("out"))
        except FileNotFoundError:
            pass  # rotated meanwhile: once more


def time_logging(command, folder, tools, amount, at_once):
    """(Seconds from the first logged byte to the last, scaled to the whole amount; CPU seconds of the daemon)."""
    options = f"stdout_logfile={folder}/out\nstdout_logfile_maxbytes=50MB\nstdout_logfile_backups=40\nstartsecs=0\nautostart=true\nstderr_logfile=NONE\n"
    config = configuration(folder, f"[program:w]\ncommand={tools}/bench_writer {amount} {at_once}\n{options}")
    with Daemon([*command, "-c", config], folder) as daemon:
        end, begun, have, first = time.monotonic() + 300, None, 0, 0
        while time.monotonic() < end:
            have = logged_bytes(folder)
            if have and begun is None:
                begun, first = time.monotonic(), have
            if have >= amount:
                return (time.monotonic() - begun) * amount / max(amount - first, 1), daemon.cpu()
            time.sleep(0.005)
    raise RuntimeError(f"only {have} of {amount} bytes were logged")


def time_copy_loop(tools, amount, at_once):
    with Folder() as folder:
        begun = time.monotonic()
        writer = subprocess.Popen([f"{tools}/bench_writer", str(amount), str(at_once)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        subprocess.run([f"{tools}/bench_copy_loop", f"{folder}/copy"], stdin=writer.stdout, check=True)
        elapsed = time.monotonic() - begun
        writer.kill()
        writer.wait()
        writer.stdout.close()
        return elapsed


def measure_throughput(asked, results):
    # A program that flushes each line, and one that buffers 64 KB. Where the writer is the slower one,
    # all are as fast as it is; the CPU time tells what each costs.
    for name, at_once, amount, part in (("flushed lines", 1, 1_000_000_000, 4), ("64 KB writes", 655, 1_000_000_000, 1)):
        copies, ours, theirs, our_cpu, their_cpu = [], [], [], [], []
        for _ in range(3):
            copies.append(amount / time_copy_loop(asked.tools, amount, at_once) / 1e6)
            with Folder() as folder:
                seconds, cpu = time_logging([asked.lares, "up", "--foreground"], folder, asked.tools, amount, at_once)
                ours.append(amount / seconds / 1e6)
                our_cpu.append(cpu)
            if PEER:
                with Folder() as folder:
                    seconds, cpu = time_logging([PEER, "-n", "-s"], folder, asked.tools, amount // part, at_once)
                    theirs.append(amount / part / seconds / 1e6)
                    their_cpu.append(cpu * part)
        results[f"1 GB, {name}: own CPU of lares, s"] = statistics.median(our_cpu)
        results[f"1 GB, {name}: read/write copy loop, MB/s"] = statistics.median(copies)
        results[f"1 GB, {name}: lares, rotated, MB/s"] = statistics.median(ours)
        results[f"1 GB, {name}: ratio lares / copy loop (at least 0.5)"] = statistics.median(ours) / statistics.median(copies)
        if theirs:
            results[f"1 GB, {name}: supervisord, rotated, MB/s"] = statistics.median(theirs)
            results[f"1 GB, {name}: own CPU of supervisord, s"] = statistics.median(their_cpu)
            results[f"1 GB, {name}: ratio lares / supervisord (at least 3)"] = statistics.median(ours) / statistics.median(theirs)


def whole_process(command, runs):
    times = []
    for _ in range(runs):
        begun = time.monotonic()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        times.append((time.monotonic() - begun) * 1000)
    return statistics.median(times)


def measure_status(asked, results):
    with Folder() as folder:
        config = configuration(folder, idle_programs(1000))
        with Daemon([asked.lares, "up", "--foreground", "-c", config], folder) as daemon:
            daemon.until_log("entered RUNNING", 1000)
            results["status of 1,000: lares, ms (below 20)"] = whole_process([asked.lares, "-s", f"unix://{folder}/d.sock", "status"], 21)
            results["status of 1,000: lares finding the socket by -c, ms"] = whole_process([asked.lares, "-c", config, "status"], 11)
            control = shutil.which("supervisorctl")
            if control:
                results["status of 1,000: supervisorctl against lares, ms"] = whole_process([control, "-c", config, "status"], 3)


MEASURES = {"birth": measure_birth, "restart": measure_restart, "memory": measure_memory, "throughput": measure_throughput, "status": measure_status}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lares", required=True)
    parser.add_argument("--tools")
    parser.add_argument("--only", default=",".join(MEASURES))
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    asked.lares = os.path.abspath(asked.lares)
    asked.tools = os.path.abspath(asked.tools or os.path.dirname(asked.lares))
    results = {}
    if not PEER:
        print("supervisord is not installed: left out", file=sys.stderr)
    for name in asked.only.split(","):
        before = set(results)
        MEASURES[name](asked, results)
        if not asked.json:
            for key in results:
                if key not in before:
                    print(f"{key:66} {results[key]:10.3f}", flush=True)
    if asked.json:
        print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
