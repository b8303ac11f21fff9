"""Stand-ins for the services' timelines: paged, limited, and with posts that are counted but not shown."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Timelines:
    """One server that speaks as Mastodon, X and Bluesky do. Posts of an account are numbers, the newest last."""

    def __init__(self, page=10):
        self.page = page  # posts a page, whatever is asked for
        self.posts = {}  # account: list of numbers
        self.hidden = set()  # counted in a page, then left out of it
        self.gone = {}  # account: "deleted", "suspended", "protected"
        self.faults = []  # (status, headers) of the next answers
        self.fault_at = {}  # number of a request, from 1: status
        self.remaining = None  # of a window; None: no headers are sent
        self.window = 1.0  # seconds
        self.window_ends = 0.0
        self.overdrawn = 0
        self.requests = []
        self.looked_up = {}  # id: post, for look-ups; missing: not found
        self.quota = None
        self.lock = threading.Lock()
        self.hold_after = None  # requests; later ones get no answer
        self.released = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                service.answer(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def allow(self, calls, seconds):
        self.quota, self.window, self.remaining = calls, seconds, calls
        self.window_ends = time.time() + seconds

    def answer(self, request):
        url = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        with self.lock:
            self.requests.append((url.path, query))
            is_held = self.hold_after is not None and len(self.requests) > self.hold_after
        if is_held:
            self.released.wait(60)
            return request.connection.close()
        with self.lock:
            headers = {}
            if self.quota is not None:
                if time.time() >= self.window_ends:
                    self.remaining, self.window_ends = self.quota, time.time() + self.window
                if self.remaining == 0:
                    self.overdrawn += 1
                    return self.send(request, 429, b"{}", {"Retry-After": "1"})
                self.remaining -= 1
                headers = {"x-rate-limit-remaining": self.remaining, "x-rate-limit-reset": int(self.window_ends) + 1}
            if len(self.requests) in self.fault_at:
                return self.send(request, self.fault_at[len(self.requests)], b"{}", {})
            if self.faults:
                status, more = self.faults.pop(0)
                if status == 0:  # the line breaks
                    request.connection.shutdown(socket.SHUT_RDWR)  # close() alone keeps it: files stand on it
                    request.close_connection = True
                    return None
                return self.send(request, status, b'{"error":"fault"}', more)
        if url.path == "/api/v1/accounts/lookup":
            status, body, more = 200, {"id": "7", "acct": query["acct"]}, {}
        elif url.path.startswith("/api/v1/accounts/") or url.path.startswith("/api/v1/timelines/"):
            status, body, more = self.mastodon(url.path, query)
        elif url.path.startswith("/api/v1/statuses/"):
            status, body, more = self.mastodon_status(url.path.rsplit("/", 1)[1])
        elif url.path == "/2/tweets":
            status, body, more = self.x_posts(query["ids"].split(","))
        elif url.path.startswith("/2/users/"):
            status, body, more = self.x(url.path.split("/")[3], query)
        elif url.path.endswith("getPosts"):
            status, body, more = self.bluesky_posts(parse_qs(url.query)["uris"])
        else:
            status, body, more = self.bluesky(query)
        return self.send(request, status, json.dumps(body).encode(), {**headers, **more})

    @staticmethod
    def send(request, status, body, headers):
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, str(value))
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def below(self, account, most=None, floor=None):
        numbers = [each for each in sorted(self.posts.get(account, []), reverse=True)
                   if (most is None or each < most) and (floor is None or each > floor)]
        return numbers[:self.page], len(numbers) > self.page

    def mastodon(self, path, query):
        account = path.split("/")[4] if "/accounts/" in path else "#" + path.rsplit("/", 1)[1]
        if account in self.gone:
            return 404, {"error": "Record not found"}, {}
        number = lambda name: int(query[name]) if name in query else None
        raw, more = self.below(account, number("max_id"), number("since_id"))
        link = {"Link": f'<{self.url}{path}?limit=40&max_id={raw[-1]}>; rel="next"'} if raw and more else {}
        return 200, [self.status(account, each) for each in raw if each not in self.hidden], link

    @staticmethod
    def status(account, number):
        return {"id": str(number), "created_at": "2026-01-01T00:00:00.000Z", "content": f"<p>post {number}</p>",
                "account": {"id": account, "acct": "ann"}}

    def mastodon_status(self, number):
        return (200, self.looked_up[number], {}) if number in self.looked_up else (404, {"error": "Record not found"}, {})

    def x(self, account, query):
        if account in self.gone:
            title = {"deleted": "Not Found Error", "protected": "Authorization Error", "suspended": "Forbidden"}
            return 200, {"errors": [{"title": title[self.gone[account]], "detail": "no"}]}, {}
        most = int(query["pagination_token"][1:]) if "pagination_token" in query else int(query["until_id"]) if "until_id" in query else None
        raw, more = self.below(account, most, int(query["since_id"]) if "since_id" in query else None)
        meta = {"result_count": len(raw)}
        if more:
            meta["next_token"] = f"t{raw[-1]}"
        data = [{"id": str(each), "text": f"post {each}", "author_id": account, "created_at": "2026-01-01T00:00:00Z"}
                for each in raw if each not in self.hidden]
        answer = {"meta": meta}
        if data:
            answer.update(data=data, includes={"users": [{"id": account, "username": "ann"}, {"id": "999", "username": "other"}]})
        return 200, answer, {}

    def x_posts(self, ids):
        found = [self.looked_up[each] for each in ids if each in self.looked_up]
        answer = {"errors": [{"value": each, "title": "Not Found Error"} for each in ids if each not in self.looked_up]}
        if found:
            answer["data"] = found
        return 200, answer, {}

    def bluesky(self, query):
        account = query["actor"]
        if account in self.gone:
            return 400, {"error": "AccountTakedown", "message": "taken down"}, {}
        raw, more = self.below(account, int(query["cursor"]) if "cursor" in query else None)
        feed = [{"post": {"uri": f"at://{account}/app.bsky.feed.post/{each}", "cid": f"c{each}",
                          "author": {"did": account, "handle": "ann.example"},
                          "record": {"createdAt": self.at(each), "text": f"post {each}"}, "indexedAt": self.at(each)}}
                for each in raw if each not in self.hidden]
        answer = {"feed": feed}
        if more:
            answer["cursor"] = str(raw[-1])
        return 200, answer, {}

    def bluesky_posts(self, uris):
        return 200, {"posts": [self.looked_up[each] for each in uris if each in self.looked_up]}, {}

    @staticmethod
    def at(number):
        return time.strftime("%Y-%m-%dT%H:%M:", time.gmtime(1_767_225_600 + number // 60 * 60)) + f"{number % 60:02}.000Z"
