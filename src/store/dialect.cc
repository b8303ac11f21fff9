// store/dialect.cc: SQLite's manners: its pragmas, its upserts and the words of its errors.

#include "store/dialect.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "store/log_writes.h"

namespace lares::store::dialect {

namespace {

struct Words {
    int code;
    Error::Kind kind;
    std::string_view words;
};

// clang-format off
constexpr auto words_of_codes = std::to_array<Words>({
    {SQLITE_FULL,     Error::Kind::unavailable, "the disk is full: make room there"},
    {SQLITE_BUSY,     Error::Kind::unavailable, "locked by another process: end what has it open for writing"},
    {SQLITE_LOCKED,   Error::Kind::unavailable, "locked by another process: end what has it open for writing"},
    {SQLITE_PROTOCOL, Error::Kind::unavailable, "locked by another process: end what has it open for writing"},
    {SQLITE_READONLY, Error::Kind::unavailable, "cannot be written: its permissions, or the file system, are read-only"},
    {SQLITE_CANTOPEN, Error::Kind::unavailable, "cannot be opened"},
    {SQLITE_PERM,     Error::Kind::unavailable, "cannot be opened: permission denied"},
    {SQLITE_AUTH,     Error::Kind::unavailable, "cannot be opened: permission denied"},
    {SQLITE_CORRUPT,  Error::Kind::io,          "is damaged: see 'lares db check', and restore a backup"},
    {SQLITE_NOTADB,   Error::Kind::io,          "is not a database (damaged, or another file): restore a backup, or move it away"},
    {SQLITE_IOERR,    Error::Kind::io,          "input/output error: the disk may be failing"},
});
// clang-format on

bool is_plain(unsigned char byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z') || byte == '/' || byte == '.' || byte == '-' || byte == '_';
}

}  // namespace

std::string connection(std::string const& path, Access::Kind kind) {
    // As a URI every byte of a path can be said; the plain form cannot have spaces or quotes.
    std::string text = "db=file:";
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (char each : path) {
        auto byte = static_cast<unsigned char>(each);
        if (is_plain(byte)) {
            text += each;
        } else {
            text += '%';
            text += digits[byte >> 4];
            text += digits[byte & 15];
        }
    }
    // Never made here: sql.cc does it, with the mode it should have. One that only reads may write
    // to the shared memory beside the file; its settings keep it from more.
    text += "?mode=rw";
    bool gathers = kind != Access::Kind::read && log_writes::set_up();
    return gathers ? text + "&vfs=" + log_writes::name : text;
}

std::vector<std::string> settings(Access const& access) {
    std::vector<std::string> all = {
        "pragma busy_timeout = " + std::to_string(access.busy_timeout.count()),
        "pragma cache_size = -" + std::to_string(access.cache_kilobytes), "pragma mmap_size = 0",
        "pragma trusted_schema = off"};
    // What store/log_writes.h rests on, too.
    all.emplace_back(access.kind == Access::Kind::read ? "pragma query_only = on"
                                                       : "pragma synchronous = full");
    return all;
}

std::vector<std::string> writer_settings() {
    return {
        // Only of a file that has no table yet: freed pages can be given back in slices.
        "pragma auto_vacuum = incremental",
        // What is deleted is overwritten where that costs no write of its own.
        "pragma secure_delete = fast",
        // 16 MB: a batch of some 20,000 jobs is copied into the file once, not on its way.
        "pragma wal_autocheckpoint = 4000",
        // What one huge batch made of the log is given back at the next checkpoint.
        "pragma journal_size_limit = 16777216",
    };
}

std::string insert_or_leave(std::string_view table, std::string_view columns,
                            std::string_view values) {
    return "insert into " + std::string(table) + " (" + std::string(columns) + ") values (" +
           std::string(values) + ") on conflict do nothing";
}

std::string insert_or_replace(std::string_view table, std::string_view columns,
                              std::string_view values, std::string_view key,
                              std::string_view condition) {
    std::string sql = "insert into " + std::string(table) + " (" + std::string(columns) +
                      ") values (" + std::string(values) + ") on conflict (" + std::string(key) +
                      ") do update set ";
    std::string sets;
    for (std::string_view rest = columns; !rest.empty();) {
        std::string name(rest.substr(0, rest.find(", ")));
        rest.remove_prefix(std::min(rest.size(), name.size() + 2));
        if (name != key) sets += (sets.empty() ? "" : ", ") + name + " = excluded." + name;
    }
    if (!condition.empty()) sets += " where " + std::string(condition);
    return sql + sets;
}

Error error(std::string const& path, int code, int system, std::string const& words) {
    // When its shared memory cannot be made on a full disk SQLite calls that an I/O error.
    int primary = code & 0xff;
    bool is_no_room = system == ENOSPC || system == EDQUOT;
    if (is_no_room && (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)) code = SQLITE_FULL;
    std::string what = "database '" + path + "': ";
    auto const* row = std::find_if(words_of_codes.begin(), words_of_codes.end(),
                                   [&](Words const& each) { return each.code == (code & 0xff); });
    if (row == words_of_codes.end()) return {Error::Kind::io, what + words};
    what += row->words;
    if (system != 0 && (row->code == SQLITE_CANTOPEN || row->code == SQLITE_IOERR))
        what += std::string(": ") + std::strerror(system);
    return {row->kind, std::move(what)};
}

}  // namespace lares::store::dialect
