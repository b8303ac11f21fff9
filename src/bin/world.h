// bin/world.h: the real world as config::World asks for it.

#pragma once

#include "config/load.h"

namespace lares::bin {

/// Environment, directory and host name are taken now; files and users are looked up when asked.
config::World real_world();

}  // namespace lares::bin
