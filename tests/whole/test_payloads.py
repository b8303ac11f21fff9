"""Payloads as files: who may read the one of a run, and that none stays when nobody needs it."""

import glob
import os
import pwd
import unittest

from harness import HouseTest, until

LARGE = {"text": "x" * 100_000}  # more than a row holds


def has_user(name):
    try:
        return pwd.getpwnam(name).pw_uid != 0
    except KeyError:
        return False


class Payloads(HouseTest):
    def opened(self, sections):
        house = self.house(sections).up()
        house.rpc.lares.tasks()  # answered once the database is open
        return house

    def output_of(self, house, task, payload):
        job = house.rpc.lares.run(task, payload, {"wait": True})["job"]
        job = job if isinstance(job, int) else job["job"]
        run = house.rpc.lares.runs({"job": job})["runs"][0]
        with open(run["log"], encoding="utf-8") as file:
            return file.read(), run

    @unittest.skipUnless(os.geteuid() == 0 and has_user("nobody") and has_user("daemon"), "needs root and two other users")
    def test_a_task_with_a_user_reads_its_own_payload_and_no_other_user_does(self):
        script = 'cat "$LARES_PAYLOAD"; stat -c " %%a %%U" "$LARES_PAYLOAD"; ls "$(dirname "$LARES_PAYLOAD")" 2>&1; cat "$OTHER" 2>&1; true'
        house = self.house(f"[task:one]\ncommand = {script}\nshell = true\nuser = nobody\n"
                           f"[task:two]\ncommand = OTHER=\"$PAYLOAD_other\"; {script}\nshell = true\nuser = daemon\n")
        os.chmod(house.folder, 0o711)
        os.mkdir(house.path("state"), 0o711)
        os.chmod(house.path("state"), 0o711)
        house.up()
        house.rpc.lares.tasks()
        said, run = self.output_of(house, "one", {"key": "secret of one"})
        payload = run["log"] + ".payload"
        self.assertTrue(said.startswith('{"key":"secret of one"} 400 nobody\n'), said)
        self.assertEqual(said.count("ermission denied"), 1, said)  # the folder cannot be looked into
        self.assertEqual(os.stat(payload).st_mode & 0o777, 0o400)
        said, _ = self.output_of(house, "two", {"other": payload})
        self.assertIn("400 daemon\n", said)
        self.assertEqual(said.count("ermission denied"), 2, said)  # nor is the other's payload read
        self.assertNotIn("secret", said)
        for folder, _, names in os.walk(glob.glob(house.path("state/*"))[0]):
            self.assertEqual(os.stat(folder).st_mode & 0o066, 0, folder)
            for name in (name for name in names if name.endswith((".log", ".payload", ".db", ".db-wal"))):
                self.assertEqual(os.stat(os.path.join(folder, name)).st_mode & 0o077, 0, name)

    def test_payload_files_without_a_job_go_and_others_stay(self):
        house = self.opened("[task:read]\ncommand = wc -c\n")
        said, _ = self.output_of(house, "read", LARGE)
        self.assertGreater(int(said), 100_000)
        kept = glob.glob(house.path("state/*/payloads/*.json"))
        self.assertEqual(len(kept), 1)
        house.down()
        folder = os.path.dirname(kept[0])
        made = {name: os.path.join(folder, name) for name in ("a" * 64 + ".json", "b" * 64 + ".json.new", "notes.txt")}
        for path in made.values():
            with open(path, "w", encoding="utf-8") as file:
                file.write("{}")
        house.up()
        house.rpc.lares.tasks()
        until(lambda: sorted(os.listdir(folder)) == sorted([os.path.basename(kept[0]), "notes.txt"]))
        self.output_of(house, "read", LARGE)
        self.assertTrue(os.path.exists(kept[0]))


if __name__ == "__main__":
    unittest.main()
