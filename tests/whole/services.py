"""Stand-ins for the HTTP services that messages go to: each speaks its documented protocol, keeps what was said to
it, checks signatures, keys and limits by itself, and fails in each documented way when it is told to."""

import base64
import hashlib
import hmac
import http.server
import json
import re
import socket
import ssl
import struct
import threading
import time
import urllib.parse

OK = None


class Service:
    """One server on a port of its own. `faults`: what the next calls meet instead of the service, one each."""

    def __init__(self, certificates=None):
        service = self
        self.calls, self.faults, self.lock = [], [], threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with service.lock:
                    service.calls.append((self.command, self.path, dict(self.headers), body))
                    fault = service.faults.pop(0) if service.faults else OK
                if callable(fault):
                    fault(self, body)
                    return
                with service.lock:
                    status, headers, answer = fault if fault else service.serve(self, body)
                self.reply(status, headers, answer)

            def reply(self, status, headers, answer):
                data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, str(value))
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        scheme = "http"
        if certificates:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificates.certificate, certificates.key)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            scheme = "https"
        host = "localhost" if certificates else "127.0.0.1"
        self.url = f"{scheme}://{host}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def serve(self, handler, body):
        raise NotImplementedError


def reset(handler, _):
    """The connection is reset after all was read."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.close()


def half(handler, _):
    """Half an answer, and no more."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"id\":")
    handler.close_connection = True


def stall(seconds):
    def wait(handler, _):
        threading.Event().wait(seconds)
        handler.close_connection = True
    return wait


def done_then_reset(service):
    """The service takes it, and the answer is lost."""
    def fault(handler, body):
        service.serve(handler, body)
        reset(handler, body)
    return fault


def wrong_json(handler, _):
    handler.reply(200, {}, b"{\"id\": nonsense")


class Telegram(Service):
    def __init__(self, **how):
        super().__init__(**how)
        self.said, self.blocked = [], set()

    def serve(self, handler, body):
        found = re.fullmatch(r"/bot([^/]+)/(sendMessage|sendDocument)", handler.path)
        if not found or found.group(1) != "123:right":
            return (401 if found else 404), {}, {"ok": False, "error_code": 401, "description": "Unauthorized"}
        if found.group(2) == "sendDocument":
            self.said.append(("document", body))
            return 200, {}, {"ok": True, "result": {"message_id": len(self.said)}}
        asked = json.loads(body)
        if asked["chat_id"] in self.blocked:
            return 403, {}, {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
        if not asked["chat_id"].lstrip("-").isdigit():
            return 400, {}, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}
        text = asked["text"]
        if asked.get("parse_mode") == "HTML":
            if re.search(r"<(?!/?b>)", text) or re.search(r"&(?!(amp|lt|gt|quot|#\d+);)", text):
                return 400, {}, {"ok": False, "error_code": 400, "description": "Bad Request: can't parse entities"}
            text = re.sub(r"</?b>", "", text)
        if len(text.encode("utf-16-le")) // 2 > 4096:
            return 400, {}, {"ok": False, "error_code": 400, "description": "Bad Request: message is too long"}
        self.said.append((asked["chat_id"], text, asked.get("reply_parameters", {}).get("message_id")))
        return 200, {}, {"ok": True, "result": {"message_id": len(self.said)}}


class Mastodon(Service):
    def __init__(self, **how):
        super().__init__(**how)
        self.statuses, self.keys, self.media_polls = [], {}, 0

    def serve(self, handler, body):
        if handler.headers.get("Authorization") != "Bearer right":
            return 401, {}, {"error": "The access token is invalid"}
        if handler.path == "/api/v2/media":
            return 202, {}, {"id": "m1", "url": None}
        if handler.path == "/api/v1/media/m1":
            self.media_polls += 1
            return (206 if self.media_polls == 1 else 200), {}, {"id": "m1"}
        key = handler.headers.get("Idempotency-Key")
        if key in self.keys:
            return 200, {}, self.keys[key]
        asked = json.loads(body)
        counted = re.sub(r"https?://[\w.-]+\.[a-z]{2,}\S*", "x" * 23, asked["status"])
        if len(counted) > 500:
            return 422, {}, {"error": "Validation failed: Text character limit of 500 exceeded"}
        parent = asked.get("in_reply_to_id")
        if parent and parent not in [each["id"] for each in self.statuses]:
            return 404, {}, {"error": "Record not found"}
        status = {"id": str(900 + len(self.statuses)), "text": asked["status"], "parent": parent,
                  "media": asked.get("media_ids", []), "visibility": asked["visibility"]}
        self.statuses.append(status)
        self.keys[key] = status
        return 200, {}, status


def percent(text):
    return urllib.parse.quote(text, safe="-._~")


