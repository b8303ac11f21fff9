// ports/line_editor.h: a terminal on which a person edits lines, as the prompt of supervisorctl
// needs it.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lares::ports {

class LineEditor {
public:
    virtual ~LineEditor() = default;
    /// A line as it was edited, without its end; none at the end of input (^D) or at an interrupt
    /// (^C).
    virtual std::optional<std::string> read(std::string const& prompt) = 0;
    /// Every line of this session and of the history file before it, oldest first.
    virtual std::vector<std::string> history() const = 0;
};

/// What may stand in place of the last word of `line`, each candidate whole.
using Completer = std::function<std::vector<std::string>(std::string_view line)>;

}  // namespace lares::ports
