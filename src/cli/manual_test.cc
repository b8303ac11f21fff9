// cli/manual_test.cc: docs/manual/commands.md is what the command rows print. LARES_BLESS=1
// rewrites it.

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "cli/help.h"
#include "cli/rows.h"

using namespace lares::cli;

namespace {

std::string page_path() {
    std::string here = __FILE__;
    return here.substr(0, here.rfind("src/cli/")) + "docs/manual/commands.md";
}

std::string whole_page() {
    std::string page =
        "# Commands\n\nPrinted from the rows that the parser reads; `lares help COMMAND` shows "
        "one.\n\n```\n" +
        help_text() + "```\n";
    for (auto const& row : command_rows())
        page += "\n## lares " + std::string(row.name) + "\n\n```\n" + help_text(row) + "```\n";
    return page;
}

}  // namespace

TEST_CASE("docs/manual/commands.md is what the command rows print") {
    char const* bless = std::getenv("LARES_BLESS");
    if (bless && std::string(bless) == "1") std::ofstream(page_path()) << whole_page();
    std::ifstream file(page_path());
    std::string page(std::istreambuf_iterator<char>(file), {});
    CHECK(page == whole_page());
}
