// cli/watch.h: what `lares status -w` draws, and which changes it tells where it cannot draw.
//
// Pure: the loop that asks the daemon each second is in cli/status.cc.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "api/reports.h"
#include "cli/doors.h"
#include "cli/table.h"

namespace lares::cli {

/// The lines of one picture, never more than fit into the terminal with the cursor below them. When
/// there are more processes than lines, those that are unwell come first, and a last line counts
/// the rest.
/// @param trouble  why the last question was not answered; empty when it was.
std::vector<std::string> picture(api::Status const&, std::string_view trouble, Terminal const&,
                                 Colour);

/// The bytes that replace a picture of `before` lines by `lines`: cursor up, each row cleared and
/// written (in this order: after a line as wide as the window, clearing the rest would take its
/// last character), and what was below cleared too. One write, so that nothing flickers.
std::string redraw(std::vector<std::string> const& lines, std::size_t before);

/// A process that is not as it was; `line` tells it: "web: RUNNING -> BACKOFF, exited with 1".
struct Change {
    api::Process now;
    std::string line;
};

/// What differs, apart from uptime and use of resources. Processes that came or went too.
std::vector<Change> changes(std::vector<api::Process> const& before,
                            std::vector<api::Process> const& after);

}  // namespace lares::cli
