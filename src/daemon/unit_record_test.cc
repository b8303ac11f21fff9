// daemon/unit_record_test.cc: a unit comes out of its record as it went in.

#include "daemon/unit_record.h"

#include <doctest/doctest.h>

namespace wishes = lares::wishes;
namespace supervise = lares::supervise;
namespace config = lares::config;
namespace ports = lares::ports;
namespace text = lares::text;
using lares::Duration;
using lares::Instant;
using lares::WallTime;
using namespace lares::daemon;
using supervise::Hook;

namespace {

/// With every field away from its default.
Unit full_unit(config::Program const& program) {
    Unit unit;
    unit.program = &program;
    unit.settings.group = "web";
    unit.settings.name = "web_00";
    auto& p = unit.process;
    p.state = supervise::State::stopping;
    p.pid = 4711;
    p.failures = 2;
    p.exits = 3;
    p.ready = p.spawning = p.start_again = true;
    p.rung = 1;
    p.waiting_for = Hook::pre_stop;
    p.post_stop_runs = p.post_start_runs = p.post_start_due = true;
    p.spawned_at = Instant(Duration(5));
    p.deadline = Instant(Duration(-6));
    p.restarts = {Instant(Duration(1)), Instant(Duration(2))};
    p.after = supervise::After::fatal;
    p.stopping_why = "why\nnot";
    p.end_why = "exited with 1";
    p.end_expected = false;
    p.running_since = Instant(Duration(7));
    p.failures_before = 4;
    unit.run = ports::RunId{1ULL << 40};
    unit.start_ticks = 99;
    unit.unsent = supervise::Signal{15, true};
    unit.out = ports::ChannelId{8};
    unit.err = ports::ChannelId{9};
    unit.out_path = "/tmp/a=b";
    unit.err_path = "/tmp/\\";
    unit.hooks[3] = {.run = ports::RunId{12},
                     .timed_out = true,
                     .given_up = true,
                     .pid = 13,
                     .start_ticks = 14,
                     .deadline = Instant(Duration(15))};
    unit.started = WallTime(Duration(20));
    unit.stopped = WallTime(Duration(21));
    unit.exit_status = -1;
    unit.last_signal = 9;
    unit.spawn_error = "e";
    unit.spawn_failure = ports::SpawnFailure::Kind::setup;
    unit.why = "w";
    unit.status = "s";
    unit.restarts = 22;
    unit.peak_memory_bytes = 23;
    unit.cpu = Duration(24);
    unit.has_exited = unit.removing = true;
    return unit;
}

}  // namespace

TEST_CASE("a unit and its wish come out of the record as they went in") {
    config::Program program;
    program.name = "web";
    auto unit = full_unit(program);
    wishes::Entry entry{.wish = wishes::Wish::restart,
                        .barrier = true,
                        .then_start = true,
                        .why = "needs db",
                        .granted = true};
    auto bytes = write_record(unit, entry);
    Unit other;
    other.program = &program;
    wishes::Entry other_entry;
    read_record(text::Record::parse(bytes), other, other_entry);
    other.settings = unit.settings;
    CHECK(other_entry == entry);
    CHECK(write_record(other, other_entry) == bytes);
    CHECK(other.process.restarts == unit.process.restarts);
    CHECK(other.process.deadline == unit.process.deadline);
    CHECK(other.process.after == supervise::After::fatal);
    CHECK(other.hooks[3].deadline == unit.hooks[3].deadline);
    CHECK(other.run == unit.run);
    CHECK(other.err_path == "/tmp/\\");
    CHECK(record_key(unit) == "unit/web:web_00");
}

TEST_CASE("a record of nothing is a unit that was never started") {
    Unit unit;
    wishes::Entry entry;
    read_record(text::Record::parse("state=77\nafter=-1\nwish=9\nfuture=1\n"), unit, entry);
    CHECK(unit.process.state == supervise::State::stopped);
    CHECK(unit.process.after == supervise::After::stopped);
    CHECK(entry == wishes::Entry{});
    CHECK_FALSE(unit.run);
    CHECK(unit.process.end_expected);
}

TEST_CASE("of a program that is not configured any more the way to stop it is known") {
    config::Program program;
    program.name = "web";
    program.policy.stop_ladder = {{2, Duration(500)}, {9, Duration(1000)}};
    program.killasgroup = true;
    auto record = text::Record::parse(write_record(full_unit(program), {}));
    auto departed = departed_program(record);
    CHECK(departed.name == "web");
    CHECK(departed.policy.stop_ladder == program.policy.stop_ladder);
    CHECK(departed.killasgroup);
    CHECK_FALSE(departed.stopasgroup);
    CHECK_FALSE(departed.autostart);
    CHECK(departed_program({}).policy.stop_ladder == supervise::Policy{}.stop_ladder);
}
