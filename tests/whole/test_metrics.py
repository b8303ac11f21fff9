"""/metrics of the real daemon against a strict parser, the manual, and the examples that stand on it."""

import glob
import json
import os
import re
import shutil
import subprocess
import unittest

import prometheus
from harness import House, UnixConnection, until

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
PROGRAMS = """
[program:web]
command = sleep 600
[program:flaps]
command = sh -c 'exit 3'
startretries = 1
[task:report]
command = true
schedule = 0 3 * * *
resources = printer=1
[resources]
printer = 2
"""


def text_of(house):
    connection = UnixConnection(house.socket)
    connection.request("GET", "/metrics")
    answer = connection.getresponse()
    text = answer.read().decode("utf-8")
    connection.close()
    assert answer.status == 200, text
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return text


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(PROGRAMS.replace("[resources]\nprinter = 2\n", "").replace("resources = printer=1\n", ""))
        cls.house.up()
        until(lambda: cls.house.rpc.supervisor.getProcessInfo("flaps")["statename"] == "FATAL")
        until(lambda: cls.house.rpc.supervisor.getProcessInfo("web")["statename"] == "RUNNING")

    @classmethod
    def tearDownClass(cls):
        cls.house.down()

    def families(self):
        return prometheus.parse(text_of(self.house))

    def value(self, families, name, **labels):
        family = next(f for n, f in families.items() if name.startswith(n))
        found = [v for n, l, v in family["samples"]
                 if n == name and all(l.get(key) == value for key, value in labels.items())]
        self.assertEqual(len(found), 1, (name, labels, family["samples"][:5]))
        return found[0]

    def test_programs_and_tasks_are_told(self):
        families = self.families()
        self.assertEqual(self.value(families, "lares_program_state", process="web"), 20)
        self.assertEqual(self.value(families, "lares_program_state", process="flaps"), 200)
        self.assertEqual(self.value(families, "lares_program_up", process="web"), 1)
        self.assertEqual(self.value(families, "lares_program_exits_total", process="flaps"), 2)
        self.assertEqual(self.value(families, "lares_program_unexpected_exits_total", process="flaps"), 2)
        self.assertEqual(self.value(families, "lares_programs", state="FATAL"), 1)
        self.assertGreater(self.value(families, "lares_program_resident_memory_bytes", process="web"), 10_000)
        self.assertGreater(self.value(families, "lares_program_open_fds", process="web"), 0)
        self.assertGreater(self.value(families, "lares_task_next_due_time_seconds", task="report"), 1e9)
        self.assertEqual(self.value(families, "lares_store_up"), 1)
        self.assertGreater(self.value(families, "lares_loop_turn_seconds_count"), 1)

    def test_counters_only_grow(self):
        before = self.families()
        self.house.rpc.supervisor.stopProcess("web")
        self.house.rpc.supervisor.startProcess("web")
        self.house.rpc.lares.run("report", {}, {"wait": True})
        after = self.families()
        for name, family in before.items():
            if family["type"] != "counter":
                continue
            then = {tuple(sorted(l.items())): v for _, l, v in after[name]["samples"]}
            for _, labels, value in family["samples"]:
                key = tuple(sorted(labels.items()))
                if key in then and "cpu" not in name:
                    self.assertGreaterEqual(then[key], value, (name, labels))
        self.assertEqual(self.value(after, "lares_program_exits_total", process="web"), 1)
        self.assertEqual(self.value(after, "lares_task_done_total", task="report"),
                         self.value(before, "lares_task_done_total", task="report") + 1)

    def test_the_manual_names_each_family_and_no_other(self):
        with open(os.path.join(ROOT, "docs/manual/metrics.md"), encoding="utf-8") as file:
            told = set(re.findall(r"^\| `(lares_[a-z_]+)`", file.read(), re.M))
        self.assertEqual(told, set(self.families()))

    def test_every_metric_of_the_examples_is_there(self):
        families = self.families()
        known = set(families) | {n for f in families.values() for n, _, _ in f["samples"]}
        files = glob.glob(os.path.join(ROOT, "examples/grafana/*.json")) + \
            glob.glob(os.path.join(ROOT, "examples/prometheus/*.yml"))
        self.assertGreaterEqual(len(files), 2)
        for path in files:
            with open(path, encoding="utf-8") as file:
                text = file.read()
            if path.endswith(".json"):
                json.loads(text)
                text = "\n".join(re.findall(r'"expr": "(.*)"', text))
            for name in set(re.findall(r"\blares_[a-z_]+", text)):
                self.assertIn(name, known, path)

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_promtool_accepts_it(self):
        done = subprocess.run(["promtool", "check", "metrics"], input=text_of(self.house), text=True,
                              capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for path in glob.glob(os.path.join(ROOT, "examples/prometheus/*rules*.yml")):
            done = subprocess.run(["promtool", "check", "rules", path], text=True, capture_output=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Parser(unittest.TestCase):
    """The parser bites."""

    def test_what_is_not_the_format_is_refused(self):
        good = "# HELP a_total x\n# TYPE a_total counter\na_total 1\n"
        prometheus.parse(good)
        for bad in (good[:-1], good + "a_total 1\n", good.replace("counter", "number"), "a_total 1\n",
                    good.replace("a_total 1", "a_total one"), good.replace("a_total 1", "b_total 1"),
                    good.replace("a_total 1", 'a_total{x="a"b"} 1'), good.replace("a_total 1", 'a_total{x="\\q"} 1'),
                    good.replace("a_total 1", 'a_total{x="1",x="2"} 1'), good.replace("a_total", "a"),
                    good.replace(" 1\n", " -1\n"), good + good):
            with self.assertRaises(prometheus.Wrong, msg=bad):
                prometheus.parse(bad)


if __name__ == "__main__":
    unittest.main()
