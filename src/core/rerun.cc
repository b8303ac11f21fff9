// core/rerun.cc: writing and reading that one source.

#include "core/rerun.h"

#include <charconv>

namespace lares::rerun {

namespace {
constexpr std::string_view before = "rerun of run ";
constexpr std::string_view then = " as then";
}  // namespace

std::string source(std::uint64_t run, How how) {
    return std::string(before) + std::to_string(run) +
           (how == How::as_then ? std::string(then) : " as now");
}

std::optional<std::uint64_t> run_as_then(std::string_view source) {
    if (!source.starts_with(before) || !source.ends_with(then)) return std::nullopt;
    auto digits = source.substr(before.size());
    digits.remove_suffix(std::min(then.size(), digits.size()));
    std::uint64_t run = 0;
    auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), run);
    if (status != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return run;
}

}  // namespace lares::rerun
