// daemon/work_events.cc: events as triggers: `on = PROCESS_STATE_FATAL web:*`, `on = run.slow`.

#include <fmt/core.h>

#include "base/limits.h"
#include "daemon/work.h"
#include "text/glob.h"

namespace lares::daemon {

namespace {

/// Jobs that one event trigger may bring a minute: two tasks may be each other's trigger.
constexpr int triggers_a_minute = 60;

/// supervisord's types have parents: PROCESS_STATE is a prefix of PROCESS_STATE_FATAL.
bool is_of_type(std::string_view type, std::string_view wanted) {
    if (wanted == "EVENT" || type == wanted) return true;
    if (!type.starts_with(wanted)) return false;
    char next = type[wanted.size()];
    return next == '_' || next == '.';
}

}  // namespace

void Work::event_happened(std::string_view type, std::string_view subject, std::string_view words) {
    if (!has_event_triggers_) return;
    ports::EventRow row;
    row.kind = type;
    row.subject = subject;
    row.words = words;
    row.cause = journal_.last_of(fmt::format("program/{}", subject));
    if (happened_.size() < limits::store_rows) happened_.push_back(std::move(row));
}

void Work::trigger_events() {
    auto happened = std::exchange(happened_, {});
    if (!has_event_triggers_ || ending_) return;
    for (auto const& event : happened)
        for (auto& [name, state] : tasks_) {
            if (state.task == nullptr || state.task->on.empty()) continue;
            for (auto const& trigger : state.task->on)
                if (fits(name, trigger, event)) fire_event(state, trigger, event);
        }
}

/// What a task's own jobs bring about is no trigger of that task.
bool Work::fits(std::string const& task, config::EventTrigger const& trigger,
                ports::EventRow const& event) const {
    if (!is_of_type(event.kind, trigger.type)) return false;
    auto slash = event.subject.find('/');
    auto short_subject = slash == std::string::npos
                             ? std::string_view(event.subject)
                             : std::string_view(event.subject).substr(slash + 1);
    if (event.subject == "task/" + task || event.subject.starts_with("trigger/" + task + "#"))
        return false;
    if (event.kind.starts_with("job.") || event.kind.starts_with("run.")) {
        if (event.words.find("(" + task + ")") != std::string::npos ||
            event.words.find("'" + task + "'") != std::string::npos)
            return false;
    }
    return trigger.subject.empty() || text::glob_match(trigger.subject, event.subject) ||
           text::glob_match(trigger.subject, short_subject);
}

void Work::fire_event(TaskState& state, config::EventTrigger const& trigger,
                      ports::EventRow const& event) {
    auto const& name = state.task->name;
    if (now_ - state.events_since > std::chrono::minutes(1)) {
        state.events_since = now_;
        state.events = 0;
    }
    if (++state.events > triggers_a_minute) {
        if (state.events == triggers_a_minute + 1)
            (void)journal_.note({.kind = "trigger.skipped",
                                 .subject = fmt::format("trigger/{}#on", name),
                                 .cause = event.id,
                                 .words = fmt::format("more than {} events a minute for task "
                                                      "'{}'; the rest of this minute is left out",
                                                      triggers_a_minute, name)});
        return;
    }
    auto payload =
        details({{"event", event.kind}, {"subject", event.subject}, {"words", event.words}});
    auto fired = fire(
        {.job = {.task = name, .payload = payload, .source = fmt::format("on {}", trigger.type)},
         .cause = event.id != 0 ? event.id : event.cause,
         .by_clock = true,
         .trigger = fmt::format("trigger/{}#on", name)});
    if (fired == Fired::waits)
        (void)journal_.note({.kind = "trigger.skipped",
                             .subject = fmt::format("trigger/{}#on", name),
                             .cause = event.id,
                             .words = fmt::format("no job for task '{}': it is full", name)});
}

}  // namespace lares::daemon
