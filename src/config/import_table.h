// config/import_table.h: what `lares import` prints: somebody else's table as sections that
// `lares check` accepts. Pure.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/section_text.h"
#include "config/world.h"
#include "text/diagnostic.h"
#include "text/value.h"

namespace lares::config {

struct Imported {
    std::vector<SectionText> sections;
    /// Errors: what was passed over. Warnings: what means something else now.
    std::vector<text::Diagnostic> found;
    std::vector<text::Source> sources;
};

/// `kind`: "crontab", "incrontab", "procfile", "systemd-timer". `path`: absolute. `is_system`: a
/// field with the user; none: as the path says. Invalid: no such kind (the hint is in the words),
/// or a timer whose service cannot be read.
Result<Imported> import_table(World const&, std::string_view kind, std::string const& path,
                              std::string text, std::optional<bool> is_system = std::nullopt);

/// The sections as a file.
std::string import_text(Imported const&);
/// {sections: [{name, origin, options: {…}}], errors, warnings: [{file, line, what, hint}]}
text::Value import_value(Imported const&);

}  // namespace lares::config
