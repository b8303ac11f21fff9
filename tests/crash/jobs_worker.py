"""A worker of protocol = lines that keeps a book as jobs_work.sh does: jobs_worker.py FOLDER"""

import fcntl
import json
import os
import sys
import time

folder, task, pid = sys.argv[1], os.environ["LARES_TASK"], os.getpid()
book = os.open(f"{folder}/book", os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def note(word, job, last):
    os.write(book, f"{word} {task} {job['job']} {job['attempt']} {job['run']} {pid} {time.time():.4f} {last}\n".encode())


for line in sys.stdin:
    job = json.loads(line)
    lock = os.open(f"{folder}/locks/{job['job']}", os.O_WRONLY | os.O_CREAT)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        note("two", job, "-")
    note("begin", job, "-")
    time.sleep(0.002)
    note("end", job, 0)
    os.close(lock)
    print(json.dumps({"job": job["job"], "ok": True}, separators=(",", ":")), flush=True)
