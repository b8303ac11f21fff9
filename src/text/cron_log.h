// text/cron_log.h: what cron itself says it has done, in the log of the system.
//
// Vixie cron as Debian builds it ("CRON[812]: (root) CMD (command)"), cronie ("CROND[812]: ...")
// and busybox ("crond: USER root pid 812 cmd command"), behind a time as RFC 3164 ("Nov 28 03:15:01
// host"), as ISO 8601 (rsyslog, journalctl -o short-iso) or as RFC 5424 has it; or in journald's
// own forms, -o json and -o export. Pure; any bytes give a line or nothing.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lares::text {

/// As far as the log says when: RFC 3164 leaves out year and zone, others only the zone.
struct LogTime {
    /// Seconds since 1970 as the wall clock there counts them; without a year: since the first of
    /// January of some year.
    std::int64_t local = 0;
    std::optional<std::int32_t> offset;  // from UTC, in seconds
    int month = 0, day = 0;              // without a year; else 0
    bool operator==(LogTime const&) const = default;
};

/// The latest year in which that is not later than `not_after` (seconds since 1970 of the same wall
/// clock): 29 February may lie years back.
std::int64_t with_year(LogTime const&, std::int64_t not_after);

struct CronLogLine {
    enum class Kind {
        other,    // somebody else's, or of no interest: only its time is known
        command,  // started
        reboot,   // the jobs of @reboot are started
        table,    // a table was changed or read again: `command` says which
    };
    LogTime time;
    Kind kind = Kind::other;
    std::int64_t pid = 0;
    std::string user, command;
    bool is_cut = false;  // the log ends before the command does
    bool operator==(CronLogLine const&) const = default;
};

/// Reads line after line: in journald's export form one entry takes several.
class CronLogReader {
public:
    /// none: no time in it, or an entry that goes on.
    std::optional<CronLogLine> read(std::string_view line);
    /// What is left when the log ends.
    std::optional<CronLogLine> finish();

private:
    struct Entry {
        std::string time, tag, pid, message;
    };
    std::optional<CronLogLine> take_entry();
    bool is_export_ = false;
    Entry entry_;
};

/// A command as a log may have it: blanks and control characters are one blank, backslashes are
/// left out, and so are blanks at the ends. Two that agree are taken for the same.
std::string comparable_command(std::string_view command);

}  // namespace lares::text
