// cli/top_keys.h: what a key does, by mode and view, and how a choice outlives new answers.
//
// Pure: the state follows here, what the key asks of the world is given back.

#pragma once

#include <string>

#include "cli/top_model.h"

namespace lares::cli::top_view {

/// What the key asks of the world; the state has followed already.
struct Effect {
    enum class Kind {
        none,
        quit,
        poll,  // another view or log: ask for it at once
        act,   // confirmed: do it
        read,  // ask, and show the answer's lines
    };
    Kind kind = Kind::none;
    Act act;      // to read
    Order order;  // to act
};

Effect press(State&, Snapshot const&, Look const&, ports::Key, ports::ScreenSize);

/// Brings choice and scrolling back to what there is, after new answers or another size.
void settle(State&, Snapshot const&, Look const&, ports::ScreenSize);

}  // namespace lares::cli::top_view
