// apps/capture/search.h: what people type, as FTS5 reads it.

#pragma once

#include <string>
#include <string_view>

namespace lares::capture {

/// All of these words, none of them an operator; quotes hold nothing together. Empty: no word.
std::string full_text_query(std::string_view words);

}  // namespace lares::capture
