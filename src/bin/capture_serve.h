// bin/capture_serve.h: the HTTP server of lares-capture's page, on the same wire as the daemon's.

#pragma once

#include <functional>
#include <string>

#include "apps/capture/page_server.h"

namespace lares::capture {

/// Until `until` can be read. Says on which port it listens. `answer` is called on a thread of its
/// own: what a page waits for (a disk, the daemon) holds up no connection.
Result<> serve_page(PageListen const&, PageAnswer const& answer, int until,
                    std::function<void(std::string const&)> const& log);

}  // namespace lares::capture
