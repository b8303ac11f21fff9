// text/json_value.h: JSON text to values, by Boost.JSON.

#pragma once

#include <string_view>

#include "base/result.h"
#include "text/value.h"

namespace lares::text {

/// Nested at most limits::value_depth deep; of a key that comes twice the last counts; null becomes
/// "". The Error says at which byte.
Result<Value> parse_json(std::string_view text);
/// Whether it is one JSON object and nothing else, without making values of it.
bool is_json_object(std::string_view text);

}  // namespace lares::text
