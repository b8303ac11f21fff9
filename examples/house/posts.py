"""A stream to capture: made-up posts, one JSON object a line, from where the reader says ("?after=41").

Two seconds apart, and now and then the line breaks, as with real services. After 20,000 (half a day) it only
keeps its lines alive: an example fills nobody's disk.
"""

import json
import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

STEP = 2  # seconds
MOST = 20_000
EARLIER = 200  # what a new reader gets at once
KEEP_ALIVE = 20  # seconds
FIRST = int(time.time() / STEP) - EARLIER
BIRDS = ("barn owl", "tawny owl", "kingfisher", "heron", "swift", "robin")
PLACES = ("by the mill", "over the harbour", "in the old oak", "behind the school", "at the weir")
PEOPLE = ("ann", "ben", "cleo", "dora")


def post(number):
    chance = random.Random(number)  # the same post under the same number, whoever asks
    bird, place = chance.choice(BIRDS), chance.choice(PLACES)
    return {"seq": number, "at": number * STEP, "who": chance.choice(PEOPLE), "lang": "en",
            "text": f"Seen: a {bird} {place}, {chance.randint(1, 9)} minutes long"}


class Stream(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = parse_qs(urlsplit(self.path).query).get("after")
        number = max(FIRST, int(asked[0]) + 1 if asked else FIRST)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.end_headers()
        until = time.monotonic() + random.uniform(120, 600)
        try:
            while time.monotonic() < until:
                number = self.say(number)
        except OSError:
            pass  # the reader went

    def say(self, number):
        if number >= FIRST + MOST:
            self.wfile.write(b"\n")
            time.sleep(KEEP_ALIVE)
            return number
        time.sleep(max(0, number * STEP - time.time()))
        self.wfile.write(json.dumps(post(number)).encode() + b"\n")
        return number + 1

    def log_message(self, *_):
        pass


ThreadingHTTPServer.daemon_threads = True
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Stream).serve_forever()
