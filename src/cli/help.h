// cli/help.h: what `lares help`, `lares help COMMAND` and `lares completion bash` print.

#pragma once

#include <string>

#include "cli/rows.h"

namespace lares::cli {

std::string help_text();
std::string help_text(CommandRow const&);

/// A bash function that completes commands, their options and, by asking the daemon, names.
std::string bash_completion();
/// The same for the other shells.
std::string zsh_completion();
std::string fish_completion();

}  // namespace lares::cli
