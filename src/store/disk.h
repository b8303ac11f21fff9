// store/disk.h: the few things the room does with files itself, durably.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace lares::store {

/// A new empty file of mode 0600; one that is there is replaced.
Result<> make_empty(std::string const& file);
/// Writes a new file of mode 0600, on the disk when it returns.
Result<> write_whole(std::string const& file, std::string_view bytes);
/// Synchronises `part`, gives it the name `file`, and synchronises the folder.
Result<> put_in_place(std::string const& part, std::string const& file);
/// not_found when it is not there; invalid when it is larger than `most_bytes`.
Result<std::string> read_whole(std::string const& file, std::size_t most_bytes);
/// One that is not there is no error.
void remove_file(std::string const& file);
/// Of a file; -1: there is none.
std::int64_t file_bytes(std::string const& file);
/// Makes it, and those above it, with mode 0700, unless it is there.
Result<> make_private_folder(std::string const& folder);
/// Its time of change is now.
Result<> touch(std::string const& file);
bool is_written_since(std::string const& file, WallTime time);
std::string folder_of(std::string const& path);

}  // namespace lares::store
