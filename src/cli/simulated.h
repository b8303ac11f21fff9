// cli/simulated.h: what `lares simulate` plays: the tasks of a configuration with their past, and
// the outcome in words.
//
// Pure, but for asking the zones. Triggers that nobody can foretell (folders, hooks, events,
// people) bring what they brought in the past, and nothing where there is no past.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/past.h"
#include "core/simulate.h"
#include "ports/zones.h"
#include "text/value.h"

namespace lares::cli {

struct Scenario {
    std::vector<simulate::Task> tasks;
    simulate::Resources resources;
    /// What was assumed, left out or not understood: "no run is remembered of 'x': 60 s are
    /// assumed".
    std::vector<std::string> notes;
    std::vector<std::string> problems;  // zones that do not exist
};

struct Span {
    std::int64_t from = 0;
    int days = 30;
};

/// What is taken for granted where the past does not say it, or against it.
struct Assumed {
    std::optional<std::int64_t> seconds;  // of a run without a past; none: the timeout, else 0 s
    std::optional<double> failing;        // the share of attempts that fail; none: as in the past
};

/// Tasks that are not enabled are left out.
Scenario scenario_of(config::Settings const&, ports::Zones&, std::string_view host,
                     simulate::Past const&, Assumed const&, Span);

/// What is said of a simulation beside its figures.
struct Telling {
    std::string past;  // where the past came from, in a sentence
    std::vector<std::string> notes;
    schedule::Zone const* zone = nullptr;  // of printed times
};

std::string simulation_text(simulate::Report const&, Telling const&);
text::Value simulation_value(simulate::Report const&, Telling const&);

}  // namespace lares::cli
