// cli/status.cc: `lares status`, once or staying, and `lares pid`.

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "cli/fields.h"
#include "cli/session.h"
#include "cli/watch.h"

namespace lares::cli {
namespace {

using std::chrono_literals::operator""s;

std::string table_text(std::vector<api::Process> const& processes, Colour colour) {
    std::vector<std::string> lines = table_lines(processes);
    std::string text = lines.front() + "\n";
    for (std::size_t i = 0; i < processes.size(); ++i)
        text += coloured(std::move(lines[i + 1]), processes[i], colour) + "\n";
    return text;
}

/// Says below the table that what runs is not what the files say.
void print_drift(Session const& session, api::Status const& status) {
    if (!status.config_drift) return;
    std::string files;
    for (std::string const& file : status.config_drift_files)
        files += (files.empty() ? "" : ", ") + file;
    print(session.doors,
          fmt::format("the configuration on disk is not what runs{}; see: lares plan",
                      files.empty() ? "" : " (" + files + ")"));
}

std::string names_of_list(text::Array const& names) {
    std::string text;
    for (text::Value const& name : names)
        if (name.text() != nullptr) text += (text.empty() ? "" : ", ") + *name.text();
    return text;
}

/// One line about jobs; nothing where there are no tasks, or the daemon does not know the question.
void print_work(Session& session, api::Status const& status) {
    if (status.tasks == 0) return;
    Result<text::Value> const work = session.client.call("lares.work", {});
    if (!work) return;
    bool const is_one = text_of(*work, "ready") == "1";
    std::string line = fmt::format("{} task{}: {} job{} wait{}, {} run", status.tasks,
                                   status.tasks == 1 ? "" : "s", text_of(*work, "ready"),
                                   is_one ? "" : "s", is_one ? "s" : "", text_of(*work, "running"));
    if (number_of(*work, "dead") > 0) line += ", " + text_of(*work, "dead") + " are dead";
    if (number_of(*work, "parked") > 0) line += ", " + text_of(*work, "parked") + " are parked";
    for (char const* what : {"paused", "late"}) {
        std::string const names = names_of_list(list_of(*work, what));
        if (!names.empty()) line += std::string("; ") + what + ": " + names;
    }
    if (status.audited > 0) line += fmt::format("; {} unexplained", status.unexplained);
    if (switch_of(*work, "maintenance")) line += "; there is a maintenance";
    if (!text_of(*work, "trouble").empty()) line += "; " + text_of(*work, "trouble");
    print(session.doors, line);
}

void print_table(Session const& session, api::Status const& status) {
    if (!status.processes.empty()) {
        Colour const colour = colour_of(session.doors, session.request);
        print(session.doors, table_text(status.processes, colour));
    } else if (status.unknown.empty()) {
        print(session.doors, "no program is configured");
    }
}

int exit_status_of(Session const& session, api::Status const& status) {
    bool const unwell = session.request.fail && std::ranges::any_of(status.processes, is_unwell);
    return unwell || !status.unknown.empty() ? exit_status::refused : exit_status::done;
}

/// Puts the cursor back whichever way the watch ends.
class HiddenCursor {
public:
    explicit HiddenCursor(Doors const& doors) : doors_(doors) { doors_.out("\x1b[?25l"); }
    ~HiddenCursor() { doors_.out("\x1b[?25h"); }
    HiddenCursor(HiddenCursor const&) = delete;
    HiddenCursor& operator=(HiddenCursor const&) = delete;

private:
    Doors const& doors_;
};

/// Draws over the picture before, once a second.
int watch_drawn(Session& session, api::Status last) {
    HiddenCursor const hidden(session.doors);
    Colour const colour = colour_of(session.doors, session.request);
    Terminal window = session.doors.terminal();
    std::size_t drawn = 0;
    std::string trouble;
    while (true) {
        Terminal const now = session.doors.terminal();
        // Lines that a narrower window has broken cannot be counted back: begin a clean screen.
        bool const resized = now.columns != window.columns || now.rows != window.rows;
        window = now;
        std::vector<std::string> const lines = picture(last, trouble, window, colour);
        std::string const bytes = redraw(lines, resized ? 0 : drawn);
        session.doors.out(resized ? "\x1b[2J\x1b[H" + bytes : bytes);
        drawn = lines.size();
        if (!session.doors.pause(1s)) return exit_status::done;
        Result<api::Status> next = session.client.status(session.request.words);
        trouble = next ? "" : next.error().what;
        if (next) last = std::move(next).take();
    }
}

/// Tells changes as lines; with --json the whole status again, a line each time.
int watch_told(Session& session, api::Status last) {
    bool lost = false;
    while (session.doors.pause(1s)) {
        Result<text::Value> value = session.client.status_value(session.request.words);
        if (!value) {
            if (!std::exchange(lost, true))
                complain(session.doors, value.error().what + "; trying again");
            continue;
        }
        lost = false;
        std::string const json = session.request.json ? text::to_json(*value) : "";
        Result<api::Status> now = api::read_status(std::move(value).take());
        if (!now) return fail(session, now.error());
        std::vector<Change> const found = changes(last.processes, now->processes);
        last = std::move(now).take();
        if (found.empty()) continue;
        std::string text = json;
        if (!session.request.json)
            for (Change const& change : found) text += change.line + "\n";
        print(session.doors, text);
    }
    return exit_status::done;
}

text::Value pids(std::vector<api::Process> const& processes) {
    text::Array list;
    for (api::Process const& process : processes)
        list.push_back(
            text::Struct{{"name", process.name}, {"group", process.group}, {"pid", process.pid}});
    return list;
}

int daemon_pid(Session& session) {
    Result<std::int64_t> const number = session.client.daemon_pid();
    if (!number) return fail(session, number.error());
    if (session.request.json) {
        print_json(session.doors, text::Struct{{"pid", *number}});
    } else {
        print(session.doors, std::to_string(*number));
    }
    return exit_status::done;
}

/// The answer as it came, with all its members; also read, for the exit status.
Result<api::Status> print_status_json(Session& session) {
    text::Value value = TRY(session.client.status_value(session.request.words));
    print_json(session.doors, value);
    return api::read_status(std::move(value));
}

}  // namespace

int status(Session& session) {
    if (session.request.watch) return watch(session);
    Result<api::Status> const status = session.request.json
                                           ? print_status_json(session)
                                           : session.client.status(session.request.words);
    if (!status) return fail(session, status.error());
    if (!session.request.json) {
        // A house may be there for its tasks alone.
        if (status->tasks == 0 || !status->processes.empty()) print_table(session, *status);
        print_work(session, *status);
        print_drift(session, *status);
    }
    complain_of_unknown(session, status->unknown);
    return exit_status_of(session, *status);
}

int watch(Session& session) {
    Result<text::Value> value = session.client.status_value(session.request.words);
    if (!value) return fail(session, value.error());
    std::string const json = session.request.json ? text::to_json(*value) : "";
    Result<api::Status> read = api::read_status(std::move(value).take());
    if (!read) return fail(session, read.error());
    api::Status first = std::move(read).take();
    complain_of_unknown(session, first.unknown);
    if (!first.unknown.empty()) return exit_status::refused;
    session.doors.catch_interrupt();
    if (session.doors.terminal().is_tty && !session.request.json)
        return watch_drawn(session, std::move(first));
    if (session.request.json) {
        print(session.doors, json);
    } else {
        print_table(session, first);
    }
    return watch_told(session, std::move(first));
}

int pid(Session& session) {
    if (session.request.words.empty()) return daemon_pid(session);
    Result<api::Status> const status = session.client.status(session.request.words);
    if (!status) return fail(session, status.error());
    complain_of_unknown(session, status->unknown);
    int result = status->unknown.empty() ? exit_status::done : exit_status::refused;
    std::string text;
    for (api::Process const& process : status->processes) {
        if (process.pid != 0) {
            text += std::to_string(process.pid) + "\n";
            continue;
        }
        // "0" would be dangerous here: kill $(lares pid web).
        complain(session.doors,
                 fmt::format("{} does not run: {}", process.full_name(), process.state_name));
        result = exit_status::refused;
    }
    if (session.request.json) {
        print_json(session.doors, pids(status->processes));
    } else if (!text.empty()) {
        print(session.doors, text);
    }
    return result;
}

}  // namespace lares::cli
