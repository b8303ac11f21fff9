// cli/top_answers.cc: questions by view, and answers made a snapshot.

#include "cli/top_answers.h"

#include <algorithm>

#include "cli/fields.h"
#include "text/log_lines.h"
#include "text/utf8.h"

namespace lares::cli::top_view {
namespace {

using text::Array;
using text::Struct;
using text::Value;

/// It goes through the whole day's journal: not each second.
constexpr double audit_seconds = 15;
constexpr double audit_again_seconds = 3;
constexpr int job_rows = 200;
constexpr int run_rows = 200;
constexpr int file_rows = 200;
constexpr int message_rows = 100;
/// Of processes, what some view shows; with all members a thousand of them are 1.8 MB.
constexpr char const* members[] = {"name",     "group",    "state",      "statename",
                                   "pid",      "uptime",   "why",        "waits_for",
                                   "restarts", "spawnerr", "exitstatus", "description"};

void ask(std::vector<Question>& list, std::string name, std::vector<Value> params = {}) {
    list.push_back({name, "lares." + name, std::move(params)});
}

void ask_status(std::vector<Question>& list) {
    ask(list, "status", {Array{}, Array(std::begin(members), std::end(members))});
}

Question jobs_question(std::string name, std::string const& state) {
    return {std::move(name), "lares.jobs", {Struct{{"state", state}, {"limit", job_rows}}}};
}

Question files_question(std::string name, char const* state) {
    return {std::move(name), "lares.files", {Struct{{"state", state}, {"limit", file_rows}}}};
}

Question events_question(Snapshot const& snapshot) {
    Struct filters{{"limit", int(event_rows)}};
    if (!snapshot.events.empty() && !snapshot.is_new) {
        filters.emplace_back("after", text_of(snapshot.events.front(), "event"));
        filters.emplace_back("oldest_first", true);
    }
    return {"events", "lares.events", {std::move(filters)}};
}

Question log_question(Log const& log, LogSource const& source) {
    bool const is_begun = log.source == source && log.offset >= 0;
    std::int64_t const piece = log_piece_bytes;
    std::int64_t const offset = is_begun ? log.offset : -piece;
    if (source.of.kind == "run") return {"log", "lares.run_log", {source.of.id, offset, piece}};
    char const* stream = source.is_error_stream ? "stderr" : "stdout";
    return {"log", "lares.log", {source.of.id, stream, offset, piece}};
}

void ask_overview(std::vector<Question>& list, Snapshot const& snapshot) {
    for (char const* name : {"usage", "work", "tasks", "running", "maintenance"}) ask(list, name);
    ask(list, "folders");
    ask(list, "channels");
    ask(list, "alerts", {Struct{{"state", "open"}, {"limit", message_rows}}});
    list.push_back({"recent", "lares.events", {Struct{{"limit", 12}}}});
    if (snapshot.now - snapshot.audited >= audit_seconds) ask(list, "audit");
}

double percent_of(Usage const& before, Usage const& now, double uptime) {
    bool const is_same = before.pid == now.pid;
    if (is_same && now.at <= before.at) return before.percent;  // the same measurement again
    // Of one measurement alone, the mean of its life, as ps(1) has it.
    if (!is_same) return uptime > 0 ? 100 * now.seconds / uptime : 0;
    return 100 * (now.seconds - before.seconds) / (now.at - before.at);
}

void take_usage(Snapshot& snapshot, Value const& answer) {
    std::map<std::string, double> uptimes;
    for (auto const& process : snapshot.status.processes)
        uptimes[process.full_name()] = double(process.uptime_seconds);
    std::map<std::string, Usage> taken;
    for (Value const& row : list_of(answer, "usage")) {
        api::Process const named{.group = text_of(row, "group"), .name = text_of(row, "name")};
        std::string const name = named.full_name();
        Usage usage{.pid = std::int64_t(number_of(row, "pid")),
                    .seconds = number_of(row, "cpu_seconds"),
                    .at = number_of(answer, "at"),
                    .memory = number_of(row, "memory")};
        usage.percent = percent_of(snapshot.usage[name], usage, uptimes[name]);
        taken.emplace(name, usage);
    }
    snapshot.usage = std::move(taken);
}

void take_events(Snapshot& snapshot, Value const& answer) {
    Array const rows = list_of(answer, "events");
    if (snapshot.events.empty() || snapshot.is_new) {
        snapshot.events.assign(rows.begin(), rows.end());
        return;
    }
    for (Value const& row : rows) snapshot.events.push_front(row);
    if (snapshot.events.size() > event_rows) snapshot.events.resize(event_rows);
}

/// XML cannot hold an escape character, so it comes as U+FFFD (text/value.h): made one again where
/// a colour begins, so that LineWriter takes all of it away.
std::string with_escapes(std::string text) {
    std::string const lost = std::string(text::replacement_character) + "[";
    for (auto at = text.find(lost); at != text.npos; at = text.find(lost, at))
        text.replace(at, lost.size(), "\x1b[");
    return text;
}

void add_lines(Log& log, std::string_view text) {
    while (!text.empty()) {
        auto const end = text.find('\n');
        std::string_view const line = text.substr(0, end);
        if (log.is_open_ended && !log.lines.empty())
            log.lines.back() += line;
        else {
            log.lines.emplace_back(line);
            ++log.begun;
        }
        log.is_open_ended = end == text.npos;
        // A line without an end is cut as the columns are bounded: nobody reads so far to the
        // right.
        if (log.lines.back().size() > log_piece_bytes) log.is_open_ended = false;
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    while (log.lines.size() > log_lines) log.lines.pop_front();
}

Result<> take_one(Snapshot& snapshot, Question const& question, Value value) {
    std::string const& name = question.name;
    snapshot.refusals.erase(name);
    // What is unexplained this moment, or cannot be told yet, is looked at again soon.
    bool const is_clear =
        value.find("unexplained") != nullptr && number_of(value, "unexplained") == 0;
    if (name == "audit")
        snapshot.audited = snapshot.now - (is_clear ? 0 : audit_seconds - audit_again_seconds);
    if (value.find("faultCode") != nullptr && value.find("faultString") != nullptr) {
        snapshot.refusals[name] = text_of(value, "faultString");
        if (name == "log") snapshot.log.trouble = snapshot.refusals[name];
        return {};
    }
    if (name == "status") {
        snapshot.status = TRY(api::read_status(std::move(value)));
        return {};
    }
    if (name == "usage") take_usage(snapshot, value);
    if (name == "events") take_events(snapshot, value);
    if (name == "log") take_log(snapshot.log, value);
    if (name != "usage" && name != "events" && name != "log")
        snapshot.answers[name] = std::move(value);
    return {};
}

}  // namespace

Value const& Snapshot::answer(std::string_view name) const {
    static Value const nothing{Struct{}};
    auto const found = answers.find(name);
    return found == answers.end() ? nothing : found->second;
}

std::vector<Question> questions(State const& state, Snapshot const& snapshot) {
    std::vector<Question> list;
    bool const shows_programs = state.view == View::overview || state.view == View::programs;
    if (shows_programs || snapshot.is_new) ask_status(list);
    switch (state.view) {
    case View::overview:
        ask_overview(list, snapshot);
        break;
    case View::programs:
        ask(list, "usage");
        break;
    case View::tasks:
        ask(list, "tasks");
        break;
    case View::folders:
        ask(list, "folders");
        list.push_back(files_question("asked", "asked"));
        list.push_back(files_question("problem", "problem"));
        list.push_back(files_question("files", ""));
        break;
    case View::queue:
        ask(list, "work");
        ask(list, "running");
        list.push_back(jobs_question("live", "live"));
        list.push_back(jobs_question("dead", "dead"));
        list.push_back(jobs_question("parked", "parked"));
        break;
    case View::runs:
        ask(list, "runs", {Struct{{"limit", run_rows}}});
        break;
    case View::events:
        list.push_back(events_question(snapshot));
        break;
    case View::messages:
        ask(list, "alerts", {Struct{{"limit", message_rows}}});
        ask(list, "outbox", {Struct{{"limit", message_rows}}});
        break;
    case View::log:
        list.push_back(log_question(snapshot.log, state.log));
        break;
    }
    return list;
}

std::vector<Value> calls_of(std::vector<Act> const& list) {
    Array calls;
    for (Act const& act : list)
        calls.push_back(Struct{{"methodName", act.method}, {"params", Array(act.params)}});
    return {std::move(calls)};
}

std::vector<Value> as_one(std::vector<Question> const& list) {
    Array calls;
    for (Question const& question : list)
        calls.push_back(
            Struct{{"methodName", question.method}, {"params", Array(question.params)}});
    return Array(1, Value(std::move(calls)));  // in braces it could be a copy
}

Result<> take(Snapshot& snapshot, std::vector<Question> const& list, Value answers) {
    Array const* values = answers.array();
    if (values == nullptr || values->size() != list.size())
        return Error{Error::Kind::io, "the server's answer is not one for each question"};
    for (std::size_t i = 0; i < list.size(); ++i)
        if (auto good = take_one(snapshot, list[i], (*values)[i]); !good) return good;
    snapshot.trouble.clear();
    snapshot.lost = 0;
    snapshot.is_new = false;
    return {};
}

void take_log(Log& log, Value const& answer) {
    log.trouble.clear();
    auto const offset = std::int64_t(number_of(answer, "offset"));
    auto const size = std::int64_t(number_of(answer, "size"));
    // Emptied or rotated: begin anew, and say nothing twice.
    if (size < log.offset) {
        log.offset = -1;
        return;
    }
    text::LineWriter plain({.format = text::LogFormat::text, .strip_ansi = true});
    std::string const text = with_escapes(text_of(answer, "text"));
    std::string clean;
    plain.write(text, WallTime{}, clean);
    plain.finish(WallTime{}, clean);
    // finish() ends the last line, which may go on.
    if (!text.ends_with('\n') && clean.ends_with('\n')) clean.pop_back();
    add_lines(log, clean);
    log.offset = offset;
    // It grows faster than it is read: the end is what matters.
    if (size - offset > std::int64_t(4 * log_piece_bytes)) {
        log.skipped += size - offset - std::int64_t(log_piece_bytes);
        log.offset = size - std::int64_t(log_piece_bytes);
        log.is_open_ended = false;
    }
}

void lose(Snapshot& snapshot, std::string why, double since) {
    snapshot.trouble = std::move(why);
    snapshot.lost = since;
    // Whoever comes next may be another daemon, with another journal and another log.
    snapshot.is_new = true;
    snapshot.role.clear();
    snapshot.audited = 0;
}

}  // namespace lares::cli::top_view
