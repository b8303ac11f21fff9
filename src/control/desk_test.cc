// control/desk_test.cc: the table as it tells about itself, and several calls in one.

#include "control/desk.h"

#include <doctest/doctest.h>

#include <set>

#include "base/limits.h"
#include "control/scripted_test.h"
#include "control/signature.h"

using namespace lares;
using namespace lares::control;
using text::Array;
using text::Struct;

namespace {

text::Value item(std::string method, Array parameters = {}) {
    return Struct{{"methodName", std::move(method)}, {"params", std::move(parameters)}};
}

}  // namespace

TEST_CASE("the table is sorted by name, for it is searched by halves") {
    for (std::size_t i = 1; i < operations().size(); ++i)
        CHECK(operations()[i - 1].name < operations()[i].name);
    for (auto const& row : operations()) CHECK(find_operation(row.name) == &row);
}

TEST_CASE("every operation has two parts, help, and types that are known") {
    std::set<std::string> const known = {"string", "int", "boolean", "array", "struct"};
    for (auto const& row : operations()) {
        CHECK_MESSAGE(std::ranges::count(row.name, '.') == 1, row.name);
        CHECK_MESSAGE(row.help.size() > 10, row.name);
        CHECK_MESSAGE(!row.help.ends_with('.'), row.name);
        for (auto const& type : signature_types(row.signature))
            CHECK_MESSAGE(known.contains(type), row.name);
    }
}

TEST_CASE("another name for an operation differs in nothing but the name") {
    int aliases = 0;
    for (auto const& row : operations()) {
        if (row.alias_of.empty()) continue;
        ++aliases;
        auto const* first = find_operation(row.alias_of);
        REQUIRE(first);
        CHECK(first->alias_of.empty());
        CHECK((row.run == first->run));
        CHECK(row.signature == first->signature);
        CHECK(row.role == first->role);
        CHECK(row.help == first->help);
    }
    CHECK(aliases == 5);
}

TEST_CASE("who may only look can change nothing") {
    for (auto const& row : operations()) {
        for (auto const* verb : {"start", "stop", "signal", "clear", "send", "restart", "shutdown"})
            if (row.name.find(std::string(".") + verb) != row.name.npos &&
                !row.name.starts_with("system."))
                CHECK_MESSAGE(row.role != Role::viewer, row.name);
        if (row.name == "supervisor.shutdown" || row.name == "supervisor.restart")
            CHECK(row.role == Role::admin);
    }
}

TEST_CASE("system.listMethods lists what supervisord has, lares.listMethods the whole table") {
    Office office;
    auto theirs = office.call("system.listMethods"), all = office.call("lares.listMethods");
    for (auto const& row : operations()) {
        auto quoted = "\"" + std::string(row.name) + "\"";
        CHECK(all.find(quoted) != all.npos);
        CHECK((theirs.find(quoted) != theirs.npos) == !row.name.starts_with("lares."));
    }
}

TEST_CASE("acts are written down with who asked, looks are not, whatever role they need") {
    Office office;
    auto run = [&](char const* method, text::Array parameters) {
        Desk desk(office.house, operations(), office.house.time);
        desk.begin(
            method, std::move(parameters), [](Answer const&) {}, Caller{Role::admin, "user 'x'"});
    };
    auto const& journal = office.house.scripted_work.journal;
    for (auto const* look : {"lares.plan", "lares.config_diff", "lares.users", "lares.tokens"})
        run(look, look == std::string("lares.config_diff") ? text::Array{1} : text::Array{});
    CHECK(journal.empty());
    run("supervisor.stopAllProcesses", {});
    REQUIRE(journal.size() == 1);
    CHECK(journal[0].find("user 'x'") != std::string::npos);
}

TEST_CASE("an operation is refused to a role below its own, also within a multicall") {
    Office office;
    auto run = [&](Role role, char const* method, text::Array parameters) {
        std::string told;
        auto done = [&](Answer answer) {
            auto const* outcome = std::get_if<Outcome>(&answer);
            told = outcome ? fault_text(*outcome) : text::to_json(std::get<text::Value>(answer));
        };
        Desk desk(office.house, operations(), office.house.time);
        desk.begin(method, std::move(parameters), done, Caller{role, "user 'x'"});
        return told;
    };
    CHECK(run(Role::viewer, "supervisor.getPID", {}) == "4711");
    CHECK(run(Role::none, "supervisor.getPID", {}) ==
          "FAILED: user 'x' has no role; supervisor.getPID needs viewer");
    CHECK(run(Role::viewer, "supervisor.stopAllProcesses", {}) ==
          "FAILED: user 'x' is a viewer; supervisor.stopAllProcesses needs operator");
    CHECK(run(Role::operator_, "supervisor.stopAllProcesses", {}) == "[]");
    CHECK(run(Role::operator_, "supervisor.shutdown", {}) ==
          "FAILED: user 'x' is an operator; supervisor.shutdown needs admin");
    CHECK(office.house.notes.empty());
    CHECK(run(Role::admin, "supervisor.shutdown", {}) == "true");
    office.house.notes.clear();
    auto step = text::Value(text::Struct{{"methodName", "supervisor.shutdown"}});
    CHECK(
        run(Role::viewer, "system.multicall", {list({step})}) ==
        R"([{"faultCode":30,"faultString":"FAILED: user 'x' is a viewer; supervisor.shutdown needs admin"}])");
    CHECK(office.house.notes.empty());
}

