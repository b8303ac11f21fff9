// store/schema.h: the tables, as numbered steps from an empty database to today's.
//
// Forward only: a step that was released is never changed, another follows it. Before each step
// that finds data a backup is made beside the database. docs/formats/database.md describes the
// result.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/sql.h"

namespace lares::store {

struct Migration {
    int number;  // from 1, without gaps
    std::string_view name;
    std::vector<std::string_view> sql;
};

/// All there are.
std::span<Migration const> migrations();

struct Migrated {
    int from = 0, to = 0;
    std::vector<std::string> backups;  // files that were made
};

/// The version of a database; 0: it is empty. invalid: it is one of something else.
Result<int> schema_version(Database&);
/// Takes the steps that are missing, each in a transaction of its own. invalid: it was written by a
/// newer Lares.
Result<Migrated> migrate(Database&, std::span<Migration const> steps);

/// Writes all of the database, as it is at one moment, to a new file: whole or not at all, mode
/// 0600, on the disk when it returns. Replaces `file`. Others may write meanwhile.
Result<> copy_to(Database&, std::string const& file);

}  // namespace lares::store
