// control/metrics_text.h: numbers in the text format that Prometheus reads (version 0.0.4).
//
// A writer of our own: docs/decisions/0019. Names are checked, families come once and whole, and
// label values may hold anything. Pure.

#pragma once

#include <initializer_list>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace lares::control {

class MetricsText {
public:
    enum class Kind { counter, gauge, histogram };
    using Label = std::pair<std::string_view, std::string_view>;
    using Labels = std::initializer_list<Label>;

    /// The samples that follow are of this family, until the next. A counter's name ends in _total.
    void begin(std::string_view name, Kind, std::string_view help);
    void add(Labels, double value);
    void add(double value) { add({}, value); }
    void add(bool yes) { add({}, yes ? 1 : 0); }
    /// @param counts  how many were up to each bound, and one more: beyond the last; not summed up
    void add_histogram(Labels, std::span<double const> bounds,
                       std::span<std::uint64_t const> counts, double sum);
    std::string take() { return std::move(out_); }

private:
    void sample(std::string_view suffix, Labels, Label more, double value);

    std::string out_;
    std::string name_;
    std::set<std::string, std::less<>> names_;
};

}  // namespace lares::control
