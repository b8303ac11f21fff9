// os/log_journal.h: output line by line to systemd's journal.
//
// In journald's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): a datagram of KEY=value lines
// for each line of output. Nothing waits long for journald: what it does not take is dropped and
// counted like what a full disk does not take.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "os/fd.h"
#include "os/log_trouble.h"

namespace lares::os {

/// journald's socket, connected when first used and again when journald was started anew.
class JournalSocket {
public:
    JournalSocket() : JournalSocket("/run/systemd/journal/socket") {}
    explicit JournalSocket(std::string path);

    std::string const& path() const { return path_; }
    /// Sends without waiting. 0, or errno: EAGAIN when journald is behind.
    int send(std::string_view datagram);
    /// Waits a moment for it to take more. Only worth it once: it may hang.
    bool has_room_soon();

private:
    int connect();

    std::string path_;
    Fd socket_;
};

/// What stands beside each line. Without a stream it is our own log, whose lines begin with a time
/// and a level: the time is left out, the level becomes the entry's priority.
struct JournalFields {
    std::string identifier;
    std::string stream;  // "stdout", "stderr"
};

/// The datagram for one line.
std::string print_journal_entry(JournalFields const&, std::string_view line);

/// Cuts chunks into lines. Empty ones are left out, one of more than 48 KB goes in pieces.
class JournalLines {
public:
    JournalLines(JournalFields fields, JournalSocket& socket);

    void write(std::string_view chunk, Instant now);
    /// Sends the last line if it had no newline.
    void finish(Instant now);
    /// What became of it since asked last: a trouble that began, or is over.
    std::optional<TroubleNews> take_news();

    /// A line that is not whole yet.
    std::string const& rest() const { return rest_; }
    void restore(std::string_view rest) { rest_ = rest; }

private:
    void send(Instant now);

    JournalFields fields_;
    JournalSocket& socket_;
    TroubleTeller trouble_;
    std::optional<TroubleNews> news_;
    std::string rest_;
};

}  // namespace lares::os
