// config/work_calendar_test.cc: closed hours around midnight and weeks, days of calendars.

#include "config/work_calendar.h"

#include <doctest/doctest.h>

using namespace lares::config;

namespace {

constexpr std::int64_t hour = 3600, day = 24 * hour;
constexpr std::int64_t thursday = 0;  // 1970-01-01

std::vector<ClosedHours> nights(std::uint8_t weekdays = 0x7f) {
    return {{.from_minute = 22 * 60, .to_minute = 6 * 60, .weekdays = weekdays}};
}

}  // namespace

TEST_CASE("closed hours over midnight hold until the morning, from both sides of it") {
    CHECK(look_at_hours(nights(), thursday + 22 * hour).closed_for == 8 * hour);
    CHECK(look_at_hours(nights(), thursday + day).closed_for == 6 * hour);
    CHECK(look_at_hours(nights(), thursday + day + 6 * hour - 1).closed_for == 1);
    CHECK_FALSE(look_at_hours(nights(), thursday + 6 * hour).closed_for);
    CHECK_FALSE(look_at_hours(nights(), thursday + 22 * hour - 1).closed_for);
}

TEST_CASE("they belong to the day on which they begin, also before 1970") {
    auto const fridays = nights(1 << 5);
    CHECK_FALSE(look_at_hours(fridays, thursday + 23 * hour).closed_for);
    CHECK_FALSE(look_at_hours(fridays, thursday + day).closed_for);
    CHECK(look_at_hours(fridays, thursday + day + 23 * hour).closed_for == 7 * hour);
    CHECK(look_at_hours(fridays, thursday + 2 * day + hour).closed_for == 5 * hour);
    CHECK_FALSE(look_at_hours(fridays, thursday + 3 * day + hour).closed_for);
    CHECK(look_at_hours(fridays, thursday - 5 * day + hour).closed_for == 5 * hour);
}

TEST_CASE("the next begin is looked for over a whole week") {
    auto const fridays = nights(1 << 5);
    CHECK(look_at_hours(fridays, thursday).next_begin == day + 22 * hour);
    CHECK(look_at_hours(fridays, thursday + day + 22 * hour).next_begin == 7 * day);
    CHECK(look_at_hours({}, thursday).next_begin == 7 * day);
}

TEST_CASE("of several that hold the longest counts") {
    auto hours = nights();
    hours.push_back({.from_minute = 23 * 60, .to_minute = 12 * 60});
    CHECK(look_at_hours(hours, thursday + 23 * hour).closed_for == 13 * hour);
    CHECK(look_at_hours(hours, thursday + 22 * hour).closed_for == 8 * hour);
}

TEST_CASE("a calendar lets in only its days, or all but its days") {
    Calendar calendar{.how = Calendar::How::only, .file = "", .days = {-1, 3}};
    CHECK_FALSE(leaves_out(calendar, local_day(-1)));
    CHECK(leaves_out(calendar, local_day(0)));
    CHECK_FALSE(leaves_out(calendar, local_day(4 * day - 1)));
    calendar.how = Calendar::How::except;
    CHECK(leaves_out(calendar, 3));
    CHECK_FALSE(leaves_out(calendar, 4));
    calendar.how = Calendar::How::none;
    CHECK_FALSE(leaves_out(calendar, 3));
}

TEST_CASE("of missed due times none, one or the newest so many are made up for") {
    using What = Catchup::What;
    CHECK(made_up({.what = What::none}, 7) == 0);
    CHECK(made_up({.what = What::latest}, 7) == 1);
    CHECK(made_up({.what = What::latest}, 0) == 0);
    CHECK(made_up({.what = What::all, .most = 5}, 7) == 5);
    CHECK(made_up({.what = What::all, .most = 5}, 3) == 3);
    CHECK(made_up({.what = What::all, .most = -1}, 3) == 0);
}
