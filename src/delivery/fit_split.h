// delivery/fit_split.h: where a text may be parted: cutting it with an ellipsis, and making several
// of it.
//
// Pure. Part of fit.cc.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/budget.h"

namespace lares::deliver {

/// What is left for one more piece of text.
struct Room {
    std::size_t units = 0, bytes = 0;
    /// A little less, for another try where what was counted apart is longer together.
    Room less() const;
};

/// Cuts texts for one budget. `whole`: all that it is for, which decides what an SMS is counted as.
class Cutter {
public:
    Cutter(Budget const&, std::string_view whole);

    /// Beside `others`, with the end of a line between; nothing when they fill it.
    Room room_beside(std::string_view others) const;
    /// As much of `text` as fits, at a word where one ends near, with an ellipsis; empty: not even
    /// one piece fits.
    std::string cut(std::string_view text, Room) const;
    /// Where the first part of `text` ends that fits; 0: not even one piece does.
    std::size_t part_end(std::string_view text, Room) const;
    Room room() const { return room_; }
    std::vector<text::Piece> pieces(std::string_view text) const;
    Room weight(std::string_view text) const;

private:
    Budget budget_;
    bool is_gsm7_;
    Room room_;
};

/// At most what the number of a text takes: " (10/20)".
inline constexpr std::size_t mark_units = 8;

/// "… (1/3)" each; as it is when it fits into one. None: a link in it is longer than any text may
/// be, or a text has no room for its number.
std::optional<std::vector<std::string>> split(std::string_view text, Budget const&);

}  // namespace lares::deliver
