// cli/trouble.h: why a daemon could not be asked, in plain words with what to do about it.
//
// survey() looks at what surrounds the socket; words() decides from that alone what to say.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/doors.h"
#include "cli/locate.h"

namespace lares::cli {

/// What was seen around the server when a call failed.
struct Scene {
    FileLook socket;
    std::optional<std::int64_t> pid;  // that the pidfile names
    bool is_alive = false;            // that pid
    std::string user;                 // who asks
};

Scene survey(Found const&, Doors const&);

/// Sentences for a person, the first without "lares: ", each line ending in '\n', further ones
/// indented.
std::string words(Error const&, Found const&, Scene const&);

/// exit_status::nobody when nobody listens, else refused.
int exit_status_of(Error const&);

}  // namespace lares::cli
