// daemon/attempt.cc: the record of an attempt: docs/formats/ledger.md.

#include "daemon/attempt.h"

namespace lares::daemon {

namespace {

/// Of a larger one a successor knows only what it ended as.
constexpr std::size_t most_row_bytes = 64u << 10;

std::int64_t ticks(Instant at) { return at.time_since_epoch().count(); }
std::int64_t ticks(WallTime at) { return at.time_since_epoch().count(); }

std::optional<Instant> instant(text::Record const& record, std::string_view name) {
    auto number = record.find_number(name);
    if (!number) return std::nullopt;
    return Instant(Duration(*number));
}

}  // namespace

std::string write_attempt(Attempt const& attempt) {
    text::RecordWriter out;
    out.put_number("job", static_cast<std::int64_t>(attempt.job));
    out.put_number("event", static_cast<std::int64_t>(attempt.event));
    out.put("task", attempt.task);
    out.put_number("number", attempt.number);
    out.put_number_if("pid", attempt.pid);
    out.put_number_if("start_ticks", static_cast<std::int64_t>(attempt.start_ticks));
    out.put_number("started", ticks(attempt.started));
    out.put_number("wall_started", ticks(attempt.wall_started));
    if (attempt.deadline) out.put_number("deadline", ticks(*attempt.deadline));
    if (attempt.phase == Attempt::Phase::ending) {
        out.put("ends_as", job::name(attempt.ends_as));
        out.put("ends_words", attempt.ends_words);
        out.put_number("rung", attempt.rung);
        if (attempt.rung_at) out.put_number("rung_at", ticks(*attempt.rung_at));
    }
    out.put_if("log", attempt.log);
    if (attempt.command.size() + attempt.environment.size() > most_row_bytes) return out.take();
    out.put_if("command", attempt.command);
    out.put_if("environment", attempt.environment);
    out.put_if("directory", attempt.directory);
    out.put_if("user", attempt.user);
    return out.take();
}

Attempt read_attempt(std::uint64_t run, text::Record const& record) {
    Attempt attempt;
    attempt.run = run;
    attempt.is_left = true;
    attempt.job = static_cast<job::Id>(record.number("job"));
    attempt.event = static_cast<job::Id>(record.number("event"));
    attempt.task = record.text("task");
    attempt.number = static_cast<int>(record.number("number"));
    attempt.pid = static_cast<int>(record.number("pid"));
    attempt.start_ticks = static_cast<std::uint64_t>(record.number("start_ticks"));
    attempt.started = Instant(Duration(record.number("started")));
    attempt.wall_started = WallTime(Duration(record.number("wall_started")));
    attempt.deadline = instant(record, "deadline");
    attempt.phase = attempt.pid != 0 ? Attempt::Phase::running : Attempt::Phase::spawning;
    if (auto as = record.find("ends_as")) {
        attempt.phase = Attempt::Phase::ending;
        for (auto outcome : {job::Outcome::timeout, job::Outcome::cancelled, job::Outcome::overflow,
                             job::Outcome::interrupted})
            if (job::name(outcome) == *as) attempt.ends_as = outcome;
        attempt.ends_words = record.text("ends_words");
        attempt.rung = static_cast<int>(record.number("rung"));
        attempt.rung_at = instant(record, "rung_at");
    }
    attempt.log = record.text("log");
    attempt.command = record.text("command");
    attempt.environment = record.text("environment");
    attempt.directory = record.text("directory");
    attempt.user = record.text("user");
    return attempt;
}

}  // namespace lares::daemon
