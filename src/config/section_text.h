// config/section_text.h: a section of ours as it is made from somebody else's table: read as if it
// stood in a file, or printed so that it does.
//
// Both go through the same values, so that what is printed means what runs.

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/diagnostic.h"
#include "text/ini.h"

namespace lares::config {

struct SectionText {
    std::string name;                // "task:crontab.backup-3fa2"
    std::vector<std::string> notes;  // comments above it; never holding a line end
    std::vector<std::pair<std::string, std::string>> options;  // values as written in a file
    text::Place place;                                         // in the table
    std::string origin;                                        // "/etc/crontab:12"

    void add(std::string option, std::string value) {
        options.emplace_back(std::move(option), std::move(value));
    }
};

/// The section as read_ini() would have it; its entries have the place of the table's line.
text::IniSection as_section(SectionText const&);

/// The section as lines of a file.
std::string print_section(SectionText const&);

/// A text as the value of an option of a task or folder: percent signs doubled, and signs that
/// would begin a comment as %(semicolon)s and %(hash)s. In other sections these names are unknown:
/// there, %(ENV_SEMICOLON:-;)s.
std::string escape_value(std::string_view text);
std::string escape_program_value(std::string_view text);

/// `KEY="value"`, for `environment`; escaped.
std::string print_variable(std::string_view name, std::string_view value);
/// Letters, digits and '_', no digit first: what `environment` can hold.
bool is_variable_name(std::string_view name);

/// Four hexadecimal digits that stay the same for the same text.
std::string short_hash(std::string_view text);

/// A part of a section's name: what is no letter, digit, '.', '_' or '-' becomes '-'; never empty.
std::string name_part(std::string_view text);

}  // namespace lares::config
