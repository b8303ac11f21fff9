// os/child_files.h: files that a child begins with instead of pipes: output, input, progress.
//
// None of them has another end that must live: what a job writes to its log, or reads as its
// payload, does not notice whether a daemon is there (docs/decisions/0015).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "os/fd.h"

namespace lares::os {

/// Opens a child's output for appending. A missing file is made with mode 0600, missing folders
/// above it with 0700. May wait for a disk. unavailable: out of descriptors or memory; else the
/// path cannot be had, in words that name it.
Result<Fd> open_output_file(std::string const& path);

/// A file with these bytes and nothing else, made as open_output_file() makes one. May wait for a
/// disk. A full one leaves no half of it.
Result<> write_new_file(std::string const& path, std::string_view bytes);

/// Makes such a file `uid`'s and `gid`'s, to read only, and lets others pass through the folders
/// above it, up to `below` and with it: mode 0711 where it was 0700. Folders that are not ours, and
/// those above `below`, stay as they are. denied: we may not give files away.
Result<> give_file(std::string const& path, std::string const& below, unsigned uid, unsigned gid);

/// For a process that reads it from its begin.
Result<Fd> open_input_file(std::string const& path);

/// A file in memory with exactly these bytes, which nobody can change, read from its begin.
/// invalid: more than limits::input_bytes.
Result<Fd> make_input_file(std::string_view bytes);

/// LARES_PROGRESS: a file in memory that a process appends lines to, and whose last one we read.
///
/// A file and not a pipe, because writing to it can neither block nor fail for want of a reader. It
/// is kept small: what was read is given back to the kernel behind the writer's back, without
/// moving where it writes.
class ProgressFile {
public:
    /// unavailable: no descriptors, or no memory.
    static Result<ProgressFile> open();
    /// One that a predecessor opened for a run that goes on.
    static ProgressFile take_over(Fd ours);

    int fd() const { return ours_.get(); }
    /// The child's end, once: it can only be appended to.
    Fd take_end() { return std::move(end_); }
    /// An inotify watch descriptor for writes; -1: it cannot be watched.
    int watch(int inotify_fd) const;

    /// The last whole line that was written since the last call, at most
    /// limits::progress_line_bytes of it; empty: none, or an empty one.
    std::string read() { return read(false); }
    /// Also takes a line without an end. For when nobody writes any more.
    std::string read_last() { return read(true); }

private:
    std::string read(bool is_over);

    Fd ours_, end_;
    std::string told_;
    std::int64_t told_end_ = 0;    // where that line ends
    std::int64_t given_back_ = 0;  // so far the kernel has it back
};

}  // namespace lares::os
