// config/servers.h: [unix_http_server] and [inet_http_server] sections.

#pragma once

#include <vector>

#include "config/reader.h"

namespace lares::config {

/// Every section whose name begins with one of the two, in supervisord's order: inet first.
std::vector<HttpServer> read_servers(Context&);

bool is_server_section(std::string_view name);

}  // namespace lares::config
