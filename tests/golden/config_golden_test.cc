// tests/golden/config_golden_test.cc: what `lares check` says of each folder's supervisord.conf.
//
// A case is a folder below golden/config/ with supervisord.conf, what it includes, and `expected`:
// the text of the check, and the line the daemon prints for the first error as supervisord would.
// The files are shown to the reader as lying in /case, so that `expected` is the same on every
// machine. With LARES_BLESS=1 in the environment `expected` is written instead of compared.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "config/check.h"
#include "config/memory_world.h"

using namespace lares;
using namespace lares::config;

namespace {

std::string read_all(std::filesystem::path const& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

MemoryFiles files_of(std::filesystem::path const& folder) {
    MemoryFiles files;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file() || entry.path().filename() == "expected") continue;
        auto name = std::filesystem::relative(entry.path(), folder).generic_string();
        files["/case/" + name] = read_all(entry.path());
    }
    return files;
}

std::string outcome_of(std::filesystem::path const& folder) {
    World world = memory_world(files_of(folder));
    auto loaded = load(world, "/case/supervisord.conf");
    std::string out = check_text(loaded, world);
    for (auto const& note : loaded.notes) out += "note: " + note + "\n";
    if (!loaded.settings) out += "daemon: Error: " + classic_error(loaded) + "\n";
    return out;
}

std::vector<std::filesystem::path> all_cases() {
    std::vector<std::filesystem::path> cases;
    for (auto const& entry : std::filesystem::directory_iterator(LARES_GOLDEN_CONFIG))
        if (entry.is_directory()) cases.push_back(entry.path());
    std::ranges::sort(cases);
    return cases;
}

}  // namespace

TEST_CASE("every folder of golden/config is checked as its 'expected' says") {
    bool bless = std::getenv("LARES_BLESS") != nullptr;
    auto cases = all_cases();
    REQUIRE(cases.size() > 60);
    for (auto const& folder : cases) {
        CAPTURE(folder.filename().string());
        std::string outcome = outcome_of(folder);
        auto expected = folder / "expected";
        if (bless) std::ofstream(expected, std::ios::binary) << outcome;
        CHECK(outcome == read_all(expected));
    }
}
