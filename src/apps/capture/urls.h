// apps/capture/urls.h: where a redirect leads.

#pragma once

#include <string>
#include <string_view>

namespace lares::capture {

/// What a Location header means, seen from the URL that was asked (RFC 3986, 5.2), without its
/// fragment; spaces and bytes beyond ASCII, which do not belong there, as %XX. Empty: it leads to
/// nothing that is http or https.
std::string redirected(std::string_view from, std::string_view location);

}  // namespace lares::capture
