// config/kinds_work.h: the kinds of values that only tasks, folders and [lares] of work have.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/kinds.h"
#include "config/report.h"
#include "config/work_values.h"

namespace lares::config {

/// A number that is not an int where it is kept.
struct Count {
    static constexpr KindWords words{"a whole number", Unit::count};
    template <class Slot>
    static Result<> read(Reading const& reading, std::string_view text, Slot& slot) {
        long long written = TRY(text::parse_integer(text));
        slot = static_cast<Slot>(TRY(reading.bounded(written)));
        return {};
    }
};

/// A size with bounds.
struct Bytes {
    static constexpr KindWords words{"a size such as 1024, 50MB or 1GB", Unit::bytes};
    static Result<> read(Reading const& reading, std::string_view text, std::int64_t& slot) {
        std::int64_t written = TRY(text::parse_size(text));
        slot = TRY(reading.bounded(written));
        return {};
    }
};

struct ProtocolName {
    static constexpr KindWords words{"exec or lines"};
    static Result<> read(Reading const&, std::string_view text, Protocol& slot) {
        slot = TRY(choose<Protocol>(text, {{"exec", Protocol::exec}, {"lines", Protocol::lines}}));
        return {};
    }
};

struct Backoff {
    static constexpr KindWords words{"a duration, or two such as 30s..1h", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, queue::Retry& slot) {
        std::tie(slot.backoff_min, slot.backoff_max) = TRY(parse_backoff(text));
        return {};
    }
};

struct RateOf {
    static constexpr KindWords words{"how many in which time, such as 10/min", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, queue::Rate& slot) {
        slot = TRY(parse_rate(text));
        return {};
    }
};

struct OverlapMode {
    static constexpr KindWords words{"skip, queue, replace or parallel N", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, queue::Rules& slot) {
        std::tie(slot.overlap, slot.parallel) = TRY(parse_overlap(text));
        return {};
    }
};

struct WhenFullMode {
    static constexpr KindWords words{"refuse or wait"};
    static Result<> read(Reading const&, std::string_view text, queue::WhenFull& slot) {
        slot = TRY(choose<queue::WhenFull>(
            text, {{"refuse", queue::WhenFull::refuse}, {"wait", queue::WhenFull::wait}}));
        return {};
    }
};

struct Resources {
    static constexpr KindWords words{"names and counts such as db:1, gpu:2", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, std::map<std::string, int>& slot) {
        slot = TRY(parse_resources(text));
        return {};
    }
};

struct PayloadKeys {
    static constexpr KindWords words{"keys between commas, such as file, copies=1", Unit::none,
                                     true};
    static Result<> read(Reading const&, std::string_view text, Task& slot) {
        std::tie(slot.payload_keys, slot.payload_defaults) = TRY(parse_payload(text));
        return {};
    }
};

/// What a value says line by line, each by a function of work_values.h.
template <class Item>
Result<> read_lines(std::string_view text, std::vector<Item>& slot,
                    Result<Item> (*parse)(std::string_view)) {
    slot.clear();
    auto lines = split_lines(text);
    for (auto const& line : lines) {
        auto item = parse(line);
        if (!item && lines.size() > 1) return std::move(item).error().during(shown(line));
        if (!item) return std::move(item).error();
        slot.push_back(std::move(item).take());
    }
    return {};
}

struct Closed {
    static constexpr KindWords words{"hours and days such as 22:00-06:00 Mon-Fri, by commas",
                                     Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, std::vector<ClosedHours>& slot) {
        slot = TRY(parse_closed_hours(text));
        return {};
    }
};

/// Only taken apart here: what H stands for needs the name of the task.
struct Schedules {
    static constexpr KindWords words{"cron expressions, one a line", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, std::vector<ScheduleTrigger>& slot);
};

struct Every {
    static constexpr KindWords words{"a duration, then nothing, from start or from end", Unit::none,
                                     true};
    static Result<> read(Reading const&, std::string_view text, EveryTrigger& slot) {
        slot = TRY(parse_every(text));
        return {};
    }
};

struct AfterTasks {
    static constexpr KindWords words{"tasks such as a, b:any (all of them) or a | b, by lines",
                                     Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, std::vector<AfterTrigger>& slot) {
        return read_lines(text, slot, parse_after);
    }
};

struct OnEvents {
    static constexpr KindWords words{"an event and whose, one a line", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, std::vector<EventTrigger>& slot) {
        return read_lines(text, slot, parse_event_trigger);
    }
};

struct Expectations {
    static constexpr KindWords words{
        "by 06:00, every 1h, within 10min of file X or output, by lines", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, std::vector<Expect>& slot) {
        return read_lines(text, slot, parse_expect);
    }
};

/// Of programs: their output is what counts.
struct ProgramExpectations {
    static constexpr KindWords words{"output within 10min, every 1h or by 06:00, by lines",
                                     Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, std::vector<Expect>& slot) {
        return read_lines(text, slot, parse_program_expect);
    }
};

struct HookPath {
    static constexpr KindWords words{"a path such as /hook/build", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, std::string& slot);
};

struct Secret {
    static constexpr KindWords words{"a secret, file:/path, env:NAME or credential:NAME",
                                     Unit::none, true};
    static Result<> read(Reading const& reading, std::string_view text, std::string& slot) {
        slot = TRY(parse_secret(reading.world, text));
        return {};
    }
};

struct HookCheck {
    static constexpr KindWords words{"secret, github or hmac"};
    static Result<> read(Reading const&, std::string_view text, HookTrigger::Check& slot) {
        using Check = HookTrigger::Check;
        slot = TRY(choose<Check>(
            text, {{"secret", Check::secret}, {"github", Check::github}, {"hmac", Check::hmac}}));
        return {};
    }
};

struct ZoneName {
    static constexpr KindWords words{"a time zone such as Europe/Berlin", Unit::none, true};
    static Result<> read(Reading const& reading, std::string_view text, std::string& slot);
};

struct CalendarFile {
    static constexpr KindWords words{"only FILE or except FILE", Unit::none, true};
    static Result<> read(Reading const& reading, std::string_view text, Calendar& slot) {
        slot = TRY(parse_calendar_option(reading.world, text));
        return {};
    }
};

struct CatchupMode {
    static constexpr KindWords words{"none, latest, or all, max N, rate R", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, Catchup& slot) {
        slot = TRY(parse_catchup(text));
        return {};
    }
};

struct DstMode {
    static constexpr KindWords words{"vixie, wall or elapsed"};
    static Result<> read(Reading const&, std::string_view text, schedule::Dst& slot) {
        using schedule::Dst;
        slot = TRY(choose<Dst>(
            text, {{"vixie", Dst::vixie}, {"wall", Dst::wall}, {"elapsed", Dst::elapsed}}));
        return {};
    }
};

struct Escaped {
    static constexpr KindWords words{R"(a text; \n is a line end, quotes keep spaces at its ends)",
                                     Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, std::string& slot) {
        slot = TRY(parse_escaped(text));
        return {};
    }
};

struct AbsolutePath {
    static constexpr KindWords words{"an absolute path", Unit::none, true};
    static Result<> read(Reading const& reading, std::string_view text, std::string& slot);
};

// ---- folders

struct FolderUnit {
    static constexpr KindWords words{"file, folder or set"};
    static Result<> read(Reading const&, std::string_view text, Folder::Unit& slot) {
        using Kind = Folder::Unit;
        slot = TRY(choose<Kind>(
            text, {{"file", Kind::file}, {"folder", Kind::folder}, {"set", Kind::set}}));
        return {};
    }
};

struct FolderOrder {
    static constexpr KindWords words{"name, oldest, newest, arrival or size"};
    static Result<> read(Reading const&, std::string_view text, Folder::Order& slot) {
        using Order = Folder::Order;
        slot = TRY(choose<Order>(text, {{"name", Order::name},
                                        {"oldest", Order::oldest},
                                        {"newest", Order::newest},
                                        {"arrival", Order::arrival},
                                        {"size", Order::size}}));
        return {};
    }
};

struct FolderDuplicates {
    static constexpr KindWords words{"run, ignore or ask"};
    static Result<> read(Reading const&, std::string_view text, Folder::Duplicates& slot) {
        using Kind = Folder::Duplicates;
        slot = TRY(
            choose<Kind>(text, {{"run", Kind::run}, {"ignore", Kind::ignore}, {"ask", Kind::ask}}));
        return {};
    }
};

struct Disposal {
    static constexpr KindWords words{"keep, delete or move:DIRECTORY", Unit::none, true};
    static Result<> read(Reading const& reading, std::string_view text, Folder::After& slot) {
        slot = TRY(parse_disposal(reading.world, text));
        return {};
    }
};

/// Patterns of names, which may hold spaces: between commas or line ends.
struct Patterns {
    static constexpr KindWords words{"patterns of names between commas", Unit::none, true};
    static Result<> read(Reading const&, std::string_view text, std::vector<std::string>& slot);
};

// ---- [lares]

struct DatabasePath {
    static constexpr KindWords words{"a path", Unit::none, true};
    static Result<> read(Reading const& reading, std::string_view text, std::string& slot);
};

}  // namespace lares::config
