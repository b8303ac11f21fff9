"""What differential.py plays: each script is programs, options and steps (its verbs are there).

Scripts stay out of the way of the original's 1 s poll: nothing ends within the second in which
supervisord may not notice it, and `soon` gives it the time to do what it promised.
"""

import base64
import os
import signal
import sys

SLEEP = "command = sleep 1000\n"
LISTENER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "listener.py")
SHA_OF_SECRET = "{SHA}e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"


class Wanted:
    """A step whose answer differs on purpose: `why` is a row of docs/decisions/0003 in few words."""

    def __init__(self, why, step, theirs, ours):
        self.why, self.step, self.theirs, self.ours = why, step, theirs, ours


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def program(name, text, section="program"):
    return f"[{section}:{name}]\n{text}"


def listener(name, events, answers="", more=""):
    return program(name, f"command = {sys.executable} -B -u {LISTENER} %(here)s/{name}.events {answers}\nevents = {events}\n"
                         f"stderr_logfile = %(here)s/{name}.err\nbuffer_size = 500\n{more}\n", "eventlistener")


def value(text):
    return f"<params>{''.join(f'<param><value>{each}</value></param>' for each in text)}</params>"


LIFE = (program("p", SLEEP) + program("by_hand", SLEEP + "autostart = false\n") +
        program("ends", "command = sh -c 'sleep 2.5; exit 3'\nautorestart = false\n") +
        program("fails", "command = sh -c 'exit 1'\nautostart = false\nstartsecs = 5\nstartretries = 0\n") +
        program("missing", "command = nosuchcommand-x\nautostart = false\n"))

