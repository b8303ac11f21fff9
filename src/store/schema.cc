// store/schema.cc: the steps, and the careful way through them.

#include "store/schema.h"

#include <array>

#include "store/dialect.h"
#include "store/disk.h"

namespace lares::store {

namespace {

// clang-format off
// Numbers are 64 bits, times milliseconds since 1970, texts any bytes; nothing is ever NULL: 0 and
// '' say that there is none. No foreign keys: a check a row for what the writer does in one
// transaction anyway. Partial indexes keep what is rare (once, live, dead) out of what is common.
Migration const step_1{1, "tables", {
    "create table jobs ("
    " id integer primary key, task text not null, payload text not null, payload_file text not null,"
    " unique_key text not null, once text not null, created bigint not null, source text not null,"
    " cause bigint not null, priority bigint not null, not_before bigint not null, due bigint not null,"
    " ended bigint not null, after_jobs text not null, state text not null, attempts bigint not null,"
    " errors bigint not null, crashes bigint not null, run bigint not null, token bigint not null,"
    " why text not null, result text not null)",
    "create unique index jobs_by_once on jobs (once) where once <> ''",
    "create index jobs_by_task on jobs (task, id)",
    "create index jobs_live on jobs (id) where state in ('ready', 'running')",
    "create index jobs_not_done on jobs (state, id)"
    " where state in ('dead', 'parked', 'cancelled', 'skipped')",
    "create index jobs_ended on jobs (ended, state) where ended <> 0",
    "create index jobs_by_payload_file on jobs (payload_file) where payload_file <> ''",

    "create table runs ("
    " run integer primary key, kind text not null, subject text not null, job bigint not null,"
    " attempt bigint not null, command text not null, environment text not null,"
    " directory text not null, run_user text not null, revision bigint not null, pid bigint not null,"
    " node text not null, started bigint not null, log text not null, ended bigint not null,"
    " outcome text not null, code bigint not null, end_signal bigint not null, wall bigint not null,"
    " cpu bigint not null, peak_memory_bytes bigint not null, read_bytes bigint not null,"
    " written_bytes bigint not null, words text not null)",
    "create index runs_by_job on runs (job) where job <> 0",
    "create index runs_by_subject on runs (subject, run)",
    "create index runs_open on runs (run) where ended = 0",
    "create index runs_ended on runs (ended) where ended <> 0",
    "create index runs_by_log on runs (log) where log <> ''",

    "create table events ("
    " id integer primary key, at bigint not null, kind text not null, subject text not null,"
    " cause bigint not null, who text not null, words text not null, data text not null)",
    "create index events_by_subject on events (subject, id)",
    "create index events_by_cause on events (cause) where cause <> 0",

    "create table files ("
    " id integer primary key, folder text not null, path text not null, device bigint not null,"
    " inode bigint not null, size bigint not null, mtime_ns bigint not null, hash text not null,"
    " state text not null, job bigint not null, seen bigint not null, ended bigint not null,"
    " destination text not null, words text not null)",
    "create index files_by_path on files (folder, path)",
    "create index files_by_job on files (job) where job <> 0",

    "create table marks (name text primary key, value text not null)",
}};

// A job is live while `ended` is 0. Conditions of partial indexes are written so that they cost an
// insert nothing: no list of more than two words, for which SQLite builds a table at each row, and
// not the state, so that a job's beginning touches no index.
//
// The outbox and the alerts. Of millions that were sent the few that were not are found by the partial index.
Migration const step_2{2, "messages", {
    "update jobs set ended = 0 where state in ('ready', 'running') and ended <> 0",
    "drop index jobs_live",
    "drop index jobs_not_done",
    "create index jobs_live on jobs (id) where ended = 0",
    "create index jobs_not_done on jobs (state, id) where ended <> 0 and state <> 'done'",

    "create table deliveries ("
    " id integer primary key, channel text not null, thread text not null, unique_key text not null,"
    " message text not null, created bigint not null, expires bigint not null, source text not null,"
    " cause bigint not null, not_before bigint not null, ended bigint not null, state text not null,"
    " attempts bigint not null, provider text not null, words text not null)",
    "create unique index deliveries_by_key on deliveries (channel, unique_key) where unique_key <> ''",
    "create index deliveries_live on deliveries (channel, id) where state in ('waiting', 'sending')",
    "create index deliveries_by_channel on deliveries (channel, id)",
    "create index deliveries_by_cause on deliveries (cause) where cause <> 0",
    "create index deliveries_ended on deliveries (ended) where ended <> 0",

    "create table alerts ("
    " id integer primary key, subject text not null, state text not null, severity text not null,"
    " opened bigint not null, ended bigint not null, record text not null)",
    "create index alerts_ended on alerts (ended)",
    "create table alert_members ("
    " alert bigint not null, subject text not null, kind text not null, record text not null,"
    " primary key (alert, subject, kind)) without rowid",
}};
// Only removing logs asked for runs by their log; it asks for those of the same job now. An index of
// paths costs a job's end more than any other.
Migration const step_3{3, "runs without an index of logs", {
    "drop index runs_by_log",
}};
// A number of a file is used again as soon as the file is removed; with when it was made it is one
// file's. Of rows from before it is not known, and learnt when the file is seen again.
Migration const step_4{4, "births of files", {
    "alter table files add column birth_ns bigint not null default 0",
}};
// clang-format on

Result<> note_version(Database& database, int version) {
    return database.execute("update meta set value = '" + std::to_string(version) +
                            "' where name = 'schema_version'");
}

Result<> take(Database& database, Migration const& step) {
    if (step.number == 1) {
        TRY(database.execute("create table meta (name text primary key, value text not null)"));
        TRY(
            database.execute("insert into meta (name, value) values"
                             " ('schema_version', '0'), ('highest_id', '0'), ('tried', '0')"));
    }
    for (std::string_view sql : step.sql) TRY(database.execute(std::string(sql)));
    return note_version(database, step.number);
}

/// One step, whole or not at all.
Result<> take_whole(Database& database, Migration const& step) {
    TRY(database.execute("begin immediate"));
    Result<> taken = take(database, step);
    if (taken) taken = database.execute("commit");
    if (taken) return taken;
    (void)database.execute("rollback").ok();
    return std::move(taken).error().during("migration " + std::to_string(step.number) + " (" +
                                           std::string(step.name) + ")");
}

}  // namespace

std::span<Migration const> migrations() {
    static std::array<Migration, 4> const all = {step_1, step_2, step_3, step_4};
    return all;
}

Result<int> schema_version(Database& database) {
    std::int64_t tables = TRY(database.number_of("select count(*) from sqlite_master"));
    if (tables == 0) return 0;
    std::int64_t ours =
        TRY(database.number_of("select count(*) from sqlite_master where name = 'meta'"));
    std::string version;
    if (ours != 0) {
        version = TRY(database.text_of("select value from meta where name = 'schema_version'"));
    }
    int number = 0;
    for (char digit : version.substr(0, 6)) {
        if (digit < '0' || digit > '9') break;
        number = number * 10 + (digit - '0');
    }
    if (number > 0) return number;
    return Error{Error::Kind::invalid,
                 "database '" + database.path() + "': is not one of Lares; name another file"};
}

Result<Migrated> migrate(Database& database, std::span<Migration const> steps) {
    int version = TRY(schema_version(database));
    int newest = static_cast<int>(steps.size());
    if (version > newest) {
        return Error{Error::Kind::invalid,
                     "database '" + database.path() + "': was written by a newer Lares (schema " +
                         std::to_string(version) + ", this one knows " + std::to_string(newest) +
                         "): start that one, or restore '" + database.path() + ".before-" +
                         std::to_string(newest + 1) + "'"};
    }
    Migrated done{.from = version, .to = version};
    for (Migration const& step : steps.subspan(static_cast<std::size_t>(version))) {
        if (done.from > 0) {
            std::string backup = database.path() + ".before-" + std::to_string(step.number);
            Result<> copied = copy_to(database, backup);
            if (!copied) return std::move(copied).error().during("backup before migration");
            done.backups.push_back(backup);
        }
        TRY(take_whole(database, step));
        version = done.to = step.number;
    }
    return done;
}

Result<> copy_to(Database& database, std::string const& file) {
    std::string part = file + ".part";
    TRY(make_empty(part));
    Statement* copy = TRY(database.statement("vacuum into :file", "t"));
    copy->set(0, part);
    Result<std::int64_t> copied = copy->run();
    if (!copied) {
        remove_file(part);
        return std::move(copied).error().during("backup to '" + file + "'");
    }
    return put_in_place(part, file);
}

}  // namespace lares::store
