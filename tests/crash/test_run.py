"""run.py finds what it looks for: each kind of loss, put before it."""

import os
import struct
import sys
import tempfile
import types
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run  # noqa: E402


class TheJudge(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="lares-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for name in ("books", "logs"):
            os.mkdir(f"{self.folder}/{name}")
        self.crash = run.Crash(types.SimpleNamespace(seed=1, programs=1, kills=0, harmless=True, keep=False))
        self.crash.complain = self.crash.complaints.append
        self.crash.house = types.SimpleNamespace(
            path=lambda name: f"{self.folder}/{name}", read=lambda name: open(f"{self.folder}/{name}", encoding="utf-8").read() if os.path.exists(f"{self.folder}/{name}") else "")
        self.program = self.crash.programs[0]
        self.program.is_up = False

    def write(self, name, text):
        with open(f"{self.folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)

    def books(self, pid, out=(0, 0), err=(0, 0)):
        with open(f"{self.folder}/books/p00.{pid}", "wb") as file:
            file.write(struct.pack("4Q", *out, *err))

    def line(self, number, pid=999999, kind="o"):
        return f"p00 {pid} {kind} {number} xxx\n"

    def complaints(self, log, out=(3, 3)):
        self.books(999999, out)
        self.write("logs/p00.out", log)
        self.crash.check_lines()
        return self.crash.complaints

    def test_all_lines_once_and_in_order_are_no_complaint(self):
        self.assertEqual(self.complaints("".join(map(self.line, range(3)))), [])

    def test_a_line_that_was_under_way_may_be_missing_or_half(self):
        self.assertEqual(self.complaints(self.line(0) + self.line(1) + "p00 9999", out=(3, 2)), [])

    def test_a_lost_line_is_found(self):
        self.assertIn("1 lines lost, 0 doubled of 3", self.complaints(self.line(0) + self.line(2))[0])

    def test_a_doubled_line_is_found(self):
        self.assertIn("0 lines lost, 1 doubled of 3", self.complaints("".join(map(self.line, (0, 1, 1, 2))))[0])

    def test_two_lines_in_the_wrong_order_are_found(self):
        self.assertIn("out of order from line 1", self.complaints("".join(map(self.line, (0, 2, 1))))[0])

    def test_a_torn_line_is_a_lost_line(self):
        self.assertIn("1 lines lost", self.complaints(self.line(0) + "p00 999999 o 1 x2026 xx\n" + self.line(2))[0])

    def test_lines_of_nobody_are_found(self):
        self.assertIn("which never ran", self.complaints("".join(map(self.line, range(3))) + self.line(0, pid=5))[0])

    def test_rotated_files_are_read_from_the_oldest(self):
        self.write("logs/p00.out.10", self.line(0))
        self.write("logs/p00.out.9", self.line(1))
        self.assertEqual(self.complaints(self.line(2)), [])

    def test_a_death_that_nobody_caused_is_found(self):
        self.books(999999)
        self.crash.check_deaths()
        self.assertIn("with pid 999999 died, and nobody killed it", self.crash.complaints[0])

    def test_a_start_that_was_made_twice_is_found(self):
        self.books(999999)
        self.books(999998)
        self.program.may_die = {999999, 999998}
        self.crash.check_deaths()
        self.assertEqual(self.crash.complaints, ["'p00' should have run [1, 1] times, and ran 2 times"])

    def test_a_process_that_should_be_gone_is_found(self):
        self.books(os.getpid())
        self.crash.check_deaths()
        self.assertIn(f"with pid {os.getpid()} lives, and should not", self.crash.complaints[0])

    def test_a_program_that_changed_over_a_crash_is_found(self):
        before, after = {"p00": (1, 2, "RUNNING", 0, 0, 0)}, {"p00": (1, 2, "RUNNING", 1, 0, 0)}
        self.crash.compare(before, after, {"p00": 0})
        self.assertEqual(len(self.crash.complaints), 1)
        self.program.version = 1  # someone is at it
        self.crash.compare(before, after, {"p00": 0})
        self.assertEqual(len(self.crash.complaints), 1)


if __name__ == "__main__":
    unittest.main()
