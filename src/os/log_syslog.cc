// os/log_syslog.cc: lines for syslog(3).

#include "os/log_syslog.h"

#include <syslog.h>

namespace lares::os {

namespace {
/// RFC 5424 asks receivers to take 2 KB; those in use take 8.
constexpr std::size_t line_bytes = 8u << 10;
}  // namespace

SyslogSink system_syslog() {
    return [](std::string const& line) { ::syslog(LOG_USER | LOG_INFO, "%s", line.c_str()); };
}

void SyslogLines::write(std::string_view chunk) {
    while (!chunk.empty()) {
        std::size_t end = chunk.find('\n');
        std::string_view line = chunk.substr(0, end);
        std::size_t room = line_bytes - rest_.size();
        rest_ += line.substr(0, room);
        if (line.size() >= room) {
            finish();
            chunk.remove_prefix(room);
            continue;
        }
        if (end == std::string_view::npos) return;
        finish();
        chunk.remove_prefix(end + 1);
    }
}

void SyslogLines::finish() {
    if (!rest_.empty()) send(rest_);
    rest_.clear();
    rest_.shrink_to_fit();
}

void SyslogLines::send(std::string_view line) {
    sink_(name_.empty() ? std::string(line) : name_ + " " + std::string(line));
}

}  // namespace lares::os
