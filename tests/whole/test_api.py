"""The REST interface of the real daemon: every route that the document names is asked, and what it answers is held
against the document; then sessions, tokens, streams and everything hostile."""

import base64
import glob
import http.client
import json
import os
import signal
import socket
import time
import unittest
import urllib.parse

from harness import House, UnixConnection, until
from test_sockets import free_port

PROGRAMS = """
[program:web]
command = sleep 600
[program:db]
command = sleep 600
numprocs = 2
process_name = db_%(process_num)d
[program:once]
command = sh -c 'echo hello from once; exec sleep 600'
stdout_logfile = {folder}/once.log
[task:report]
command = sh -c 'echo working on it; echo {{{{day}}}}'
payload = day=today
schedule = 0 3 * * *
[task:slow]
command = sh -c 'echo one; sleep 600'
[task:never]
command = false
[folder:in]
path = {folder}/in
task = report
"""


class Web:
    """Asks a daemon for JSON."""

    def __init__(self, connect, headers=None):
        self.connect = connect
        self.headers = dict(headers or {})

    def ask(self, method, path, body=None, headers=None, raw=False):
        connection = self.connect()
        try:
            data = json.dumps(body) if body is not None and not isinstance(body, (str, bytes)) else body
            if data is None and method in ("POST", "PUT"):
                data = ""
            connection.request(method, path, body=data, headers={**self.headers, **(headers or {})})
            answer = connection.getresponse()
            text = answer.read()
            self.last = answer
            if raw:
                return answer.status, text
            return answer.status, json.loads(text) if text else None
        finally:
            connection.close()

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.ask("POST", path, body, **more)


def unix_web(house, **more):
    return Web(lambda: UnixConnection(house.socket), **more)


class Wrong(Exception):
    pass


def validate(value, schema, whole, where="answer"):
    """A validator of the part of JSON Schema that the document uses; any other keyword is an error."""
    known = {"$ref", "type", "properties", "required", "items", "description", "anyOf", "additionalProperties",
             "x-role"}
    if set(schema) - known:
        raise Wrong(f"{where}: the schema has {set(schema) - known}")
    if "$ref" in schema:
        target = whole
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return validate(value, target, whole, where)
    kinds = schema.get("type")
    if kinds is None:
        return None
    kinds = kinds if isinstance(kinds, list) else [kinds]
    fits = {"object": isinstance(value, dict), "array": isinstance(value, list), "string": isinstance(value, str),
            "boolean": isinstance(value, bool), "null": value is None,
            "integer": isinstance(value, int) and not isinstance(value, bool),
            "number": isinstance(value, (int, float)) and not isinstance(value, bool)}
    if not any(fits[kind] for kind in kinds):
        raise Wrong(f"{where}: {value!r:.80} is no {kinds}")
    if isinstance(value, dict):
        for name in schema.get("required", []):
            if name not in value:
                raise Wrong(f"{where}: '{name}' is missing in {sorted(value)}")
        for name, part in schema.get("properties", {}).items():
            if name in value:
                validate(value[name], part, whole, f"{where}.{name}")
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            validate(item, schema["items"], whole, f"{where}[{index}]")
    return None


class Stream:
    """Reads server-sent events."""

    def __init__(self, connection, path, headers=None):
        self.connection = connection
        connection.request("GET", path, headers=headers or {})
        self.answer = connection.getresponse()
        self.status = self.answer.status
        connection.sock and connection.sock.settimeout(20)

    def next(self):
        """(event, data, id); comments are passed over."""
        event, data, number = None, None, None
        while True:
            line = self.answer.readline().decode("utf-8").rstrip("\n")
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: "):
                data = json.loads(line[6:])
            elif line.startswith("id: "):
                number = int(line[4:])
            elif line == "" and event:
                return event, data, number

    def until(self, event, fits=lambda data: True):
        seen = []
        for _ in range(10_000):
            found = self.next()
            seen.append(found[0])
            if found[0] == event and fits(found[1]):
                return found
        raise AssertionError(f"no {event}: {seen[-20:]}")

    def close(self):
        self.connection.close()


class ApiTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House("")
        os.mkdir(cls.house.path("in"))
        cls.house.write(PROGRAMS.format(folder=cls.house.folder))
        cls.house.up()
        cls.web = unix_web(cls.house)
        until(lambda: all(p["statename"] == "RUNNING" for p in cls.web.get("/api/v1/programs")[1]["programs"]))

    @classmethod
    def tearDownClass(cls):
        cls.house.down()

    def put(self, task="report", payload=None):
        status, answer = self.web.post(f"/api/v1/tasks/{task}/jobs", payload or {})
        self.assertIn(status, (200, 201), answer)
        return answer["job"]

    def ended(self, job):
        until(lambda: self.web.get(f"/api/v1/jobs/{job}")[1]["state"] not in ("ready", "running"))
        return self.web.get(f"/api/v1/jobs/{job}")[1]

    def stream(self, path, **headers):
        return Stream(UnixConnection(self.house.socket), path, headers)


