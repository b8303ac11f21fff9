// os/lines_test.cc: lines of plain and compressed files.

#include "os/lines.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <fstream>
#include <vector>

#include "os/temporary_test.h"

namespace lares::os {
namespace {

std::vector<std::string> lines_of(std::string const& path) {
    std::vector<std::string> lines;
    auto const done = each_line(path, [&](std::string_view line) { lines.emplace_back(line); });
    if (!done) lines.push_back("error: " + done.error().what);
    return lines;
}

}  // namespace

TEST_CASE("lines of a plain file come one by one, an unfinished last one too, and empty ones") {
    testing::Temporary folder;
    std::ofstream(folder.path("log")) << "a\n\nb";
    CHECK(lines_of(folder.path("log")) == std::vector<std::string>{"a", "", "b"});
    std::ofstream(folder.path("empty")).flush();
    CHECK(lines_of(folder.path("empty")).empty());
}

TEST_CASE(
    "a compressed file is known by its content, one that is cut off is an error behind its lines") {
    testing::Temporary folder;
    std::string const path = folder.path("log.2");
    gzFile file = ::gzopen(path.c_str(), "wb");
    std::string text;
    for (int i = 0; i < 50'000; ++i) text += "line " + std::to_string(i) + "\n";
    ::gzwrite(file, text.data(), unsigned(text.size()));
    ::gzclose(file);
    auto lines = lines_of(path);
    REQUIRE(lines.size() == 50'000);
    CHECK(lines.back() == "line 49999");
    REQUIRE(::truncate(path.c_str(), 40'000) == 0);
    lines = lines_of(path);
    CHECK(lines.front() == "line 0");
    CHECK(lines.back().starts_with("error: read '"));
}

TEST_CASE("of an endless line the beginning is kept") {
    testing::Temporary folder;
    std::ofstream(folder.path("log")) << std::string(1 << 20, 'x') << "\nb\n";
    auto const lines = lines_of(folder.path("log"));
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].size() == 64 << 10);
    CHECK(lines[1] == "b");
}

TEST_CASE("a file that is not there is an error with its name") {
    auto const lines = lines_of("/no/such/log");
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("/no/such/log") != std::string::npos);
}

}  // namespace lares::os
