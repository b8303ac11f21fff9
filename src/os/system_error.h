// os/system_error.h: errno in words, and as an Error whose kind says how a caller may react.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace lares::os {

/// "ENOENT" for 2; "errno 999" for a number without a name.
std::string errno_name(int number);

/// "no such file or directory" for ENOENT.
std::string errno_words(int number);

/// The Error of a system call that just failed, from errno: "open '/x': no such file or directory".
Error system_error(std::string_view call, std::string_view argument = {});
Error system_error(std::string_view call, std::string_view argument, int number);

/// The text as Python's %r shows it, because supervisord's messages quote names that way.
std::string quoted(std::string_view text);

}  // namespace lares::os
