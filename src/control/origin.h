// control/origin.h: requests that a strange web page makes a browser send.
//
// A page of any site can post to http://localhost:9001/RPC2 with the browser of whoever looks at
// it, and one whose name is made to resolve to this machine can even read the answers (DNS
// rebinding). Browsers tell on themselves: Origin and Sec-Fetch-Site say which page asks, Host says
// by which name. Programs send no Origin and are not judged by it. Pure;
// docs/decisions/0011-roles-and-routes.md.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "ports/event.h"

namespace lares::control {

/// Why the request must not be answered, in words; none when it may.
/// @param is_open       nobody has to log in at this server: then also the name it is called by is
///     looked at.
/// @param machine_name  by which name this machine may be called.
std::optional<std::string> refusal_of_origin(config::HttpServer const&, ports::HttpRequested const&,
                                             bool is_open, std::string_view machine_name);

/// "example.org" for "Example.org:9001", "::1" for "[::1]:9001".
std::string host_name_of(std::string_view host_and_port);

}  // namespace lares::control
