"""What Lares promises of a hot folder: each file of eight writers once in the count of done, and soon.

Usage: run.py --lares BINARY --tools FOLDER [--files 5000] [--pause 12000] [--overflow N] [--kills 0] [--json]

Eight writers make files that are written at once, slowly, renamed in, or opened by a second writer before the first has closed; each
is a job of two lines workers, which note when they got it. settle = 0: the time from the last close (or the rename) to that. --pause:
microseconds between two files of a writer, so that the machine keeps up and the wait is not that of a queue. --overflow: so many more
files while the daemon is stopped; by default as many as the kernel keeps events, of which each file makes several: they must all be done,
too, and the journal must say that events were lost. --kills: kill -9 of the
daemon so often meanwhile; then a worker may get a file twice, and is counted once. Beside it, in the same run: how late a bare loop
hears of a rename in a folder by inotify while nothing else happens there, which is what this machine's load costs anybody; and how long,
while the files come, somebody else waits who writes 8 KB to the same file system and syncs them: a file is on the disk as a job, and then
as one that began, before its worker hears of it, so that it meets at least two such waits. Exit status 1 when files were lost or the p99 is
not below 10 ms.
"""

import argparse
import ctypes
import os
import random
import signal
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from house import Lares, Shared, Table  # noqa: E402

P99_LIMIT = 10  # ms


def bare_waits(folder, files, pause):
    """Milliseconds from a rename to its being read from inotify, by a loop that does nothing else."""
    libc = ctypes.CDLL(None, use_errno=True)
    os.mkdir(folder)
    notify = libc.inotify_init1(0)
    if notify < 0 or libc.inotify_add_watch(notify, folder.encode(), 0x80) < 0:  # IN_MOVED_TO
        raise OSError(ctypes.get_errno(), "inotify")
    script = ("import os, sys, time\nfor n in range(int(sys.argv[2])):\n at = f'{sys.argv[1]}/.{n}'\n open(at, 'w').close()\n"
              " os.rename(at, f'{sys.argv[1]}/{time.monotonic_ns()}')\n time.sleep(float(sys.argv[3]))\n")
    writer = subprocess.Popen([sys.executable, "-c", script, folder, str(files), str(pause)])
    waits = []
    while len(waits) < files:
        events, now, at = os.read(notify, 1 << 16), time.monotonic_ns(), 0
        while at < len(events):
            length = struct.unpack_from("iIII", events, at)[3]
            waits.append((now - int(events[at + 16:at + 16 + length].rstrip(b"\0"))) / 1e6)
            at += 16 + length
    writer.wait()
    os.close(notify)
    return sorted(waits)


class DiskWaits:
    """Milliseconds of a write and fdatasync of 8 KB, fifty times a second; seldom enough to be in nobody's way."""

    def __init__(self, path):
        self.file, self.waits, self.is_over = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), [], threading.Event()
        self.thread = threading.Thread(target=self.measure)

    def measure(self):
        block = bytes(8192)
        while not self.is_over.wait(0.02):
            os.pwrite(self.file, block, 8192 * (len(self.waits) % 512))
            begin = time.monotonic()
            os.fdatasync(self.file)
            self.waits.append((time.monotonic() - begin) * 1e3)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()
        os.close(self.file)
        self.waits.sort()


def make_files(asked, house, first, files, pause):
    return subprocess.Popen([f"{asked.tools}/bench_files", f"{house.folder}/in", f"{house.folder}/complete", str(files), str(pause), str(first)])


def queue_length():
    """Events that the kernel keeps for one who does not read them."""
    with open("/proc/sys/fs/inotify/max_queued_events", encoding="ascii") as file:
        return int(file.read())


def tell_left(house, files):
    """Of what is not as it should be: how many of each, and the names of some with what their rows say."""
    left = sorted(os.listdir(f"{house.folder}/in"))
    print(f"WRONG: {files} made; done {house.count('done')}; {len(left)} lie in the folder", file=sys.stderr)
    for table in ("jobs", "files"):
        states = house.ask_all(f"select state, count(*) from {table} group by state order by state")
        print(f"  {table}: " + ", ".join(f"{count} {state}" for state, count in states), file=sys.stderr)
    for name in left[:20]:
        rows = house.ask_all("select state, job, inode, words from files where path = ?", f"{house.folder}/in/{name}")
        found = os.lstat(f"{house.folder}/in/{name}")
        said = "; ".join(f"{state} (job {job}, inode {inode}) {words}" for state, job, inode, words in rows) or "no row"
        same = house.ask_all("select path, state, job from files where inode = ?", found.st_ino)
        said += "".join(f"; its number was also of {os.path.basename(path)}: {state} (job {job})" for path, state, job in same[-3:])
        print(f"  {name}, inode {found.st_ino}, {found.st_size} bytes: {said}", file=sys.stderr)
    for job, state, payload in house.ask_all("select id, state, payload from jobs where state <> 'done' limit 20"):
        print(f"  job {job}: {state}, {payload}", file=sys.stderr)


