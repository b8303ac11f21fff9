"""An event listener that records what it is sent, and answers as it is told.

    listener.py RECORD [ANSWER...]

Each ANSWER is NAME@EVENT: what to do at the first delivery of the first event of that type: `fail`
(RESULT FAIL), `bad` (a line that is no RESULT), `die` (end without an answer). Everything else is
answered OK. RECORD gets one line of JSON a delivery: [header line, payload].
"""

import json
import os
import sys


def main():
    record, answers = sys.argv[1], dict(reversed(each.split("@")) for each in sys.argv[2:])
    used = record + ".used"  # survives our own death
    while True:
        sys.stdout.write("READY\n")
        sys.stdout.flush()
        header = sys.stdin.readline()
        if not header:
            return
        words = dict(each.split(":", 1) for each in header.split())
        payload = sys.stdin.read(int(words["len"]))
        with open(record, "a", encoding="utf-8") as file:
            file.write(json.dumps([header, payload]) + "\n")
        answer = answers.get(words["eventname"], "ok")
        if answer != "ok":
            done = open(used, encoding="ascii").read() if os.path.exists(used) else ""
            if words["eventname"] + "\n" in done:
                answer = "ok"
            else:
                with open(used, "a", encoding="ascii") as file:
                    file.write(words["eventname"] + "\n")
        if answer == "die":
            os._exit(1)
        sys.stdout.write({"ok": "RESULT 2\nOK", "fail": "RESULT 4\nFAIL", "bad": "NONSENSE\n"}[answer])
        sys.stdout.flush()


if __name__ == "__main__":
    main()
