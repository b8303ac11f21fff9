// store/sql.h: the little that Lares asks of a database: statements that are kept, and rows.
//
// Behind it SOCI, in sql.cc alone: its headers cost seconds, its exceptions end there. Parameters
// and columns are numbers (64 bits) or text (any bytes but NUL); NULL is not used in our tables.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "store/access.h"

namespace lares::store {

/// A prepared statement with its parameters and its row. Bound by place, from 0.
class Statement {
public:
    struct Impl;
    explicit Statement(std::unique_ptr<Impl>);
    ~Statement();

    void set(std::size_t place, std::int64_t number);
    void set(std::size_t place, std::string_view text);
    /// Runs it to its end; gives the number of rows that were changed.
    Result<std::int64_t> run();
    /// The first row, or the next; false: there is no more, and nothing is held any longer. One
    /// that is not asked until then holds its snapshot: ask on, or reset().
    Result<bool> next();
    /// From the first row again.
    void reset();
    std::int64_t number(std::size_t column) const;
    std::string const& text(std::size_t column) const;

private:
    std::unique_ptr<Impl> impl_;
};

struct FileIdentity {
    std::uint64_t device = 0, inode = 0;
    bool operator==(FileIdentity const&) const = default;
};

/// One connection, for one thread at a time.
class Database {
public:
    /// Errors: unavailable or io, with the path and what helps.
    static Result<std::unique_ptr<Database>> open(std::string const& path, Access);
    ~Database();

    /// The statement of that text, prepared at the first call and kept. `parameters` and `columns`:
    /// a letter each, 'n' number or 't' text.
    Result<Statement*> statement(std::string_view sql, std::string_view parameters,
                                 std::string_view columns = "");
    /// Statements without parameters, to their end; what they give is dropped.
    Result<> execute(std::string const& sql);
    /// The first column of the first row; 0 or "" when there is none.
    Result<std::int64_t> number_of(std::string_view sql);
    Result<std::string> text_of(std::string_view sql);

    /// Of the file that was opened.
    FileIdentity identity() const;
    /// Whether the file that was opened still has its name: it was not removed or replaced.
    bool has_its_name() const;
    /// Gives memory back that is only there for speed.
    void trim();
    std::string const& path() const { return path_; }

private:
    struct Impl;
    Database(std::unique_ptr<Impl>, std::string path);
    std::unique_ptr<Impl> impl_;
    std::string path_;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view sql) const {
            return std::hash<std::string_view>{}(sql);
        }
    };
    std::unordered_map<std::string, std::unique_ptr<Statement>, Hash, std::equal_to<>> statements_;
};

}  // namespace lares::store
