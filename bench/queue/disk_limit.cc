// bench/queue/disk_limit.cc: what this disk and SQLite alone can do, for ratios of the same run.
//
//   disk_limit FOLDER [SECONDS]: one line of JSON. fdatasyncs: appends of 8 KB made durable, a
// second. sqlite_N: rows of a job and its event (the same columns and indexes, in the same journal
// mode), N jobs in each commit: jobs a second, by one thread with nothing around it.

#include <fcntl.h>
#include <sqlite3.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

double now(clockid_t clock = CLOCK_MONOTONIC) {
    timespec at{};
    ::clock_gettime(clock, &at);
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
}

double fdatasyncs(std::string const& path, double seconds) {
    int file = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    std::string block(8'192, 'x');
    long count = 0;
    double begin = now();
    for (; now() - begin < seconds; ++count)
        if (::write(file, block.data(), block.size()) < 0 || ::fdatasync(file) != 0) std::exit(1);
    double took = now() - begin;
    ::close(file);
    ::unlink(path.c_str());
    return static_cast<double>(count) / took;
}

void check(sqlite3* database, int code, int wanted) {
    if (code == wanted) return;
    std::fprintf(stderr, "disk_limit: %s\n", sqlite3_errmsg(database));
    std::exit(1);
}

void execute(sqlite3* database, char const* sql) {
    check(database, sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
}

sqlite3_stmt* prepare(sqlite3* database, std::string const& sql) {
    sqlite3_stmt* made = nullptr;
    check(database, sqlite3_prepare_v2(database, sql.c_str(), -1, &made, nullptr), SQLITE_OK);
    return made;
}

// As store/schema.cc has them.
constexpr char const* tables =
    "create table jobs (id integer primary key, task text not null, payload text not null, "
    "payload_file text"
    " not null, unique_key text not null, once text not null, created bigint not null, source text "
    "not null,"
    " cause bigint not null, priority bigint not null, not_before bigint not null, due bigint not "
    "null, ended"
    " bigint not null, after_jobs text not null, state text not null, attempts bigint not null, "
    "errors bigint"
    " not null, crashes bigint not null, run bigint not null, token bigint not null, why text not "
    "null, result"
    " text not null);"
    "create unique index jobs_by_once on jobs (once) where once <> '';"
    "create index jobs_by_task on jobs (task, id);"
    "create index jobs_live on jobs (id) where ended = 0;"
    "create index jobs_not_done on jobs (state, id) where ended <> 0 and state <> 'done';"
    "create index jobs_ended on jobs (ended, state) where ended <> 0;"
    "create index jobs_by_payload_file on jobs (payload_file) where payload_file <> '';"
    "create table events (id integer primary key, at bigint not null, kind text not null, subject "
    "text not"
    " null, cause bigint not null, who text not null, words text not null, data text not null);"
    "create index events_by_subject on events (subject, id);"
    "create index events_by_cause on events (cause) where cause <> 0;";

struct Made {
    double a_second = 0, cpu_us = 0;
};

Made sqlite(std::string const& path, int in_one, double seconds) {
    sqlite3* database = nullptr;
    check(database, sqlite3_open(path.c_str(), &database), SQLITE_OK);
    execute(database,
            "pragma journal_mode = wal; pragma synchronous = full;"
            " pragma wal_autocheckpoint = 4000;");
    execute(database, tables);
    auto* job = prepare(database,
                        "insert into jobs values (?1, 'hold', ?2, '', '', '', 1790000000000, 'put',"
                        " ?3, 0, 0, 0, 0, '', 'ready', 0, 0, 0, 0, 0, '', '')");
    auto* event = prepare(database,
                          "insert into events values (?1, 1790000000000, 'job.accepted', ?2, 0,"
                          " 'root (uid 0)', 'job 17 for task ''hold'': put', '')");
    long count = 0;
    double begin = now(), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    while (now() - begin < seconds) {
        execute(database, "begin immediate");
        for (int i = 0; i < in_one; ++i, ++count) {
            auto payload = "{\"at\":1790000000000,\"n\":" + std::to_string(count) + "}";
            auto subject = "job/" + std::to_string(2 * count);
            sqlite3_bind_int64(job, 1, 2 * count);
            sqlite3_bind_text(job, 2, payload.c_str(), -1, SQLITE_TRANSIENT);
            sqlite3_bind_int64(job, 3, 2 * count + 1);
            sqlite3_bind_int64(event, 1, 2 * count + 1);
            sqlite3_bind_text(event, 2, subject.c_str(), -1, SQLITE_TRANSIENT);
            for (auto* each : {job, event}) {
                check(database, sqlite3_step(each), SQLITE_DONE);
                sqlite3_reset(each);
            }
        }
        execute(database, "commit");
    }
    double took = now() - begin;
    Made made{static_cast<double>(count) / took,
              (now(CLOCK_PROCESS_CPUTIME_ID) - cpu) / static_cast<double>(count) * 1e6};
    sqlite3_finalize(job);
    sqlite3_finalize(event);
    sqlite3_close(database);
    for (char const* end : {"", "-wal", "-shm"}) ::unlink((path + end).c_str());
    return made;
}

}  // namespace

int main(int count, char** words) {
    if (count < 2) return 2;
    std::string folder = words[1];
    double seconds = count > 2 ? std::atof(words[2]) : 1;
    std::printf("{\"fdatasyncs\": %.1f", fdatasyncs(folder + "/limit", seconds));
    for (int in_one : {1, 8, 64, 10'000}) {
        auto made = sqlite(folder + "/limit.db", in_one, seconds);
        std::printf(", \"sqlite_%d\": %.1f, \"sqlite_%d_cpu_us\": %.2f", in_one, made.a_second,
                    in_one, made.cpu_us);
    }
    std::printf("}\n");
    return 0;
}
