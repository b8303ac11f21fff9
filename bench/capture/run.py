#!/usr/bin/env python3
"""What lares-capture takes in: a local stream, filtered, counted and written, beside a Python reader.

Both receive the same messages of about 1.2 KB from a local server that sends as fast as they are read, look for 400
phrases and 5,000 authors, count by kind, and write what matches packed by gzip -1 (or zstd). The Python reader uses
the standard library alone. The packers' own limits are measured in the same run, for streams that are kept whole.

Promises: 200,000 messages a second with the filter and gzip -1, ten times the Python reader, peak memory below 50 MB.
Exit status 1 when one is not kept. What is kept whole is bounded by the packer, and printed beside it.

Usage: run.py [--binary build/release/bin/lares-capture] [--messages 2000000] [--python 60000]
"""

import argparse
import gzip
import http.client
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

PROMISED_RATE, PROMISED_TIMES, PROMISED_MB = 200_000, 10, 50

WORDS = ("the of and to in is that for it as was with be by on not he his but at are this have from or had an they which "
         "one you were her all she there would their we him been has when who will more no if out so said what up its "
         "about into than them can only other new some could time these two may then do first any my now such like our "
         "over man me even most made after also did many before must through back years where much your way well down "
         "should because each just those people how too little state good very make world still own see men work long "
         "get here between both life being under never day same another know while last might us great old year off").split()


def make_messages(count, share, chance):
    """Messages as Jetstream sends them; `share` of them match."""
    phrases = [f"{chance.choice(WORDS)} quux{i} {chance.choice(WORDS)}" if i % 4 == 0 else f"topic{i:03}" for i in range(400)]
    people = [f"did:plc:{chance.randrange(36**20):020x}"[:32] for _ in range(5000)]
    out = []
    for number in range(count):
        words = [chance.choice(WORDS) for _ in range(chance.randint(12, 45))]
        author = f"did:plc:z{chance.randrange(36**19):019x}"[:32]
        luck = chance.random()
        if luck < share / 2:
            words.insert(chance.randrange(len(words)), phrases[chance.randrange(400)].split()[-1] if luck < share / 8 else f"topic{chance.choice([i for i in range(1, 400) if i % 4]):03}")
        elif luck < share:
            author = chance.choice(people)
        text = " ".join(words).capitalize() + chance.choice([".", "!", " é", " \"ok\"", " 日本"])
        record = {"$type": "app.bsky.feed.post", "createdAt": "2026-11-28T09:00:00.000Z", "langs": ["en"], "text": text,
                  "facets": [{"features": [{"$type": "app.bsky.richtext.facet#link", "uri": f"https://example.org/{number}/" + "%016x" % chance.getrandbits(64)}],
                              "index": {"byteStart": 0, "byteEnd": 20}}],
                  "embed": {"$type": "app.bsky.embed.external", "external": {"uri": f"https://example.org/{number}",
                            "title": " ".join(chance.choice(WORDS) for _ in range(10)), "description": " ".join(chance.choice(WORDS) for _ in range(28)),
                            "thumb": {"$type": "blob", "ref": {"$link": "bafkrei%052x" % chance.getrandbits(200)}, "mimeType": "image/jpeg", "size": 123456}}}}
        message = {"did": author, "time_us": 1764320400000000 + number, "kind": "commit", "commit": {
            "rev": "3l%011x" % number, "operation": "create", "collection": "app.bsky.feed.post", "rkey": "3l%011x" % number,
            "record": record, "cid": "bafyrei%052x" % chance.getrandbits(200)}}
        out.append(json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode())
    return out, phrases, people


class Server:
    """Sends the block again and again, then ends."""

    def __init__(self, block, count_of_block):
        self.block, self.per_block = block, count_of_block
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.times = 1
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            connection.recv(65536)
            size = len(self.block) * self.times
            try:
                connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
                self.began = time.monotonic()
                for _ in range(self.times):
                    connection.sendall(self.block)
                # The reader has it all when it closes, or asks no more.
                connection.settimeout(0.05)
                try:
                    connection.recv(1)
                except OSError:
                    pass
            except OSError:
                pass
            self.ended = time.monotonic()
            connection.close()


