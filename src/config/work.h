// config/work.h: tasks, folders and tables of cron together.

#pragma once

#include "config/reader.h"
#include "config/settings.h"

namespace lares::config {

/// Reads what [lares] says of work into `settings.work`. Needs settings.daemon.
void read_work_settings(Context&, Settings& settings);

/// Reads every [task:x], [folder:x], [crontab] and [incrontab] into `settings`, with the tasks of
/// the tables they name, and checks what they say of each other. Needs the programs and groups.
void read_work(Context&, Settings& settings);

}  // namespace lares::config
