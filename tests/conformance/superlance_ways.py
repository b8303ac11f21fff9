"""What superlance's six tools do with their daemon, each in a few lines over supervisor.childutils.

    superlance_ways.py TOOL MAILS [ARGUMENT...]

Same subscriptions, same calls, same reading of payloads and of SUPERVISOR_SERVER_URL; a mail is a line
appended to MAILS.
"""

import os
import sys
import urllib.request

from supervisor import childutils
from supervisor.states import ProcessStates


def mail(path, words):
    with open(path, "a", encoding="utf-8") as file:
        file.write(words + "\n")


def crash(headers, payload):
    """The words of an unexpected exit, or none."""
    if headers["eventname"] != "PROCESS_STATE_EXITED":
        return None
    values, _ = childutils.eventdata(payload + "\n")
    return None if int(values["expected"]) else values


def crashed_words(values):
    return (f"Process {values['processname']} in group {values['groupname']} exited unexpectedly "
            f"(pid {values['pid']}) from state {values['from_state']}")


def fatal(headers, payload):
    if headers["eventname"] != "PROCESS_STATE_FATAL":
        return None
    values, _ = childutils.eventdata(payload + "\n")
    return f"Process {values['processname']} in group {values['groupname']} failed to start too many times"


def restart(rpc, info, path):
    name = f"{info['group']}:{info['name']}"
    rpc.supervisor.stopProcess(name)
    rpc.supervisor.startProcess(name)
    mail(path, f"{name} restarted")


def memmon(rpc, path, name, megabytes):
    for info in rpc.supervisor.getAllProcessInfo():
        if not info["pid"] or info["name"] != name:
            continue
        with open(f"/proc/{info['pid']}/statm", encoding="ascii") as file:
            resident = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        again = rpc.supervisor.getProcessInfo(f"{info['group']}:{info['name']}")
        assert again["now"] >= again["start"]
        if resident > int(megabytes) << 20:
            restart(rpc, info, path)


def httpok(rpc, path, name, url):
    try:
        urllib.request.urlopen(url, timeout=2).close()
        return
    except OSError:
        pass
    for info in rpc.supervisor.getAllProcessInfo():
        if info["name"] == name and info["state"] == ProcessStates.RUNNING:
            rpc.supervisor.stopProcess(name)
            rpc.supervisor.startProcess(name)
            mail(path, f"{name} restarted")


def main():
    tool, path, *arguments = sys.argv[1:]
    rpc = childutils.getRPCInterface(os.environ)
    assert rpc.supervisor.getAPIVersion() == "3.0"
    batch = []
    while True:
        headers, payload = childutils.listener.wait(sys.stdin, sys.stdout)
        is_tick = headers["eventname"].startswith("TICK")
        if tool in ("memmon", "httpok"):
            if is_tick:
                {"memmon": memmon, "httpok": httpok}[tool](rpc, path, *arguments)
        elif tool == "crashmail":
            if values := crash(headers, payload):
                mail(path, crashed_words(values))
        elif is_tick:
            for words in batch:
                mail(path, words)
            batch = []
        elif tool == "fatalmailbatch":
            batch += [words] if (words := fatal(headers, payload)) else []
        elif values := crash(headers, payload):
            batch.append(crashed_words(values) if tool == "crashmailbatch" else
                         f"[{values['groupname']}:{values['processname']}] exited unexpectedly")
        childutils.listener.ok(sys.stdout)


if __name__ == "__main__":
    main()
