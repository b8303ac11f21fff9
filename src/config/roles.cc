// config/roles.cc: roles by their names.

#include "config/roles.h"

#include <algorithm>
#include <array>
#include <optional>

#include "text/python.h"

namespace lares::config {

namespace {

constexpr std::array<std::pair<std::string_view, Role>, 4> names = {{
    {"none", Role::none},
    {"viewer", Role::viewer},
    {"operator", Role::operator_},
    {"admin", Role::admin},
}};

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

std::optional<Role> find_role(std::string_view text) {
    auto found = std::ranges::find(names, text, &std::pair<std::string_view, Role>::first);
    return found == names.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::string_view role_name(Role role) {
    for (auto const& [name, each] : names)
        if (each == role) return name;
    return "";
}

Result<Role> parse_role(std::string_view text) {
    auto role = find_role(text::python::strip(text));
    if (!role || *role == Role::none) return invalid("must be viewer, operator or admin");
    return *role;
}

bool is_crypt_hash(std::string_view password) {
    return password.starts_with('$') && password.find('$', 1) != password.npos;
}

}  // namespace lares::config
