// text/graphemes.h: what a reader takes for one character, and what Unicode says of one.
//
// Grapheme clusters of UAX 29 as utf8proc knows them (Unicode 14 in Debian 12): a letter with its
// accents, a flag, a family are one. utf8proc stands in the .cc and nowhere else.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lares::text {

/// Where the grapheme that begins at `at` ends; `at` must be inside `text` and at a boundary.
/// Faulty bytes are graphemes of their own.
std::size_t grapheme_end(std::string_view text, std::size_t at);

/// A letter, mark, digit or connector such as '_': what words and hash tags are made of.
bool is_word_character(char32_t code);
bool is_letter_or_mark(char32_t code);
/// A pictograph: shown as an emoji by itself or with U+FE0F.
bool is_pictograph(char32_t code);
bool is_space(char32_t code);
/// How many columns of a terminal it takes: 0 for what combines with the one before, 1 or 2.
int column_width(char32_t code);
/// Not for showing: controls, directions, joiners, private characters and those not assigned.
bool is_unshown(char32_t code);

/// Composed (NFC), as services count it; faulty bytes become U+FFFD.
std::string compose(std::string_view text);

}  // namespace lares::text
