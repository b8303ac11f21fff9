// daemon/work_audit.cc: the audit as an alarm of its own: now and then, while work goes on, what
// was due, came in or was accepted is held against what explains it (core/audit.h).
//
// A look costs a bounded number of rows, the newest of each sort; of live jobs and files a part
// each time, so that all come in turn. What seems unexplained is looked at again a little later,
// because the store's snapshot is older than what the loop knows by then; only what is so both
// times is told. A house where nothing happens is not woken for it.

#include <fmt/core.h>

#include <algorithm>

#include "base/limits.h"
#include "core/story.h"
#include "daemon/work.h"

namespace lares::daemon {

namespace {

/// After the store was opened: what a predecessor left behind is known by then.
constexpr Duration first_look{5'000};
constexpr Duration look_every{15 * 60'000};
constexpr Duration look_again{3'000};
/// What is younger may still be on its way.
constexpr Duration grace{60'000};
constexpr Duration day{24 * 3'600'000};
/// Rows of one sort in one look: a few ms of the loop in all.
constexpr std::size_t most_rows = 2'000;
/// Unexplained things that are kept and compared; beyond, only their number grows.
constexpr std::size_t most_kept = 1'000;
/// Named in the event's words.
constexpr std::size_t most_named = 3;

std::string named(audit::Unexplained const& one) {
    return story::subject_words(one.subject) + ": " + one.words;
}

std::string subjects_of(std::vector<audit::Unexplained> const& list) {
    std::string all;
    for (auto const& one : list)
        all += fmt::format("{} {}\n", one.subject, one.since.time_since_epoch().count());
    return all;
}

/// From when on a question that was answered with its newest rows tells everything.
template <class Row>
void narrow(WallTime& since, std::vector<Row> const& rows, WallTime Row::* time) {
    if (rows.size() < most_rows) return;
    auto oldest = std::ranges::min(rows, {}, time).*time;
    since = std::max(since, oldest + Duration(1));
}

}  // namespace

void Work::audit_first() {
    if (auto kept = marks_.extract("audit")) audit_.told = std::move(kept.mapped());
    if (!tasks_.empty() || !jobs_.empty()) set_audit_timer(first_look);
}

void Work::audit_later() {
    if (!audit_.is_set) set_audit_timer(look_every);
}

void Work::set_audit_timer(Duration wait) {
    audit_.is_set = true;
    deadlines_.set(static_cast<std::uint64_t>(Timer::audit), now_ + wait);
}

void Work::audit_due() {
    audit_.is_set = false;
    if (!loaded_ || ending_) return;
    if (!hands_.store.is_open() || !hands_.store.trouble().empty()) return audit_later();
    audit_.is_set = true;  // until it is answered
    auto until = hands_.clock.wall() - grace;
    auto since = until - day;
    std::vector<ports::Question> questions{
        ports::JobsAsked{.state = "live", .before = audit_.before_job, .limit = most_rows},
        ports::FilesAsked{.state = "taken", .before = audit_.before_file, .limit = most_rows},
        ports::JobsAsked{.state = "ended", .since = since, .limit = most_rows},
        ports::EventsAsked{.kind_prefix = "trigger.", .since = since, .limit = most_rows},
        ports::EventsAsked{.kind_prefix = "job.", .since = since, .limit = most_rows}};
    for (auto const& one : audit_.list)
        if (auto id = story::job_of(one.subject)) questions.emplace_back(ports::JobAsked{id});
    hands_.store.read_all(std::move(questions), [this, since, until](Result<ports::Found> found) {
        now_ = hands_.clock.now();
        audit_.is_set = false;
        if (!found) return audit_later();
        judge_audit(std::move(*found), since, until);
    });
}

audit::Facts Work::audit_facts(ports::Found found, WallTime& since, WallTime until) {
    std::vector<ports::EventRow> triggers, others;
    for (auto& event : found.events)
        (event.kind.starts_with("trigger.") ? triggers : others).push_back(std::move(event));
    narrow(since, triggers, &ports::EventRow::at);
    narrow(since, others, &ports::EventRow::at);
    std::vector<job::Job> live, ended;
    for (auto& job : found.jobs) (job::is_end(job.state) ? ended : live).push_back(std::move(job));
    narrow(since, ended, &job::Job::created);
    audit_.before_job = live.size() < most_rows ? 0 : live.back().id;
    audit_.before_file = found.files.size() < most_rows ? 0 : found.files.back().id;

    audit::Facts facts;
    auto is_looked_at = [&](WallTime at) { return since <= at && at <= until; };
    for (auto* rows : {&triggers, &others})
        for (auto& event : *rows) {
            bool may_lack = event.kind == "job.accepted" && !is_looked_at(event.at);
            if (!may_lack) facts.events.push_back(std::move(event));
        }
    for (auto* rows : {&live, &ended})
        for (auto& job : *rows) {
            if (is_live(job.id) || job.created > until) facts.live.push_back(job.id);
            facts.jobs.push_back(std::move(job));
        }
    std::erase_if(found.files, [&](auto const& file) { return file.seen > until; });
    facts.files = std::move(found.files);
    facts.due = due_between(since, until);
    return facts;
}

void Work::judge_audit(ports::Found found, WallTime since, WallTime until) {
    auto facts = audit_facts(std::move(found), since, until);
    // Jobs whose rows were not among those asked for: in memory they are all the same.
    for (auto const& event : facts.events)
        if (auto id = story::job_of(event.subject); id != 0 && is_live(id))
            facts.live.push_back(id);
    auto verdict = audit::judge(facts);
    // What was found before and lies outside of this look stays, for a day.
    for (auto const& old : audit_.list) {
        bool is_same =
            std::ranges::any_of(verdict.list, [&](auto const& one) { return one.is_same(old); });
        bool is_out = old.since < since && story::job_of(old.subject) == 0;
        if (!is_same && is_out && old.since > until - day) verdict.list.push_back(old);
    }
    std::ranges::stable_sort(verdict.list, {}, &audit::Unexplained::since);
    auto count = verdict.list.size();
    if (count > most_kept) verdict.list.resize(most_kept);
    bool is_new = subjects_of(verdict.list) != subjects_of(audit_.list);
    if (is_new && !verdict.list.empty() && !audit_.is_second) {
        audit_.is_second = true;
        audit_.suspected = std::move(verdict.list);
        return set_audit_timer(look_again);
    }
    if (std::exchange(audit_.is_second, false)) audit::keep_both(verdict.list, audit_.suspected);
    audit_.suspected.clear();
    if (verdict.list.size() < count && verdict.list.size() < most_kept) count = verdict.list.size();
    tell_audit(std::move(verdict.list), count);
    if (!audit_.list.empty()) audit_later();
}

void Work::tell_audit(std::vector<audit::Unexplained> list, std::size_t count) {
    audit_.list = std::move(list);
    audit_.count = count;
    audit_.at = hands_.clock.wall();
    auto subjects = subjects_of(audit_.list);
    if (subjects == audit_.told) return;
    std::string words = "nothing is unexplained any more";
    if (!audit_.list.empty()) {
        words = fmt::format("{} unexplained (see 'lares audit'): ", count);
        for (std::size_t i = 0; i < std::min(audit_.list.size(), most_named); ++i)
            words += (i > 0 ? "; " : "") + named(audit_.list[i]);
        if (count > most_named) words += fmt::format("; and {} more", count - most_named);
        hands_.log.error("audit: " + words);
    } else {
        hands_.log.info("audit: " + words);
    }
    auto row = audit_.list.empty()
                   ? journal_.event({.kind = "audit.clean", .subject = "audit", .words = words})
                   : journal_.event({.kind = "audit.unexplained",
                                     .subject = "audit",
                                     .words = words,
                                     .data = details({}, {{"count", std::int64_t(count)}})});
    audit_.told = subjects;
    auto mark = subjects.empty() ? ports::Write(ports::DropMark{"audit"})
                                 : ports::Write(ports::SetMark{"audit", subjects});
    commit_must({std::move(mark), ports::PutEvent{std::move(row)}});
}

control::Audited Work::audited() const { return {audit_.count, audit_.at}; }

}  // namespace lares::daemon
