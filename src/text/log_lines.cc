// text/log_lines.cc: the walk over a program's output.

#include "text/log_lines.h"

#include <algorithm>

#include "base/limits.h"
#include "text/json.h"
#include "text/utf8.h"

namespace lares::text {

namespace {

/// Where the walk over escape sequences stands (ECMA-48). A new line ends any of them, so that a
/// stray ESC in a program's output never hides more than the rest of its line.
enum class Escape { none, begun, control, system, system_ending };

/// One byte's step; appends what is not part of a sequence.
Escape step(Escape state, char c, std::string& out) {
    auto byte = static_cast<unsigned char>(c);
    switch (state) {
    case Escape::none:
        if (c == '\x1b') return Escape::begun;
        out.push_back(c);
        return Escape::none;
    case Escape::begun:
        if (c == '[') return Escape::control;
        if (c == ']') return Escape::system;
        out.push_back('\x1b');
        return step(Escape::none, c, out);
    case Escape::control:
        if (byte >= 0x20 && byte < 0x40) return Escape::control;
        if (byte >= 0x40 && byte < 0x7F) return Escape::none;
        return step(Escape::none, c, out);
    case Escape::system:
        if (c == '\x1b') return Escape::system_ending;
        if (c == '\a') return Escape::none;
        return c == '\n' ? step(Escape::none, c, out) : Escape::system;
    case Escape::system_ending:
        return c == '\\' ? Escape::none : step(Escape::begun, c, out);
    }
    return Escape::none;
}

std::string without_ansi(std::string_view chunk, int& state) {
    std::string out;
    out.reserve(chunk.size());
    auto escape = static_cast<Escape>(state);
    for (char c : chunk) escape = step(escape, c, out);
    state = static_cast<int>(escape);
    return out;
}

void append_number(std::string& out, int number, std::size_t digits) {
    std::string text = std::to_string(number);
    out.append(digits - std::min(digits, text.size()), '0').append(text);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
    append_json(out, name);
    out.push_back(':');
    append_json(out, value);
    out.push_back(',');
}

void append_object(LineFormat const& format, std::string_view line, WallTime now,
                   std::string& out) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.push_back('{');
    append_field(out, "time", print_utc(now));
    append_field(out, "program", format.name);
    append_field(out, "stream", format.stream);
    append_field(out, "line", line);
    out.back() = '}';
    out.push_back('\n');
}

void append_line(LineFormat const& format, std::string_view line, WallTime now, std::string& out) {
    if (format.format == LogFormat::json) return append_object(format, line, now, out);
    if (format.timestamp) out.append(print_utc(now)).append(" ");
    out.append(format.prefix).append(line).append("\n");
}

/// Where a too long line is cut: at the limit, or before the character that stands across it.
std::size_t cut_of(std::string_view line) {
    std::size_t cut = limits::log_line_bytes;
    for (std::size_t back = 1; back <= 3; ++back) {
        Character c = read_character(line, cut - back);
        if (c.fault == Character::Fault::none && c.length > back) return cut - back;
    }
    return cut;
}

}  // namespace

void LineWriter::write(std::string_view chunk, WallTime now, std::string& out) {
    std::string stripped;
    if (format_.strip_ansi) chunk = stripped = without_ansi(chunk, escape_state_);
    if (format_.format == LogFormat::raw) {
        out.append(chunk);
        return;
    }
    while (!chunk.empty()) {
        std::size_t end = chunk.find('\n');
        rest_.append(chunk.substr(0, end));
        while (rest_.size() > limits::log_line_bytes) {
            std::size_t cut = cut_of(rest_);
            append_line(format_, std::string_view(rest_).substr(0, cut), now, out);
            rest_.erase(0, cut);
        }
        if (end == chunk.npos) return;
        append_line(format_, rest_, now, out);
        rest_.clear();
        chunk.remove_prefix(end + 1);
    }
}

void LineWriter::finish(WallTime now, std::string& out) {
    // An ESC at the very end began nothing.
    bool has_escape = escape_state_ == static_cast<int>(Escape::begun);
    escape_state_ = 0;
    if (has_escape && format_.format == LogFormat::raw) out.push_back('\x1b');
    if (format_.format == LogFormat::raw) return;
    if (has_escape) rest_.push_back('\x1b');
    if (!rest_.empty()) append_line(format_, rest_, now, out);
    rest_.clear();
}

std::string LineWriter::save() const {
    if (rest_.empty() && escape_state_ == 0) return {};
    return std::string(1, static_cast<char>('0' + escape_state_)).append(rest_);
}

void LineWriter::restore(std::string_view saved) {
    escape_state_ = saved.empty() ? 0 : saved.front() - '0';
    rest_ = saved.substr(saved.empty() ? 0 : 1);
}

std::string print_utc(WallTime time) {
    auto day = std::chrono::floor<std::chrono::days>(time);
    std::chrono::year_month_day date(day);
    std::chrono::hh_mm_ss clock(time - day);
    std::string out;
    out.reserve(24);
    append_number(out, static_cast<int>(date.year()), 4);
    out.push_back('-');
    append_number(out, static_cast<int>(static_cast<unsigned>(date.month())), 2);
    out.push_back('-');
    append_number(out, static_cast<int>(static_cast<unsigned>(date.day())), 2);
    out.push_back('T');
    append_number(out, static_cast<int>(clock.hours().count()), 2);
    out.push_back(':');
    append_number(out, static_cast<int>(clock.minutes().count()), 2);
    out.push_back(':');
    append_number(out, static_cast<int>(clock.seconds().count()), 2);
    out.push_back('.');
    append_number(out, static_cast<int>(clock.subseconds().count()), 3);
    out.push_back('Z');
    return out;
}

}  // namespace lares::text
