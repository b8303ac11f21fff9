"""Changing the configuration of a daemon that runs: only what changed is touched."""

import os
import unittest
import xmlrpc.client

from harness import HouseTest, until

SLEEPER = "[program:{}]\ncommand = sleep {}\nstartsecs = 0\n"


def command_line(pid):
    with open(f"/proc/{pid}/cmdline", encoding="ascii") as file:
        return file.read().split("\0")[:-1]


def sleeper(name, seconds=1000, more=""):
    return SLEEPER.format(name, seconds) + more + "\n"


class Supervisord(HouseTest):
    """The three methods as supervisorctl's reread, add, remove and update use them."""

    def house_of(self, *programs):
        house = self.house("".join(programs)).up()
        for process in house.rpc.supervisor.getAllProcessInfo():
            house.until_state(f"{process['group']}:{process['name']}", "RUNNING", "STOPPED")
        return house

    def test_case_58_reload_tells_what_is_new_changed_and_gone_and_touches_nothing(self):
        house = self.house_of(sleeper("a"), sleeper("b"), sleeper("c"))
        pids = {name: house.pid(name) for name in "abc"}
        rpc = house.rpc.supervisor
        self.assertEqual(rpc.reloadConfig(), [[[], [], []]])
        house.write(sleeper("b", 2000) + sleeper("c") + sleeper("new"))
        self.assertEqual(rpc.reloadConfig(), [[["new"], ["b"], ["a"]]])
        self.assertEqual(rpc.reloadConfig(), [[["new"], ["b"], ["a"]]])
        self.assertEqual({name: house.pid(name) for name in "abc"}, pids)
        self.fault(10, "BAD_NAME: new", rpc.getProcessInfo, "new")

    def test_case_58_a_faulty_file_is_refused_and_changes_nothing(self):
        house = self.house_of(sleeper("a"))
        rpc = house.rpc.supervisor
        house.write("[program:a]\nstartsecs = 1\n")
        self.fault(92, "CANT_REREAD: program section program:a does not specify a command in section 'program:a' "
                       f"(file: '{house.config}')", rpc.reloadConfig)
        self.assertEqual(house.state("a"), "RUNNING")
        self.fault(90, "ALREADY_ADDED: a", rpc.addProcessGroup, "a")

    def test_case_58_an_added_group_starts_and_faults_are_supervisords(self):
        house = self.house_of(sleeper("a"))
        rpc = house.rpc.supervisor
        self.fault(10, "BAD_NAME: new", rpc.addProcessGroup, "new")
        house.write(sleeper("a") + sleeper("new") + sleeper("lazy", more="autostart = false"))
        self.fault(10, "BAD_NAME: new", rpc.addProcessGroup, "new")
        rpc.reloadConfig()
        pid = house.pid("a")
        self.assertIs(rpc.addProcessGroup("new"), True)
        self.assertIs(rpc.addProcessGroup("lazy"), True)
        house.until_state("new", "RUNNING")
        self.assertEqual((house.state("lazy"), house.pid("a")), ("STOPPED", pid))
        self.fault(90, "ALREADY_ADDED: new", rpc.addProcessGroup, "new")

    def test_case_58_a_group_is_removed_once_it_has_stopped_and_can_come_back(self):
        house = self.house_of(sleeper("a"), sleeper("b"))
        rpc = house.rpc.supervisor
        pid = house.pid("b")
        self.fault(91, "STILL_RUNNING: a", rpc.removeProcessGroup, "a")
        self.fault(10, "BAD_NAME: nope", rpc.removeProcessGroup, "nope")
        rpc.stopProcessGroup("a")
        self.assertIs(rpc.removeProcessGroup("a"), True)
        self.fault(10, "BAD_NAME: a", rpc.getProcessInfo, "a")
        self.fault(10, "BAD_NAME: a", rpc.removeProcessGroup, "a")
        self.assertEqual(house.pid("b"), pid)
        self.assertIs(rpc.addProcessGroup("a"), True)
        house.until_state("a", "RUNNING")

    def test_what_supervisorctl_update_does_gives_a_changed_group_its_new_command(self):
        house = self.house_of(sleeper("a"), sleeper("b"))
        rpc = house.rpc.supervisor
        before, pid = house.pid("b"), house.pid("a")
        house.write(sleeper("a", 2000) + sleeper("b"))
        self.assertEqual(rpc.reloadConfig(), [[[], ["a"], []]])
        rpc.stopProcessGroup("a")
        rpc.removeProcessGroup("a")
        rpc.addProcessGroup("a")
        house.until_state("a", "RUNNING")
        self.assertNotEqual(house.pid("a"), pid)
        with open(f"/proc/{house.pid('a')}/cmdline", encoding="ascii") as file:
            self.assertEqual(file.read().split("\0")[:2], ["sleep", "2000"])
        self.assertEqual(house.pid("b"), before)
        self.assertEqual(rpc.reloadConfig(), [[[], [], []]])

    def test_config_info_lists_what_was_read_last(self):
        house = self.house_of(sleeper("b"), sleeper("a", more="autorestart = true"))
        rpc = house.rpc.supervisor
        self.assertEqual([(each["name"], each["inuse"]) for each in rpc.getAllConfigInfo()], [("a", True), ("b", True)])
        house.write(sleeper("a") + sleeper("0new"))
        rpc.reloadConfig()
        self.assertEqual([(each["name"], each["inuse"]) for each in rpc.getAllConfigInfo()], [("0new", False), ("a", True)])

    def test_many_groups_come_and_go(self):
        house = self.house_of(sleeper("keep"))
        rpc = house.rpc.supervisor
        pid = house.pid("keep")
        names = [f"p{number}" for number in range(60)]
        house.write(sleeper("keep") + "".join(sleeper(name) for name in names))
        self.assertEqual(rpc.reloadConfig()[0][0], sorted(names))
        for name in names:
            rpc.addProcessGroup(name)
        until(lambda: all(each["statename"] == "RUNNING" for each in rpc.getAllProcessInfo()))
        for name in names:
            rpc.stopProcessGroup(name)
            rpc.removeProcessGroup(name)
        self.assertEqual([each["name"] for each in rpc.getAllProcessInfo()], ["keep"])
        self.assertEqual(house.pid("keep"), pid)


