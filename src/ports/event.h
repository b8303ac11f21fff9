// ports/event.h: everything that can happen to the daemon, as values of one closed variant.
//
// os/ and net/ (or sim/) make them, daemon/ answers them. Adding one is visible in every visit.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.h"

namespace lares::ports {

/// One execution of anything: a program's process, a hook, an exec probe. Never reused.
enum class RunId : std::uint64_t {};
/// One log (a file and its rotated siblings, or another target), kept by Logs.
enum class ChannelId : std::uint32_t {};
enum class ProbeId : std::uint64_t {};
enum class WatchId : std::uint32_t {};
enum class RequestId : std::uint64_t {};
enum class FolderId : std::uint32_t {};

/// Why a spawn failed; the words are supervisord's spawnerr texts (spec §2.2).
struct SpawnFailure {
    enum class Kind {
        not_found,       // can't find command 'x'
        not_executable,  // command at 'x' is not executable | is a directory | no permission to run
        refused,         // no process, descriptor or memory to be had: worth another try
        setup,           // chdir, setuid, limits ... : the child could not be made as asked
    };
    Kind kind = Kind::refused;
    std::string words;
};

struct Spawned {
    RunId run;
    int pid;
    Instant at;
};
struct SpawnFailed {
    RunId run;
    SpawnFailure failure;
};
/// The process is gone and reaped, and what it had written until then is in its logs.
struct Exited {
    RunId run;
    int pid;
    int code;    // -1 when by signal
    int signal;  // 0 when by exit
    bool core_dumped;
    Instant at;       // when the kernel told us, before any waiting in our queues
    Duration cpu{0};  // user and system time of it and its reaped children
    std::int64_t peak_memory_bytes = 0;
    /// Storage read and written by it and its reaped children (/proc/PID/io); 0 when not to be had.
    std::int64_t read_bytes = 0, written_bytes = 0;
    /// It ended, and nobody can say how: its parent, the keeper, died as well. code is -1 and
    /// signal 0 then.
    bool status_unknown = false;
};
/// A line of sd_notify ("READY=1", "WATCHDOG=1", "STATUS=...") or s6's newline on the notification
/// descriptor, which comes as {"READY", "1"}; or a line of SpawnRequest::progress, as {"PROGRESS",
/// line}: of several that came together only the last, and at most limits::progress_line_bytes.
struct Notified {
    RunId run;
    std::string key;
    std::string value;
};
struct ProbeDone {
    ProbeId probe;
    bool ok;
    std::string why;  // "connection refused", "status 503"
};
/// A log cannot be written as asked. Told once when it begins and once when it is over (`ok`).
struct LogTrouble {
    ChannelId channel;
    bool ok;
    std::string words;
    std::uint64_t lost_bytes = 0;
};
/// Files that were watched changed; already quiet for the time asked.
struct FilesChanged {
    WatchId watch;
    std::string path;  // one of them
};
/// What a process wrote to a channel whose LogSpec asks for it (`tap`), in order, as it was read;
/// everything it wrote before its end comes before its Exited. What is captured is not in it.
struct OutputSeen {
    RunId run;
    ChannelId channel;
    std::string bytes;
};
/// The bytes between a pair of capture tokens (spec §3.10), at most LogSpec::capture_maxbytes of
/// them: the last ones.
struct OutputCaptured {
    RunId run;
    ChannelId channel;
    std::string bytes;
};
/// Its standard input took everything that waited, after a write_stdin that could not be written at
/// once or was refused. Not told when it closed its end instead.
struct StdinDrained {
    RunId run;
};
struct SignalReceived {
    int number;
};
/// The wall clock was set, or the machine slept.
struct WallClockJumped {
    /// How far wall time moved against monotonic time since it was last looked at; positive:
    /// forward. A suspension moves it too, by itself: monotonic time stands still meanwhile.
    Duration by{0};
    Duration suspended{0};  // how long the machine slept; 0 when it did not
};

struct Peer {
    bool is_unix = true;
    int pid = 0;  // unix: credentials of the peer
    unsigned uid = 0, gid = 0;
    std::vector<unsigned> groups;  // unix: its further groups
    std::string address;           // inet: "127.0.0.1:4711"
};
/// A whole HTTP request. Answered by exactly one Wire::reply or Wire::open_stream.
struct HttpRequested {
    RequestId request;
    int server;  // index given to Wire::listen
    Peer peer;
    std::string method;         // "GET", "POST", ...
    std::string target;         // as sent, undecoded
    std::string authorization;  // header value; empty when absent
    std::string host;
    std::string content_type;
    std::string origin, fetch_site, user_agent;  // what browsers say of themselves
    /// Headers that HTTP itself does not know ("x-hub-signature-256", "idempotency-key"), and
    /// "cookie", "if-match", "if-none-match", "last-event-id", in order; names in lower case.
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};
/// A request or a connection that the wire itself refused: nobody else hears of it.
struct HttpRefused {
    Peer peer;
    int status = 400;  // 0: closed without an answer
    std::string words;
};
/// The peer took what the stream had; it may have more.
struct StreamDrained {
    RequestId request;
};
/// The peer went away before its answer was whole. Nothing more may be sent.
struct HttpClosed {
    RequestId request;
};

/// The store was opened, cannot be opened or written, or can be again.
struct StoreChanged {
    bool ok = false;
    std::string words;  // what is wrong, or what was done: "migrated from 2 to 3"
};
/// One thing in a hot folder (ports/intake.h).
struct FolderEntry {
    std::string path;  // absolute bytes, as the kernel has them
    std::uint64_t device = 0, inode = 0;
    std::int64_t birth_ns = 0;  // when it was made; a rename keeps it; 0: its file system has none
    std::int64_t size = 0, mtime_ns = 0, ctime_ns = 0;
    bool is_folder = false;
    bool is_special = false;     // FIFO, device, socket, symbolic link
    bool is_readable = true;     // by us: permission
    bool closed = false;         // its writer closed it, seen since the last time it was told
    bool moved_in = false;       // renamed into place, seen likewise
    bool looked = false;         // whether is_open was asked: after look(), and with a sign
    bool is_open = false;        // somebody has it open for writing; only when looked at
    bool can_tell_open = false;  // whether the file system could say
    // Of a folder: all that is in it, so that one number says whether anything changed.
    std::int64_t files = 0;
    std::int64_t newest_ns = 0;
};
struct FolderSeen {
    FolderId folder;
    bool whole = false;       // everything there is; what is not named is gone
    bool more = false;        // of a whole: another piece follows at once
    bool overflowed = false;  // notifications were lost; this is the scan that mends it
    std::vector<FolderEntry> entries;
    std::vector<std::string> gone;
};
/// Told when it begins, changes and is over (`ok`).
struct FolderTrouble {
    FolderId folder;
    bool ok = false;
    bool is_polled = false;  // notifications do not work there: "nfs", "fuse", too many watches
    std::string words;
};

using Event = std::variant<StoreChanged, FolderSeen, FolderTrouble, Spawned, SpawnFailed, Exited,
                           Notified, ProbeDone, LogTrouble, FilesChanged, OutputSeen,
                           OutputCaptured, StdinDrained, SignalReceived, WallClockJumped,
                           HttpRequested, HttpRefused, StreamDrained, HttpClosed>;

/// Where the world puts what happened. Called on the loop's thread only.
class Inbox {
public:
    virtual ~Inbox() = default;
    virtual void push(Event) = 0;
};

}  // namespace lares::ports
