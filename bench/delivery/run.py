"""How many mails a minute lares-deliver sends through a local SMTP server, receipts flushed and all, beside
Python's smtplib in the same run; and what memory it takes.

    python3 bench/delivery/run.py --lares build/release/bin/lares [--mails 10000] [--connections 4]

Promises: 10,000 a minute, below 64 MiB. Exit status 1 when one is not kept."""

import argparse
import asyncio
import email.message
import json
import multiprocessing
import os
import smtplib
import subprocess
import sys
import tempfile
import time

PROMISED_A_MINUTE, PROMISED_KIB = 10_000, 64 << 10
TEXT = "The nightly backup of press-2 failed: no space left on device\n" * 12


class Sink(asyncio.Protocol):
    """Takes every mail and keeps none."""

    def connection_made(self, transport):
        self.transport, self.rest, self.in_data = transport, b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data):
        self.rest += data
        while True:
            if self.in_data:
                end = self.rest.find(b"\r\n.\r\n")
                if end < 0:
                    return
                self.rest, self.in_data = self.rest[end + 5:], False
                self.transport.write(b"250 2.0.0 taken\r\n")
                continue
            line, found, rest = self.rest.partition(b"\r\n")
            if not found:
                return
            self.rest = rest
            verb = line[:4].upper()
            if verb == b"DATA":
                self.in_data = True
                self.transport.write(b"354 go on\r\n")
            elif verb == b"QUIT":
                self.transport.write(b"221 bye\r\n")
                self.transport.close()
            elif verb == b"EHLO":
                self.transport.write(b"250-sink\r\n250 8BITMIME\r\n")
            else:
                self.transport.write(b"250 ok\r\n")


def serve(port_out):
    async def run():
        server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
        port_out.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()
    asyncio.run(run())


def by_smtplib(port, mails):
    begin = time.monotonic()
    with smtplib.SMTP("127.0.0.1", port) as client:
        for number in range(mails):
            mail = email.message.EmailMessage()
            mail["From"], mail["To"] = "Lares <lares@example.org>", "anna@example.org"
            mail["Subject"] = f"backup: Fehler {number}, bitte prüfen"
            mail["Message-ID"] = f"<lares-{number}@example.org>"
            mail.set_content(TEXT)
            client.send_message(mail)
    return mails / (time.monotonic() - begin)


def order(number, port, connections):
    return json.dumps({
        "id": number, "attempt": 1, "key": f"lares-{number}",
        "channel": {"name": "ops", "url": f"smtp://127.0.0.1:{port}", "from": "Lares <lares@example.org>",
                    "to": ["anna@example.org"], "connections": connections},
        "message": {"title": f"backup: Fehler {number}, bitte prüfen", "text": TEXT}}).encode() + b"\n"


def by_deliver(binary, port, mails, connections, receipts):
    """Mails a second, and its peak memory in KiB. As the daemon does, no more under way than there are connections."""
    words = [binary] + (["--receipts", receipts] if receipts else [])
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    begin, given = time.monotonic(), 0
    for answered in range(mails):
        while given < mails and given - answered < connections:
            given += 1
            process.stdin.write(order(given, port, connections))
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        if answer["outcome"] != "sent":
            sys.exit(f"a mail was not sent: {answer}")
    rate = mails / (time.monotonic() - begin)
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    process.stdin.close()
    process.wait()
    return rate, peak


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--lares", default="build/release/bin/lares")
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=4)
    asked = parser.parse_args()
    binary = os.path.join(os.path.dirname(os.path.abspath(asked.lares)), "lares-deliver")
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    port = ours.recv()
    with tempfile.TemporaryDirectory(dir=os.path.dirname(binary)) as folder:  # a real disk, not a tmpfs
        rate, peak = by_deliver(binary, port, asked.mails, asked.connections, f"{folder}/receipts")
        bare, _ = by_deliver(binary, port, asked.mails // 2, asked.connections, None)
        one, _ = by_deliver(binary, port, asked.mails // 2, 1, None)
    peer = by_smtplib(port, asked.mails // 2)
    server.terminate()
    print(f"delivery: {rate * 60:,.0f} mails a minute with receipts, {asked.connections} connections "
          f"(promised {PROMISED_A_MINUTE:,}); peak {peak / 1024:.1f} MiB (promised below {PROMISED_KIB >> 10})")
    print(f"delivery: without receipts {bare * 60:,.0f}; one connection {one * 60:,.0f}; smtplib {peer * 60:,.0f} "
          f"(ratio {one / peer:.2f} on one connection, {rate / peer:.2f} with receipts)")
    return 0 if rate * 60 >= PROMISED_A_MINUTE and peak <= PROMISED_KIB else 1


if __name__ == "__main__":
    sys.exit(main())
