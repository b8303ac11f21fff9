// config/state_directory.cc: a base by environment and user, and a name by path.

#include "config/state_directory.h"

#include <fmt/core.h>

#include <cstdint>

#include "config/paths.h"

namespace lares::config {

namespace {

/// File systems allow 255 bytes.
constexpr std::size_t most_bytes = 200;

std::string_view variable(World const& world, std::string_view name) {
    for (auto const& [key, value] : world.environment)
        if (key == name) return value;
    return {};
}

/// FNV-1a: the same in every version and on every machine.
std::uint64_t number_of(std::string_view text) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return hash;
}

std::string base_directory(World const& world) {
    auto given = variable(world, "STATE_DIRECTORY");
    given = given.substr(0, given.find(':'));
    if (given.starts_with('/')) return std::string(given);
    if (world.is_root) return "/var/lib/lares";
    auto home = variable(world, "XDG_STATE_HOME");
    if (home.starts_with('/')) return std::string(home) + "/lares";
    return absolute_path(world.home + "/.local/state/lares", "/");
}

}  // namespace

std::string folder_name_of(std::string_view main_file) {
    std::string name;
    for (char c : main_file.substr(main_file.starts_with('/') ? 1 : 0)) {
        if (c == '/')
            name += '-';
        else if (c == '-')
            name += "%2D";
        else if (c == '%')
            name += "%25";
        else
            name += c;
    }
    if (name.size() <= most_bytes) return name;
    return fmt::format("{:016x}-", number_of(name)) + name.substr(name.size() - most_bytes / 2);
}

std::string default_state_directory(World const& world, std::string_view main_file) {
    return absolute_path(base_directory(world) + "/" + folder_name_of(main_file), "/");
}

}  // namespace lares::config