def run_lares(binary, server, times, folder, options):
    home = f"{folder}/home"
    shutil.rmtree(home, ignore_errors=True)
    subprocess.run([binary, "--home", home, "filter", "set", "b", "service=generic", "dialect=jetstream",
                    f"url=http://127.0.0.1:{server.port}/", *options], check=True)
    server.times = times
    process = subprocess.Popen([binary, "--home", home, "stream", "b"], stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "connected" in line:
            began = time.monotonic()
        if "connecting again" in line:
            break
    seconds = time.monotonic() - began
    status = dict(line.split(":", 1) for line in open(f"/proc/{process.pid}/status", encoding="utf-8"))
    times = open(f"/proc/{process.pid}/stat", encoding="utf-8").read().rsplit(")", 1)[1].split()
    cpu = (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")
    process.terminate()
    words = process.stderr.read()
    process.wait()
    received, written = (int(re.search(rf"(\d+) messages {w}" if w == "received" else rf"(\d+) {w}", words).group(1)) for w in ("received", "written"))
    return received / seconds, received / cpu, received, written, int(status["VmHWM"].split()[0]) / 1024


def run_python(server, messages, phrases, people, folder):
    """The same work: parse, count, match phrases as whole words and authors, write what matches by gzip -1."""
    pattern = re.compile(r"\b(?:" + "|".join(re.escape(each.lower()) for each in phrases) + r")\b")
    people = set(people)
    counts = {}
    server.times = max(1, messages // server.per_block)
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/")
    answer = connection.getresponse()
    began, cpu = time.monotonic(), time.thread_time()
    received = written = 0
    with gzip.open(f"{folder}/python.gz", "wb", compresslevel=1) as out:
        for line in answer:
            message = json.loads(line)
            received += 1
            kind = message["commit"]["operation"]
            counts[kind] = counts.get(kind, 0) + 1
            if message["did"] in people or pattern.search(message["commit"]["record"]["text"].lower()):
                out.write(line)
                written += 1
    return received / (time.monotonic() - began), received / (time.thread_time() - cpu), received, written


def packer_limit(command, block):
    before = os.times().children_user
    subprocess.run(command, input=block, stdout=subprocess.DEVNULL, check=True)
    return os.times().children_user - before


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default="build/release/bin/lares-capture")
    parser.add_argument("--messages", type=int, default=2_000_000)
    parser.add_argument("--python", type=int, default=60_000)
    options = parser.parse_args()
    broken = []

    def judge(kept, words):
        if not kept:
            broken.append(words)

    folder = tempfile.mkdtemp(prefix="lares-bench-capture-")
    try:
        messages, phrases, people = make_messages(20_000, 0.05, random.Random(1))
        block = b"\n".join(messages) + b"\n"
        print(f"messages of {len(block) / len(messages):.0f} bytes; 400 phrases, 5,000 people, 5 % match; {os.cpu_count()} cores; load {os.getloadavg()[0]:.1f}")
        server = Server(block, len(messages))
        filtered = ["words=" + ",".join(f'"{each}"' for each in phrases), f"people@={folder}/people"]
        with open(f"{folder}/people", "w", encoding="utf-8") as file:
            file.write("\n".join(people))
        times = options.messages // len(messages)
        rates = {}
        for name, more in (("filtered, gzip -1", [*filtered, "level=1"]), ("filtered, zstd -1", [*filtered, "format=zstd", "level=1"]),
                           ("all kept, gzip -1", ["level=1"]), ("all kept, zstd -1", ["format=zstd", "level=1"])):
            part = times if "filtered" in name else max(1, times // 4)
            rate, by_cpu, received, written, memory = run_lares(options.binary, server, part, folder, more)
            rates[name] = rate, by_cpu
            print(f"{name}: {rate:,.0f} messages/s received ({rate * len(block) / len(messages) / 1e6:.0f} MB/s), {by_cpu:,.0f} a second of CPU; {received:,} received, {written:,} written; peak {memory:.1f} MB")
            judge(memory < PROMISED_MB, f"{name}: {memory:.1f} MB, promised below {PROMISED_MB}")
        rate = rates["filtered, gzip -1"][0]
        judge(rate >= PROMISED_RATE, f"filtered, gzip -1: {rate:,.0f} messages/s, promised {PROMISED_RATE:,}")
        rate, by_cpu, received, written = run_python(server, options.python, phrases, people, folder)
        print(f"Python reader, gzip -1: {rate:,.0f} messages/s, {by_cpu:,.0f} a second of CPU; {received:,} received, {written:,} written; "
              f"lares-capture is {rates['filtered, gzip -1'][0] / rate:.1f} times as fast, {rates['filtered, gzip -1'][1] / by_cpu:.1f} by CPU time")
        times = rates["filtered, gzip -1"][0] / rate
        judge(times >= PROMISED_TIMES, f"{times:.1f} times the Python reader, promised {PROMISED_TIMES}")
        for name, command in (("gzip -1", ["gzip", "-1"]), ("zstd -1", ["zstd", "-1", "-q", "-c"])):
            if shutil.which(command[0]):
                print(f"{name} alone: {len(messages) / packer_limit(command, block):,.0f} messages a second of CPU")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for words in broken:
        print("NOT KEPT: " + words)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
