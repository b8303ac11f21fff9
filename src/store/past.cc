// store/past.cc: two questions, of runs and of jobs.

#include "store/past.h"

#include "store/schema.h"
#include "store/sql.h"

namespace lares::store {

namespace {

Result<> read_runs(Database& database, std::int64_t since, std::int64_t most,
                   simulate::PastReader& reader, bool& is_cut) {
    Statement* rows = TRY(database.statement(
        "select subject, started, wall, outcome, code from runs where kind = 'job' and ended <> 0"
        " and started >= :since order by run desc limit :most",
        "nn", "tnntn"));
    rows->set(0, since * 1000);
    rows->set(1, most);
    std::int64_t count = 0;
    for (; TRY(rows->next()); ++count)
        reader.add_run(rows->text(0), rows->number(1) / 1000, rows->number(2), rows->text(3),
                       static_cast<int>(rows->number(4)));
    is_cut = is_cut || count == most;
    return {};
}

Result<> read_jobs(Database& database, std::int64_t since, std::int64_t most,
                   simulate::PastReader& reader, bool& is_cut) {
    Statement* rows =
        TRY(database.statement("select task, created, source, priority, unique_key from jobs"
                               " where created >= :since order by id desc limit :most",
                               "nn", "tntnt"));
    rows->set(0, since * 1000);
    rows->set(1, most);
    std::int64_t count = 0;
    for (; TRY(rows->next()); ++count)
        reader.add_job({.task = rows->text(0),
                        .created = rows->number(1) / 1000,
                        .source = rows->text(2),
                        .priority = static_cast<int>(rows->number(3)),
                        .key = rows->text(4)});
    is_cut = is_cut || count == most;
    return {};
}

}  // namespace

Result<simulate::Past> read_past(std::string const& path, std::int64_t since, std::int64_t most) {
    auto database = TRY(Database::open(path, {.kind = Access::Kind::read}));
    simulate::PastReader reader;
    bool is_cut = false;
    TRY(database->execute("begin"));
    // An empty file has no tables yet, and so no past.
    if (TRY(schema_version(*database)) > 0) {
        TRY(read_runs(*database, since, most, reader, is_cut));
        TRY(read_jobs(*database, since, most, reader, is_cut));
    }
    TRY(database->execute("commit"));
    simulate::Past past = reader.take();
    past.is_cut = is_cut;
    return past;
}

}  // namespace lares::store
