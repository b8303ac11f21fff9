// os/console.h: what the command line asks of the terminal and of files it explains.
//
// Apart from the daemon: these run in a short-lived `lares` command and may wait.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

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
