// cli/tail_test.cc: the pure parts of `lares tail`, and the command itself.

#include "cli/tail.h"

#include <doctest/doctest.h>

#include "cli/scripted_test.h"

namespace lares::cli {
namespace {

text::XmlRpcAnswer piece_of(std::string const& log, std::vector<text::Value> const& params) {
    auto const length = std::size_t(*params[2].integer());
    std::string const end = log.substr(log.size() - std::min(length, log.size()));
    return text::Value(text::Array{end, std::int64_t(log.size()),
                                   std::int64_t(log.size()) > std::int64_t(length)});
}

void give_log(Machine& machine, std::string log) {
    machine.daemon.methods["supervisor.tailProcessStdoutLog"] =
        [log = std::move(log)](auto const& params) { return piece_of(log, params); };
}

std::string numbered_lines(int count) {
    std::string log;
    for (int i = 1; i <= count; ++i) log += "line " + std::to_string(i) + "\n";
    return log;
}

TEST_CASE("the last lines of a text end with its last newline") {
    CHECK(last_lines("a\nb\nc\n", 2) == "b\nc\n");
    CHECK(last_lines("a\nb\nc", 2) == "b\nc");
    CHECK(last_lines("a\nb\n", 5) == "a\nb\n");
    CHECK(last_lines("a\nb\n", 0).empty());
    CHECK(last_lines("\n\n\n", 2) == "\n\n");
    CHECK(last_lines("", 3).empty());
    CHECK(last_lines("\n", 1) == "\n");
}

TEST_CASE("a stream is joined where the reading before it ended") {
    CHECK(overlap("abcdef", "cdef") == 4);
    CHECK(overlap("abcdef", "defXYZ") == 3);
    CHECK(overlap("abcdef", "XYZ") == 0);
    CHECK(overlap("", "XYZ") == 0);
    CHECK(overlap("abab", "ababab") == 4);
}

TEST_CASE("tail shows the last twenty lines") {
    Machine machine;
    give_log(machine, numbered_lines(30));
    CHECK(machine.run({"tail", "web"}) == 0);
    CHECK(machine.out.starts_with("line 11\n"));
    CHECK(machine.out.ends_with("line 30\n"));
    CHECK(machine.daemon.params_of("supervisor.tailProcessStdoutLog").starts_with("[\"web\""));
}

TEST_CASE("tail reads further back when the lines are long") {
    Machine machine;
    std::string log;
    for (int i = 0; i < 10; ++i) log += std::string(20'000, char('a' + i)) + "\n";
    give_log(machine, log);
    CHECK(machine.run({"tail", "--lines", "2", "web"}) == 0);
    CHECK(machine.out == log.substr(log.size() - 2 * 20'001));
    CHECK(machine.daemon.count_of("supervisor.tailProcessStdoutLog") == 2);
}

TEST_CASE("a line that the first reading cut is read whole") {
    Machine machine;
    std::string const log = std::string(20'000, 'a') + "\n" + std::string(16'370, 'b') + "\nend\n";
    give_log(machine, "start\n" + log);
    CHECK(machine.run({"tail", "--lines", "3", "web"}) == 0);
    CHECK(machine.out == log);
    CHECK(machine.run({"tail", "--lines", "2", "web"}) == 0);
    CHECK(machine.out == log.substr(20'001));
}

TEST_CASE("tail -n shows exactly so many bytes, and takes sizes") {
    Machine machine;
    give_log(machine, std::string(3000, 'x') + "END\n");
    CHECK(machine.run({"tail", "-n", "5", "web"}) == 0);
    CHECK(machine.out == "xEND\n");
    CHECK(machine.run({"tail", "-n", "1KB", "web"}) == 0);
    CHECK(machine.out.size() == 1024);
}

TEST_CASE("tail NAME stderr asks for the other log") {
    Machine machine;
    machine.daemon.answer("supervisor.tailProcessStderrLog", text::Array{"oops\n", 5, false});
    CHECK(machine.run({"tail", "g:web", "stderr"}) == 0);
    CHECK(machine.out == "oops\n");
}

TEST_CASE("tail --main reads the daemon's own log from its end") {
    Machine machine;
    machine.daemon.answer("supervisor.readLog", "started\n");
    CHECK(machine.run({"tail", "--main", "-n", "100"}) == 0);
    CHECK(machine.out == "started\n");
    CHECK(machine.daemon.params_of("supervisor.readLog") == "[-100,0]");
}

TEST_CASE("tail -f goes on with the stream and shows nothing twice") {
    Machine machine;
    std::string const log = numbered_lines(300);
    give_log(machine, log);
    // A stream begins with the last 1,024 bytes; nine were added since the reading.
    std::string const past = log.substr(log.size() - 1015) + "just now\n";
    machine.daemon.pieces = {past.substr(0, 500), past.substr(500), "line 301\n"};
    CHECK(machine.run({"tail", "-f", "--lines", "3", "g:web"}) == 1);
    CHECK(machine.out == "line 298\nline 299\nline 300\njust now\nline 301\n");
    CHECK(machine.daemon.requests.back().target == "/logtail/g%3Aweb/stdout");
    CHECK(machine.daemon.requests.back().method == "GET");
    CHECK(machine.err ==
          "lares: the log has ended: the daemon was stopped, or the process removed\n");
}

TEST_CASE("tail -f shows nothing twice, however little of the past was asked for") {
    Machine machine;
    std::string const log = numbered_lines(300);
    give_log(machine, log);
    machine.daemon.pieces = {log.substr(log.size() - 1024), "line 301\n"};
    machine.run({"tail", "-f", "-n", "4", "web"});
    CHECK(machine.out == "300\nline 301\n");
    machine.run({"tail", "-f", "--lines", "0", "web"});
    CHECK(machine.out == "line 301\n");
}

TEST_CASE("tail -f of an empty log shows the stream at once") {
    Machine machine;
    give_log(machine, "");
    machine.daemon.pieces = {"a", "b\n"};
    CHECK(machine.run({"tail", "-f", "web"}) == 1);
    CHECK(machine.writes == std::vector<std::string>{"a", "b\n"});
}

TEST_CASE("tail -f --main follows the daemon's own log") {
    Machine machine;
    machine.daemon.answer("supervisor.readLog", "");
    machine.daemon.pieces = {"new\n"};
    machine.run({"tail", "--main", "-f"});
    CHECK(machine.out == "new\n");
    CHECK(machine.daemon.requests.back().target == "/mainlogtail");
}

TEST_CASE("tail --json gives objects with text") {
    Machine machine;
    give_log(machine, "a\n");
    CHECK(machine.run({"tail", "--json", "web"}) == 0);
    CHECK(machine.out == "{\"text\":\"a\\n\"}\n");
}

TEST_CASE("on a terminal a log that ends inside a line gets a newline") {
    Machine machine;
    give_log(machine, "abc");
    CHECK(machine.run({"tail", "web"}) == 0);
    CHECK(machine.out == "abc");
    machine.terminal.is_tty = true;
    CHECK(machine.run({"tail", "web"}) == 0);
    CHECK(machine.out == "abc\n");
}

TEST_CASE("tail of an unknown name tells the nearest one") {
    Machine machine;
    machine.daemon.fault("supervisor.tailProcessStdoutLog", 10, "BAD_NAME: wbe");
    machine.daemon.methods["lares.status"] = [](auto const& params) {
        bool const all = params[0].array()->empty();
        return text::XmlRpcAnswer(all ? status_value({{"web", "web"}}) : status_value({}, {"wbe"}));
    };
    CHECK(machine.run({"tail", "wbe"}) == 1);
    CHECK(machine.err == "lares: no process matches 'wbe'; did you mean 'web'?\n");
}

TEST_CASE("tail of a group says that one of its processes must be named") {
    Machine machine;
    machine.daemon.fault("supervisor.tailProcessStdoutLog", 10, "BAD_NAME: web");
    machine.daemon.answer("lares.status", status_value({{"web", "web_0"}, {"web", "web_1"}}));
    CHECK(machine.run({"tail", "web"}) == 1);
    CHECK(machine.err == "lares: 'web' means 2 processes; name one, as 'web:web_0'\n");
}

TEST_CASE("tail refuses amounts that are no numbers") {
    Machine machine;
    CHECK(machine.run({"tail", "--lines", "many", "web"}) == 2);
    CHECK(machine.err == "lares: --lines many: must be a number, 0 or more\n");
    CHECK(machine.run({"tail", "-n", "1TX", "web"}) == 2);
    CHECK(machine.err.starts_with("lares: --bytes 1TX: "));
    CHECK(machine.daemon.requests.empty());
}

}  // namespace
}  // namespace lares::cli
