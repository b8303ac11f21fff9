// store/tools.h: what a person does with a database: look whether it is sound, copy it, pack it.
//
// For `lares db check|backup|vacuum`, from any process: a daemon may have the database open and go
// on writing. They wait for the disk: not for the loop's thread.

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace lares::store {

enum class Depth {
    quick,  // the form of every page and row
    full,   // and that each index has what its table has
};

struct Report {
    std::string path;
    std::int64_t bytes = 0, wal_bytes = 0;  // wal_bytes -1: there is no log
    std::int64_t page_bytes = 0, pages = 0, free_pages = 0;
    int schema = 0, schema_known = 0;
    std::vector<std::pair<std::string, std::int64_t>> rows;  // by table
    std::vector<std::string> faults;                         // what is wrong; empty: it is sound
    bool is_sound() const { return faults.empty(); }
};

/// Reads all of it, changes nothing. An Error: it could not even be opened; damage is in the
/// report.
Result<Report> check(std::string const& path, Depth);
/// Lines for a person, each with its end.
std::string print(Report const&);

/// As it is at one moment, into `file`, which is replaced: whole or not at all, mode 0600.
/// invalid: `file` is the database itself.
Result<> backup(std::string const& path, std::string const& file);

struct Vacuumed {
    std::int64_t bytes_before = 0, bytes_after = 0;
};
/// Writes it anew without gaps. Writers wait meanwhile, some seconds for each 100 MB; a daemon's
/// `ask` fails with "locked" when that is longer than its patience, and its `must` waits.
Result<Vacuumed> vacuum(std::string const& path);

}  // namespace lares::store
