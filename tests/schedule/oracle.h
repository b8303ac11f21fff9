// tests/schedule/oracle.h: cronie's main loop on a virtual clock, waking by waking.
//
// Written from cronie's cron.c and crontab(5); shares no code with core/schedule.cc or
// text/cron.cc: an expression comes as sets that were drawn together with its text, calendar dates
// come from the C library. Slow, and so simple that it can be read against cron.c.

#pragma once

#include <bitset>
#include <cstdint>
#include <ctime>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/schedule.h"
#include "core/zone.h"

namespace oracle {

/// Numbers from 0 to 63.
struct Numbers {
    std::bitset<64> held;
    void insert(int number) { held.set(std::size_t(number)); }
    bool contains(int number) const { return number >= 0 && held.test(std::size_t(number)); }
    int least() const;
};

struct Wanted {
    std::string text;
    Numbers seconds{1}, minutes, hours, days, months, weekdays;
    bool has_seconds = false, day_star = false, weekday_star = false, wildcard = false;
    std::set<int> near_days;  // 0: LW
    Numbers last_days, last_weekdays;
    std::set<std::pair<int, int>> nth_weekdays;  // weekday, nth
};

/// Whether a broken-down local time fits.
bool fits(Wanted const&, std::tm const& local);

struct Run {
    std::int64_t at = 0;
    int stands_for = 1;
    bool made_up = false;
};

/// A span of a zone, cut into minutes (or seconds). No clock change may lie in the 60 h before it.
class Timeline {
public:
    Timeline(lares::schedule::Zone const&, std::int64_t from, std::int64_t until, int unit);

    /// Runs after `after` within the span, at most `most`.
    std::vector<Run> runs(Wanted const&, lares::schedule::Dst, std::int64_t after,
                          std::size_t most) const;
    std::int64_t end() const { return end_; }

private:
    struct Waking {
        std::int64_t at;
        std::int64_t clock, highest;        // local units; the greatest one before
        std::int64_t wild_from, wild_to;    // what cronie looks at then
        std::int64_t fixed_from, fixed_to;  // empty when from > to
    };
    void wake(std::int64_t at, std::int64_t clock);
    Run at_waking(Waking const&, Wanted const&, lares::schedule::Dst) const;

    std::vector<Waking> wakings_;
    std::vector<std::tm> calendar_;  // of local units from first_
    std::int64_t first_ = 0, end_ = 0;
    std::int64_t virtual_ = 0, running_ = 0, highest_ = 0;
    int a_minute_ = 1;  // units of it
};

}  // namespace oracle
