// tests/schedule/oracle.cc: the loop itself, with cron.c's names where it has some.

#include "oracle.h"

#include <algorithm>

namespace oracle {

namespace {

using lares::schedule::Dst;
using lares::schedule::Zone;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    std::int64_t const q = a / b;
    return a % b < 0 ? q - 1 : q;
}

int days_in_month(std::tm const& local) {
    std::tm next{};
    next.tm_year = local.tm_year;
    next.tm_mon = local.tm_mon + 1;
    next.tm_mday = 0;  // the day before the first
    timegm(&next);
    return next.tm_mday;
}

int weekday_of_day(std::tm const& local, int day) {
    return ((local.tm_wday + day - local.tm_mday) % 7 + 7) % 7;
}

bool is_working_day(std::tm const& local, int day) {
    int const weekday = weekday_of_day(local, day);
    return weekday != 0 && weekday != 6;
}

/// Of the working days of the month the one that is nearest.
int nearest_working_day(std::tm const& local, int day) {
    int best = 0;
    for (int candidate = 1; candidate <= days_in_month(local); ++candidate)
        if (is_working_day(local, candidate) &&
            (best == 0 || std::abs(candidate - day) < std::abs(best - day)))
            best = candidate;
    return best;
}

bool day_fits(Wanted const& wanted, std::tm const& local) {
    if (wanted.days.contains(local.tm_mday)) return true;
    int const last = days_in_month(local);
    if (wanted.last_days.contains(last - local.tm_mday)) return true;
    for (int day : wanted.near_days) {
        int const meant = day == 0 ? last : day;
        if (meant > last) continue;
        if (day == 0) {
            int end = last;
            while (!is_working_day(local, end)) --end;
            if (end == local.tm_mday) return true;
        } else if (nearest_working_day(local, meant) == local.tm_mday) {
            return true;
        }
    }
    return false;
}

bool weekday_fits(Wanted const& wanted, std::tm const& local) {
    if (wanted.weekdays.contains(local.tm_wday)) return true;
    if (wanted.nth_weekdays.contains({local.tm_wday, (local.tm_mday + 6) / 7})) return true;
    return wanted.last_weekdays.contains(local.tm_wday) && local.tm_mday + 7 > days_in_month(local);
}

}  // namespace

int Numbers::least() const {
    int number = 0;
    while (!contains(number)) ++number;
    return number;
}

bool fits(Wanted const& wanted, std::tm const& local) {
    if (!wanted.minutes.contains(local.tm_min) || !wanted.hours.contains(local.tm_hour) ||
        !wanted.seconds.contains(local.tm_sec) || !wanted.months.contains(local.tm_mon + 1))
        return false;
    bool const day = day_fits(wanted, local), weekday = weekday_fits(wanted, local);
    return wanted.day_star || wanted.weekday_star ? day && weekday : day || weekday;
}

Timeline::Timeline(Zone const& zone, std::int64_t from, std::int64_t until, int unit)
    : end_(until), a_minute_(60 / unit) {
    from = floor_div(from, unit) * unit;
    std::int64_t lowest = INT64_MAX, greatest = INT64_MIN;
    std::int64_t offset = zone.first_offset;
    auto change = zone.transitions.begin();
    for (std::int64_t at = from; at <= until; at += unit) {
        for (; change != zone.transitions.end() && change->at <= at; ++change)
            offset = change->offset;
        std::int64_t const clock = floor_div(at + offset, unit);
        if (at == from) virtual_ = running_ = highest_ = clock;
        if (at != from && clock != running_) wake(at, clock);
        lowest = std::min(lowest, clock);
        greatest = std::max(greatest, clock);
    }
    // Below it: what a jump within the first minutes may look back at.
    first_ = lowest;
    for (std::int64_t local = lowest; local <= greatest; ++local) {
        auto const time = std::time_t(local * unit);
        gmtime_r(&time, &calendar_.emplace_back());
    }
}

/// cron.c, main(): "Calculate how the current time differs from our virtual clock."
void Timeline::wake(std::int64_t at, std::int64_t clock) {
    running_ = clock;
    std::int64_t const difference = running_ - virtual_;  // timeDiff
    std::int64_t const ahead = difference - 1;            // units that do not exist
    std::int64_t const behind = 1 - difference;           // units that come twice
    Waking waking{at, clock, highest_, clock, clock, 1, 0};
    highest_ = std::max(highest_, clock);
    if (ahead >= 180 * a_minute_ || behind >= 182 * a_minute_) {  // large
        virtual_ = running_;
        waking.fixed_from = waking.fixed_to = running_;
    } else if (ahead > 4 * a_minute_) {  // medium
        waking.fixed_from = virtual_ + 1;
        waking.fixed_to = virtual_ = running_;
    } else if (difference > 0) {  // small, and the most common case
        waking.wild_from = waking.fixed_from = virtual_ + 1;
        waking.fixed_to = virtual_ = running_;
    }  // negative: wildcard jobs only
    wakings_.push_back(waking);
}

Run Timeline::at_waking(Waking const& waking, Wanted const& wanted, Dst dst) const {
    std::int64_t from = waking.clock, to = waking.clock;
    if (dst == Dst::vixie) {
        from = wanted.wildcard ? waking.wild_from : waking.fixed_from;
        to = wanted.wildcard ? waking.wild_to : waking.fixed_to;
    } else if (dst == Dst::wall && waking.clock <= waking.highest) {
        return {waking.at, 0};
    }
    Run run{waking.at, 0};
    for (std::int64_t local = from; local <= to; ++local) {
        if (!fits(wanted, calendar_.at(std::size_t(local - first_)))) continue;
        ++run.stands_for;
        run.made_up |= local != waking.clock;
    }
    return run;
}

std::vector<Run> Timeline::runs(Wanted const& wanted, Dst dst, std::int64_t after,
                                std::size_t most) const {
    std::vector<Run> found;
    auto begin = std::ranges::upper_bound(wakings_, after, {}, &Waking::at);
    for (auto waking = begin; waking != wakings_.end() && found.size() < most; ++waking) {
        Run const run = at_waking(*waking, wanted, dst);
        if (run.stands_for > 0) found.push_back(run);
    }
    return found;
}

}  // namespace oracle
