// os/log_file.cc: writing a log and keeping it whole.

#include "os/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "os/log_calendar.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

using namespace std::chrono_literals;

/// Between two tries to write a log that failed.
constexpr Duration write_pause = 1s;
/// Between two tries to rotate: the log is written all the same, so there is no hurry.
constexpr Duration rotate_pause = 60s;
/// Between two looks whether the file still has its name.
constexpr Duration look_pause = 1s;
/// What one stream may have waiting for its reader: some bursts of a program, no more.
constexpr std::size_t pending_bytes = 1u << 20;

bool has_a_name(int fd) {
    struct stat now{};
    return fd >= 0 && ::fstat(fd, &now) == 0 && now.st_nlink > 0;
}

std::optional<Sibling> find_sibling(std::string const& log, int number, bool compressed) {
    struct stat now{};
    if (::lstat(sibling_path(log, number, compressed).c_str(), &now) != 0) return std::nullopt;
    if (!S_ISREG(now.st_mode)) return std::nullopt;
    return Sibling{.number = number,
                   .compressed = compressed,
                   .bytes = now.st_size,
                   .changed = WallTime(std::chrono::seconds(now.st_mtim.tv_sec))};
}

}  // namespace

LogFileSettings settings_of(ports::LogSpec const& spec) {
    return {.path = spec.path,
            .mode = spec.mode,
            .maxbytes = spec.maxbytes,
            .backups = std::clamp(spec.backups, 0, log_backups),
            .rotate_every = spec.rotate_every,
            .compress = spec.compress,
            .retention = {.keep_for = spec.keep_for, .keep_bytes = spec.keep_bytes}};
}

LogFile::LogFile(ports::ChannelId id, LogFileSettings settings, LogFileHost& host)
    : id_(id),
      settings_(std::move(settings)),
      host_(host),
      writing_(write_pause),
      rotating_(rotate_pause) {}

LogFile::~LogFile() {
    if (!pending_.empty() && target_.fd) write_without_waiting(target_, pending_);
    host_.give_room(pending_.size());
    drop_target();
}

// Opening

void LogFile::open(Moment at) { open_target_now(at); }

bool LogFile::open_target_now(Moment at) {
    auto opened = open_target(settings_.path, settings_.mode);
    if (!opened) {
        // A fifo keeps what fits until somebody reads it.
        if (opened.error().kind != Error::Kind::unavailable)
            target_.kind = OpenedTarget::Kind::file;
        fail(opened.error().what, at);
        return false;
    }
    install(std::move(*opened), at);
    return true;
}

void LogFile::install(OpenedTarget opened, Moment at) {
    drop_target();
    target_ = std::move(opened);
    look_again_at_ = at.now + look_pause;
    seen_rotations_ = host_.rotations();
    expiry_.reset();
    if (target_.kind != OpenedTarget::Kind::file) return on_writable(at);
    position_ = target_.size;
    WallTime begun = target_.size > 0 ? target_.changed : at.wall;
    if (settings_.rotate_every > 0ms) period_end_ = period_end(begun, settings_.rotate_every);
    if (settings_.compress) host_.compress_siblings(id_);
    sweep(at, Plain::waits);
    write_pending(at);
}

/// What waited while this path was a stream, or could not be opened for want of descriptors.
void LogFile::write_pending(Moment at) {
    if (pending_.empty()) return;
    std::string waiting = std::exchange(pending_, {});
    host_.give_room(waiting.size());
    write_file(waiting, at, Bytes::kept);
}

void LogFile::drop_target() {
    set_watching(false);
    target_.fd.reset();
}

void LogFile::reopen(Moment at) {
    writing_.hurry();
    auto opened = open_target(settings_.path, settings_.mode);
    if (opened) return install(std::move(*opened), at);
    if (has_a_name(target_.fd.get())) return;
    drop_target();
    fail(opened.error().what, at);
}

bool LogFile::is_moved() const { return identity_of(settings_.path) != target_.identity; }

void LogFile::look_for_move(Moment at) {
    // After any rotation at once: it may have been of this very file, kept by two channels.
    if (at.now < look_again_at_ && seen_rotations_ == host_.rotations()) return;
    seen_rotations_ = host_.rotations();
    look_again_at_ = at.now + look_pause;
    if (is_moved()) reopen(at);
}

// Writing

bool LogFile::is_ready(Moment at) {
    if (!writing_.may_try(at.now)) return false;
    if (!target_.fd) return open_target_now(at);
    if (target_.kind == OpenedTarget::Kind::file) look_for_move(at);
    return static_cast<bool>(target_.fd);
}

