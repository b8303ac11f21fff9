"""Configurations as supervisord reads them, seen from inside a program. Numbers are cases of the reference's list."""

import json
import os
import sys
import unittest

from harness import HouseTest, refused, until

DUMP = """import json, os, sys
with open(sys.argv[1] + ".new", "w") as file:
    json.dump({"argv": sys.argv[2:], "environment": dict(os.environ)}, file)
os.rename(sys.argv[1] + ".new", sys.argv[1])
"""


class Configuration(HouseTest):
    def dumped(self, programs, number=0, **options):
        """Runs a configuration whose programs call %(here)s/dump, and gives what one of them saw."""
        house = self.house("", **options)
        with open(house.path("dumper"), "w", encoding="utf-8") as file:
            file.write(f"#!{sys.executable}\n{DUMP}")
        os.chmod(house.path("dumper"), 0o755)
        house.write(programs.replace("DUMP", "%(here)s/dumper %(here)s/%(process_num)d.dump"))
        house.up()
        self.last = house
        return json.loads(until(lambda: house.read(f"{number}.dump")))

    def refusal(self, text, words):
        code, err, left = refused("[supervisord]\nlogfile = @/log\npidfile = @/pid\n[unix_http_server]\nfile = @/sock\n" + text)
        self.assertEqual(code, 2)
        self.assertIn(words, err)
        self.assertEqual(left, ["lares.conf"])

    def test_1_no_supervisord_section(self):
        code, err, left = refused("[program:x]\ncommand = true\n")
        lines = err.splitlines()
        self.assertEqual((code, lines[0], left), (2, "Error: .ini file does not include supervisord section", ["lares.conf"]))
        self.assertRegex(lines[1], "^For help, use .* -h$")

    def test_2_bad_values_table(self):
        for line, words in (
            ("autostart = maybe", "not a valid boolean value: 'maybe'"),
            ("priority = 1.5", "invalid literal for int() with base 10: '1.5'"),
            ("umask = 9", "9 can not be converted to an octal type"),
            ("stopsignal = FOO", "value 'FOO' is not a valid signal name"),
            ("stopsignal = 99", "value '99' is not a valid signal number"),
            ("exitcodes = 0,256", "not a valid list of exit codes: '0,256'"),
            ("autorestart = sometimes", "invalid 'autorestart' value 'sometimes'"),
            ("user = nosuch-x", "nosuch-x"),
            ("stdout_logfile = /nosuch/x/y.log", "The directory named as part of the path /nosuch/x/y.log does not exist"),
            ("environment = A", "Unexpected end of key/value pairs in value 'A'"),
            ("stopasgroup = true\nkillasgroup = false", "Cannot set stopasgroup=true and killasgroup=false"),
            ("stdout_logfile_maxbytes = 1.5MB", "1.5MB"),
        ):
            with self.subTest(line):
                self.refusal(f"[program:x]\ncommand = true\n{line}\n", words)

    def test_2_bad_values_of_the_daemon(self):
        for text, words in (
            ("[supervisord]\nloglevel = verbose\n", "bad logging level name 'verbose'"),
            ("[supervisord]\nchildlogdir = /nosuch/x\n", "/nosuch/x is not an existing directory"),
            ("[inet_http_server]\nport = foo\n", "not a valid port number"),
            ("[program:x]\nautostart = true\n", "program section program:x does not specify a command"),
            ("[unix_http_server:more]\nchmod = 0700\n", "has no file value"),
            ("[inet_http_server]\nusername = u\npassword = p\n", "has no port value"),
        ):
            with self.subTest(text):
                self.refusal(text, words)

    def test_4_inline_comments(self):
        self.assertEqual(self.dumped("[program:dump]\ncommand = DUMP a b;c ;d\nstartsecs = 0\n")["argv"], ["a", "b;c"])
        self.assertEqual(self.dumped("[program:dump]\ncommand = DUMP a b#c # e\nstartsecs = 0\n")["argv"], ["a", "b#c"])

    def test_5_multi_line_command(self):
        found = self.dumped("[program:dump]\ncommand = DUMP\n    one\n    ; not this\n    two ; nor this\n  three\nstartsecs = 0\n")
        self.assertEqual(found["argv"], ["one", "two", "three"])

    def test_7_percent_escape(self):
        self.assertEqual(self.dumped("[program:dump]\ncommand = DUMP +%%Y 100%%\nstartsecs = 0\n")["argv"], ["+%Y", "100%"])
        self.refusal("[program:x]\ncommand = /bin/date +%Y\n", "is badly formatted")

    def test_8_env_expansion(self):
        found = self.dumped("[program:dump]\ncommand = DUMP %(ENV_FOO)s-x\nstartsecs = 0\n", extra_environment={"FOO": "a value%(x)s"})
        self.assertEqual(found["argv"], ["a", "value%(x)s-x"])
        self.refusal("[program:x]\ncommand = true %(ENV_NOPE_X)s\n", "cannot be expanded. Available names:")

    def test_10_env_quoting(self):
        found = self.dumped("[program:dump]\ncommand = DUMP\nstartsecs = 0\nenvironment = A=\"x,y\",B=plain,\n  C=\"a=b;c\",D='',\n")
        self.assertEqual({key: found["environment"][key] for key in "ABCD"}, {"A": "x,y", "B": "plain", "C": "a=b;c", "D": ""})

    def test_10_env_quoting_the_program_wins_over_supervisord_and_the_names_are_there(self):
        found = self.dumped("[program:dump]\ncommand = DUMP\nstartsecs = 0\nenvironment = A=own\n",
                            daemon="environment = A=daemon,Z=daemon\n", extra_environment={"A": "outside", "Z": "outside"})
        environment = found["environment"]
        self.assertEqual((environment["A"], environment["Z"]), ("own", "daemon"))
        self.assertEqual((environment["SUPERVISOR_ENABLED"], environment["SUPERVISOR_PROCESS_NAME"], environment["SUPERVISOR_GROUP_NAME"]),
                         ("1", "dump", "dump"))

    def test_11_numprocs_naming(self):
        found = self.dumped("[program:p]\ncommand = DUMP %(process_num)d %(numprocs)d\nprocess_name = %(program_name)s-%(process_num)03d\n"
                            "numprocs = 2\nnumprocs_start = 5\nstartsecs = 0\n", number=6)
        self.assertEqual(found["argv"], ["6", "2"])
        self.assertEqual([f"{each['group']}:{each['name']}" for each in self.last.rpc.supervisor.getAllProcessInfo()], ["p:p-005", "p:p-006"])
        self.refusal("[program:x]\ncommand = true\nnumprocs = 2\n", "%(process_num) must be present within process_name when numprocs > 1")

    def test_13_group_section(self):
        programs = "".join(f"[program:{name}]\ncommand = sleep 1000\nstartsecs = 0\n" for name in "abc")
        house = self.house(programs + "[group:g]\nprograms = a,b\n").up()
        self.assertEqual([f"{each['group']}:{each['name']}" for each in house.rpc.supervisor.getAllProcessInfo()], ["c:c", "g:a", "g:b"])
        self.refusal("[group:g]\nprograms = zz\n", "[group:g] names unknown program or fcgi-program zz")

    def test_14_names(self):
        for name in ("a b", "a:b", "a/b"):
            with self.subTest(name):
                wrong = next(c for c in name if c in " :/")
                self.refusal(f"[program:{name}]\ncommand = true\n", f"Invalid name: '{name}' because of character: '{wrong}'")

    def test_16_redirect_stderr(self):
        house = self.house("[program:p]\ncommand = sh -c 'for i in 1 2 3; do echo out $i; echo err $i >&2; done; sleep 1000'\n"
                           "redirect_stderr = true\nstdout_logfile = %(here)s/out\nstartsecs = 0\n").up()
        until(lambda: house.read("out"), "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n")
        self.assertEqual(house.info("p")["stderr_logfile"], "")

    def test_17_half_auth(self):
        words = ("Section [unix_http_server] contains incomplete authentication: If a username or a password is specified, "
                 "both the username and password must be specified")
        self.refusal("[unix_http_server]\nusername = me\n", words)
        self.refusal("[unix_http_server]\npassword = secret\n", words)


if __name__ == "__main__":
    unittest.main()