class Document(ApiTest):
    """Every route is asked, and its answer is what the document says."""

    def test_every_route_answers_as_the_document_says(self):
        status, document = self.web.get("/api/v1/openapi.json")
        self.assertEqual(status, 200)
        self.assertEqual(document["openapi"], "3.1.0")
        job = self.put()
        self.ended(job)
        run = self.web.get(f"/api/v1/runs?job={job}")[1]["runs"][0]["run"]
        second = self.put()
        self.ended(second)
        other = self.web.get(f"/api/v1/runs?job={second}")[1]["runs"][0]["run"]
        dead = self.put("never")
        self.ended(dead)
        waiting = self.put("slow", {})
        values = {"name": "web", "task": "report", "job": dead, "run": run, "other": other, "file": 1,
                  "operation": "lares.version", "folder": "nope", "channel": "nobody", "delivery": 1, "alert": 1,
                  "budget": "nothing", "reservation": "r1"}
        bodies = {
            "POST programs/signal": {"names": ["db:*"], "signal": "CONT"},
            "POST programs/start": {"names": ["web"]},
            "POST programs/stop": {"names": ["nobody"]},
            "POST programs/restart": {"names": ["db:db_0"], "wait": False},
            "POST programs/{name}/signal": {"signal": "CONT"},
            "POST programs/{name}/scale": {"count": 1},
            "POST programs/{name}/restart": {"wait": True, "rolling": False},
            "PUT programs/{name}": {"text": "[program:managed]\ncommand = sleep 600\n"},
            "POST tasks/{task}/pause": {"reason": "test"},
            "POST tasks/{task}/run": {"payload": {}},
            "POST tasks/{task}/claim": {"node": "n"},
            "POST jobs": {"task": "report"},
            "POST jobs/{job}/priority": {"priority": 3},
            "POST runs/{run}/rerun": {"how": "as-now"},
            "POST files/{file}/settle": {"run": True},
            "POST maintenance": {"span": "1h", "needs": ["nothing"], "reason": "test"},
            "POST config/rollback": {"revision": 1},
            "POST config/update": {"names": []},
            "PUT users/{name}": {"role": "viewer", "password": "correct horse"},
            "POST budgets/{budget}/set": {"amount": "1", "reason": "x"},
            "POST budgets/{budget}/reservations": {"reservation": "r1", "amount": "1"},
            "POST messages": {"channels": ["nobody"], "message": {"title": "x"}},
            "POST tokens": {"name": "route", "role": "viewer", "expires": "1h"},
        }
        paths = {"PUT programs/{name}": "programs/managed", "DELETE programs/{name}": "programs/managed",
                 "POST programs/{name}/start": "programs/managed/start",
                 "POST programs/{name}/stop": "programs/managed/stop",
                 "GET programs/{name}/log": "programs/once/log?offset=0", "GET why": "why?of=report",
                 "GET trace": f"trace?of=job/{job}", "GET at": "at?time=now", "GET config/diff": "config/diff?from=1",
                 "POST jobs/{job}/priority": f"jobs/{waiting}/priority",
                 "POST jobs/{job}/cancel": f"jobs/{waiting}/cancel", "DELETE tokens/{name}": "tokens/route",
                 "PUT users/{name}": "users/route", "DELETE users/{name}": "users/route"}
        # What cannot go well here is a problem, of a status of its own.
        refused = {"POST files/{file}/settle": 404, "POST jobs/{job}/heartbeat": 400, "POST jobs/{job}/finish": 400,
                   "POST session": 401, "POST config/apply": 409, "POST tasks/{task}/claim": 409,
                   "POST programs/{name}/start": 409, "GET deliveries/{delivery}": 404,
                   "PUT folders/{folder}/files/{file}": 404}
        # There is no channel here: what is of them is asked, and refused in the form of a problem.
        channels = ("channels/", "messages", "deliveries/", "alerts/", "budgets/")
        bodies["POST config/apply"] = {"fingerprint": "nonsense"}
        order = ["POST config/rollback", "PUT programs/{name}", "POST programs/{name}/start", "POST programs/{name}/stop", "POST tokens",
                 "PUT users/{name}"]
        routes = [(method.upper(), path.removeprefix("/")) for path, entry in document["paths"].items()
                  for method in entry]
        last = ["POST jobs/{job}/cancel", "DELETE programs/{name}", "DELETE tokens/{name}", "DELETE users/{name}", "DELETE session"]
        routes.sort(key=lambda r: (order.index(" ".join(r)) if " ".join(r) in order else
                                   200 if " ".join(r) in last else 100))
        asked = 0
        for method, path in routes:
            name = f"{method} {path}"
            if path == "stream":
                continue  # has tests of its own
            with self.subTest(route=name):
                entry = document["paths"]["/" + path][method.lower()]
                target = paths.get(name)
                if target is None:
                    target = path
                    for key, value in values.items():
                        target = target.replace("{" + key + "}", str(value))
                status, answer = self.web.ask(method, "/api/v1/" + target, bodies.get(name))
                asked += 1
                if path.startswith(channels) and status != 200:
                    self.assertIn(status, (400, 404, 409))
                    validate(answer, {"$ref": "#/components/schemas/Problem"}, document)
                    continue
                if name in refused:
                    self.assertEqual(status, refused[name], answer)
                    validate(answer, {"$ref": "#/components/schemas/Problem"}, document)
                    continue
                expected = next(code for code in entry["responses"] if code != "default")
                self.assertEqual(str(status), expected, answer)
                content = entry["responses"][expected].get("content")
                if content:
                    validate(answer, content["application/json"]["schema"], document, name)
        self.assertGreater(asked, 60)
        self.web.post("/api/v1/tasks/report/resume")
        self.web.ask("DELETE", "/api/v1/maintenance")

    def test_the_validator_bites(self):
        _, document = self.web.get("/api/v1/openapi.json")
        schema = {"$ref": "#/components/schemas/Process"}
        _, process = self.web.get("/api/v1/programs/web")
        validate(process, schema, document)
        for change in ({"name": 5}, {"pid": "5"}, {"needs": [1]}, {"ready": 1}):
            with self.assertRaises(Wrong):
                validate({**process, **change}, schema, document)
        del process["uptime"]
        with self.assertRaises(Wrong):
            validate(process, schema, document)

    def test_every_operation_can_be_called_by_name(self):
        _, names = self.web.post("/api/v1/call/lares.listMethods")
        _, document = self.web.get("/api/v1/openapi.json")
        self.assertEqual(sorted(names["result"]), sorted(document["x-operations"]))
        status, answer = self.web.post("/api/v1/call/lares.pause", {"task": "report", "reason": "by name"})
        self.assertEqual((status, answer), (200, {"result": True}))
        _, task = self.web.get("/api/v1/tasks/report")
        self.assertIn("by name", task["blocks"][0]["words"])
        status, answer = self.web.post("/api/v1/call/lares.resume", ["report"])
        self.assertEqual((status, answer), (200, {"result": True}))
        status, answer = self.web.post("/api/v1/call/lares.pause", {"tusk": "report"})
        self.assertEqual(status, 400)
        self.assertIn("did you mean 'task'", answer["detail"])
        self.assertEqual(self.web.post("/api/v1/call/lares.nothing")[0], 404)
        self.assertEqual(self.web.post("/api/v1/call/supervisor.getProcessInfo", ["nobody"])[0], 404)


