// config/tasks.h: [task:x] and [folder:x] sections, read, put together and checked each by itself.
//
// What concerns several of them (names, circles, resources) is config/work_checks.h.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/programs.h"
#include "config/reader.h"
#include "config/settings.h"

namespace lares::config {

/// A task or folder with the section it came from, to point at when it does not fit the others.
struct ReadTask {
    Task task;
    text::IniSection const* section;
};
struct ReadFolder {
    Folder folder;
    text::IniSection const* section;
};

/// The defaults of all rows a task has.
TaskDraft task_defaults(World const&);

/// Reads one section; none when it has no usable name. `defaults` are task_defaults().
std::optional<ReadTask> read_task(ProgramWorld const&, TaskDraft const& defaults,
                                  text::IniSection const&);
std::optional<ReadFolder> read_folder(Context&, text::IniSection const&);

/// What a schedule's H and jitter hash: the same on this host for ever, another on the next.
std::string stable_words(std::string_view host_name, std::string_view task);

}  // namespace lares::config
