// config/report.h: collects what is found wrong, bounded, in our words and in supervisord's.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/diagnostic.h"

namespace lares::config {

/// One thing found: our words with a hint, and supervisord's for the same mistake, if it has any.
struct Finding {
    std::string what;
    std::string hint = {};
    std::string classic = {};
};

/// Keeps the first limits::config_errors of each severity; then one line says that there are more.
class Report {
public:
    void error(text::Place, Finding);
    void warning(text::Place, Finding);
    void add(text::Severity, text::Place, Finding);
    void add_all(std::vector<text::Diagnostic>);

    /// Whether one more of it would not be shown: then places and hints that take a search are
    /// left.
    bool is_full(text::Severity) const;

    std::vector<text::Diagnostic> take() { return std::move(found_); }
    std::vector<text::Diagnostic> const& found() const { return found_; }

private:
    std::vector<text::Diagnostic> found_;
    std::size_t errors_ = 0, warnings_ = 0;
};

/// supervisord's suffix: " in section 'program:x' (file: '/etc/x.conf')".
std::string in_section(std::string_view section, std::string_view file);

/// A value as a message shows it: one line, not longer than a person reads.
std::string shown(std::string_view value);

/// "did you mean 'x'?"; empty when `nearest` is.
std::string did_you_mean(std::string_view nearest);

}  // namespace lares::config
