// control/names.h: which processes a name or a pattern means.
//
// Two grammars. A namespec is supervisord's and exact (spec §4.2): what its clients send. A pattern
// is what a person types at our command line: globs, groups and `all`. Pure.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lares::control {

/// "web" for process web of group web, else "group:web".
std::string full_name(std::string_view group, std::string_view process);

struct NameParts {
    std::string_view group;
    std::string_view process;  // empty: the whole group
};

/// "web" is {web, web}; "g:p" is {g, p}; "g:*" and "g:" are the whole group g.
NameParts split_name(std::string_view namespec);

/// The caller keeps the texts while select() runs.
struct ProcessName {
    std::string_view group;
    std::string_view process;
    std::string_view program;  // section name
};

struct Selection {
    std::vector<std::size_t> chosen;   // positions in the list given
    std::vector<std::string> unknown;  // patterns that mean no process, in their order, once each
};

/// The processes that `patterns` mean, out of `names`.
///
/// Order: by the pattern that first means a process, then as in `names`. Each process comes once.
/// No pattern at all, and `all`, mean every process. With a colon both sides must match, each
/// exactly or as a glob; nothing or `*` after it means the whole group. Without a colon the first
/// of these that finds anything: the process of a group of its own name (supervisord's meaning),
/// processes of that name in any group, the group, the processes of that program; a glob is matched
/// against process names. An exact name goes before a glob: a program may be called "w*".
/// Cost: patterns × names; the caller bounds both.
Selection select(std::vector<ProcessName> const& names, std::vector<std::string> const& patterns);

}  // namespace lares::control
