// ports/probes.h: asking a program from outside whether it answers. Exec probes are spawned like
// any process (ports/processes.h) and never come here.

#pragma once

#include <string>

#include "base/time.h"
#include "ports/event.h"

namespace lares::ports {

struct ProbeRequest {
    enum class Kind { tcp, http };
    Kind kind = Kind::tcp;
    std::string
        target;  // tcp: "host:port", "[::1]:80" or "/path/of.sock"; http: "http://host:port/path"
    Duration timeout{1000};
};

class Probes {
public:
    virtual ~Probes() = default;
    /// Answered by one ProbeDone, at the latest when the time is over. http: 200 to 399 is well.
    virtual void probe(ProbeId, ProbeRequest) = 0;
    /// Its ProbeDone will not come.
    virtual void cancel(ProbeId) = 0;
};

}  // namespace lares::ports
