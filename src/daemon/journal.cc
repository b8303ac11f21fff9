// daemon/journal.cc: numbering events, collecting them, and counting those of a crash loop.

#include "daemon/journal.h"

#include <fmt/core.h>

#include "base/limits.h"
#include "text/json.h"

namespace lares::daemon {

namespace {

/// Subjects whose last event is remembered: processes, tasks, live jobs.
constexpr std::size_t most_subjects = 50'000;
/// Events that wait for a store that is not open yet.
constexpr std::size_t most_drafts = 10'000;
/// Events that are not handed over yet: after a failure they wait here, not in the store.
constexpr std::size_t most_pending = 20'000;

std::int64_t minute_of(WallTime at) {
    return std::chrono::floor<std::chrono::minutes>(at).time_since_epoch().count();
}

}  // namespace

ports::EventRow Journal::event(Note note) {
    ports::EventRow row{.id = store_.next_id(),
                        .at = clock_.wall(),
                        .kind = std::move(note.kind),
                        .subject = std::move(note.subject),
                        .cause = note.cause,
                        .who = std::move(note.who),
                        .words = std::move(note.words),
                        .data = std::move(note.data)};
    if (seen_) seen_(row);
    if (numbered_) numbered_(row);
    return row;
}

job::Id Journal::note(Note note) {
    if (!store_.is_open()) {
        if (drafts_.size() >= most_drafts) {
            dropped_ += 1;
            return 0;
        }
        ports::EventRow row{.at = clock_.wall(),
                            .kind = std::move(note.kind),
                            .subject = std::move(note.subject),
                            .cause = note.cause,
                            .who = std::move(note.who),
                            .words = std::move(note.words),
                            .data = std::move(note.data)};
        if (seen_) seen_(row);
        drafts_.push_back(std::move(row));
        return 0;
    }
    auto row = event(std::move(note));
    auto id = row.id;
    if (last_.size() >= most_subjects) last_.clear();
    last_[row.subject] = id;
    pending_.push_back(ports::PutEvent{std::move(row)});
    return id;
}

job::Id Journal::note_program(Note note) {
    auto& crowd = crowds_[note.subject];
    auto minute = minute_of(clock_.wall());
    if (crowd.minute != minute) {
        if (crowd.counted > 0) tell_crowd(note.subject, crowd);
        crowd = {.minute = minute};
        if (crowds_.size() > most_subjects) crowds_.clear();
    }
    auto& now = crowds_[note.subject];
    now.minute = minute;
    if (now.written >= limits::program_events_a_minute) {
        now.counted += 1;
        now.last = std::move(note);
        return 0;
    }
    now.written += 1;
    if (note.cause == 0) note.cause = last_of(note.subject);
    return this->note(std::move(note));
}

void Journal::tell_crowd(std::string const& subject, Crowd& crowd) {
    (void)note({.kind = "program.many",
                .subject = subject,
                .cause = last_of(subject),
                .words = fmt::format("{} more changes within that minute; the last: {}",
                                     crowd.counted, crowd.last.words)});
}

job::Id Journal::last_of(std::string_view subject) const {
    auto found = last_.find(subject);
    return found == last_.end() ? 0 : found->second;
}

void Journal::end_turn() {
    if (pending_.empty()) return;
    if (store_.backlog() >= limits::store_backlog / 2) {  // it cannot be written for long already
        if (pending_.size() < most_pending) return;
        dropped_ += pending_.size();
        pending_.clear();
        return;
    }
    store_.commit({.writes = std::exchange(pending_, {}), .kind = ports::Commit::Kind::must},
                  [this](Result<ports::Committed> done) {
                      if (!done) log_.error("journal: " + done.error().what);
                  });
}

void Journal::store_opened() {
    for (auto& row : std::exchange(drafts_, {})) {
        row.id = store_.next_id();
        last_[row.subject] = row.id;
        if (numbered_) numbered_(row);
        pending_.push_back(ports::PutEvent{std::move(row)});
    }
    if (dropped_ == 0) return;
    log_.warning(fmt::format("journal: {} events were not written while the database was not open",
                             dropped_));
    dropped_ = 0;
}

std::string details(std::vector<std::pair<std::string_view, std::string>> const& texts,
                    std::vector<std::pair<std::string_view, std::int64_t>> const& numbers) {
    std::string out = "{";
    for (auto const& [name, value] : texts) {
        if (out.size() > 1) out.push_back(',');
        text::append_json(out, name);
        out.push_back(':');
        text::append_json(out, value);
    }
    for (auto const& [name, value] : numbers) {
        if (out.size() > 1) out.push_back(',');
        text::append_json(out, name);
        out.append(fmt::format(":{}", value));
    }
    out.push_back('}');
    return out;
}

}  // namespace lares::daemon
