// cli/top_words.h: numbers as few characters, names of views, and lines of styled text of a known
// width.

#pragma once

#include <string>
#include <string_view>

#include "cli/top_model.h"

namespace lares::cli::top_view {

/// "512", "3.4K", "1.2G".
std::string short_bytes(double bytes);
/// "0.0", "12.3", "230".
std::string short_percent(double percent);
/// "0.4s", "12s", "3m05s", "2h07m", "3d04h".
std::string short_span(double seconds);

/// The view called so, in any case, as `lares top programs` names it.
std::optional<View> view_called(std::string_view name);
std::string_view name_of(View);

/// Lower-case ASCII letters, for filters.
std::string folded(std::string_view);

/// Writes one line from left to right. Text is made harmless and cut at the width.
class Pen {
public:
    Pen(std::size_t width, Look const& look) : width_(width), look_(look) {}

    void write(std::string_view text, Style style = Style::plain);
    /// Exactly so many columns, cut or filled.
    void field(std::string_view text, std::size_t columns, Style style = Style::plain,
               bool is_right = false);
    /// Spaces up to that column.
    void fill_to(std::size_t column, Style style = Style::plain);
    std::size_t left() const { return width_ - used_; }
    ports::ScreenLine take();

private:
    void add(std::string text, Style style);

    std::size_t width_;
    std::size_t used_ = 0;
    Look const& look_;
    ports::ScreenLine line_;
};

/// The text of a line without its styles and the spaces at its end.
std::string plain_text(ports::ScreenLine const&);

}  // namespace lares::cli::top_view
