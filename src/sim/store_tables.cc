// sim/store_tables.cc: plain and slow, so that it is easy to see that it is right.

#include "sim/store_tables.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "base/limits.h"
#include "base/overloaded.h"

namespace lares::sim {

namespace {

using ports::Commit;
using ports::Found;

Error conflict(std::string words) { return {Error::Kind::conflict, std::move(words)}; }

bool is_between(WallTime time, WallTime since, WallTime until) {
    return (since == WallTime{} || time >= since) && (until == WallTime{} || time < until);
}

bool is_evidence(job::State state) {
    return state == job::State::dead || state == job::State::parked;
}

class Applying {
public:
    Applying(StoreTables& tables, Commit const& commit) : tables_(tables), commit_(commit) {}

    std::optional<Error> write(ports::PutJob const& put) {
        job::Id holder = 0;
        for (auto const& [id, job] : tables_.jobs)
            if (!put.job.once.empty() && job.once == put.job.once) holder = id;
        if (holder == put.job.id && holder != 0) return std::nullopt;
        if (holder != 0) {
            if (!commit_.may_conflict) return conflict("has job " + std::to_string(holder));
            committed.conflicts.emplace_back(put.job.id, holder);
            return std::nullopt;
        }
        remember(tables_.jobs, put.job.id);
        bool is_new = tables_.jobs.emplace(put.job.id, put.job).second;
        if (is_new || !is_ask()) return std::nullopt;
        return conflict("job " + std::to_string(put.job.id) + " is there already");
    }

    std::optional<Error> write(ports::SetJob const& set) {
        auto known = tables_.jobs.find(set.job.id);
        bool may = known != tables_.jobs.end() &&
                   (set.expect_run == 0 || known->second.run == set.expect_run);
        if (!may) {
            if (is_ask()) return conflict("job " + std::to_string(set.job.id));
            committed.conflicts.emplace_back(set.job.id, job::Id{0});
            return std::nullopt;
        }
        remember(tables_.jobs, set.job.id);
        job::Job const old = std::exchange(known->second, set.job);
        job::Job& job = known->second;
        job.task = old.task;
        job.payload = old.payload;
        job.payload_file = old.payload_file;
        job.key = old.key;
        job.once = old.once;
        job.created = old.created;
        job.source = old.source;
        job.cause = old.cause;
        return std::nullopt;
    }

    std::optional<Error> write(ports::PutRun const& put) {
        auto known = tables_.runs.find(put.run.run);
        bool has_ended = known != tables_.runs.end() && known->second.ended != WallTime{};
        remember(tables_.runs, put.run.run);
        if (!has_ended) tables_.runs[put.run.run] = put.run;
        if (!has_ended || !is_ask()) return std::nullopt;
        return conflict("run " + std::to_string(put.run.run) + " has ended already");
    }

    std::optional<Error> write(ports::EndRun const& end) {
        remember(tables_.runs, end.run.run);
        auto [known, is_new] = tables_.runs.emplace(end.run.run, end.run);
        if (is_new) return std::nullopt;
        ports::RunRow old = std::exchange(known->second, end.run);
        ports::RunRow& run = known->second;
        run.kind = old.kind;
        run.subject = old.subject;
        run.job = old.job;
        run.attempt = old.attempt;
        run.command = old.command;
        run.environment = old.environment;
        run.directory = old.directory;
        run.user = old.user;
        run.revision = old.revision;
        run.node = old.node;
        run.started = old.started;
        if (run.pid == 0) run.pid = old.pid;
        if (run.log.empty()) run.log = old.log;
        return std::nullopt;
    }

    std::optional<Error> write(ports::PutEvent const& put) {
        if (!committed.conflicts.empty()) {
            auto const& [left_out, holder] = committed.conflicts.back();
            if (holder != 0 && (put.event.subject == "job/" + std::to_string(left_out) ||
                                put.event.subject == "delivery/" + std::to_string(left_out)))
                return std::nullopt;
        }
        ports::EventRow event = put.event;
        if (event.id == 0) event.id = tables_.next_id++;
        remember(tables_.events, event.id);
        bool is_new = tables_.events.emplace(event.id, event).second;
        if (is_new || !is_ask()) return std::nullopt;
        return conflict("event " + std::to_string(event.id) + " is there already");
    }

