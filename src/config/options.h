// config/options.h: one row an option: all that Lares knows about it.
//
// The reader, the defaults, the range checks, `lares explain`, the manual's table and the spelling
// hint are read from these rows, so that a new option is one new row.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/section.h"

namespace lares::config {

/// What `lares explain` and the manual show of an option; the row itself also holds how it is read.
struct OptionDoc {
    Section section;
    std::string_view name;
    std::string_view type;      // "duration", "size", "yes or no", ...
    std::string_view fallback;  // the default, as one would write it; "(required)"
    std::string range;          // "0 to 1000"; may be empty
    std::string_view help;      // one sentence or a few
    bool ours;                  // not supervisord's
    bool is_shared = false;     // of programs, and tasks have it as well
};

std::vector<OptionDoc> all_options();

/// The rows called `name` ("startsecs", or "program.startsecs" for one section; event listeners and
/// FastCGI programs have those of programs too); empty when none. What tasks share with programs is
/// given once, as the program's, unless "task.nice" asks for it.
std::vector<OptionDoc> find_options(std::string_view name);
std::string_view nearest_option(std::string_view name);

/// "supervisord" for Section::supervisord, "program:x" for program, ...
std::string_view section_title(Section);

/// The manual's table of one section's options, as Markdown.
std::string options_as_markdown(Section);

}  // namespace lares::config
