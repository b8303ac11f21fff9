// cli/top_troubles.h: what needs a person, worst first; the page's web/src/troubles.js in words.

#pragma once

#include <vector>

#include "cli/top_model.h"

namespace lares::cli::top_view {

/// bad: something does not work; warn: it may soon not; note: somebody wanted it so.
enum class Tone { bad, warn, note };

struct Trouble {
    Tone tone = Tone::note;
    Thing thing;        // kind empty: nothing to act upon
    std::string what;   // "db is FATAL"
    std::string words;  // why
};

std::vector<Trouble> troubles(Snapshot const&);

}  // namespace lares::cli::top_view
