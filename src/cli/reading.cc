// cli/reading.cc: sections and values, with the names that a value may refer to.

#include "cli/reading.h"

#include <utility>

#include "config/values.h"

namespace lares::cli {
namespace {

using config::World;

std::string directory_of(std::string const& path) {
    std::size_t const slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

text::Names environment_names(World const& world) {
    text::Names names;
    for (auto const& [key, value] : world.environment) names.own["ENV_" + key] = value;
    names.own["host_node_name"] = world.host_name;
    return names;
}

bool is_called(std::string_view section, std::string_view name) {
    return section == name || (section.starts_with(name) && section[name.size()] == ':');
}

}  // namespace

std::string absolute(std::string const& path, World const& world) {
    if (path == "~" || path.starts_with("~/")) return world.home + path.substr(1);
    if (path.empty() || path[0] == '/') return path;
    return world.directory + (world.directory.ends_with('/') ? "" : "/") + path;
}

Reading::Reading(World const& world, std::string path)
    : world_(world), path_(std::move(path)), outer_(environment_names(world)) {}

Result<> Reading::read_main() {
    Result<std::string> bytes = world_.read_file(path_);
    if (!bytes) return std::move(bytes).error();
    faulty_ = text::has_errors(text::read_ini(ini_, path_, std::move(bytes).take()));
    return {};
}

void Reading::read_includes() {
    for (std::string const& pattern : config::split_spaces(text("include", "files")))
        for (std::string const& file : world_.glob(beside_main(pattern)))
            if (Result<std::string> bytes = world_.read_file(file))
                (void)text::read_ini(ini_, file, std::move(bytes).take());
}

text::IniSection const* Reading::find(std::string_view name, std::string_view key) const {
    for (text::IniSection const& section : ini_.sections)
        if (is_called(section.name, name) && section.find(key) != nullptr) return &section;
    return nullptr;
}

Result<std::string> Reading::value(text::IniSection const* section, std::string_view key) const {
    text::IniEntry const* entry = section == nullptr ? nullptr : section->find(key);
    if (entry == nullptr) return std::string();
    text::Names names;
    names.outer = &outer_;
    names.own["here"] = directory_of(file_of(entry->place));
    return text::expand(entry->value, names, section->name + "." + std::string(key));
}

std::string Reading::text(std::string_view section, std::string_view key) const {
    Result<std::string> found = value(ini_.find(section), key);
    return found ? std::move(found).take() : std::string();
}

std::string Reading::beside_main(std::string const& pattern) const {
    return pattern[0] == '/' ? pattern : directory_of(path_) + "/" + pattern;
}

std::string const& Reading::file_of(text::Place const& place) const {
    bool const known = place.file >= 0 && std::size_t(place.file) < ini_.sources.size();
    return known ? ini_.sources[std::size_t(place.file)].path : path_;
}

}  // namespace lares::cli
