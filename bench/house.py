"""A Lares for one measurement: its folder, its configuration, its database and its CPU time."""

import array
import atexit
import json
import mmap
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time


class Lares:
    """`with Lares(binary, sections) as house:`: up with an open database; ended and removed at the end."""

    def __init__(self, binary, sections, where=None, before=None):
        self.binary, self.sections, self.where, self.before = os.path.abspath(binary), sections, where, before

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="lares-bench-", dir=self.where)
        # Not beside the configuration, whose folder the daemon watches: it would hear each time that somebody looks.
        self.socket, self.database = f"{self.folder}/d.sock", f"{self.folder}/store/work.db"
        os.mkdir(f"{self.folder}/store")
        with open(f"{self.folder}/d.conf", "w", encoding="utf-8") as file:
            file.write(f"[supervisord]\nlogfile={self.folder}/d.log\npidfile={self.folder}/d.pid\nchildlogdir={self.folder}\n"
                       f"nodaemon=true\n[unix_http_server]\nfile={self.socket}\n[rpcinterface:supervisor]\n"
                       "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
                       f"[lares]\ndatabase={self.database}\n{self.sections.replace('%FOLDER%', self.folder)}")
        if self.before:
            self.before(self.folder)
        self.process = subprocess.Popen(
            [self.binary, "up", "--foreground", "-c", f"{self.folder}/d.conf"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder,
            env=dict(os.environ, STATE_DIRECTORY=f"{self.folder}/state"))
        self.until(self.is_open, "an open database")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            os.kill(self.pid(), 9)
            self.process.kill()
            self.process.wait()
        # Not now: ext4 without a journal passes over the inodes of files that were just removed, one by one, when it makes others.
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)

    def log(self):
        try:
            with open(f"{self.folder}/d.log", encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def pid(self):
        with open(f"{self.folder}/d.pid", encoding="ascii") as file:
            return int(file.read())

    def until(self, holds, what, limit=300, pause=0.005):
        end = time.monotonic() + limit
        while not holds():
            if time.monotonic() > end or self.process.poll() is not None:
                raise SystemExit(f"lares: not within {limit} s: {what}; its log:\n{self.log()[-2000:]}")
            time.sleep(pause)

    def ask(self, sql):
        """The first row of what the database says, read from beside the daemon; None: there is none."""
        return next(iter(self.ask_all(sql)), None)

    def ask_all(self, sql, *values):
        database = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)
        try:
            return database.execute(sql, values).fetchall()
        finally:
            database.close()

    def is_open(self):
        """Once what it wrote when the database was open can be read, it takes jobs."""
        try:
            return self.ask("select 1 from events where kind = 'daemon.start'") is not None
        except sqlite3.OperationalError:
            return False

    def is_idle(self):
        return self.ask("select 1 from jobs where ended = 0 limit 1") is None

    def count(self, state):
        return self.ask(f"select count(*) from jobs where state = '{state}'")[0]

    def others(self):
        """Of a job that is not done the state and the last that the journal says of it, for who has to find out why."""
        found = self.ask("select j.id, j.state, e.words from jobs j left join events e on e.subject = 'job/' || j.id "
                         "where j.state <> 'done' order by e.id desc limit 1")
        return "every job that there is is done" if found is None else f"job {found[0]} is {found[1]}: {found[2]}"

    def cpu(self):
        """CPU seconds of the daemon; what its children used is not in it."""
        with open(f"/proc/{self.pid()}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def cpu_of_threads(self):
        """CPU seconds by the name of each thread."""
        found = {}
        base = f"/proc/{self.pid()}/task"
        for task in os.listdir(base):
            with open(f"{base}/{task}/stat", encoding="ascii") as file:
                text = file.read()
            name, fields = text[text.index("(") + 1:text.rindex(")")], text.rsplit(")", 1)[1].split()
            found[f"{name}/{task}"] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return found


class Shared:
    """The numbers that ok_lines and files write."""

    def __init__(self, path, count):
        with open(path, "wb") as file:
            file.truncate(8 * count)
        self.path, self.file = path, open(path, "r+b")
        self.memory = mmap.mmap(self.file.fileno(), 8 * count)

    def numbers(self, begin, end):
        found = array.array("q")
        found.frombytes(self.memory[8 * begin:8 * end])
        return found


def tool(tools, name, *words):
    """What one of the small programs prints, as JSON."""
    done = subprocess.run([f"{tools}/bench_{name}", *map(str, words)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"bench_{name} {words}: {done.returncode} {done.stderr}")
    return json.loads(done.stdout) if done.stdout.startswith("{") else [float(each) for each in done.stdout.split()]


class Table:
    """figure, what it is held against, ratio, what we want of it. Nothing is compared with another day."""

    def __init__(self):
        self.rows = []

    def add(self, figure, value, unit, against="", limit=None, ratio=None, wanted=None, target=""):
        if ratio is None and limit:
            ratio = value / limit
        self.rows.append({"figure": figure, "value": value, "unit": unit, "against": against, "limit": limit,
                          "ratio": ratio, "wanted": wanted, "target": target})

    def kept(self):
        return all(row["ratio"] is None or row["wanted"] is None or row["ratio"] >= row["wanted"] for row in self.rows)

    def print(self, as_json):
        if as_json:
            print(json.dumps({"load": os.getloadavg(), "rows": self.rows}, indent=1))
            return
        number = lambda value: "" if value is None else f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        print(f"{'figure':58}{'value':>10} {'unit':10}{'against':44}{'':>10}{'ratio':>8}  target")
        for row in self.rows:
            verdict = ""
            if row["wanted"] is not None and row["ratio"] is not None:
                verdict = f" (ratio {row['wanted']:g}: {'kept' if row['ratio'] >= row['wanted'] else 'NOT KEPT'})"
            print(f"{row['figure']:58}{number(row['value']):>10} {row['unit']:10}{row['against']:44}{number(row['limit']):>10}"
                  f"{'' if row['ratio'] is None else format(row['ratio'], '.2f'):>8}  {row['target']}{verdict}")
