// config/manual_test.cc: docs/manual/options.md is what the option rows print. LARES_BLESS=1
// rewrites it.

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "config/options.h"

using namespace lares::config;

namespace {

std::string page_path() {
    std::string here = __FILE__;
    return here.substr(0, here.rfind("src/config/")) + "docs/manual/options.md";
}

std::string whole_page() {
    std::string page =
        "# Options\n\n"
        "Printed from the rows that Lares reads (`lares explain OPTION` shows one). Durations are "
        "written `500ms`, `10s`, `5m`, `2h`, `1d`, or as a number of seconds; sizes `512KB`, "
        "`50MB`, `1GB`.\n";
    for (auto section :
         {Section::supervisord, Section::lares, Section::program, Section::eventlistener,
          Section::fcgi_program, Section::group, Section::socket, Section::task, Section::folder,
          Section::crontab, Section::incrontab, Section::channel, Section::budget, Section::include,
          Section::unix_http_server, Section::inet_http_server, Section::user,
          Section::supervisorctl, Section::rpcinterface})
        page +=
            "\n## [" + std::string(section_title(section)) + "]\n\n" + options_as_markdown(section);
    return page;
}

}  // namespace

TEST_CASE("docs/manual/options.md is what the option rows print") {
    char const* bless = std::getenv("LARES_BLESS");
    if (bless && std::string(bless) == "1") std::ofstream(page_path()) << whole_page();
    std::ifstream file(page_path());
    std::string page(std::istreambuf_iterator<char>(file), {});
    CHECK(page == whole_page());
}
