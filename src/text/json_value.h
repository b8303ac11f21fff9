// text/json_value.h: JSON read into a Value. Writing it: text/value.h.
//
// What XML-RPC's types cannot say is said as they can: null is an empty text, a whole number beyond
// 64 bits is a double. Everything is bounded: depth by limits::value_depth, size by the caller.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/result.h"
#include "text/value.h"

namespace lares::text {

struct JsonLimits {
    std::size_t bytes = limits::payload_bytes;
    std::size_t depth = limits::value_depth;  // of nested arrays and objects
};

/// The value of a whole text. Of members with one name the last wins, in the place of the first.
/// The Error says at which byte and what was wrong.
Result<Value> parse_json(std::string_view text, JsonLimits limits = {});

/// True for the text of an object within the limits, without building it: cheap enough for each of
/// 100,000 payloads a second. Refuses what parse_json() refuses.
bool is_json_object(std::string_view text, JsonLimits limits = {});

/// One spelling for one meaning, to compare and hash: members sorted by name, no spaces, numbers as
/// to_json() has them.
std::string canonical_json(Value const& value);

}  // namespace lares::text
