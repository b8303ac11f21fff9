// os/line_editor.h: a line on a terminal, edited with libedit.
//
// libedit is loaded when a prompt is opened and not before: neither the daemon nor `lares status`
// pays for it (with it linked in, every start costs 0.15 ms and 100 KB more). Where it is missing
// the prompt still works, without editing.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ports/line_editor.h"

namespace lares::os {

/// Null when there is no libedit or the terminal is not fit for it. An interrupt that
/// os/console.h's catch_interrupt() took ends a read().
/// @param history  lines of earlier sessions, oldest first.
std::unique_ptr<ports::LineEditor> open_line_editor(std::vector<std::string> history,
                                                    ports::Completer);

}  // namespace lares::os
