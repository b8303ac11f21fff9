// store/dialect.h: what differs between the databases, said for SQLite.
//
// All other SQL of the room is the same for SQLite, PostgreSQL and MariaDB. What the others will
// need here: how to connect; the words of their errors; "on conflict" (MariaDB: "on duplicate
// key"); a key that is a rowid (elsewhere BIGINT); columns of paths, which hold any bytes (BYTEA,
// VARBINARY); the partial indexes of schema.cc (MariaDB: generated columns that may be NULL).

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/access.h"

namespace lares::store::dialect {

/// SOCI's connection string for a file.
std::string connection(std::string const& path, Access::Kind);
/// What is set on every connection before anything else is asked. journal_mode is not among it: a
/// reader must not change it.
std::vector<std::string> settings(Access const&);
/// Of the one that writes.
std::vector<std::string> writer_settings();

/// Asks that readers and the writer do not wait for each other from here on; the answer is "wal"
/// when they will not.
inline constexpr std::string_view keep_log = "pragma journal_mode = wal";

/// "insert …; nothing when a row of that key is there". `values`: of a row; of more, with "), ("
/// between two.
std::string insert_or_leave(std::string_view table, std::string_view columns,
                            std::string_view values);
/// "insert …, or replace all columns of the row that has the key", when `condition` holds for it.
std::string insert_or_replace(std::string_view table, std::string_view columns,
                              std::string_view values, std::string_view key,
                              std::string_view condition = "");

/// An error of the database as ours: "database '/x/lares.db': the disk is full". `code`: its result
/// code; `system`: errno, or 0; `words`: its own.
Error error(std::string const& path, int code, int system, std::string const& words);

}  // namespace lares::store::dialect
