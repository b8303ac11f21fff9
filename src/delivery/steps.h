// delivery/steps.h: the exchanges of one delivery that takes several: each recipient, each text of
// a thread, each file.
//
// What the service called each that it took is kept in Answer::provider, with spaces between, and
// comes back in Try::resume: a later try begins where this one stopped. "-" stands for a step that
// was refused.

#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/delivery.h"
#include "delivery/send.h"

namespace lares::deliver {

/// Names of the steps before.
using Done = std::vector<std::string>;
inline constexpr std::string_view refused_step = "-";

/// Does `step` for each number below `count` that is not done, until one is neither sent nor
/// refused; that one's outcome is the whole's. All refused is refused; some refused beside others
/// is sent, with who refused in the words. Costs and units add up. An empty provider becomes "?".
delivery::Answer in_steps(
    std::size_t count, Try const&,
    std::function<delivery::Answer(std::size_t number, Done const&)> const& step);

std::vector<std::string> names_in(std::string_view providers);

}  // namespace lares::deliver