class Update(HouseTest):
    """Ours: per process, seen before, kept and found again."""

    def house_of(self, programs, lares="", include=""):
        house = self.house(programs + include)
        house.daemon_options = f"[lares]\nstate_directory = {house.folder}/state\n{lares}"
        self.rewrite(house, programs + include)
        house.up()
        for process in house.rpc.supervisor.getAllProcessInfo():
            house.until_state(f"{process['group']}:{process['name']}", "RUNNING")
        return house

    @staticmethod
    def rewrite(house, programs):
        house.write(programs)

    @staticmethod
    def actions(house):
        return [(each["action"], each["name"]) for each in house.rpc.lares.plan()["changes"]]

    def test_only_what_changed_is_touched_and_the_plan_said_so(self):
        many = "[program:w]\ncommand = sleep 1000\nprocess_name = w_%(process_num)d\nstartsecs = 0\nnumprocs = {}\n"
        house = self.house_of(sleeper("a") + sleeper("b") + sleeper("c") + many.format(2))
        pids = {name: house.pid(name) for name in ("a", "b", "c", "w:w_0", "w:w_1")}
        house.write(sleeper("a", 2000) + sleeper("b", more="stopwaitsecs = 3") + many.format(3))
        plan = house.rpc.lares.plan()
        self.assertEqual(self.actions(house), [("stop", "c:c"), ("restart", "a:a"), ("change", "b:b"), ("start", "w:w_2")])
        restart = plan["changes"][1]
        self.assertEqual((restart["why"], restart["program"]), ("command changed", "a"))
        self.assertRegex(restart["lines"][0], r"lares\.conf:\d+: command = sleep 2000$")
        done = house.rpc.lares.apply(plan["fingerprint"])
        self.assertEqual([(each["name"], each["status"], each["description"]) for each in done],
                         [("c", 80, "stopped"), ("a", 80, "restarted"), ("b", 80, "changed"), ("w_2", 80, "started")])
        now = {name: house.pid(name) for name in ("a", "b", "w:w_0", "w:w_1")}
        self.assertNotEqual(now["a"], pids["a"])
        self.assertEqual({name: now[name] for name in now if name != "a"},
                         {name: pids[name] for name in now if name != "a"})
        self.assertEqual(self.actions(house), [])

    def test_a_plan_that_is_old_is_refused(self):
        house = self.house_of(sleeper("a"))
        house.write(sleeper("a", 2000))
        plan = house.rpc.lares.plan()
        house.write(sleeper("a", 3000))
        pid = house.pid("a")
        with self.assertRaisesRegex(xmlrpc.client.Fault, "FAILED: the world moved"):
            house.rpc.lares.apply(plan["fingerprint"])
        self.assertEqual(house.pid("a"), pid)

    def test_a_part_is_updated_alone(self):
        house = self.house_of(sleeper("a") + sleeper("b"))
        pid = house.pid("b")
        house.write(sleeper("a", 2000) + sleeper("b", 2000))
        self.assertEqual([each["name"] for each in house.rpc.lares.update(["a"])], ["a"])
        self.assertEqual(house.pid("b"), pid)
        self.assertEqual(self.actions(house), [("restart", "b:b")])
        with self.assertRaisesRegex(xmlrpc.client.Fault, "BAD_NAME: nope"):
            house.rpc.lares.update(["nope"])

    def test_revisions_are_kept_compared_and_applied_again(self):
        house = self.house_of(sleeper("a"))
        until(lambda: [each["by"] for each in house.rpc.lares.config_history()], ["start"])
        house.write(sleeper("a", 2000))
        house.rpc.lares.update()
        history = house.rpc.lares.config_history()
        self.assertEqual([(each["revision"], each["current"]) for each in history], [(1, False), (2, True)])
        diff = house.rpc.lares.config_diff(1, 2)
        self.assertIn("-command = sleep 1000\n+command = sleep 2000\n", diff)
        self.assertEqual(house.rpc.lares.config_diff(2), "")
        house.rpc.lares.config_rollback(1)
        until(lambda: command_line(house.pid("a")), ["sleep", "1000"])  # it is made, and then it is another program
        until(lambda: house.rpc.lares.status()["config_drift_files"], [house.config])
        self.assertEqual([each["revision"] for each in house.rpc.lares.config_history()], [1, 2, 3])

    def test_files_that_come_break_and_go_are_followed(self):
        house = self.house("")
        os.mkdir(house.path("conf.d"))
        house.daemon_options = f"[lares]\nstate_directory = {house.folder}/state\n"
        house.write(sleeper("keep") + "[include]\nfiles = conf.d/*.conf\nauto = apply\n")
        house.up()
        house.until_state("keep", "RUNNING")
        pid = house.pid("keep")
        names = lambda: [each["name"] for each in house.rpc.supervisor.getAllProcessInfo()]

        def put(text):
            with open(house.path("conf.d/new"), "w", encoding="utf-8") as file:
                file.write(text)
            os.rename(house.path("conf.d/new"), house.path("conf.d/x.conf"))

        put(sleeper("x"))
        until(lambda: names() == ["keep", "x"])
        house.until_state("x", "RUNNING")
        x = house.pid("x")
        put("[program:x]\nstartsecs = 1\n")
        until(lambda: "does not specify a command" in house.rpc.lares.status()["config_trouble"])
        self.assertEqual((house.pid("x"), house.pid("keep")), (x, pid))
        put(sleeper("x", 2000))
        until(lambda: house.rpc.lares.status()["config_trouble"] == "" and house.pid("x") not in (0, x))
        os.remove(house.path("conf.d/x.conf"))
        until(lambda: names() == ["keep"])
        self.assertEqual(house.pid("keep"), pid)

    def test_programs_that_clients_put_survive_and_go(self):
        house = self.house_of(sleeper("a"))
        self.assertIs(house.rpc.lares.put_program("fresh", "command = sleep 1000\nstartsecs = 0\n"), True)
        house.until_state("fresh", "RUNNING")
        with self.assertRaisesRegex(xmlrpc.client.Fault, "BAD_ARGUMENTS.*startsecs"):
            house.rpc.lares.put_program("bad", "command = cat\nstartsecs = soon\n")
        with self.assertRaisesRegex(xmlrpc.client.Fault, "configured in .*lares.conf"):
            house.rpc.lares.put_program("a", "command = cat\n")
        with self.assertRaisesRegex(xmlrpc.client.Fault, "BAD_ARGUMENTS.*cannot name"):
            house.rpc.lares.put_program("../a", "command = cat\n")
        house.down()
        house.up()
        house.until_state("fresh", "RUNNING")
        self.assertIs(house.rpc.lares.remove_program("fresh"), True)
        self.assertEqual([each["name"] for each in house.rpc.supervisor.getAllProcessInfo()], ["a"])
        self.assertEqual(os.listdir(house.path("state/programs")), [])


if __name__ == "__main__":
    unittest.main()
