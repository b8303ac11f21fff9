// config/channels.h: [channel:x], [budget:x] and what [lares] says of messages.

#pragma once

#include "config/reader.h"
#include "config/settings.h"

namespace lares::config {

/// Reads every [channel:x] and [budget:x] and the rows of [lares] for messages, and checks what
/// `notify`, `letter_to` and `budget` name. Needs the programs, tasks and folders.
void read_delivery(Context&, Settings& settings);

}  // namespace lares::config
