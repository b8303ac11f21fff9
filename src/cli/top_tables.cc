// cli/top_tables.cc: answers made rows.

#include "cli/top_tables.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "cli/fields.h"
#include "cli/table.h"
#include "cli/top_troubles.h"
#include "cli/top_words.h"

namespace lares::cli::top_view {
namespace {

using text::Array;
using text::Value;

Cell number_cell(double number) { return {fmt::format("{:.0f}", number), Style::plain, number}; }

Cell count_cell(Value const& row, std::string_view member) {
    double const number = number_of(row, member);
    return number == 0 ? Cell{"-", Style::quiet, 0.0} : number_cell(number);
}

Cell state_cell(std::string const& state) { return {state, style_of_state(state), {}}; }

/// How long ago, or "-" for never.
Cell ago_cell(Snapshot const& snapshot, double at) {
    if (!(at > 0)) return {"-", Style::quiet, 0.0};
    return {short_span(snapshot.now - at), Style::plain, snapshot.now - at};
}

Cell when_cell(Look const& look, double at) {
    if (!(at > 0)) return {"-", Style::quiet, 0.0};
    return {look.clock(at), Style::plain, at};
}

Table troubles_table(Snapshot const& snapshot) {
    Table table{.columns = {{"!"}, {"NEEDS YOU"}, {"WHY", false, 1}}};
    for (Trouble const& each : troubles(snapshot)) {
        bool const is_bad = each.tone == Tone::bad, is_note = each.tone == Tone::note;
        Style const style = is_bad ? Style::bad : is_note ? Style::plain : Style::warn;
        Thing thing = each.thing;
        // Of one thing there may be several troubles: the words tell them apart.
        if (thing.kind.empty()) thing.id = each.what;
        table.rows.push_back({thing,
                              {{is_bad    ? "!!"
                                : is_note ? "-"
                                          : "!",
                                style, double(each.tone)},
                               {each.what, style, {}},
                               {each.words, Style::plain, {}}}});
    }
    return table;
}

Table programs_table(Snapshot const& snapshot) {
    Table table{.columns = {{"NAME"},
                            {"STATE"},
                            {"UPTIME", true, 3},
                            {"CPU%", true, 2},
                            {"MEM", true, 2},
                            {"RESTARTS", true, 4},
                            {"PID", true, 5},
                            {"WHY"}},
                .empty = "no program is configured; write a [program:NAME] section"};
    for (auto const& p : snapshot.status.processes) {
        std::string const name = p.full_name();
        auto const used = snapshot.usage.find(name);
        bool const is_measured =
            p.pid != 0 && used != snapshot.usage.end() && used->second.pid == p.pid;
        Cell const none{"-", Style::quiet, -1.0};
        Cell const uptime{short_span(double(p.uptime_seconds)), Style::plain,
                          double(p.uptime_seconds)};
        table.rows.push_back(
            {{"program", name, {}},
             {{name, Style::strong, {}},
              state_cell(p.state_name),
              p.pid != 0 ? uptime : none,
              is_measured
                  ? Cell{short_percent(used->second.percent), Style::plain, used->second.percent}
                  : none,
              is_measured
                  ? Cell{short_bytes(used->second.memory), Style::plain, used->second.memory}
                  : none,
              p.restarts > 0 ? number_cell(double(p.restarts)) : Cell{"-", Style::quiet, 0.0},
              p.pid != 0 ? number_cell(double(p.pid)) : none,
              {reason(p), Style::plain, {}}}});
    }
    return table;
}

/// What keeps it from starting, else why it is late, else what makes it due.
Cell task_words(Value const& task) {
    std::string words;
    for (Value const& block : list_of(task, "blocks"))
        words += (words.empty() ? "" : "; ") + text_of(block, "words");
    if (!words.empty()) return {words, Style::warn, {}};
    if (switch_of(task, "late")) return {text_of(task, "late_words"), Style::warn, {}};
    return {text_of(task, "next_by"), Style::quiet, {}};
}

Table tasks_table(Snapshot const& snapshot) {
    Table table{.columns = {{"TASK"},
                            {"NEXT IN", true},
                            {"LAST"},
                            {"AGO", true, 3},
                            {"RUN", true},
                            {"WAIT", true},
                            {"DONE", true, 5},
                            {"FAILED", true, 4},
                            {"USUAL", true, 6},
                            {"WHY"}},
                .empty = "no task is configured; write a [task:NAME] section"};
    Array const* rows = snapshot.answer("tasks").array();
    if (rows == nullptr) return table;
    for (Value const& task : *rows) {
        double const next = number_of(task, "next"), usual = number_of(task, "usual");
        double const waiting = number_of(task, "ready") + number_of(task, "delayed");
        Cell const none{"-", Style::quiet, 1e18};
        table.rows.push_back(
            {{"task", text_of(task, "task"), id_of(task, "last_run")},
             {{text_of(task, "task"), Style::strong, {}},
              next > 0 ? Cell{short_span(next - snapshot.now), Style::plain, next} : none,
              state_cell(text_of(task, "last_state")),
              ago_cell(snapshot, number_of(task, "last_end")),
              count_cell(task, "running"),
              waiting > 0 ? number_cell(waiting) : Cell{"-", Style::quiet, 0.0},
              count_cell(task, "done"),
              count_cell(task, "failed"),
              usual > 0 ? Cell{short_span(usual), Style::plain, usual} : none,
              task_words(task)}});
    }
    return table;
}

/// The state of a folder in one word, as the page says it.
Cell folder_state(Value const& folder) {
    if (!text_of(folder, "trouble").empty()) return {"trouble", Style::bad, {}};
    if (!text_of(folder, "blocked").empty()) return {"held", Style::warn, {}};
    if (number_of(folder, "taken") > 0) return {"working", Style::good, {}};
    return {"watching", Style::good, {}};
}

std::string folder_words(Value const& folder) {
    std::string words = text_of(folder, "trouble");
    if (words.empty()) words = text_of(folder, "blocked");
    if (double const problems = number_of(folder, "problems"); problems > 0)
        words += fmt::format("{}{:.0f} for you", words.empty() ? "" : "; ", problems);
    words += fmt::format("{}{:.0f} wait, {:.0f} taken", words.empty() ? "" : "; ",
                         number_of(folder, "waiting"), number_of(folder, "taken"));
    if (switch_of(folder, "polled")) words += "; is polled";
    return words;
}

/// Within its folder, else whole.
std::string file_name(std::string path, std::string const& folder) {
    bool const is_below = !folder.empty() && path.starts_with(folder + "/");
    return is_below ? path.substr(folder.size() + 1) : path;
}

void add_files(Table& table, Snapshot const& snapshot, Look const& look, std::string_view answer,
               std::map<std::string, std::string> const& paths, std::set<std::string>& seen) {
    for (Value const& file : list_of(snapshot.answer(answer), "files")) {
        std::string const id = id_of(file, "file"), path = text_of(file, "path");
        if (!seen.insert(id).second) continue;
        std::string const folder = text_of(file, "folder");
        auto const at = paths.find(folder);
        std::string const job = id_of(file, "job"), words = text_of(file, "words");
        table.rows.push_back(
            {{"file", id, {}, path},
             {{"file", Style::plain, {}},
              {folder, Style::plain, {}},
              state_cell(text_of(file, "state")),
              when_cell(look, number_of(file, "seen")),
              {file_name(path, at == paths.end() ? "" : at->second), Style::strong, {}},
              {short_bytes(number_of(file, "size")), Style::plain, number_of(file, "size")},
              {job.empty() ? "-" : job, Style::plain, number_of(file, "job")},
              {words, Style::plain, {}}}});
    }
}

/// The folders, then the files that ask for a person, then what came last.
Table folders_table(Snapshot const& snapshot, Look const& look) {
    Table table{.columns = {{"KIND"},
                            {"FOLDER"},
                            {"STATE"},
                            {"SEEN", false, 3},
                            {"NAME"},
                            {"SIZE", true, 5},
                            {"JOB", true, 4},
                            {"WORDS"}},
                .empty = "no folder is configured; write a [folder:NAME] section"};
    std::map<std::string, std::string> paths;
    Array const* folders = snapshot.answer("folders").array();
    for (Value const& folder : folders == nullptr ? Array{} : *folders) {
        std::string const name = text_of(folder, "folder"), path = text_of(folder, "path");
        paths[name] = path;
        Cell const none{"-", Style::quiet, 0.0};
        table.rows.push_back({{"folder", name, {}, {}},
                              {{"folder", Style::plain, {}},
                               {name, Style::strong, {}},
                               folder_state(folder),
                               none,
                               {path.substr(path.rfind('/') + 1) + "/", Style::quiet, {}},
                               none,
                               none,
                               {folder_words(folder), Style::plain, {}}}});
    }
    std::set<std::string> seen;
    for (char const* answer : {"asked", "problem", "files"})
        add_files(table, snapshot, look, answer, paths, seen);
    return table;
}

std::string progress_of(Value const& running) {
    double const share = number_of(running, "progress");
    std::string words = text_of(running, "progress_words");
    if (share < 0) return words;
    return fmt::format("{:.0f} %{}{}", share, words.empty() ? "" : ": ", words);
}

void add_jobs(Table& table, Snapshot const& snapshot, std::string_view answer,
              std::map<std::string, std::string> const& progress) {
    for (Value const& job : list_of(snapshot.answer(answer), "jobs")) {
        std::string const id = id_of(job, "job");
        auto const running = progress.find(id);
        std::string words = text_of(job, "why");
        if (running != progress.end() && !running->second.empty()) words = running->second;
        std::string const payload = text_of(job, "payload");
        if (payload != "{}") words += (words.empty() ? "" : "  ") + payload;
        table.rows.push_back({{"job", id, id_of(job, "run")},
                              {{id, Style::strong, number_of(job, "job")},
                               {text_of(job, "task"), Style::plain, {}},
                               state_cell(text_of(job, "state")),
                               ago_cell(snapshot, number_of(job, "created")),
                               count_cell(job, "attempts"),
                               count_cell(job, "priority"),
                               {words, Style::plain, {}}}});
    }
}

/// ready jobs have state "running" only once an attempt is under way: those come first, then what
/// waits, then what asks for a person.
Table queue_table(Snapshot const& snapshot) {
    Table table{.columns = {{"JOB", true},
                            {"TASK"},
                            {"STATE"},
                            {"AGE", true},
                            {"TRIES", true, 2},
                            {"PRIO", true, 3},
                            {"WHY"}},
                .empty = "nothing waits, nothing runs, and no job is dead"};
    Value const& work = snapshot.answer("work");
    table.head = fmt::format("{:.0f} run, {:.0f} wait, {:.0f} dead, {:.0f} parked",
                             number_of(work, "running"), number_of(work, "ready"),
                             number_of(work, "dead"), number_of(work, "parked"));
    std::map<std::string, std::string> progress;
    if (Array const* running = snapshot.answer("running").array())
        for (Value const& job : *running) progress[id_of(job, "job")] = progress_of(job);
    add_jobs(table, snapshot, "live", progress);
    std::ranges::stable_partition(table.rows,
                                  [](Row const& row) { return row.cells[2].text == "running"; });
    add_jobs(table, snapshot, "parked", progress);
    add_jobs(table, snapshot, "dead", progress);
    return table;
}

std::string end_of(Value const& run) {
    if (!(number_of(run, "ended") > 0)) return "running";
    std::string const outcome = text_of(run, "outcome");
    return outcome.empty() ? "ended" : outcome;
}

Table runs_table(Snapshot const& snapshot, Look const& look) {
    Table table{.columns = {{"RUN", true},
                            {"OF"},
                            {"STARTED", false, 2},
                            {"TOOK", true},
                            {"END"},
                            {"CODE", true, 3},
                            {"CPU", true, 5},
                            {"MEM", true, 4},
                            {"JOB", true, 6},
                            {"WORDS"}},
                .empty = "nothing has run yet"};
    for (Value const& run : list_of(snapshot.answer("runs"), "runs")) {
        std::string const id = id_of(run, "run");
        bool const is_over = number_of(run, "ended") > 0;
        double const took =
            is_over ? number_of(run, "wall") : snapshot.now - number_of(run, "started");
        double const signal = number_of(run, "signal");
        table.rows.push_back(
            {{"run", id, id},
             {{id, Style::strong, number_of(run, "run")},
              {text_of(run, "subject"), Style::plain, {}},
              when_cell(look, number_of(run, "started")),
              {short_span(took), Style::plain, took},
              state_cell(end_of(run)),
              {!is_over     ? "-"
               : signal > 0 ? fmt::format("sig {:.0f}", signal)
                            : text_of(run, "code"),
               Style::plain, number_of(run, "code")},
              {short_span(number_of(run, "cpu")), Style::plain, number_of(run, "cpu")},
              {short_bytes(number_of(run, "peak_memory")), Style::plain,
               number_of(run, "peak_memory")},
              {id_of(run, "job").empty() ? "-" : id_of(run, "job"), Style::plain,
               number_of(run, "job")},
              {text_of(run, "words"), Style::plain, {}}}});
    }
    return table;
}

Style style_of_event(Value const& event) {
    std::string const kind = text_of(event, "kind"), words = text_of(event, "words");
    auto ends = [&](std::string_view word) { return kind.ends_with(word); };
    bool const is_fatal = kind == "program.state" && words.find("to FATAL") != words.npos;
    if (is_fatal || ends(".dead") || ends(".parked") || ends("failed")) return Style::bad;
    bool const is_backoff = kind == "program.state" && words.find("to BACKOFF") != words.npos;
    if (is_backoff || ends(".late") || ends(".slow")) return Style::warn;
    return Style::plain;
}

Table events_table(Snapshot const& snapshot, Look const& look) {
    Table table{.columns = {{"AT"}, {"KIND"}, {"OF"}, {"WORDS"}, {"WHO", false, 2}},
                .empty = "the journal is empty"};
    for (Value const& event : snapshot.events) {
        std::string const kind = text_of(event, "kind");
        table.rows.push_back({{"event", id_of(event, "event"), {}},
                              {when_cell(look, number_of(event, "at")),
                               {kind, style_of_event(event), {}},
                               {text_of(event, "subject"), Style::strong, {}},
                               {text_of(event, "words"), Style::plain, {}},
                               {text_of(event, "who"), Style::quiet, {}}}});
    }
    return table;
}

void add_alerts(Table& table, Snapshot const& snapshot, Look const& look) {
    for (Value const& alert : list_of(snapshot.answer("alerts"), "alerts")) {
        auto const members = list_of(alert, "members");
        std::string const words =
            members.empty() ? text_of(alert, "words") : text_of(members.front(), "words");
        std::string const who = text_of(alert, "who");
        bool const is_open = !(number_of(alert, "ended") > 0);
        table.rows.push_back(
            {{"alert", id_of(alert, "alert"), {}},
             {{"alert", is_open ? Style::bad : Style::quiet, {}},
              {id_of(alert, "alert"), Style::strong, number_of(alert, "alert")},
              state_cell(text_of(alert, "state")),
              when_cell(look, number_of(alert, "opened")),
              {text_of(alert, "severity"), Style::plain, {}},
              {text_of(alert, "subject"), Style::plain, {}},
              {who.empty() ? words : "in hand of " + who + "; " + words, Style::plain, {}}}});
    }
}

Table messages_table(Snapshot const& snapshot, Look const& look) {
    Table table{.columns = {{"KIND"},
                            {"N", true},
                            {"STATE"},
                            {"SINCE", false, 3},
                            {"BY", false, 2},
                            {"ABOUT"},
                            {"WORDS"}},
                .empty = "nobody was told of anything yet"};
    add_alerts(table, snapshot, look);
    for (Value const& row : list_of(snapshot.answer("outbox"), "deliveries"))
        table.rows.push_back({{"delivery", id_of(row, "delivery"), {}},
                              {{"message", Style::plain, {}},
                               {id_of(row, "delivery"), Style::strong, number_of(row, "delivery")},
                               state_cell(text_of(row, "state")),
                               when_cell(look, number_of(row, "created")),
                               {text_of(row, "channel"), Style::plain, {}},
                               {text_of(row, "title"), Style::plain, {}},
                               {text_of(row, "words"), Style::plain, {}}}});
    return table;
}

bool has(Row const& row, std::string const& wanted) {
    return std::ranges::any_of(row.cells, [&](Cell const& cell) {
        return folded(cell.text).find(wanted) != std::string::npos;
    });
}

bool is_less(Cell const& a, Cell const& b) {
    if (a.number && b.number) return *a.number < *b.number;
    return folded(a.text) < folded(b.text);
}

}  // namespace

Style style_of_state(std::string_view state) {
    for (char const* bad : {"FATAL", "UNKNOWN", "dead", "error", "timeout", "crash", "unstartable",
                            "overflow", "lost", "failed", "firing"})
        if (state == bad) return Style::bad;
    for (char const* warn : {"BACKOFF", "STARTING", "STOPPING", "parked", "interrupted", "expired",
                             "unsure", "cancelled", "asked", "problem"})
        if (state == warn) return Style::warn;
    for (char const* good : {"RUNNING", "running", "done", "ok", "sent"})
        if (state == good) return Style::good;
    return Style::plain;
}

Table table_of(View view, Snapshot const& snapshot, Look const& look) {
    switch (view) {
    case View::overview:
        return troubles_table(snapshot);
    case View::programs:
        return programs_table(snapshot);
    case View::tasks:
        return tasks_table(snapshot);
    case View::folders:
        return folders_table(snapshot, look);
    case View::queue:
        return queue_table(snapshot);
    case View::runs:
        return runs_table(snapshot, look);
    case View::events:
        return events_table(snapshot, look);
    case View::messages:
        return messages_table(snapshot, look);
    case View::log:
        break;
    }
    return {};
}

std::vector<Row> arranged(Table const& table, List const& list) {
    std::vector<Row> rows = table.rows;
    if (!list.filter.empty())
        std::erase_if(rows,
                      [wanted = folded(list.filter)](Row const& row) { return !has(row, wanted); });
    if (list.sort < 0 || std::size_t(list.sort) >= table.columns.size()) return rows;
    auto const column = std::size_t(list.sort);
    std::ranges::stable_sort(rows, [&](Row const& a, Row const& b) {
        return list.is_descending ? is_less(b.cells[column], a.cells[column])
                                  : is_less(a.cells[column], b.cells[column]);
    });
    return rows;
}

}  // namespace lares::cli::top_view
