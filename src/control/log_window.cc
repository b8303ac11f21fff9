// control/log_window.cc: the arithmetic of log windows, and where characters begin and end.

#include "control/log_window.h"

#include <algorithm>

#include "base/limits.h"

namespace lares::control {

namespace {

constexpr std::int64_t longest_rest = 3;  // bytes of a UTF-8 character after its first

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Bytes a character has that begins with `first`; 1 for what begins none.
std::size_t character_bytes(char first) {
    auto byte = static_cast<unsigned char>(first);
    if (byte >= 0xC2 && byte <= 0xDF) return 2;
    if (byte >= 0xE0 && byte <= 0xEF) return 3;
    if (byte >= 0xF0 && byte <= 0xF4) return 4;
    return 1;
}

std::size_t front_rest(std::string_view bytes) {
    std::size_t count = 0;
    while (count < bytes.size() && count < longest_rest && is_continuation(bytes[count])) ++count;
    return count;
}

/// Where the character begins that has not ended by `end`; `end` when the last one is whole.
std::size_t unfinished_from(std::string_view bytes, std::size_t end) {
    std::size_t begin = end;
    for (std::size_t back = 1; back <= longest_rest && back <= end; ++back) {
        if (is_continuation(bytes[end - back])) continue;
        if (character_bytes(bytes[end - back]) > back) begin = end - back;
        break;
    }
    return begin;
}

/// The end of the first `wanted` bytes, moved on to finish a character begun in them.
std::size_t end_of(std::string_view bytes, std::size_t wanted) {
    if (wanted >= bytes.size()) return bytes.size();
    auto begin = unfinished_from(bytes, wanted);
    if (begin == wanted) return wanted;
    auto end = wanted;
    auto full = begin + character_bytes(bytes[begin]);
    while (end < bytes.size() && end < full && is_continuation(bytes[end])) ++end;
    return end;
}

std::int64_t bounded(std::int64_t length) {
    return std::clamp<std::int64_t>(length, 0, limits::log_read_bytes);
}

}  // namespace

std::string_view without_cut_front(std::string_view bytes) {
    return bytes.substr(front_rest(bytes));
}

std::string_view without_unfinished_end(std::string_view bytes) {
    return bytes.substr(0, unfinished_from(bytes, bytes.size()));
}

std::optional<LogWindow> read_window(std::int64_t offset, std::int64_t length) {
    if (offset < 0) {
        if (length != 0) return std::nullopt;
        // Not -offset: the least number has no positive counterpart.
        auto last = offset < -limits::log_read_bytes ? limits::log_read_bytes : -offset;
        return LogWindow{-last, last, last};
    }
    if (length < 0) return std::nullopt;
    auto wanted = bounded(length == 0 ? limits::log_read_bytes : length);
    return LogWindow{offset, wanted + longest_rest, wanted};
}

std::string read_text(LogWindow const& window, ports::LogRead const& read) {
    std::string_view bytes = read.bytes;
    auto start = window.offset >= 0 ? window.offset : read.size - std::int64_t(bytes.size());
    auto end = end_of(bytes, static_cast<std::size_t>(window.wanted));
    // Only at the end of the file may the missing bytes still come; elsewhere they never will.
    bytes = end == bytes.size() ? without_unfinished_end(bytes) : bytes.substr(0, end);
    return std::string(start > 0 ? without_cut_front(bytes) : bytes);
}

LogWindow tail_window(std::int64_t length) {
    auto last = bounded(length);
    return {-last, last, last};
}

Tail tail_answer(std::int64_t offset, std::int64_t length, ports::LogRead const& read) {
    offset = std::max<std::int64_t>(0, offset);
    length = std::max<std::int64_t>(0, length);
    // Compared by subtraction: offset + length may not fit.
    bool overflow = read.size > length && read.size - length > offset;
    Tail tail{{}, read.size, overflow};
    if (!overflow && offset > read.size - 1) return tail;
    auto last = std::min(static_cast<std::size_t>(bounded(length)), read.bytes.size());
    auto bytes = std::string_view(read.bytes).substr(read.bytes.size() - last);
    if (read.size > std::int64_t(last)) bytes = without_cut_front(bytes);
    tail.text = without_unfinished_end(bytes);
    return tail;
}

}  // namespace lares::control
