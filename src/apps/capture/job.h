// apps/capture/job.h: a piece of work that comes to an end, as people see it: when it began, that
// it still lives, what it did, what went wrong.
//
// Kept in the tables jobs and job_errors. A job whose process died is told as such by the next one
// of the same name, which holds the same lock.

#pragma once

#include <cstdint>
#include <string>

#include "apps/capture/app.h"
#include "base/result.h"

namespace lares::capture {

class Job {
public:
    /// @param kind  "timelines", "links", "rehydrate".
    static Result<Job> begin(App&, std::string const& capture, std::string const& kind);
    /// That it lives, and its counts: at most once in two seconds.
    Result<> beat();
    Result<> error(std::string const& account, std::string const& words);
    /// The last call. @param words  empty: it did what it was to do.
    Result<> end(std::string const& words);

    std::int64_t accounts = 0, posts = 0, errors = 0;

private:
    Job(App& app, std::int64_t id) : app_(app), id_(id) {}
    Result<> write(std::int64_t ended, std::string const& words);
    App& app_;
    std::int64_t id_;
    Instant last_{};
};

}  // namespace lares::capture
