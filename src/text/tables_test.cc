// text/tables_test.cc: the tables of others: crontab, incrontab, Procfile, units of systemd.

#include <doctest/doctest.h>

#include <random>

#include "text/crontab.h"
#include "text/incrontab.h"
#include "text/procfile.h"
#include "text/systemd_unit.h"

using namespace lares::text;
using Words = std::vector<std::string>;

namespace {

CrontabEntry only(std::string_view text, CrontabForm form = CrontabForm::user) {
    auto table = read_crontab(std::string(text) + "\n", form);
    for (auto const& found : table.found) INFO(found.what);
    REQUIRE(table.entries.size() == 1);
    return table.entries[0];
}

/// The variables that a line below `lines` has.
Variables variables(std::string_view lines) {
    auto table = read_crontab(std::string(lines) + "\n* * * * * x\n", CrontabForm::user);
    REQUIRE(table.entries.size() == 1);
    return table.entries[0].environment;
}

std::vector<std::string> errors(std::string_view text, CrontabForm form = CrontabForm::user) {
    std::vector<std::string> all;
    for (auto const& found : read_crontab(text, form).found)
        if (found.severity == Severity::error)
            all.push_back(std::to_string(found.place.line) + ": " + found.what);
    return all;
}

}  // namespace

TEST_CASE("a crontab line is five fields and a command, whatever the blanks") {
    auto entry = only(" \t5  0\t* *   1-5   run --all  'a  b' ");
    CHECK(entry.schedule == "5 0 * * 1-5");
    CHECK(entry.command == "run --all  'a  b'");
    CHECK(entry.place == Place{0, 1, 3});
    CHECK(entry.user.empty());
    CHECK(only("@daily x").schedule == "@daily");
    CHECK(only("-*/5 * * * * x").is_quiet);
    CHECK(only("- @hourly x").schedule == "@hourly");
}

TEST_CASE("in system tables the user stands before the command") {
    auto entry = only("17 * * * * root cd / && run", CrontabForm::system);
    CHECK(entry.user == "root");
    CHECK(entry.command == "cd / && run");
    CHECK(only("@reboot web x", CrontabForm::system).user == "web");
}

TEST_CASE("comments are whole lines; behind a command a '#' belongs to it") {
    auto table = read_crontab("# a\n\t# b\n\n* * * * * x # y\n", CrontabForm::user);
    REQUIRE(table.entries.size() == 1);
    CHECK(table.entries[0].command == "x # y");
    CHECK(table.found.empty());
}

TEST_CASE("percent signs are line ends, the first begins the input, with a backslash they stay") {
    auto check = [](std::string_view command, std::string_view left, std::string_view input) {
        CAPTURE(command);
        auto entry = only("* * * * * " + std::string(command));
        CHECK(entry.command == left);
        CHECK(entry.input == input);
    };
    check("mail -s \"It's 10pm\" joe%Joe,%%Where are your kids?%", "mail -s \"It's 10pm\" joe",
          "Joe,\n\nWhere are your kids?\n");
    check("date +\\%Y-\\%m", "date +%Y-%m", "");
    check("a\\b c\\\\", "a\\b c\\\\", "");
    check("a\\\\% b", "a\\\\", " b\n");
    check("cat%a\\%b\\n", "cat", "a%b\\n\n");
    check("cat%\\", "cat", "\\\n");
    check("cat%", "cat", "");
}

TEST_CASE("variables may stand in quotes and keep their blanks there") {
    CHECK(variables("A=b") == Variables{{"A", "b"}});
    CHECK(variables("  A  =  b c  ") == Variables{{"A", "b c"}});
    CHECK(variables("A = \" b \"") == Variables{{"A", " b "}});
    CHECK(variables("'A B' = 'it is'") == Variables{{"A B", "it is"}});
    CHECK(variables("A=") == Variables{{"A", ""}});
    CHECK(variables("A=\"\"") == Variables{{"A", ""}});
    CHECK(variables("A=$HOME/bin:\"x\"") == Variables{{"A", "$HOME/bin:\"x\""}});
    CHECK(variables("A=1\nA=2\nB=3") == Variables{{"A", "2"}, {"B", "3"}});
    CHECK(variables("LOGNAME=root").empty());
    CHECK(find_variable({{"A", "1"}}, "A") == "1");
    CHECK(find_variable({{"A", "1"}}, "B").empty());
}

