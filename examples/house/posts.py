"""A stream to capture: made-up posts, one JSON object a line, from where the reader says ("?after=41").

Lines 0.7 s apart, and now and then the line breaks, as real services do.
"""

import json
import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

STEP = 0.7
BIRDS = ("barn owl", "tawny owl", "kingfisher", "heron", "swift", "robin")
PLACES = ("by the mill", "over the harbour", "in the old oak", "behind the school", "at the weir")
PEOPLE = ("ann", "ben", "cleo", "dora")


def post(number):
    chance = random.Random(number)  # the same post under the same number, whoever asks
    return {"seq": number, "at": int(number * STEP), "who": chance.choice(PEOPLE), "lang": "en",
            "text": f"A {chance.choice(BIRDS)} {chance.choice(PLACES)}, number {number}"}


class Stream(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = parse_qs(urlsplit(self.path).query).get("after")
        number = int(asked[0]) + 1 if asked else int(time.time() / STEP)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.end_headers()
        until = time.monotonic() + random.uniform(60, 240)
        while time.monotonic() < until:
            if number * STEP > time.time():
                time.sleep(STEP / 2)
                continue
            self.wfile.write(json.dumps(post(number)).encode() + b"\n")
            number += 1

    def log_message(self, *_):
        pass


ThreadingHTTPServer.daemon_threads = True
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Stream).serve_forever()
