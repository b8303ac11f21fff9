// core/cron_match_test.cc: next match and count agree with trying every second or minute.

#include "core/cron_match.h"

#include <doctest/doctest.h>

#include <ctime>
#include <random>

using namespace lares;
using namespace lares::schedule;

namespace {

text::Cron cron(std::string const& expression) {
    auto read = text::parse_cron(expression);
    REQUIRE(read.ok());
    return read->cron;
}

std::int64_t at(char const* words) {
    std::tm parts{};
    REQUIRE(strptime(words, "%Y-%m-%d %H:%M:%S", &parts) != nullptr);
    return timegm(&parts);
}

bool matches(text::Cron const& c, std::int64_t local) {
    auto time = std::time_t(local);
    std::tm parts{};
    gmtime_r(&time, &parts);
    bool const day = c.days >> parts.tm_mday & 1, weekday = c.weekdays >> parts.tm_wday & 1;
    bool const both = c.day_star || c.weekday_star;
    return (c.seconds >> parts.tm_sec & 1) && (c.minutes >> parts.tm_min & 1) &&
           (c.hours >> parts.tm_hour & 1) && (c.months >> (parts.tm_mon + 1) & 1) &&
           (both ? day && weekday : day || weekday);
}

}  // namespace

TEST_CASE("the next match is at or after the instant asked for") {
    CHECK(next_match(cron("30 6 * * *"), at("2026-01-01 06:30:00")) == at("2026-01-01 06:30:00"));
    CHECK(next_match(cron("30 6 * * *"), at("2026-01-01 06:30:01")) == at("2026-01-02 06:30:00"));
    CHECK(next_match(cron("0 0 1 1 *"), at("2026-01-01 00:00:01")) == at("2027-01-01 00:00:00"));
    CHECK(next_match(cron("59 59 23 31 12 *"), at("1969-12-31 23:59:58")) ==
          at("1969-12-31 23:59:59"));
}

TEST_CASE("leap days are found over the gap around 2100") {
    CHECK(next_match(cron("0 0 29 2 *"), at("2096-03-01 00:00:00")) == at("2104-02-29 00:00:00"));
    CHECK(next_match(cron("0 0 29 2 */7"), at("2088-03-01 00:00:00")) == at("2128-02-29 00:00:00"));
}

TEST_CASE("what never matches is known to be so, and what matches once in 40 years is found") {
    CHECK_FALSE(next_match(cron("0 0 30 2 *"), 0));
    CHECK_FALSE(next_match(cron("@reboot"), 0));
    CHECK_FALSE(next_match(text::Cron{}, 0));
    CHECK(count_matches(cron("0 0 30 2 *"), 0, at("2400-01-01 00:00:00")) == 0);
}

TEST_CASE("matches and counts agree with trying every second") {
    std::mt19937 random(11);
    char const* expressions[] = {"*/7 * * * * *",  "* * * * *",        "13,57 3-5 * * 1-5",
                                 "0 0 1,31 */2 *", "5 */20 23 13 * 5", "59 59 23 * 2 *",
                                 "0 12 */2 * 0,3", "30 2 29-31 1-4 *"};
    for (char const* expression : expressions) {
        text::Cron const c = cron(expression);
        for (int round = 0; round < 6; ++round) {
            std::int64_t const from = std::int64_t(random() % 4'000'000'000) - 1'000'000'000;
            std::int64_t const to = from + std::int64_t(random() % (4 * day_seconds));
            std::int64_t first = 0, count = 0;
            for (std::int64_t second = from; second < to; ++second) {
                if (!matches(c, second)) continue;
                if (count++ == 0) first = second;
            }
            INFO(expression, " from ", from, " to ", to);
            CHECK(count_matches(c, from, to) == count);
            auto const next = next_match(c, from);
            REQUIRE(next);
            if (count > 0) CHECK(*next == first);
            if (count == 0) CHECK(*next >= to);
        }
    }
}
