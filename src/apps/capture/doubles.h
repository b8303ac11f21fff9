// apps/capture/doubles.h: which messages were met already: a stream that begins again a little
// earlier sends some of them twice.
//
// Pure. Remembers the last keys as 128 bits of their SHA-256, so that no message can be made to
// look like another one and be left out.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_set>

namespace lares::capture {

class Doubles {
public:
    /// @param most  keys that are remembered, the latest ones; each costs some 60 bytes.
    explicit Doubles(std::size_t most) : most_(most) {}

    enum class Met { first_time, again };
    /// Notes it. An empty key is met for the first time always.
    Met meet(std::string_view key);

private:
    using Print = std::array<std::uint64_t, 2>;
    struct Hash {
        std::size_t operator()(Print const& print) const { return print[0]; }
    };

    std::size_t most_;
    std::deque<Print> order_;
    std::unordered_set<Print, Hash> known_;
};

}  // namespace lares::capture
