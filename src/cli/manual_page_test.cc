// cli/manual_page_test.cc: pages for man(1) and completion for zsh and fish hold every row.

#include "cli/manual.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "cli/help.h"
#include "cli/scripted_test.h"

using namespace lares;
using namespace lares::cli;

TEST_CASE("every name has a page, and no line of it is an unknown request") {
    for (std::string_view const name : manual_names()) {
        Result<std::string> const page = manual_page(name, "1.2.3");
        REQUIRE(page);
        CHECK(page->starts_with(".TH "));
        std::size_t at = 0;
        while (at < page->size()) {
            std::size_t const end = std::min(page->find('\n', at), page->size());
            std::string_view const line = std::string_view(*page).substr(at, end - at);
            at = end + 1;
            CHECK_FALSE(line.starts_with("'"));
            if (!line.starts_with('.')) continue;
            std::string_view const request = line.substr(1, line.find(' ') - 1);
            std::vector<std::string_view> const known = {"TH", "SH", "SS", "TP",
                                                         "B",  "BR", "nf", "fi"};
            CHECK_MESSAGE(std::ranges::count(known, request) == 1, line);
        }
    }
    CHECK_FALSE(manual_page("nope", ""));
}

TEST_CASE("the page of lares holds every command") {
    std::string const page = *manual_page("lares", "");
    for (CommandRow const& row : command_rows()) {
        std::string name(row.name);
        if (auto const dash = name.find('-'); dash != name.npos) name.insert(dash, "\\");
        CHECK_MESSAGE(page.find(".SS " + name + " ") != std::string::npos, name);
    }
}

TEST_CASE("zsh and fish know every command") {
    std::string const zsh = zsh_completion(), fish = fish_completion();
    for (CommandRow const& row : command_rows()) {
        CHECK(zsh.find("\n    " + std::string(row.name) + ")\n") != std::string::npos);
        CHECK(fish.find(" -a " + std::string(row.name) + " -d ") != std::string::npos);
    }
}

TEST_CASE("a page and a completion are printed by their commands") {
    Machine m;
    CHECK(m.run({"manual", "supervisorctl"}) == 0);
    CHECK(m.out.starts_with(".TH SUPERVISORCTL 1"));
    CHECK(m.run({"manual", "nope"}) == 2);
    CHECK(m.run({"completion", "zsh"}) == 0);
    CHECK(m.out == zsh_completion());
    CHECK(m.run({"completion", "fish"}) == 0);
    CHECK(m.out == fish_completion());
    CHECK(m.run({"completion", "csh"}) == 2);
}