class X(Service):
    """Verifies OAuth 1.0a by itself, knows doubles, rotates refresh tokens."""
    CONSUMER, SECRET, TOKEN, TOKEN_SECRET = "ck", "c&s %", "tok-1", "t+s"

    def __init__(self, **how):
        super().__init__(**how)
        self.posts, self.nonces, self.refresh, self.access = [], set(), "r-1", None

    def is_signed(self, handler):
        value = handler.headers.get("Authorization", "")
        if value == f"Bearer {self.access}" and self.access:
            return True
        if not value.startswith("OAuth "):
            return False
        fields = {name: urllib.parse.unquote(each) for name, each in re.findall(r'(\w+)="([^"]*)"', value)}
        signature = fields.pop("oauth_signature", "")
        joined = "&".join(sorted(f"{percent(name)}={percent(each)}" for name, each in fields.items()))
        base = "&".join(["POST", percent(self.url + handler.path), percent(joined)])
        key = f"{percent(self.SECRET)}&{percent(self.TOKEN_SECRET)}"
        right = base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()
        is_new = fields.get("oauth_nonce") not in self.nonces
        self.nonces.add(fields.get("oauth_nonce"))
        is_timely = abs(int(fields.get("oauth_timestamp", "0")) - time.time()) < 300
        return hmac.compare_digest(signature, right) and is_new and is_timely and \
            fields["oauth_token"] == self.TOKEN and fields["oauth_consumer_key"] == self.CONSUMER

    def serve(self, handler, body):
        if handler.path == "/2/oauth2/token":
            asked = dict(urllib.parse.parse_qsl(body.decode()))
            if asked.get("refresh_token") != self.refresh:
                return 400, {}, {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}
            number = int(self.refresh.split("-")[1]) + 1
            self.refresh, self.access = f"r-{number}", f"access-{number}"
            return 200, {}, {"access_token": self.access, "refresh_token": self.refresh, "expires_in": 7200}
        if not self.is_signed(handler):
            return 401, {}, {"title": "Unauthorized", "status": 401, "detail": "Unauthorized"}
        asked = json.loads(body)
        if len(asked["text"]) > 280:
            return 403, {}, {"detail": "Your Tweet text is too long.", "status": 403}
        if asked["text"] in [each["text"] for each in self.posts]:
            return 403, {}, {"detail": "You are not allowed to create a Tweet with duplicate content.", "status": 403}
        post = {"id": str(500 + len(self.posts)), "text": asked["text"],
                "parent": asked.get("reply", {}).get("in_reply_to_tweet_id")}
        self.posts.append(post)
        return 201, {}, {"data": post}


class Bluesky(Service):
    def __init__(self, **how):
        super().__init__(**how)
        self.records, self.logins, self.refreshes, self.access = {}, 0, 0, None

    def session(self):
        self.access = f"acc-{self.logins}-{self.refreshes}"
        return 200, {}, {"accessJwt": self.access, "refreshJwt": "ref", "did": "did:plc:me"}

    def serve(self, handler, body):
        path = handler.path.removeprefix("/xrpc/")
        if path == "com.atproto.server.createSession":
            if json.loads(body) != {"identifier": "me.example", "password": "app-pass"}:
                return 401, {}, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
            self.logins += 1
            return self.session()
        if path == "com.atproto.server.refreshSession":
            self.refreshes += 1
            return self.session()
        if path.startswith("com.atproto.repo.getRecord?"):
            asked = dict(urllib.parse.parse_qsl(path.split("?", 1)[1]))
            found = self.records.get(asked["rkey"])
            return (200, {}, found) if found else (400, {}, {"error": "RecordNotFound", "message": "no record"})
        if handler.headers.get("Authorization") != f"Bearer {self.access}":
            return 400, {}, {"error": "ExpiredToken", "message": "Token has expired"}
        asked = json.loads(body)
        key, record = asked["rkey"], asked["record"]
        if not re.fullmatch("[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}", key):
            return 400, {}, {"error": "InvalidRequest", "message": "rkey must be a TID"}
        if key in self.records:
            return 500, {}, {"error": "InternalServerError", "message": "Internal Server Error"}
        raw = record["text"].encode()
        for facet in record.get("facets", []):
            words = raw[facet["index"]["byteStart"]:facet["index"]["byteEnd"]].decode()
            feature = facet["features"][0]
            if words not in (feature.get("uri"), "#" + feature.get("tag", "")):
                return 400, {}, {"error": "InvalidRequest", "message": "a facet is beside its words"}
        if len(raw) > 3000:
            return 400, {}, {"error": "InvalidRequest", "message": "text must not be longer than 3000 bytes"}
        made = {"uri": f"at://did:plc:me/app.bsky.feed.post/{key}", "cid": f"cid{len(self.records)}"}
        self.records[key] = {**made, "value": record}
        return 200, {}, made


class Smsc(Service):
    def __init__(self, **how):
        super().__init__(**how)
        self.sent = {}

    def serve(self, handler, body):
        asked = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        if (asked.get("login"), asked.get("psw")) != ("me", "pass"):
            return 200, {}, {"error": "authorise error", "error_code": 2}
        if handler.path == "/sys/status.php":
            found = self.sent.get((asked["phone"], asked["id"]))
            return 200, {}, {"status": 1} if found else {"error": "message not found", "error_code": 3}
        if not asked["phones"].lstrip("+").isdigit():
            return 200, {}, {"error": "invalid number", "error_code": 7, "id": int(asked["id"])}
        self.sent.setdefault((asked["phones"], asked["id"]), []).append(asked["mes"])
        return 200, {}, {"id": int(asked["id"]), "cnt": 1, "cost": "0.95", "balance": "10"}


class Hook(Service):
    """A receiver as the manual tells people to write it: it checks the signature and knows keys."""
    SECRET = "shared"

    def __init__(self, **how):
        super().__init__(**how)
        self.told = {}

    def serve(self, handler, body):
        value = dict(each.split("=", 1) for each in handler.headers.get("X-Lares-Signature", "t=0,v1=").split(","))
        right = hmac.new(self.SECRET.encode(), value["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(value["v1"], right) or abs(int(value["t"]) - time.time()) > 300:
            return 401, {}, {"error": "wrong signature"}
        self.told.setdefault(handler.headers["Idempotency-Key"], json.loads(body))
        return 200, {}, {"id": "h1"}
