// text/json.h: the one JSON string writer of the house.

#pragma once

#include <string>
#include <string_view>

namespace lares::text {

/// Appends `bytes` as a JSON string with its quotes. Control characters are escaped, so nothing of
/// them is lost; a sequence that is not UTF-8 becomes U+FFFD.
void append_json(std::string& out, std::string_view bytes);

/// As short as it reads back the same, without an exponent where people would look at it; null for
/// what is no number.
void append_json(std::string& out, double number);

}  // namespace lares::text