class Lists(ApiTest):
    def test_a_list_is_cut_filtered_and_goes_on(self):
        _, page = self.web.get("/api/v1/programs?limit=2&fields=name,group")
        self.assertEqual([p["name"] for p in page["programs"]], ["db_0", "db_1"])
        self.assertTrue(page["more"])
        self.assertEqual(set(page["programs"][0]), {"name", "group"})
        link = self.web.last.headers["Link"]
        self.assertIn('rel="next"', link)
        _, rest = self.web.get(link[1:link.index(">")])
        self.assertEqual([p["name"] for p in rest["programs"]], ["once", "web"])
        self.assertFalse(rest["more"])
        _, found = self.web.get("/api/v1/programs?q=ONC")
        self.assertEqual([p["name"] for p in found["programs"]], ["once"])
        _, found = self.web.get("/api/v1/programs?statename=FATAL")
        self.assertEqual(found["programs"], [])
        status, problem = self.web.get("/api/v1/programs?colour=red")
        self.assertEqual((status, problem["detail"]), (400, "there is no member 'colour'"))
        status, problem = self.web.get("/api/v1/jobs?tusk=report")
        self.assertEqual((status, problem["field"], problem["hint"]), (400, "tusk", "did you mean 'task'?"))

    def test_jobs_come_page_by_page(self):
        jobs = [self.put() for _ in range(5)]
        status, page = self.web.get("/api/v1/jobs?limit=2&task=report")
        seen = []
        while True:
            seen += [job["job"] for job in page["jobs"]]
            if not page["more"]:
                break
            link = self.web.last.headers["Link"]
            _, page = self.web.get(link[1:link.index(">")])
        self.assertEqual(seen[:5], jobs[::-1])
        self.assertEqual(len(seen), len(set(seen)))

    def test_what_is_the_same_is_not_sent_again(self):
        self.web.get("/api/v1/config")
        tag = self.web.last.headers["ETag"]
        self.assertEqual(self.web.get("/api/v1/config", headers={"If-None-Match": tag}), (304, None))
        self.assertEqual(self.web.get("/api/v1/config", headers={"If-None-Match": '"x"'})[0], 200)

    def test_a_payload_is_json_and_a_time_a_number(self):
        job = self.put(payload={"day": "x\"<script>"})
        answer = self.ended(job)
        self.assertEqual(answer["payload"], {"day": "x\"<script>"})
        self.assertAlmostEqual(answer["created"], time.time(), delta=60)


