// daemon/unit_record.cc: field by field, and back in the same order.

#include "daemon/unit_record.h"

#include <fmt/core.h>

#include <charconv>

namespace lares::daemon {

namespace {

using text::Record;
using text::RecordWriter;

// ---- kinds of values

template <class Time>
std::int64_t count_of(Time at) {
    return at.time_since_epoch().count();
}

void put_instant(RecordWriter& out, std::string_view name, std::optional<Instant> at) {
    if (at) out.put_number(name, count_of(*at));
}

std::optional<Instant> instant(Record const& in, std::string_view name) {
    auto count = in.find_number(name);
    if (!count) return std::nullopt;
    return Instant(Duration(*count));
}

template <class Id>
void put_id(RecordWriter& out, std::string_view name, Id id) {
    out.put_number_if(name, static_cast<std::int64_t>(id));
}

template <class Enum>
Enum enumerator(Record const& in, std::string_view name, Enum last) {
    auto number = in.number(name);
    bool is_one = number >= 0 && number <= static_cast<std::int64_t>(last);
    return is_one ? static_cast<Enum>(number) : Enum{};
}

bool flag(Record const& in, std::string_view name) { return in.number(name) != 0; }

int integer(Record const& in, std::string_view name) { return static_cast<int>(in.number(name)); }

supervise::State state_numbered(std::int64_t number) {
    using supervise::State;
    for (auto state : {State::starting, State::running, State::backoff, State::stopping,
                       State::exited, State::fatal})
        if (supervise::wire_number(state) == number) return state;
    return State::stopped;
}

// ---- supervise::Process

void write_process(RecordWriter& out, supervise::Process const& p) {
    out.put_number_if("state", supervise::wire_number(p.state));
    out.put_number_if("pid", p.pid);
    out.put_number_if("failures", p.failures);
    out.put_number_if("exits", p.exits);
    out.put_number_if("ready", p.ready);
    out.put_number_if("spawning", p.spawning);
    out.put_number_if("start_again", p.start_again);
    out.put_number_if("rung", p.rung);
    if (p.waiting_for) out.put_number("waiting_for", static_cast<int>(*p.waiting_for));
    out.put_number_if("post_stop_runs", p.post_stop_runs);
    put_instant(out, "spawned_at", p.spawned_at);
    put_instant(out, "deadline", p.deadline);
    for (auto at : p.restarts) out.put_number("restart_at", count_of(at));
    out.put_number_if("after", static_cast<int>(p.after));
    out.put_if("stopping_why", p.stopping_why);
    out.put_if("end_why", p.end_why);
    out.put_number_if("end_unexpected", !p.end_expected);
    put_instant(out, "running_since", p.running_since);
    out.put_number_if("failures_before", p.failures_before);
    out.put_number_if("post_start_runs", p.post_start_runs);
    out.put_number_if("post_start_due", p.post_start_due);
}

supervise::Process read_process(Record const& in) {
    supervise::Process p;
    p.state = state_numbered(in.number("state"));
    p.pid = integer(in, "pid");
    p.failures = integer(in, "failures");
    p.exits = integer(in, "exits");
    p.ready = flag(in, "ready");
    p.spawning = flag(in, "spawning");
    p.start_again = flag(in, "start_again");
    p.rung = integer(in, "rung");
    if (in.find("waiting_for"))
        p.waiting_for = enumerator(in, "waiting_for", supervise::Hook::post_stop);
    p.post_stop_runs = flag(in, "post_stop_runs");
    p.spawned_at = instant(in, "spawned_at");
    p.deadline = instant(in, "deadline");
    for (auto const& at : in.all("restart_at")) {
        std::int64_t count = 0;
        std::from_chars(at.data(), at.data() + at.size(), count);
        p.restarts.emplace_back(Duration(count));
    }
    p.after = enumerator(in, "after", supervise::After::fatal);
    p.stopping_why = in.text("stopping_why");
    p.end_why = in.text("end_why");
    p.end_expected = !flag(in, "end_unexpected");
    p.running_since = instant(in, "running_since");
    p.failures_before = integer(in, "failures_before");
    p.post_start_runs = flag(in, "post_start_runs");
    p.post_start_due = flag(in, "post_start_due");
    return p;
}

// ---- hooks

std::string hook_field(std::size_t hook, std::string_view name) {
    return fmt::format("hook{}_{}", hook, name);
}

void write_hooks(RecordWriter& out, Unit const& unit) {
    for (std::size_t i = 0; i < unit.hooks.size(); ++i) {
        auto const& side = unit.hooks[i];
        if (!side.run) continue;
        put_id(out, hook_field(i, "run"), *side.run);
        out.put_number_if(hook_field(i, "pid"), side.pid);
        out.put_number_if(hook_field(i, "start_ticks"),
                          static_cast<std::int64_t>(side.start_ticks));
        out.put_number_if(hook_field(i, "timed_out"), side.timed_out);
        out.put_number_if(hook_field(i, "given_up"), side.given_up);
        put_instant(out, hook_field(i, "deadline"), side.deadline);
    }
}

void read_hooks(Record const& in, Unit& unit) {
    for (std::size_t i = 0; i < unit.hooks.size(); ++i) {
        auto& side = unit.hooks[i];
        auto run = in.number(hook_field(i, "run"));
        if (run == 0) continue;
        side.run = static_cast<ports::RunId>(run);
        side.pid = integer(in, hook_field(i, "pid"));
        side.start_ticks = static_cast<std::uint64_t>(in.number(hook_field(i, "start_ticks")));
        side.timed_out = flag(in, hook_field(i, "timed_out"));
        side.given_up = flag(in, hook_field(i, "given_up"));
        side.deadline = instant(in, hook_field(i, "deadline"));
    }
}

// ---- the rest of the unit

void write_counts(RecordWriter& out, Unit const& unit) {
    out.put_number_if("started", count_of(unit.started));
    out.put_number_if("stopped", count_of(unit.stopped));
    out.put_number_if("exit_status", unit.exit_status);
    out.put_number_if("last_signal", unit.last_signal);
    out.put_if("spawn_error", unit.spawn_error);
    if (unit.spawn_failure) out.put_number("spawn_failure", static_cast<int>(*unit.spawn_failure));
    out.put_if("why", unit.why);
    out.put_if("status", unit.status);
    out.put_number_if("restarts", unit.restarts);
    out.put_number_if("peak_memory_bytes", unit.peak_memory_bytes);
    out.put_number_if("cpu", unit.cpu.count());
    out.put_number_if("has_exited", unit.has_exited);
}

void read_counts(Record const& in, Unit& unit) {
    unit.started = WallTime(Duration(in.number("started")));
    unit.stopped = WallTime(Duration(in.number("stopped")));
    unit.exit_status = integer(in, "exit_status");
    unit.last_signal = integer(in, "last_signal");
    unit.spawn_error = in.text("spawn_error");
    if (in.find("spawn_failure"))
        unit.spawn_failure = enumerator(in, "spawn_failure", ports::SpawnFailure::Kind::setup);
    unit.why = in.text("why");
    unit.status = in.text("status");
    unit.restarts = in.number("restarts");
    unit.peak_memory_bytes = in.number("peak_memory_bytes");
    unit.cpu = Duration(in.number("cpu"));
    unit.has_exited = flag(in, "has_exited");
}

void write_run(RecordWriter& out, Unit const& unit) {
    if (unit.run) put_id(out, "run", *unit.run);
    out.put_number_if("start_ticks", static_cast<std::int64_t>(unit.start_ticks));
    put_id(out, "out", unit.out);
    put_id(out, "err", unit.err);
    out.put_if("out_path", unit.out_path);
    out.put_if("err_path", unit.err_path);
    out.put_number_if("removing", unit.removing);
    if (!unit.unsent) return;
    out.put_number("unsent_signal", unit.unsent->number);
    out.put_number_if("unsent_is_last_rung", unit.unsent->last_rung);
}

void read_run(Record const& in, Unit& unit) {
    if (auto run = in.number("run"); run != 0) unit.run = static_cast<ports::RunId>(run);
    unit.start_ticks = static_cast<std::uint64_t>(in.number("start_ticks"));
    unit.out = static_cast<ports::ChannelId>(in.number("out"));
    unit.err = static_cast<ports::ChannelId>(in.number("err"));
    unit.out_path = in.text("out_path");
    unit.err_path = in.text("err_path");
    unit.removing = flag(in, "removing");
    if (auto number = integer(in, "unsent_signal"); number != 0)
        unit.unsent = supervise::Signal{number, flag(in, "unsent_is_last_rung")};
}

void write_entry(RecordWriter& out, wishes::Entry const& entry) {
    if (entry.wish == wishes::Wish::none) return;
    out.put_number("wish", static_cast<int>(entry.wish));
    out.put_number_if("wish_barrier", entry.barrier);
    out.put_number_if("wish_then_start", entry.then_start);
    out.put_number_if("wish_granted", entry.granted);
    out.put_if("wish_why", entry.why);
}

wishes::Entry read_entry(Record const& in) {
    return {.wish = enumerator(in, "wish", wishes::Wish::restart),
            .barrier = flag(in, "wish_barrier"),
            .then_start = flag(in, "wish_then_start"),
            .why = in.text("wish_why"),
            .granted = flag(in, "wish_granted")};
}

/// Only what stopping needs: the configuration of the successor may not have it any more.
void write_program(RecordWriter& out, Unit const& unit) {
    auto const& program = *unit.program;
    out.put("program", program.name);
    out.put_number_if("number", unit.settings.number);
    for (auto const& rung : program.policy.stop_ladder)
        out.put("rung_of_ladder", fmt::format("{} {}", rung.signal, rung.wait.count()));
    out.put_number_if("stopasgroup", program.stopasgroup);
    out.put_number_if("killasgroup", program.killasgroup);
}

}  // namespace

std::string record_key(Unit const& unit) { return "unit/" + unit.full_name(); }

std::string write_record(Unit const& unit, wishes::Entry const& entry) {
    RecordWriter out;
    out.put_number("version", 1);
    write_process(out, unit.process);
    write_run(out, unit);
    write_hooks(out, unit);
    write_counts(out, unit);
    write_entry(out, entry);
    write_program(out, unit);
    return out.take();
}

void read_record(Record const& in, Unit& unit, wishes::Entry& entry) {
    unit.process = read_process(in);
    read_run(in, unit);
    read_hooks(in, unit);
    read_counts(in, unit);
    entry = read_entry(in);
}

config::Program departed_program(Record const& in) {
    config::Program program;
    program.name = in.text("program");
    program.autostart = false;
    program.policy.restart = supervise::Restart::never;
    std::vector<supervise::StopStep> ladder;
    for (auto const& rung : in.all("rung_of_ladder")) {
        int signal = 0;
        std::int64_t wait = 0;
        auto [next, status] = std::from_chars(rung.data(), rung.data() + rung.size(), signal);
        if (status != std::errc() || next == rung.data() + rung.size()) continue;
        std::from_chars(next + 1, rung.data() + rung.size(), wait);
        ladder.push_back({signal, Duration(wait)});
    }
    if (!ladder.empty()) program.policy.stop_ladder = std::move(ladder);
    program.stopasgroup = flag(in, "stopasgroup");
    program.killasgroup = flag(in, "killasgroup");
    return program;
}

}  // namespace lares::daemon
