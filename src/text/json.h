// text/json.h: the one JSON string writer of the house.

#pragma once

#include <string>
#include <string_view>

namespace lares::text {

/// Appends `bytes` as a JSON string with its quotes. Control characters are escaped, so nothing of
/// them is lost; a sequence that is not UTF-8 becomes U+FFFD.
void append_json(std::string& out, std::string_view bytes);

}  // namespace lares::text
