"""What Lares promises those who ask it, measured beside supervisord in the same run.

Usage: run.py --lares BINARY [--programs 1000] [--clients 500] [--seconds 3] [--only calls,clients] [--json]

calls: getAllProcessInfo over many programs on one keep-alive connection: calls a second and CPU time a call, against
Debian's supervisord in turns on the same machine. clients: hundreds of keep-alive connections that each ask again and
again: none refused, none starved, memory bounded.
"""

import argparse
import http.client
import json
import os
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time

PEER = shutil.which("supervisord")
CALL = b"<methodCall><methodName>supervisor.getAllProcessInfo</methodName></methodCall>"
SMALL_CALL = b"<methodCall><methodName>supervisor.getState</methodName></methodCall>"
WANTED = {"calls": 20.0, "cpu": 20.0, "fair": 0.5, "longest_ms": 1000.0, "memory": 30.0}


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=120)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(120)
        self.sock.connect(self.path)


class Daemon:
    def __init__(self, name, command, folder, programs):
        self.name, self.folder = name, folder
        self.socket = f"{folder}/{name}.sock"
        config = f"{folder}/{name}.conf"
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"[supervisord]\nlogfile={folder}/{name}.log\npidfile={folder}/{name}.pid\nchildlogdir={folder}\n"
                       f"nodaemon=true\nminfds=4096\n[unix_http_server]\nfile={self.socket}\n[rpcinterface:supervisor]\n"
                       "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
                       f"[program:idle]\ncommand=/bin/true\nautostart=false\nnumprocs={programs}\n"
                       "process_name=idle_%(process_num)04d\nstdout_logfile=NONE\nstderr_logfile=NONE\n")
        self.command = command + ["-c", config]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, cwd=self.folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 120
        while not os.path.exists(self.socket) or not self.answers():
            if time.monotonic() > end or self.process.poll() is not None:
                raise SystemExit(f"{self.name} did not come up")
            time.sleep(0.05)
        answer = self.ask(self.connection(), SMALL_CALL.replace(b"getState", b"getPID"))
        self.pid = int(answer.split(b"<int>")[1].split(b"<")[0])  # what we started may be its keeper
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def answers(self):
        try:
            self.ask(self.connection(), SMALL_CALL)
            return True
        except OSError:
            return False

    def connection(self):
        return UnixConnection(self.socket)

    @staticmethod
    def ask(connection, call):
        connection.request("POST", "/RPC2", call, {"Content-Type": "text/xml"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200 or b"<fault>" in body:
            raise SystemExit(f"a call failed: {answer.status} {body[:200]!r}")
        return body

    def cpu(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Proportional set size in MB."""
        with open(f"/proc/{self.pid}/smaps_rollup", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) / 1024


def raw_request(call):
    return b"POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(call) + call


class Line:
    """One keep-alive connection without Python's http.client, whose own cost would hide a fast server's."""

    def __init__(self, path):
        self.line = socket.socket(socket.AF_UNIX)
        self.line.settimeout(120)
        self.line.connect(path)
        self.buffer = bytearray(4 << 20)

    def ask(self, request):
        self.line.sendall(request)
        view, have, need = memoryview(self.buffer), 0, None
        while need is None or have < need:
            count = self.line.recv_into(view[have:])
            if count == 0:
                raise SystemExit("the server closed the connection")
            have += count
            if need is None:
                end = self.buffer.find(b"\r\n\r\n", 0, have)
                if end >= 0:
                    head = bytes(self.buffer[:end]).lower()
                    need = end + 4 + int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        return bytes(self.buffer[:have])


def measure_calls(daemon, seconds):
    """Calls a second and CPU seconds a call, over one connection."""
    line, request = Line(daemon.socket), raw_request(CALL)
    size = len(line.ask(request))
    cpu, begin, count = daemon.cpu(), time.monotonic(), 0
    while time.monotonic() - begin < seconds or count < 3:
        line.ask(request)
        count += 1
    return {"calls_a_second": count / (time.monotonic() - begin), "cpu_a_call_ms": 1000 * (daemon.cpu() - cpu) / count,
            "answer_bytes": size}


def measure_clients(daemon, clients, seconds):
    """Each client asks, waits for the answer and asks again. Latencies by client, refusals, memory."""
    request, before = raw_request(SMALL_CALL), daemon.memory()
    chosen = selectors.DefaultSelector()
    done, begun, buffers, refused = {}, {}, {}, 0
    for number in range(clients):
        line = socket.socket(socket.AF_UNIX)
        line.connect(daemon.socket)
        line.setblocking(False)
        chosen.register(line, selectors.EVENT_READ, number)
        done[number], buffers[number] = [], b""
        begun[number] = time.monotonic()
        line.send(request)
    end, peak, looked = time.monotonic() + seconds, before, 0.0
    while time.monotonic() < end:
        for key, _ in chosen.select(0.5):
            number, line = key.data, key.fileobj
            piece = line.recv(65536)
            buffers[number] += piece
            if not piece or not buffers[number].startswith(b"HTTP/1.1 200"[: len(buffers[number])]):
                refused += 1
                chosen.unregister(line)
                continue
            if buffers[number].endswith(b"</methodResponse>\n"):
                done[number].append(time.monotonic() - begun[number])
                buffers[number], begun[number] = b"", time.monotonic()
                line.send(request)
        if time.monotonic() - looked > 0.5:  # looking stops the daemon for a moment
            peak, looked = max(peak, daemon.memory()), time.monotonic()
    counts = sorted(len(each) for each in done.values())
    latencies = sorted(value for each in done.values() for value in each)
    for key in list(chosen.get_map().values()):
        key.fileobj.close()
    return {"answers_a_second": sum(counts) / seconds, "refused": refused, "least_answers": counts[0],
            "median_answers": counts[len(counts) // 2], "median_latency_ms": 1000 * latencies[len(latencies) // 2],
            "late_latency_ms": 1000 * latencies[len(latencies) * 999 // 1000], "longest_latency_ms": 1000 * latencies[-1], "memory_before_mb": before, "memory_peak_mb": peak}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lares", required=True)
    parser.add_argument("--programs", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", default="calls,clients")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found, kept = {}, True
    folder = tempfile.mkdtemp(prefix="lares-bench-")
    try:
        ours = Daemon("lares", [os.path.abspath(options.lares), "up", "--foreground"], folder, options.programs)
        theirs = Daemon("peer", [PEER, "-n"], folder, options.programs) if PEER else None
        with ours:
            if "calls" in options.only:
                if theirs:
                    with theirs:  # in turns: a noisy machine is noisy for both
                        rounds = [(measure_calls(ours, options.seconds), measure_calls(theirs, options.seconds))
                                  for _ in range(3)]
                    rounds.sort(key=lambda pair: pair[0]["calls_a_second"] / pair[1]["calls_a_second"])
                    mine, other = rounds[1]
                    ratio = mine["calls_a_second"] / other["calls_a_second"]
                    cpu = other["cpu_a_call_ms"] / max(mine["cpu_a_call_ms"], 0.001)
                    kept = kept and ratio >= WANTED["calls"] and cpu >= WANTED["cpu"]
                    found["calls"] = {"lares": mine, "supervisord": other, "times_faster": ratio, "times_less_cpu": cpu}
                else:
                    found["calls"] = {"lares": measure_calls(ours, options.seconds), "missing": "supervisord"}
            if "clients" in options.only:
                result = measure_clients(ours, options.clients, options.seconds)
                grown = result["memory_peak_mb"] - result["memory_before_mb"]
                # On a busy machine an answer now and then meets another program's turn on the processor.
                late = result["late_latency_ms"] / result["median_latency_ms"]
                fair = result["least_answers"] / max(result["median_answers"], 1)
                kept = (kept and result["refused"] == 0 and fair >= WANTED["fair"]
                        and result["longest_latency_ms"] <= WANTED["longest_ms"]
                        and grown <= WANTED["memory"])
                found["clients"] = dict(result, memory_grown_mb=grown, late_to_median=late, least_to_median_answers=fair)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        print(json.dumps(found, indent=1))
    else:
        for area, values in found.items():
            print(area)
            for key, value in values.items():
                print(f"  {key}: {value if not isinstance(value, float) else round(value, 3)}")
        print("kept" if kept else "NOT KEPT")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
