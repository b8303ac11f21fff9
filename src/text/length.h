// text/length.h: how long a text is, as each service counts.
//
// Sources: UAX 29; the public configuration v3 of twitter-text (weights in hundredths: 100 for
// U+0000-10FF and some punctuation, 200 for all else, an emoji 200, a URL 2300, all of the composed
// text); Mastodon (graphemes, a URL 23); Telegram (UTF-16 units); 3GPP for SMS. Where a service's
// finder of URLs knows more than ours (a list of endings), ours takes the larger count, so that
// what we call short enough is never refused.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lares::text {

enum class LengthUnit {
    code_points,
    graphemes,
    bytes,      // of UTF-8
    utf16,      // Telegram
    weighted,   // X
    mastodon,   // graphemes, a URL 23
    sms_parts,  // 160 or 70, then 153 or 67 each
};

std::size_t length(LengthUnit, std::string_view text);

/// What is never cut in two, with what it weighs.
struct Piece {
    std::size_t end = 0;     // byte; it begins where the one before ends
    std::size_t weight = 0;  // in the unit; of sms_parts: septets or UTF-16 units
    bool is_space = false;
    bool is_link = false;  // a URL or a tag, else one grapheme
};
/// The text in pieces until their weights exceed `most` together (all of it when it does not).
/// `is_gsm7`: what an SMS is counted as. Weights of texts that are parted by a space or a line add
/// up.
std::vector<Piece> pieces(LengthUnit, std::string_view text, std::size_t most, bool is_gsm7 = true);

}  // namespace lares::text
