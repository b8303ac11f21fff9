// os/loop_asio.h: the Asio context inside a Loop, for net/, which has sockets of its own to wait
// for.
//
// Costs seconds to compile: include it in few .cc files and in no header.

#pragma once

#include <boost/asio/io_context.hpp>

#include "os/loop.h"

namespace lares::os {

/// Lives as long as the loop. Handlers run on the loop's thread, as its own actions do.
boost::asio::io_context& asio_context(Loop&);

}  // namespace lares::os
