// cli/password.h: a password from a person, or from a program that pipes one in.

#pragma once

#include <string>

#include "base/result.h"
#include "cli/doors.h"

namespace lares::cli {

/// From the terminal, typed twice and not shown, or a line of standard input.
Result<std::string> read_password(Doors const&);

}  // namespace lares::cli
