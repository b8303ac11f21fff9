// os/intake_move.h: moving, removing and hashing what a hot folder took in, so that a death at any
// instruction neither loses nor doubles it.
//
// Within a file system a move is one rename. Between two it is a copy under a hidden name, made
// durable; a note beside it of the name that it will get; the rename; then the source is removed,
// then the note. Whoever does it again finds by these how far it came. All of it may wait for a
// disk: for the intake's own threads.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "ports/intake.h"

namespace lares::os {

/// As ports::Intake::move. unavailable: the disk is full or read-only.
Result<std::string> move_path(std::string const& from, std::string const& to,
                              ports::Intake::Identity);
/// As ports::Intake::put. not_found: there is no such folder.
Result<std::string> put_file(std::string const& path, std::string_view bytes);
/// As ports::Intake::remove.
Result<> remove_path(std::string const& path, ports::Intake::Identity);
/// sha256 in hex of a file's contents; of a folder: of the names, sizes and contents of all in it.
Result<std::string> hash_path(std::string const& path);

/// "x-1.pdf" of "x.pdf", "x-1.tar.gz" of "x.tar.gz", ".x-1" of ".x"; number 0: the name itself.
std::string numbered(std::string const& path, int number);

}  // namespace lares::os
