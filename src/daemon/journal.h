// daemon/journal.h: the book in which every effect names its cause, as the daemon writes it.
//
// Events that belong to a change go into that change's commit (event()); others are collected and
// committed together at the end of the turn (note()). While the store is closed they wait, bounded;
// a crash loop cannot fill the disk, because a program's events are counted beyond so many a
// minute. What is read of the book is read from the store (control/).

#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/job.h"
#include "daemon/main_log.h"
#include "ports/clock.h"
#include "ports/store.h"

namespace lares::daemon {

/// An event before it has a number. Fields as in ports::EventRow.
struct Note {
    std::string kind, subject;
    job::Id cause = 0;
    std::string who = {}, words = {}, data = {};
};

class Journal {
public:
    /// Told of every event, in order, for triggers of events. May not write to the journal itself.
    using Seen = std::function<void(ports::EventRow const&)>;

    /// `numbered` is told likewise, but only once an event has its number; for what is kept by it.
    Journal(ports::Store& store, ports::Clock& clock, MainLog& log, Seen seen, Seen numbered)
        : store_(store),
          clock_(clock),
          log_(log),
          seen_(std::move(seen)),
          numbered_(std::move(numbered)) {}

    /// For a commit of the caller's; its number is in it. Only while the store is open.
    ports::EventRow event(Note);
    /// Written by itself, at the end of the turn. 0 while the store is closed: it waits then.
    job::Id note(Note);
    /// The same for what a program does, which may be very often: at most
    /// limits::program_events_a_minute for one subject, the rest is counted in one "program.many".
    job::Id note_program(Note);
    /// The last event of a subject: the cause of what follows for it; 0: none since the start.
    job::Id last_of(std::string_view subject) const;
    /// What happens next to `subject` follows from `event`.
    void set_cause(std::string const& subject, job::Id event) { last_[subject] = event; }
    void forget(std::string const& subject) { last_.erase(subject); }

    /// Hands what was noted to the store.
    void end_turn();
    /// What waited gets its numbers.
    void store_opened();
    std::size_t dropped() const { return dropped_; }

private:
    struct Crowd {  // events of one subject within a minute
        std::int64_t minute = 0;
        int written = 0;
        std::int64_t counted = 0;  // beyond them
        Note last;
    };

    void tell_crowd(std::string const& subject, Crowd&);

    ports::Store& store_;
    ports::Clock& clock_;
    MainLog& log_;
    Seen seen_, numbered_;
    std::vector<ports::Write> pending_;
    std::vector<ports::EventRow> drafts_;  // while the store is closed
    std::map<std::string, job::Id, std::less<>> last_;
    std::map<std::string, Crowd> crowds_;
    std::size_t dropped_ = 0;
};

/// {"key":"value", …} of texts; numbers are given as they are in `raw`.
std::string details(std::vector<std::pair<std::string_view, std::string>> const& texts,
                    std::vector<std::pair<std::string_view, std::int64_t>> const& numbers = {});

}  // namespace lares::daemon
