// cli/doors.h: all that the command line asks of the world, given by bin/ or by a test.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/client.h"
#include "base/time.h"
#include "cli/request.h"
#include "config/load.h"
#include "core/past.h"
#include "ports/line_editor.h"
#include "ports/screen.h"
#include "ports/zones.h"

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

/// What a person types at a prompt, and Ctrl-C there.
struct Keyboard {
    /// Whether standard input is a terminal.
    std::function<bool()> is_tty;
    /// A line without its end; none when the input is over, or at Ctrl-C after catch_interrupt().
    std::function<std::optional<std::string>()> read_line;
    /// The same for a secret: nothing of it is shown.
    std::function<std::optional<std::string>(std::string_view prompt)> read_secret;
    /// A descriptor that can be read after Ctrl-C; -1 before catch_interrupt().
    std::function<int()> interrupts;
    /// Whether Ctrl-C was pressed; it is forgotten thereby.
    std::function<bool()> take_interrupt;
    /// Editing with history and completion; null where it cannot be had.
    std::function<std::unique_ptr<ports::LineEditor>(std::vector<std::string> history,
                                                     ports::Completer)>
        open_editor;
    /// For the history: readable by its owner only.
    std::function<Result<>(std::string const& path, std::string_view text)> write_file;
};

/// Work on a second thread; `until` can be read when it must end.
using Beside = std::function<void(int until)>;

/// The database of jobs and the journal, without a daemon: what each found or did, in words.
struct DatabaseTools {
    /// Errors in it are an Error (invalid).
    std::function<Result<std::string>(std::string const& path)> check;
    std::function<Result<std::string>(std::string const& path, std::string const& to)> backup;
    std::function<Result<std::string>(std::string const& path)> vacuum;
    /// What it tells of runs and jobs since then (seconds since 1970); changes nothing.
    std::function<Result<simulate::Past>(std::string const& path, std::int64_t since)> past;
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
    Keyboard keyboard;
    /// A hash as crypt(3) makes it, with a new salt.
    std::function<Result<std::string>(std::string const& password)> hash_password;
    /// Begins the work; what it returns makes it end and waits for that.
    std::function<std::function<void()>(Beside)> beside;
    /// The time zones of this machine.
    ports::Zones* zones = nullptr;
    /// Seconds since 1970, UTC.
    std::function<std::int64_t()> now;
    /// Empty where there is none.
    DatabaseTools database = {};
    /// Each line of a file that may be compressed; "-": standard input.
    std::function<Result<>(std::string const& path, std::function<void(std::string_view)> const&)>
        read_lines = {};
    /// Takes the terminal over for whole pictures, until it is destroyed. The Error (invalid) says
    /// why this terminal will not do.
    std::function<Result<std::unique_ptr<ports::Screen>>(ports::ScreenWish const&)> open_screen =
        {};
};

/// The exit statuses of `lares`.
namespace exit_status {
inline constexpr int done = 0;
inline constexpr int refused = 1;  // or failed, wholly or in part
inline constexpr int usage = 2;
inline constexpr int nobody = 3;  // no Lares is listening
}  // namespace exit_status

}  // namespace lares::cli
