// sim/folders.cc: globs of * and ?, quiet by counting.

#include "sim/folders.h"

#include <algorithm>

namespace lares::sim {

namespace {

/// Neither * nor ? crosses a slash.
bool glob_matches(std::string_view pattern, std::string_view path) {
    if (pattern.empty()) return path.empty();
    if (pattern[0] == '*' && glob_matches(pattern.substr(1), path)) return true;
    if (path.empty()) return false;
    bool wild = (pattern[0] == '*' || pattern[0] == '?') && path[0] != '/';
    if (!wild && pattern[0] != path[0]) return false;
    return glob_matches(pattern[0] == '*' ? pattern : pattern.substr(1), path.substr(1));
}

}  // namespace

void Folders::watch(ports::WatchId id, std::vector<std::string> patterns, Duration quiet) {
    if (watches_.contains(id)) kernel_.complain("a watch under a number in use");
    watches_[id] = {std::move(patterns), quiet};
}

void Folders::change(std::string const& path) {
    kernel_.note("someone changes " + path);
    for (auto& [id, watch] : watches_) {
        bool matches = std::ranges::any_of(watch.patterns, [&](std::string const& pattern) {
            return glob_matches(pattern, path);
        });
        if (!matches) continue;
        kernel_.after(watch.quiet,
                      kernel_.in_this_life([this, id = id, path, change = ++watch.changes] {
                          auto found = watches_.find(id);
                          if (found == watches_.end() || found->second.changes != change) return;
                          kernel_.tell({Lane::Of::watch, static_cast<std::uint64_t>(id)},
                                       ports::FilesChanged{id, path});
                      }));
    }
}

}  // namespace lares::sim
