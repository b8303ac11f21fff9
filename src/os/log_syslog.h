// os/log_syslog.h: output line by line to the system's log.

#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace lares::os {

/// Takes one line without its newline.
using SyslogSink = std::function<void(std::string const&)>;

/// syslog(3) with LOG_USER and LOG_INFO, as supervisord does; the identity is the program's name.
SyslogSink system_syslog();

/// Cuts chunks into lines "NAME line"; with an empty name just "line". Empty lines are left out, a
/// line of more than 8 KB goes in pieces.
class SyslogLines {
public:
    SyslogLines(std::string name, SyslogSink const& sink) : name_(std::move(name)), sink_(sink) {}

    void write(std::string_view chunk);
    /// Sends the last line if it had no newline.
    void finish();
    /// A line that is not whole yet.
    std::string const& rest() const { return rest_; }
    void restore(std::string_view rest) { rest_ = rest; }

private:
    void send(std::string_view line);

    std::string name_;
    SyslogSink const& sink_;
    std::string rest_;
};

}  // namespace lares::os
