// apps/capture/doubles.cc: keys to prints, the oldest forgotten first.

#include "apps/capture/doubles.h"

#include <charconv>
#include <string>

#include "base/sha256.h"

namespace lares::capture {

Doubles::Met Doubles::meet(std::string_view key) {
    if (key.empty()) return Met::first_time;
    std::string const hex = sha256_hex(key);
    Print print{};
    std::from_chars(hex.data(), hex.data() + 16, print[0], 16);
    std::from_chars(hex.data() + 16, hex.data() + 32, print[1], 16);
    if (!known_.insert(print).second) return Met::again;
    order_.push_back(print);
    if (order_.size() > most_) {
        known_.erase(order_.front());
        order_.pop_front();
    }
    return Met::first_time;
}

}  // namespace lares::capture
