// cli/top_marks_test.cc: rows of `lares top` marked to be acted upon together, and the folders.

#include <doctest/doctest.h>

#include <algorithm>

#include "cli/fields.h"
#include "cli/top_actions.h"
#include "cli/top_answers.h"
#include "cli/top_marks.h"
#include "cli/top_reader_test.h"
#include "cli/top_tables.h"
#include "cli/top_troubles.h"

namespace lares::cli {
namespace {

using namespace top_view;
using text::Value;

/// Four programs: alpha, beta, db (FATAL), web.
Reader reader_of_programs() {
    Reader reader;
    auto& processes = reader.snapshot.status.processes;
    processes.insert(processes.begin(),
                     {process("alpha", "RUNNING", 1), process("beta", "RUNNING", 2)});
    reader.press('2');
    return reader;
}

std::string foot(Reader& reader) {
    std::string const text = reader.see();
    return text.substr(text.rfind('\n', text.size() - 2) + 1);
}

TEST_CASE("the space bar of top marks a row and goes on to the next, and takes a mark away again") {
    Reader reader = reader_of_programs();
    reader.press(' ');
    reader.press('j');
    reader.press(' ');
    std::string const text = reader.see();
    CHECK(line_with(text, "marked") == "2 marked");
    CHECK(line_with(text, "alpha").starts_with("* alpha"));
    CHECK(line_with(text, "beta").starts_with("  beta"));
    CHECK(line_with(text, "db ").starts_with("* db"));
    reader.press('k');
    reader.press(' ');
    CHECK(line_with(reader.see(), "marked") == "1 marked");
    reader.press({Kind::escape, 0});
    CHECK(reader.see().find("marked") == std::string::npos);
    CHECK(line_with(reader.see(), "alpha").starts_with("alpha"));
}

TEST_CASE("v marks all from the last mark to the row chosen, in either direction") {
    Reader reader = reader_of_programs();
    reader.press(' ');
    reader.press('j');
    reader.press('v');
    CHECK(reader.state.list().marks ==
          std::set<std::string>{"program/alpha", "program/beta", "program/db"});
    reader.press({Kind::escape, 0});
    reader.press('G');
    reader.press(' ');
    reader.press('g');
    reader.press('v');
    CHECK(reader.state.list().marks.size() == 4);
}

TEST_CASE("an act of top on many asks once, with how many and which, and is one call") {
    Reader reader = reader_of_programs();
    reader.press(' ');
    reader.press(' ');
    CHECK(reader.press('x').kind == Effect::Kind::none);
    CHECK(foot(reader) == "stop 2 programs: alpha, beta?  y: yes, any other key: no\n");
    Effect const effect = reader.press('y');
    CHECK(effect.kind == Effect::Kind::act);
    REQUIRE(effect.order.acts.size() == 1);
    CHECK(effect.order.things == 2);
    CHECK(text::to_json(Array(effect.order.acts[0].params)) == "[[\"alpha\",\"beta\"],false]");
    CHECK(reader.press('x').kind == Effect::Kind::none);
    reader.press('n');
    CHECK(reader.state.list().marks.size() == 2);  // a no leaves them
}

TEST_CASE("the question of many is never longer than the foot, and says at its end what to press") {
    for (std::size_t const columns : {20u, 40u, 60u, 80u, 200u}) {
        Reader reader = reader_of_programs();
        reader.size = {columns, 24};
        for (int i = 0; i < 40; ++i)
            reader.snapshot.status.processes.push_back(
                process("a_rather_long_name_" + std::to_string(i), "RUNNING", 9));
        reader.press('*');
        reader.press('r');
        std::string const text = foot(reader);
        CHECK(text.size() <= columns + 1);
        CHECK(text.starts_with(std::string("restart 44 programs").substr(0, columns - 8)));
        bool const is_told =
            text.ends_with("?  y: yes, any other key: no\n") || text.ends_with("?  y/n\n");
        CHECK(is_told);
    }
}

TEST_CASE("* marks all that the filter shows and no other; what it hides is counted apart") {
    Reader reader = reader_of_programs();
    reader.press('/');
    reader.type("be");
    reader.press({Kind::enter, 0});
    reader.press('*');
    CHECK(reader.state.list().marks == std::set<std::string>{"program/beta"});
    reader.press({Kind::escape, 0});
    CHECK(reader.state.list().filter == "be");  // first the marks go, then the filter
    reader.press('*');
    reader.press('*');
    CHECK(reader.state.list().marks.empty());
    reader.press('*');
    reader.state.list().filter = "web";
    reader.press(' ');
    CHECK(line_with(reader.see(), "marked").starts_with("2 marked, 1 of them not shown"));
    reader.press('r');
    CHECK(foot(reader).starts_with("restart 2 programs (1 not shown): beta, web?"));
    reader.press('n');
    reader.press('*');  // all that is shown is marked: no more, and what is hidden stays
    CHECK(reader.state.list().marks == std::set<std::string>{"program/beta"});
}

TEST_CASE("a mark of top stays with its row, and goes when the row goes") {
    Reader reader = reader_of_programs();
    reader.press(' ');
    auto& processes = reader.snapshot.status.processes;
    processes.insert(processes.begin(), process("aaa", "RUNNING", 7));
    reader.press('r');
    CHECK(foot(reader).starts_with("restart alpha?"));
    reader.press('n');
    std::erase_if(processes, [](auto const& each) { return each.name == "alpha"; });
    CHECK(reader.see().find("marked") == std::string::npos);
    reader.press('j');
    CHECK(reader.state.list().marks.empty());
}

TEST_CASE("what has no act cannot be marked, and the space bar turns its page as ever") {
    Reader reader;
    for (int i = 1; i <= 60; ++i)
        reader.snapshot.events.push_front(
            Struct{{"event", std::to_string(i)}, {"kind", "x"}, {"at", noon}});
    reader.press('7');
    reader.press(' ');
    CHECK(reader.state.list().marks.empty());
    CHECK(reader.state.list().index == 20);
}

Snapshot with_messages() {
    Snapshot snapshot = house();
    Array const alerts = {Struct{{"alert", "5"}, {"subject", "program/db"}, {"state", "firing"}},
                          Struct{{"alert", "6"}, {"subject", "task/x"}, {"state", "firing"}}};
    snapshot.answers["alerts"] = Struct{{"alerts", alerts}};
    snapshot.answers["outbox"] =
        Struct{{"deliveries", Array{Struct{{"delivery", "9"}, {"state", "dead"}}}}};
    return snapshot;
}

TEST_CASE("of marked things of several kinds an act is done to those it is for, and it says so") {
    Reader reader;
    reader.snapshot = with_messages();
    reader.press('8');
    reader.press('*');
    reader.press('a');
    CHECK(foot(reader).starts_with("acknowledge 2 alerts (not 1 other): 5, 6?"));
    Effect const effect = reader.press('y');
    REQUIRE(effect.order.acts.size() == 2);
    CHECK(effect.order.acts[1].method == "lares.acknowledge");
    CHECK(text::to_json(Array(effect.order.acts[1].params)) == "[\"6\"]");
    CHECK(text::to_json(calls_of(effect.order.acts)[0])
              .starts_with("[{\"methodName\":\"lares.acknowledge\",\"params\":[\"5\"]}"));
}

TEST_CASE("a key that means two things to what is marked does neither") {
    Wish const wish = wish_for({{"program", "web"}, {"task", "report"}}, 'r', 0);
    REQUIRE(std::holds_alternative<Note>(wish));
    CHECK(std::get<Note>(wish).text ==
          "r would restart a program and run a task: mark one kind of thing");
    auto const fitting = actions_for({{"program", "web"}, {"task", "report"}});
    CHECK(std::ranges::none_of(fitting, [](auto const* row) { return row->key == 'r'; }));
    CHECK(std::holds_alternative<std::monostate>(wish_for({{"event", "1"}}, 'r', 0)));
}

TEST_CASE(
    "after an act on many each row is told, what failed first, and what failed stays marked") {
    Reader reader = reader_of_programs();
    reader.press('*');
    reader.press('x');
    Effect const effect = reader.press('y');
    Act const& act = effect.order.acts.at(0);
    auto row = [](char const* name, int status, char const* words) {
        return Struct{{"name", name}, {"group", name}, {"status", status}, {"description", words}};
    };
    auto told = told_by(act, Array{row("alpha", 80, "OK"), row("beta", 80, "OK"), row("db", 70, ""),
                                   row("web", 80, "OK")});
    tell(reader.state, effect.order, told);
    std::string const text = reader.see();
    CHECK(text.find("stop 4 programs: 3 asked, 1 not\n"
                    "!! db     not running\n"
                    "   alpha  asked\n") != std::string::npos);
    CHECK(reader.state.list().marks == std::set<std::string>{"program/db"});
    told = told_by(act, Array{row("alpha", 80, "OK")});
    CHECK(std::ranges::count(told, false, &Told::is_good) == 3);  // not heard of is not good
}

TEST_CASE("a fault in the middle of many is its row's alone") {
    Act const act{"lares.retry", {"7"}, "retry job 7", {{"job", "7"}}};
    auto const told =
        told_by(act, Struct{{"faultCode", 30}, {"faultString", "FAILED: job 7 is running"}});
    REQUIRE(told.size() == 1);
    CHECK_FALSE(told[0].is_good);
    CHECK(told[0].words == "job 7 is running");
    CHECK(told_by(act, true)[0].words == "done");
    Act const dead{"lares.retry_dead", {"t"}, "retry dead t", {{"task", "t"}}};
    CHECK(told_by(dead, Array{})[0].words == "none of its jobs is dead");
    CHECK(told_by(dead, Array{Struct{{"job", "1"}, {"ok", true}}})[0].words == "asked for 1 job");
}

Snapshot with_folders() {
    Snapshot snapshot = house();
    snapshot.answers["folders"] = Array{Struct{{"folder", "incoming"},
                                               {"path", "/srv/in"},
                                               {"waiting", 2},
                                               {"taken", 1},
                                               {"problems", 2}}};
    auto file = [](char const* id, char const* path, char const* state) {
        return Struct{{"file", id},
                      {"folder", "incoming"},
                      {"path", path},
                      {"state", state},
                      {"size", 2048},
                      {"seen", noon - 60},
                      {"words", "the same contents came as '/srv/in/a.pdf'"}};
    };
    Value const asked = file("31", "/srv/in/sub/b.pdf", "asked");
    snapshot.answers["asked"] = Struct{{"files", Array{asked}}};
    snapshot.answers["problem"] = Struct{{"files", Array{}}};
    snapshot.answers["files"] =
        Struct{{"files", Array{asked, file("30", "/srv/in/a.pdf", "done")}}};
    return snapshot;
}

TEST_CASE("the folders of top: each with what waits, then files that ask, then what came last") {
    State const state{.view = View::folders};
    std::string const text = picture(state, with_folders(), {100, 24});
    CHECK(line_with(text, "watching") == "not there:\n" + text);
    CHECK(line_with(text, "working").find("2 for you; 2 wait, 1 taken") != std::string::npos);
    CHECK(line_with(text, "asked").find("sub/b.pdf") != std::string::npos);
    CHECK(text.find("sub/b.pdf") == text.rfind("sub/b.pdf"));  // once
    CHECK(text.find("asked") < text.find("done"));
    CHECK(picture(state, house()).find("write a [folder:NAME] section") != std::string::npos);
}

TEST_CASE("files that a folder asks about are run or left, one or many, and told by their path") {
    Reader reader;
    reader.snapshot = with_folders();
    reader.press('4');
    reader.press('j');
    reader.press('r');
    CHECK(foot(reader).starts_with("run /srv/in/sub/b.pdf?"));
    Effect effect = reader.press('y');
    CHECK(effect.order.acts.at(0).method == "lares.settle_file");
    CHECK(text::to_json(Array(effect.order.acts.at(0).params)) == "[\"31\",true]");
    reader.press('x');
    effect = reader.press('y');
    CHECK(text::to_json(Array(effect.order.acts.at(0).params)) == "[\"31\",false]");
    effect = reader.press('w');
    CHECK(text::to_json(Array(effect.act.params)) == "[\"file//srv/in/sub/b.pdf\"]");
    reader.press('*');
    CHECK(reader.state.list().marks.size() == 2);  // the folder itself has no act
}

TEST_CASE("a folder in trouble needs a person, and Enter goes there") {
    Reader reader;
    reader.snapshot = with_folders();
    auto const list = troubles(reader.snapshot);
    auto const found =
        std::ranges::find(list, "folder", [](auto const& each) { return each.thing.kind; });
    REQUIRE(found != list.end());
    CHECK(found->what == "2 files of incoming wait for you");
    reader.press('j');
    reader.press({Kind::enter, 0});
    CHECK(reader.state.view == View::folders);
    CHECK(reader.state.list().chosen == "folder/incoming");
}

TEST_CASE("the names of the views fit any width, the one shown is whole, and none is cut") {
    auto bar = [](View view, std::size_t columns) {
        std::string const text = picture({.view = view}, house(), {columns, 24});
        return text.substr(text.find('\n') + 1,
                           text.find('\n', text.find('\n') + 1) - text.find('\n') - 1);
    };
    CHECK(bar(View::queue, 100) ==
          " 1 Overview  2 Programs  3 Tasks  4 Folders  5 Queue  6 Runs  7 Events  8 Messages  9 "
          "Log");
    CHECK(bar(View::queue, 80) ==
          "1:Overview 2:Programs 3:Tasks 4:Folders 5:Queue 6:Runs 7:Events 8:Messages 9:Log");
    CHECK(bar(View::messages, 66) ==
          "1:Over 2:Prog 3:Task 4:Fold 5:Queu 6:Runs 7:Even 8:Messages 9:Log");
    CHECK(bar(View::messages, 60) == "1:Ove 2:Pro 3:Tas 4:Fol 5:Que 6:Run 7:Eve 8:Messages 9:Log");
    CHECK(bar(View::folders, 40) == "1 2 3 4:Folders 5 6 7 8 9");
    CHECK(bar(View::folders, 20) == "4:Folders  of 9");
    for (std::size_t view = 0; view < view_count; ++view)
        for (std::size_t columns = 20; columns < 120; ++columns) {
            std::string const text = bar(View(view), columns);
            CHECK(text.size() <= columns);
            CHECK(text.find(name_of(View(view))) != std::string::npos);
            CHECK(text.find('~') == std::string::npos);
        }
}

}  // namespace
}  // namespace lares::cli
