"""The example house's bot: counts in redis, once every two seconds, and says so."""

import os
import signal
import socket
import sys
import time


def count(path):
    """The new value of the counter "visits"; speaks redis' protocol by hand."""
    with socket.socket(socket.AF_UNIX) as redis:
        redis.connect(path)
        redis.sendall(b"*2\r\n$4\r\nINCR\r\n$6\r\nvisits\r\n")
        return redis.recv(64).decode().strip().lstrip(":")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    name = os.environ.get("SUPERVISOR_PROCESS_NAME", "bot")
    while True:
        print(f"{name}: visit number {count(sys.argv[1])}")
        time.sleep(2)


if __name__ == "__main__":
    main()
