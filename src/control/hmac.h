// control/hmac.h: HMAC-SHA256 (RFC 2104) over a SHA-256 that is handed in.
//
// This room has no crypto library; DoorTools brings the hash. Pure.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "control/access.h"

namespace lares::control {

/// Lower-case hexadecimal digits of HMAC-SHA256 of `first` and `second`, one behind the other.
std::string hmac_sha256_hex(Hash const& sha256, std::string_view key, std::string_view first,
                            std::string_view second = {});

}  // namespace lares::control
