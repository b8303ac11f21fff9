"""Stand-ins for the services that lares-capture listens to: they speak each protocol, and misbehave as documented.

A Service numbers its messages. Whoever connects gets those from its cursor on (or, without cursors, those that
come from then on), until the test cuts the line, keeps silent or refuses.
"""

import base64
import hashlib
import json
import os
import socket
import struct
import threading
import time


class Service:
    def __init__(self, form="lines", cursors=True, rate=2000, start=1, message=None, keepalive=None):
        self.form, self.cursors, self.rate, self.message = form, cursors, rate, message or self.numbered
        self.next = start
        self.refuse = []  # statuses of the next connections, with headers
        self.silent = False  # nothing is said, the line stays open
        self.cut_after = None  # messages, then the line breaks in the middle of one
        self.requests = []
        self.rules = []
        self.answers = {}
        self.keepalive = keepalive
        self.lock = threading.Lock()
        self.began = time.monotonic()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections = set()
        self.closing = False
        threading.Thread(target=self.accept, daemon=True).start()

    @staticmethod
    def numbered(number):
        return json.dumps({"seq": number, "text": f"message {number}", "pad": "x" * 60}).encode()

    def latest(self):
        """What has been said by now, to nobody or somebody."""
        return self.next + int((time.monotonic() - self.began) * self.rate)

    def url(self, path="/stream"):
        scheme = "ws" if self.form == "websocket" else "http"
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def cut(self):
        with self.lock:
            for connection in list(self.connections):
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        self.closing = True
        self.listener.close()
        self.cut()

    def accept(self):
        while not self.closing:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections.add(connection)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            self.talk(connection)
        except (OSError, ValueError):
            pass
        finally:
            with self.lock:
                self.connections.discard(connection)
            connection.close()

    def read_request(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                raise OSError("gone")
            data += piece
        head, body = data.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        headers = {k.strip().lower(): v.strip() for k, v in (line.split(":", 1) for line in lines[1:])}
        while len(body) < int(headers.get("content-length", 0)):
            body += connection.recv(65536)
        method, target, _ = lines[0].split(" ")
        return method, target, headers, body

    def reply(self, connection, status, body=b"", headers=()):
        more = "".join(f"{k}: {v}\r\n" for k, v in headers)
        connection.sendall(
            f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{more}\r\n".encode()
            + (b"" if status == 304 else body))

    def talk(self, connection):
        method, target, headers, body = self.read_request(connection)
        self.requests.append((method, target, headers, body))
        path = target.split("?")[0]
        if path in self.answers:
            status, answer, more = self.answers[path](method, target, headers, body)
            return self.reply(connection, status, answer, more)
        if path.endswith("/rules"):
            return self.reply(connection, 200, self.change_rules(method, body))
        if self.refuse:
            status, more = self.refuse.pop(0)
            return self.reply(connection, status, b'{"title":"refused"}', more)
        number = self.latest()
        if self.cursors:
            if "cursor=" in target:
                number = int(target.split("cursor=")[1].split("&")[0])
            elif "last-event-id" in headers:
                number = int(headers["last-event-id"])
            else:
                number = self.next
        self.open(connection, headers)
        self.say(connection, number)

    def change_rules(self, method, body):
        if method == "GET":
            return json.dumps({"data": self.rules} if self.rules else {"meta": {}}).encode()
        asked = json.loads(body)
        if "add" in asked:
            made = [dict(rule, id=str(1000 + len(self.rules) + i)) for i, rule in enumerate(asked["add"])]
            self.rules += made
            return json.dumps({"data": made}).encode()
        gone = set(asked["delete"]["ids"])
        self.rules = [rule for rule in self.rules if rule["id"] not in gone]
        return b'{"meta":{}}'

    def open(self, connection, headers):
        if self.form == "websocket":
            key = headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
            connection.sendall(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode())
            self.frame(connection, b"are you there", opcode=9)
            # The client's pong, masked.
            head = connection.recv(2)
            mask = connection.recv(4)
            payload = connection.recv(head[1] & 0x7F)
            assert bytes(b ^ mask[i % 4] for i, b in enumerate(payload)) == b"are you there"
            assert head[0] == 0x8A
        else:
            kind = "text/event-stream" if self.form == "sse" else "application/json"
            connection.sendall(
                f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())

    @staticmethod
    def frame(connection, payload, opcode=1, last=True):
        size = len(payload)
        head = bytes([(0x80 if last else 0) | opcode])
        head += bytes([size]) if size < 126 else b"\x7e" + struct.pack(">H", size) if size < 65536 else b"\x7f" + struct.pack(">Q", size)
        connection.sendall(head + payload)

    def send(self, connection, payload):
        """One message, in as unhelpful pieces as the protocol allows."""
        if self.form == "websocket":
            if len(payload) % 3 == 0:
                self.frame(connection, payload[:5], opcode=1, last=False)
                self.frame(connection, b"", opcode=9)
                return self.frame(connection, payload[5:], opcode=0)
            return self.frame(connection, payload)
        if self.form == "sse":
            payload = b": thump\n\nevent: update\ndata: " + payload + b"\n\n"
        else:
            payload += b"\r\n"
        half = len(payload) // 2
        for piece in (payload[:half], payload[half:]):
            connection.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")

    def say(self, connection, number):
        sent = 0
        spoken = time.monotonic()
        while not self.closing:
            if self.silent or number >= self.latest():
                if self.keepalive and time.monotonic() - spoken > self.keepalive:
                    connection.sendall(b"2\r\n\r\n\r\n")
                    spoken = time.monotonic()
                time.sleep(0.002)
                connection.setblocking(False)
                try:
                    if connection.recv(1000) == b"":
                        return
                except BlockingIOError:
                    pass
                finally:
                    connection.setblocking(True)
                continue
            if self.cut_after is not None and sent >= self.cut_after:
                connection.sendall(b"20\r\n{\"seq\": 99")
                return
            self.send(connection, self.message(number))
            spoken = time.monotonic()
            number += 1
            sent += 1


class Proxy:
    """Passes bytes on, until it is told to break every line."""

    def __init__(self, port):
        self.to = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.pairs = []
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                return
            with self.lock:
                self.pairs.append((near, far))
            threading.Thread(target=self.move, args=(near, far), daemon=True).start()
            threading.Thread(target=self.move, args=(far, near), daemon=True).start()

    @staticmethod
    def move(source, sink):
        try:
            while piece := source.recv(4096):
                sink.sendall(piece)
        except OSError:
            pass
        for each in (source, sink):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        with self.lock:
            for near, far in self.pairs:
                for each in (near, far):
                    try:
                        each.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass
                    each.close()
            self.pairs.clear()

    def close(self):
        self.listener.close()
        self.cut()
