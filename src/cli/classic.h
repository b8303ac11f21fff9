// cli/classic.h: `lares` under its predecessors' names: supervisord and supervisorctl.
//
// The words, streams and exit codes are those of supervisor 4.2.5, which scripts, Ansible, Salt and
// Debian's unit read (spec §3.1 and §5). Nothing here decides about programs: supervisord's options
// become an UpRequest, supervisorctl's commands become XML-RPC calls.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/doors.h"

namespace lares::cli::classic {

/// What supervisor.getSupervisorVersion answers, too: clients compare.
inline constexpr std::string_view version = "4.2.5";

enum class Name { none, supervisord, supervisorctl };

/// Which name a program runs under: `called` is argv[0], "/usr/bin/supervisorctl".
Name name_of(std::string_view called);

/// Both take the words after the name and give the exit status.
/// @param program  for "For help, use PROGRAM -h".
int supervisord(Doors const&, std::string const& program, std::vector<std::string> const& words);
int supervisorctl(Doors const&, std::string const& program, std::vector<std::string> const& words);

/// What -h prints.
std::string supervisord_help(std::string const& program);
std::string supervisorctl_help(std::string const& program);

/// supervisord's two lines for a wrong command line or configuration, and its exit status.
int refuse(Doors const&, std::string const& program, std::string_view what);

}  // namespace lares::cli::classic