class Writes(ApiTest):
    def test_a_state_that_has_changed_is_not_written_over(self):
        self.web.get("/api/v1/programs/web")
        tag = self.web.last.headers["ETag"]
        status, answer = self.web.post("/api/v1/programs/web/restart", {}, headers={"If-Match": tag})
        self.assertEqual(status, 200, answer)
        status, problem = self.web.post("/api/v1/programs/web/restart", {}, headers={"If-Match": tag})
        self.assertEqual(status, 412, problem)
        self.web.get("/api/v1/tasks/report")
        tag = self.web.last.headers["ETag"]
        self.assertEqual(self.web.post("/api/v1/tasks/report/pause", {}, headers={"If-Match": tag})[0], 200)
        self.assertEqual(self.web.post("/api/v1/tasks/report/resume", {}, headers={"If-Match": tag})[0], 412)
        self.assertEqual(self.web.post("/api/v1/tasks/report/resume", {})[0], 200)
        self.assertEqual(self.web.post("/api/v1/config/update", {}, headers={"If-Match": '"99"'})[0], 412)

    def test_a_write_with_a_key_is_done_once(self):
        def pid():
            return self.web.get("/api/v1/programs/web")[1]["pid"]
        key = {"Idempotency-Key": f"restart-{time.time()}"}
        status, first = self.web.post("/api/v1/programs/web/restart", {}, headers=key)
        self.assertEqual(status, 200)
        after = pid()
        status, second = self.web.post("/api/v1/programs/web/restart", {}, headers=key)
        self.assertEqual((status, second), (200, first))
        self.assertEqual(self.web.last.headers["Idempotency-Replayed"], "true")
        self.assertEqual(pid(), after)
        self.assertEqual(self.web.post("/api/v1/programs/web/stop", {}, headers=key)[0], 422)
        self.assertEqual(self.web.post("/api/v1/programs/web/start", {},
                                       headers={"Idempotency-Key": "x" * 300})[0], 400)

    def test_one_program_that_cannot_is_a_problem_and_several_are_results(self):
        status, problem = self.web.post("/api/v1/programs/web/start")
        self.assertEqual((status, problem["type"]), (409, "urn:lares:problem:already-started"))
        status, answer = self.web.post("/api/v1/programs/start", {"names": ["web", "nobody"]})
        self.assertEqual(status, 200)
        self.assertEqual(sorted(r["status"] for r in answer["results"]), [10, 60])
        self.assertEqual(self.web.post("/api/v1/programs/nobody/stop")[0], 404)

    def test_what_is_wrong_is_named(self):
        for method, path, body, status, field in (
                ("POST", "programs/web/restart", {"wiat": True}, 400, "wiat"),
                ("POST", "programs/web/restart", "nonsense", 400, "body"),
                ("POST", "programs/web/restart", "[1]", 400, "body"),
                ("POST", "programs/web/signal", {}, 400, "signal"),
                ("GET", "runs/1/log?offset=x", None, 400, "offset"),
                ("GET", "jobs/999999999", None, 404, "job"),
                ("GET", "tasks/nobody", None, 404, "task"),
                ("GET", "stream?topics=nonsense", None, 400, "topics")):
            with self.subTest(path=path, body=body):
                found, problem = self.web.ask(method, "/api/v1/" + path, body)
                self.assertEqual((found, problem.get("field")), (status, field), problem)
                self.assertEqual(self.web.last.headers["Content-Type"], "application/problem+json")
        self.assertEqual(self.web.ask("DELETE", "/api/v1/programs")[0], 405)
        self.assertEqual(self.web.last.headers["Allow"], "GET")
        self.assertEqual(self.web.get("/api/v1/nothing")[0], 404)

    def test_every_write_is_in_the_journal(self):
        self.web.post("/api/v1/programs/web/restart")
        self.web.post("/api/v1/tasks/report/pause", {"reason": "audited"})
        self.web.post("/api/v1/tasks/report/resume")
        self.web.post("/api/v1/tokens", {"name": "audited", "role": "viewer"})
        self.web.ask("DELETE", "/api/v1/tokens/audited")
        def words():
            return "\n".join(e["words"] + " by " + e["who"] for e in self.web.get("/api/v1/events?limit=500")[1]["events"])
        until(lambda: all(part in words() for part in ("lares.restart web", "audited", "lares.token_create audited",
                                                       "lares.token_revoke audited")), say=words())
        self.assertIn("uid ", words())


