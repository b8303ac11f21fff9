// core/usual.h: what a task's runs usually take, and whether one took far more.
//
// The median of the last good runs, not their mean: one long run must neither hide the next nor be
// averaged into what is usual. A value kept as text in the store, one for each task.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace lares::usual {

struct Run {
    Duration wall{0}, cpu{0};
    std::int64_t peak_memory_bytes = 0;
    bool operator==(Run const&) const = default;
};

/// Good runs, oldest first; at most 30.
struct History {
    std::vector<Run> runs;
    bool operator==(History const&) const = default;
};

/// Notes a run that succeeded. Judge it before: it is not compared with itself.
void note(History&, Run const&);

/// Runs known before anything is called unusual.
inline constexpr std::size_t fewest_runs = 8;

/// The median of each figure by itself; zeros before fewest_runs.
Run usual(History const&);

/// In words what was unusual: "took 12 min, usually 3 min; peak memory 812 MB, usually 200 MB";
/// empty: nothing. A figure is unusual beyond `percent` of the usual (0: never) when it is also at
/// least 1 s or 16 MB more: small things vary by large factors.
std::string judge(History const&, Run const&, int percent);

std::string write(History const&);
/// Of what cannot be read, an empty history.
History read(std::string_view record);

}  // namespace lares::usual
