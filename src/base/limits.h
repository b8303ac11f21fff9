// base/limits.h: every maximum of the house, each with its reason.
//
// Full means refused with a clear error, never grown (DESIGN, rule 5). A figure that a user may
// want to change is an option row in config/, with its default named here.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lares::limits {

/// A configuration file. The largest seen in the wild are some 100 KB, generated.
inline constexpr std::size_t config_bytes = 16u << 20;
/// All files an [include] may bring in: a folder of generated programs, not a file system.
inline constexpr int config_files = 10'000;
/// Configurations that were applied and are kept: some months of a busy house.
inline constexpr std::size_t revisions = 100;
/// Errors reported for one configuration; after these a person has enough to do.
inline constexpr std::size_t config_errors = 200;
/// Processes one daemon supervises. Each costs about 8 KB here and up to 6 descriptors.
inline constexpr int processes = 20'000;
/// One HTTP request body: sendProcessStdin is the largest honest use.
inline constexpr std::size_t http_body_bytes = 4u << 20;
/// Request line and headers together; browsers stay below 8 KB.
inline constexpr std::size_t http_header_bytes = 16u << 10;
/// Connections open at once, all listeners together.
inline constexpr int http_connections = 1'000;
/// One reading of a log by RPC. A longer answer would hold the loop; ask again from the offset.
inline constexpr std::int64_t log_read_bytes = 8 << 20;
/// What one stream (tail -f) may have unsent before it waits for the reader.
inline constexpr std::size_t stream_bytes = 256u << 10;
/// Bytes waiting for one program's stdin; more is refused until it reads.
inline constexpr std::size_t stdin_bytes = 1u << 20;
/// A process's whole standard input given at its birth (SpawnRequest::input): a job's payload. It
/// lies in memory until the process has ended.
inline constexpr std::size_t input_bytes = 8u << 20;
/// One line of LARES_PROGRESS as it is told; the rest of a longer one is cut off.
inline constexpr std::size_t progress_line_bytes = 1'024;
/// What a process may have written to LARES_PROGRESS before it is emptied.
inline constexpr std::int64_t progress_file_bytes = 64 << 10;
/// Old output pipes kept open for the left-behind children of one process that exited.
inline constexpr int lingering_pipes = 2;
/// Output of tapped channels (listeners, PROCESS_LOG) under way to the daemon's loop.
inline constexpr std::size_t tapped_bytes = 8u << 20;
/// One line of a log that is written line by line; a longer one goes on as another line.
inline constexpr std::size_t log_line_bytes = 64u << 10;
/// One XML-RPC answer read by a client: log_read_bytes, each byte at its longest ("&amp;").
inline constexpr std::size_t xml_answer_bytes = 48u << 20;
/// Tags in one XML-RPC call: some 7,000 calls in one multicall. A tag takes 64 bytes to hold.
inline constexpr std::size_t xml_call_tags = 200'000;
/// Nested arrays and structs in one XML-RPC value; clients use 3.
inline constexpr int value_depth = 32;
/// Names or patterns in one call. Each is tried on every process, on the loop.
inline constexpr std::size_t patterns = 1'000;
/// One such pattern. The longest names seen are some 60 bytes.
inline constexpr std::size_t pattern_bytes = 512;
/// What one system.multicall may answer, roughly: dozens of whole process lists.
inline constexpr std::size_t multicall_bytes = 32u << 20;
/// One reading of a log for a stream; small enough that many streams share the worker fairly.
inline constexpr std::int64_t stream_read_bytes = 64 << 10;
/// Live jobs (ready or running) of one daemon: each costs some 300 bytes here.
inline constexpr std::size_t live_jobs = 1'000'000;
/// A job's payload kept in its row; a larger one lies in a file beside the database.
inline constexpr std::size_t payload_inline_bytes = 64u << 10;
/// A job's payload at all: an HTTP body.
inline constexpr std::size_t payload_bytes = 4u << 20;
/// What a job may answer as its result.
inline constexpr std::size_t result_bytes = 64u << 10;
/// Jobs in one batch: one commit, one answer.
inline constexpr std::size_t batch_jobs = 100'000;
/// A batch as one HTTP body: 100,000 jobs of 300 bytes.
inline constexpr std::size_t batch_bytes = 32u << 20;
/// Where it is posted: the one path whose body may be that large.
inline constexpr std::string_view batch_target = "/api/v1/jobs";
/// Writes that wait for a database that cannot be written; beyond it nothing new begins.
inline constexpr std::size_t store_backlog = 100'000;
/// Writes that were asked for and wait while all is well: two of the largest batches (a job and its
/// event each); beyond it a commit is refused.
inline constexpr std::size_t store_asked = 400'000;
/// Writes of one transaction: some 0.3 s of work; what came meanwhile is the next one.
inline constexpr std::size_t store_group = 50'000;
/// Questions that wait for the store: more than all connections can ask at once.
inline constexpr std::size_t store_questions = 2'000;
/// Rows that one slice of pruning removes: some 10 ms, for which writers wait.
inline constexpr std::size_t store_slice = 1'000;
/// Rows of one answer of the store.
inline constexpr std::size_t store_rows = 10'000;
/// Program events stored a minute for one process; the rest is counted in one row.
inline constexpr int program_events_a_minute = 20;
/// Tasks of one configuration, those of crontabs too.
inline constexpr std::size_t tasks = 100'000;
/// One cron expression; the longest honest one is a list of all minutes (some 170 bytes).
inline constexpr std::size_t cron_bytes = 1'000;
/// A calendar of holidays as a file: decades of a whole country's have some 100 KB.
inline constexpr std::size_t calendar_bytes = 4u << 20;
/// Days that one calendar names: every day of two centuries.
inline constexpr std::size_t calendar_days = 75'000;
/// Files of one hot folder that wait or are worked on; more are left lying until these are done.
inline constexpr std::size_t folder_files = 200'000;

}  // namespace lares::limits