class Live(ApiTest):
    def test_a_change_of_state_is_seen_at_once(self):
        stream = self.stream("/api/v1/stream?topics=programs")
        hello = stream.next()
        self.assertEqual(hello[0], "hello")
        began = time.monotonic()
        self.web.post("/api/v1/programs/web/restart", {"wait": False})
        event, data, _ = stream.until("program", lambda p: p["name"] == "web")
        self.assertLess(time.monotonic() - began, 5)
        self.assertIn(data["statename"], ("STOPPING", "STOPPED", "STARTING", "RUNNING"))
        stream.until("program", lambda p: p["name"] == "web" and p["statename"] == "RUNNING")
        stream.close()

    def test_a_program_that_goes_is_told(self):
        stream = self.stream("/api/v1/stream?topics=programs")
        stream.next()
        self.web.ask("PUT", "/api/v1/programs/brief", {"text": "[program:brief]\ncommand = sleep 600\n"})
        stream.until("program", lambda p: p["name"] == "brief")
        self.web.ask("DELETE", "/api/v1/programs/brief")
        self.assertEqual(stream.until("program-gone")[1], {"name": "brief", "group": "brief"})
        stream.close()

    def test_events_come_with_their_numbers_and_can_be_resumed(self):
        stream = self.stream("/api/v1/stream?topics=events,tasks,jobs")
        stream.next()
        job = self.put()
        event, data, number = stream.until("journal", lambda e: e["subject"] == f"job/{job}")
        self.assertEqual(number, data["event"])
        stream.close()
        self.ended(job)
        _, stored = self.web.get(f"/api/v1/events?subject=job/{job}&oldest_first=true")
        again = self.stream("/api/v1/stream?topics=events", **{"Last-Event-ID": str(number)})
        wanted = [e["event"] for e in stored["events"] if e["event"] > number]
        self.assertTrue(wanted)
        for one in wanted:
            self.assertEqual(again.until("journal", lambda e, one=one: e["event"] == one)[2], one)
        # and it goes on with what is new
        fresh = self.put()
        again.until("journal", lambda e: e["subject"] == f"job/{fresh}")
        again.close()

    def test_what_is_told_is_on_the_disk(self):
        stream = self.stream("/api/v1/stream?topics=events")
        stream.next()
        job = self.put()
        number = stream.until("journal", lambda e: e["subject"] == f"job/{job}")[2]
        before = self.house.daemon_pid
        os.kill(before, signal.SIGKILL)
        until(lambda: self.house.daemon_pid != before and self.house_is_back())
        _, found = self.web.get(f"/api/v1/events?subject=job/{job}")
        self.assertIn(number, [e["event"] for e in found["events"]])
        stream.close()

    def house_is_back(self):
        try:
            return self.web.get("/api/v1/work")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def test_a_task_is_told_when_it_is_paused(self):
        stream = self.stream("/api/v1/stream?topics=tasks")
        stream.next()
        self.web.post("/api/v1/tasks/report/pause", {"reason": "look"})
        stream.until("task", lambda t: t["task"] == "report" and any(b["kind"] == "paused" for b in t["blocks"]))
        self.web.post("/api/v1/tasks/report/resume")
        stream.until("task", lambda t: t["task"] == "report" and not t["blocks"])
        stream.close()

    def test_a_job_that_runs_is_told_and_its_end(self):
        stream = self.stream("/api/v1/stream?topics=jobs")
        stream.next()
        job = self.put("slow")
        data = stream.until("running", lambda r: r["job"] == job)[1]
        self.web.post(f"/api/v1/jobs/{job}/cancel")
        self.assertEqual(stream.until("run-over", lambda r: r["job"] == job)[1]["run"], data["run"])
        stream.close()

    def test_a_log_is_followed(self):
        path = self.house.path("once.log")
        until(lambda: "hello from once" in self.house.read("once.log"))
        stream = self.stream("/api/v1/stream?topics=log:once")
        first = stream.until("log")
        self.assertIn("hello from once", first[1]["text"])
        self.assertEqual(first[2], os.path.getsize(path))
        stream.close()
        self.assertEqual(self.web.get("/api/v1/stream?topics=log:nobody")[0], 404)

    def test_the_log_of_a_run_comes_whole_from_any_offset(self):
        job = self.put("slow")
        run = until(lambda: self.web.get(f"/api/v1/runs?job={job}")[1]["runs"])[0]["run"]
        stream = self.stream(f"/api/v1/stream?topics=run:{run}&from=2")
        event, data, number = stream.until("run", lambda r: r["text"])
        self.assertEqual((data["text"], number), ("e\n", 4))
        self.web.post(f"/api/v1/jobs/{job}/cancel")
        self.assertTrue(stream.until("run", lambda r: r["ended"])[1]["ended"])
        stream.close()
        again = self.stream(f"/api/v1/stream?topics=run:{run}")
        data = again.until("run", lambda r: r["ended"])[1]
        self.assertEqual((data["text"], data["offset"], data["size"]), ("one\n", 4, 4))
        again.close()

    def test_usage_is_measured(self):
        stream = self.stream("/api/v1/stream?topics=usage")
        data = stream.until("usage")[1]
        names = {entry["name"]: entry for entry in data["usage"]}
        self.assertGreater(names["web"]["memory"], 10_000)
        stream.close()


