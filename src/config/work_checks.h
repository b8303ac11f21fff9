// config/work_checks.h: what tasks and folders say of each other, of programs and of resources.

#pragma once

#include <vector>

#include "config/tasks.h"

namespace lares::config {

/// Names that nobody has, circles of `after` and `needs`, resources that there are not, paths that
/// come twice, folders whose files would go round; all go to the report. Gives folders the priority
/// of their task when they say none.
void check_work(Context&, Settings const&, std::vector<ReadTask> const& tasks,
                std::vector<ReadFolder>& folders);

}  // namespace lares::config
