// daemon/payload_files.h: payloads too large for their rows, as files named by what is in them.
//
// A file is written before the commit of the job that names it, and is one for all jobs with the
// same bytes. So that none goes while a job that needs it is on its way: what is on its way is
// known here, and what was put since a look at the store began counts as needed, whatever that look
// found. Removals and writes are the worker's, one after the other: a put that comes later writes
// the file anew. What a crash left between the file and its commit is found by a sweep.

#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "core/job.h"
#include "ports/store.h"
#include "ports/worker.h"

namespace lares::daemon {

struct PayloadHands {
    ports::Store& store;
    ports::Worker& worker;
    std::function<std::string(std::string_view bytes)> sha256;
    // On the worker; empty: nothing is swept.
    std::function<std::vector<std::string>(std::string const& pattern)> glob;
    std::function<Result<>(std::string const& path)> remove_file;
};

class PayloadFiles {
public:
    using Files = std::vector<std::pair<std::string, std::string>>;  // path, bytes

    explicit PayloadFiles(PayloadHands hands) : hands_(std::move(hands)) {}

    void set_folder(std::string folder) { folder_ = std::move(folder); }
    std::string path(std::string const& hash) const;

    /// Moves a payload that is too large out of the job into `files`, which the worker writes.
    void keep(job::Job&, Files& files) const;
    /// The job is on its way into the store; until forget(), which comes once it is there or never
    /// will be.
    void note(job::Job const&);
    void forget(job::Job const&);

    /// What the store says of payloads between these two may be older than a job that was put.
    void begin_look();
    void end_look() { looks_ -= 1; }
    /// Within a look: those that no job has in the store. Those that are needed by now stay.
    void remove(std::vector<std::string> const& hashes);

    /// Looks for files without a job; for those half-written, too. Nothing while one is under way.
    void sweep();

private:
    void sweep_next();

    PayloadHands hands_;
    std::string folder_;
    std::map<std::string, int> coming_;  // by hash: jobs on their way into the store
    std::set<std::string> put_;          // since the looks that are under way began
    std::vector<std::string> to_sweep_;  // hashes of files still to be looked at
    int looks_ = 0;
    bool is_sweeping_ = false;
};

}  // namespace lares::daemon
