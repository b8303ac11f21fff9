// config/groups.h: groups and programs together: who belongs where, and that names are unique.

#pragma once

#include "config/reader.h"
#include "config/settings.h"

namespace lares::config {

/// Reads every section that makes processes into `settings.programs` and `settings.groups`, in
/// supervisord's order, and checks names, memberships and depends_on. Needs settings.daemon.
void read_groups(Context&, Settings& settings);

}  // namespace lares::config
