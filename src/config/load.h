// config/load.h: from the bytes of a configuration to Settings, or everything that is wrong with
// it.
//
// Opens no file itself: Files is given by the caller, so that tests need no disk and the daemon can
// read on a worker. All errors of all files are reported at once.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "config/world.h"
#include "text/diagnostic.h"
#include "text/environment.h"

namespace lares::config {

struct Loaded {
    std::optional<Settings> settings;  // none when there was an error
    std::vector<text::Diagnostic> found;
    std::vector<text::Source> sources;  // for text::format
    std::vector<std::string> notes;     // INFO lines: "Included extra file "x" during parsing"
};

/// Reads `path` and what it includes. supervisord's own mistakes give supervisord's words (in
/// Diagnostic::classic, with " in section 'program:x' (file: 'F')" where it has that); unknown
/// options in its sections warn, in ours ([lares] and our other sections) they are errors.
Loaded load(World const&, std::string const& path, Overrides const& = {});

/// The processes of one program in one group, `numprocs` of them (scale gives another number than
/// the section). Pure. The Error is what load() would have reported.
/// @param files  contents of the environment files were read elsewhere, at each start.
Result<std::vector<ProcessSettings>> expand_processes(Settings const&, World const&, Program const&,
                                                      std::string const& group, int numprocs);

/// Where a configuration is looked for when no -c is given (spec §1.1), in order.
std::vector<std::string> default_paths(std::string const& argv0_directory,
                                       std::string const& directory);

}  // namespace lares::config
