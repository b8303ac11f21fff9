// core/states_doc_test.cc: docs/states.md says what the machine does. LARES_BLESS=1 rewrites it.

#include "core/states_doc.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "core/supervise.h"

using namespace lares::supervise;

namespace {

/// Beside this file's own folder, so that no build system has to say where the sources are.
std::string page_path() {
    std::string here = __FILE__;
    return here.substr(0, here.rfind("src/core/")) + "docs/states.md";
}

}  // namespace

TEST_CASE("docs/states.md is what the table of edges prints") {
    char const* bless = std::getenv("LARES_BLESS");
    if (bless && std::string(bless) == "1") std::ofstream(page_path()) << edges_as_markdown();
    std::ifstream file(page_path());
    std::string page(std::istreambuf_iterator<char>(file), {});
    CHECK(page == edges_as_markdown());
}

TEST_CASE("no edge is in the table twice, and none leads to itself") {
    for (Edge const& a : edges()) {
        CHECK(a.from != a.to);
        for (Edge const& b : edges()) CHECK((&a == &b || a.from != b.from || a.to != b.to));
    }
}
