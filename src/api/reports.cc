// api/reports.cc: XML-RPC structs into values, by rows of member name and field.

#include "api/reports.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <variant>

namespace lares::api {
namespace {

using text::Value;
using Texts = std::vector<std::string>;

template <class T>
struct Row {
    std::string_view member;
    std::variant<std::string T::*, std::int64_t T::*, bool T::*, Texts T::*> field;
};

// clang-format off
constexpr Row<Process> process_rows[] = {
    {"name",           &Process::name},
    {"group",          &Process::group},
    {"program",        &Process::program},
    {"state",          &Process::state},
    {"statename",      &Process::state_name},
    {"pid",            &Process::pid},
    {"started",        &Process::started},
    {"stopped",        &Process::stopped},
    {"uptime",         &Process::uptime_seconds},
    {"why",            &Process::why},
    {"waits_for",      &Process::waits_for},
    {"ready",          &Process::ready},
    {"restarts",       &Process::restarts},
    {"exitstatus",     &Process::exit_status},
    {"signal",         &Process::signal},
    {"spawnerr",       &Process::spawn_error},
    {"stdout_logfile", &Process::out_log},
    {"stderr_logfile", &Process::err_log},
    {"peak_memory",    &Process::peak_memory_bytes},
    {"cpu_ms",         &Process::cpu_ms},
    {"description",    &Process::description},
    {"needs",          &Process::needs},
};

constexpr Row<Status> status_rows[] = {
    {"version",    &Status::version},
    {"commit",     &Status::commit},
    {"pid",        &Status::pid},
    {"identifier", &Status::identifier},
    {"state",      &Status::state},
    {"config",     &Status::config},
    {"started",    &Status::started},
    {"unknown",    &Status::unknown},
    {"tasks",              &Status::tasks},
    {"config_drift",       &Status::config_drift},
    {"config_drift_files", &Status::config_drift_files},
    {"unexplained",        &Status::unexplained},
    {"audited",            &Status::audited},
};

constexpr Row<Outcome> outcome_rows[] = {
    {"name",        &Outcome::name},
    {"group",       &Outcome::group},
    {"status",      &Outcome::status},
    {"description", &Outcome::description},
};

constexpr Row<PlannedChange> change_rows[] = {
    {"action",     &PlannedChange::action},
    {"name",       &PlannedChange::name},
    {"program",    &PlannedChange::program},
    {"why",        &PlannedChange::why},
    {"lines",      &PlannedChange::lines},
    {"dependants", &PlannedChange::dependants},
};

constexpr Row<PlannedOption> option_rows[] = {
    {"option", &PlannedOption::option},
    {"before", &PlannedOption::before},
    {"after",  &PlannedOption::after},
    {"place",  &PlannedOption::place},
};

constexpr Row<PlannedWork> work_rows[] = {
    {"action",      &PlannedWork::action},
    {"kind",        &PlannedWork::kind},
    {"name",        &PlannedWork::name},
    {"timezone",    &PlannedWork::timezone},
    {"next_before", &PlannedWork::next_before},
    {"next_after",  &PlannedWork::next_after},
    {"notes",       &PlannedWork::notes},
    {"waiting",     &PlannedWork::waiting},
    {"running",     &PlannedWork::running},
};

constexpr Row<Plan> plan_rows[] = {
    {"fingerprint", &Plan::fingerprint},
    {"revision",    &Plan::revision},
    {"warnings",    &Plan::warnings},
    {"errors",      &Plan::errors},
};

constexpr Row<Revision> revision_rows[] = {
    {"revision", &Revision::number},
    {"when",     &Revision::when},
    {"by",       &Revision::by},
    {"cause",    &Revision::cause},
    {"programs", &Revision::programs},
    {"current",  &Revision::is_current},
};

struct FaultRow {
    std::int64_t code;
    std::string_view words;
    Error::Kind kind;
};

constexpr FaultRow fault_rows[] = {
    { 1, "the server does not know this request", Error::Kind::invalid},
    { 2, "wrong parameters",                      Error::Kind::invalid},
    { 3, "bad arguments",                         Error::Kind::invalid},
    { 6, "the daemon is shutting down",           Error::Kind::conflict},
    {10, "no such process",                       Error::Kind::not_found},
    {11, "no such signal",                        Error::Kind::invalid},
    {20, "no such file",                          Error::Kind::not_found},
    {21, "the file is not executable",            Error::Kind::conflict},
    {30, "failed",                                Error::Kind::conflict},
    {40, "ended while it was starting",           Error::Kind::conflict},
    {50, "could not be started",                  Error::Kind::conflict},
    {60, "already running",                       Error::Kind::conflict},
    {70, "not running",                           Error::Kind::conflict},
    {90, "already in use",                        Error::Kind::conflict},
    {91, "still running",                         Error::Kind::conflict},
    {92, "the configuration has a mistake",       Error::Kind::invalid},
};
// clang-format on

FaultRow const* find_fault(std::int64_t code) {
    auto const* row = std::ranges::find(fault_rows, code, &FaultRow::code);
    return row == std::end(fault_rows) ? nullptr : row;
}

Texts texts_of(Value& value) {
    Texts result;
    auto* array = std::get_if<text::Array>(&value.held);
    if (array == nullptr) return result;
    for (Value& each : *array)
        if (auto* held = std::get_if<std::string>(&each.held)) result.push_back(std::move(*held));
    return result;
}

/// Puts a member's value into its field; a value of another type is passed over.
template <class T>
void set(T& object, Row<T> const& row, Value& value) {
    if (auto const* field = std::get_if<std::string T::*>(&row.field)) {
        if (auto* held = std::get_if<std::string>(&value.held)) object.*(*field) = std::move(*held);
    } else if (auto const* number = std::get_if<std::int64_t T::*>(&row.field)) {
        if (auto const* held = value.integer()) object.*(*number) = *held;
    } else if (auto const* truth = std::get_if<bool T::*>(&row.field)) {
        if (auto const* held = value.boolean()) object.*(*truth) = *held;
    } else if (auto const* list = std::get_if<Texts T::*>(&row.field)) {
        object.*(*list) = texts_of(value);
    }
}

/// The members usually come in the rows' order, so the row after the last one is tried first: one
/// comparison a member instead of twenty, which tells with a thousand processes.
template <class T, std::size_t N>
T read_members(text::Struct& members, Row<T> const (&rows)[N]) {
    T object;
    std::size_t next = 0;
    for (auto& [name, value] : members) {
        if (next >= N || rows[next].member != name)
            next = std::size_t(std::ranges::find(rows, name, &Row<T>::member) - rows);
        if (next < N) set(object, rows[next++], value);
    }
    return object;
}

Error not_a(std::string_view what) {
    return {Error::Kind::io, "the server's answer is not " + std::string(what)};
}

template <class T, std::size_t N>
Result<std::vector<T>> read_list(Value& value, Row<T> const (&rows)[N], std::string_view what) {
    auto* array = std::get_if<text::Array>(&value.held);
    if (array == nullptr) return not_a(what);
    std::vector<T> result;
    result.reserve(array->size());
    for (Value& each : *array) {
        auto* members = std::get_if<text::Struct>(&each.held);
        if (members == nullptr) return not_a(what);
        result.push_back(read_members(*members, rows));
    }
    return result;
}

}  // namespace

Result<Status> read_status(Value value) {
    auto* members = std::get_if<text::Struct>(&value.held);
    if (members == nullptr) return not_a("a status");
    auto processes = std::ranges::find(*members, "processes", &text::Struct::value_type::first);
    if (processes == members->end()) return not_a("a status");
    std::vector<Process> list = TRY(read_list(processes->second, process_rows, "a status"));
    Status status = read_members(*members, status_rows);
    status.processes = std::move(list);
    return status;
}

namespace {

/// The list of tasks and folders; a daemon that is older than it has none.
Result<std::vector<PlannedWork>> read_planned_work(text::Struct& plan) {
    auto list = std::ranges::find(plan, "work", &text::Struct::value_type::first);
    if (list == plan.end()) return std::vector<PlannedWork>();
    auto* array = std::get_if<text::Array>(&list->second.held);
    if (array == nullptr) return not_a("a plan");
    std::vector<PlannedWork> all;
    for (Value& each : *array) {
        auto* members = std::get_if<text::Struct>(&each.held);
        if (members == nullptr) return not_a("a plan");
        auto options = std::ranges::find(*members, "options", &text::Struct::value_type::first);
        std::vector<PlannedOption> changed;
        if (options != members->end())
            changed = TRY(read_list(options->second, option_rows, "a plan"));
        all.push_back(read_members(*members, work_rows));
        all.back().options = std::move(changed);
    }
    return all;
}

}  // namespace

Result<Plan> read_plan(Value value) {
    auto* members = std::get_if<text::Struct>(&value.held);
    if (members == nullptr) return not_a("a plan");
    auto changes = std::ranges::find(*members, "changes", &text::Struct::value_type::first);
    if (changes == members->end()) return not_a("a plan");
    std::vector<PlannedChange> list = TRY(read_list(changes->second, change_rows, "a plan"));
    std::vector<PlannedWork> work = TRY(read_planned_work(*members));
    Plan plan = read_members(*members, plan_rows);
    plan.changes = std::move(list);
    plan.work = std::move(work);
    return plan;
}

Result<std::vector<Revision>> read_revisions(Value value) {
    return read_list(value, revision_rows, "a list of revisions");
}

Result<std::vector<Outcome>> read_outcomes(Value value) {
    return read_list(value, outcome_rows, "a list of outcomes");
}

Result<LogPiece> read_log_piece(Value value) {
    auto* array = std::get_if<text::Array>(&value.held);
    if (array == nullptr || array->size() != 3) return not_a("a piece of a log");
    auto* bytes = std::get_if<std::string>(&(*array)[0].held);
    auto const* size = (*array)[1].integer();
    auto const* cut = (*array)[2].boolean();
    if (bytes == nullptr || size == nullptr || cut == nullptr) return not_a("a piece of a log");
    return LogPiece{.text = std::move(*bytes), .size = *size, .cut = *cut};
}

std::string_view words_of(std::int64_t fault) {
    FaultRow const* row = find_fault(fault);
    return row == nullptr ? std::string_view() : row->words;
}

std::string_view extra_words(std::string_view description) {
    std::size_t const colon = description.find(": ");
    bool const named = colon != std::string_view::npos &&
                       std::ranges::all_of(description.substr(0, colon), [](char c) {
                           return c == '_' || (c >= 'A' && c <= 'Z');
                       });
    return named ? description.substr(colon + 2) : std::string_view();
}

Error error_of(text::XmlRpcFault const& fault) {
    FaultRow const* row = find_fault(fault.code);
    if (row == nullptr) return {Error::Kind::io, fault.words};
    std::string words(row->words);
    std::string_view const extra = extra_words(fault.words);
    if (!extra.empty()) words += ": " + std::string(extra);
    return {row->kind, words};
}

}  // namespace lares::api
