// delivery/letter_words.h: the weekly letter in words: as text, as the HTML part of a mail, and as
// a page by itself that prints well.
//
// Pure. What it says is counted in core/letter.h; the sentences are rows of core/words.h, so
// that whoever runs Lares may say them otherwise.

#pragma once

#include <string>
#include <vector>

#include "core/letter.h"
#include "core/words.h"
#include "core/zone.h"

namespace lares::deliver {

struct LetterContext {
    std::string language, host;
    schedule::Zone zone;             // in which times are told
    std::vector<std::string> spent;  // of each budget: "12.40 of 50.00 EUR in this month"
    words::Overrides overrides;
};

struct LetterWords {
    std::string title, text;
    std::string html;  // for a mail: no head, no style sheet that a mail program would drop
    std::string page;  // a whole document
};

LetterWords letter_words(letter::Letter const&, LetterContext const&);

}  // namespace lares::deliver
