"""Debian's supervisorctl, imported once and forked for each command: many commands cost few seconds.

    ctl_fork.py CONFIG      commands come as lines of JSON (a list of words); each is answered by a line
                            [exit status, output].
"""

import json
import os
import sys
import tempfile

from supervisor import supervisorctl


def run(config, words):
    with tempfile.TemporaryFile() as out:
        pid = os.fork()
        if pid == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
            sys.argv = ["/usr/bin/supervisorctl", "-c", config, *words]
            code = 0
            try:
                supervisorctl.main(sys.argv[1:])
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else int(bool(end.code))
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        status = os.waitpid(pid, 0)[1]
        out.seek(0)
        return os.waitstatus_to_exitcode(status), out.read().decode("utf-8", "replace")


for line in sys.stdin:
    print(json.dumps(run(sys.argv[1], json.loads(line))), flush=True)
