// core/in_words.cc: the largest unit of which there are at least two, one decimal below ten
// seconds.

#include "core/in_words.h"

namespace lares {

std::string in_words(Duration span) {
    using namespace std::chrono;
    auto whole = [](auto count, char const* unit) { return std::to_string(count) + unit; };
    auto ms = span.count();
    if (ms <= 0) return "0 s";
    if (ms < 100) return whole(ms, " ms");
    if (ms < 10'000) {
        auto tenths = ms / 100 % 10;
        return std::to_string(ms / 1000) + (tenths ? "." + std::to_string(tenths) : "") + " s";
    }
    if (span < minutes(2)) return whole(ms / 1000, " s");
    if (span < hours(2)) return whole(ms / 60'000, " min");
    if (span < hours(48)) return whole(ms / 3'600'000, " h");
    return whole(ms / 86'400'000, " days");
}

}  // namespace lares
