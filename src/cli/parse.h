// cli/parse.h: from the words of a command line to a Request, or what is wrong with them.

#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/request.h"

namespace lares::cli {

/// Reads the words after the program's name by the rows of cli/rows.h. Options may stand before or
/// after the command; after "--" there are none. The Error (invalid) is for a person and says what
/// to write instead. --help and --version are accepted with anything else missing.
Result<Request> parse(std::vector<std::string> const& arguments);

}  // namespace lares::cli
