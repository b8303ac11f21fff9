// net/probes_asio.h: the prober on a bare Asio context, as tests want it. Internal to net/.

#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "ports/event.h"
#include "ports/probes.h"

namespace lares::net {

std::unique_ptr<ports::Probes> make_probes(boost::asio::io_context& io, ports::Inbox& inbox);

}  // namespace lares::net
