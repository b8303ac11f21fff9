// control/access.h: who may come in: HTTP Basic credentials against a server's user name and
// password.
//
// Pure but for the hash, which is handed in: this room has no crypto library. Comparisons take the
// same time whatever differs.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "config/settings.h"

namespace lares::control {

/// SHA-1 as 40 lower-case hexadecimal digits.
using Sha1 = std::function<std::string(std::string_view)>;

enum class Access { granted, denied, malformed };

/// Judges an Authorization header (empty: none was sent). A server without a user name lets
/// everyone in. A password in the configuration is plain, or "{SHA}" and the SHA-1 of it in
/// hexadecimal. malformed: not base64, or without a colon.
Access judge_access(config::HttpServer const&, std::string_view authorization, Sha1 const&);

/// RFC 4648, padding optional; none when a character does not belong.
std::optional<std::string> decode_base64(std::string_view text);

/// True when both hold the same bytes; its time depends on the lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace lares::control
