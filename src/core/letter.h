// core/letter.h: the weekly letter: what ran, what was late, what was mended without anybody, what
// needs somebody, as a value.
//
// Pure. Rows are added in any order and in pieces, so that a week of a busy house is never held at
// once: what is kept is a line for each subject and the first places of each list, with a count of
// the rest. Words and form are made elsewhere, from the value.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/alert.h"
#include "core/delivery.h"
#include "core/journal_rows.h"

namespace lares::letter {

/// Lines of one list: what a page holds. The rest is counted.
inline constexpr std::size_t most_lines = 20;
/// Subjects and other names counted by themselves; those beyond are one, "others".
inline constexpr std::size_t most_names = 5'000;

struct Ran {
    std::string subject;  // "task/report", "program/web:web_0"
    std::int64_t runs = 0, good = 0, bad = 0, interrupted = 0;
    Duration wall{0}, longest{0};
    WallTime last{};
    bool operator==(Ran const&) const = default;
};

/// One thing to say: since when, and what.
struct Line {
    std::string subject;
    std::string words;
    WallTime at{};
    WallTime ended{};   // epoch: it is so still
    job::Id event = 0;  // or the job's, alert's or delivery's id
    bool operator==(Line const&) const = default;
};

struct Lines {
    std::vector<Line> list;
    std::int64_t count = 0;  // those not listed included
    bool operator==(Lines const&) const = default;
};

/// One run in a list of the greatest.
struct Great {
    std::uint64_t run = 0;
    std::string subject;
    std::int64_t value = 0;  // bytes, or milliseconds
    WallTime at{};
    bool operator==(Great const&) const = default;
};

struct Channel {
    std::string name;
    std::int64_t sent = 0, failed = 0, expired = 0, dropped = 0, unsure = 0, waiting = 0;
    std::int64_t tries = 0;
    Duration longest{0};  // from its making until it was sent
    bool operator==(Channel const&) const = default;
};

struct Letter {
    WallTime from{}, to{};
    std::int64_t runs = 0, good = 0, bad = 0;
    std::vector<Ran> ran;           // worst first, then by runs; at most most_lines
    std::int64_t subjects = 0;      // of them all
    Lines late;                     // what did not come in time, and what was missed
    Lines mended;                   // went well after all, and nobody had to do anything
    Lines in_hand;                  // somebody has it
    Lines needs_you;                // nobody has it
    std::vector<Channel> channels;  // by name
    Lines undelivered;
    std::vector<Great> slowest, biggest;  // one run a subject; at most most_lines
    std::int64_t alerts = 0, flapped = 0;
    bool operator==(Letter const&) const = default;
    /// Nothing at all happened that anybody could want to know.
    bool is_quiet() const;
};

class Gatherer {
public:
    /// What began or ended in [from, to).
    Gatherer(WallTime from, WallTime to);

    /// Runs that have ended in the span; others are passed over.
    void add(journal::RunRow const&);
    /// expect.*, trigger.missed and folder.* are looked at; the end of one may come before its
    /// beginning.
    void add(journal::EventRow const&);
    void add(delivery::Delivery const&);
    /// `words`: of its gravest member, or its first.
    void add(alert::AlertRow const&, std::string_view words);

    Letter finish() const;

private:
    struct Lateness {
        std::vector<Line> lines;  // by time, while they come in order; at most most_lines
        std::int64_t count = 0;
        std::vector<WallTime> ends;
    };
    bool is_within(WallTime at) const { return from_ <= at && at < to_; }
    void note_great(std::map<std::string, Great, std::less<>>&, journal::RunRow const&,
                    std::int64_t value);

    WallTime from_, to_;
    Letter letter_;
    std::map<std::string, Ran, std::less<>> ran_;
    std::map<std::string, Great, std::less<>> slowest_, biggest_;
    std::map<std::string, Channel, std::less<>> channels_;
    std::map<std::string, Lateness, std::less<>> late_, waiting_files_;
};

}  // namespace lares::letter
