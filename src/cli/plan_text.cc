// cli/plan_text.cc: actions one after the other, processes first, then tasks, folders and channels.

#include "cli/plan_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "control/run_words.h"
#include "text/iso_time.h"

namespace lares::cli {
namespace {

using Names = std::vector<std::string>;

std::string joined(Names const& names) {
    std::string text;
    for (std::string const& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

/// The actions of a plan, each once, as they first come.
Names actions_of(api::Plan const& plan) {
    Names actions;
    auto add = [&](std::string const& action) {
        if (std::ranges::count(actions, action) == 0) actions.push_back(action);
    };
    for (api::PlannedChange const& change : plan.changes) add(change.action);
    for (api::PlannedWork const& work : plan.work) add(work.action);
    return actions;
}

std::string change_text(api::PlannedChange const& change) {
    std::string const reason = change.why.empty() ? "" : ": " + change.why;
    std::string text = fmt::format("    {}{}\n", change.name, reason);
    for (std::string const& line : change.lines) text += "        " + line + "\n";
    if (!change.dependants.empty())
        text += "        and what needs it: " + joined(change.dependants) + "\n";
    return text;
}

/// "Sun 2026-11-29 02:00 +01:00"; as it came when it is no time.
std::string time_words(std::string const& iso) {
    auto const time = text::parse_iso_time(iso);
    return time && time->offset ? control::run_time(time->local - *time->offset, *time->offset)
                                : iso;
}

std::string run_or_none(Names const& runs, std::size_t i) {
    if (i < runs.size()) return time_words(runs[i]);
    return i == 0 ? "(none by the clock)" : "";
}

/// One list where nothing moves, else both beside each other.
std::string runs_text(api::PlannedWork const& work) {
    std::size_t const most = std::max(work.next_before.size(), work.next_after.size());
    if (most == 0) return "";
    std::string const zone = work.timezone.empty() ? "" : " (" + work.timezone + ")";
    if (work.next_before == work.next_after || work.action == "add") {
        std::string text = work.action == "add" ? "        next runs" + zone + ":\n"
                                                : "        next runs" + zone + ", as before:\n";
        for (std::string const& run : work.next_after)
            text += "            " + time_words(run) + "\n";
        return text;
    }
    if (work.action == "remove") {
        std::string text = "        next runs" + zone + " that will not be:\n";
        for (std::string const& run : work.next_before)
            text += "            " + time_words(run) + "\n";
        return text;
    }
    std::string text =
        fmt::format("        next runs{}:\n            {:<30}{}\n", zone, "before", "after");
    for (std::size_t i = 0; i < most; ++i) {
        std::string line = fmt::format("            {:<30}{}", run_or_none(work.next_before, i),
                                       run_or_none(work.next_after, i));
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

std::string work_text(api::PlannedWork const& work) {
    std::string text =
        work.kind == "lares" ? "    [lares]\n" : fmt::format("    {} '{}'\n", work.kind, work.name);
    for (api::PlannedOption const& one : work.options) {
        std::string const place = one.place.empty() ? "" : one.place + ": ";
        text += fmt::format("        {}{}: {} -> {}\n", place, one.option, one.before, one.after);
    }
    for (std::string const& note : work.notes) text += "        " + note + "\n";
    return text + runs_text(work);
}

}  // namespace

std::string plan_text(api::Plan const& plan) {
    if (plan.changes.empty() && plan.work.empty()) return "nothing would change\n";
    std::string text;
    for (std::string const& action : actions_of(plan)) {
        text += action + ":\n";
        for (api::PlannedChange const& change : plan.changes)
            if (change.action == action) text += change_text(change);
        for (api::PlannedWork const& work : plan.work)
            if (work.action == action) text += work_text(work);
    }
    return text;
}

}  // namespace lares::cli
