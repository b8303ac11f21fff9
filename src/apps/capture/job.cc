// apps/capture/job.cc: the tables of jobs.

#include "apps/capture/job.h"

namespace lares::capture {

namespace {
constexpr Duration between_beats{2'000};
/// What is kept of each capture; errors go with their jobs.
constexpr std::int64_t jobs_kept = 200;
constexpr std::size_t longest_words = 500;
}  // namespace

Result<Job> Job::begin(App& app, std::string const& capture, std::string const& kind) {
    auto* database = TRY(app.database());
    std::int64_t id = 0;
    auto done = database->together([&]() -> Result<> {
        TRY(database->run(
            "update jobs set ended = beat, words = 'its process died' where capture = "
            ":c and kind = :k and ended = 0",
            {capture, kind}));
        auto const now = app.now().wall_ms;
        id =
            TRY(database->add("insert into jobs (capture, kind, began, beat, ended, accounts, "
                              "posts, errors, words) values (:c, :k, :b, :h, 0, 0, 0, 0, '')",
                              {capture, kind, now, now}));
        TRY(database->run(
            "delete from jobs where capture = :c and kind = :k and id not in (select "
            "id from jobs where capture = :d and kind = :l order by id desc limit :n)",
            {capture, kind, capture, kind, jobs_kept}));
        TRY(database->run("delete from job_errors where job not in (select id from jobs)"));
        return {};
    });
    TRY(std::move(done));
    return Job(app, id);
}

Result<> Job::write(std::int64_t ended, std::string const& words) {
    auto* database = TRY(app_.database());
    TRY(
        database->run("update jobs set beat = :b, ended = :e, accounts = :a, posts = :p, errors = "
                      ":r, words = :w where id = :i",
                      {app_.now().wall_ms, ended, accounts, posts, errors, words, id_}));
    return {};
}

Result<> Job::beat() {
    auto const now = app_.now().tick;
    if (last_ != Instant{} && now - last_ < between_beats) return {};
    last_ = now;
    return write(0, "");
}

Result<> Job::error(std::string const& account, std::string const& words) {
    ++errors;
    auto* database = TRY(app_.database());
    TRY(database->run("insert into job_errors values (:j, :t, :a, :w)",
                      {id_, app_.now().wall_ms, account, words.substr(0, longest_words)}));
    return {};
}

Result<> Job::end(std::string const& words) {
    return write(app_.now().wall_ms, words.substr(0, longest_words));
}

}  // namespace lares::capture
