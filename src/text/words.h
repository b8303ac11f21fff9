// text/words.h: a command line split as a POSIX shell would, without running one.
//
// Quotes and backslashes as in shlex.split(posix=True), which is what supervisord uses: no globs,
// no variables, no "~". Control operators are ordinary characters.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lares::text {

/// Fails with "No closing quotation" or "No escaped character", Python's words for it.
Result<std::vector<std::string>> split_words(std::string_view line);

/// The words as one line that split_words() reads back to the same words.
std::string join_words(std::vector<std::string> const& words);

}  // namespace lares::text
