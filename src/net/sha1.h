// net/sha1.h: the SHA-1 of a password, for `password = {SHA}...` as supervisord writes it.
//
// Not for anything new: it is what existing configurations hold.

#pragma once

#include <string>
#include <string_view>

namespace lares::net {

/// 40 lower-case hexadecimal digits.
std::string sha1_hex(std::string_view bytes);

}  // namespace lares::net
