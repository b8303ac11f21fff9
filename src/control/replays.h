// control/replays.h: answers to writes with an Idempotency-Key, kept so that a repeated one does
// nothing twice.
//
// Pure: times come in. Bounded in number, bytes and age; the oldest go first. After a restart of
// the daemon nothing is remembered; who needs more puts jobs, whose key is stored with them.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "ports/wire.h"

namespace lares::control {

class Replays {
public:
    static constexpr std::size_t most = 1'000;
    static constexpr std::size_t most_bytes = 8u << 20;
    static constexpr Duration kept_for{3'600'000};
    static constexpr std::size_t longest_key = 200;

    enum class Sort {
        fresh,     // it was not seen before: do it, then settle() or forget()
        replayed,  // `reply` is what the first got
        busy,      // the first is still under way
        other,     // the key came before with another request
        full,      // too many are under way
    };
    struct Verdict {
        Sort sort = Sort::fresh;
        ports::HttpReply reply = {};
    };

    /// @param key    caller and key together
    /// @param print  of what is asked
    Verdict begin(std::string const& key, std::string const& print, WallTime now);
    void settle(std::string const& key, ports::HttpReply const&);
    /// It was not done, and may be tried again.
    void forget(std::string const& key);
    std::size_t count() const { return kept_.size(); }
    std::size_t bytes() const { return bytes_; }

private:
    struct Kept {
        std::string print;
        std::optional<ports::HttpReply> reply;  // none: under way
        WallTime at{};
        std::uint64_t number = 0;
    };
    void drop_old(WallTime now);
    void drop(std::map<std::string, Kept>::iterator);

    std::map<std::string, Kept> kept_;
    std::deque<std::pair<std::uint64_t, std::string>> order_;  // oldest first
    std::size_t bytes_ = 0;
    std::uint64_t last_number_ = 0;
};

}  // namespace lares::control