class Doors(unittest.TestCase):
    """Users, tokens, sessions, and those who are none."""

    @classmethod
    def setUpClass(cls):
        cls.port = free_port()
        cls.house = House("")
        cls.house.servers += f"[inet_http_server]\nport = 127.0.0.1:{cls.port}\n" \
            "[user:boss]\npassword = the secret\nrole = admin\n" \
            "[user:anna]\npassword = the password\nrole = operator\n" \
            "[user:vera]\npassword = only looking\nrole = viewer\n"
        cls.house.write("[program:web]\ncommand = sleep 600\nstatus = public\n"
                        "[program:hidden]\ncommand = sleep 600\n"
                        "[task:report]\ncommand = true\nstatus = public\nschedule = 0 3 * * *\n")
        cls.house.up()

    @classmethod
    def tearDownClass(cls):
        cls.house.down()

    def web(self, user=None, password=None, token=None, cookie=None, headers=None):
        all_headers = dict(headers or {})
        if user:
            all_headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        if token:
            all_headers["Authorization"] = "Bearer " + token
        if cookie:
            all_headers["Cookie"] = "lares_session=" + cookie
        return Web(lambda: http.client.HTTPConnection("127.0.0.1", self.port, timeout=20), all_headers)

    def boss(self):
        return self.web("boss", "the secret")

    def log_in(self, name="anna", password="the password", **more):
        web = self.web(**more)
        status, answer = web.post("/api/v1/session", {"name": name, "password": password})
        self.assertEqual(status, 200, answer)
        cookie = web.last.headers["Set-Cookie"]
        return cookie.split(";")[0].split("=", 1)[1], cookie, answer

    def test_a_session_is_begun_used_and_ended(self):
        cookie, whole, answer = self.log_in()
        self.assertEqual((answer["name"], answer["role"], answer["kind"]), ("anna", "operator", "session"))
        for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(part, whole)
        web = self.web(cookie=cookie, headers={"X-Lares-Request": "1"})
        self.assertEqual(web.get("/api/v1/session")[1]["name"], "anna")
        self.assertEqual(web.post("/api/v1/programs/web/restart")[0], 200)
        self.assertEqual(web.ask("DELETE", "/api/v1/session")[0], 204)
        self.assertEqual(web.get("/api/v1/programs")[0], 401)

    def test_a_session_does_nothing_without_the_header_that_no_other_page_can_send(self):
        cookie, _, _ = self.log_in()
        web = self.web(cookie=cookie)
        self.assertEqual(web.get("/api/v1/programs")[0], 200)
        self.assertEqual(web.ask("POST", "/api/v1/programs/web/restart", {}, raw=True)[0], 403)
        self.assertEqual(web.ask("POST", "/RPC2", "<methodCall/>", raw=True)[0], 403)
        for foreign in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"},
                        {"Origin": "null"}):
            web = self.web(cookie=cookie, headers={"X-Lares-Request": "1", **foreign})
            self.assertEqual(web.ask("POST", "/api/v1/programs/web/restart", {}, raw=True)[0], 403, foreign)
            login = self.web(headers=foreign).ask("POST", "/api/v1/session",
                                                  {"name": "anna", "password": "the password"}, raw=True)
            self.assertEqual(login[0], 403, foreign)

    def test_a_cookie_that_a_client_brings_is_never_made_a_session(self):
        chosen = "0" * 64
        cookie, _, _ = self.log_in(cookie=chosen)
        self.assertNotEqual(cookie, chosen)
        self.assertEqual(self.web(cookie=chosen).get("/api/v1/programs")[0], 401)
        # A new login ends the session that was brought along.
        second, _, _ = self.log_in(cookie=cookie)
        self.assertEqual(self.web(cookie=cookie).get("/api/v1/programs")[0], 401)
        self.assertEqual(self.web(cookie=second).get("/api/v1/programs")[0], 200)

    def test_a_wrong_login_gets_nothing_and_later_each_time(self):
        web = self.web()
        for _ in range(3):
            status, problem = web.post("/api/v1/session", {"name": "anna", "password": "wrong"})
            self.assertEqual(status, 401)
            self.assertNotIn("Set-Cookie", web.last.headers)
            self.assertNotIn("WWW-Authenticate", web.last.headers)
        began = time.monotonic()
        web.post("/api/v1/session", {"name": "anna", "password": "wrong"})
        self.assertGreater(time.monotonic() - began, 0.09)
        for body in ({}, "nonsense", {"name": "anna"}, {"name": 5, "password": []}, {"token": "x"}):
            self.assertEqual(web.post("/api/v1/session", body)[0], 401, body)

    def test_a_token_is_shown_once_and_works_everywhere_until_it_is_revoked(self):
        status, made = self.boss().post("/api/v1/tokens", {"name": "ci", "role": "operator", "expires": "1h"})
        self.assertEqual(status, 201, made)
        token = made["token"]
        _, listed = self.boss().get("/api/v1/tokens")
        self.assertNotIn(token, json.dumps(listed))
        kept, = glob.glob(self.house.path("state/**/access"), recursive=True)
        with open(kept, encoding="utf-8") as file:
            self.assertNotIn(token, file.read())
        self.assertEqual(os.stat(kept).st_mode & 0o777, 0o600)
        self.assertEqual(self.web(token=token).post("/api/v1/programs/web/restart")[0], 200)
        self.assertEqual(self.web(token=token).ask("POST", "/RPC2", "<methodCall><methodName>supervisor.getPID"
                                                   "</methodName></methodCall>", raw=True)[0], 200)
        self.assertEqual(self.web(token=token).post("/api/v1/tokens", {"name": "more"})[0], 403)
        self.assertEqual(self.web(token=token + "0").get("/api/v1/programs")[0], 401)
        self.assertEqual(self.boss().post("/api/v1/tokens", {"name": "ci"})[0], 409)
        streams = [Stream(http.client.HTTPConnection("127.0.0.1", self.port), "/api/v1/stream?topics=programs",
                          {"Authorization": authorization}) for authorization in
                   ("Bearer " + token, "Basic " + base64.b64encode(b"boss:the secret").decode())]
        for stream in streams:
            self.assertEqual(stream.next()[0], "hello")
        self.assertEqual(self.boss().ask("DELETE", "/api/v1/tokens/ci")[0], 200)
        streams[0].answer.read()  # to its end: what looks on with it is ended, too
        streams[1].connection.sock.settimeout(0.5)
        with self.assertRaises(TimeoutError):
            streams[1].answer.read()
        self.assertEqual(self.web(token=token).get("/api/v1/programs")[0], 401)

    def test_keys_outlive_the_daemon_and_sessions_do_not(self):
        _, made = self.boss().post("/api/v1/tokens", {"name": "lasting", "role": "viewer"})
        self.assertEqual(self.boss().ask("PUT", "/api/v1/users/nina",
                                         {"role": "operator", "password": "a long password"})[0], 200)
        cookie, _, _ = self.log_in("nina", "a long password")
        pid = self.house.rpc.supervisor.getPID()
        os.kill(pid, 9)
        def back():
            try:
                return self.web(token=made["token"]).get("/api/v1/programs")[0] == 200
            except (OSError, http.client.HTTPException):
                return False
        until(back)
        self.assertEqual(self.web(cookie=cookie).get("/api/v1/programs")[0], 401)
        cookie, _, answer = self.log_in("nina", "a long password")
        self.assertEqual(answer["role"], "operator")
        # Another role ends what stands on the old one.
        self.assertEqual(self.boss().ask("PUT", "/api/v1/users/nina", {"role": "viewer"})[0], 200)
        self.assertEqual(self.web(cookie=cookie).get("/api/v1/programs")[0], 401)
        _, _, answer = self.log_in("nina", "a long password")
        self.assertEqual(answer["role"], "viewer")
        self.assertEqual(self.boss().ask("DELETE", "/api/v1/users/nina")[0], 200)
        self.assertEqual(self.web("nina", "a long password").get("/api/v1/programs")[0], 401)
        self.assertEqual(self.boss().ask("DELETE", "/api/v1/users/anna")[0], 409)
        self.assertEqual(self.boss().ask("PUT", "/api/v1/users/boss", {"role": "viewer"})[0], 409)
        self.assertEqual(self.boss().ask("PUT", "/api/v1/users/x%0ay",
                                         {"role": "viewer", "password": "long enough"})[0], 400)
        self.assertEqual(self.boss().ask("PUT", "/api/v1/users/short", {"role": "viewer", "password": "x"})[0], 400)

    def test_nobody_does_more_than_his_role(self):
        vera, anna = self.web("vera", "only looking"), self.web("anna", "the password")
        _, document = self.boss().get("/api/v1/openapi.json")
        for path, entry in document["paths"].items():
            for method, row in entry.items():
                role = row.get("x-role")
                target = "/api/v1" + path.replace("{name}", "web").replace("{task}", "report")
                for key in ("job", "run", "other", "file"):
                    target = target.replace("{" + key + "}", "1")
                with self.subTest(path=path, method=method):
                    if role in ("operator", "admin"):
                        self.assertEqual(vera.ask(method.upper(), target, {})[0], 403)
                    if role == "admin":
                        self.assertEqual(anna.ask(method.upper(), target, {})[0], 403)
        status, problem = vera.post("/api/v1/call/supervisor.shutdown")
        self.assertEqual(status, 403, problem)
        status, _ = vera.post("/api/v1/call/system.multicall",
                              [[{"methodName": "supervisor.stopAllProcesses", "params": []}]])
        self.assertEqual(self.house.rpc.supervisor.getProcessInfo("web")["statename"], "RUNNING")

    def test_strangers_see_what_is_public_and_nothing_else(self):
        web = self.web()
        until(lambda: web.get("/status.json")[1]["status"] == "well")
        _, answer = web.get("/status.json")
        self.assertEqual([item["name"] for item in answer["items"]], ["web", "report"])
        status, page = web.get("/status", raw=True)
        self.assertEqual(status, 200)
        self.assertNotIn(b"hidden", page)
        self.assertIn("default-src 'none'", web.last.headers["Content-Security-Policy"])
        self.assertIn(b"Alles in Ordnung", web.get("/status?lang=de", raw=True)[1])
        for path in ("/", "/metrics", "/api/v1/programs", "/api/v1/stream?topics=programs", "/api/v1/session",
                     "/calendar.ics", "/calendar.ics?token=x", "/logtail/web", "/tail.html?processname=web",
                     "/status/../metrics", "/ui/../metrics", "/ui/../api/v1/programs", "/status%2f..%2fmetrics",
                     "//api/v1/programs", "/api/v1/../v1/programs", "/api/v1/session/../programs"):
            with self.subTest(path=path):
                self.assertIn(web.get(path, raw=True)[0], (401, 403, 404), path)

    def test_the_calendar_is_opened_by_a_token_in_its_address(self):
        _, made = self.boss().post("/api/v1/tokens", {"name": "calendar", "role": "viewer"})
        # Other tests have used up what this address may ask without a login.
        def calendar():
            status, text = self.web().get("/calendar.ics?token=" + made["token"], raw=True)
            return text if status == 200 else None
        text = until(calendar)
        self.assertTrue(text.startswith(b"BEGIN:VCALENDAR\r\n"))
        self.assertEqual(text.count(b"SUMMARY:report"), 30)

    def test_every_answer_tells_browsers_to_be_careful(self):
        boss = self.boss()
        for path in ("/", "/api/v1/programs", "/api/v1/nothing", "/metrics", "/status", "/ok.html", "/nope",
                     "/tail.html?processname=web"):
            boss.get(path, raw=True)
            with self.subTest(path=path):
                headers = boss.last.headers
                self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
                self.assertEqual(headers["X-Frame-Options"], "DENY")
                self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])
                self.assertNotIn("unsafe", headers["Content-Security-Policy"])
                self.assertTrue(headers["Cache-Control"])

    def test_strangers_who_ask_too_often_are_told_to_wait(self):
        web = self.web()
        found = {web.get("/status.json", raw=True)[0] for _ in range(200)}
        self.assertEqual(found, {200, 429})
        self.assertEqual(self.boss().get("/api/v1/programs")[0], 200)
        until(lambda: web.get("/status.json", raw=True)[0] == 200)


