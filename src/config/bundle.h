// config/bundle.h: everything a configuration was read from, so that it can be read again the same.
//
// While load() runs in a recording world, each file it reads and what each pattern matched go into
// a Bundle; in a replaying world the same load() finds them there, whatever the disk holds by now.
// A bundle with a number is a revision: one file in the state directory (docs/formats/revision.md).
// Users, groups and directories are looked up in the world of the day: they are not configuration.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/load.h"
#include "config/world.h"

namespace lares::config {

struct Bundle {
    std::string main;                          // path of the main file; empty: nothing was recorded
    std::map<std::string, std::string> files;  // by path
    std::map<std::string, std::vector<std::string>> globs;  // by pattern: paths that matched
    Overrides overrides;
    // Of a revision:
    int revision = 0;
    std::int64_t when = 0;  // seconds since 1970
    std::string by;         // "start", "client", "files"
    std::string cause;      // "update", "restart", ...
    int programs = 0;
};

/// `bundle` and `world` must outlive the World given.
World recording_world(World const& world, Bundle& bundle);
/// Files and patterns come from `bundle` alone.
World replaying_world(World const& world, Bundle const& bundle);

/// Reads `path` as load() does, and what it is read from into `bundle`.
Loaded load_recorded(World const&, std::string const& path, Overrides const&, Bundle& bundle);
/// Reads a configuration again as it was recorded.
Loaded load_bundle(World const&, Bundle const&);

/// The bytes that say what the configuration is, without number, time and cause: equal for equal
/// configurations.
std::string contents_of(Bundle const&);

/// The file of a revision; any byte may be in the texts.
std::string print_bundle(Bundle const&);
/// Fails for anything that is not whole.
Result<Bundle> parse_bundle(std::string_view bytes);

/// "DIRECTORY/revisions/000012"
std::string revision_path(std::string_view state_directory, int revision);
/// Numbers of the revisions kept, ascending.
std::vector<int> revisions_in(World const&, std::string_view state_directory);
/// The one that was applied last: what a daemon that follows a crashed one must run with, rather
/// than with files that were edited meanwhile. not_found: none is kept. One that cannot be read
/// counts as not there.
Result<Bundle> newest_revision(World const&, std::string_view state_directory);

/// As load_recorded(), but what was applied last when it can be read: for a daemon that follows
/// another. `bundle` has its number then.
Loaded load_applied(World const&, std::string const& path, Overrides const&, Bundle& bundle);

/// Paths of files that differ, are new or are gone; sorted.
std::vector<std::string> differing_files(Bundle const&, Bundle const&);

}  // namespace lares::config
