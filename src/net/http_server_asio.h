// net/http_server_asio.h: the HTTP server on a bare Asio context, with its times, as tests want it.
// Internal to net/.

#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "net/http_limits.h"
#include "net/listener_store.h"
#include "ports/event.h"
#include "ports/wire.h"

namespace lares::net {

std::unique_ptr<ports::Wire> make_http_server(boost::asio::io_context& io, ports::Inbox& inbox,
                                              HttpTimes times,
                                              ListenerStore& store = no_listener_store());

}  // namespace lares::net
