// control/log_window.h: which bytes of a log a reader asked for, by supervisord's rules.
//
// Pure, and written so that one reading is enough: what depends on the file's size is decided on
// what the reading found, never on a size asked for before it (the log grows meanwhile). The rules
// are spec §4.4's, measured on the original. Its 500 on a cut or wrong character is not copied:
// cut ones are dealt with here, wrong ones are replaced by whichever face writes them.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ports/logs.h"

namespace lares::control {

/// What Logs::read is to be asked: from `offset`, or from the end when it is negative.
struct LogWindow {
    std::int64_t offset = 0;
    std::int64_t length = 0;
    /// Of `length`, what the asker wanted; the rest is there to complete a last character.
    std::int64_t wanted = 0;
    bool operator==(LogWindow const&) const = default;
};

/// read*Log: none when the arguments contradict each other (BAD_ARGUMENTS). offset < 0 with length
/// 0: the last |offset| bytes; offset >= 0: `length` bytes from there, or to the end when length is
/// 0. At most limits::log_read_bytes are read: the last ones when counted from the end, else the
/// first.
std::optional<LogWindow> read_window(std::int64_t offset, std::int64_t length);

/// The text of a reading, in whole characters. A character cut by the window belongs to the window
/// in which it begins, so that pages put together lose none and repeat none.
std::string read_text(LogWindow const&, ports::LogRead const&);

/// tail*Log: always the last `length` bytes; negative ones count as 0.
LogWindow tail_window(std::int64_t length);

struct Tail {
    std::string text;
    std::int64_t offset = 0;  // always the file's size
    bool overflow = false;    // more was written than fits between `offset` asked and its length
    bool operator==(Tail const&) const = default;
};

/// As the original: text may hold bytes before `offset`, and is empty when `offset` is past the
/// end.
Tail tail_answer(std::int64_t offset, std::int64_t length, ports::LogRead const&);

/// Without the rest of a character at the front of `bytes`, which were cut out of a longer text.
std::string_view without_cut_front(std::string_view bytes);

/// Without a character at the end whose last bytes are still to come. Bytes that are no UTF-8 stay.
std::string_view without_unfinished_end(std::string_view bytes);

}  // namespace lares::control
