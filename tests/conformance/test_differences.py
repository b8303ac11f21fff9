"""The same configurations kept by supervisord and by Lares: what clients see, and the words of the log.

Wanted differences are those of docs/decisions/0003; the scripts below stay out of their way (no
program ends within the second in which supervisord may not notice it), and the rest is normalised:
pids, times, paths, and the order of lines that have none.
"""

import re
import unittest

from harness import House, HouseTest, until
from supervisor_here import SupervisordHouse, needs_supervisor

SLEEP = "command = sleep 1000\n"

# Each: programs, and what is done once they have settled. {name: state} says when they have.
CASES = {
    "one_program": ("[program:p]\n" + SLEEP, {"p": "RUNNING"}, []),
    "several_of_one": ("[program:p]\n" + SLEEP + "process_name = %(program_name)s_%(process_num)02d\nnumprocs = 3\nnumprocs_start = 1\n",
                       {"p:p_01": "RUNNING", "p:p_02": "RUNNING", "p:p_03": "RUNNING"}, []),
    "groups": ("[program:a]\n" + SLEEP + "[program:b]\n" + SLEEP + "priority = 5\n[program:c]\n" + SLEEP + "[group:g]\nprograms = b,a\npriority = 7\n",
               {"g:a": "RUNNING", "g:b": "RUNNING", "c": "RUNNING"}, []),
    "not_started": ("[program:p]\n" + SLEEP + "autostart = false\n[program:q]\n" + SLEEP, {"p": "STOPPED", "q": "RUNNING"}, []),
    "expected_exit": ("[program:p]\ncommand = sh -c 'sleep 2.5; exit 0'\n", {"p": "EXITED"}, []),
    "unexpected_exit_without_restart": ("[program:p]\ncommand = sh -c 'sleep 2.5; exit 3'\nautorestart = false\n", {"p": "EXITED"}, []),
    "listed_exit": ("[program:p]\ncommand = sh -c 'sleep 2.5; exit 3'\nexitcodes = 0,3\n", {"p": "EXITED"}, []),
    "missing_command": ("[program:p]\ncommand = nosuchcommand-x\nstartretries = 1\n", {"p": "FATAL"}, []),
    "stopped_by_request": ("[program:p]\n" + SLEEP + "[program:q]\n" + SLEEP + "stopsignal = INT\n", {"p": "RUNNING", "q": "RUNNING"},
                           [("stopProcess", "p"), ("stopProcess", "q")]),
    "killed": ("[program:p]\ncommand = sh -c 'trap \"\" TERM; while :; do sleep 0.1; done'\nstopwaitsecs = 1\nkillasgroup = true\n",
               {"p": "RUNNING"}, [("stopProcess", "p")]),
    "logs": ("[program:p]\ncommand = sh -c 'echo hello; echo oops >&2; exec cat'\nstdout_logfile = %(here)s/out\nredirect_stderr = true\n"
             "[program:q]\n" + SLEEP + "stdout_logfile = NONE\nstderr_logfile = NONE\n",
             {"p": "RUNNING", "q": "RUNNING"}, [("sendProcessStdin", "p", "typed\n")]),
}

# Said by the one and not by the other, with reason.
ONLY_SUPERVISORD = (
    r"Supervisor is running as root\.",              # advice we do not give
    r"Increased RLIMIT_NOFILE limit to \d+",         # told only where the machine's limit is low
    r"RPC interface 'supervisor' initialized",       # a plug-in there, built in here
)


def settle(house, states):
    until(lambda: all(house.state(name) == state for name, state in states.items()), limit=30,
          say=f"did not settle: {states}; log:\n{house.log()}")


def normal_info(house):
    """getAllProcessInfo without what differs from one run to the next."""
    infos = []
    for info in house.rpc.supervisor.getAllProcessInfo():
        info = dict(info)
        for key in ("start", "stop", "now", "pid"):
            info[key] = info[key] > 0
        if info["spawnerr"].startswith("can't find"):
            info["start"] = False  # never spawned: supervisord tells the time of the try, we tell none
        info["description"] = re.sub(r"\d+", "N", info["description"])
        info["description"] = re.sub(r"^[A-Z][a-z]{2} N N:N [AP]M$", "TIME", info["description"])
        for key in ("logfile", "stdout_logfile", "stderr_logfile"):
            info[key] = re.sub(r"-[a-z0-9_]{8}\.log$", "-RANDOM.log", info[key].replace(house.folder, "@"))
        infos.append(info)
    return infos


def normal_log(house):
    """The words of the log, sorted: processes of one moment have no order."""
    lines = []
    for line in house.log().splitlines():
        found = re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ([A-Z]{4}) (.*)$", line)
        if not found:
            lines.append(f"odd line: {line}")
            continue
        words = found.group(2).replace(house.folder, "@")
        if any(re.match(pattern, words) for pattern in ONLY_SUPERVISORD):
            continue
        words = re.sub(r"\bpid \d+", "pid N", words)
        words = re.sub(r"\((\d+)\) with SIGKILL", "(N) with SIGKILL", words)
        lines.append(f"{found.group(1)} {words}")
    # How often one is told to wait depends on the second in which one looks.
    return sorted(line for line in lines if not re.search(r"waiting for .* to (stop|die)", line))


@needs_supervisor
class Differences(HouseTest):
    """All houses stand at the same time: the waits overlap."""

    @classmethod
    def setUpClass(cls):
        cls.houses = {}
        for name, (programs, _, _) in CASES.items():
            pair = (SupervisordHouse(programs, daemon="loglevel = info\n"), House(programs, daemon="loglevel = info\n"))
            for house in pair:
                cls.addClassCleanup(house.clean)
                house.up(wait=False)
            cls.houses[name] = pair
        for pair in cls.houses.values():
            for house in pair:
                until(house.answers)

    def check(self, name):
        _, states, calls = CASES[name]
        found = []
        for house in self.houses[name]:
            settle(house, states)
            answers = [getattr(house.rpc.supervisor, method)(*arguments) for method, *arguments in calls]
            if any(call[0] == "sendProcessStdin" for call in calls):
                until(lambda: "typed" in house.read("out"))
            found.append((answers, normal_info(house), house.read("out")))
            self.assertEqual(house.down(), 0)
            found[-1] += (normal_log(house),)
        theirs, ours = found
        self.assertEqual(ours[0], theirs[0], "answers")
        self.assertEqual(ours[1], theirs[1], "getAllProcessInfo")
        self.assertEqual(ours[2], theirs[2], "the program's log")
        self.assertEqual(ours[3], theirs[3], "the main log")


def add_test(name):
    def test(self):
        self.check(name)
    setattr(Differences, f"test_{name}", test)


for each in CASES:
    add_test(each)

if __name__ == "__main__":
    unittest.main()
