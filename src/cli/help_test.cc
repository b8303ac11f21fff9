// cli/help_test.cc: help and completion say what the rows hold.

#include "cli/help.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "cli/scripted_test.h"

namespace lares::cli {
namespace {

std::vector<std::string> lines_of(std::string const& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

TEST_CASE("every command and option has a help that is no sentence") {
    for (CommandRow const& row : command_rows()) {
        CHECK_FALSE(row.help.empty());
        CHECK_FALSE(row.help.ends_with('.'));
        if (row.fewest > 0) CHECK_FALSE(row.lacking.empty());
        for (OptionRow const& option : row.options) CHECK_FALSE(option.help.empty());
    }
    for (OptionRow const& option : common_options()) CHECK_FALSE(option.help.empty());
}

TEST_CASE("no command has two options of one name") {
    for (CommandRow const& row : command_rows()) {
        std::set<std::string> names;
        for (OptionRow const& option : row.options)
            for (std::string const& name : names_of(option)) CHECK(names.insert(name).second);
    }
}

TEST_CASE("the list of commands is aligned and fits into 100 columns") {
    std::vector<std::string> const lines = lines_of(help_text());
    for (std::string const& line : lines) CHECK_MESSAGE(line.size() <= 100, line);
    for (CommandRow const& row : command_rows()) {
        std::string const start = "  lares " + std::string(row.name) + " ";
        CHECK_MESSAGE(std::ranges::any_of(
                          lines, [&](std::string const& line) { return line.starts_with(start); }),
                      start);
    }
    CHECK(help_text().ends_with("More: lares help COMMAND\n"));
}

TEST_CASE("help of a command shows its options and fits into 100 columns") {
    for (CommandRow const& row : command_rows())
        for (std::string const& line : lines_of(help_text(row)))
            CHECK_MESSAGE(line.size() <= 100, line);
    std::string const text = help_text(row_of(Command::restart));
    CHECK(text.starts_with("lares restart NAME...\n\n    stop and start again"));
    CHECK(text.find("\n  --rolling  one by one") != std::string::npos);
}

TEST_CASE("old spellings of an option are accepted but not shown") {
    std::string const text = help_text(row_of(Command::up));
    CHECK(text.find("  -y, --logfile-maxbytes SIZE  ") != std::string::npos);
    CHECK(text.find("logfile_maxbytes") == std::string::npos);
}

TEST_CASE("lares help, --help and help COMMAND go to standard output with status 0") {
    Machine machine;
    CHECK(machine.run({"help"}) == 0);
    CHECK(machine.out == help_text());
    CHECK(machine.run({"--help"}) == 0);
    CHECK(machine.out == help_text());
    CHECK(machine.run({"help", "tail"}) == 0);
    CHECK(machine.out == help_text(row_of(Command::tail)));
    CHECK(machine.run({"tail", "--help"}) == 0);
    CHECK(machine.out == help_text(row_of(Command::tail)));
    CHECK(machine.run({"help", "nope"}) == 2);
    CHECK(machine.err == "lares: no command is called 'nope'; 'lares help' lists them all\n");
}

TEST_CASE("lares alone is wrong usage and shows the help on standard error") {
    Machine machine;
    CHECK(machine.run({}) == 2);
    CHECK(machine.err == help_text());
    CHECK(machine.out.empty());
}

TEST_CASE("the completion names every command and its options") {
    std::string const text = bash_completion();
    for (CommandRow const& row : command_rows())
        CHECK(text.find("\n        " + std::string(row.name) + ") ") != std::string::npos);
    CHECK(text.find("        restart) words=\"--no-wait --rolling --config ") != std::string::npos);
    CHECK(text.find(" --config \"; files=yes ;;") == std::string::npos);
    CHECK(text.find("--help \"; files=yes ;;") != std::string::npos);  // check FILE
    CHECK(text.find("complete -F _lares lares\n") != std::string::npos);
}

TEST_CASE("completion gives names, groups and 'all', and is silent when nobody answers") {
    Machine machine;
    machine.daemon.answer("lares.status",
                          status_value({{"db", "db"}, {"web", "web_0"}, {"web", "web_1"}}));
    CHECK(machine.run({"completion", "names"}) == 0);
    CHECK(machine.out == "all\ndb\nweb:web_0\nweb:*\nweb:web_1\n");
    machine.daemon.trouble = [] { return std::optional(Error{Error::Kind::unavailable, "x"}); };
    CHECK(machine.run({"completion", "names"}) == 0);
    CHECK(machine.out == "all\n");
    CHECK(machine.err.empty());
    CHECK(machine.run({"completion", "csh"}) == 2);
}

}  // namespace
}  // namespace lares::cli
