// delivery/fit.h: a message as one text or several, each within the length that a channel allows.
//
// Pure. What is said last is left out first: the details go whole or not at all, then fields from
// the lowest priority up are cut or dropped, then the text, then the title. The link and the tags
// are always there, whole. No text ends within a URL, a tag or a grapheme.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/message.h"
#include "delivery/budget.h"

namespace lares::deliver {

struct Fitted {
    std::string text;
    std::size_t title_bytes = 0;  // how much of its beginning is the title
    bool operator==(Fitted const&) const = default;
};

/// At least one, none empty. Bytes that are no UTF-8 become U+FFFD, other control characters than
/// ends of lines and tabs are left out. invalid: there is nothing to say, or the link and the tags
/// alone are longer than one text may be (the words say by how much).
Result<std::vector<Fitted>> fit(message::Message const&, Budget const&);

}  // namespace lares::deliver
