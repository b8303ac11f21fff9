// store/pruning.cc: oldest first; never what is live, nor the evidence of what is dead.

#include "store/pruning.h"

#include <algorithm>
#include <iterator>

#include "base/limits.h"

namespace lares::store {

namespace {

using ports::Pruned;
using ports::Retention;

constexpr std::int64_t slice = limits::store_slice;

/// One column of numbers.
Result<std::vector<std::int64_t>> numbers(Database& database, std::string_view sql,
                                          std::vector<std::int64_t> const& parameters) {
    std::string letters(parameters.size(), 'n');
    Statement* statement = TRY(database.statement(sql, letters, "n"));
    for (std::size_t i = 0; i < parameters.size(); ++i) statement->set(i, parameters[i]);
    std::vector<std::int64_t> found;
    while (TRY(statement->next())) found.push_back(statement->number(0));
    return found;
}

/// Milliseconds since 1970 before which things are too old; 0: none is.
std::int64_t bound(WallTime now, Duration kept) {
    return kept == Duration{0} ? 0 : (now - kept).time_since_epoch().count();
}

class Choosing {
public:
    Choosing(Database& database, Retention const& keep, WallTime now, PruneRound& round)
        : database_(database), keep_(keep), now_(now), round_(round) {}

    Result<Victims> run() {
        if (!round_.is_counted) TRY(count());
        TRY(old_jobs());
        TRY(jobs_over());
        TRY(runs());
        TRY(events());
        TRY(files());
        TRY(deliveries());
        if (room() <= 0) victims_.more = true;
        if (!victims_.more) round_ = {};
        return std::move(victims_);
    }

private:
    std::int64_t room() const { return slice - chosen_; }

    /// How many there are over a number that is bounded.
    Result<std::int64_t> over(std::int64_t most, std::string_view sql) {
        if (most == 0) return 0;
        return std::max<std::int64_t>(0, TRY(database_.number_of(sql)) - most);
    }

    Result<> count() {
        round_.jobs_over = TRY(over(keep_.jobs,
                                    "select count(*) from jobs where ended <> 0"
                                    " and state in ('done', 'skipped', 'cancelled')"));
        round_.runs_over = TRY(over(keep_.runs, "select count(*) from runs where ended <> 0"));
        round_.events_over = TRY(over(keep_.events, "select count(*) from events"));
        round_.is_counted = true;
        return {};
    }

    Result<> old_jobs() {
        constexpr std::string_view ended_before =
            "select id from jobs where ended <> 0 and ended < :bound"
            " and state in ('done', 'skipped', 'cancelled') order by ended limit :most";
        constexpr std::string_view dead_before =
            "select id from jobs where ended <> 0 and ended < :bound"
            " and state in ('dead', 'parked') order by ended limit :most";
        TRY(take_old_jobs(ended_before, bound(now_, keep_.jobs_for)));
        return take_old_jobs(dead_before, bound(now_, keep_.dead_for));
    }

    Result<> take_old_jobs(std::string_view sql, std::int64_t before) {
        if (before <= 0 || room() <= 0) return {};
        std::vector<std::int64_t> ids = TRY(numbers(database_, sql, {before, room()}));
        return take_jobs(ids);
    }

    Result<> jobs_over() {
        // Those that went by age count as well: they were the oldest.
        auto gone = std::ssize(victims_.jobs);
        std::int64_t wanted = std::min(room(), round_.jobs_over - gone);
        if (wanted > 0) {
            // Those chosen by age come first again, and are not taken twice.
            std::vector<std::int64_t> ids = TRY(
                numbers(database_,
                        "select id from jobs where ended <> 0"
                        " and state in ('done', 'skipped', 'cancelled') order by ended limit :most",
                        {wanted + gone}));
            TRY(take_jobs(ids));
        }
        gone = std::ssize(victims_.jobs);
        round_.jobs_over = std::max<std::int64_t>(0, round_.jobs_over - gone);
        return {};
    }

    Result<> take_jobs(std::vector<std::int64_t> const& ids) {
        for (std::int64_t id : ids) {
            if (room() <= 0) {
                victims_.more = true;
                return {};
            }
            bool is_taken = std::any_of(victims_.jobs.begin(), victims_.jobs.end(),
                                        [&](VictimJob const& each) { return each.id == id; });
            if (!is_taken) TRY(take_job(id));
        }
        return {};
    }