    std::optional<Error> write(ports::PutFile const& put) {
        ports::FileRow file = put.file;
        if (file.id == 0) file.id = tables_.next_id++;
        remember(tables_.files, file.id);
        tables_.files[file.id] = file;
        return std::nullopt;
    }
    std::optional<Error> write(ports::PutDelivery const& put) {
        auto const& fresh = put.delivery;
        delivery::Id holder = 0;
        for (auto const& [id, each] : tables_.deliveries)
            if (!fresh.key.empty() && each.channel == fresh.channel && each.key == fresh.key)
                holder = id;
        if (holder == fresh.id && holder != 0) return std::nullopt;
        if (holder != 0) {
            if (!commit_.may_conflict) return conflict("has delivery " + std::to_string(holder));
            committed.conflicts.emplace_back(fresh.id, holder);
            return std::nullopt;
        }
        remember(tables_.deliveries, fresh.id);
        bool is_new = tables_.deliveries.emplace(fresh.id, fresh).second;
        if (is_new || !is_ask()) return std::nullopt;
        return conflict("delivery " + std::to_string(fresh.id) + " is there already");
    }
    std::optional<Error> write(ports::SetDelivery const& set) {
        auto known = tables_.deliveries.find(set.delivery.id);
        if (known == tables_.deliveries.end()) return std::nullopt;
        remember(tables_.deliveries, set.delivery.id);
        auto& row = known->second;
        row.not_before = set.delivery.not_before;
        row.ended = set.delivery.ended;
        row.state = set.delivery.state;
        row.attempts = set.delivery.attempts;
        row.provider = set.delivery.provider;
        row.words = set.delivery.words;
        return std::nullopt;
    }
    std::optional<Error> write(ports::PutAlert const& put) {
        remember(tables_.alerts, put.alert.id);
        tables_.alerts[put.alert.id] = put.alert;
        return std::nullopt;
    }
    std::optional<Error> write(ports::PutMember const& put) {
        std::tuple key(put.member.alert, put.member.subject, put.member.kind);
        remember(tables_.members, key);
        tables_.members[key] = put.member;
        return std::nullopt;
    }
    std::optional<Error> write(ports::DropMembers const& drop) {
        for (auto at = tables_.members.begin(); at != tables_.members.end();) {
            if (at->second.alert != drop.alert) {
                ++at;
                continue;
            }
            remember(tables_.members, at->first);
            at = tables_.members.erase(at);
        }
        return std::nullopt;
    }
    std::optional<Error> write(ports::SetMark const& mark) {
        remember(tables_.marks, mark.key);
        tables_.marks[mark.key] = mark.value;
        return std::nullopt;
    }
    std::optional<Error> write(ports::DropMark const& mark) {
        remember(tables_.marks, mark.key);
        tables_.marks.erase(mark.key);
        return std::nullopt;
    }

    /// All that was written is as it was.
    void undo() {
        for (auto each = undo_.rbegin(); each != undo_.rend(); ++each) (*each)();
    }

    ports::Committed committed;

private:
    /// Before a row is changed.
    template <class Rows, class Key>
    void remember(Rows& rows, Key const& key) {
        auto known = rows.find(key);
        if (known == rows.end())
            undo_.emplace_back([&rows, key] { rows.erase(key); });
        else
            undo_.emplace_back([&rows, key, row = known->second] { rows[key] = row; });
    }

    bool is_ask() const { return commit_.kind == Commit::Kind::ask; }

