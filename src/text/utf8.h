// text/utf8.h: UTF-8 read one character at a time, faults included.
//
// Takes any bytes. A faulty sequence is reported with the length that Unicode calls the maximal
// subpart, so that one U+FFFD stands for each, as in Python and in browsers.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lares::text {

struct Character {
    /// What is wrong with a sequence: its first byte, one of the next, or that the text ends in it.
    enum class Fault { none, start, continuation, cut };

    char32_t code = 0;       // meaningless when faulty
    std::size_t length = 0;  // in bytes, at least 1
    Fault fault = Fault::none;
};

/// The character that begins at `at`, which must be inside `text`.
Character read_character(std::string_view text, std::size_t at);

/// Appends `code` as UTF-8; a surrogate or a number beyond Unicode becomes U+FFFD.
void append_character(std::string& out, char32_t code);

/// How many characters `text` has; each faulty sequence counts as one.
std::size_t count_characters(std::string_view text);

inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

}  // namespace lares::text