    Result<> take_job(std::int64_t id) {
        VictimJob job{.id = id};
        std::int64_t most = room();
        job.runs =
            TRY(numbers(database_, "select run from runs where job = :job and job <> 0 limit :most",
                        {id, most}));
        job.files =
            TRY(numbers(database_, "select id from files where job = :job and job <> 0 limit :most",
                        {id, most}));
        // Perhaps there are more than these: the job goes with the last of them, in another slice.
        job.whole = std::ssize(job.runs) < most && std::ssize(job.files) < most;
        chosen_ += std::ssize(job.runs) + std::ssize(job.files) + 1;
        victims_.jobs.push_back(std::move(job));
        return {};
    }

    Result<> runs() {
        // Evidence stays: of what is dead as long as its job, of what is live in any case.
        constexpr std::string_view is_loose =
            " and (job = 0 or not exists (select 1 from jobs where jobs.id = runs.job and"
            " jobs.state in ('ready', 'running', 'dead', 'parked'))) order by ended limit :most";
        static std::string const old =
            "select run from runs where ended <> 0 and ended < :bound" + std::string(is_loose);
        static std::string const oldest =
            "select run from runs where ended <> 0" + std::string(is_loose);
        if (std::int64_t before = bound(now_, keep_.runs_for); before > 0 && room() > 0)
            add(victims_.runs, TRY(numbers(database_, old, {before, room()})));
        std::int64_t gone = std::ssize(victims_.runs);
        for (VictimJob const& each : victims_.jobs) gone += std::ssize(each.runs);
        std::int64_t wanted = std::min(room(), round_.runs_over - gone);
        if (wanted > 0) {
            // Those chosen already are the oldest: they come again and are not counted twice.
            wanted += std::ssize(victims_.runs);
            auto chosen = TRY(numbers(database_, oldest, {wanted}));
            chosen_ -= std::ssize(victims_.runs);
            victims_.runs.clear();
            add(victims_.runs, std::move(chosen));
            gone = std::ssize(victims_.runs);
        }
        round_.runs_over = std::max<std::int64_t>(0, round_.runs_over - gone);
        return {};
    }

    Result<> events() {
        if (room() <= 0) return {};
        std::int64_t before = bound(now_, keep_.events_for);
        if (before <= 0 && round_.events_over == 0) return {};
        Statement* oldest = TRY(
            database_.statement("select id, at from events order by id limit :most", "n", "nn"));
        oldest->set(0, room());
        std::vector<std::int64_t> chosen;
        while (TRY(oldest->next())) {
            bool is_over = std::ssize(chosen) < round_.events_over;
            if (is_over || oldest->number(1) < before) chosen.push_back(oldest->number(0));
        }
        round_.events_over = std::max<std::int64_t>(0, round_.events_over - std::ssize(chosen));
        // The window of the oldest moves on: what is behind it may be old as well.
        if (!chosen.empty() && std::ssize(chosen) >= room() / 2) victims_.more = true;
        add(victims_.events, std::move(chosen));
        return {};
    }

    /// Those that no job was made of.
    Result<> files() {
        std::int64_t before = bound(now_, keep_.jobs_for);
        if (before <= 0 || room() <= 0) return {};
        add(victims_.files,
            TRY(numbers(database_,
                        "select id from files where job = 0 and ended <> 0 and ended < :bound"
                        " limit :most",
                        {before, room()})));
        return {};
    }

    Result<> deliveries() {
        std::int64_t before = bound(now_, keep_.deliveries_for);
        if (before <= 0 || room() <= 0) return {};
        add(victims_.deliveries,
            TRY(numbers(database_,
                        "select id from deliveries where ended <> 0 and ended < :bound"
                        " order by ended limit :most",
                        {before, room()})));
        add(victims_.alerts, TRY(numbers(database_,
                                         "select id from alerts where ended <> 0 and ended < :bound"
                                         " order by ended limit :most",
                                         {before, std::max<std::int64_t>(room(), 0)})));
        return {};
    }

    void add(std::vector<std::int64_t>& to, std::vector<std::int64_t> ids) {
        chosen_ += std::ssize(ids);
        to.insert(to.end(), ids.begin(), ids.end());
    }

    Database& database_;
    Retention const& keep_;
    WallTime now_;
    PruneRound& round_;
    Victims victims_;
    std::int64_t chosen_ = 0;
};

class Removing {
public:
    explicit Removing(Database& database) : database_(database) {}

