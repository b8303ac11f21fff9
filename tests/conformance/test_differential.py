"""Every script of scripts.py, on supervisord and on Lares at the same time: the same answers."""

import unittest

from supervisor_here import needs_supervisor


@needs_supervisor
class Differential(unittest.TestCase):
    """All scripts are played at once: supervisord waits a lot for its own poll."""

    @classmethod
    def setUpClass(cls):
        from differential import Both
        from scripts import SCRIPTS
        cls.playing = {name: Both(script) for name, script in SCRIPTS.items()}

    def test_there_is_a_script_for_each_of_these(self):
        self.assertGreaterEqual(len(self.playing), 15)
        self.assertTrue(all(len(both.script["steps"]) >= 2 for both in self.playing.values()))

    @classmethod
    def tearDownClass(cls):
        for both in cls.playing.values():
            both.differences()


def add_tests():
    try:
        from scripts import SCRIPTS
    except ImportError:  # supervisor is not installed: skipped with that word
        return

    def add(name):
        def test(self):
            self.maxDiff = None
            differences = self.playing[name].differences()
            if differences and differences[0].startswith("Lares has no "):
                self.skipTest(differences[0])
            self.assertEqual("\n".join(differences), "")
        setattr(Differential, f"test_{name}", test)
    for name in SCRIPTS:
        add(name)


add_tests()

if __name__ == "__main__":
    unittest.main()
