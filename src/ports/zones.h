// ports/zones.h: the time zones of this machine.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/zone.h"

namespace lares::ports {

class Zones {
public:
    virtual ~Zones() = default;
    /// By its IANA name; "" or "local": the machine's own. not_found with the nearest name. The
    /// same pointer for the same name until reload().
    virtual Result<std::shared_ptr<schedule::Zone const>> find(std::string const& name) = 0;
    /// Reads tzdata again; true when any zone handed out so far is another now.
    virtual bool reload() = 0;
    /// The files whose change means that reload() is due.
    virtual std::vector<std::string> files() const = 0;
};

}  // namespace lares::ports