TEST_CASE("a variable holds for the lines below it") {
    auto table = read_crontab(
        "* * * * * a\nSHELL=/bin/bash\n* * * * * b\nSHELL=/bin/zsh\n"
        "* * * * * c\n",
        CrontabForm::user);
    REQUIRE(table.entries.size() == 3);
    CHECK(table.entries[0].environment.empty());
    CHECK(find_variable(table.entries[1].environment, "SHELL") == "/bin/bash");
    CHECK(find_variable(table.entries[2].environment, "SHELL") == "/bin/zsh");
}

TEST_CASE("a line that cannot be read is told of with its place and keeps the others") {
    std::string text =
        "* * * * * a\n* * * *\nnonsense\n@daily\n* * * * * %x\n\xff * * * * b\n"
        "A=\"x\" y\n* * * * * c";
    auto table = read_crontab(text, CrontabForm::user);
    REQUIRE(table.entries.size() == 3);
    CHECK(table.entries[2].command == "c");
    CHECK(errors(text) ==
          Words{"2: a schedule of 4 fields and no command",
                "3: a schedule of 1 fields and no command", "4: no command behind the schedule",
                "5: no command in front of the '%'", "7: a schedule of 2 fields and no command"});
    CHECK(table.found.back().what.find("no line end") != std::string::npos);
    CHECK(errors("* * * * * root\n", CrontabForm::system) ==
          Words{"1: no command behind the user"});
    CHECK(errors("* * * * * caf\xe9\n") == Words{"1: bytes that are not UTF-8"});
}

TEST_CASE("carriage returns are left out, and told of once") {
    auto table = read_crontab("A=1\r\n* * * * * x\r\n", CrontabForm::user);
    CHECK(table.entries.at(0).command == "x");
    CHECK(table.entries.at(0).environment == Variables{{"A", "1"}});
    CHECK(table.found.size() == 1);
}

TEST_CASE("an incrontab line is path, mask and command") {
    auto table = read_incrontab(
        "# tables\n/in IN_CLOSE_WRITE,IN_MOVED_TO,recursive=false,loopable=true run $@/$#\n"
        "/a\\ b 136 x\n\n/c IN_ALL_EVENTS,dotdirs=true y  z\n");
    REQUIRE(table.entries.size() == 3);
    CHECK(table.found.empty());
    CHECK(table.entries[0] == IncrontabEntry{.place = {0, 2, 1},
                                             .path = "/in",
                                             .mask = 0x88,
                                             .is_recursive = false,
                                             .is_loopable = true,
                                             .command = "run $@/$#"});
    CHECK(table.entries[1].path == "/a b");
    CHECK(table.entries[1].mask == 0x88);
    CHECK(table.entries[2].mask == 0xfff);
    CHECK(table.entries[2].has_dot_folders);
    CHECK(print_mask(0x88) == "IN_CLOSE_WRITE,IN_MOVED_TO");
}

TEST_CASE("incrontab lines that cannot be read keep the others") {
    auto table = read_incrontab(
        "in IN_CREATE x\n/a IN_CREAT x\n/b IN_CREATE\n/c IN_CREATE x\n"
        "/c IN_CREATE y\n/d recursive=false x\n/e recursive=perhaps x\n");
    CHECK(table.entries.size() == 1);
    REQUIRE(table.found.size() == 6);
    CHECK(table.found[1].what == "unknown event 'IN_CREAT'; did you mean 'IN_CREATE'?");
    CHECK(table.found[3].what == "'/c' comes twice in this table");
}

TEST_CASE("incron's signs become words that names never split") {
    IncronNames names{"/in dir", "{{name}}", "IN_CLOSE_WRITE", "8"};
    CHECK(*incron_words("run $@/$# $% $& $$x a\\ b $z $", names) ==
          Words{"run", "/in dir/{{name}}", "IN_CLOSE_WRITE", "8", "$x", "a b", "$z", "$"});
    CHECK_FALSE(incron_words("  ", names).ok());
}

TEST_CASE("a Procfile is names and commands") {
    auto read = read_procfile(
        "# x\nweb: bundle exec: puma -p $PORT\n\nworker-2:run\nbad line\n"
        "a b: c\nempty:\nweb: other\n");
    REQUIRE(read.entries.size() == 2);
    CHECK(read.entries[0].name == "worker-2");
    CHECK(read.entries[1].command == "other");
    CHECK(read.found.size() == 4);
}

