// core/schedule.cc: goes through a zone stretch by stretch, from one change of the clock to the
// next.
//
// Vixie cron keeps a "virtual time": the local minute up to which all jobs have run. When the clock
// goes forward, fixed-time jobs run for what lies between it and now; when it goes back, they wait
// until now is past it; a jump of 3 hours or more sets it anew (cronie, cron.c: main). Here virtual
// time is the greatest local second before a stretch began, and everything else follows from it.

#include "core/schedule.h"

#include <algorithm>

#include "core/cron_match.h"

namespace lares::schedule {

namespace {

using text::Cron;

// cronie compares whole minutes: it jumps when now is more than 180 minutes ahead of virtual time
// (then 180 minutes do not exist) or behind it (then more than 181 come twice), and catches up
// with every job when now is at most 5 ahead (then 4 do not exist).
constexpr std::int64_t large_gap = 180 * 60;
constexpr std::int64_t large_overlap = 181 * 60;
constexpr std::int64_t small_gap = 4 * 60;

constexpr std::int64_t far = std::int64_t(1) << 50;
/// Offsets differ by less than 52 hours (RFC 8536: -25:59:59 to 25:59:59); in a stretch longer than
/// this, local time gets beyond all that was before it.
constexpr std::int64_t settled = 4 * day_seconds;
constexpr std::int64_t apart = 3 * day_seconds;

constexpr std::int64_t earliest = -62'167'219'200;  // year 0
constexpr std::int64_t latest = 253'402'300'799;    // the end of 9999

/// What clock changes mean for one schedule.
struct Rules {
    std::int64_t made_up_below = 0;  // gaps shorter than this are made up
    bool silent = false;             // what comes twice runs once
    std::int64_t gap_limit = large_gap;
    std::int64_t overlap_limit = large_overlap;  // beyond either, virtual time is set anew
};

Rules rules_of(Cron const& cron, Dst dst) {
    switch (dst) {
    case Dst::vixie:
        if (cron.is_wildcard) return {.made_up_below = small_gap + 1};
        return {.made_up_below = large_gap, .silent = true};
    case Dst::wall:
        return {.silent = true, .overlap_limit = far};
    case Dst::elapsed:
        return {};
    }
    return {};
}

/// A span of one offset, and what virtual time was before it. All instants in seconds.
class Walk {
public:
    /// The stretch that `at` lies in.
    Walk(Zone const& zone, Rules const& rules, std::int64_t at) : zone_(zone), rules_(rules) {
        go_to(at);
    }

    void go_to(std::int64_t at) {
        std::size_t const wanted = stretch_at(zone_, at);
        std::size_t from = wanted == 0 ? 0 : wanted - 1;
        set(from);
        while (from > 0 && end_ - begin_ < settled) set(--from);
        before_ = first_local() - 1;
        while (index_ < wanted) advance();
    }

    bool advance() {
        if (index_ == zone_.transitions.size()) return false;
        before_ = std::max(before_, last_local());
        set(index_ + 1);
        if (gap() >= rules_.gap_limit || -gap() > rules_.overlap_limit) before_ = first_local() - 1;
        return true;
    }

    std::int64_t begin() const { return begin_; }
    std::int64_t end() const { return end_; }
    std::int64_t offset() const { return offset_; }
    std::int64_t first_local() const { return begin_ + offset_; }
    /// Local seconds left out at its beginning; negative: so many come a second time.
    std::int64_t gap() const { return first_local() - before_ - 1; }
    bool makes_up() const { return gap() > 0 && gap() < rules_.made_up_below; }
    /// The first local second that runs of its own.
    std::int64_t floor() const {
        return rules_.silent ? std::max(first_local(), before_ + 1) : first_local();
    }
    std::int64_t before() const { return before_; }

private:
    std::int64_t last_local() const { return end_ - 1 + offset_; }
    void set(std::size_t index) {
        auto const& changes = zone_.transitions;
        index_ = index;
        begin_ = index == 0 ? -far : changes[index - 1].at;
        end_ = index == changes.size() ? far : changes[index].at;
        offset_ = index == 0 ? zone_.first_offset : changes[index - 1].offset;
    }

