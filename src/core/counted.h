// core/counted.h: counts of things as people say them: "1 job", "2 jobs".

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lares {

/// "1 job", "2 jobs": for nouns whose plural ends in s.
inline std::string counted(std::int64_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace lares
