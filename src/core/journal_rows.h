// core/journal_rows.h: runs, events and files as they are remembered: plain values.
//
// The store keeps them (ports/store.h) and the stories of core (story.h, audit.h, moment.h,
// run_diff.h) are told from them.

#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "core/job.h"

namespace lares::journal {

/// One execution, as the store remembers it (RunId is its number).
struct RunRow {
    std::uint64_t run = 0;
    std::string kind;     // "job", "program", "hook"
    std::string subject;  // task, or "group:process"
    job::Id job = 0;
    int attempt = 0;
    std::string command;      // argv as JSON array
    std::string environment;  // "KEY=value\n…" sorted; secrets as their hash
    std::string directory, user;
    int revision = 0;  // of the configuration
    int pid = 0;
    std::string node;             // of a remote worker; empty: here
    WallTime started{}, ended{};  // ended: epoch while it runs
    std::string outcome;          // job::name(Outcome), or "exited"; empty while it runs
    int code = 0, signal = 0;
    Duration wall{0}, cpu{0};
    std::int64_t peak_memory_bytes = 0, read_bytes = 0, written_bytes = 0;
    std::string log;  // path of its output; empty: none
    std::string words;
    bool operator==(RunRow const&) const = default;
};

/// Something that happened. Append-only.
struct EventRow {
    job::Id id = 0;
    WallTime at{};
    std::string kind;     // a row of core/event_kinds: "job.accepted", "trigger.skipped", …
    std::string subject;  // "job/812", "task/report", "program/web:web_0", "folder/in",
                          // "file/PATH", "run/17", "trigger/report#0", "config", "clock", "store"
    job::Id cause = 0;    // the event it follows from; 0: none known
    std::string who;      // "anna (uid 1000)" of what a person did; empty: Lares itself
    std::string words;    // one sentence
    std::string data;     // JSON object of details; may be empty
    bool operator==(EventRow const&) const = default;
};

/// A file (or folder, or set) that a hot folder took in.
struct FileRow {
    std::uint64_t id = 0;  // 0 for a new one; of the sequence of jobs and events
    std::string folder;    // section name
    std::string path;      // bytes, as the kernel has them
    std::uint64_t device = 0, inode = 0;
    std::int64_t birth_ns = 0;  // when it was made; 0: its file system does not say, or not noted
    std::int64_t size = 0, mtime_ns = 0;
    std::string hash;  // sha256 in hex, when duplicates asks for it
    /// "taken": its job is live, or its end is not noted here yet. "moving": the end is recorded
    /// (`words` begins with "done" or "failed"), the move to `destination` may not have happened.
    /// "kept": finished or left, and lies in the folder still: never pruned. "asked", "problem":
    /// wait for a person or a change. Ends: "done", "failed", "withdrawn", "ignored".
    std::string state;
    job::Id job = 0;
    WallTime seen{}, ended{};
    std::string destination;  // where it was, or is being, moved to
    std::string words;
    bool operator==(FileRow const&) const = default;
};

}  // namespace lares::journal
