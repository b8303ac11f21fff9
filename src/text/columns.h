// text/columns.h: any bytes as text that a terminal shows in a known number of columns.
//
// Names, file names and log lines come from strangers. What a terminal would obey (escape
// sequences, controls), what turns the direction of writing, and bytes that are no UTF-8 are shown
// as a mark in their place; marks that combine are kept, two of them to a letter at most. What
// comes out has no character whose width terminals disagree about.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lares::text {

/// What the terminal can show.
enum class Charset { ascii, utf8 };

/// A tab becomes spaces up to the next multiple of eight. In ASCII each column of another character
/// is a '?'.
std::string harmless(std::string_view bytes, Charset);

/// Of text that harmless() gave.
std::size_t columns_of(std::string_view text);

/// The first so many columns of text that harmless() gave. Where something was cut, the last of
/// them is a mark ('~'); never half a wide character.
std::string cut_to(std::string_view text, std::size_t columns);

/// The text from that column on; a wide character that is cut in half becomes a space.
std::string from_column(std::string_view text, std::size_t column);

}  // namespace lares::text
