// control/flood.h: what strangers can cause, kept below the rate at which it would do harm: one log
// line a minute a kind, and answers to wrong passwords that come later each time.
//
// Pure: times come in. Bounded: kinds are ours, addresses are forgotten.

#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace lares::control {

/// Which lines are logged.
class FloodGate {
public:
    /// The line to log; none when one of its kind was logged within a minute. The next one then
    /// says how many there were: "..., and 17 like it since the last such line".
    std::optional<std::string> pass(std::string_view kind, std::string words, WallTime now);

private:
    struct Kind {
        WallTime last{};
        long held_back = 0;
    };
    std::map<std::string, Kind, std::less<>> kinds_;
};

/// How much later a wrong login is answered, by the address it came from. Right ones are never
/// delayed, so that nobody is locked out.
class Slowdown {
public:
    /// Notes a failure. None at the first, then 100 ms, twice as much each time, at most 2 s; all
    /// is forgotten a minute after the last one.
    Duration after_failure(std::string const& address, WallTime now);

private:
    struct Failures {
        int count = 0;
        WallTime last{};
    };
    std::map<std::string, Failures> addresses_;
};

/// How often one address may ask what needs no login: a bucket that fills again.
class RateGate {
public:
    RateGate(int per_second, int at_once) : per_second_(per_second), at_once_(at_once) {}
    /// False when this address has asked too often.
    bool pass(std::string const& address, WallTime now);

private:
    struct Bucket {
        double left = 0;
        WallTime at{};
    };
    int per_second_, at_once_;
    std::map<std::string, Bucket> buckets_;
};

/// "127.0.0.1" for "127.0.0.1:4711", "::1" for "[::1]:4711".
std::string without_port(std::string_view address);

}  // namespace lares::control
