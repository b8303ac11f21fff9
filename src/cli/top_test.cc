// cli/top_test.cc: pictures of `lares top` and what its keys do.

#include <doctest/doctest.h>

#include <algorithm>

#include "cli/top_actions.h"
#include "cli/top_answers.h"
#include "cli/top_reader_test.h"
#include "cli/top_tables.h"
#include "cli/top_troubles.h"
#include "control/operations.h"

namespace lares::cli {
namespace {

using namespace top_view;
using text::Array;
using text::Struct;
using text::Value;
TEST_CASE("the overview of top is one screen: what needs you, counts, load, next hour, what runs") {
    CHECK(picture({}, house()) ==
          " lares supervisor  up 1h00m  alice (operator)                          12:00:00\n"
          "1:Overview 2:Programs 3:Tasks 4:Folders 5:Queue 6:Runs 7:Events 8:Messages 9:Log\n"
          "1 thing needs you\n"
          "programs 1/2   unexplained 0   dead 0   run 1   wait 3   next hour 1\n"
          "cpu 12.3%   memory 3.3M   most: web 12.3%\n"
          "!  NEEDS YOU   WHY\n"
          "!! db is FATAL exited too quickly\n"
          "NEXT HOUR\n"
          "12:15:00 in 15m00s report  schedule 15 * * * *\n"
          "RUNNING NOW\n"
          "812      4.0s      import  40 %  page 4 of 10\n"
          "JUST HAPPENED\n"
          "11:59:58 job/811  done\n"
          "\n\n\n\n\n\n\n\n\n\n"
          "? help  q quit  / filter  s start  x stop  r restart  space mark  l log  w why\n");
}

TEST_CASE("every picture of top has the screen's size, whatever that is, and no line is wider") {
    Snapshot snapshot = house();
    for (int i = 0; i < 300; ++i)
        snapshot.status.processes.push_back(process("worker_" + std::to_string(i), "BACKOFF"));
    for (std::size_t view = 0; view < view_count; ++view)
        for (std::size_t columns : {1, 19, 20, 40, 80, 200})
            for (std::size_t rows : {1, 4, 5, 6, 9, 24, 70}) {
                State state{.view = View(view)};
                settle(state, snapshot, look(), {columns, rows});
                auto const lines = draw(state, snapshot, look(), {columns, rows});
                CHECK(lines.size() <= rows);
                for (auto const& line : lines) {
                    std::size_t used = 0;
                    for (auto const& span : line) {
                        CHECK(span.columns == text::columns_of(span.text));
                        used += span.columns;
                    }
                    CHECK(used <= columns);
                }
            }
}

TEST_CASE("a house where all is well says so") {
    Snapshot snapshot = house();
    snapshot.status.processes.erase(snapshot.status.processes.begin());
    CHECK(line_with(picture({}, snapshot), "All is well") == "All is well: nothing needs you");
}

TEST_CASE("what top does not know is a question mark, never a zero") {
    Snapshot snapshot = house();
    snapshot.answers.erase("audit");
    CHECK(line_with(picture({}, snapshot), "unexplained").find("unexplained ?") !=
          std::string::npos);
}

TEST_CASE("top puts what does not work before what may soon not, and that before what was wanted") {
    Snapshot snapshot = house();
    auto flapping = process("flap", "RUNNING", 5);
    flapping.restarts = 3;
    flapping.uptime_seconds = 5;
    snapshot.status.processes.insert(snapshot.status.processes.begin(), flapping);
    snapshot.answers["work"] = Struct{{"dead", 2}};
    snapshot.answers["tasks"] =
        Array{Struct{{"task", "held"},
                     {"blocks", Array{Struct{{"kind", "paused"}, {"words", "paused by alice"}}}}}};
    std::vector<std::string> told;
    for (auto const& each : troubles(snapshot)) told.push_back(each.what);
    CHECK(told == std::vector<std::string>{"db is FATAL", "2 dead jobs",
                                           "flap was restarted 3 times", "held is paused"});
}

TEST_CASE("a problem that somebody has in hand needs nobody else, and is not told twice") {
    Snapshot snapshot = house();
    Struct alert{{"alert", "5"},   {"subject", "program/db"}, {"severity", "error"},
                 {"ended", 0.0},   {"acknowledged", 0.0},     {"who", ""},
                 {"words", "down"}};
    snapshot.answers["alerts"] = Struct{{"alerts", Array{alert}}};
    REQUIRE(troubles(snapshot).size() == 1);
    CHECK(troubles(snapshot)[0].tone == Tone::bad);
    alert[4].second = noon;
    alert[5].second = "bob";
    snapshot.answers["alerts"] = Struct{{"alerts", Array{alert}}};
    CHECK(troubles(snapshot)[0].tone == Tone::note);
    CHECK(troubles(snapshot)[0].words.starts_with("in hand of bob"));
}

TEST_CASE("programs show what they use, and columns go one by one where there is no room") {
    State const state{.view = View::programs};
    std::string const wide = picture(state, house());
    CHECK(line_with(wide, "NAME") == "NAME  STATE    UPTIME  CPU%  MEM  RESTARTS  PID WHY");
    CHECK(line_with(wide, "web ") == "web   RUNNING   1h00m  12.3 3.3M         -   41");
    CHECK(line_with(picture(state, house(), {34, 24}), "NAME") == "NAME  STATE    CPU%  MEM WHY");
    CHECK(line_with(picture(state, house(), {24, 24}), "NAME").starts_with("NAME  STATE"));
}

TEST_CASE(
    "a hostile name keeps the columns of top in their places and says nothing to the terminal") {
    Snapshot snapshot = house();
    snapshot.status.processes = {
        process("日本", "RUNNING"), process("a\x1b[2J\xff\u202e", "RUNNING"),
        process("e\u0301\u0301\u0301\u0301", "RUNNING"), process("plain", "RUNNING")};
    State state{.view = View::programs};
    settle(state, snapshot, look(), {80, 24});
    for (auto const& line : draw(state, snapshot, look(), {80, 24})) {
        std::size_t column = 0;
        for (auto const& span : line) {
            if (span.text.starts_with("RUNNING")) CHECK(column == 8);
            CHECK(span.text.find('\x1b') == std::string::npos);
            column += span.columns;
        }
    }
    std::string const ascii = picture(state, snapshot, {80, 24}, text::Charset::ascii);
    CHECK(std::ranges::all_of(ascii, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
}

TEST_CASE("no words from anywhere say anything to the terminal of top") {
    std::string const nasty = "a\x1b[2J\x07\r\xc2\x9b";
    Snapshot snapshot = house();
    snapshot.status.identifier = snapshot.who = nasty;
    snapshot.answers["recent"] =
        Struct{{"events", Array{Struct{{"subject", nasty}, {"words", nasty}}}}};
    snapshot.answers["tasks"] = Array{task(nasty, noon + 60)};
    snapshot.refusals["work"] = snapshot.log.trouble = nasty;
    snapshot.log.lines = {nasty};
    for (std::size_t view = 0; view < view_count; ++view)
        for (Mode const mode : {Mode::browsing, Mode::filtering, Mode::reading, Mode::confirming}) {
            State state{.view = View(view),
                        .mode = mode,
                        .asked = Order{nasty, {}, 1},
                        .reading = {nasty, {nasty}, 0},
                        .note = {nasty, Style::bad}};
            std::string const text = picture(state, snapshot);
            for (char const* bad : {"\x1b", "\x07", "\r", "\xc2\x9b"})
                CHECK(text.find(bad) == std::string::npos);
        }
}

TEST_CASE("q quits top, and so does the end of the terminal, also while it asks or filters") {
    Reader reader;
    CHECK(reader.press('q').kind == Effect::Kind::quit);
    reader.press('/');
    CHECK(reader.press('q').kind == Effect::Kind::none);
    CHECK(reader.press({Kind::over, 0}).kind == Effect::Kind::quit);
}

TEST_CASE("an act of top asks first, and only a y does it") {
    Reader reader;
    reader.press('2');
    CHECK(reader.press('r').kind == Effect::Kind::none);
    CHECK(reader.see().ends_with("restart db?  y: yes, any other key: no\n"));
    CHECK(reader.press({Kind::enter, 0}).kind == Effect::Kind::none);
    CHECK(reader.see().ends_with("nothing was done\n"));
    reader.press('r');
    Effect const effect = reader.press('y');
    CHECK(effect.kind == Effect::Kind::act);
    CHECK(effect.order.acts.at(0).method == "lares.restart");
    CHECK(text::to_json(Array(effect.order.acts.at(0).params)) == "[[\"db\"],false]");
    CHECK(reader.press('y').kind == Effect::Kind::none);  // once
}

TEST_CASE("what was asked about is done, whatever moved into its place meanwhile") {
    Reader reader;
    reader.press('2');
    reader.press('x');
    reader.snapshot.status.processes.erase(reader.snapshot.status.processes.begin());
    Effect const effect = reader.press('y');
    CHECK(text::to_json(Array(effect.order.acts.at(0).params)) == "[[\"db\"],false]");
}

TEST_CASE("a viewer is told by top that acts are not for him, and nothing is asked of the daemon") {
    Reader reader;
    reader.snapshot.role = "viewer";
    reader.press('2');
    CHECK(reader.see().find("viewer: may look, not act") != std::string::npos);
    CHECK(reader.press('r').kind == Effect::Kind::none);
    CHECK(reader.see().ends_with("restart db needs an operator; alice is a viewer\n"));
    CHECK(reader.press('y').kind == Effect::Kind::none);
}

TEST_CASE(
    "every act of top is an operation of the daemon, has a key of its own, and none that browses") {
    for (ActionRow const& row : action_rows()) {
        CHECK(control::find_operation(row.method) != nullptr);
        CHECK(std::string_view("qojkgGlwv*/<>I?h 123456789").find(row.key) ==
              std::string_view::npos);
        CHECK(std::ranges::count_if(action_rows(), [&](ActionRow const& other) {
                  return other.kind == row.kind && other.key == row.key;
              }) == 1);
    }
}

TEST_CASE("the choice of top stays with its row while rows come and go") {
    Reader reader;
    reader.press('2');
    reader.press('j');
    auto& processes = reader.snapshot.status.processes;
    processes.insert(processes.begin(), process("aaa", "RUNNING", 9));
    reader.press('x');
    CHECK(reader.see().ends_with("stop web?  y: yes, any other key: no\n"));
    reader.press('n');
    processes.pop_back();  // web goes
    reader.press('x');
    CHECK(reader.see().ends_with("stop db?  y: yes, any other key: no\n"));
}

TEST_CASE("at the top of the events one sees them come, further down one stays with an event") {
    Reader reader;
    auto event = [](int id) {
        return Value(Struct{{"event", std::to_string(id)}, {"kind", "x"}, {"at", noon}});
    };
    for (int i = 1; i <= 5; ++i) reader.snapshot.events.push_front(event(i));
    reader.press('7');
    reader.see();
    reader.snapshot.events.push_front(event(6));
    reader.press({Kind::none, 0});
    CHECK(reader.state.list().chosen == "event/6");
    reader.press('j');
    reader.snapshot.events.push_front(event(7));
    reader.press({Kind::none, 0});
    CHECK(reader.state.list().chosen == "event/5");
}

TEST_CASE("a filter of top is any text in any case; Enter keeps it, Esc shows all again") {
    Reader reader;
    reader.press('2');
    reader.press('/');
    reader.type("FATa");
    CHECK(reader.see().find("filter 'FATa': 1 of 2") != std::string::npos);
    CHECK(reader.see().find("web") == std::string::npos);
    reader.press({Kind::backspace, 0});
    reader.press({Kind::enter, 0});
    CHECK(reader.state.list().filter == "FAT");
    reader.press({Kind::escape, 0});
    CHECK(reader.see().find("web") != std::string::npos);
    reader.press('/');
    reader.type("nothing like it");
    CHECK(reader.see().find("Esc shows all again") != std::string::npos);
}

TEST_CASE("top sorts by any column, numbers as numbers, and back to how it came") {
    Snapshot snapshot = house();
    auto slow = process("slow", "RUNNING", 7);
    slow.restarts = 10;
    auto quick = process("quick", "RUNNING", 8);
    quick.restarts = 9;
    snapshot.status.processes = {slow, quick};
    Table const table = table_of(View::programs, snapshot, look());
    List list{.sort = 5};
    CHECK(arranged(table, list)[0].thing.id == "quick");
    list.is_descending = true;
    CHECK(arranged(table, list)[0].thing.id == "slow");
    Reader reader;
    reader.press('2');
    for (int i = 0; i < 9; ++i) reader.press('>');
    CHECK(reader.state.list().sort == -1);
    reader.press('<');
    CHECK(reader.state.list().sort == 7);
}

TEST_CASE("Enter goes from what needs you to where it is done") {
    Reader reader;
    Effect const effect = reader.press({Kind::enter, 0});
    CHECK(effect.kind == Effect::Kind::poll);
    CHECK(reader.state.view == View::programs);
    CHECK(reader.state.list().chosen == "program/db");
    reader.press({Kind::enter, 0});
    CHECK(reader.state.view == View::log);
    CHECK(reader.state.log.of.id == "db");
}

TEST_CASE("top asks for what a view shows and for nothing else, all in one request") {
    Snapshot const snapshot = house();
    auto names = [&](View view) {
        std::string text;
        for (auto const& question : questions({.view = view}, snapshot))
            text += question.method + " ";
        return text;
    };
    CHECK(names(View::programs) == "lares.status lares.usage ");
    CHECK(names(View::tasks) == "lares.tasks ");
    CHECK(names(View::runs) == "lares.runs ");
    CHECK(names(View::log) == "lares.log ");
    for (std::size_t view = 0; view < view_count; ++view)
        for (auto const& question : questions({.view = View(view)}, snapshot))
            CHECK(control::find_operation(question.method) != nullptr);
}

TEST_CASE("the audit goes through a day's journal and is not asked for each second") {
    Snapshot snapshot = house();
    auto asks = [&] {
        auto const list = questions({}, snapshot);
        return std::ranges::count(list, "audit", &Question::name) == 1;
    };
    CHECK(asks());
    snapshot.audited = noon - 14;
    CHECK_FALSE(asks());
    snapshot.audited = noon - 15;
    CHECK(asks());
    std::vector<Question> const asked = {{"audit", "lares.audit", {}}};
    REQUIRE(take(snapshot, asked, Array{Struct{{"unexplained", 0}}}).ok());
    CHECK(snapshot.audited == noon);
    REQUIRE(take(snapshot, asked, Array{Struct{{"unexplained", 2}}}).ok());
    CHECK(snapshot.audited == noon - 12);  // again in three seconds
}

TEST_CASE("top measures CPU between two answers, and the first time over the process's life") {
    Snapshot snapshot = house();
    snapshot.usage.clear();
    std::vector<Question> const asked = {{"usage", "lares.usage", {}}};
    auto tell = [&](double seconds, double at, std::int64_t pid = 41) {
        Struct const row{{"name", "web"},
                         {"group", "web"},
                         {"pid", pid},
                         {"cpu_seconds", seconds},
                         {"memory", 1000}};
        REQUIRE(take(snapshot, asked, Array{Struct{{"at", at}, {"usage", Array{row}}}}).ok());
        return snapshot.usage["web"].percent;
    };
    CHECK(tell(36, noon) == doctest::Approx(1.0));  // of 3600 s
    CHECK(tell(37, noon + 2) == doctest::Approx(50.0));
    CHECK(tell(37, noon + 2) == doctest::Approx(50.0));  // the same measurement
    CHECK(tell(37, noon + 4) == doctest::Approx(0.0));
    CHECK(tell(18, noon + 6, 42) == doctest::Approx(0.5));  // another process
}

TEST_CASE("what the daemon refuses to tell is said where it would stand") {
    Snapshot snapshot = house();
    std::vector<Question> const asked = {{"tasks", "lares.tasks", {}}};
    REQUIRE(take(snapshot, asked, Array{Struct{{"faultCode", 30}, {"faultString", "FAILED: no"}}})
                .ok());
    CHECK(picture({.view = View::tasks}, snapshot).find("tasks: FAILED: no") != std::string::npos);
    CHECK_FALSE(take(snapshot, asked, Array{}).ok());
    CHECK_FALSE(take(snapshot, asked, Value("no")).ok());
}

TEST_CASE(
    "a log of top goes on where it was, begins anew when rotated, and skips what comes too fast") {
    Log log;
    take_log(log, Struct{{"text", "one\ntw"}, {"offset", 6}, {"size", 6}});
    take_log(log, Struct{{"text", "o\nthr\x1b[31mee\n"}, {"offset", 18}, {"size", 18}});
    CHECK(std::vector<std::string>(log.lines.begin(), log.lines.end()) ==
          std::vector<std::string>{"one", "two", "three"});
    take_log(log, Struct{{"text", "x"}, {"offset", 3}, {"size", 3}});
    CHECK(log.offset == -1);
    CHECK(log.lines.size() == 3);
    log.offset = 20;
    take_log(log, Struct{{"text", "last\n"}, {"offset", 25}, {"size", 10'000'000}});
    CHECK(log.offset == 10'000'000 - std::int64_t(log_piece_bytes));
    CHECK(log.skipped > 9'000'000);
    for (int i = 0; i < 6000; ++i)
        take_log(log, Struct{{"text", "line\n"}, {"offset", 20'000'000}, {"size", 20'000'000}});
    CHECK(log.lines.size() == log_lines);
}

TEST_CASE("colours that a program writes into its log are left out, as XML brings them too") {
    Log log;
    take_log(log, Struct{{"text", "\x1b[1;31mred\x1b[0m \xEF\xBF\xBD[32mgreen\xEF\xBF\xBD[0m\n"},
                         {"offset", 9},
                         {"size", 9}});
    CHECK(log.lines.front() == "red green");
}

TEST_CASE("a log is read from its end; scrolling up stops following") {
    Reader reader;
    for (int i = 1; i <= 100; ++i) reader.snapshot.log.lines.push_back("line " + std::to_string(i));
    reader.snapshot.log.offset = 1;
    reader.press('9');
    CHECK(reader.see().find("line 100\n") != std::string::npos);
    reader.press({Kind::page_up, 0});
    CHECK(reader.see().find("line 100\n") == std::string::npos);
    CHECK(reader.see().find("(20 below)") != std::string::npos);
    reader.press('G');
    CHECK(reader.see().find("(follows)") != std::string::npos);
    reader.press('g');
    CHECK(reader.see().find("line 1\n") != std::string::npos);
}

TEST_CASE("a daemon that is lost is told with since when, and what was known stays") {
    Snapshot snapshot = house();
    lose(snapshot, "connection refused", 12.7);
    std::string const text = picture({.view = View::programs}, snapshot);
    CHECK(
        text.starts_with(" lares supervisor  not reachable since 12s, trying: connection refused"));
    CHECK(text.find("web") != std::string::npos);
    CHECK(snapshot.is_new);  // who one is, and all else, is asked again
}

TEST_CASE("numbers of top are short") {
    CHECK(short_bytes(0) == "0B");
    CHECK(short_bytes(999) == "999B");
    CHECK(short_bytes(1023) == "1.0K");
    CHECK(short_bytes(1.5e9) == "1.4G");
    CHECK(short_percent(100) == "100");
    CHECK(short_span(59.9) == "59s");
    CHECK(short_span(3600) == "1h00m");
    CHECK(short_span(-5) == "0s");
}

}  // namespace
}  // namespace lares::cli
