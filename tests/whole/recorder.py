"""An event listener that writes what it is sent to a file, one JSON list a delivery, and answers OK.

    recorder.py FILE [bytes | echo]

With `bytes` it takes the header's len for bytes, as a program in C would; without, for characters. With
`echo` its result is the payload, as supervisor_stdout's is.
"""

import json
import os
import sys


def main():
    in_bytes = sys.argv[2:] == ["bytes"]
    source = os.fdopen(0, "rb", 0) if in_bytes else os.fdopen(0, "r", encoding="utf-8", newline="")
    while True:
        os.write(1, b"READY\n")
        header = source.readline()
        if not header:
            return
        header = header.decode() if in_bytes else header
        words = dict(each.split(":", 1) for each in header.split())
        length, payload = int(words["len"]), b"" if in_bytes else ""
        while len(payload) < length:
            payload += source.read(length - len(payload))
        payload = payload.decode() if in_bytes else payload
        with open(sys.argv[1], "a", encoding="utf-8") as file:
            file.write(json.dumps([words, payload]) + "\n")
        result = payload.encode() if sys.argv[2:] == ["echo"] else b"OK"
        os.write(1, b"RESULT %d\n%s" % (len(result), result))


if __name__ == "__main__":
    main()
