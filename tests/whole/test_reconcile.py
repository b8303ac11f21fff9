"""Changing the configuration of a daemon that runs: only what changed is touched."""

import os
import unittest

from harness import HouseTest, until

SLEEPER = "[program:{}]\ncommand = sleep {}\nstartsecs = 0\n"


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


if __name__ == "__main__":
    unittest.main()
