// config/work_changes.cc: tasks and folders compared by their rows.

#include "config/work_changes.h"

#include <algorithm>
#include <unordered_map>

#include "config/changes.h"
#include "config/rows.h"

namespace lares::config {

namespace {

/// Rows that read into more than one field, so that theirs is not the whole field.
struct Exception {
    std::string_view option;
    bool (*same)(Task const& one, Task const& other);
};
constexpr Exception exceptions[] = {
    // The row of programs compares what comes of it, so that of the task need not.
    {"command", [](Task const&, Task const&) { return true; }},
    // Not written, it follows from overlap = parallel N.
    {"workers",
     [](Task const& one, Task const& other) {
         auto follows = [](Task const& task) { return task.rules.workers == task.rules.parallel; };
         return one.rules.workers == other.rules.workers || (follows(one) && follows(other));
     }},
    {"payload",
     [](Task const& one, Task const& other) {
         return one.payload_keys == other.payload_keys &&
                one.payload_defaults == other.payload_defaults;
     }},
    {"overlap",
     [](Task const& one, Task const& other) {
         return one.rules.overlap == other.rules.overlap &&
                one.rules.parallel == other.rules.parallel;
     }},
    {"retry_backoff",
     [](Task const& one, Task const& other) {
         return one.rules.retry.backoff_min == other.rules.retry.backoff_min &&
                one.rules.retry.backoff_max == other.rules.retry.backoff_max;
     }},
};

std::vector<std::string_view> changed_lines(Task const& before, Task const& after) {
    std::vector<std::string_view> options;
    Side one{before.how, before.process}, other{after.how, after.process};
    bool shell_alone = before.shell != after.shell || before.shell_program != after.shell_program;
    if (before.process.command != after.process.command ||
        (!shell_alone && before.process.argv != after.process.argv))
        options.push_back("command");
    TaskDraft old_draft{.program = {.program = before.how}, .task = before};
    TaskDraft new_draft{.program = {.program = after.how}, .task = after};
    for (auto const& row : task_rows()) {
        auto const* exception = std::ranges::find(exceptions, row.name, &Exception::option);
        bool same = exception != std::end(exceptions) ? exception->same(before, after)
                                                      : row.slot.same(old_draft, new_draft);
        if (!same) options.push_back(row.name);
    }
    for (auto const& change : changed_options(one, other)) options.push_back(change.option);
    return options;
}

std::vector<std::string_view> changed_lines(Folder const& before, Folder const& after) {
    std::vector<std::string_view> options;
    for (auto const& row : folder_rows())
        if (!row.slot.same(before, after)) options.push_back(row.name);
    return options;
}

template <class Named>
std::vector<WorkChange> changes(std::vector<Named> const& before, std::vector<Named> const& after) {
    using What = WorkChange::What;
    std::unordered_map<std::string_view, Named const*> known, kept;
    for (auto const& one : before) known.emplace(one.name, &one);
    std::vector<WorkChange> all;
    for (auto const& one : after) {
        kept.emplace(one.name, &one);
        auto old = known.find(one.name);
        if (old == known.end())
            all.push_back({What::added, one.name, {}});
        else if (!same_meaning(*old->second, one))
            all.push_back({What::changed, one.name, changed_lines(*old->second, one)});
    }
    for (auto const& one : before)
        if (!kept.contains(one.name)) all.push_back({What::removed, one.name, {}});
    return all;
}

}  // namespace

std::vector<WorkChange> changed_tasks(Settings const& before, Settings const& after) {
    return changes(before.tasks, after.tasks);
}

std::vector<WorkChange> changed_folders(Settings const& before, Settings const& after) {
    return changes(before.folders, after.folders);
}

std::vector<std::string_view> changed_work_options(WorkSettings const& before,
                                                   WorkSettings const& after) {
    std::vector<std::string_view> options;
    for (auto const& row : work_rows())
        if (!row.slot.same(before, after)) options.push_back(row.name);
    return options;
}

}  // namespace lares::config
