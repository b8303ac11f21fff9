// os/screen.h: the terminal of `lares top`, by ncurses.
//
// ncurses is linked into the binary, as other libraries are: with the shared one every start of the
// daemon and of each command would pay for it. It needs the terminal's description (ncurses-base).

#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "ports/screen.h"

namespace lares::os {

/// Takes standard input and output over until it is destroyed. The Error (invalid) says why this
/// terminal will not do: its type is unknown, or it cannot move its cursor. INT, TERM and HUP are
/// from then on what wait() and end() tell of, and kill nobody any more.
Result<std::unique_ptr<ports::Screen>> open_screen(ports::ScreenWish const&);

}  // namespace lares::os
