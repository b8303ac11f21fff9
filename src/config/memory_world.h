// config/memory_world.h: a World of files held in memory, for tests of whatever reads
// configuration.
//
// Users root, web (1001) and nobody exist, groups of the same names and staff (50); directories are
// those of the files and a few well-known ones.

#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/load.h"
#include "config/paths.h"
#include "text/glob.h"
#include "text/nearest.h"

namespace lares::config {

using MemoryFiles = std::map<std::string, std::string>;

inline std::optional<User> memory_user(std::string const& name_or_uid) {
    static User const users[] = {
        {"root", 0, 0, "/root", "/bin/sh"},
        {"web", 1001, 1001, "/home/web", "/bin/bash"},
        {"nobody", 65534, 65534, "/nonexistent", "/usr/sbin/nologin"},
    };
    for (auto const& user : users)
        if (user.name == name_or_uid || std::to_string(user.uid) == name_or_uid) return user;
    return std::nullopt;
}

inline std::optional<unsigned> memory_group(std::string const& name_or_gid) {
    static std::pair<std::string, unsigned> const groups[] = {
        {"root", 0}, {"staff", 50}, {"web", 1001}, {"nogroup", 65534}};
    for (auto const& [name, gid] : groups)
        if (name == name_or_gid || std::to_string(gid) == name_or_gid) return gid;
    return std::nullopt;
}

/// Zones that never change their offset: enough to ask whether there is one.
inline Result<schedule::Zone> memory_zone(std::string const& name) {
    static std::pair<std::string, int> const zones[] = {
        {"", 0}, {"UTC", 0}, {"Europe/Berlin", 3600}, {"America/New_York", -18000}};
    for (auto const& [known, offset] : zones)
        if (known == name)
            return schedule::Zone{.name = name, .first_offset = offset, .transitions = {}};
    std::string nearest(text::nearest(name, {"UTC", "Europe/Berlin", "America/New_York"}));
    std::string hint = nearest.empty() ? "" : "; did you mean '" + nearest + "'?";
    return Error{Error::Kind::not_found, "no time zone is called '" + name + "'" + hint};
}

/// The files are copied once and shared by the functions of the World.
inline World memory_world(MemoryFiles given) {
    auto files = std::make_shared<MemoryFiles const>(std::move(given));
    World world;
    world.read_file = [files](std::string const& path) -> Result<std::string> {
        auto file = files->find(path);
        if (file == files->end()) return Error{Error::Kind::not_found, "No such file or directory"};
        return file->second;
    };
    world.glob = [files](std::string const& pattern) {
        std::vector<std::string> paths;
        std::string whole = absolute_path(pattern, "/");
        for (auto const& [path, text] : *files)
            if (text::glob_match(whole, path, text::GlobKind::path)) paths.push_back(path);
        return paths;
    };
    world.is_directory = [files](std::string const& path) {
        for (std::string_view known : {"/", "/tmp", "/var/log", "/run", "/home/web", "/root"})
            if (path == known) return true;
        return std::ranges::any_of(
            *files, [&](auto const& file) { return file.first.starts_with(path + "/"); });
    };
    world.find_zone = memory_zone;
    world.read_secret = world.read_file;
    world.find_user = memory_user;
    world.find_group = memory_group;
    world.environment = {{"HOME", "/root"}, {"PATH", "/usr/bin:/bin"}};
    world.directory = "/start";
    world.host_name = "hearth";
    world.home = "/root";
    world.temporary = "/tmp";
    return world;
}

}  // namespace lares::config
