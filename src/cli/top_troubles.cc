// cli/top_troubles.cc: one function a source of trouble.

#include "cli/top_troubles.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "cli/fields.h"
#include "cli/table.h"

namespace lares::cli::top_view {
namespace {

using text::Value;
using Troubles = std::vector<Trouble>;

/// Came back so often, and is not up for long: it may go again.
constexpr std::int64_t flapping_restarts = 3;
constexpr std::int64_t flapping_seconds = 60;

bool is_flapping(api::Process const& p) {
    bool const is_up = p.state_name == "RUNNING" || p.state_name == "STARTING";
    if (p.restarts < flapping_restarts) return false;
    if (p.state_name == "EXITED") return p.why.find("restart") != p.why.npos;
    return is_up && p.uptime_seconds < flapping_seconds;
}

void add_process(Troubles& list, api::Process const& p) {
    std::string const name = p.full_name();
    Thing const thing{"program", name, {}};
    auto add = [&](Tone tone, std::string const& what) {
        list.push_back({tone, thing, name + what, reason(p)});
    };
    if (p.state_name == "FATAL" || p.state_name == "UNKNOWN")
        add(Tone::bad, " is " + p.state_name);
    else if (p.state_name == "BACKOFF")
        add(Tone::warn, " could not be started, is tried again");
    else if (is_flapping(p))
        add(Tone::warn, fmt::format(" was restarted {} times", p.restarts));
    else if (p.state_name == "EXITED" && p.exit_status != 0)
        add(Tone::warn, fmt::format(" exited with {}", p.exit_status));
    else if (!p.waits_for.empty())
        add(Tone::note, " waits");
}

void add_task(Troubles& list, Value const& task) {
    std::string const name = text_of(task, "task");
    Thing const thing{"task", name, {}};
    if (switch_of(task, "late"))
        list.push_back({Tone::warn, thing, name + " is late", text_of(task, "late_words")});
    for (Value const& block : list_of(task, "blocks")) {
        std::string const kind = text_of(block, "kind");
        std::string const words = text_of(block, "words");
        if (kind == "paused")
            list.push_back({Tone::note, thing, name + " is paused", words});
        else if (kind != "maintenance" && kind != "disabled")
            list.push_back({Tone::warn, thing, name + " may not start", words});
    }
}

void add_work(Troubles& list, Value const& work) {
    if (std::string const words = text_of(work, "trouble"); !words.empty())
        list.push_back({Tone::bad, {}, "the database of work is in trouble", words});
    auto count = [&](char const* member, Tone tone, char const* words) {
        auto const jobs = static_cast<long long>(number_of(work, member));
        if (jobs > 0)
            list.push_back({tone,
                            {"queue", member, {}},
                            fmt::format("{} {}{}", jobs, member, jobs == 1 ? " job" : " jobs"),
                            words});
    };
    count("dead", Tone::bad, "their retries are used up");
    count("parked", Tone::warn, "they crashed whoever tried; they wait for you");
}

void add_folder(Troubles& list, Value const& folder) {
    std::string const name = text_of(folder, "folder");
    Thing const thing{"folder", name, {}};
    if (std::string const words = text_of(folder, "trouble"); !words.empty())
        list.push_back({Tone::bad, thing, "folder " + name + " is in trouble", words});
    auto const problems = static_cast<long long>(number_of(folder, "problems"));
    auto const files = list_of(folder, "files");
    if (problems > 0)
        list.push_back({Tone::warn, thing,
                        fmt::format("{} file{} of {} wait{} for you", problems,
                                    problems == 1 ? "" : "s", name, problems == 1 ? "s" : ""),
                        files.empty() ? "" : text_of(files.front(), "words")});
    if (std::string const words = text_of(folder, "blocked"); !words.empty())
        list.push_back({Tone::note, thing, "folder " + name + " takes nothing in", words});
}

/// A problem that is told of already becomes its alert's: who has it in hand needs nobody else.
void add_alert(Troubles& list, Value const& alert) {
    if (number_of(alert, "ended") > 0) return;
    bool const is_taken = number_of(alert, "acknowledged") > 0;
    std::string const subject = text_of(alert, "subject");
    auto const slash = subject.find('/');
    std::string const name = slash == subject.npos ? subject : subject.substr(slash + 1);
    bool is_known = false;
    for (Trouble& each : list) {
        if (each.thing.id != name && each.thing.id + ":" + each.thing.id != name) continue;
        is_known = true;
        if (!is_taken) continue;
        each.tone = Tone::note;
        each.words = "in hand of " + text_of(alert, "who") + "; " + each.words;
    }
    if (is_known) return;
    std::string const severity = text_of(alert, "severity");
    bool const is_grave = severity == "critical" || severity == "error";
    auto const problems = list_of(alert, "members");
    std::string words = text_of(problems.empty() ? alert : problems.front(), "words");
    if (is_taken) words = "in hand of " + text_of(alert, "who") + "; " + words;
    list.push_back({is_taken   ? Tone::note
                    : is_grave ? Tone::bad
                               : Tone::warn,
                    {"alert", id_of(alert, "alert"), {}},
                    "alert about " + subject,
                    words});
}

void add_audit(Troubles& list, Value const& audit) {
    auto const count = static_cast<long long>(number_of(audit, "unexplained"));
    if (count > 0)
        list.push_back({Tone::bad,
                        {"audit", "", {}},
                        fmt::format("{} unexplained", count),
                        "was due or accepted, and has no result and no reason: lares audit"});
}

/// What keeps all channels from sending is one trouble, not one a channel.
void add_channels(Troubles& list, Value const& channels) {
    if (channels.array() == nullptr) return;
    std::map<std::string, std::vector<std::string>> silent;
    for (Value const& each : *channels.array())
        if (std::string const words = text_of(each, "trouble"); !words.empty())
            silent[words].push_back(text_of(each, "channel"));
    for (auto const& [words, names] : silent) {
        bool const is_all = names.size() > 1 && names.size() == channels.array()->size();
        for (std::string const& name : names) {
            list.push_back({Tone::bad,
                            {"channel", is_all ? "" : name},
                            is_all ? "no message can be sent" : "channel " + name + " cannot send",
                            words});
            if (is_all) break;
        }
    }
}

void add_house(Troubles& list, Snapshot const& snapshot) {
    if (snapshot.status.config_drift) {
        std::string files;
        for (auto const& file : snapshot.status.config_drift_files)
            files += (files.empty() ? "" : ", ") + file;
        list.push_back(
            {Tone::note, {}, "the files are not what runs", files + "; see: lares plan"});
    }
    Value const& held = snapshot.answer("maintenance");
    if (switch_of(held, "on"))
        list.push_back({Tone::note, {}, "there is a maintenance", text_of(held, "reason")});
}

}  // namespace

std::vector<Trouble> troubles(Snapshot const& snapshot) {
    Troubles list;
    for (auto const& process : snapshot.status.processes) add_process(list, process);
    add_audit(list, snapshot.answer("audit"));
    add_work(list, snapshot.answer("work"));
    if (auto const* tasks = snapshot.answer("tasks").array())
        for (Value const& task : *tasks) add_task(list, task);
    if (auto const* folders = snapshot.answer("folders").array())
        for (Value const& folder : *folders) add_folder(list, folder);
    for (Value const& alert : list_of(snapshot.answer("alerts"), "alerts")) add_alert(list, alert);
    add_channels(list, snapshot.answer("channels"));
    add_house(list, snapshot);
    std::ranges::stable_sort(list, {}, [](Trouble const& each) { return int(each.tone); });
    return list;
}

}  // namespace lares::cli::top_view
