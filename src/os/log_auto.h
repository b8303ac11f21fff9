// os/log_auto.h: the logs that supervisord calls AUTO: files of our own naming in childlogdir,
// which do not outlive the next start.
//
// Names and the pattern of what is deleted are supervisord's, so that files it left behind go too.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace lares::os {

struct AutoLog {
    std::string folder;       // childlogdir
    std::string process;      // without its group
    std::string_view stream;  // "stdout" or "stderr"
    std::string identifier;   // of the daemon
};

/// Makes "<folder>/<process>-<stream>---<identifier>-<8 random>.log" with mode 0600, where nothing
/// was, and returns its path.
Result<std::string> make_auto_log(AutoLog const&);

/// Whether a file of this name is an AUTO log of `identifier`, rotated or not. By supervisord's
/// pattern `.+?---<identifier>-\S+\.log\.{0,1}\d{0,4}`, which need only match the beginning.
bool is_auto_log(std::string_view name, std::string_view identifier);

/// Deletes the AUTO logs of earlier starts from `folder`; only regular files. Returns how many. For
/// the daemon's start, before any are made: what is deleted may be anybody's with our identifier.
Result<int> delete_auto_logs(std::string const& folder, std::string_view identifier);

}  // namespace lares::os
