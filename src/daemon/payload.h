// daemon/payload.h: a job's payload: checked when it comes, handed on when it runs.
//
// It reaches a command three ways, never through a shell: as arguments ({{key}}), as variables
// (PAYLOAD_key), and whole as JSON (the file LARES_PAYLOAD names; docs/manual/tasks.md).

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/job_payload.h"
#include "config/settings.h"
#include "core/job.h"

namespace lares::daemon {

using config::checked_payload;
using config::key_of;
/// The task's command with the payload in it.
Result<std::vector<std::string>> words_of(config::Task const&, std::string_view payload);
/// PAYLOAD_key=…, LARES_TASK, LARES_JOB, LARES_RUN, LARES_ATTEMPT, LARES_DUE.
void add_job_environment(std::vector<std::string>& environment, config::Task const&,
                         job::Job const&, int attempt, std::uint64_t run);
/// What a job that follows another is given: the other's payload, then its result's members, then
/// after_task, after_job, after_state. Only keys that the task takes, when it says which.
std::string follower_payload(config::Task const&, job::Job const&);
/// For a row: sorted lines; the values of names that look like secrets are not shown.
std::string shown_environment(std::vector<std::string_view> environment);

/// A run's own variables as shown_environment() wrote them, laid over those there are `now`:
/// without what is a job's own, and what was not shown as it is now.
std::vector<std::string> environment_as_then(std::string_view shown,
                                             std::vector<std::string> const& now);
/// The words of RunRow::command.
Result<std::vector<std::string>> words_as_then(std::string_view command);

struct Progress {
    int percent = -1;
    std::string words;
};
/// "40 uploading", "40%", "uploading".
Progress parse_progress(std::string_view line);

}  // namespace lares::daemon
