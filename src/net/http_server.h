// net/http_server.h: the HTTP server behind ports::Wire, on unix and inet sockets.
//
// Asio and Beast stay inside the .cc files: this header costs its includer nothing.

#pragma once

#include <memory>

#include "net/listener_store.h"
#include "ports/event.h"
#include "ports/wire.h"

namespace lares::os {
class Loop;
}

namespace lares::net {

/// Everything happens on the loop's thread, and events go to `inbox` there. HttpRequested comes as
/// soon as a request is whole and may be answered at once, from within the push; StreamDrained and
/// HttpClosed are never pushed from within a call of the Wire. Calls for a request that is over do
/// nothing. Destroy it before the loop, and let the loop not run afterwards. Listening sockets that
/// a predecessor left in the store are taken over where the address is the same.
std::unique_ptr<ports::Wire> make_http_server(os::Loop& loop, ports::Inbox& inbox,
                                              ListenerStore& store = no_listener_store());

}  // namespace lares::net
