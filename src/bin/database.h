// bin/database.h: what `lares db` does, from store/.

#pragma once

#include "cli/doors.h"

namespace lares::bin {

cli::DatabaseTools database_tools();

}  // namespace lares::bin