def wait_for_all(house, files, what):
    """Also removed from the folder, which comes after the commit."""
    def is_done():
        return house.is_idle() and house.count("done") >= files and not os.listdir(f"{house.folder}/in")
    try:
        house.until(is_done, what, pause=0.1)
    except SystemExit:
        tell_left(house, files)
        raise


def measure(asked, table):
    total = asked.files + asked.overflow
    section = (f"[folder:in]\npath=%FOLDER%/in\ntask=take\nsettle=0\ndone=delete\n[task:take]\nprotocol=lines\nworkers=2\nprefetch=32\n"
               f"command={asked.tools}/bench_ok_lines %FOLDER%/shared\nqueue_max=1000000\nwhen_full=wait\n")
    with Lares(asked.lares, section, asked.folder, before=lambda folder: os.mkdir(f"{folder}/in")) as house:
        shared, complete = Shared(f"{house.folder}/shared", 2 * total + 4), Shared(f"{house.folder}/complete", total)
        cpu, begin = house.cpu(), time.monotonic()
        with DiskWaits(f"{house.folder}/waits") as disk:
            writers, killed = make_files(asked, house, 0, asked.files, asked.pause), 0
            while writers.poll() is None:
                time.sleep(random.uniform(0.2, 1.0))
                if killed < asked.kills and house.is_open():
                    os.kill(house.pid(), signal.SIGKILL)
                    killed += 1
            wait_for_all(house, asked.files, "all files done")
        took, used = time.monotonic() - begin, house.cpu() - cpu if not killed else 0
        if asked.overflow:
            pid = house.pid()
            os.kill(pid, signal.SIGSTOP)
            made = make_files(asked, house, asked.files, asked.overflow, 0).wait()
            os.kill(pid, signal.SIGCONT)
            if made != 0:
                raise SystemExit("the writers failed")
            wait_for_all(house, total, "all files done that came while the daemon was stopped")
        bare = bare_waits(f"{house.folder}/bare", 500, 0.004)
        came = shared.numbers(0, 2 * total + 4)
        done = house.ask("select count(*), count(distinct payload) from jobs where state = 'done'")
        left = len(os.listdir(f"{house.folder}/in"))
        overflows = house.ask("select count(*) from events where kind = 'folder.overflow'")[0]
        is_told = overflows > 0 or 2 * asked.overflow <= queue_length()  # of each file at least that it was made and closed
        good = done[0] == total and done[1] == total and left == 0 and is_told
        if not good:
            tell_left(house, total)
    waits = sorted((came[2 * n + 2] - at) / 1e6 for n, at in enumerate(complete.numbers(0, asked.files)) if came[2 * n + 2])
    twice = sum(1 for n in range(total) if came[2 * n + 3] > 1)
    missing = sum(1 for n in range(total) if came[2 * n + 3] == 0)
    at = lambda values, share: values[int((len(values) - 1) * share)]
    table.add(f"{asked.files} files: median, closed to started", at(waits, 0.5), "ms", "bare inotify loop, median", at(bare, 0.5))
    late = at(waits, 0.99)
    table.add(f"{asked.files} files: p99, closed to started", late, "ms", "limit", P99_LIMIT, ratio=P99_LIMIT / late,
              wanted=None if killed else 1, target="below 10 ms")
    table.add("bare inotify loop: p99", at(bare, 0.99), "ms")
    table.add("another's write and fdatasync of 8 KB meanwhile: median", at(disk.waits, 0.5), "ms")
    table.add("another's write and fdatasync of 8 KB meanwhile: p99", at(disk.waits, 0.99), "ms")
    table.add("files a second, with the writers' pauses", asked.files / took, "/s")
    if used:
        table.add("CPU of the daemon", used / asked.files * 1e6, "us/file")
    table.add(f"done once each, of {total} ({overflows} overflows told, {killed} kills)", done[0], "files", "files that were made", total, wanted=1)
    good = good and missing == 0 and (killed or twice == 0)
    if not good:
        print(f"WRONG: {total} made, {done[0]} done ({done[1]} different), {left} left, {missing} never came, {twice} came more than once, {overflows} overflows told", file=sys.stderr)
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lares", required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--pause", type=int, default=12_000)
    parser.add_argument("--overflow", type=int, default=queue_length())
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--folder", help="where the folder and the database lie")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    asked.tools = os.path.abspath(asked.tools)
    table = Table()
    good = measure(asked, table)
    table.print(asked.json)
    return 0 if good and table.kept() else 1


if __name__ == "__main__":
    sys.exit(main())
