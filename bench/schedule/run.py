"""What 100,000 schedules cost a running daemon: memory over an empty house, and wake-ups while none is due; and the next instant's time.

Usage: run.py --lares BINARY [--tools FOLDER] [--schedules 100000] [--per-task 1000] [--seconds 30] [--json]

Houses of the same run, side by side: one with a single schedule, one with all of them; none is due for months. Measured is the
daemon itself (its resident memory once all is loaded and the marks of all schedules are on the disk; its wake-ups by the kernel's count of
voluntary switches, all threads, over --seconds of quiet). Limits (issue 4): under 60 MB over the empty one; no more wake-ups than it.
--per-task: schedule lines of one task. With fewer than 100 a third house has the same tasks without their schedules, and the limit is for
what the schedules add; what the tasks themselves cost is shown, and so is how long the start took. --tools: where bench_agenda is, which says
what of issue 4 is about the agenda alone: the next instant of so many under 1 us of processor time, amortised over a virtual day, and no
alarm in it before one is due. Exit status 1 when a limit is missed. Takes about a minute, most of it waiting.
"""

import argparse
import concurrent.futures
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from house import Lares, Table, tool  # noqa: E402

MEMORY_LIMIT = 60  # MB
NEXT_LIMIT = 1_000  # ns
MANY = 100  # schedules a task, from which on the tasks themselves weigh little
SETTLED = 12  # s: the audit's first look is over


def tasks(schedules, per_task, with_schedules=True):
    """Yearly ones of a month that is far, spread over its minutes."""
    month = (time.localtime().tm_mon + 5) % 12 + 1
    text, made = [], 0
    while made < schedules:
        lines = min(per_task, schedules - made)
        text.append(f"[task:t{made}]\ncommand=true\n")
        if with_schedules:
            text.append("schedule=")
            for n in range(made, made + lines):
                text.append(f" {n % 60} {n // 60 % 24} {n // 1440 % 28 + 1} {month} *\n")
        made += lines
    return "".join(text)


def resident(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) * 1024 / 1e6


def switches(pid):
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status", encoding="ascii") as file:
            total += next(int(line.split()[1]) for line in file if line.startswith("voluntary"))
    return total


def measure(asked, schedules, with_schedules=True):
    """Resident MB, wake-ups, seconds until it was open with all marks on the disk."""
    begin = time.monotonic()
    wanted = schedules if with_schedules else 0
    with Lares(asked.lares, tasks(schedules, asked.per_task, with_schedules)) as house:
        house.until(lambda: house.ask("select count(*) from marks where name like 'tick/%'")[0] >= wanted, "all marks", pause=0.2)
        took = time.monotonic() - begin
        time.sleep(SETTLED)
        pid, before = house.pid(), switches(house.pid())
        time.sleep(asked.seconds)
        return resident(pid), switches(pid) - before, took


def add_agenda(asked, table):
    memory, next_ns, heap_ns, runs, alarms, causeless = tool(asked.tools, "agenda", "numbers")
    table.add("agenda alone, 100000 schedules: next instant, amortised", next_ns, "ns", "limit", NEXT_LIMIT, ratio=NEXT_LIMIT / max(next_ns, 1), wanted=1,
              target="under 1 us")
    table.add("agenda alone: a bare heap of as many numbers", heap_ns, "ns")
    table.add("agenda alone: memory", memory, "MB", "limit", MEMORY_LIMIT, ratio=MEMORY_LIMIT / max(memory, 0.001), wanted=1, target="under 60 MB")
    table.add("agenda alone, a virtual day: alarms before one is due", causeless, "", f"alarms, for {runs:.0f} runs", alarms,
              ratio=1 - causeless, wanted=1, target="none")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lares", required=True)
    parser.add_argument("--tools", help="where bench_agenda is; without it the agenda alone is not measured")
    parser.add_argument("--schedules", type=int, default=100_000)
    parser.add_argument("--per-task", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    table = Table()
    if asked.tools:
        add_agenda(asked, table)  # first: a processor of its own
    has_many_tasks = asked.per_task < MANY
    houses = [(asked, 1), (asked, asked.schedules)] + [(asked, asked.schedules, False)] * has_many_tasks
    with concurrent.futures.ThreadPoolExecutor() as pool:  # each waits most of the time, for nothing
        measured = list(pool.map(lambda words: measure(*words), houses))
    (empty, empty_wakes, _), (full, full_wakes, took) = measured[:2]
    without = measured[-1][0] if has_many_tasks else empty
    used = max(full - without, 0.001)
    over = "the same tasks without" if has_many_tasks else "a house with one"
    table.add(f"{asked.schedules} schedules, {asked.per_task} a task, over {over}", used, "MB", "limit", MEMORY_LIMIT,
              ratio=MEMORY_LIMIT / used, wanted=1, target="under 60 MB")
    table.add("a house with one schedule", empty, "MB")
    if has_many_tasks:
        table.add(f"{asked.schedules // asked.per_task} tasks without schedules, over that", without - empty, "MB")
    table.add("from the start until all are on the disk", took, "s")
    table.add(f"wake-ups in {asked.seconds:g} s without a due one", full_wakes, "", "a house with one schedule", empty_wakes,
              ratio=(empty_wakes + 3) / (full_wakes + 3), wanted=0.5, target="none more")
    table.print(asked.json)
    return 0 if table.kept() else 1


if __name__ == "__main__":
    sys.exit(main())
