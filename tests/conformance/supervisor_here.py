"""Debian's supervisor, as far as it is installed: its command line, its daemon, its transport.

Tests that need it are skipped with a word where it is missing.
"""

import os
import subprocess
import unittest
import xmlrpc.client

from harness import PATIENCE, House, HouseTest, until

SUPERVISORCTL = "/usr/bin/supervisorctl"
SUPERVISORD = "/usr/bin/supervisord"

try:
    from supervisor.xmlrpc import SupervisorTransport
except ImportError:
    SupervisorTransport = None

needs_supervisor = unittest.skipUnless(
    SupervisorTransport and os.access(SUPERVISORCTL, os.X_OK) and os.access(SUPERVISORD, os.X_OK),
    "supervisor is not installed")

# A text locale: with LANG=C its tail prints a warning first.
ENVIRONMENT = dict(os.environ, LC_ALL="C.UTF-8", PYTHONWARNINGS="ignore")


def ctl_command(house, *words):
    return [SUPERVISORCTL, "-c", house.config, *words]


def ctl(house, *words):
    """Runs supervisorctl: (exit status, output)."""
    done = subprocess.run(ctl_command(house, *words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=PATIENCE * 3, env=ENVIRONMENT, cwd=house.folder, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout


def server(house, user=None, password=None, url=None):
    """The XML-RPC server as supervisor's own transport reaches it; one connection stays open."""
    return xmlrpc.client.ServerProxy("http://127.0.0.1",
                                     transport=SupervisorTransport(user, password, url or f"unix://{house.socket}"))


class SupervisordHouse(House):
    """The same house, kept by supervisord."""

    def up(self, wait=True):
        self.stderr = open(self.path("stderr"), "wb")
        self.stdout = open(self.path("stdout"), "wb")
        self.process = subprocess.Popen([SUPERVISORD, "-c", self.config, "-n"], stdin=subprocess.DEVNULL,
                                        stdout=self.stdout, stderr=self.stderr, env=ENVIRONMENT, cwd=self.folder)
        if wait:
            until(self.answers, say=f"supervisord did not come up: {self.read('stderr')}")
        return self


class ConformanceTest(HouseTest):
    def house(self, programs="", **options):
        return super().house(programs, **options)

    def ctl(self, house, words, code, output):
        """One row: what supervisorctl prints, and its exit status."""
        found = ctl(house, *words.split())
        self.assertEqual(found, (code, output), f"supervisorctl {words}")
