"""Proves that tidy bites: each rule is broken once in a small tree, and must be named."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
GOOD = "// {name}: what this file is for, said in a sentence that is long enough.\n\n{body}"


class Tree:
    """A checkout with two rooms in good order."""

    def __init__(self):
        self.root = tempfile.mkdtemp()
        os.makedirs(f"{self.root}/tests/tidy")
        shutil.copy(f"{HERE}/rooms.txt", f"{self.root}/tests/tidy/rooms.txt")
        self.write("base/a.h", "#pragma once\n#include <string>\n")
        self.write("text/b.h", '#pragma once\n#include "base/a.h"\n')

    def write(self, name, body, whole=None):
        path = f"{self.root}/src/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(whole if whole is not None else GOOD.format(name=name, body=body))

    def run(self, *what):
        done = subprocess.run([sys.executable, f"{HERE}/tidy.py", "--root", self.root, *what],
                              capture_output=True, text=True)
        return done.returncode, done.stdout


class TidyBites(unittest.TestCase):
    def setUp(self):
        self.tree = Tree()

    def tearDown(self):
        shutil.rmtree(self.tree.root)

    def expect(self, words, *what):
        code, out = self.tree.run(*(what or ("rules",)))
        self.assertEqual(code, 1, out)
        self.assertIn(words, out)

    def test_a_tree_in_good_order_is_tidy(self):
        self.assertEqual(self.tree.run("rules"), (0, "tidy\n"))
        self.assertEqual(self.tree.run("headers", "g++"), (0, "tidy\n"))

    def test_an_include_against_the_room_table_is_named(self):
        self.tree.write("base/c.h", '#pragma once\n#include "text/b.h"\n')
        self.expect("src/base/c.h:4: 'base' may not include 'text/b.h'")

    def test_a_system_header_outside_os_is_named(self):
        self.tree.write("core/c.cc", "#include <sys/socket.h>\n")
        self.expect("'core' may not include <sys/socket.h>")

    def test_a_library_outside_its_room_is_named(self):
        self.tree.write("daemon/c.cc", "#include <boost/asio.hpp>\n")
        self.expect("'daemon' may not include <boost/asio.hpp>")

    def test_a_folder_of_a_room_with_a_row_of_its_own_is_a_room(self):
        self.tree.write("net/client/a.h", "#pragma once\n#include <curl/curl.h>\n")
        self.tree.write("net/client/b.h", '#pragma once\n#include "net/client/a.h"\n')
        self.assertEqual(self.tree.run("rules")[0], 0)
        self.tree.write("net/c.h", '#pragma once\n#include "net/client/a.h"\n')
        self.expect("'net' may not include 'net/client/a.h'")

    def test_a_room_that_the_table_does_not_know_is_named(self):
        self.tree.write("attic/c.cc", "int c;\n")
        self.expect("room 'attic' is not in tests/tidy/rooms.txt")

    def test_modules_in_a_circle_are_named(self):
        self.tree.write("text/c.h", '#pragma once\n#include "text/d.h"\n')
        self.tree.write("text/d.h", '#pragma once\n#include "text/c.h"\n')
        self.expect("circle: src/text/c -> src/text/d -> src/text/c")

    def test_a_circle_through_a_source_file_is_named(self):
        self.tree.write("text/c.h", "#pragma once\n")
        self.tree.write("text/c.cc", '#include "text/d.h"\n')
        self.tree.write("text/d.h", '#pragma once\n#include "text/c.h"\n')
        self.expect("circle")

    def test_a_function_over_seventy_lines_is_named(self):
        body = "    value += 1;\n" * 69
        self.tree.write("text/c.cc", f"int long_one(int value) {{\n{body}}}\n")
        self.expect("src/text/c.cc:3: a function of 71 lines")

    def test_a_function_of_seventy_lines_is_fine(self):
        body = "    value += 1; // } \" {\n" * 68
        self.tree.write("text/c.cc", f"namespace x {{\nint long_one(int value) {{\n{body}}}\n}}\n")
        self.assertEqual(self.tree.run("rules")[0], 0)

    def test_a_long_member_function_in_a_class_is_named(self):
        body = "        value += 1;\n" * 70
        self.tree.write("text/c.h", f"#pragma once\nclass C {{\n    int f(int value) const {{\n{body}    }}\n}};\n")
        self.expect("a function of 72 lines")

    def test_a_long_table_is_no_function(self):
        rows = "    {1, 2},\n" * 100
        self.tree.write("text/c.cc", f"constexpr int rows[][2] = {{\n{rows}}};\n")
        self.assertEqual(self.tree.run("rules")[0], 0)

    def test_a_file_over_six_hundred_lines_is_named(self):
        self.tree.write("text/c.cc", "int x;\n" * 600)
        self.expect("602 lines; a file has at most 600")

    def test_a_file_that_does_not_open_with_its_purpose_is_named(self):
        self.tree.write("text/c.cc", "", whole="int c;\n")
        self.expect("src/text/c.cc:1: does not open with its purpose")

    def test_an_opening_that_says_nothing_is_named(self):
        self.tree.write("text/c.cc", "", whole="// text/c.cc: stuff\nint c;\n")
        self.expect("says too little")

    def test_a_header_that_does_not_compile_alone_is_named(self):
        self.tree.write("text/c.h", "#pragma once\ninline std::vector<int> none() { return {}; }\n")
        self.expect("src/text/c.h:1: does not compile alone", "headers", "g++")
        # A source that includes it second shows nothing; one that includes it first does not build without it.
        self.tree.write("text/d.cc", '#include "base/a.h"\n#include "text/c.h"\n')
        self.expect("src/text/c.h:1: does not compile alone", "headers", "g++")
        self.tree.write("text/c.cc", '#include "text/c.h"\n')
        self.assertEqual(self.tree.run("headers", "g++"), (0, "tidy\n"))

    def kinds(self, table, manual, source):
        rows = "".join(f'    {{"{kind}", 1}},\n' for kind in table)
        self.tree.write("core/event_kinds.cc", f"constexpr Row rows[] = {{\n{rows}}};\n")
        os.makedirs(f"{self.tree.root}/docs/manual", exist_ok=True)
        with open(f"{self.tree.root}/docs/manual/journal.md", "w", encoding="utf-8") as file:
            file.write("".join(f"| `{kind}` | x |\n" for kind in manual))
        self.tree.write("daemon/c.cc", "".join(f'char const* k{i} = "{kind}";\n' for i, kind in enumerate(source)))

    def test_event_kinds_of_table_manual_and_sources_are_the_same(self):
        self.kinds(["job.done"], ["job.done"], ["job.done", "http.proxy"])
        self.assertEqual(self.tree.run("rules"), (0, "tidy\n"))

    def test_an_event_kind_that_the_manual_does_not_explain_is_named(self):
        self.kinds(["job.done", "job.dead"], ["job.done"], ["job.done", "job.dead"])
        self.expect("event kind 'job.dead' is not explained")

    def test_an_event_kind_that_nobody_writes_is_named(self):
        self.kinds(["job.done", "job.dead"], ["job.done", "job.dead"], ["job.done"])
        self.expect("src/core/event_kinds.cc:1: nobody writes the event kind 'job.dead'")

    def test_an_event_kind_of_the_manual_or_a_source_without_a_row_is_named(self):
        self.kinds(["job.done"], ["job.done", "job.lost"], ["job.done"])
        self.expect("'job.lost' is no event kind of core/event_kinds.cc")
        self.kinds(["job.done"], ["job.done"], ["job.done", "job.lost"])
        self.expect("event kind 'job.lost' has no row in core/event_kinds.cc")


if __name__ == "__main__":
    unittest.main()
