// control/job_input.h: a job as clients write it, made a NewJob: by XML-RPC, by JSON, by lines of a
// batch.
//
// Pure but for the clock and zone of the House. The fast road (one HTTP request, one job) comes
// through here, so a payload is checked and kept as the text it is; nothing is built of it.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/house.h"
#include "control/work_house.h"
#include "text/value.h"

namespace lares::control {

/// What is wrong with a job, and with which part of it, for faces that can point at it.
struct JobFault {
    std::string field;  // "payload", "priority"; empty: the whole
    std::string words;
    std::string hint;
};

/// `value` of the option `name` into `job`: key, once, priority, at (or not_before), in, after.
/// None when it was right. `once` is kept apart by task: two tasks may use the same.
std::optional<JobFault> set_job_option(NewJob& job, std::string_view name, text::Value const& value,
                                       House const&);

/// `json` as the payload: a JSON object of at most limits::payload_bytes.
std::optional<JobFault> set_payload(NewJob& job, std::string_view json);

/// One line of a batch: {"task": ..., "payload": {...}, "key": ..., ...}. A job in `job` when
/// right.
std::optional<JobFault> read_job_line(NewJob& job, std::string_view line, House const&);

/// What a batch brings, or the faults of its lines (1 is the first), at most 20 of them.
struct Batch {
    std::vector<NewJob> jobs;
    std::vector<std::size_t> lines;  // of each job, for later errors
    std::vector<std::pair<std::size_t, JobFault>> faults;
};
/// Empty lines are passed over. A batch of no job, or of too many, is a fault of line 0.
Batch read_batch(std::string_view text, House const&, std::string const& source);

/// "line 3: payload: at byte 2: expected ..."
std::string words_of(JobFault const&);

/// How a client's own idempotency key is kept in Job::once: "put report 2026-03-01".
std::string once_of(std::string_view task, std::string_view key);

}  // namespace lares::control
