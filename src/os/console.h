// os/console.h: what the command line asks of the terminal and of files it explains.
//
// Apart from the daemon: these run in a short-lived `lares` command and may wait.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace lares::os {

struct Console {
    bool is_tty = false;
    int columns = 80;
    int rows = 24;
};

/// Standard output now; a window may change its size at any time.
Console look_at_console();

/// One or more writes until all is out; gives up quietly when nobody reads (EPIPE).
void write_all(int fd, std::string_view bytes);

/// From now on SIGINT and SIGTERM do not end the program but pause_for().
void catch_interrupt();
/// Sleeps. False when interrupted since catch_interrupt().
bool pause_for(Duration);
/// Can be read once there was an interrupt after catch_interrupt(); -1 before that.
int interrupt_descriptor();
/// Whether there was an interrupt; it is forgotten thereby.
bool take_interrupt();

/// Whether standard input is a terminal.
bool input_is_terminal();
/// One line of standard input without its '\n'; none when it is over or at an interrupt. What was
/// read beyond the line is kept for the next call.
std::optional<std::string> read_line();
/// Shows `prompt` on the terminal and reads a line from it without showing that; where there is no
/// terminal, as read_line().
std::optional<std::string> read_secret(std::string_view prompt);

/// Begins `work` on a thread of its own. What is returned makes the descriptor that the work was
/// given readable, and waits until it has ended.
std::function<void()> begin_beside(std::function<void(int until)> work);

/// Writes a file that its owner alone may read.
Result<> write_private_file(std::string const& path, std::string_view text);

struct FileFacts {
    bool exists = false;
    bool is_socket = false;
    bool may_use = false;  // this process may write to it
    std::string owner;     // name, or the number as text
    std::string group;
    unsigned mode = 0;
};
FileFacts look_at_file(std::string const& path);

/// Whether a process with this pid runs, ours or not. A zombie has ended: its parent is only slow.
bool process_exists(std::int64_t pid);

/// The name of who runs this program, or the number as text.
std::string own_user_name();

/// Absolute path of the running program's folder; empty when the kernel does not say.
std::string program_directory();

}  // namespace lares::os