    StoreTables& tables_;
    Commit const& commit_;
    std::vector<std::function<void()>> undo_;
};

/// Rows of a map from the newest, or the oldest, that `wanted` takes.
template <class Rows, class Wanted, class Out>
void select(Rows const& rows, bool oldest_first, std::size_t most, Wanted wanted, Out& out) {
    auto take = [&](auto begin, auto end) {
        std::size_t taken = 0;
        for (auto at = begin; at != end && taken < most; ++at) {
            if (!wanted(at->second)) continue;
            out.push_back(at->second);
            taken += 1;
        }
    };
    if (oldest_first)
        take(rows.begin(), rows.end());
    else
        take(rows.rbegin(), rows.rend());
}

bool is_in_state(job::Job const& job, std::string const& state) {
    if (state.empty()) return true;
    if (state == "live") return !job::is_end(job.state);
    if (state == "ended") return job::is_end(job.state);
    return job::name(job.state) == state;
}

bool is_wanted(ports::JobsAsked const& asked, job::Job const& job) {
    return (asked.task.empty() || job.task == asked.task) && is_in_state(job, asked.state) &&
           (asked.source.empty() || job.source == asked.source) &&
           (asked.once.empty() || job.once == asked.once) &&
           (asked.payload_file.empty() || job.payload_file == asked.payload_file) &&
           (asked.before == 0 || job.id < asked.before) &&
           is_between(job.created, asked.since, asked.until);
}

bool is_wanted(ports::RunsAsked const& asked, ports::RunRow const& run) {
    return (asked.kind.empty() || run.kind == asked.kind) &&
           (asked.subject.empty() || run.subject == asked.subject) &&
           (asked.outcome.empty() || run.outcome == asked.outcome) &&
           (asked.job == 0 || run.job == asked.job) && (asked.run == 0 || run.run == asked.run) &&
           (asked.before == 0 || run.run < asked.before) &&
           (!asked.only_open || run.ended == WallTime{}) &&
           is_between(run.started, asked.since, asked.until);
}

bool is_wanted(ports::EventsAsked const& asked, ports::EventRow const& event) {
    bool follows = asked.causes.empty() ||
                   (event.cause != 0 && std::find(asked.causes.begin(), asked.causes.end(),
                                                  event.cause) != asked.causes.end());
    return follows && (asked.subject.empty() || event.subject == asked.subject) &&
           event.subject.starts_with(asked.subject_prefix) &&
           event.kind.starts_with(asked.kind_prefix) && (asked.id == 0 || event.id == asked.id) &&
           (asked.before == 0 || event.id < asked.before) &&
           (asked.after == 0 || event.id > asked.after) &&
           is_between(event.at, asked.since, asked.until);
}

bool is_wanted(ports::FilesAsked const& asked, ports::FileRow const& file) {
    return (asked.folder.empty() || file.folder == asked.folder) &&
           (asked.path.empty() || file.path == asked.path) &&
           (asked.destination.empty() || file.destination == asked.destination) &&
           (asked.state.empty() || file.state == asked.state) &&
           (asked.job == 0 || file.job == asked.job) && (asked.id == 0 || file.id == asked.id) &&
           (asked.before == 0 || file.id < asked.before);
}

bool is_wanted(ports::DeliveriesAsked const& asked, delivery::Delivery const& row) {
    bool fits = asked.state.empty() || delivery::name(row.state) == asked.state ||
                (asked.state == "live" && !delivery::is_end(row.state)) ||
                (asked.state == "ended" && delivery::is_end(row.state));
    return fits && (asked.channel.empty() || row.channel == asked.channel) &&
           (asked.source.empty() || row.source == asked.source) &&
           (asked.id == 0 || row.id == asked.id) && (asked.before == 0 || row.id < asked.before) &&
           (asked.cause == 0 || row.cause == asked.cause) &&
           is_between(row.created, asked.since, asked.until);
}

bool is_wanted(ports::AlertsAsked const& asked, ports::AlertRecord const& row) {
    bool is_open = row.ended == WallTime{};
    bool fits = asked.state.empty() || row.state == asked.state ||
                (asked.state == "open" && is_open) || (asked.state == "ended" && !is_open);
    bool is_loaded =
        asked.open_or_since == WallTime{} || is_open || row.ended >= asked.open_or_since;
    return fits && is_loaded && (asked.subject.empty() || row.subject == asked.subject) &&
           (asked.id == 0 || row.id == asked.id) && (asked.before == 0 || row.id < asked.before);
}

std::size_t bounded(std::size_t limit) { return std::min(limit, limits::store_rows); }

bool is_older(WallTime ended, Duration kept, WallTime now) {
    return kept != Duration{0} && ended != WallTime{} && ended < now - kept;
}

}  // namespace

Result<ports::Committed> StoreTables::apply(ports::Commit const& commit) {
    Applying applying(*this, commit);
    for (ports::Write const& write : commit.writes) {
        std::optional<Error> refusal =
            std::visit([&](auto const& each) { return applying.write(each); }, write);
        if (!refusal) continue;
        applying.undo();
        return std::move(*refusal);
    }
    return std::move(applying.committed);
}

void StoreTables::answer(ports::Question const& question, ports::Found& found) const {
    std::visit(
        Overloaded{[&](ports::LiveJobs const&) {
                       select(
                           jobs, true, SIZE_MAX,
                           [](job::Job const& job) { return !job::is_end(job.state); }, found.jobs);
                   },
                   [&](ports::JobsAsked const& asked) {
                       select(
                           jobs, false, bounded(asked.limit),
                           [&](auto const& row) { return is_wanted(asked, row); }, found.jobs);
                   },
                   [&](ports::JobAsked const& asked) {
                       select(
                           jobs, false, 1, [&](auto const& row) { return row.id == asked.id; },
                           found.jobs);
                   },
                   [&](ports::RunsAsked const& asked) {
                       select(
                           runs, false, bounded(asked.limit),
                           [&](auto const& row) { return is_wanted(asked, row); }, found.runs);
                   },
                   [&](ports::EventsAsked const& asked) {
                       select(
                           events, asked.oldest_first, bounded(asked.limit),
                           [&](auto const& row) { return is_wanted(asked, row); }, found.events);
                   },
                   [&](ports::FilesAsked const& asked) {
                       select(
                           files, false, bounded(asked.limit),
                           [&](auto const& row) { return is_wanted(asked, row); }, found.files);
                   },
                   [&](ports::MarksAsked const& asked) {
                       for (auto const& [key, value] : marks)
                           if (key.starts_with(asked.prefix)) found.marks.emplace_back(key, value);
                   },
                   [&](ports::LiveDeliveries const& asked) {
                       select(
                           deliveries, true, bounded(asked.limit),
                           [&](auto const& row) {
                               return !delivery::is_end(row.state) && row.id > asked.after &&
                                      (asked.channel.empty() || row.channel == asked.channel);
                           },
                           found.deliveries);
                   },
                   [&](ports::DeliveriesAsked const& asked) {
                       select(
                           deliveries, false, bounded(asked.limit),
                           [&](auto const& row) { return is_wanted(asked, row); },
                           found.deliveries);
                   },
                   [&](ports::AlertsAsked const& asked) { answer_alerts(asked, found); },
                   [&](ports::CountsAsked const&) {
                       std::map<std::pair<std::string, std::string>, std::int64_t> counts;
                       for (auto const& [id, job] : jobs)
                           counts[{job.task, std::string(job::name(job.state))}] += 1;
                       for (auto const& [key, count] : counts)
                           found.counts.push_back({key.first, key.second, count});
                   }},
        question);
}

void StoreTables::answer_alerts(ports::AlertsAsked const& asked, ports::Found& found) const {
    bool is_loading = asked.open_or_since != WallTime{};
    auto begin = found.alerts.size();
    select(
        alerts, is_loading, is_loading ? SIZE_MAX : bounded(asked.limit),
        [&](auto const& row) { return is_wanted(asked, row); }, found.alerts);
    if (!is_loading && !asked.with_members) return;
    for (auto i = begin; i < found.alerts.size(); ++i)
        for (auto const& [key, member] : members)
            if (member.alert == found.alerts[i].id) found.members.push_back(member);
}

namespace {

/// Logs that no run of the same job names any more.
std::vector<std::string> unnamed(std::set<std::pair<std::string, job::Id>> logs,
                                 std::map<std::uint64_t, ports::RunRow> const& runs) {
    for (auto const& [number, run] : runs)
        if (run.job != 0) logs.erase({run.log, run.job});
    std::vector<std::string> names;
    for (auto const& [log, job] : logs)
        if (names.empty() || names.back() != log) names.push_back(log);
    return names;
}

}  // namespace

ports::Pruned StoreTables::prune(ports::Retention const& keep, WallTime now) {
    ports::Pruned pruned;
    std::set<std::pair<std::string, job::Id>> logs;  // and whose job's
    std::set<std::string> payloads;
    auto drop_run = [&](auto at) {
        if (at->second.kind == "job" && !at->second.log.empty())
            logs.emplace(at->second.log, at->second.job);
        pruned.runs += 1;
        return runs.erase(at);
    };
    std::vector<std::pair<WallTime, job::Id>> ended;  // oldest first
    for (auto const& [id, job] : jobs)
        if (job::is_end(job.state) && job.ended != WallTime{} && !is_evidence(job.state))
            ended.emplace_back(job.ended, id);
    std::sort(ended.begin(), ended.end());
    std::set<job::Id> gone;
    for (std::size_t i = 0; i < ended.size(); ++i) {
        bool is_over = keep.jobs > 0 && std::ssize(ended) - std::ssize(gone) > keep.jobs;
        if (is_over || is_older(ended[i].first, keep.jobs_for, now)) gone.insert(ended[i].second);
    }
    for (auto const& [id, job] : jobs)
        if (is_evidence(job.state) && is_older(job.ended, keep.dead_for, now)) gone.insert(id);
    for (job::Id id : gone) {
        for (auto at = runs.begin(); at != runs.end();)
            at = at->second.job == id && at->second.ended != WallTime{} ? drop_run(at)
                                                                        : std::next(at);
        pruned.files += static_cast<std::int64_t>(
            std::erase_if(files, [&](auto const& each) { return each.second.job == id; }));
        if (!jobs[id].payload_file.empty()) payloads.insert(jobs[id].payload_file);
        jobs.erase(id);
        pruned.jobs += 1;
    }
    std::int64_t ended_runs = std::count_if(
        runs.begin(), runs.end(), [](auto const& each) { return each.second.ended != WallTime{}; });
    for (auto at = runs.begin(); at != runs.end();) {
        ports::RunRow const& run = at->second;
        auto job = jobs.find(run.job);
        bool is_kept = run.ended == WallTime{} ||
                       (job != jobs.end() &&
                        (!job::is_end(job->second.state) || is_evidence(job->second.state)));
        bool is_over = keep.runs > 0 && ended_runs > keep.runs;
        bool goes = !is_kept && (is_over || is_older(run.ended, keep.runs_for, now));
        if (goes) ended_runs -= 1;
        at = goes ? drop_run(at) : std::next(at);
    }
    for (auto at = events.begin(); at != events.end();) {
        bool is_over = keep.events > 0 && std::ssize(events) > keep.events;
        bool is_old = keep.events_for != Duration{0} && at->second.at < now - keep.events_for;
        bool goes = is_over || is_old;
        if (goes) pruned.events += 1;
        at = goes ? events.erase(at) : std::next(at);
    }
    pruned.files += static_cast<std::int64_t>(std::erase_if(files, [&](auto const& each) {
        return each.second.job == 0 && is_older(each.second.ended, keep.jobs_for, now);
    }));
    pruned.deliveries += static_cast<std::int64_t>(std::erase_if(deliveries, [&](auto const& each) {
        return is_older(each.second.ended, keep.deliveries_for, now);
    }));
    for (auto at = alerts.begin(); at != alerts.end();) {
        bool goes = is_older(at->second.ended, keep.deliveries_for, now);
        if (goes)
            std::erase_if(members, [&](auto const& m) { return m.second.alert == at->first; });
        at = goes ? alerts.erase(at) : std::next(at);
    }
    for (auto const& [id, job] : jobs) payloads.erase(job.payload_file);
    pruned.logs = unnamed(std::move(logs), runs);
    pruned.payload_files.assign(payloads.begin(), payloads.end());
    return pruned;
}

}  // namespace lares::sim
