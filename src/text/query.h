// text/query.h: query strings and forms, as browsers write them: "a=1&b=two%20words".
//
// Also what stands between the slashes of a path, and cookies. Sources: the URL standard,
// application/x-www-form-urlencoded; RFC 6265. Any bytes give a value: what is no code stays as it
// is.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lares::text {

/// "g:p" for "g%3Ap"; a '%' without two digits after it stays as it is, and so does '+'.
std::string decode_percent(std::string_view text);
/// Everything but letters, digits and "-._~" as %XX.
std::string encode_percent(std::string_view text);

/// Names and values in the order given.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// The fields of a query or a form; '+' is a space in them. A field without '=' has an empty value.
/// Those after the first 100 are left out: no form of ours has so many.
Fields parse_query(std::string_view text);

/// The value of the first field called `name`; empty when there is none.
std::string field(Fields const&, std::string_view name);

/// Of a Cookie header, "a=1; b=2", the first called `name`; empty when there is none.
std::string cookie(std::string_view header, std::string_view name);

}  // namespace lares::text
