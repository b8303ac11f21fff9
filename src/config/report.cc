// config/report.cc: the list of findings and the phrases they share.

#include "config/report.h"

#include "base/limits.h"
#include "text/python.h"

namespace lares::config {

namespace {

constexpr std::size_t longest_shown = 60;

}  // namespace

void Report::add(text::Severity severity, text::Place place, Finding finding) {
    bool is_error = severity == text::Severity::error;
    std::size_t count = ++(is_error ? errors_ : warnings_);
    if (count > limits::config_errors + 1) return;
    if (count == limits::config_errors + 1) {
        std::string what = is_error ? "more errors follow" : "more warnings follow";
        found_.push_back({.severity = severity, .what = what + "; they are not shown"});
        return;
    }
    found_.push_back({severity, place, std::move(finding.what), std::move(finding.hint),
                      std::move(finding.classic)});
}

bool Report::is_full(text::Severity severity) const {
    return (severity == text::Severity::error ? errors_ : warnings_) >= limits::config_errors;
}

void Report::error(text::Place place, Finding finding) {
    add(text::Severity::error, place, std::move(finding));
}

void Report::warning(text::Place place, Finding finding) {
    add(text::Severity::warning, place, std::move(finding));
}

void Report::add_all(std::vector<text::Diagnostic> found) {
    for (auto& one : found)
        add(one.severity, one.place,
            {std::move(one.what), std::move(one.hint), std::move(one.classic)});
}

std::string in_section(std::string_view section, std::string_view file) {
    return " in section " + text::python::repr(section) + " (file: " + text::python::repr(file) +
           ")";
}

std::string shown(std::string_view value) {
    std::string out;
    for (char c : value) out.push_back(c == '\n' || c == '\t' ? ' ' : c);
    if (out.size() <= longest_shown) return out;
    std::size_t end = longest_shown;
    // Not in the middle of a UTF-8 character.
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
    out.resize(end);
    return out + "...";
}

std::string did_you_mean(std::string_view nearest) {
    return nearest.empty() ? "" : "did you mean '" + std::string(nearest) + "'?";
}

}  // namespace lares::config
