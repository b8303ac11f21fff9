// tests/schedule/cases_test.cc: cases on which other crons were run (spec/triggers.md §5).
//
// `next` is what cronie does on a virtual clock; null: must be refused; empty: never. The file lies
// outside the repository; without it the test is skipped with a word.

#include <doctest/doctest.h>

#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <string>

#include "core/schedule.h"
#include "os/zones.h"
#include "text/cron.h"

using namespace lares;

namespace {

/// "2026-01-01T00:07:30+01:00" as seconds since 1970.
std::int64_t instant(std::string const& text) {
    std::tm parts{};
    char const* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    REQUIRE(rest != nullptr);
    int const sign = *rest == '-' ? -1 : 1;
    int const offset = std::stoi(rest + 1) * 3600 + std::stoi(rest + 4) * 60;
    return timegm(&parts) - sign * offset;
}

std::int32_t offset_in(std::string const& text) {
    std::size_t const at = text.size() - 6;
    int const size = std::stoi(text.substr(at + 1)) * 3600 + std::stoi(text.substr(at + 4)) * 60;
    return text[at] == '-' ? -size : size;
}

void check_case(boost::json::object const& one, ports::Zones& zones) {
    auto word = [&](char const* key) { return std::string(one.at(key).as_string()); };
    INFO(word("id"), ": '", word("expr"), "' in ", word("tz"));
    auto const read = text::parse_cron(word("expr"));
    CHECK(read.ok() == !one.at("next").is_null());
    if (!read || one.at("next").is_null()) return;
    auto const zone = zones.find(word("tz"));
    REQUIRE(zone.ok());
    auto const& wanted = one.at("next").as_array();
    if (wanted.empty()) {
        CHECK_FALSE(schedule::next_due(read->cron, **zone, instant(word("from"))));
        CHECK(read->hints.front().starts_with("never fires"));
    }
    std::int64_t after = instant(word("from"));
    for (auto const& next : wanted) {
        std::string const text(next.as_string());
        auto const due = schedule::next_due(read->cron, **zone, after);
        REQUIRE(due);
        CHECK(due->at == instant(text));
        CHECK(schedule::offset_at(**zone, due->at) == offset_in(text));
        after = due->at;
    }
}

}  // namespace

TEST_CASE("Lares agrees with cronie on every case on which cronie is right") {
    std::ifstream file(LARES_CRON_CASES);
    if (!file) {
        MESSAGE("skipped: the collected cases are not here");
        return;
    }
    auto zones = os::make_zones({});
    int count = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.empty()) continue;
        check_case(boost::json::parse(line).as_object(), *zones);
        ++count;
    }
    CHECK(count > 30);
}
