// cli/work_test.cc: jobs, tasks, runs and the journal on the command line, against a daemon that
// answers by script.

#include <doctest/doctest.h>

#include "cli/scripted_test.h"

namespace lares::cli {
namespace {

using text::Array;
using text::Struct;
using text::Value;

Value job_value(int id, std::string state, Array runs = {}) {
    return Struct{{"job", id},
                  {"task", "report"},
                  {"state", std::move(state)},
                  {"why", "why"},
                  {"run", runs.empty() ? 0 : 7},
                  {"runs", std::move(runs)}};
}

TEST_CASE("put sends words as a payload, with options as they were written") {
    Machine machine;
    machine.daemon.answer("lares.put", Struct{{"job", 812}, {"duplicate", false}});
    CHECK(machine.run({"put", "report", "day=2026-03-01", "n:=[1, 2]", "note=a=b \"c\"", "--key",
                       "k", "--priority", "-3", "--in", "5min", "--after", "7,8"}) == 0);
    CHECK(machine.out == "job 812 is stored\n");
    CHECK(machine.daemon.params_of("lares.put") ==
          R"(["report","{\"day\":\"2026-03-01\",\"n\":[1, 2],\"note\":\"a=b \\\"c\\\"\"}",)"
          R"({"key":"k","priority":"-3","in":"5min","after":["7","8"]}])");
}

TEST_CASE("put takes a payload from a file or standard input") {
    Machine machine;
    machine.files["/p.json"] = "{\"a\":1}";
    machine.daemon.answer("lares.put", Struct{{"job", 1}, {"duplicate", true}});
    CHECK(machine.run({"put", "report", "--json-payload", "/p.json"}) == 0);
    CHECK(machine.out == "job 1 was there already\n");
    CHECK(machine.daemon.params_of("lares.put") == R"(["report","{\"a\":1}",{}])");
    machine.typed = {"{", "}"};
    CHECK(machine.run({"put", "--json", "report", "--json-payload", "-"}) == 0);
    CHECK(machine.out == "{\"job\":1,\"duplicate\":true}\n");
    CHECK(machine.run({"put", "report", "--json-payload", "/none"}) == 2);
    CHECK(machine.run({"put", "report", "x=1", "--json-payload", "/p.json"}) == 2);
}

TEST_CASE("words that are no payload are refused before anybody is asked") {
    Machine machine;
    for (auto const* word : {"day", "=x", "n:=[1"}) {
        CHECK(machine.run({"put", "report", word}) == 2);
        CHECK(machine.err.find("lares: ") == 0);
    }
    CHECK(machine.run({"put"}) == 2);
    CHECK(machine.daemon.requests.empty());
}

TEST_CASE("a batch goes as it is, in one request") {
    Machine machine;
    machine.files["/b"] = "{\"task\":\"a\"}\n";
    machine.daemon.route = [](api::HttpCall const&) {
        return api::HttpAnswer{
            201, R"({"jobs":2,"first":812,"last":813,"duplicate_count":1,"duplicates":[]})"};
    };
    CHECK(machine.run({"put", "--batch", "/b"}) == 0);
    CHECK(machine.out == "2 jobs, 812 to 813; 1 were there already\n");
    CHECK(machine.daemon.requests.back().target == "/api/v1/jobs");
    CHECK(machine.daemon.requests.back().body == "{\"task\":\"a\"}\n");
    machine.daemon.route = [](api::HttpCall const&) {
        return api::HttpAnswer{400, R"({"status":400,"detail":"line 2: wrong","field":"key"})"};
    };
    CHECK(machine.run({"put", "--batch", "/b"}) == 1);
    CHECK(machine.err.find("key: line 2: wrong") != std::string::npos);
    CHECK(machine.run({"put", "report", "--batch", "/b"}) == 2);
}

TEST_CASE("run waits, shows the log of each attempt and exits as the job did") {
    Machine machine;
    machine.daemon.answer("lares.run", Struct{{"job", 812}, {"duplicate", false}});
    int asked = 0;
    machine.daemon.methods["lares.job"] = [&](auto const&) {
        ++asked;
        if (asked == 1) return text::XmlRpcAnswer(job_value(812, "ready"));
        Array runs{Struct{{"run", 7}, {"code", 3}, {"signal", 0}}};
        return text::XmlRpcAnswer(job_value(812, asked == 2 ? "running" : "dead", runs));
    };
    machine.daemon.methods["lares.run_log"] = [&](std::vector<Value> const& parameters) {
        auto offset = *parameters[1].integer();
        std::string text = std::string(asked == 2 ? "one\n" : "one\ntwo\n")
                               .substr(static_cast<std::size_t>(offset));
        auto next = offset + static_cast<std::int64_t>(text.size());
        return text::XmlRpcAnswer(
            Struct{{"text", text}, {"offset", next}, {"size", next}, {"ended", false}});
    };
    CHECK(machine.run({"run", "report", "--wait"}) == 3);
    CHECK(machine.out == "one\ntwo\n");
    CHECK(machine.err == "lares: job 812: dead, why\n");
    CHECK(machine.run({"run", "report"}) == 0);
    CHECK(machine.out == "job 812 is stored\n");
}

TEST_CASE("a run that was killed exits as a shell tells it, a good one with 0") {
    Machine machine;
    machine.daemon.answer("lares.run", Struct{{"job", 812}, {"duplicate", false}});
    machine.daemon.answer("lares.run_log",
                          Struct{{"text", ""}, {"offset", 0}, {"size", 0}, {"ended", true}});
    Array killed{Struct{{"run", 7}, {"code", -1}, {"signal", 9}}};
    machine.daemon.answer("lares.job", job_value(812, "parked", killed));
    CHECK(machine.run({"run", "report", "-w"}) == 137);
    machine.daemon.answer("lares.job", job_value(812, "done", killed));
    CHECK(machine.run({"run", "report", "-w"}) == 0);
    machine.daemon.answer("lares.job", job_value(812, "cancelled"));
    CHECK(machine.run({"run", "report", "-w"}) == 1);
}

TEST_CASE("jobs are a table, and its filters are passed on") {
    Machine machine;
    machine.daemon.answer(
        "lares.jobs",
        Struct{{"jobs", Array{job_value(812, "dead")}}, {"more", true}, {"next", 812}});
    CHECK(machine.run({"jobs", "report", "--state", "dead", "-n", "5"}) == 0);
    CHECK(machine.out ==
          "JOB  TASK    STATE  CREATED  ENDED  TRIES  WHY\n"
          "812  report  dead                          why\nthere are more; see -n\n");
    CHECK(machine.daemon.params_of("lares.jobs") ==
          R"([{"task":"report","state":"dead","limit":"5"}])");
    machine.daemon.answer("lares.job", job_value(812, "dead"));
    CHECK(machine.run({"job", "812"}) == 0);
    CHECK(machine.out.starts_with("job 812 of 'report'\nstate:      dead\nwhy:        why\n"));
    CHECK(machine.run({"job", "x"}) == 2);
    machine.daemon.fault("lares.job", 3, "BAD_ARGUMENTS: there is no job 9");
    CHECK(machine.run({"job", "9"}) == 1);
    CHECK(machine.err == "lares: there is no job 9\n");
}

TEST_CASE("cancel and retry act on each number and tell which failed") {
    Machine machine;
    machine.daemon.methods["lares.cancel"] = [](std::vector<Value> const& parameters) {
        if (*parameters[0].text() == "8")
            return text::XmlRpcAnswer(text::XmlRpcFault{30, "FAILED: job 8 has ended already"});
        return text::XmlRpcAnswer(Value(true));
    };
    CHECK(machine.run({"cancel", "7", "8", "9"}) == 1);
    CHECK(machine.out == "job 7: cancelled\njob 9: cancelled\n");
    CHECK(machine.err.find("job 8 has ended already") != std::string::npos);
    CHECK(machine.run({"cancel", "7", "x"}) == 2);
    machine.daemon.answer("lares.retry_dead",
                          Array{Struct{{"job", 3}, {"ok", true}, {"words", ""}}});
    CHECK(machine.run({"retry", "--dead", "report"}) == 0);
    CHECK(machine.out == "1 dead jobs run again\n");
}

TEST_CASE("tasks, folders and pauses") {
    Machine machine;
    machine.daemon.answer(
        "lares.tasks",
        Array{Struct{{"task", "report"},
                     {"enabled", true},
                     {"ready", 2},
                     {"running", 0},
                     {"blocks", Array{Struct{{"kind", "paused"}, {"words", "paused by anna"}}}}},
              Struct{{"task", "mail"}, {"enabled", true}, {"ready", 0}, {"running", 1}}});
    CHECK(machine.run({"tasks"}) == 0);
    CHECK(machine.out ==
          "TASK    NEXT  LAST  READY  RUNNING  STATE\n"
          "report  -     -     2      0        paused by anna\n"
          "mail    -     -     0      1        running\n");
    machine.daemon.answer("lares.folders", Array{});
    CHECK(machine.run({"folders"}) == 0);
    CHECK(machine.out == "no folder is configured\n");
    machine.daemon.answer("lares.pause", true);
    CHECK(machine.run({"pause", "report", "all", "--reason", "disk"}) == 0);
    CHECK(machine.out == "report: paused; what runs goes on\nall: paused; what runs goes on\n");
    CHECK(machine.daemon.params_of("lares.pause") == R"(["report","disk"])");
    machine.daemon.fault("lares.resume", 3, "BAD_ARGUMENTS: there is no task 'x'");
    CHECK(machine.run({"resume", "x"}) == 1);
    CHECK(machine.err == "lares: there is no task 'x'\n");
}

TEST_CASE("maintenance is begun, shown and ended by one command") {
    Machine machine;
    machine.daemon.answer("lares.maintenance_begin", true);
    machine.daemon.answer("lares.maintenance_end", true);
    machine.daemon.answer("lares.maintenance", Struct{{"on", false}});
    CHECK(machine.run({"maintenance", "2h", "--needs", "db,cache", "--reason", "upgrade"}) == 0);
    CHECK(machine.daemon.params_of("lares.maintenance_begin") ==
          R"(["2h",["db","cache"],"upgrade"])");
    CHECK(machine.run({"maintenance", "end"}) == 0);
    CHECK(machine.run({"maintenance", "show"}) == 0);
    CHECK(machine.out == "there is no maintenance\n");
    CHECK(machine.daemon.count_of("lares.maintenance_end") == 1);
    machine.daemon.answer("lares.maintenance",
                          Struct{{"on", false}, {"report", "maintenance of 2 h ended: 3 jobs"}});
    CHECK(machine.run({"maintenance", "end"}) == 0);
    CHECK(machine.out.ends_with("maintenance of 2 h ended: 3 jobs\n"));
}

TEST_CASE("what the journal tells is printed as it tells it") {
    Machine machine;
    Value const lines = Struct{{"lines", Array{"one", "two"}}, {"unexplained", 0}};
    for (auto const* method :
         {"lares.trace", "lares.why", "lares.at", "lares.audit", "lares.run_diff"})
        machine.daemon.answer(method, lines);
    for (std::vector<char const*> words : {std::vector<char const*>{"trace", "run", "17"},
                                           {"why", "report"},
                                           {"why-not", "report"},
                                           {"at", "2026-03-01", "03:12"},
                                           {"audit"},
                                           {"diff", "1", "2"}}) {
        CHECK(machine.run(words) == 0);
        CHECK(machine.out == "one\ntwo\n");
    }
    CHECK(machine.daemon.params_of("lares.trace") == R"(["run 17"])");
    CHECK(machine.daemon.params_of("lares.at") == R"(["2026-03-01 03:12"])");
    machine.daemon.answer("lares.audit",
                          Struct{{"lines", Array{"1 unexplained"}}, {"unexplained", 1}});
    CHECK(machine.run({"audit"}) == 1);
    CHECK(machine.run({"audit", "--json"}) == 1);
    CHECK(machine.out == "{\"lines\":[\"1 unexplained\"],\"unexplained\":1}\n");
}

TEST_CASE("a file is named as it is seen from here") {
    Machine machine;
    machine.daemon.answer("lares.trace", Struct{{"lines", Array{"one"}}});
    auto asked = [&](std::vector<char const*> words) {
        words.insert(words.begin(), "trace");
        machine.daemon.asked.clear();
        CHECK(machine.run(words) == 0);
        return machine.daemon.params_of("lares.trace");
    };
    CHECK(asked({"in/a.pdf"}) == R"(["/home/alice/in/a.pdf"])");
    CHECK(asked({"./a.pdf"}) == R"(["/home/alice/a.pdf"])");
    CHECK(asked({"../bob/a b.pdf"}) == R"(["/home/bob/a b.pdf"])");
    CHECK(asked({"/srv/b"}) == R"(["/srv/b"])");
    CHECK(asked({"file", "a.pdf"}) == R"(["file//home/alice/a.pdf"])");
    CHECK(asked({"job/12"}) == R"(["job/12"])");
    CHECK(asked({"report"}) == R"(["report"])");
}

TEST_CASE("events are shown oldest first, and followed until Ctrl-C") {
    Machine machine;
    machine.pauses_left = 2;
    machine.daemon.methods["lares.events"] = [&](auto const&) {
        bool const first = machine.daemon.count_of("lares.events") == 1;
        Array list;
        if (first)
            list = {Struct{{"event", 2}, {"kind", "b"}, {"subject", "s"}, {"words", "w"}},
                    Struct{{"event", 1}, {"kind", "a"}, {"subject", "s"}, {"words", "w"}}};
        else if (machine.daemon.count_of("lares.events") == 2)
            list = {Struct{
                {"event", 3}, {"kind", "c"}, {"subject", "s"}, {"words", "w"}, {"who", "anna"}}};
        return text::XmlRpcAnswer(Struct{{"events", list}});
    };
    CHECK(machine.run({"events", "-f"}) == 0);
    CHECK(machine.out == "  a  s  w\n  b  s  w\n  c  s  w (anna)\n");
    CHECK(text::to_json(machine.daemon.asked[1].second[0]) ==
          R"({"oldest_first":true,"after":"2"})");
    CHECK(text::to_json(machine.daemon.asked[2].second[0]) ==
          R"({"oldest_first":true,"after":"3"})");
}

TEST_CASE("runs, their logs, and a run put again") {
    Machine machine;
    machine.daemon.answer("lares.runs", Struct{{"runs", Array{Struct{{"run", 17},
                                                                     {"subject", "report"},
                                                                     {"job", 812},
                                                                     {"wall", 1.5},
                                                                     {"cpu", 0.25},
                                                                     {"peak_memory", 3 << 20},
                                                                     {"outcome", "ok"},
                                                                     {"code", 0}}}}});
    CHECK(machine.run({"runs"}) == 0);
    CHECK(machine.out ==
          "RUN  OF      JOB  STARTED  WALL   CPU    MEMORY  OUTCOME\n"
          "17   report  812           1.5 s  0.2 s  3 MB    ok, code 0\n");
    machine.daemon.answer("lares.run_log",
                          Struct{{"text", "hello\n"}, {"offset", 6}, {"size", 6}, {"ended", true}});
    CHECK(machine.run({"log", "17"}) == 0);
    CHECK(machine.out == "hello\n");
    machine.daemon.answer("lares.rerun", Struct{{"job", 813}});
    CHECK(machine.run({"rerun", "17", "--as-then"}) == 0);
    CHECK(machine.daemon.params_of("lares.rerun") == R"(["17","as-then"])");
    CHECK(machine.run({"rerun", "17", "--as-then", "--as-now"}) == 2);
}

TEST_CASE("status tells of work when there are tasks") {
    Machine machine;
    auto status = status_value({});
    std::get<Struct>(status.held).emplace_back("tasks", 3);
    machine.daemon.answer("lares.status", status);
    machine.daemon.answer("lares.work", Struct{{"tasks", 3},
                                               {"ready", 4},
                                               {"running", 1},
                                               {"dead", 2},
                                               {"parked", 0},
                                               {"paused", Array{"report"}},
                                               {"late", Array{}},
                                               {"maintenance", false},
                                               {"trouble", ""}});
    CHECK(machine.run({"status"}) == 0);
    CHECK(machine.out == "3 tasks: 4 jobs wait, 1 run, 2 are dead; paused: report\n");
}

TEST_CASE("db works on the file of the configuration, without a daemon") {
    Machine machine;
    CHECK(machine.run({"db", "check"}) == 1);
    CHECK(machine.err == "lares: this lares has no database\n");
    machine.database.check = [](std::string const& path) -> Result<std::string> {
        return path + ": ok";
    };
    machine.database.backup = [](std::string const& path,
                                 std::string const& to) -> Result<std::string> {
        return path + " to " + to;
    };
    machine.database.vacuum = [](std::string const&) -> Result<std::string> {
        return Error{Error::Kind::conflict, "the daemon uses it"};
    };
    machine.files["/etc/supervisord.conf"] += "[lares]\nstate_directory=/var/lib/x\n";
    CHECK(machine.run({"db", "check"}) == 0);
    CHECK(machine.out == "/var/lib/x/lares.db: ok\n");
    CHECK(machine.run({"db", "backup", "b.db", "--file", "/d.db"}) == 0);
    CHECK(machine.out == "/d.db to /home/alice/b.db\n");
    CHECK(machine.run({"db", "vacuum"}) == 1);
    CHECK(machine.err == "lares: the daemon uses it\n");
    CHECK(machine.run({"db", "backup"}) == 2);
    CHECK(machine.run({"db", "burn"}) == 2);
    CHECK(machine.daemon.requests.empty());
}

}  // namespace
}  // namespace lares::cli