void LogFile::write(std::string_view bytes, Moment at) {
    if (bytes.empty()) return;
    bool ready = is_ready(at);
    if (target_.kind != OpenedTarget::Kind::file) return write_stream(bytes, at);
    if (!ready) return writing_.lost(bytes.size());
    write_file(bytes, at, Bytes::given);
}

void LogFile::write_file(std::string_view bytes, Moment at, Bytes whose) {
    if (settings_.rotate_every > 0ms && at.wall >= period_end_) rotate_for_time(at);
    if (!target_.fd) return writing_.lost(bytes.size());
    // Asked of the kernel: others may write to this file, or empty it (copytruncate).
    std::int64_t size = ::lseek(target_.fd.get(), 0, SEEK_END);
    if (whose == Bytes::given) host_.will_write(target_.identity, size, bytes);
    std::size_t done = write_without_waiting(target_, bytes);
    int number = errno;
    if (whose == Bytes::given) host_.wrote();
    if (done > 0) host_.grown(id_);
    if (done == bytes.size()) {
        if (writing_.in_trouble()) tell(writing_.worked(settings_.path));
    } else {
        writing_.lost(bytes.size() - done);
        fail(errno_words(number), at);
    }
    position_ = size + static_cast<std::int64_t>(done);
    if (settings_.maxbytes > 0 && position_ >= settings_.maxbytes) rotate(at);
}

void LogFile::write_stream(std::string_view bytes, Moment at) {
    if (!target_.fd || !pending_.empty()) {
        keep(bytes, at);
        if (target_.fd && !watching_) on_writable(at);
        return;
    }
    std::size_t done = write_without_waiting(target_, bytes);
    int number = errno;
    if (done == bytes.size()) {
        if (writing_.in_trouble()) tell(writing_.worked(settings_.path));
        return;
    }
    keep(bytes.substr(done), at);
    if (number == EAGAIN) return set_watching(true);
    drop_target();
    fail(number == EPIPE ? "nobody reads it" : errno_words(number), at);
}

/// What is kept ends with a line where possible, so that the loss does not tear two lines.
void LogFile::keep(std::string_view bytes, Moment at) {
    std::size_t room = pending_bytes - std::min(pending_bytes, pending_.size());
    std::string_view kept = bytes;
    if (bytes.size() > room) kept = bytes.substr(0, bytes.substr(0, room).rfind('\n') + 1);
    if (!host_.take_room(kept.size())) kept = {};
    pending_ += kept;
    if (kept.size() == bytes.size()) return;
    writing_.lost(bytes.size() - kept.size());
    if (target_.fd) fail("its reader is too slow", at);
}

void LogFile::on_writable(Moment at) {
    if (!target_.fd || pending_.empty()) return set_watching(false);
    std::size_t done = write_without_waiting(target_, pending_);
    int number = errno;
    pending_.erase(0, done);
    host_.give_room(done);
    if (pending_.empty()) {
        pending_.shrink_to_fit();
        set_watching(false);
        return tell(writing_.worked(settings_.path));
    }
    if (number == EAGAIN) return set_watching(true);
    drop_target();
    fail(number == EPIPE ? "nobody reads it" : errno_words(number), at);
}

void LogFile::set_watching(bool on) {
    if (watching_ == on) return;
    watching_ = on;
    host_.watch_writable(id_, target_.fd.get(), on);
}

std::size_t LogFile::read_size() const { return os::read_size(position_, settings_.maxbytes); }

Result<> LogFile::clear(Moment at) {
    std::string const& log = settings_.path;
    struct stat named{}, leads_to{};
    bool exists = ::lstat(log.c_str(), &named) == 0 && ::stat(log.c_str(), &leads_to) == 0;
    bool is_stream = target_.fd && target_.kind != OpenedTarget::Kind::file;
    if (is_stream || is_own_descriptor(log) || (exists && !S_ISREG(leads_to.st_mode))) {
        return Error{Error::Kind::invalid,
                     "'" + log + "' is not a regular file and stays as it is"};
    }
    // A symlink stays what the administrator made it; so does a file in a folder we may not write.
    bool removed = exists && S_ISREG(named.st_mode) && ::unlink(log.c_str()) == 0;
    if (exists && !removed && ::truncate(log.c_str(), 0) != 0) return system_error("clear", log);
    reopen(at);
    host_.rotated(id_);
    if (!target_.fd || is_moved()) {
        return Error{Error::Kind::io, "'" + log + "' is empty but cannot be opened again"};
    }
    return {};
}

// Telling

void LogFile::fail(std::string const& why, Moment at) {
    tell(writing_.failed("cannot write '" + settings_.path + "': " + why +
                             "; output is dropped until it works again",
                         at.now));
}

