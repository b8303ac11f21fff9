// net/http_client.h: the blocking HTTP client of the command line.
//
// Plain sockets, one connection a call: a command asks once or twice and ends.

#pragma once

#include <memory>

#include "ports/http_client.h"

namespace lares::net {

/// HttpCall::timeout counts from the call until the whole answer; of a stream, until its head.
/// Running out is an io error that says "no answer within 5 s". invalid: the server URL cannot be
/// understood.
std::unique_ptr<ports::HttpClient> make_http_client();

}  // namespace lares::net
