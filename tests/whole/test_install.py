"""`./go install` into a folder of its own: what it places, what it leaves alone."""

import os
import shutil
import subprocess
import tempfile
import unittest

from harness import LARES, PATIENCE

PROJECT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))


@unittest.skipUnless(LARES == os.path.join(PROJECT, "build/release/bin/lares"), "go install places the release build")
class Install(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="lares-test-")
        self.addCleanup(shutil.rmtree, self.folder)

    def install(self, *words):
        done = subprocess.run([os.path.join(PROJECT, "go"), "install", *words], capture_output=True, text=True, timeout=PATIENCE * 3,
                              env=dict(os.environ, DESTDIR=self.folder, LARES_BUILT="yes"), stdin=subprocess.DEVNULL)
        return done.returncode, done.stderr

    def path(self, name):
        return os.path.join(self.folder, name)

    def test_it_places_program_manual_completion_and_unit_below_the_prefix(self):
        self.assertEqual(self.install("--prefix", "/opt/lares")[0], 0)
        for name in ("bin/lares", "share/man/man1/lares.1", "share/man/man1/supervisord.1", "share/man/man1/supervisorctl.1",
                     "share/bash-completion/completions/lares", "share/zsh/site-functions/_lares",
                     "share/fish/vendor_completions.d/lares.fish"):
            self.assertGreater(os.path.getsize(self.path("opt/lares/" + name)), 100, name)
        with open(self.path("opt/lares/lib/systemd/system/lares.service"), encoding="utf-8") as unit:
            self.assertIn("ExecStart=/opt/lares/bin/lares up --foreground", unit.read())
        self.assertFalse(os.path.lexists(self.path("opt/lares/bin/supervisorctl")))

    def test_links_are_the_program_under_supervisords_names(self):
        self.assertEqual(self.install("--links")[0], 0)
        self.assertEqual(self.install("--links")[0], 0)  # again, over its own
        for name in ("supervisord", "supervisorctl"):
            self.assertEqual(os.readlink(self.path("usr/local/bin/" + name)), "lares")
        done = subprocess.run([self.path("usr/local/bin/supervisord"), "-v"], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.stdout, "4.2.5\n")

    def test_what_another_package_placed_is_left_alone_without_force(self):
        os.makedirs(self.path("usr/local/bin"))
        with open(self.path("usr/local/bin/supervisorctl"), "w", encoding="utf-8") as file:
            file.write("another's")
        status, said = self.install("--links")
        self.assertEqual(status, 1)
        self.assertIn("usr/local/bin/supervisorctl exists already", said)
        with open(self.path("usr/local/bin/supervisorctl"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "another's")
        self.assertEqual(os.readlink(self.path("usr/local/bin/supervisord")), "lares")
        self.assertEqual(self.install("--links", "--force")[0], 0)
        self.assertEqual(os.readlink(self.path("usr/local/bin/supervisorctl")), "lares")

    def test_an_unknown_option_is_refused(self):
        self.assertEqual(self.install("--nope")[0], 2)


if __name__ == "__main__":
    unittest.main()
