// core/run_diff.h: how two runs differ: "why did it work yesterday?"
//
// Pure. Environments are compared line by line; a secret is there as its hash, so that a changed
// one is seen and never shown.

#pragma once

#include <string>
#include <vector>

#include "core/journal_rows.h"

namespace lares::journal {

struct Difference {
    enum class Sort { setting, environment, course };  // course: how it went, never twice the same
    Sort sort = Sort::setting;
    std::string field;          // "directory", "PATH"
    std::string before, after;  // empty: it is not there
    bool operator==(Difference const&) const = default;
};

/// Settings first, then the environment by name, then how it went. What is the same is left out.
std::vector<Difference> differences(RunRow const& before, RunRow const& after);

/// "  directory: /a -> /b", one line each; the heads "what was run", "environment", "how it went".
std::vector<std::string> print(std::vector<Difference> const&);

}  // namespace lares::journal