    Zone const& zone_;
    Rules rules_;
    std::size_t index_ = 0;
    std::int64_t begin_ = 0, end_ = 0, offset_ = 0;
    std::int64_t before_ = 0;  // virtual time when the stretch began
};

/// The run at the beginning of a stretch that stands for what the gap before it swallowed.
std::optional<Due> made_up(Walk const& walk, Cron const& cron) {
    if (!walk.makes_up()) return std::nullopt;
    std::int64_t const lost = count_matches(cron, walk.before() + 1, walk.first_local());
    if (lost == 0) return std::nullopt;
    std::int64_t const own = count_matches(cron, walk.first_local(), walk.first_local() + 1);
    return Due{.at = walk.begin(), .coalesced = int(lost + own - 1), .made_up = true};
}

}  // namespace

std::optional<Due> next_due(Cron const& cron, Zone const& zone, std::int64_t after, Dst dst) {
    if (after >= latest) return std::nullopt;
    after = std::max(after, earliest);
    std::int64_t const horizon = after + (cycle_days + 4) * day_seconds;
    Walk walk(zone, rules_of(cron, dst), after + 1);
    while (walk.begin() <= horizon) {
        if (walk.begin() > after)
            if (std::optional<Due> due = made_up(walk, cron)) return due;
        std::int64_t const from = std::max(walk.floor(), after + 1 + walk.offset());
        std::optional<std::int64_t> const match = next_match(cron, from);
        if (!match) return std::nullopt;
        std::int64_t const end = walk.end() + walk.offset();
        if (*match < end) return Due{.at = *match - walk.offset()};
        // Nothing matches between `from` and the match: what lies well inside is passed over.
        if (end - from >= apart && *match - end > 2 * apart)
            walk.go_to(*match - walk.offset() - apart);
        else
            walk.advance();
    }
    return std::nullopt;
}

std::int64_t count_due(Cron const& cron, Zone const& zone, std::int64_t after, std::int64_t until,
                       Dst dst) {
    after = std::max(after, earliest);
    until = std::min(until, latest);
    if (until <= after) return 0;
    std::int64_t count = 0;
    Walk walk(zone, rules_of(cron, dst), after + 1);
    do {
        if (walk.begin() > until) break;
        std::int64_t const from = std::max(walk.floor(), after + 1 + walk.offset());
        count += count_matches(cron, from, std::min(walk.end(), until + 1) + walk.offset());
        if (walk.begin() <= after || !made_up(walk, cron)) continue;
        // A run of its own at the same second is that run.
        count += count_matches(cron, walk.first_local(), walk.first_local() + 1) == 0;
    } while (walk.advance());
    return count;
}

Missed missed(Cron const& cron, Zone const& zone, std::int64_t after, std::int64_t until,
              std::size_t most, Dst dst) {
    Missed result{.count = count_due(cron, zone, after, until, dst)};
    if (result.count == 0 || most == 0) return result;
    // The latest instant after which there are still as many as wanted.
    auto const wanted = std::int64_t(std::min<std::uint64_t>(most, std::uint64_t(result.count)));
    std::int64_t low = std::max(after, earliest), high = std::min(until, latest);
    while (high - low > 1) {
        std::int64_t const middle = low + (high - low) / 2;
        (count_due(cron, zone, middle, until, dst) >= wanted ? low : high) = middle;
    }
    for (std::int64_t at = low; result.newest.size() < std::size_t(wanted);) {
        std::optional<Due> const due = next_due(cron, zone, at, dst);
        if (!due || due->at > until) break;
        result.newest.push_back(*due);
        at = due->at;
    }
    return result;
}

Duration stable_jitter(Duration jitter, std::string_view words) {
    if (jitter <= Duration::zero()) return Duration::zero();
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (char c : words) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return Duration(std::int64_t(hash % std::uint64_t(jitter.count())));
}

}  // namespace lares::schedule
