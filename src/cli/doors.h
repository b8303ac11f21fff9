// cli/doors.h: all that the command line asks of the world, given by bin/ or by a test.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/client.h"
#include "base/time.h"
#include "cli/request.h"
#include "config/load.h"

namespace lares::cli {

/// Standard output, when it is one; a redirected one has is_tty false.
struct Terminal {
    bool is_tty = false;
    int columns = 80;
    int rows = 24;
};

/// A file as far as it explains why a socket cannot be used.
struct FileLook {
    bool exists = false;
    bool is_socket = false;
    bool may_use = false;  // this user may connect to it
    std::string owner;     // name, or the number as text
    std::string group;
    unsigned mode = 0;  // 0700
};

struct Doors {
    api::HttpClient& http;
    config::World world;
    std::string program_directory;  // absolute, of the running program
    std::string user;               // who runs it: "alice"
    std::string version;            // "0.1.0"
    std::string commit;             // "a1b2c3d"; empty when unknown

    /// Each call is one write to standard output or standard error.
    std::function<void(std::string_view)> out;
    std::function<void(std::string_view)> err;
    /// Asked before each redraw, since a window may change its size.
    std::function<Terminal()> terminal;
    /// Sleeps. False when Ctrl-C was pressed since catch_interrupt().
    std::function<bool(Duration)> pause;
    /// From now on Ctrl-C no longer ends the program but pause(). Asked for by `status -w` only.
    std::function<void()> catch_interrupt;
    std::function<FileLook(std::string const& path)> look_at;
    std::function<bool(std::int64_t pid)> is_alive;
    /// Starts the daemon; returns the exit status.
    std::function<int(UpRequest const&)> up;
};

/// The exit statuses of `lares`.
namespace exit_status {
inline constexpr int done = 0;
inline constexpr int refused = 1;  // or failed, wholly or in part
inline constexpr int usage = 2;
inline constexpr int nobody = 3;  // no Lares is listening
}  // namespace exit_status

}  // namespace lares::cli
