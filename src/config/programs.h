// config/programs.h: the sections that make processes, read, put together and checked.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/reader.h"
#include "config/settings.h"

namespace lares::config {

/// What stays the same for all programs of one load().
struct ProgramWorld {
    Context& context;
    Daemon const& daemon;
    ProgramDraft const& defaults;
};

/// A program as it was read, with what is checked across programs later.
struct ReadProgram {
    Program program;
    std::vector<std::string> process_names;  // empty when one could not be made
    int group_priority = 999;                // of its own group
};

/// The defaults of all program rows.
ProgramDraft program_defaults(World const&);

/// Reads one section for `group`. `in_group`: it is a member of a [group:x], where supervisord adds
/// the section to its words for priority too. None when the section has no usable name.
std::optional<ReadProgram> read_program(ProgramWorld const&, text::IniSection const&, ProgramKind,
                                        std::string const& group, bool in_group);

/// Puts signals, waits and groups of a stop together, for programs and tasks.
void settle_stop(ProgramDraft&);

/// "web" of "[program:web]", stripped; empty when there is nothing.
std::string name_of_section(text::IniSection const&);

}  // namespace lares::config
