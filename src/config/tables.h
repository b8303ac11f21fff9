// config/tables.h: the tables that [crontab] and [incrontab] name, read live as tasks and folders.

#pragma once

#include <deque>
#include <vector>

#include "config/tasks.h"

namespace lares::config {

struct ReadWork {
    std::vector<ReadTask>& tasks;
    std::vector<ReadFolder>& folders;
    std::deque<text::IniSection>& made;  // the sections of both; must outlive them
};

/// Adds what the tables bring. Nothing in them makes a configuration unusable: a file that cannot
/// be read and a line that is wrong are warnings with their place, and the others run.
void read_tables(ProgramWorld const&, TaskDraft const& defaults, Settings const&, ReadWork);

}  // namespace lares::config
