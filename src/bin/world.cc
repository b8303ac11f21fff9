// bin/world.cc: os/ behind the functions that reading a configuration calls.

#include "bin/world.h"

#include <cstdlib>

#include <unistd.h>

#include "base/limits.h"
#include "os/files.h"
#include "os/users.h"
#include "os/zones.h"

namespace lares::bin {

namespace {

text::Variables own_environment() {
    text::Variables variables;
    for (char** line = environ; *line != nullptr; ++line) {
        std::string_view text(*line);
        auto sign = text.find('=');
        if (sign != std::string_view::npos)
            variables.emplace_back(text.substr(0, sign), text.substr(sign + 1));
    }
    return variables;
}

std::optional<config::User> find_user(std::string const& name) {
    auto found = os::find_user(name);
    if (!found) return std::nullopt;
    return config::User{found->name, found->uid, found->gid, found->home, found->shell};
}

/// Each time with zones of its own, so that a configuration may be read on any thread.
Result<schedule::Zone> find_zone(std::string const& name) {
    auto zone = TRY(os::make_zones(os::machine_zones())->find(name));
    return *zone;
}

}  // namespace

config::World real_world() {
    config::World world;
    world.read_file = [](std::string const& path) {
        // The largest there is: a batch of jobs. Configurations have a bound of their own.
        return os::read_file(path, limits::batch_bytes);
    };
    world.read_secret = world.read_file;
    world.glob = [](std::string const& pattern) { return os::glob(pattern); };
    world.is_directory = [](std::string const& path) { return os::is_directory(path); };
    world.find_zone = find_zone;
    world.find_user = find_user;
    world.find_group = [](std::string const& name) { return os::find_group(name); };
    // Zones of its own each time: this may be asked on a worker, and is asked rarely.
    world.find_zone = [](std::string const& name) -> Result<schedule::Zone> {
        auto zones = os::make_zones(os::machine_zones());
        auto found = TRY(zones->find(name));
        return *found;
    };
    world.environment = own_environment();
    world.directory = os::current_directory();
    world.host_name = os::host_name();
    char const* home = std::getenv("HOME");
    world.home = home != nullptr ? home : "";
    world.temporary = os::temporary_directory();
    world.is_root = ::geteuid() == 0;
    return world;
}

}  // namespace lares::bin
