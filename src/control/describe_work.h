// control/describe_work.h: what is told about jobs, runs, tasks, folders and events.
//
// Pure: rows in, structs out. Their members are listed in docs/formats/README.md; clients ignore
// those they do not know. Numbers and times are written as control/work_parts.h says.

#pragma once

#include <vector>

#include "control/work_house.h"
#include "ports/store.h"
#include "text/value.h"

namespace lares::control {

text::Value job_value(job::Job const&);
text::Value run_value(ports::RunRow const&);
/// With what only one run is asked for: its command, environment, directory.
text::Value run_details(ports::RunRow const&);
text::Value event_value(ports::EventRow const&);
text::Value file_value(ports::FileRow const&);
text::Value task_value(TaskInfo const&);
/// With its settings in words.
text::Value task_details(TaskInfo const&);
text::Value folder_value(FolderInfo const&);
text::Value running_value(RunningJob const&);
text::Value maintenance_value(Maintenance const&);
text::Value reasons_value(std::vector<queue::Reason> const&);

template <class Row, class Describe>
text::Array each_value(std::vector<Row> const& rows, Describe describe) {
    text::Array list;
    list.reserve(rows.size());
    for (auto const& row : rows) list.push_back(describe(row));
    return list;
}

}  // namespace lares::control
