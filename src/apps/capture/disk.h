// apps/capture/disk.h: files and folders as the archive needs them: whole, lasting, locked.
//
// Every call may wait for a disk. Errors carry the path and the system's words.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/fd.h"

namespace lares::capture::disk {

Result<> make_folders(std::string const& path);
enum class Readers { group, owner };
/// For writing; conflict when it is there already.
Result<os::Fd> create(std::string const& path, Readers = Readers::group);
Result<os::Fd> open_to_append(std::string const& path);
Result<> write_all(int fd, std::string_view bytes, std::string const& path);
Result<> synchronise(int fd, std::string const& path);
Result<> synchronise_folder(std::string const& path);
/// conflict: `to` is there; it stays as it was.
Result<> rename_new(std::string const& from, std::string const& to);
/// Replaces `to`.
Result<> rename_over(std::string const& from, std::string const& to);
Result<> remove(std::string const& path);
/// Another name for the file, or a copy where names cannot be shared (another file system).
Result<> link_or_copy(std::string const& from, std::string const& to);
bool exists(std::string const& path);
Result<std::int64_t> size_of(std::string const& path);
/// When it was written to last, in milliseconds since 1970.
Result<std::int64_t> changed_at(std::string const& path);
Result<std::string> read_all(std::string const& path, std::size_t most_bytes = 64u << 20);
/// Piece by piece, until `take` returns false.
Result<> read_pieces(std::string const& path, std::function<bool(std::string_view)> const& take);
/// SHA-256 of the file.
Result<std::string> digest(std::string const& path);
/// Replaces a small file: whole beside it, synchronised, renamed.
Result<> replace(std::string const& path, std::string_view bytes, Readers = Readers::group);

/// Paths below `folder`, relative to it, of regular files, sorted; none when there is no such
/// folder. Links are not followed; folders whose names begin with a dot are passed over.
std::vector<std::string> files_below(std::string const& folder);
std::vector<std::string> files_in(std::string const& folder);
std::vector<std::string> folders_in(std::string const& folder);

/// A lock that ends with the process. conflict: another process has it, which `holder` (what that
/// one wrote into it) names.
class Lock {
public:
    static Result<Lock> take(std::string const& path, std::string_view holder);

private:
    explicit Lock(os::Fd fd) : fd_(std::move(fd)) {}
    os::Fd fd_;
};

}  // namespace lares::capture::disk
