// cli/plan_text.h: a plan in words for people: what an update would do to processes, tasks and
// folders. Pure.

#pragma once

#include <string>

#include "api/reports.h"

namespace lares::cli {

/// By actions: each change with its reason and lines; of tasks also when they run next, before and
/// after. "nothing would change" when there is none.
std::string plan_text(api::Plan const&);

}  // namespace lares::cli