class Hostile(ApiTest):
    def test_hostile_names_are_text_and_nothing_else(self):
        evil = "<script>alert(1)</script>\"'\\ \u2028"
        for path in ("programs/", "tasks/", "jobs/", "runs/", "call/"):
            status, text = self.web.ask("GET" if path != "call/" else "POST",
                                        "/api/v1/" + path + urllib.parse.quote(evil, safe=""), raw=True)
            self.assertIn(status, (400, 404), path)
            self.assertIn("json", self.web.last.headers["Content-Type"])
            json.loads(text)
        status, answer = self.web.post("/api/v1/tasks/report/pause", {"reason": evil + "\x01\n"})
        self.assertEqual(status, 200)
        _, task = self.web.get("/api/v1/tasks/report")
        self.assertIn("<script>", task["blocks"][0]["words"])
        self.web.post("/api/v1/tasks/report/resume")

    def test_no_path_leads_out(self):
        for path in ("../../../../etc/passwd", "programs/..%2f..%2fetc%2fpasswd/log", "programs/web/log?stream=../x",
                     "log?offset=-9999999999999999999", "programs/%2e%2e/log", "runs/..%2f1/log", "programs/%00/log"):
            with self.subTest(path=path):
                status, text = self.web.get("/api/v1/" + path, raw=True)
                self.assertIn(status, (400, 404))
                self.assertNotIn(b"root:", text)

    def test_what_is_too_large_is_refused(self):
        status, _ = self.web.post("/api/v1/programs/web/restart", b"{" + b" " * (5 << 20), raw=True)
        self.assertEqual(status, 413)
        status, _ = self.web.get("/api/v1/programs?q=" + "x" * 20_000, raw=True)
        self.assertEqual(status, 431)
        deep = "[" * 5_000 + "]" * 5_000
        self.assertEqual(self.web.post("/api/v1/call/lares.status", deep)[0], 400)
        topics = ",".join(["programs"] * 500)
        self.assertEqual(self.web.get("/api/v1/stream?topics=" + topics)[0], 400)
        self.assertEqual(self.web.get("/api/v1/coming?days=99999")[0], 400)
        self.assertEqual(self.web.get("/api/v1/runs/1/log?length=999999999999")[0], 400)
        self.assertEqual(self.web.post("/api/v1/programs/start", {"names": ["x"] * 2_000})[0], 400)

    def test_a_viewer_who_takes_nothing_holds_nothing_up(self):
        slow = socket.socket(socket.AF_UNIX)
        slow.connect(self.house.socket)
        slow.sendall(b"GET /api/v1/stream?topics=programs,events,log:once HTTP/1.1\r\nHost: x\r\n\r\n")
        began = time.monotonic()
        for _ in range(20):
            self.assertEqual(self.web.post("/api/v1/programs/once/restart", {"wait": False})[0], 200)
        self.assertLess(time.monotonic() - began, 10)
        slow.close()


if __name__ == "__main__":
    unittest.main()
