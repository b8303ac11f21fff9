// control/flood.cc: counting what comes too often.

#include "control/flood.h"

#include <algorithm>

namespace lares::control {

namespace {

using namespace std::chrono_literals;

constexpr auto line_every = 60s;
constexpr auto forgotten_after = 60s;
constexpr Duration first_delay{100};
constexpr Duration longest_delay{2'000};
/// Addresses remembered; when there are more, all are forgotten: who has a thousand of them is not
/// slowed by this anyway.
constexpr std::size_t most_addresses = 1'024;

/// True when `then` is long ago, or in the future because the clock was set back.
template <class Span>
bool is_over(WallTime then, WallTime now, Span span) {
    return now - then >= span || now < then;
}

}  // namespace

std::optional<std::string> FloodGate::pass(std::string_view kind, std::string words, WallTime now) {
    auto found = kinds_.find(kind);
    bool is_first = found == kinds_.end();
    if (is_first) found = kinds_.emplace(kind, Kind{}).first;
    Kind& state = found->second;
    if (!is_first && !is_over(state.last, now, line_every)) {
        state.held_back += 1;
        return std::nullopt;
    }
    if (state.held_back > 0)
        words += ", and " + std::to_string(state.held_back) + " like it since the last such line";
    state = {.last = now};
    return words;
}

Duration Slowdown::after_failure(std::string const& address, WallTime now) {
    if (addresses_.size() >= most_addresses && !addresses_.contains(address)) addresses_.clear();
    Failures& failures = addresses_[address];
    if (is_over(failures.last, now, forgotten_after)) failures.count = 0;
    failures.last = now;
    failures.count = std::min(failures.count + 1, 16);
    if (failures.count == 1) return Duration(0);
    return std::min(first_delay * (1 << (failures.count - 2)), longest_delay);
}

bool RateGate::pass(std::string const& address, WallTime now) {
    if (buckets_.size() >= most_addresses && !buckets_.contains(address)) buckets_.clear();
    auto [found, is_new] = buckets_.try_emplace(address, Bucket{double(at_once_), now});
    Bucket& bucket = found->second;
    double passed = static_cast<double>((now - bucket.at).count()) / 1000;
    // A clock that was set back fills nothing.
    bucket.left = std::min<double>(at_once_, bucket.left + std::max(passed, 0.0) * per_second_);
    bucket.at = now;
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
}

std::string without_port(std::string_view address) {
    if (address.starts_with('[')) return std::string(address.substr(1, address.find(']') - 1));
    return std::string(address.substr(0, address.rfind(':')));
}

}  // namespace lares::control
