// text/json_read.h: JSON that others wrote: checked, cut into members, or read into a Value.
//
// By RFC 8259, strictly: no comments, no trailing commas, strings are UTF-8. A payload is kept as
// the text it came in, so what is needed most is a check that allocates nothing and says where each
// member stands; 100,000 lines a second go through it on the loop.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/value.h"

namespace lares::text {

/// One member of an object: its name, decoded, and its value as it stands in the text.
struct JsonMember {
    std::string name;
    std::string_view raw;
};

/// The members of the object that `json` is, in order. The Error says at which byte it is none, and
/// what was expected. Nesting is at most limits::value_depth.
Result<std::vector<JsonMember>> json_members(std::string_view json);

/// Whether `json` is one value, of any type; the Error as above.
Result<> check_json(std::string_view json);

/// A whole document. null is an empty string; numbers without point or exponent that fit are
/// integers, others doubles.
Result<Value> read_json(std::string_view json);

/// The text of a value that is a string; the Error when it is none. `raw` is valid JSON.
Result<std::string> json_string(std::string_view raw);

inline bool begins_json_object(std::string_view raw) { return !raw.empty() && raw[0] == '{'; }

/// `json` without the white space around it.
std::string_view trim_json(std::string_view json);

}  // namespace lares::text
