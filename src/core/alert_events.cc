// core/alert_events.cc: the table, by kinds of events.

#include "core/alert_events.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "text/json_value.h"

namespace lares::alert {

namespace {

using What = Happening::What;

/// Whose problem it is.
enum class Whose {
    its,      // the event's own subject
    task,     // "task" in its data
    trigger,  // the task in "trigger/report#0"
    channel,  // "channel" in its data
    state,    // of a program: by what it became
};

struct Row {
    std::string_view event;
    Kind kind;
    What what;
    Whose whose;
};
// clang-format off
constexpr Row rows[] = {
    {"audit.clean",        Kind::audit,       What::over,  Whose::its},
    {"audit.unexplained",  Kind::audit,       What::opens, Whose::its},
    {"budget.threshold",   Kind::budget,      What::opens, Whose::its},
    {"channel.ok",         Kind::undelivered, What::over,  Whose::its},
    {"channel.trouble",    Kind::undelivered, What::opens, Whose::its},
    {"circuit.closed",     Kind::circuit,     What::over,  Whose::its},
    {"circuit.open",       Kind::circuit,     What::opens, Whose::its},
    {"delivery.failed",    Kind::undelivered, What::opens, Whose::channel},
    {"expect.late",        Kind::late,        What::opens, Whose::its},
    {"expect.ok",          Kind::late,        What::over,  Whose::its},
    {"folder.file",        Kind::failure,     What::over,  Whose::its},
    {"folder.left",        Kind::failure,     What::over,  Whose::its},
    {"folder.overflow",    Kind::overflow,    What::opens, Whose::its},
    {"folder.problem",     Kind::failure,     What::opens, Whose::its},
    {"folder.run",         Kind::failure,     What::over,  Whose::its},
    {"folder.trouble",     Kind::trouble,     What::opens, Whose::its},
    {"folder.well",        Kind::trouble,     What::over,  Whose::its},
    {"folder.withdrawn",   Kind::failure,     What::over,  Whose::its},
    {"job.dead",           Kind::failure,     What::opens, Whose::task},
    {"job.done",           Kind::recovery,    What::over,  Whose::task},
    {"job.parked",         Kind::parked,      What::opens, Whose::task},
    {"job.retry",          Kind::retry,       What::opens, Whose::task},
    {"program.memory",     Kind::memory,      What::opens, Whose::its},
    {"program.state",      Kind::fatal,       What::opens, Whose::state},
    {"program.unhealthy",  Kind::unhealthy,   What::opens, Whose::its},
    {"run.slow",           Kind::slow,        What::opens, Whose::task},
    {"store.ok",           Kind::trouble,     What::over,  Whose::its},
    {"store.trouble",      Kind::trouble,     What::opens, Whose::its},
    {"trigger.missed",     Kind::missed,      What::opens, Whose::trigger},
};
// clang-format on

Row const* find_row(std::string_view event) {
    auto const* row = std::ranges::lower_bound(rows, event, {}, &Row::event);
    return row == std::end(rows) || row->event != event ? nullptr : row;
}

text::Value data_of(journal::EventRow const& event) {
    if (event.data.empty()) return {};
    auto read = text::parse_json(event.data);
    return read ? std::move(read).take() : text::Value();
}

std::string text_of(text::Value const& data, std::string_view name) {
    auto const* member = data.find(name);
    return member != nullptr && member->text() != nullptr ? *member->text() : std::string();
}

/// What a program became; none: nothing worth a word.
std::optional<std::pair<Kind, What>> of_state(text::Value const& data) {
    auto to = text_of(data, "to");
    if (to == "FATAL") return std::pair(Kind::fatal, What::opens);
    if (to == "RUNNING") return std::pair(Kind::recovery, What::over);
    if (to != "EXITED" && to != "BACKOFF") return std::nullopt;
    auto const* expected = data.find("expected");
    bool is_expected =
        expected == nullptr || expected->integer() == nullptr || *expected->integer() != 0;
    // A failed start is tried again, and told when it is given up.
    if (is_expected || to == "BACKOFF") return std::nullopt;
    return std::pair(Kind::exit, What::opens);
}

std::string subject_of(Whose whose, journal::EventRow const& event, text::Value const& data) {
    switch (whose) {
    case Whose::its:
    case Whose::state:
        return event.subject;
    case Whose::task: {
        auto task = text_of(data, "task");
        return task.empty() ? "" : "task/" + task;
    }
    case Whose::channel: {
        auto channel = text_of(data, "channel");
        return channel.empty() ? "" : "channel/" + channel;
    }
    case Whose::trigger: {
        constexpr std::string_view prefix = "trigger/";
        if (!event.subject.starts_with(prefix)) return "";
        auto name = event.subject.substr(prefix.size());
        return "task/" + name.substr(0, name.rfind('#'));
    }
    }
    return "";
}

}  // namespace

bool is_of_interest(std::string_view event_kind) { return find_row(event_kind) != nullptr; }

bool only_ends(std::string_view event_kind) {
    auto const* row = find_row(event_kind);
    return row != nullptr && row->what == What::over;
}

bool is_told(Kind kind) {
    // Those of a program's states have no row of their own.
    if (kind == Kind::exit || kind == Kind::recovery || kind == Kind::flap || kind == Kind::dead)
        return true;
    return std::ranges::find(rows, kind, &Row::kind) != std::end(rows);
}

std::optional<Happening> happening_of(journal::EventRow const& event) {
    auto const* row = find_row(event.kind);
    if (row == nullptr) return std::nullopt;
    auto data = data_of(event);
    auto kind = row->kind;
    auto what = row->what;
    if (row->whose == Whose::state) {
        auto became = of_state(data);
        if (!became) return std::nullopt;
        std::tie(kind, what) = *became;
    }
    auto subject = subject_of(row->whose, event, data);
    if (subject.empty()) return std::nullopt;
    return Happening{.subject = std::move(subject),
                     .kind = kind,
                     .what = what,
                     .words = event.words,
                     .event = event.id,
                     .at = event.at};
}

std::uint64_t run_of(journal::EventRow const& event) {
    auto data = data_of(event);
    auto const* run = data.find("run");
    return run != nullptr && run->integer() != nullptr ? static_cast<std::uint64_t>(*run->integer())
                                                       : 0;
}

}  // namespace lares::alert
