// net/client/links.h: ports::Links on libcurl.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ports/links.h"

namespace lares::net {

/// @param allows  whether an address, as print_address() has it, is looked at though it is not
///                public.
/// No proxy is used, whatever the environment says: what a proxy connects to cannot be judged.
std::unique_ptr<ports::Links> make_links(std::function<bool(std::string const&)> allows);

}  // namespace lares::net
