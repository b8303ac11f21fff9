"""ticket.py FOLDER: a worker of `protocol = lines`: one JSON line in, one out."""

import json
import os
import sys

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
for line in sys.stdin:
    asked = json.loads(line)
    if "job" not in asked:
        continue
    name = asked["payload"].get("name", "unknown")
    with open(os.path.join(folder, f"{asked['job']}.txt"), "w", encoding="utf-8") as ticket:
        ticket.write(f"order {name}, prepared by job {asked['payload'].get('after_job')}\n")
    print(json.dumps({"job": asked["job"], "ok": True, "result": {"ticket": f"{asked['job']}.txt"}}), flush=True)
