// os/files.h: plain questions to the file system, as reading a configuration asks them.
//
// All of these may wait for a disk: call them before the loop runs, or on a worker.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace lares::os {

/// The whole file. not_found, denied; invalid when it is a directory or longer than `most_bytes`.
Result<std::string> read_file(std::string const& path, std::size_t most_bytes);

/// Its end: at most `bytes`. Likewise.
Result<std::string> read_tail(std::string const& path, std::size_t bytes);

/// Paths that match the pattern (glob(7)), sorted by name; a pattern without a match gives none.
std::vector<std::string> glob(std::string const& pattern);

bool is_directory(std::string const& path);

/// Paths of the directories directly in `directory`, sorted; without links.
std::vector<std::string> directories_in(std::string const& directory);

/// The current directory; "/" when it was removed under us.
std::string current_directory();

/// uname's nodename, as expansions name it (host_node_name).
std::string host_name();

/// $TMPDIR when it is a directory, else "/tmp".
std::string temporary_directory();

}  // namespace lares::os
