// tests/schedule/draw.cc: draws text and meaning side by side; no reader of ours is involved.

#include "draw.h"

#include <algorithm>
#include <iterator>

namespace oracle {

namespace {

struct Field {
    std::string text;
    Numbers values;
};

constexpr char const* month_names[] = {"jan", "FEB", "Mar", "apr", "may", "jun",
                                       "jul", "aug", "sep", "OCT", "nov", "dec"};
constexpr char const* weekday_names[] = {"sun", "MON", "tue", "Wed", "thu", "fri", "SAT"};

struct Kind {
    int low, high;
    char const* const* names = nullptr;
};

std::string word(Random& random, Kind const& kind, int value) {
    if (kind.names != nullptr && below(random, 3) == 0 && value - kind.low < 12 &&
        !(kind.high == 7 && value == 7))
        return kind.names[value - kind.low];
    return (below(random, 8) == 0 && value < 10 ? "0" : "") + std::to_string(value);
}

/// One item of a list, values around `near` half of the time.
Field draw_item(Random& random, Kind const& kind, int near) {
    auto value = [&] {
        if (below(random, 2) == 0)
            return std::clamp(near + below(random, 5) - 2, kind.low, kind.high);
        return kind.low + below(random, kind.high - kind.low + 1);
    };
    Field item;
    int const what = below(random, 8);
    int from = value(), to = from, step = 1;
    if (what == 0) {
        from = kind.low;
        to = kind.high;
        item.text = "*";
    } else if (what < 4) {
        to = value();
        if (to < from) std::swap(from, to);
        // A name as the end of a range means 0 for Sunday; that is asked elsewhere.
        item.text = word(random, kind, from) + "-" + std::to_string(to);
    } else {
        item.text = word(random, kind, from);
    }
    if (what < 3 && below(random, 2) == 0) {
        step = 1 + below(random, 9);
        item.text += "/" + std::to_string(step);
    }
    for (int v = from; v <= to; v += step) item.values.insert(kind.high == 7 && v == 7 ? 0 : v);
    return item;
}

Field draw_field(Random& random, Kind const& kind, int near, int star_of_ten) {
    if (below(random, 10) < star_of_ten) {
        Field all{"*", {}};
        for (int v = kind.low; v <= kind.high; ++v) all.values.insert(kind.high == 7 ? v % 7 : v);
        return all;
    }
    Field field = draw_item(random, kind, near);
    for (int more = below(random, 3); more > 0; --more) {
        Field const item = draw_item(random, kind, near);
        field.text += "," + item.text;
        field.values.held |= item.values.held;
    }
    return field;
}

void draw_letters(Random& random, Wanted& wanted, Field& day, Field& weekday) {
    switch (below(random, 12)) {
    case 0:
        day = {"L", {}};
        wanted.last_days.insert(0);
        return;
    case 1: {
        int const before = 1 + below(random, 30);
        day = {"L-" + std::to_string(before), {}};
        wanted.last_days.insert(before);
        return;
    }
    case 2: {
        int const near = 1 + below(random, 31);
        day.text += "," + std::to_string(near) + "W";
        wanted.near_days = {near};
        return;
    }
    case 3:
        day = {"LW", {}};
        wanted.near_days = {0};
        return;
    case 4: {
        int const which = below(random, 7);
        weekday = {std::to_string(which) + "L", {}};
        wanted.last_weekdays.insert(which);
        return;
    }
    case 5: {
        int const which = below(random, 7), nth = 1 + below(random, 5);
        weekday = {std::string(weekday_names[which]) + "#" + std::to_string(nth), {}};
        wanted.nth_weekdays = {{which, nth}};
        return;
    }
    default:
        return;
    }
}

}  // namespace

Wanted draw_expression(Random& random, std::tm const& local, bool with_seconds) {
    Wanted wanted;
    Field const minute = draw_field(random, {0, 59}, local.tm_min, 1);
    Field const hour = draw_field(random, {0, 23}, local.tm_hour, 3);
    Field day = draw_field(random, {1, 31}, local.tm_mday, 6);
    Field const month = draw_field(random, {1, 12, month_names}, local.tm_mon + 1, 8);
    Field weekday = draw_field(random, {0, 7, weekday_names}, local.tm_wday, 6);
    if (below(random, 4) == 0) draw_letters(random, wanted, day, weekday);
    wanted.minutes = minute.values;
    wanted.hours = hour.values;
    wanted.days = day.values;
    wanted.months = month.values;
    wanted.weekdays = weekday.values;
    wanted.day_star = day.text[0] == '*';
    wanted.weekday_star = weekday.text[0] == '*';
    wanted.wildcard = minute.text[0] == '*' || hour.text[0] == '*';
    char const* const gap = below(random, 5) == 0 ? " \t " : " ";
    wanted.text =
        minute.text + gap + hour.text + gap + day.text + gap + month.text + gap + weekday.text;
    if (with_seconds) {
        Field const second = draw_field(random, {0, 59}, 0, 1);
        wanted.seconds = second.values;
        wanted.has_seconds = true;
        wanted.text = second.text + " " + wanted.text;
    }
    return wanted;
}

lares::schedule::Zone draw_zone(Random& random) {
    constexpr int steps[] = {60, 30, 60,  60,  120, 20,  3,   4,    5,
                             6,  45, 179, 180, 181, 182, 240, 1'440};
    lares::schedule::Zone zone;
    zone.name = "drawn";
    zone.first_offset = (below(random, 49) - 24) * 1800;
    std::int64_t at = std::int64_t(random() % 3'000'000'000) / 60 * 60;
    std::int32_t offset = zone.first_offset;
    for (int burst = 0; burst < 5; ++burst) {
        at += (5 + below(random, 120)) * 86'400;
        for (int change = below(random, 3) == 0 ? 1 + below(random, 4) : 1; change > 0; --change) {
            int step = steps[below(random, std::size(steps))] * 60;
            if (below(random, 2) == 0) step = -step;
            if (std::abs(offset + step) > 25 * 3600) step = -step;
            offset += step;
            zone.transitions.push_back({at, offset});
            at += (5 + below(random, 30 * 12)) * 60;
        }
    }
    return zone;
}

}  // namespace oracle
