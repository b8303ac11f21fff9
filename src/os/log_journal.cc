// os/log_journal.cc: entries for journald.

#include "os/log_journal.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "os/system_error.h"

namespace lares::os {

namespace {

/// journald's own LineMax.
constexpr std::size_t line_bytes = 48u << 10;
/// After a failure, so that a missing journald costs no system call for each line.
constexpr Duration pause{1000};
/// A burst that fills its queue is taken in this time by a journald that is well.
constexpr int patience_ms = 10;

struct Priority {
    std::string_view level;  // as in a line of the main log
    char number;             // of syslog(3)
};
constexpr Priority priorities[] = {
    {"CRIT", '2'}, {"ERRO", '3'}, {"WARN", '4'}, {"INFO", '6'},
    {"DEBG", '7'}, {"TRAC", '7'}, {"BLAT", '7'},
};
constexpr char default_priority = '6';

/// "2026-11-22 10:15:03,214 WARN message": the level begins here, the message after it.
constexpr std::size_t level_at = 24, message_at = 29;

/// Takes time and level off; what has none (a continued message) is left as it is.
char take_priority(std::string_view& line) {
    if (line.size() < message_at || line[level_at - 1] != ' ') return default_priority;
    for (auto const& row : priorities) {
        if (line.substr(level_at, row.level.size()) != row.level) continue;
        line.remove_prefix(message_at);
        return row.number;
    }
    return default_priority;
}

}  // namespace

JournalSocket::JournalSocket(std::string path) : path_(std::move(path)) {}

int JournalSocket::connect() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path_.size() >= sizeof address.sun_path) return ENAMETOOLONG;
    std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
    Fd made(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!made) return errno;
    if (::connect(made.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return errno;
    socket_ = std::move(made);
    return 0;
}

int JournalSocket::send(std::string_view datagram) {
    // A connection to a journald that is gone is found out by sending; then once more, to the new.
    for (bool is_fresh : {false, true}) {
        if (is_fresh || !socket_) {
            socket_.reset();
            if (int number = connect(); number != 0) return number;
            is_fresh = true;
        }
        ssize_t size = 0;
        do {
            size = ::send(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL);
        } while (size < 0 && errno == EINTR);
        if (size >= 0) return 0;
        bool is_gone = errno == ECONNREFUSED || errno == ENOTCONN || errno == ECONNRESET;
        if (is_fresh || !is_gone) return errno;
    }
    return ENOTCONN;
}

bool JournalSocket::has_room_soon() {
    pollfd room{.fd = socket_.get(), .events = POLLOUT, .revents = 0};
    return ::poll(&room, 1, patience_ms) == 1;
}

std::string print_journal_entry(JournalFields const& fields, std::string_view line) {
    char priority = fields.stream.empty() ? take_priority(line) : default_priority;
    std::string out = "PRIORITY=";
    out.push_back(priority);
    out.append("\nSYSLOG_IDENTIFIER=").append(fields.identifier);
    if (!fields.stream.empty()) {
        out.append("\nLARES_PROGRAM=").append(fields.identifier);
        out.append("\nLARES_STREAM=").append(fields.stream);
    }
    out.append("\nMESSAGE=").append(line).append("\n");
    return out;
}

JournalLines::JournalLines(JournalFields fields, JournalSocket& socket)
    : fields_(std::move(fields)), socket_(socket), trouble_(pause) {}

void JournalLines::write(std::string_view chunk, Instant now) {
    while (!chunk.empty()) {
        std::size_t end = chunk.find('\n');
        std::string_view line = chunk.substr(0, end);
        std::size_t room = line_bytes - rest_.size();
        rest_ += line.substr(0, room);
        if (line.size() >= room) {
            send(now);
            chunk.remove_prefix(room);
            continue;
        }
        if (end == std::string_view::npos) return;
        send(now);
        chunk.remove_prefix(end + 1);
    }
}

void JournalLines::finish(Instant now) { send(now); }

void JournalLines::send(Instant now) {
    std::string line = std::exchange(rest_, {});
    if (line.empty()) return;
    if (!trouble_.may_try(now)) return trouble_.lost(line.size());
    std::string entry = print_journal_entry(fields_, line);
    int number = socket_.send(entry);
    // It is waited for only while all was well: other logs wait with this one.
    if (number == EAGAIN && !trouble_.in_trouble() && socket_.has_room_soon())
        number = socket_.send(entry);
    if (number == 0) {
        if (auto news = trouble_.worked(socket_.path())) news_ = std::move(news);
        return;
    }
    trouble_.lost(line.size());
    auto news = trouble_.failed("cannot write to journald at '" + socket_.path() + "': " +
                                    (number == EAGAIN ? "it is too slow" : errno_words(number)) +
                                    "; output is dropped until it works again",
                                now);
    if (news) news_ = std::move(news);
}

std::optional<TroubleNews> JournalLines::take_news() { return std::exchange(news_, {}); }

}  // namespace lares::os