TEST_CASE("a unit file is sections of keys, with lines that go on and lists that begin anew") {
    auto unit = read_unit(
        "# c\n[Unit]\nDescription=x\n; c\n[Service]\nExecStart=/bin/a \\\n# c\n"
        "  --b\nEnvironment=A=1\nEnvironment=\nEnvironment=B=2 C=3\nnonsense\n");
    CHECK(unit.last("Service", "ExecStart") == "/bin/a --b");
    CHECK(unit.last("Timer", "ExecStart").empty());
    auto all = unit.all("Service", "Environment");
    REQUIRE(all.size() == 1);
    CHECK(all[0].value == "B=2 C=3");
    CHECK(all[0].place.line == 11);
    CHECK(unit.found.size() == 1);
}

TEST_CASE("calendar expressions of systemd become the cron line that means the same") {
    auto check = [](std::string_view calendar, std::string_view cron) {
        CAPTURE(calendar);
        auto line = cron_of_calendar(calendar);
        REQUIRE(line);
        CHECK(*line == cron);
    };
    check("daily", "0 0 * * *");
    check("weekly UTC", "TZ=UTC 0 0 * * 1");
    check("quarterly", "0 0 1 1,4,7,10 *");
    check("*-*-* 04:00:00", "0 4 * * *");
    check("*-*-* 6,18:30", "30 6,18 * * *");
    check("*:0/15", "0-59/15 * * * *");
    check("*:*:30", "30 * * * * *");
    check("Mon..Fri 06:30", "30 6 * * 1-5");
    check("Mon,Wed,Sat..Sun *-*-* 00:00", "0 0 * * 1,3,6-7");
    check("*-*-01 03:00", "0 3 1 * *");
    check("*-1,7-15", "0 0 15 1,7 *");
    check("12-24 18:00 Europe/Berlin", "TZ=Europe/Berlin 0 18 24 12 *");
    check("*-*~01 23:59", "59 23 L * *");
    check("*-*-* 00/6:00", "0 0-23/6 * * *");
    check("Sunday", "0 0 * * 0");
    check("*-*-1..7/2 1:00", "0 1 1-7/2 * *");
}

TEST_CASE("what a cron line cannot say exactly is refused in words") {
    for (auto bad : {"2026-01-01", "Mon *-*-1..7", "", "x", "*-*-* 25:00", "*-13-01", "Mon..Xyz",
                     "*-*-* 1:2:3.5", "Fri..Mon", "*-*-* 1:5..2", "1:2:3:4", "*-*-*,1", "1 2 3"}) {
        CAPTURE(bad);
        CHECK_FALSE(cron_of_calendar(bad).ok());
    }
}

TEST_CASE("spans and words of systemd") {
    using namespace std::chrono_literals;
    CHECK(*parse_unit_span("1h 30min") == 90min);
    CHECK(*parse_unit_span("90") == 90s);
    CHECK(*parse_unit_span("2d500ms") == 48h + 500ms);
    for (auto bad : {"", "1y", "x", "1 2x", "99999999999999d"})
        CHECK_FALSE(parse_unit_span(bad).ok());
    CHECK(*split_unit_words("/bin/a 'b c' \"d\\\"e\" f\\s 100%% $$x") ==
          Words{"/bin/a", "b c", "d\"e", "f ", "100%", "$x"});
    for (auto bad : {"a %h", "a $X", "a ${X}", "a 'b", "a\\x20b"})
        CHECK_FALSE(split_unit_words(bad).ok());
}

TEST_CASE("any bytes are read by all of them") {
    std::mt19937 random(99);
    constexpr std::string_view letters = "* 0/-@=\\%$#:[]'\"\n\r\tabIN_,.~";
    for (int i = 0; i < 5'000; ++i) {
        std::string text(random() % 80, ' ');
        for (char& c : text) c = letters[random() % letters.size()];
        auto table = read_crontab(text, i % 2 ? CrontabForm::user : CrontabForm::system);
        for (auto const& entry : table.entries) CHECK_FALSE(entry.command.empty());
        read_incrontab(text);
        read_procfile(text);
        for (auto const& line : read_unit(text).lines) CHECK_FALSE(line.section.empty());
        (void)cron_of_calendar(text).ok();
        (void)split_unit_words(text).ok();
        (void)incron_words(text, {}).ok();
    }
}
