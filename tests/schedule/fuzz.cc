// tests/schedule/fuzz.cc: core/schedule.cc against the oracle, for as long as one likes.
//
// A round takes a zone (drawn, or of this machine) and one burst of clock changes in it, and
// compares some hundred expressions around that. Same seed, same rounds.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "core/schedule.h"
#include "draw.h"
#include "oracle.h"
#include "os/zones.h"
#include "text/cron.h"

namespace {

using namespace oracle;
using lares::schedule::Dst;
using lares::schedule::Due;
using lares::schedule::Zone;

constexpr std::int64_t a_day = 86'400;
constexpr char const* real_zones[] = {
    "Europe/Berlin",    "America/New_York",  "Australia/Lord_Howe", "Antarctica/Troll",
    "America/Santiago", "Asia/Beirut",       "Europe/Dublin",       "Africa/Casablanca",
    "Pacific/Apia",     "Asia/Pyongyang",    "Europe/Moscow",       "Asia/Tehran",
    "Antarctica/Casey", "Pacific/Kwajalein", "America/Caracas",     "America/Sao_Paulo",
    "Asia/Kathmandu",   "Africa/Juba",       "Asia/Gaza",           "Pacific/Norfolk",
    "America/Havana",   "Asia/Amman",        "Europe/Istanbul",     "America/Nuuk"};

struct Case {
    Wanted wanted;
    lares::text::Cron cron;
    Zone const& zone;
    std::int64_t after;
    Dst dst;
};

char const* name_of(Dst dst) {
    return dst == Dst::vixie ? "vixie" : dst == Dst::wall ? "wall" : "elapsed";
}

/// What the comparisons were about: agreeing on nothing proves nothing.
struct Seen {
    std::int64_t runs = 0, made_up = 0;
};

[[noreturn]] void differ(Case const& c, std::string const& words) {
    std::cerr << "schedule_fuzz: '" << c.wanted.text << "' in " << c.zone.name << ", "
              << name_of(c.dst) << ", after " << c.after << ": " << words
              << "\n  zone: " << c.zone.first_offset;
    for (auto const& change : c.zone.transitions)
        if (std::abs(change.at - c.after) < 20 * a_day)
            std::cerr << " " << change.at << "/" << change.offset;
    std::cerr << "\n";
    std::exit(1);
}

lares::text::Cron parse(Wanted const& wanted) {
    auto read = lares::text::parse_cron(wanted.text);
    if (!read) {
        std::cerr << "schedule_fuzz: '" << wanted.text << "' is refused: " << read.error().what
                  << "\n";
        std::exit(1);
    }
    return read->cron;
}

/// The next three, one after the other; beyond the span only that nothing comes within it.
void compare_next(Case const& c, Timeline const& timeline, Seen& seen) {
    std::int64_t after = c.after;
    for (Run const& run : timeline.runs(c.wanted, c.dst, c.after, 3)) {
        ++seen.runs;
        seen.made_up += run.made_up;
        auto const due = next_due(c.cron, c.zone, after, c.dst);
        Due const wanted{run.at, run.stands_for - 1, run.made_up};
        if (!due || *due != wanted)
            differ(c,
                   "expected " + std::to_string(run.at) + " for " + std::to_string(run.stands_for) +
                       ", found " +
                       (due ? std::to_string(due->at) + " for " + std::to_string(due->coalesced + 1)
                            : "none"));
        after = run.at;
    }
    if (!timeline.runs(c.wanted, c.dst, after, 1).empty()) return;
    auto const due = next_due(c.cron, c.zone, after, c.dst);
    if (due && due->at <= timeline.end())
        differ(c, "expected none, found " + std::to_string(due->at));
}

void compare_count(Case const& c, Timeline const& timeline) {
    auto const all = timeline.runs(c.wanted, c.dst, c.after, SIZE_MAX);
    auto const found = missed(c.cron, c.zone, c.after, timeline.end(), 5, c.dst);
    if (found.count != std::int64_t(all.size()))
        differ(c, "expected " + std::to_string(all.size()) + " in all, found " +
                      std::to_string(found.count));
    std::size_t const most = std::min<std::size_t>(5, all.size());
    if (found.newest.size() != most) differ(c, "the newest are missing");
    for (std::size_t i = 0; i < most; ++i)
        if (found.newest[i].at != all[all.size() - most + i].at) differ(c, "the newest are others");
}

/// Day by day in a zone without changes, over many years.
void compare_far(Random& random, std::tm const& local) {
    static Zone const utc;
    Wanted wanted = draw_expression(random, local, false);
    auto const from = std::int64_t(random() % 12'000'000'000);
    Case const c{wanted, parse(wanted), utc, from, Dst::vixie};
    auto const due = next_due(c.cron, utc, from, c.dst);
    // Any time of day fits, then; what remains to be found is the day.
    Wanted days = wanted;
    int const hour = wanted.hours.least(), minute = wanted.minutes.least();
    std::int64_t day = from / a_day + 1;
    for (int passed = 0; passed < 40 * 366; ++passed, ++day) {
        auto const time = std::time_t(day * a_day + hour * 3600 + minute * 60);
        std::tm parts{};
        gmtime_r(&time, &parts);
        if (!fits(days, parts)) continue;
        // The day `from` lies in is the other comparison's business.
        if (due && due->at < (from / a_day + 1) * a_day) return;
        if (!due || due->at != time) differ(c, "expected " + std::to_string(time));
        return;
    }
    if (due && due->at >= (from / a_day + 1) * a_day && due->at < day * a_day)
        differ(c, "expected none in 40 years");
}

struct Span {
    Zone const* zone;
    std::int64_t first, last;  // the clock changes of one burst
};

/// Bursts with no change in the days before, whole minutes only.
std::vector<Span> spans_of(Zone const& zone) {
    std::vector<Span> spans;
    auto const& changes = zone.transitions;
    std::int32_t before = zone.first_offset;
    for (std::size_t i = 0; i < changes.size();) {
        std::size_t end = i + 1;
        while (end < changes.size() && changes[end].at - changes[end - 1].at < 6 * a_day) ++end;
        bool whole = before % 60 == 0 && changes[i].at > 0;
        for (std::size_t k = i; k < end; ++k)
            whole &= changes[k].offset % 60 == 0 && changes[k].at % 60 == 0;
        if (whole && changes[end - 1].at - changes[i].at < 4 * a_day)
            spans.push_back({&zone, changes[i].at, changes[end - 1].at});
        before = changes[end - 1].offset;
        i = end;
    }
    return spans;
}

class Fuzz {
public:
    explicit Fuzz(std::uint64_t seed) : random_(seed), files_(lares::os::make_zones({})) {
        for (char const* name : real_zones)
            if (auto zone = files_->find(name)) real_.push_back(std::move(zone).take());
        if (real_.empty()) std::cerr << "schedule_fuzz: no zone files here, drawn zones only\n";
    }

    std::int64_t run(std::int64_t count) {
        std::int64_t done = 0;
        while (done < count) done += round();
        return done;
    }
    Seen const& seen() const { return seen_; }

private:
    std::int64_t round() {
        Zone drawn;
        Zone const* zone = &drawn;
        if (real_.empty() || below(random_, 2) == 0)
            drawn = draw_zone(random_);
        else
            zone = real_[std::size_t(below(random_, int(real_.size())))].get();
        auto const spans = spans_of(*zone);
        if (spans.empty()) return 0;
        // Most changes of a real zone are alike; the older half is the more interesting one.
        Span const& span =
            spans[std::size_t(below(random_, int(std::min<std::size_t>(spans.size(), 90))))];
        bool const seconds = below(random_, 20) == 0;
        return seconds ? seconds_around(span) : minutes_around(span);
    }

    std::int64_t minutes_around(Span const& span) {
        Timeline const timeline(*span.zone, span.first - 2 * a_day, span.last + 3 * a_day, 60);
        for (int i = 0; i < 300; ++i) compare(span, timeline, false, 12 * 3600, 36 * 3600);
        compare_far(random_, local_time(span, 0));
        return 301;
    }
    std::int64_t seconds_around(Span const& span) {
        Timeline const timeline(*span.zone, span.first - 7200, span.last + 4 * 3600, 1);
        for (int i = 0; i < 100; ++i) compare(span, timeline, true, 3600, 3 * 3600);
        return 100;
    }

    std::tm local_time(Span const& span, std::int64_t later) {
        std::int64_t const at = span.first + later;
        auto const local = std::time_t(at + lares::schedule::offset_at(*span.zone, at));
        std::tm parts{};
        gmtime_r(&local, &parts);
        return parts;
    }

    void compare(Span const& span, Timeline const& timeline, bool seconds, int ahead, int behind) {
        Wanted wanted =
            draw_expression(random_, local_time(span, below(random_, 10'800) - 5'400), seconds);
        // Half of them just before the change, where the next run is what it makes of it.
        bool const close = below(random_, 2) == 0;
        std::int64_t const from = span.first - (close ? std::min(ahead, 3 * 3600) : ahead);
        std::int64_t const width = close ? 4 * 3600 : span.last - from + behind;
        std::int64_t const after = from + std::int64_t(random_() % std::uint64_t(width));
        Dst const dst = below(random_, 3) != 0   ? Dst::vixie
                        : below(random_, 2) != 0 ? Dst::wall
                                                 : Dst::elapsed;
        lares::text::Cron const cron = parse(wanted);
        Case const c{std::move(wanted), cron, *span.zone, after, dst};
        compare_next(c, timeline, seen_);
        if (below(random_, 20) == 0) compare_count(c, timeline);
    }

    Seen seen_;
    Random random_;
    std::unique_ptr<lares::ports::Zones> files_;
    std::vector<std::shared_ptr<Zone const>> real_;
};

}  // namespace

int main(int argc, char** argv) {
    std::int64_t count = 1'000'000;
    std::uint64_t seed = 1;
    for (int i = 1; i < argc; ++i) {
        std::string const word = argv[i];
        if (word.starts_with("--count="))
            count = std::strtoll(word.c_str() + 8, nullptr, 10);
        else if (word.starts_with("--seed="))
            seed = std::strtoull(word.c_str() + 7, nullptr, 10);
        else {
            std::cerr << "usage: schedule_fuzz [--count=N] [--seed=N]\n";
            return 2;
        }
    }
    auto const begin = std::chrono::steady_clock::now();
    Fuzz fuzz(seed);
    std::int64_t const done = fuzz.run(count);
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begin;
    std::cout << "schedule_fuzz: " << done << " comparisons agree on " << fuzz.seen().runs
              << " runs, " << fuzz.seen().made_up << " of them made up; seed " << seed << ", "
              << took.count() << " s\n";
    return 0;
}
