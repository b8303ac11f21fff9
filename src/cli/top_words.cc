// cli/top_words.cc: short numbers, and the pen.

#include "cli/top_words.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace lares::cli::top_view {
namespace {

constexpr std::array<std::string_view, view_count> names = {
    "Overview", "Programs", "Tasks", "Folders", "Queue", "Runs", "Events", "Messages", "Log"};

}  // namespace

std::string short_bytes(double bytes) {
    constexpr std::string_view units = "BKMGTP";
    std::size_t unit = 0;
    bytes = std::max(bytes, 0.0);
    while (bytes >= 1000 && unit + 1 < units.size()) {
        bytes /= 1024;
        ++unit;
    }
    if (unit == 0) return fmt::format("{:.0f}B", bytes);
    return bytes < 9.95 ? fmt::format("{:.1f}{}", bytes, units[unit])
                        : fmt::format("{:.0f}{}", bytes, units[unit]);
}

std::string short_percent(double percent) {
    percent = std::max(percent, 0.0);
    return percent < 99.95 ? fmt::format("{:.1f}", percent) : fmt::format("{:.0f}", percent);
}

std::string short_span(double seconds) {
    seconds = std::max(seconds, 0.0);
    if (seconds > 0 && seconds < 9.95) return fmt::format("{:.1f}s", seconds);
    auto const whole = static_cast<long long>(std::min(seconds, 1e12));
    if (whole < 60) return fmt::format("{}s", whole);
    if (whole < 3600) return fmt::format("{}m{:02}s", whole / 60, whole % 60);
    if (whole < 86400) return fmt::format("{}h{:02}m", whole / 3600, whole / 60 % 60);
    return fmt::format("{}d{:02}h", whole / 86400, whole / 3600 % 24);
}

std::string_view name_of(View view) { return names[std::size_t(view)]; }

std::optional<View> view_called(std::string_view name) {
    auto const found = std::ranges::find(names, folded(name), folded);
    if (found == names.end()) return std::nullopt;
    return View(found - names.begin());
}

std::string folded(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    return out;
}

void Pen::add(std::string text, Style style) {
    std::size_t const columns = text::columns_of(text);
    if (columns == 0) return;
    used_ += columns;
    line_.push_back({std::move(text), columns, style});
}

void Pen::write(std::string_view text, Style style) {
    add(text::cut_to(text::harmless(text, look_.charset), left()), style);
}

void Pen::field(std::string_view text, std::size_t columns, Style style, bool is_right) {
    columns = std::min(columns, left());
    std::string shown = text::cut_to(text::harmless(text, look_.charset), columns);
    std::string const gap(columns - text::columns_of(shown), ' ');
    add(is_right ? gap + shown : shown + gap, style);
}

void Pen::fill_to(std::size_t column, Style style) {
    column = std::min(column, width_);
    if (column > used_) add(std::string(column - used_, ' '), style);
}

ports::ScreenLine Pen::take() {
    used_ = 0;
    return std::exchange(line_, {});
}

std::string plain_text(ports::ScreenLine const& line) {
    std::string text;
    for (ports::Span const& span : line) text += span.text;
    text.resize(text.find_last_not_of(' ') + 1);
    return text;
}

}  // namespace lares::cli::top_view
