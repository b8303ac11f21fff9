// daemon/work_programs.cc: `expect =` of programs: that they write to their logs while they are up.
//
// A log tells once that it has grown (Logs::on_growth). It is then left alone for a twentieth of
// the shortest span, so that a chatty program costs no wake-ups; it counts as having written until
// that is over, so that nothing is called late that is not, and lateness is told that much later.

#include <fmt/core.h>

#include <algorithm>

#include "daemon/work.h"

namespace lares::daemon {

namespace {

using expect::Happening;

constexpr Duration least_quiet{100}, most_quiet{60'000};

expect::Rule rule_of(config::Expect const& wanted, std::string subject) {
    expect::Rule rule;
    rule.kind = wanted.kind == config::Expect::Kind::by      ? expect::Rule::Kind::by
                : wanted.kind == config::Expect::Kind::every ? expect::Rule::Kind::every
                                                             : expect::Rule::Kind::output;
    rule.subject = std::move(subject);
    rule.by_minute = wanted.by_minute;
    rule.weekdays = wanted.weekdays;
    rule.span = wanted.span;
    rule.counts_output = true;
    return rule;
}

Duration quiet_of(config::Expect const& wanted) {
    if (wanted.span == Duration(0)) return most_quiet;  // by a time of day
    return std::clamp(wanted.span / 20, least_quiet, most_quiet);
}

}  // namespace

void Work::expect_of_programs(std::vector<ExpectedProgram> const& programs) {
    std::vector<ports::Write> writes;
    std::erase_if(expectations_, [&](Expectation const& one) {
        if (!one.subject.starts_with("program/")) return false;
        auto program = std::ranges::find(programs, one.name, &ExpectedProgram::name);
        bool is_wanted =
            program != programs.end() &&
            std::ranges::any_of(*program->expects, [&](auto const& wanted) {
                return one.mark == fmt::format("expect/program/{}/{}", one.name, wanted.text);
            });
        if (!is_wanted) writes.push_back(ports::DropMark{one.mark});
        return !is_wanted;
    });
    if (!writes.empty() && loaded_) commit_must(std::move(writes));
    for (auto const& program : programs) program_is(program);
}

void Work::program_is(ExpectedProgram const& program) {
    if (program.expects->empty()) return;
    auto local = hands_.zones.find("");
    auto subject = "program/" + program.name;
    for (auto const& wanted : *program.expects) {
        auto mark = fmt::format("expect/program/{}/{}", program.name, wanted.text);
        if (std::ranges::find(expectations_, mark, &Expectation::mark) != expectations_.end())
            continue;
        Expectation made;
        made.rule = rule_of(wanted, fmt::format("program '{}'", program.shown));
        made.subject = subject;
        made.name = program.name;
        made.mark = std::move(mark);
        made.zone = local ? *local : std::make_shared<schedule::Zone const>();
        made.quiet = quiet_of(wanted);
        expectations_.push_back(std::move(made));
    }
    for (auto& one : expectations_)
        if (one.subject == subject) one.is_up = program.is_up;
    if (loaded_) {
        if (!program.is_up)
            for (auto& one : expectations_)
                if (one.subject == subject && one.state.is_watching)
                    step_expectation(one,
                                     {.kind = Happening::Kind::ceased, .at = hands_.clock.wall()});
        begin_expectations();
    }
    if (!program.is_up) {
        std::erase_if(listened_, [&](auto const& one) { return one.first == program.name; });
        std::erase_if(unheard_, [&](auto const& one) { return one.name == program.name; });
        return;
    }
    for (auto channel : program.channels)
        if (channel != ports::ChannelId{}) listen(program.name, channel);
}

void Work::listen(std::string const& name, ports::ChannelId channel) {
    bool is_unheard = std::ranges::any_of(
        unheard_, [&](auto const& one) { return one.channel == channel && one.name == name; });
    if (is_unheard || !listened_.emplace(name, channel).second) return;
    hands_.logs.on_growth(channel, [this, name, channel] { wrote(name, channel); });
}

void Work::wrote(std::string const& name, ports::ChannelId channel) {
    if (listened_.erase({name, channel}) == 0) return;  // it went down meanwhile
    auto quiet = most_quiet;
    auto const subject = "program/" + name;
    for (auto const& one : expectations_)
        if (one.subject == subject) quiet = std::min(quiet, one.quiet);
    unheard_.push_back({hands_.clock.now() + quiet, name, channel});
    expected_happened(subject, {.kind = Happening::Kind::output, .at = hands_.clock.wall()});
}

/// Those that have been left alone for long enough: they may have written until now.
void Work::hear_again() {
    auto const now = hands_.clock.now();
    std::vector<Unheard> due;
    std::erase_if(unheard_, [&](Unheard const& one) {
        if (one.until > now) return false;
        due.push_back(one);
        return true;
    });
    for (auto const& one : due) {
        expected_happened("program/" + one.name,
                          {.kind = Happening::Kind::output, .at = hands_.clock.wall()});
        listen(one.name, one.channel);
    }
}

}  // namespace lares::daemon