    Result<Pruned> run(Victims const& victims) {
        for (VictimJob const& job : victims.jobs) TRY(remove_job(job));
        for (std::int64_t run : victims.runs) TRY(remove_run(run));
        for (std::int64_t event : victims.events)
            pruned_.events += TRY(remove("delete from events where id = :id", event));
        for (std::int64_t file : victims.files)
            pruned_.files += TRY(remove("delete from files where id = :id", file));
        for (std::int64_t delivery : victims.deliveries)
            pruned_.deliveries +=
                TRY(remove("delete from deliveries where id = :id and ended <> 0", delivery));
        for (std::int64_t alert : victims.alerts) {
            TRY(remove("delete from alert_members where alert = :id", alert));
            TRY(remove("delete from alerts where id = :id and ended <> 0", alert));
        }
        TRY(note_highest(victims.highest_id));
        TRY(keep_unnamed(payloads_,
                         "select 1 from jobs where payload_file = :name"
                         " and payload_file <> '' limit 1",
                         pruned_.payload_files));
        TRY(keep_logs());
        pruned_.more = victims.more;
        return std::move(pruned_);
    }

private:
    Result<std::int64_t> remove(std::string_view sql, std::int64_t id) {
        Statement* statement = TRY(database_.statement(sql, "n"));
        statement->set(0, id);
        return statement->run();
    }

    Result<> remove_job(VictimJob const& job) {
        Statement* find =
            TRY(database_.statement("select payload_file from jobs where id = :id and ended <> 0"
                                    " and state not in ('ready', 'running')",
                                    "n", "t"));
        find->set(0, job.id);
        bool is_ended = TRY(find->next());
        std::string payload = is_ended ? find->text(0) : std::string();
        find->reset();
        if (!is_ended) return {};  // it was put back meanwhile
        for (std::int64_t run : job.runs) TRY(remove_run(run));
        for (std::int64_t file : job.files)
            pruned_.files += TRY(remove("delete from files where id = :id", file));
        if (!job.whole) return {};
        pruned_.jobs += TRY(remove("delete from jobs where id = :id", job.id));
        if (!payload.empty()) payloads_.push_back(std::move(payload));
        return {};
    }

    Result<> remove_run(std::int64_t run) {
        Statement* find = TRY(database_.statement(
            "select log, kind, job from runs where run = :run and ended <> 0", "n", "ttn"));
        find->set(0, run);
        bool is_ended = TRY(find->next());
        std::string log = is_ended && find->text(1) == "job" ? find->text(0) : std::string();
        std::int64_t job = is_ended ? find->number(2) : 0;
        find->reset();
        if (!is_ended) return {};
        pruned_.runs += TRY(remove("delete from runs where run = :run", run));
        if (!log.empty()) logs_.emplace_back(std::move(log), job);
        return {};
    }

    /// One that several attempts of a job wrote to goes with the last of them.
    Result<> keep_logs() {
        std::sort(logs_.begin(), logs_.end());
        logs_.erase(std::unique(logs_.begin(), logs_.end()), logs_.end());
        for (auto& [log, job] : logs_) {
            Statement* find =
                TRY(database_.statement("select 1 from runs where job = :job and job <> 0"
                                        " and log = :log limit 1",
                                        "nt", "n"));
            find->set(0, job);
            find->set(1, log);
            bool is_named = TRY(find->next());
            find->reset();
            bool is_there = !pruned_.logs.empty() && pruned_.logs.back() == log;
            if (!is_named && !is_there) pruned_.logs.push_back(std::move(log));
        }
        return {};
    }

    Result<> note_highest(std::uint64_t id) {
        Statement* note =
            TRY(database_.statement("update meta set value = :id where name = 'highest_id'", "t"));
        note->set(0, std::to_string(id));
        TRY(note->run());
        return {};
    }

    /// Moves those that `sql` finds no row for.
    Result<> keep_unnamed(std::vector<std::string>& names, std::string_view sql,
                          std::vector<std::string>& to) {
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        for (std::string& name : names) {
            Statement* find = TRY(database_.statement(sql, "t", "n"));
            find->set(0, name);
            bool is_named = TRY(find->next());
            find->reset();
            if (!is_named) to.push_back(std::move(name));
        }
        return {};
    }

    Database& database_;
    Pruned pruned_;
    std::vector<std::string> payloads_;
    std::vector<std::pair<std::string, std::int64_t>> logs_;  // and their jobs
};

}  // namespace

Result<Victims> choose_victims(Database& database, ports::Retention const& keep, WallTime now,
                               PruneRound& round) {
    return Choosing(database, keep, now, round).run();
}

Result<ports::Pruned> remove_victims(Database& database, Victims const& victims) {
    return Removing(database).run(victims);
}

Result<> shrink(Database& database) {
    constexpr std::int64_t few = 1'000;  // 4 MB: will be used again soon
    std::int64_t free = TRY(database.number_of("pragma freelist_count"));
    std::int64_t all = TRY(database.number_of("pragma page_count"));
    if (free < few || free < all / 4) return {};
    return database.execute("pragma incremental_vacuum(500)");
}

}  // namespace lares::store
