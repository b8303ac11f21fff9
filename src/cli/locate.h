// cli/locate.h: where the daemon listens, read from the command line or from its configuration.
//
// Reads as little as it can: the main file first and its includes only when that names no server,
// so that a configuration of a thousand programs costs no start-up time, and a faulty one can still
// be asked about. Full reading is config/load.h's.

#pragma once

#include <string>
#include <vector>

#include "api/client.h"
#include "base/result.h"
#include "cli/request.h"
#include "config/load.h"

namespace lares::cli {

/// A server, and what is known of it for the words when nobody answers.
struct Found {
    api::Server server;
    std::string config;   // that named it; empty with --server
    std::string pidfile;  // of that configuration, absolute; empty when it says none
    std::string socket;   // absolute path; empty for http://
    bool operator==(Found const&) const = default;
};

/// --server, else the first [unix_http_server] of the configuration, else its [supervisorctl]
/// serverurl, else its first [inet_http_server]. Credentials come from --username, else from the
/// section that named the server, else (or when that keeps only a {SHA} sum) from [supervisorctl].
/// @param program_directory  of the running program, for the default paths.
/// The Error (invalid) says what was looked for and what to give instead.
Result<Found> locate(Request const&, config::World const&, std::string const& program_directory);

/// The configuration -c names, else the first of the default paths that can be read.
Result<std::string> find_config(std::string const& given, config::World const&,
                                std::string const& program_directory);

}  // namespace lares::cli
