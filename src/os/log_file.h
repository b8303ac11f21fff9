// os/log_file.h: one log: opened, written, rotated, cleared, and found again when it was moved.
//
// Lives on the log thread. Whatever goes wrong is told once through the host and never stops the
// caller: what cannot be written is counted and dropped. Rotation is supervisord's (after a write,
// never within one), plus by time; decisions are in os/log_rotation.h and os/log_calendar.h.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/log_moment.h"
#include "os/log_rotation.h"
#include "os/log_target.h"
#include "os/log_trouble.h"
#include "ports/logs.h"

namespace lares::os {

/// What a LogFile asks of its surroundings.
class LogFileHost {
public:
    virtual ~LogFileHost() = default;
    virtual void tell(ports::ChannelId, TroubleNews) = 0;
    virtual void grown(ports::ChannelId) = 0;
    /// The file was rotated or emptied.
    virtual void rotated(ports::ChannelId) = 0;
    /// How often rotated() was called, by any log.
    virtual std::uint64_t rotations() const = 0;
    /// Some rotated siblings may have to be compressed.
    virtual void compress_siblings(ports::ChannelId) = 0;
    /// Whether to be called (on_writable) when the reader of `fd` takes bytes again.
    virtual void watch_writable(ports::ChannelId, int fd, bool on) = 0;
    /// Room for bytes that wait for slow readers, all logs together. False: there is none.
    virtual bool take_room(std::size_t bytes) = 0;
    virtual void give_room(std::size_t bytes) = 0;
    /// Around the writing of what write() was given, to a file of this size; not for a stream.
    virtual void will_write(LogFileIdentity, std::int64_t size, std::string_view bytes) = 0;
    virtual void wrote() = 0;
};

struct LogFileSettings {
    std::string path;
    unsigned mode = 0666;
    std::int64_t maxbytes = 0;
    int backups = 10;
    Duration rotate_every{0};
    bool compress = false;
    Retention retention;
};

LogFileSettings settings_of(ports::LogSpec const&);

/// Whether siblings that are not compressed yet count for keep_bytes; while they wait for their
/// compression they would push out what has room.
enum class Plain { waits, counts };

class LogFile {
public:
    LogFile(ports::ChannelId id, LogFileSettings settings, LogFileHost& host);
    ~LogFile();
    LogFile(LogFile const&) = delete;
    LogFile& operator=(LogFile const&) = delete;

    LogFileSettings const& settings() const { return settings_; }

    void open(Moment);
    /// Writes all of `bytes` or drops and counts what does not go.
    void write(std::string_view bytes, Moment);
    /// Completes a writing that a kill cut: `bytes` after the first `size` of `file`, of which some
    /// may be there. Never rotates. A file that cannot be found any more gets all of them anew.
    void finish_writing(LogFileIdentity file, std::int64_t size, std::string_view bytes, Moment);
    /// Bytes that were lost before they came here.
    void note_lost(std::uint64_t bytes, std::string const& why, Moment);
    void on_writable(Moment);
    /// Opens the path again; the old file stays in use when that fails and it still has a name.
    void reopen(Moment);
    /// Removes and makes the file anew; invalid for what is no regular file, which stays untouched.
    Result<> clear(Moment);

    /// When on_time() is to be called; none when nothing depends on time.
    std::optional<WallTime> due() const;
    void on_time(Moment);
    /// The wall clock was set: periods are counted anew.
    void on_clock_jump(Moment);
    /// A sibling was compressed, or could not be.
    void on_compressed(Result<> const&, Moment);

    /// How much of a pipe to read before the next write.
    std::size_t read_size() const;

private:
    bool is_ready(Moment);
    bool open_target_now(Moment);
    void install(OpenedTarget, Moment);
    void write_pending(Moment);
    void drop_target();
    bool is_moved() const;
    void look_for_move(Moment);
    enum class Bytes { given, kept };
    void write_file(std::string_view, Moment, Bytes);
    OpenedTarget find_moved(LogFileIdentity) const;
    void write_stream(std::string_view, Moment);
    void keep(std::string_view, Moment);
    void set_watching(bool);
    void fail(std::string const& why, Moment);
    void tell(std::optional<TroubleNews>);
    void rotate(Moment);
    void rotate_for_time(Moment);
    Result<> shift();
    void sweep(Moment, Plain);
    std::vector<Sibling> find_siblings() const;

    ports::ChannelId id_;
    LogFileSettings settings_;
    LogFileHost& host_;
    OpenedTarget target_;
    TroubleTeller writing_;
    TroubleTeller rotating_;
    std::string pending_;        // of a stream whose reader is slow or away
    std::int64_t position_ = 0;  // after the last write; kept only for logs that rotate
    Instant look_again_at_{};    // when to see whether the file was moved
    std::uint64_t seen_rotations_ = 0;
    WallTime period_end_{};           // of rotate_every
    std::optional<WallTime> expiry_;  // of the oldest sibling
    bool watching_ = false;
};

}  // namespace lares::os
