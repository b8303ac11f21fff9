// net/probes.h: the prober behind ports::Probes.

#pragma once

#include <memory>

#include "ports/event.h"
#include "ports/probes.h"

namespace lares::os {
class Loop;
}

namespace lares::net {

/// ProbeDone comes in a later turn of the loop, never from within probe(). A ProbeId that is under
/// way already is begun anew. Names other than "localhost" are looked up on a thread that Asio
/// starts for the first of them; a name under way is not asked twice. Destroy it before the loop,
/// and let the loop not run afterwards.
std::unique_ptr<ports::Probes> make_probes(os::Loop& loop, ports::Inbox& inbox);

}  // namespace lares::net
