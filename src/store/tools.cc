// store/tools.cc: SQLite's own checks and copies, and their words.

#include "store/tools.h"

#include <array>

#include "store/disk.h"
#include "store/schema.h"
#include "store/sql.h"

namespace lares::store {

namespace {

constexpr auto tables =
    std::to_array<std::string_view>({"jobs", "runs", "events", "files", "marks"});
/// A person waits longer than a daemon does.
constexpr Duration patience{30'000};
constexpr std::size_t most_faults = 100;

Result<std::unique_ptr<Database>> open_existing(std::string const& path, Access::Kind kind) {
    return Database::open(path, {.kind = kind, .busy_timeout = patience});
}

Result<> look_through(Database& database, Depth depth, Report& report) {
    std::string sql = depth == Depth::quick ? "pragma quick_check" : "pragma integrity_check";
    Statement* statement =
        TRY(database.statement(sql + "(" + std::to_string(most_faults) + ")", "", "t"));
    while (TRY(statement->next()))
        if (statement->text(0) != "ok") report.faults.push_back(statement->text(0));
    return {};
}

Result<> count(Database& database, Report& report) {
    report.page_bytes = TRY(database.number_of("pragma page_size"));
    report.pages = TRY(database.number_of("pragma page_count"));
    report.free_pages = TRY(database.number_of("pragma freelist_count"));
    report.schema = TRY(schema_version(database));
    for (std::string_view table : tables) {
        if (report.schema == 0) break;  // an empty file
        std::string sql = "select count(*) from " + std::string(table);
        report.rows.emplace_back(table, TRY(database.number_of(sql)));
    }
    return {};
}

std::string sized(std::int64_t bytes) {
    return std::to_string(bytes) + " bytes (" + std::to_string((bytes + (1 << 19)) >> 20) + " MB)";
}

/// Whether two names are one file.
bool is_same_file(Database& database, std::string const& file) {
    auto other = Database::open(file, {.kind = Access::Kind::read});
    return other && (*other)->identity() == database.identity();
}

}  // namespace

Result<Report> check(std::string const& path, Depth depth) {
    auto database = TRY(open_existing(path, Access::Kind::read));
    Report report{.path = path,
                  .bytes = file_bytes(path),
                  .wal_bytes = file_bytes(path + "-wal"),
                  .schema_known = static_cast<int>(migrations().size())};
    TRY(database->execute("begin"));
    // Damage may hide any of it: what can be said is said, and the damage as well.
    if (Result<> counted = count(*database, report); !counted) {
        if (counted.error().kind != Error::Kind::io) return std::move(counted).error();
        report.faults.push_back(counted.error().what);
    }
    if (Result<> looked = look_through(*database, depth, report); !looked) {
        if (looked.error().kind != Error::Kind::io) return std::move(looked).error();
        report.faults.push_back(looked.error().what);
    }
    (void)database->execute("rollback").ok();
    return report;
}

std::string print(Report const& report) {
    std::string out = "database  " + report.path + "\n";
    out += "size      " + sized(report.bytes) + "\n";
    if (report.wal_bytes >= 0) out += "log       " + sized(report.wal_bytes) + "\n";
    out += "schema    " + std::to_string(report.schema);
    if (report.schema < report.schema_known)
        out += ", this Lares brings it to " + std::to_string(report.schema_known);
    if (report.schema > report.schema_known)
        out += ", of a newer Lares: this one knows " + std::to_string(report.schema_known);
    out += "\npages     " + std::to_string(report.pages) + " of " +
           std::to_string(report.page_bytes) + " bytes, " + std::to_string(report.free_pages) +
           " free\n";
    for (auto const& [table, rows] : report.rows)
        out += table + std::string(10 - table.size(), ' ') + std::to_string(rows) + " rows\n";
    if (report.is_sound()) return out + "sound     yes\n";
    out += "sound     NO\n";
    for (std::string const& fault : report.faults) out += "          " + fault + "\n";
    return out;
}

Result<> backup(std::string const& path, std::string const& file) {
    auto database = TRY(open_existing(path, Access::Kind::read));
    if (is_same_file(*database, file)) {
        return Error{Error::Kind::invalid,
                     "'" + file + "' is the database itself; name another file"};
    }
    TRY(database->execute("pragma query_only = off"));  // the copy counts as written by it
    return copy_to(*database, file);
}

Result<Vacuumed> vacuum(std::string const& path) {
    auto database = TRY(open_existing(path, Access::Kind::existing));
    TRY(schema_version(*database));
    // By pages: those that are still in the log count as well.
    auto bytes = [&]() -> Result<std::int64_t> {
        std::int64_t pages = TRY(database->number_of("pragma page_count"));
        return pages * TRY(database->number_of("pragma page_size"));
    };
    Vacuumed done{.bytes_before = TRY(bytes())};
    TRY(database->execute("vacuum"));
    // The new pages are in the log until they are copied; then the file is cut.
    TRY(database->execute("pragma wal_checkpoint(truncate)"));
    done.bytes_after = TRY(bytes());
    return done;
}

}  // namespace lares::store
