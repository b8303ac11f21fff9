// control/backroom.h: what the faces keep and operations ask of: keys, and measured usage.

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lares::control {

class Keys;
class UsageMeter;

struct Backroom {
    Keys* keys = nullptr;
    UsageMeter* usage = nullptr;
    /// Computes a crypt(3) hash elsewhere.
    std::function<void(std::string password, std::function<void(Result<std::string>)>)>
        hash_password;
    std::function<bool(std::string_view name)> is_configured_user;
};

}  // namespace lares::control
