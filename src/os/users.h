// os/users.h: looking up users and groups.
//
// The lookups ask the name service (LDAP, say) and may take seconds: not on the loop's thread.

#pragma once

#include <optional>
#include <string>
#include <vector>

namespace lares::os {

struct User {
    std::string name;
    unsigned uid = 0;
    unsigned gid = 0;  // primary
    std::string home;
    std::string shell;
};

/// By name, or by number; a number needs an entry too, as supervisord demands.
std::optional<User> find_user(std::string const& name_or_uid);
std::optional<unsigned> find_group(std::string const& name_or_gid);

/// `gid` and every group that lists the user, as initgroups(3) would set them.
std::vector<unsigned> groups_of(std::string const& user, unsigned gid);

}  // namespace lares::os
