// config/state_directory.h: where a daemon keeps what must outlive it, when nobody says.
//
// One folder for each main configuration file, so that daemons with different files never meet:
// below $STATE_DIRECTORY (systemd.exec(5); the first of several) if that is set, /var/lib/lares for
// root, else $XDG_STATE_HOME/lares or ~/.local/state/lares. Pure text: nothing is made here.

#pragma once

#include <string>
#include <string_view>

#include "config/world.h"

namespace lares::config {

std::string default_state_directory(World const&, std::string_view main_file);

/// "etc-lares.conf" for "/etc/lares.conf". '-' and '%' themselves become "%2D" and "%25", so that
/// no two paths share a name; of paths longer than a file's name may be the last part is kept
/// behind a number made of the whole.
std::string folder_name_of(std::string_view main_file);

}  // namespace lares::config