TEST_CASE("system.methodSignature and methodHelp tell of one method") {
    Office office;
    CHECK(office.call("system.methodSignature", {"supervisor.startProcess"}) ==
          R"(["boolean","string","boolean"])");
    CHECK(office.call("system.methodSignature", {"supervisor.signalProcess"}) ==
          R"(["boolean","string","string"])");
    CHECK(office.call("system.methodHelp", {"supervisor.getPID"}) ==
          "\"Tells the daemon's process id\"");
    CHECK(office.call("system.methodHelp", {"supervisor.getVersion"}) ==
          "\"Tells the version of this interface (another name for supervisor.getAPIVersion)\"");
}

TEST_CASE("case 50, fault-table: an unknown method has no help and no signature") {
    Office office;
    CHECK(office.call("system.methodHelp", {"x.y"}) == "fault 4 SIGNATURE_UNSUPPORTED");
    CHECK(office.call("system.methodSignature", {"x.y"}) == "fault 4 SIGNATURE_UNSUPPORTED");
}

TEST_CASE("a multicall's results are bare values, or structs of a fault") {
    Office office;
    CHECK(office.call("system.multicall", {list(Array{item("supervisor.getPID"), item("x.y"),
                                                      item("supervisor.getIdentification")})}) ==
          R"([4711,{"faultCode":1,"faultString":"UNKNOWN_METHOD"},"supervisor"])");
    CHECK(office.call("system.multicall", {list(Array{})}) == "[]");
}

TEST_CASE("case 50, fault-table: a multicall's own faults stand in its results") {
    Office office;
    auto one = [&](text::Value call) {
        return office.call("system.multicall", {list(Array{std::move(call)})});
    };
    CHECK(one(item("system.multicall", {list(Array{})})) ==
          R"([{"faultCode":2,"faultString":"INCORRECT_PARAMETERS: Recursive system.multicall )"
          R"(forbidden"}])");
    std::string const nameless =
        R"([{"faultCode":2,"faultString":"INCORRECT_PARAMETERS: No methodName"}])";
    CHECK(one(Struct{{"params", Array{}}}) == nameless);
    CHECK(one("supervisor.getPID") == nameless);
    CHECK(one(Struct{{"methodName", 5}}) == nameless);
    CHECK(one(Struct{{"methodName", "supervisor.getPID"}}) == "[4711]");
    CHECK(one(Struct{{"methodName", "supervisor.getPID"}, {"params", "x"}}) ==
          R"([{"faultCode":2,"faultString":"INCORRECT_PARAMETERS: params must be an array"}])");
}

TEST_CASE("in a multicall the next call begins when the one before is answered") {
    Office office;
    office.house.add("web", "web");
    office.house.slow = {"stop web wait", "start web wait"};
    auto request = office.ask(
        "system.multicall",
        {list(Array{item("supervisor.stopProcess", {"web"}),
                    item("supervisor.startProcess", {"web"}), item("supervisor.getPID")})});
    CHECK(office.house.notes == std::vector<std::string>{"stop web wait"});
    office.house.finish("stop web wait");
    CHECK(office.house.notes.back() == "start web wait");
    CHECK_FALSE(office.is_answered(request));
    office.house.finish("start web wait", {Fault::spawn_error, ""});
    CHECK(office.answer(request) ==
          R"([true,{"faultCode":50,"faultString":"SPAWN_ERROR: web"},4711])");
}

TEST_CASE("a multicall whose asker has gone begins nothing more") {
    Office office;
    office.house.add("web", "web");
    office.house.slow = {"stop web wait"};
    auto request = office.ask(
        "system.multicall",
        {list(Array{item("supervisor.stopProcess", {"web"}), item("supervisor.shutdown")})});
    auto answer = office.house.waiting.front().answer;
    office.hang_up(request);
    CHECK(office.house.forgotten == std::vector<WaitId>{1});
    answer({});  // a daemon that answers all the same
    CHECK(office.house.notes == std::vector<std::string>{"stop web wait"});
    CHECK_FALSE(office.is_answered(request));
}

TEST_CASE("thousands of calls in one are no deeper than one") {
    Office office;
    Array calls(5'000, item("supervisor.getPID"));
    auto request = office.ask("system.multicall", {list(std::move(calls))});
    CHECK(office.status(request) == 200);
}

TEST_CASE("a multicall's answer is bounded") {
    Office office;
    office.house.scripted_logs.files["/log/main"] = {std::string(7u << 20, 'x'), 1, ""};
    Array calls(12, item("supervisor.readLog", {0, 0}));
    auto request = office.ask("system.multicall", {list(std::move(calls))});
    office.house.scripted_logs.deliver();
    auto body = office.wire.replies[request].body;
    CHECK(body.size() < limits::multicall_bytes + (9u << 20));
    CHECK(body.find("FAILED: the answers before this one are too large together") != body.npos);
}

TEST_CASE("a call is under way until it is answered or forgotten, and leaves nothing behind") {
    ScriptedHouse house;
    house.add("web", "web");
    house.slow = {"start web wait"};
    Desk desk(house, operations(), house.time);
    int answers = 0;
    auto start = [&] {
        return desk.begin("supervisor.startProcess", {"web"}, [&](Answer const&) { ++answers; });
    };
    auto first = start();
    auto second = start();
    CHECK(desk.is_open(first));
    CHECK(desk.open_count() == 2);
    house.finish("start web wait");
    CHECK_FALSE(desk.is_open(first));
    desk.forget(second);
    CHECK(desk.open_count() == 0);
    CHECK(answers == 1);
}
