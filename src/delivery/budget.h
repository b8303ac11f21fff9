// delivery/budget.h: how long one text of a channel may be.
//
// Pure. What each service takes is in the .cc, as of 2026, with what it counts.

#pragma once

#include <cstddef>
#include <string_view>

#include "core/channel.h"
#include "text/length.h"

namespace lares::deliver {

/// Of one text.
struct Budget {
    text::LengthUnit unit = text::LengthUnit::graphemes;
    std::size_t most = 0;   // in the unit; 0: no limit
    std::size_t bytes = 0;  // of UTF-8, beside it; 0: no limit
    /// Texts that one message may become, "(1/3)" at the end of each; 1: it is cut.
    std::size_t texts = 1;
    bool operator==(Budget const&) const = default;
};

/// Of a channel, with its `length` and `threads` over what its service takes.
Budget budget_of(channel::Channel const&);

/// Whether `text` is within it.
bool is_within(std::string_view text, Budget const&);

}  // namespace lares::deliver
