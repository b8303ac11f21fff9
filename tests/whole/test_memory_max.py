"""memory_max = ... restart, the groups' notify, and texts of one's own."""

import os
import unittest

from harness import HouseTest, until
from test_messages import Server, body

CHANNEL = """[channel:CHANNEL]
type = mail
url = smtp://127.0.0.1:PORT
from = Lares <lares@example.org>
to = CHANNEL@example.org
"""


class Habits(HouseTest):
    def server(self):
        server = Server()
        self.addCleanup(server.close)
        return server

    def channel(self, server, name="ops"):
        return CHANNEL.replace("CHANNEL", name).replace("PORT", str(server.port))

    def test_a_program_whose_child_takes_too_much_memory_is_restarted_and_told_of(self):
        server = self.server()
        house = self.house(self.channel(server) + "[lares]\ngroup_wait = 50ms\n[program:fat]\n"
                           "command = python3 %(here)s/fat.py\n"
                           "memory_max = 60MB restart\nmemory_every = 1s\nnotify = ops: memory\nstopasgroup = true\n"
                           "[program:thin]\ncommand = /bin/cat\nmemory_max = 60MB restart\nmemory_every = 1s\n")
        with open(house.path("fat.py"), "w") as file:
            file.write("import subprocess, sys, time\n"
                       "subprocess.Popen([sys.executable, '-c', 'import time; x = b\"1\" * (80 << 20); time.sleep(600)'])\n"
                       "time.sleep(600)\n")
        house.up()
        house.until_state("fat", "RUNNING")
        house.until_state("thin", "RUNNING")
        first, thin = house.pid("fat"), house.pid("thin")
        until(lambda: house.pid("fat") not in (0, first), limit=20)
        until(lambda: server.mails)
        self.assertIn("more than the 60 MB of memory_max", body(server.mails[0]))
        self.assertEqual(house.pid("thin"), thin)
        event = house.rpc.lares.events({"kind": "program.memory"})["events"][-1]
        self.assertEqual(event["subject"], "program/fat:fat")

    def test_a_group_says_who_is_told_of_its_programs_and_a_program_may_say_otherwise(self):
        server = self.server()
        house = self.house(self.channel(server) + self.channel(server, "web") + self.channel(server, "own") +
                           "[lares]\nnotify = ops\ngroup_wait = 50ms\n"
                           "[group:site]\nprograms = a,b\nnotify = web\n"
                           + "".join(f"[program:{name}]\ncommand = /bin/false\nstartretries = 0\n{more}"
                                     for name, more in (("a", ""), ("b", "notify = own\n"), ("c", ""))))
        house.up()
        until(lambda: len(server.mails) >= 3)
        # One alert, as they are of one group; each is told of what concerns him.
        self.assertEqual({mail["To"] for mail in server.mails}, {"web@example.org", "own@example.org", "ops@example.org"})
        for mail in server.mails:
            name = {"web": "a", "own": "b", "ops": "c"}[mail["To"].split("@")[0]]
            self.assertIn(f"'{'site:' * (name != 'c')}{name}'", mail["Subject"])

    def test_words_of_ones_own_are_said_and_wrong_ones_are_refused_with_their_place(self):
        server = self.server()
        house = self.house(self.channel(server) + "[lares]\nnotify = ops\ngroup_wait = 50ms\ntemplates = %(here)s/words\n"
                           "[program:a]\ncommand = /bin/false\nstartretries = 0\n")
        os.mkdir(house.path("words"))
        with open(house.path("words/notice.fatal.en.txt"), "w") as file:
            file.write("RED LIGHT: {{thing}}\n")
        house.up()
        until(lambda: server.mails)
        self.assertIn("RED LIGHT: program 'a'", server.mails[0]["Subject"])
        with open(house.path("words/notice.fatal.de.txt"), "w") as file:
            file.write("{{thingg}}")
        with open(house.path("words/notice.fattal.en.txt"), "w") as file:
            file.write("x")
        status, words = house.lares("check")
        self.assertNotEqual(status, 0)
        self.assertIn("notice.fatal.de.txt: '{{thingg}}' is not known", words)
        self.assertIn("did you mean 'notice.fatal'", words)


if __name__ == "__main__":
    unittest.main()
