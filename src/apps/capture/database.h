// apps/capture/database.h: what lares-capture keeps beside its archive: captures, credentials,
// accounts, sets, items.
//
// A SQLite file of its own, by the same SOCI layer, migrations and careful opening as the daemon's
// (store/). Each function here is one statement or one transaction. docs/formats/capture.md lists
// the tables.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "apps/capture/definition.h"
#include "base/result.h"
#include "store/sql.h"

namespace lares::capture {

/// A column or parameter: a number or a text.
using Cell = std::variant<std::int64_t, std::string>;
using Row = std::vector<Cell>;
inline std::string const& text_in(Row const& row, std::size_t column) {
    return std::get<std::string>(row[column]);
}
inline std::int64_t number_in(Row const& row, std::size_t column) {
    return std::get<std::int64_t>(row[column]);
}

class Database {
public:
    /// Makes it and brings it to today's tables.
    static Result<std::unique_ptr<Database>> open(std::string const& path);

    /// @param columns  a letter each, 'n' number or 't' text.
    Result<std::vector<Row>> rows(std::string_view sql, std::vector<Cell> const& parameters,
                                  std::string_view columns);
    /// Row by row, until `take` returns false.
    Result<> each(std::string_view sql, std::vector<Cell> const& parameters,
                  std::string_view columns, std::function<bool(Row const&)> const& take);
    /// The number of rows that were changed.
    Result<std::int64_t> run(std::string_view sql, std::vector<Cell> const& parameters = {});
    /// As run(), and the number that SQLite gave the new row.
    Result<std::int64_t> add(std::string_view sql, std::vector<Cell> const& parameters);
    /// All of `work` or nothing.
    Result<> together(std::function<Result<>()> const& work);

    Result<std::vector<Definition>> captures();
    /// not_found with the nearest name.
    Result<Definition> capture(std::string const& name);
    Result<std::string> token_of(std::string const& credential);

private:
    explicit Database(std::unique_ptr<store::Database> database) : database_(std::move(database)) {}
    std::unique_ptr<store::Database> database_;
};

/// Refuses what must not be stored: two active captures whose service allows one stream on one
/// credential; a service's ceilings; options that cannot be read.
Result<> check_definition(Definition const&, std::vector<Definition> const& others);

}  // namespace lares::capture
