// text/base64.h: bytes as text: RFC 4648, with padding, in one line. Reading it: control/access.h.

#pragma once

#include <string>
#include <string_view>

namespace lares::text {

std::string encode_base64(std::string_view bytes);

}  // namespace lares::text
