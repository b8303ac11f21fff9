// config/check.h: what `lares check FILE` tells of a configuration: everything wrong with it and,
// when it is good, what would run. Text for people, a Value for --json. Pure.

#pragma once

#include <string>

#include "config/load.h"
#include "text/value.h"

namespace lares::config {

/// All that was found, in the order of the files ("lares: FILE:14: ..."), then either what would
/// run, one line a process (name, command, user, autostart, needs), or how many errors there are.
std::string check_text(Loaded const&, World const&);

/// The same: {good (bool), path, errors, warnings (arrays of {file, line, column, what, hint,
/// classic}), notes (array of texts), groups: [{name, priority, implied}], processes: [{name,
/// group, process, program, kind, command, user, autostart, priority, needs (array)}], tasks:
/// [{name, origin, argv (array), user, enabled, triggers (array of texts)}], folders: [{name, path,
/// task}], servers (array of texts)}. The last five are empty when it is not good.
text::Value check_value(Loaded const&, World const&);

/// What supervisord prints for the first error, without "Error: "; empty when there is none.
std::string classic_error(Loaded const&);

}  // namespace lares::config
