// bin/invocation.h: how this process was called, for what must be called in the same way again.

#pragma once

#include <optional>

#include "keeper/start.h"

namespace lares::bin {

struct Invocation {
    char const* const* arguments;  // ended by a null; the first one is for "For help, use ..."
    std::optional<keeper::Inherited> inherited;  // a keeper started it, to go on for one that died
};

}  // namespace lares::bin
