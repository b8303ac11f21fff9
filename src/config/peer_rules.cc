// config/peer_rules.cc: users, groups and their roles, entry by entry.

#include "config/peer_rules.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "config/values.h"
#include "config/world.h"
#include "text/python.h"

namespace lares::config {

namespace {

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

std::optional<Role> find_role(std::string_view text) {
    if (text == role_name(Role::none)) return Role::none;
    auto role = parse_role(text);
    return role ? std::optional(*role) : std::nullopt;
}

std::optional<unsigned> number_of(std::string_view text) {
    unsigned number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    bool whole = error == std::errc() && end == text.data() + text.size();
    return whole ? std::optional(number) : std::nullopt;
}

Result<PeerRule> parse_who(World const& world, std::string_view text) {
    using Who = PeerRule::Who;
    if (text == "*") return PeerRule{};
    bool is_group = text.starts_with('@');
    std::string name(text.substr(is_group ? 1 : 0));
    if (name.empty())
        return invalid("an entry names nobody; write USER:ROLE, @GROUP:ROLE or *:ROLE");
    if (is_group) {
        auto gid = world.find_group(name);
        if (!gid) gid = number_of(name);
        if (!gid) return invalid("there is no group '" + name + "' on this system");
        return PeerRule{Who::group, *gid, Role::none};
    }
    auto user = world.find_user(name);
    auto uid = user ? std::optional(user->uid) : number_of(name);
    if (!uid) return invalid("there is no user '" + name + "' on this system");
    return PeerRule{Who::user, *uid, Role::none};
}

Result<PeerRule> parse_rule(World const& world, std::string const& entry) {
    auto colon = entry.rfind(':');
    if (colon == entry.npos)
        return invalid("'" + entry + "' has no role; write " + entry +
                       ":viewer, operator, admin or none");
    auto role = find_role(text::python::strip(std::string_view(entry).substr(colon + 1)));
    if (!role)
        return invalid("'" + entry.substr(colon + 1) +
                       "' is no role; there are none, viewer, operator and admin");
    PeerRule rule =
        TRY(parse_who(world, text::python::strip(std::string_view(entry).substr(0, colon))));
    rule.role = *role;
    return rule;
}

}  // namespace

Result<std::vector<PeerRule>> parse_peer_rules(World const& world, std::string_view text) {
    std::vector<PeerRule> rules;
    for (auto const& entry : split_commas(text)) {
        PeerRule rule = TRY(parse_rule(world, entry));
        bool is_twice = std::ranges::any_of(rules, [&](PeerRule const& other) {
            return other.who == rule.who && other.id == rule.id;
        });
        if (is_twice) return invalid("'" + entry + "' has a role already");
        rules.push_back(rule);
    }
    return rules;
}

}  // namespace lares::config
