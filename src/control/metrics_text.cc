// control/metrics_text.cc: lines, escapes and numbers of the format.

#include "control/metrics_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "text/value.h"

namespace lares::control {

namespace {

bool is_name(std::string_view name) {
    return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
           std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_';
           });
}

std::string_view kind_name(MetricsText::Kind kind) {
    switch (kind) {
    case MetricsText::Kind::counter:
        return "counter";
    case MetricsText::Kind::gauge:
        return "gauge";
    case MetricsText::Kind::histogram:
        return "histogram";
    }
    return "untyped";
}

void append_escaped(std::string& out, std::string_view text, bool with_quotes) {
    for (char c : text) {
        if (c == '\\')
            out += "\\\\";
        else if (c == '\n')
            out += "\\n";
        else if (c == '"' && with_quotes)
            out += "\\\"";
        else
            out += c;
    }
}

void append_number(std::string& out, double number) {
    if (std::isnan(number)) return (void)out.append("NaN");
    if (std::isinf(number)) return (void)out.append(number > 0 ? "+Inf" : "-Inf");
    char buffer[40];
    bool is_whole = std::floor(number) == number && std::fabs(number) < 9e15;
    auto end = is_whole ? std::to_chars(buffer, std::end(buffer), static_cast<std::int64_t>(number))
                        : std::to_chars(buffer, std::end(buffer), number);
    out.append(buffer, end.ptr);
}

void append_label(std::string& out, MetricsText::Label label) {
    out.append(label.first).append("=\"");
    append_escaped(out, text::clean_utf8(label.second), /*with_quotes=*/true);
    out += '"';
}

}  // namespace

void MetricsText::begin(std::string_view name, Kind kind, std::string_view help) {
    CHECK(is_name(name) && names_.emplace(name).second);
    CHECK((kind == Kind::counter) == name.ends_with("_total"));
    name_ = name;
    out_.append("# HELP ").append(name).append(" ");
    append_escaped(out_, help, /*with_quotes=*/false);
    out_.append("\n# TYPE ").append(name).append(" ").append(kind_name(kind)).append("\n");
}

void MetricsText::add(Labels labels, double value) { sample("", labels, {}, value); }

void MetricsText::add_histogram(Labels labels, std::span<double const> bounds,
                                std::span<std::uint64_t const> counts, double sum) {
    CHECK(counts.size() == bounds.size() + 1);
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        total += counts[i];
        std::string bound;
        append_number(bound, i < bounds.size() ? bounds[i] : INFINITY);
        sample("_bucket", labels, {"le", bound}, static_cast<double>(total));
    }
    sample("_sum", labels, {}, sum);
    sample("_count", labels, {}, static_cast<double>(total));
}

void MetricsText::sample(std::string_view suffix, Labels labels, Label more, double value) {
    out_.append(name_).append(suffix);
    char separator = '{';
    auto add_label = [&](Label label) {
        out_ += std::exchange(separator, ',');
        append_label(out_, label);
    };
    for (auto const& label : labels) add_label(label);
    if (!more.first.empty()) add_label(more);
    if (separator == ',') out_ += '}';
    out_ += ' ';
    append_number(out_, value);
    out_ += '\n';
}

}  // namespace lares::control
