// config/peer_rules.h: the rules of `peer_roles`, read from their text.

#pragma once

#include <string_view>
#include <vector>

#include "config/roles.h"

namespace lares::config {

struct World;

/// "root:admin, @adm:operator, www-data:viewer, *:none". Users and groups must exist; a number
/// stands for itself. Not allowed twice: the same user, group or '*'.
Result<std::vector<PeerRule>> parse_peer_rules(World const& world, std::string_view text);

}  // namespace lares::config