SCRIPTS = {
    "lifecycle": {"programs": LIFE, "steps": [
        ("rpc", "getState"), ("rpc", "getIdentification"), ("rpc", "getAPIVersion"),
        ("until_log", "success: p entered RUNNING"),
        ("rpc", "getProcessInfo", "p"), ("rpc", "getProcessInfo", "by_hand"),
        ("rpc", "startProcess", "by_hand"), ("rpc", "startProcess", "by_hand"), ("rpc", "getProcessInfo", "by_hand"),
        ("rpc", "stopProcess", "by_hand"), ("rpc", "stopProcess", "by_hand"), ("rpc", "getProcessInfo", "by_hand"),
        ("until_log", "exited: ends"), ("rpc", "getProcessInfo", "ends"),
        ("remember_pid", "p"), ("soon", "stopProcess", "p"), ("rpc", "startProcess", "p", True), ("is_same_pid", "p"),
        ("rpc", "startProcess", "fails"), ("rpc", "getProcessInfo", "fails"),
        ("rpc", "startProcess", "missing"), Wanted("a start is tried like at boot", ("field", "missing", "statename"), "STOPPED", "BACKOFF"), ("other_infos", "missing"),

        ("grep", "ends|spawned|fails"), ("end",)]},

    "groups": {"programs": program("w", SLEEP + "numprocs = 3\nprocess_name = %(program_name)s_%(process_num)02d\n") +
               program("a", SLEEP + "priority = 20\n") + program("b", SLEEP + "priority = 10\n") + program("c", SLEEP + "autostart = false\n") +
               "[group:g]\nprograms = a,b,c\npriority = 5\n", "steps": [
        ("rpc", "getProcessInfo", "g"), ("rpc", "getProcessInfo", "g:*"), ("rpc", "getProcessInfo", "a"),
        ("running", "g:a", "g:b", "w:w_00", "w:w_01", "w:w_02"),
        ("rpc_sorted", "startProcessGroup", "g"), ("rpc_sorted", "startProcessGroup", "g"), ("rpc_sorted", "startProcess", "w:*"),
        ("rpc_sorted", "signalProcessGroup", "w", "WINCH"), ("rpc_sorted", "signalProcessGroup", "w", "XX"),
        ("rpc_sorted", "stopProcess", "g:*"), ("rpc_sorted", "stopProcess", "g:"), ("rpc_sorted", "stopProcessGroup", "g"),
        ("rpc", "startProcessGroup", "nope"), ("rpc", "stopProcessGroup", "nope"), ("rpc", "startProcess", "nope:*"),
        ("rpc", "signalProcessGroup", "nope", "HUP"), ("rpc", "startProcess", "g:nope"), ("rpc", "stopProcess", "w_00"),
        ("rpc_sorted", "stopAllProcesses"), ("rpc_sorted", "startAllProcesses"), ("rpc_sorted", "signalAllProcesses", 28),
        ("rpc_sorted", "clearAllProcessLogs"), ("ctl", "status"), ("ctl", "status g:*"), ("ctl", "status g"), ("ctl_sorted", "restart w:*"),
        ("end",)]},

    "faults": {"programs": LIFE + program("cat", "command = cat\nstartsecs = 0\n") + program("plain", "command = /etc/passwd\nautostart = false\n") +
               program("folder", "command = /tmp\nautostart = false\n") + program("quote", "command = sh -c 'x\nautostart = false\n") +
               program("silent", SLEEP + "stdout_logfile = NONE\nstderr_logfile = NONE\n"), "steps": [
        *[("rpc", method) for method in ("nope", "_update", "x.y", "nope.getPID", "supervisor.supervisord.options", "system.nope")],
        ("rpc", "startProcess"), ("rpc", "getPID", 1), ("rpc", "startProcess", "cat", True, 3), ("rpc", "getProcessInfo"),
        *[("rpc", method, "nope") for method in ("getProcessInfo", "startProcess", "stopProcess", "clearProcessLogs", "clearProcessLog")],
        ("rpc", "getProcessInfo", "cat:nope"), ("rpc", "getProcessInfo", "cat:cat"),
        ("rpc", "signalProcess", "cat", "XX"), Wanted("signal 0", ("rpc", "signalProcess", "cat", "0"), True, ["fault", 11, "BAD_SIGNAL: 0"]), ("rpc", "signalProcess", "cat", 99),
        ("rpc", "signalProcess", "by_hand", "HUP"), ("rpc", "signalProcess", "nope", "HUP"), ("rpc", "signalProcess", "nope", "XX"),
        ("rpc", "sendProcessStdin", "nope", "x"), ("rpc", "sendProcessStdin", "by_hand", "x"), Wanted("says what was expected", ("rpc", "sendProcessStdin", "cat", 5), ["fault", 2, "INCORRECT_PARAMETERS: 5"],
               ["fault", 2, "INCORRECT_PARAMETERS: parameter 2 of supervisor.sendProcessStdin must be a string"]),
        ("rpc", "startProcess", "plain"), ("rpc", "startProcess", "folder"), ("rpc", "startProcess", "quote"),
        ("rpc", "startProcess", "missing"), ("rpc", "startProcess", "cat"),
        ("rpc", "readProcessStdoutLog", "silent", 0, 10), ("rpc", "readProcessStderrLog", "silent", 0, 10), ("rpc", "readProcessStdoutLog", "nope", 0, 10),
        ("rpc", "tailProcessStdoutLog", "silent", 0, 10), ("rpc", "tailProcessStdoutLog", "nope", 0, 10),
        ("rpc", "readProcessStdoutLog", "cat", -1, 1), ("rpc", "readProcessStdoutLog", "cat", 0, -1), ("rpc", "readLog", -1, 5), ("rpc", "readLog", 0, -5),
        ("rpc", "clearProcessLogs", "silent"), ("rpc", "clearProcessLogs", "cat:*"),
        ("rpc", "system.methodHelp", "nope"), ("rpc", "system.methodSignature", "nope"),
        ("rpc", "system.methodSignature", "supervisor.startProcess"),
        ("rpc", "system.methodSignature", "supervisor.getProcessInfo"), ("rpc", "system.methodSignature", "system.multicall"),
    ]},
    "faults_of_groups": {"needs": "supervisor.reloadConfig", "programs": program("cat", "command = cat\nstartsecs = 0\n"), "steps": [
        ("running", "cat"), ("methods",), ("rpc", "addProcessGroup", "nope"), ("rpc", "addProcessGroup", "cat"), ("rpc", "removeProcessGroup", "nope"),
        ("rpc", "removeProcessGroup", "cat"), ("rpc", "addProcessGroup"), ("rpc", "reloadConfig", 1),
    ]},

    "reads_and_tails": {"programs": program("p", "command = sh -c 'printf 0123456789; printf wrong >&2; sleep 1000'\nstdout_logfile = %(here)s/out\n"
                                            "stderr_logfile = %(here)s/err\n") + program("q", SLEEP + "stdout_logfile = %(here)s/empty\n"), "steps": [
        ("until_file", "out", "0123456789"), ("until_file", "err", "wrong"),
        *[("rpc", "readProcessStdoutLog", "p", offset, length) for offset, length in
          ((0, 0), (0, 5), (2, 3), (9, 5), (10, 0), (50, 0), (50, 5), (-4, 0), (-40, 0), (-1, 0), (5, 0))],
        *[("rpc", "tailProcessStdoutLog", "p", offset, length) for offset, length in
          ((0, 0), (0, 5), (7, 5), (9, 1), (10, 5), (100, 5), (0, 10), (0, 100), (5, 5), (-3, 5), (3, -5), (-3, -3), (9, 0))],
        ("rpc", "readProcessStderrLog", "p", 0, 0), ("rpc", "tailProcessStderrLog", "p", 0, 3), ("rpc", "readProcessLog", "p", 1, 2), ("rpc", "tailProcessLog", "p", 0, 4),
        ("rpc", "readProcessStdoutLog", "q", 0, 0), ("rpc", "tailProcessStdoutLog", "q", 0, 10),
        ("ctl", "tail p"), ("ctl", "tail -3 p"), ("ctl", "tail p stderr"), ("ctl", "tail p foo"), ("ctl", "tail"), ("ctl", "tail nope"), ("ctl", "tail -x p"),
        ("ctl", "tail a b c d"), ("rpc", "clearProcessLogs", "p"), ("file", "out"), ("rpc", "tailProcessStdoutLog", "p", 0, 10), ("ctl", "clear p"), ("ctl", "clear nope"),
        ("rpc", "clearLog"), ("ctl", "maintail -0"),
    ]},

    "signals": {"programs": program("p", "command = %(here)s/catcher\nstdout_logfile = %(here)s/out\n"),
                # No shell: dash loses signals that come while it makes a process.
                "files": {"catcher": f"#!{sys.executable} -u\n" + """
import signal
for name in ("HUP", "USR1", "USR2", "WINCH"):
    signal.signal(getattr(signal, "SIG" + name), lambda *_, name=name: print(name))
print("ready")
while True:
    signal.pause()
"""}, "steps": [
        ("until_file", "out", "ready\n"), ("rpc", "signalProcess", "p", "HUP"), ("until_file", "out", "HUP\n"),
        ("rpc", "signalProcess", "p", "SIGUSR1"), ("until_file", "out", "USR1\n"), ("rpc", "signalProcess", "p", 12), ("until_file", "out", "USR2\n"),
        ("rpc", "signalProcess", "p:p", "28"), ("until_file", "out", "WINCH\n"), ("file", "out"),
        ("rpc", "signalProcess", "p", "usr1"), ("rpc", "signalProcess", "p", "sigusr1"), ("rpc", "signalProcess", "p", -1),
        ("rpc_sorted", "signalProcess", "p:*", "HUP"), ("ctl", "signal HUP p"), ("ctl", "signal XX p"), ("ctl", "signal HUP nope"), ("ctl", "signal"), ("ctl", "signal HUP"),
        ("running", "p"), ("rpc", "stopProcess", "p"), ("rpc", "getProcessInfo", "p"), ("grep", "stopped: p"),
    ]},

    "exits": {"programs": program("killed", SLEEP + "autorestart = false\n") + program("again", SLEEP) +
              program("stubborn", "command = sh -c 'trap \"\" TERM; while :; do sleep 0.1; done'\nstopwaitsecs = 1\nkillasgroup = true\n"), "steps": [
        ("running", "killed", "again", "stubborn"), ("remember_pid", "again"),
        ("kill", "killed", signal.SIGKILL), ("until_log", "exited: killed"), ("rpc", "getProcessInfo", "killed"),
        ("kill", "again", signal.SIGSEGV), ("until_log", "exited: again"), ("until_new_pid", "again"), ("running", "again"), ("is_same_pid", "again"),
        ("rpc", "stopProcess", "stubborn"), ("rpc", "getProcessInfo", "stubborn"), ("grep", "exited|SIGKILL|stopped"), ("end",)]},

    "reconfigure_by_ctl": {"needs": "supervisor.reloadConfig", "programs": program("kept", SLEEP) + program("changed", SLEEP) + program("gone", SLEEP), "steps": [
        ("running", "kept", "changed", "gone"), ("remember_pid", "kept"), ("remember_pid", "changed"),
        ("ctl", "reread"), ("ctl", "update"), ("ctl", "avail"),
        ("configuration", program("kept", SLEEP) + program("changed", SLEEP + "environment = A=1\n") + program("new", SLEEP)),
        ("ctl", "reread"), ("is_same_pid", "changed"), ("ctl", "avail"), ("ctl", "remove gone"), ("ctl", "remove nope"), ("ctl", "add nope"), ("ctl", "add kept"),
        ("ctl", "update nope"), ("ctl", "update"), ("running", "kept", "changed", "new"), ("is_same_pid", "kept"), ("is_same_pid", "changed"),
        ("ctl", "reread"), ("ctl", "stop new"), ("ctl", "remove new"), ("ctl", "remove new"), ("ctl", "add new"), ("ctl", "add new"), ("ctl", "status new"),
        ("ctl", "update all"), ("ctl", "avail extra"),
    ]},

    "reconfigure_by_rpc": {"needs": "supervisor.reloadConfig", "programs": program("w", SLEEP + "numprocs = 2\nprocess_name = %(program_name)s_%(process_num)d\n") + program("q", SLEEP), "steps": [
        ("running", "w:w_0", "w:w_1", "q"), ("rpc", "reloadConfig"),
        ("configuration", program("w", SLEEP + "numprocs = 3\nprocess_name = %(program_name)s_%(process_num)d\n") + program("q", SLEEP + "priority = 3\n")),
        ("rpc", "reloadConfig"), ("rpc", "removeProcessGroup", "w"), ("rpc_sorted", "stopProcessGroup", "w"), ("rpc", "removeProcessGroup", "w"),
        ("rpc", "getProcessInfo", "w:w_0"), ("rpc", "addProcessGroup", "w"), ("running", "w:w_0", "w:w_1", "w:w_2"), ("rpc", "addProcessGroup", "w"),
        ("configuration", program("q", "command = sleep 1000\nstartsecs = soon\n")), ("fault_code", "reloadConfig"), ("rpc", "getProcessInfo", "q"),
        ("configuration", program("q", SLEEP) + "[group:g]\nprograms = q\n"), ("rpc", "reloadConfig"),
    ]},

    "stdin": {"programs": program("cat", "command = cat\nstdout_logfile = %(here)s/out\n") +
              program("deaf", "command = sh -c 'exec <&-; touch deaf; sleep 1000'\nkillasgroup = true\nstopasgroup = true\n") + program("idle", SLEEP + "autostart = false\n"), "steps": [
        ("running", "cat", "deaf"), ("rpc", "sendProcessStdin", "cat", "one\n"), ("rpc", "sendProcessStdin", "cat", "grüße, 世界\n"),
        ("until_file", "out", "世界\n"), ("file", "out"), ("rpc", "sendProcessStdin", "cat", ""), ("rpc", "sendProcessStdin", "cat:cat", "two\n"), ("until_file", "out", "two\n"),
        ("rpc", "readProcessStdoutLog", "cat", 0, 0), ("rpc", "sendProcessStdin", "idle", "x"), ("rpc", "sendProcessStdin", "nope", "x"),
    ]},

    "multicall": {"programs": program("p", SLEEP) + program("q", SLEEP + "autostart = false\nstartsecs = 1\n"), "steps": [
        ("running", "p"),
        ("rpc", "system.multicall", []),
        ("rpc", "system.multicall", [{"methodName": "supervisor.getAPIVersion", "params": []}, {"methodName": "supervisor.getAPIVersion"},
                                     {"methodName": "supervisor.getProcessInfo", "params": ["nope"]}, {"methodName": "supervisor.getState"},
                                     {"methodName": "system.multicall", "params": [[]]}, {"params": []}, {"methodName": "nope.nope", "params": []},
                                     {"methodName": "supervisor.startProcess", "params": []}]),
        ("rpc", "system.multicall", [{"methodName": "supervisor.startProcess", "params": ["q"]}, {"methodName": "supervisor.getProcessInfo", "params": ["q"]},
                                     {"methodName": "supervisor.stopProcess", "params": ["q"]}, {"methodName": "supervisor.getProcessInfo", "params": ["q"]},
                                     {"methodName": "supervisor.stopProcess", "params": ["q"]}]),
        ("rpc", "system.multicall"), Wanted("no 500", ("rpc", "system.multicall", "x"), ["status", 500],
               ["fault", 2, "INCORRECT_PARAMETERS: parameter 1 of system.multicall must be an array"]),
    ]},

    "wire_bytes": {"programs": program("p", "command = cat\nstartsecs = 0\n") + program("q", SLEEP + "autostart = false\n"), "steps": [
        ("raw", "supervisor.getAPIVersion"), ("raw", "supervisor.getState"), ("raw", "supervisor.getProcessInfo", value(["q"])), ("raw", "supervisor.getProcessInfo", value(["<string>nope</string>"])),
        ("raw", "supervisor.startProcess", value(["p", "<int>1</int>"])), ("raw", "supervisor.startProcess", value(["p", "<boolean>1</boolean>"])), ("raw", "supervisor.startProcess", value(["p", "<i4>0</i4>"])),
        ("raw", "supervisor.startProcessGroup", value(["p"])), ("raw", "supervisor.tailProcessStdoutLog", value(["p", "<int>0</int>", "<int>5</int>"])),
        ("raw", "supervisor.getAPIVersion", "<params></params>"), ("raw", "system.methodHelp", value(["supervisor.nope"])),
        ("raw", "supervisor.clearProcessLogs", value(["p"])), ("raw", "nope"), ("raw", "supervisor.sendProcessStdin", value(["p", "&lt;&amp;&gt;&#10;"])),
        ("raw", "supervisor.getProcessInfo", value(["<base64>cQ==</base64>"])), ("raw", "supervisor.signalProcess", value(["p", "<int>28</int>"])),
        ("raw", "supervisor.getIdentification"),
    ]},

    "pages": {"needs": "/index.html", "programs": program("p", "command = sh -c 'echo hello; sleep 1000'\n"), "steps": [
        *[("http", "GET", path) for path in ("/", "/index.html", "/tail.html?processname=p", "/tail.html?processname=nope")],
    ]},

    "routes": {"programs": program("p", "command = sh -c 'echo hello; sleep 1000'\n"), "steps": [
        *[("http", "GET", path) for path in ("/ok.html", "/nope", "/logtail/nope", "/logtail/p/nope", "/RPC2", "/stylesheets/nope.css")],
        ("http", "PUT", "/"), ("http", "DELETE", "/RPC2"),
        *[("http", "POST", path, {"Content-Type": "text/xml"}, body) for path, body in
          (("/RPC2", "hello"), ("/RPC2", "<methodCall>"), ("/RPC2/", "<methodCall><methodName>supervisor.getPID</methodName></methodCall>"),
           ("/RPC2", "<methodCall><methodName></methodName></methodCall>"), ("/RPC2/x", "x"))],
    ]},

    "streams": {"needs": "/logtail/p", "programs": program("p", "command = sh -c 'echo hello; echo wrong >&2; exec cat'\nstdout_logfile = %(here)s/out\nstderr_logfile = %(here)s/err\n"), "steps": [
        ("running", "p"), ("until_file", "out", "hello\n"), ("until_file", "err", "wrong\n"),
        ("stream", "/logtail/p", "hello\n"), ("stream", "/logtail/p/stdout", "hello\n"), ("stream", "/logtail/p/stderr", "wrong\n"), ("stream", "/logtail/p%3Ap", "hello\n"),
        ("rpc", "sendProcessStdin", "p", "grüße\n"), ("until_file", "out", "grüße\n"), ("stream", "/logtail/p", "grüße\n"),
    ]},

    "backoff_in_the_log": {"programs": program("p", "command = sh -c 'sleep 0.2; exit 1'\nstartsecs = 5\nstartretries = 2\n") +
                           program("q", "command = nosuchcommand-x\nstartretries = 1\n") + program("r", "command = sh -c 'sleep 2.2; exit 0'\nstartsecs = 0\nautorestart = unexpected\n"), "steps": [
        ("until_log", "gave up: p"), ("until_log", "gave up: q"), ("until_log", "exited: r"),
        ("rpc", "getAllProcessInfo"), ("grep", "'p'|: p|p entered"), ("grep", "'q'|spawnerr|: q"), ("grep", "'r'|: r"), ("ctl_sorted", "status"),
    ]},

    "order_of_starts_and_stops": {"programs": program("last", SLEEP + "priority = 30\n") + program("first", SLEEP + "priority = 10\n") + program("second", SLEEP + "priority = 20\n"), "steps": [
        ("running", "last", "first", "second"), ("grep", "spawned"), ("end",), ("grep", "stopped|received|spawned"), ("files", r"lares\.(log|pid|sock)"),
    ]},

    "passwords": {"programs": program("p", SLEEP), "servers": f"[unix_http_server]\nfile = @/lares.sock\nusername = me\npassword = {SHA_OF_SECRET}\n", "steps": [
        *[("http", "GET", path, headers) for path in ("/", "/ok.html", "/logtail/p", "/nope") for headers in ({}, basic("me", "wrong"))],
        *[("http", "POST", "/RPC2", headers, "<methodCall><methodName>supervisor.getPID</methodName></methodCall>") for headers in
          ({}, basic("me", "secret"), basic("me", "wrong"), basic("you", "secret"), basic("me", ""), {"Authorization": "Bearer x"},
           {"Authorization": basic("me", "secret")["Authorization"].replace("Basic", "bAsIc")})],
        Wanted("a complaint about the request", ("http", "POST", "/RPC2", {"Authorization": "Basic"}, "x"), [401, "", 'Basic realm="default"'], [400, "", ""]),
        ("ctl", "-u me -p secret status nope"), ("ctl_first", "-u me -p wrong pid"), ("ctl_first", "pid"),
    ]},

    "faulty_files": {"programs": program("p", SLEEP), "steps": [("refused", "[supervisord]\nlogfile = @/faulty.log\npidfile = @/faulty.pid\n" + text) for text in (
        "[program:x]\ncommand = true\nautostart = maybe\n", "[program:x]\ncommand = true\npriority = 1.5\n", "[program:x]\ncommand = true\nstopsignal = FOO\n",
        "[program:x]\ncommand = true\nexitcodes = 0,256\n", "[program:x]\ncommand = true\nautorestart = sometimes\n", "[program:x]\ncommand = true\nuser = nosuch-x\n",
        "[program:x]\ncommand = true\nstdout_logfile = /nosuch/x/y.log\n", "[program:x]\ncommand = true\nenvironment = A\n",
        "[program:x]\ncommand = true\nstopasgroup = true\nkillasgroup = false\n", "[program:x]\nautostart = true\n", "[program:a b]\ncommand = true\n", "[program:x]\ncommand = true\nnumprocs = 2\n", "[group:g]\nprograms = zz\n", "[program:x]\ncommand = true\nprocess_name = a:b\n",
        "[eventlistener:l]\ncommand = true\n", "[eventlistener:l]\ncommand = true\nevents = NOPE\n", "[fcgi-program:f]\ncommand = true\n",
        "[unix_http_server]\nfile = @/s\nusername = me\n", "[inet_http_server]\nport = foo\n", "[program:x]\ncommand = true\nstdout_logfile_maxbytes = 1.5MB\n",
        "[program:x]\ncommand = true\numask = 9\n", "[program:x]\ncommand = true\nstopsignal = 99\n", "[program:x]\ncommand = /bin/date +%Y\n")] +
        [("refused", "[program:x]\ncommand = true\n"), ("refused", "")]},

    "rotation": {"programs": program("p", "command = sh -c 'i=100; while [ $i -lt 130 ]; do echo line number $i; i=$((i+1)); sleep 0.1; done; echo done >&2; sleep 1000'\n"
                                     "stdout_logfile = %(here)s/f\nstdout_logfile_maxbytes = 100\nstdout_logfile_backups = 2\nstderr_logfile = %(here)s/err\n") +
                 program("q", "command = sh -c 'i=100; while [ $i -lt 115 ]; do echo line number $i; i=$((i+1)); sleep 0.1; done; echo done >&2; sleep 1000'\n"
                         "stdout_logfile = %(here)s/g\nstdout_logfile_maxbytes = 100\nstdout_logfile_backups = 0\nstderr_logfile = %(here)s/err2\n"), "steps": [
        ("until_file", "err", "done"), ("until_file", "err2", "done"), ("files", r"[fg](\.\d+)?"), ("file", "f"), ("file", "f.1"), ("file", "f.2"), ("file", "g"),
    ]},

    "hup_and_usr2": {"programs": program("p", "command = sh -c 'while :; do echo line; sleep 0.1; done'\nstdout_logfile = %(here)s/out\n"), "steps": [
        ("running", "p"), ("until_file", "out", "line\n"), ("daemon_is_same",), ("remember_pid", "p"),
        ("move", "out", "out.old"), ("move", "lares.log", "log.old"), ("signal_daemon", signal.SIGUSR2), ("until_file", "log.old", "supervisord logreopen"), ("until_file", "out", "line\n"),
        ("is_same_pid", "p"), ("configuration", program("q", SLEEP)), ("signal_daemon", signal.SIGHUP), ("until_log", "received SIGHUP"), ("until_log", "success: q"), ("daemon_is_same",),
        ("rpc", "getAllProcessInfo"), ("grep", "received|spawned|success|stopped"), ("remember_pid", "q"), ("rpc", "restart"), ("until_new_pid", "q"), ("up_again",), ("daemon_is_same",), ("end",)]},

    "events": {"needs": "supervisor.sendRemoteCommEvent", "programs": listener("all", "EVENT") + program("p", "command = sh -c 'read a; echo said $a; read b; sleep 1.5; exit 3'\nautostart = false\nautorestart = false\n"
               "stdout_events_enabled = true\n") + program("idle", SLEEP + "autostart = false\n"), "steps": [
        ("running", "all"), ("rpc", "startProcess", "p"), ("rpc", "sendProcessStdin", "p", "words\n"), ("until_event", "all", "PROCESS_LOG_STDOUT"),
        ("rpc", "sendProcessStdin", "p", "more\n"), ("until_event", "all", "PROCESS_STATE_EXITED"), ("rpc", "startProcess", "idle"), ("rpc", "stopProcess", "idle"),
        ("rpc", "sendRemoteCommEvent", "kind", "data é"), ("rpc", "sendRemoteCommEvent", "kind", ""), ("until_event", "all", "type:kind\\n\""), ("events", "all", "TICK"), ("end",)]},

    "seen_inside": {"programs": program("dump", "command = %(here)s/dumper one \"two words\" 3\\ 4 %%x\nenvironment = A=\"x,y\",B=plain\nautorestart = false\nstopsignal = QUIT\n") +
                    "[group:g]\nprograms = dump\n", "daemon": "environment = Z=daemon\n",
                    "files": {"dumper": f"#!{sys.executable}\n" + """
import json, os, re, sys
status = open("/proc/self/status").read()
keep = {key: value for key, value in os.environ.items() if key.startswith("SUPERVISOR") or key in ("A", "B", "Z", "HOME", "USER", "PATH")}
print(json.dumps({"argv": sys.argv[1:], "environment": keep, "leads its group": os.getpgrp() == os.getpid(), "leads its session": os.getsid(0) == os.getpid(),
                  "fds": sorted(n for n in map(int, os.listdir("/proc/self/fd")) if os.path.exists(f"/proc/self/fd/{n}")), "umask": oct(os.umask(0)),
                  "blocked": re.search("SigBlk:\\t(.*)", status).group(1)}))
sys.stdout.flush()
import time; time.sleep(1000)
"""}, "steps": [("running", "g:dump"), ("json_log", "g:dump")]},
}