void LogFile::note_lost(std::uint64_t bytes, std::string const& why, Moment at) {
    writing_.lost(bytes);
    fail(why, at);
    writing_.hurry();
}

void LogFile::tell(std::optional<TroubleNews> news) {
    if (news) host_.tell(id_, std::move(*news));
}

// Rotating

void LogFile::rotate(Moment at) {
    // Another log of the same name may have rotated it already, or logrotate.
    if (is_moved()) return reopen(at);
    if (!rotating_.may_try(at.now)) return;
    auto rotated = shift();
    if (!rotated) {
        return tell(rotating_.failed(
            "cannot rotate '" + settings_.path + "': " + rotated.error().what + "; it grows on",
            at.now));
    }
    tell(rotating_.worked(settings_.path));
    if (settings_.backups > 0) {
        reopen(at);
    } else {
        position_ = 0;
    }
    // Not before the successor is there: who reads at this news would find no file, and wait for
    // the next.
    host_.rotated(id_);
}

/// f.2 to f.3, f.1 to f.2, f to f.1, or with no backups f to nothing.
Result<> LogFile::shift() {
    std::string const& log = settings_.path;
    if (settings_.backups == 0) {
        if (::ftruncate(target_.fd.get(), 0) != 0) return system_error("truncate", log);
        return {};
    }
    for (int number = settings_.backups - 1; number >= 1; --number) {
        for (bool compressed : {false, true}) {
            std::string from = sibling_path(log, number, compressed);
            if (::access(from.c_str(), F_OK) != 0) continue;
            // f.3 and f.3.gz are the same place.
            ::unlink(sibling_path(log, number + 1, !compressed).c_str());
            if (::rename(from.c_str(), sibling_path(log, number + 1, compressed).c_str()) != 0) {
                return system_error("rename", from);
            }
        }
    }
    ::unlink(sibling_path(log, 1, true).c_str());
    if (::rename(log.c_str(), sibling_path(log, 1, false).c_str()) != 0) {
        return system_error("rename", log);
    }
    return {};
}

void LogFile::rotate_for_time(Moment at) {
    period_end_ = period_end(at.wall, settings_.rotate_every);
    struct stat now{};
    if (::fstat(target_.fd.get(), &now) != 0) return;
    position_ = now.st_size;
    if (position_ > 0) rotate(at);
}

std::optional<WallTime> LogFile::due() const {
    if (!target_.fd || target_.kind != OpenedTarget::Kind::file) return std::nullopt;
    if (settings_.rotate_every <= 0ms || position_ == 0) return expiry_;
    return expiry_ ? std::min(*expiry_, period_end_) : period_end_;
}

void LogFile::on_time(Moment at) {
    if (!target_.fd || target_.kind != OpenedTarget::Kind::file) return;
    if (settings_.rotate_every > 0ms && at.wall >= period_end_) rotate_for_time(at);
    if (expiry_ && at.wall >= *expiry_) sweep(at, Plain::waits);
}

void LogFile::on_clock_jump(Moment at) {
    if (settings_.rotate_every <= 0ms) return;
    period_end_ = std::min(period_end_, period_end(at.wall, settings_.rotate_every));
    on_time(at);
}

// Siblings

void LogFile::on_compressed(Result<> const& result, Moment at) {
    sweep(at, result ? Plain::waits : Plain::counts);
    if (result) return tell(rotating_.worked(settings_.path));
    tell(rotating_.failed(result.error().what + "; it stays as it is", at.now));
}

std::vector<Sibling> LogFile::find_siblings() const {
    std::vector<Sibling> found;
    for (int number = 1; number <= log_backups; ++number) {
        std::size_t before = found.size();
        for (bool compressed : {false, true}) {
            auto sibling = find_sibling(settings_.path, number, compressed);
            if (sibling) found.push_back(*sibling);
        }
        // Beyond our own count only an unbroken row is ours, from when more were kept.
        if (found.size() == before && number > settings_.backups) break;
    }
    return found;
}

void LogFile::sweep(Moment at, Plain plain) {
    if (!settings_.retention.is_asked()) return;
    std::vector<Sibling> siblings = find_siblings();
    if (settings_.compress && plain == Plain::waits) {
        for (Sibling& sibling : siblings) {
            if (!sibling.compressed) sibling.bytes = 0;
        }
    }
    for (Sibling const& old : expired(siblings, settings_.retention, at.wall)) {
        ::unlink(sibling_path(settings_.path, old.number, old.compressed).c_str());
        std::erase(siblings, old);
    }
    expiry_ = next_expiry(siblings, settings_.retention);
}

}  // namespace lares::os
