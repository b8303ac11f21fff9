// core/queue_both_test.cc: applies calls to both queues and finds differences.

#include "core/queue_both.h"

#include <algorithm>

namespace lares::queue {

namespace {

constexpr char const* kinds[] = {"put",   "take",     "put_back", "end",   "drop",
                                 "hurry", "priority", "ready_at", "block", "unblock",
                                 "cap",   "throttle", "capacity", "rules", "wait"};

std::string list(auto const& ids) {
    std::string all;
    for (auto id : ids) all += " " + std::to_string(id);
    return all.empty() ? " none" : all;
}

std::string list(std::vector<Start> const& starts) {
    std::string all;
    for (Start const& start : starts)
        all +=
            " " + std::to_string(start.id) + "/" + start.task + "/" + std::to_string(start.attempt);
    return all.empty() ? " none" : all;
}

std::string differ(std::string const& what, std::string const& real, std::string const& naive) {
    return real == naive ? "" : what + ": real" + real + ", naive" + naive;
}

std::string list(std::optional<Instant> at, Instant now) {
    return at ? " in " + std::to_string((*at - now).count()) : " never";
}

}  // namespace

std::string words(Call const& call) {
    return std::string(kinds[static_cast<int>(call.kind)]) + "(" + std::to_string(call.which) +
           ", " + std::to_string(call.how) + ")";
}

Both::Both(World world) : world_(std::move(world)) {
    naive_.capacity = world_.capacity;
    real_.set_resources(world_.capacity);
    set_rules(static_cast<int>(world_.tasks.size()));
}

void Both::set_rules(int without) {
    std::vector<Rules> rules = world_.tasks;
    if (without >= 0 && without < static_cast<int>(rules.size()))
        rules.erase(rules.begin() + without);
    for (auto const& [name, its] : naive_.rules) naive_.gone[name] = its;
    naive_.rules.clear();
    for (Rules const& its : rules) naive_.rules[its.task] = its;
    real_.set_rules(rules);
}

std::vector<Id> Both::ids(bool is_running) const {
    std::vector<Id> all;
    for (auto const& [id, job] : naive_.jobs)
        if (job.is_running == is_running) all.push_back(id);
    return all;
}

std::size_t Both::count(bool is_running) const { return ids(is_running).size(); }

std::string Both::put(Call const& call) {
    Rules const& task = world_.tasks.at(static_cast<std::size_t>(call.which));
    Offer offer{.task = task.task, .key = call.how == with_key ? "k" : ""};
    offer.by_clock = call.how == by_clock;
    std::vector<Id> replaces;
    real_.deadline(now_);  // judge() goes by the last instant that the queue was told
    auto kind = naive_.judge(offer, replaces, now_);
    Verdict verdict = real_.judge(offer);
    if (verdict.kind != kind) return "judge: real " + verdict.words;
    if (kind != Verdict::Kind::accept) return verdict.words.empty() ? "no words of a refusal" : "";
    if (auto bad = differ("replaces", list(verdict.replaces), list(replaces)); !bad.empty())
        return bad;
    for (Id id : replaces) {
        if (!naive_.jobs.contains(id)) continue;  // it has fallen with another
        auto bad = naive_.jobs.at(id).is_running ? end(id, job::Outcome::cancelled) : drop(id);
        if (!bad.empty()) return bad;
    }
    job::Job job{.id = ++last_, .task = task.task, .key = offer.key};
    job.priority = call.how == urgent ? 3 : 0;
    if (call.how == behind_first && !naive_.jobs.empty()) job.after = {naive_.jobs.begin()->first};
    if (call.how == behind_all)
        for (auto const& [id, other] : naive_.jobs) job.after.push_back(id);
    std::optional<Instant> ready_at;
    if (call.how == delayed) ready_at = now_ + Duration(3);
    bool is_in = naive_.add(job, ready_at, now_, now_);
    return real_.add(job, ready_at, now_) == is_in ? "" : "add";
}

std::string Both::take(std::size_t most, bool keep) {
    auto real = real_.take_starts(now_, most);
    auto naive = naive_.take_starts(now_, most);
    if (auto bad = differ("starts", list(real), list(naive)); !bad.empty()) return bad;
    if (keep) return "";
    for (Start const& start : real) real_.put_back(start.id);
    for (Start const& start : real) naive_.put_back(start.id);
    return "";
}

/// Those that have left stay away.
std::string Both::leave(std::vector<Id> const& ids) {
    for (Id id : ids) {
        if (!ended_.insert(id).second) return "job " + std::to_string(id) + " ended twice";
        if (real_.is_live(id)) return "job " + std::to_string(id) + " ended and is live";
    }
    return "";
}

std::string Both::end(Id id, job::Outcome outcome) {
    int code = outcome == job::Outcome::error ? 3 : 0;
    Ending real = real_.end(id, outcome, code, now_, 0);
    Ending naive = naive_.end(id, outcome, code, now_);
    auto all = [](Ending const& e) {
        return " " + std::string(job::name(e.state)) + " " + std::to_string(e.errors) + " " +
               std::to_string(e.crashes) + " fell" + list(e.fell);
    };
    if (auto bad = differ("end", all(real), all(naive)); !bad.empty()) return bad;
    if (real.words.empty()) return "no words of an end";
    if ((real.state == job::State::ready) != real.retry_in.has_value()) return "retry_in";
    if (auto bad = leave(real.fell); !bad.empty()) return bad;
    return is_end(real.state) ? leave({id}) : "";
}

std::string Both::drop(Id id) {
    bool is_ready = naive_.jobs.contains(id) && !naive_.jobs.at(id).is_running;
    Dropped real = real_.drop(id);
    auto naive = naive_.drop(id);
    if (real.was_ready != is_ready || naive.has_value() != is_ready) return "drop";
    if (!naive) return "";
    if (auto bad = differ("fell", list(real.fell), list(*naive)); !bad.empty()) return bad;
    if (auto bad = leave(real.fell); !bad.empty()) return bad;
    return leave({id});
}

std::optional<Id> Both::pick(Call const& call, bool is_running) const {
    auto all = ids(is_running);
    if (all.empty()) return std::nullopt;
    return all[static_cast<std::size_t>(call.which) % all.size()];
}

/// Empty: all.
std::string Both::task(Call const& call) const {
    auto at = static_cast<std::size_t>(call.which) % (world_.tasks.size() + 1);
    return at == world_.tasks.size() ? "" : world_.tasks[at].task;
}

std::string Both::apply(Call const& call) {
    using Kind = Call::Kind;
    switch (call.kind) {
    case Kind::put:
        return put(call);
    case Kind::take:
        return take(call.how > 0 ? static_cast<std::size_t>(call.how) : SIZE_MAX, true);
    case Kind::put_back:
        return take(SIZE_MAX, false);
    case Kind::end:
        if (auto id = pick(call, true)) return end(*id, static_cast<job::Outcome>(call.how));
        return "";
    case Kind::drop:
        return drop(pick(call, false).value_or(99'999));
    case Kind::hurry:
    case Kind::priority:
    case Kind::ready_at:
        return change_job(call);
    case Kind::block:
    case Kind::unblock:
    case Kind::cap:
    case Kind::throttle:
        change_task(call);
        return "";
    case Kind::capacity:
        for (auto& [name, amount] : naive_.capacity) amount = call.how;
        real_.set_resources(naive_.capacity);
        return "";
    case Kind::rules:
        set_rules(call.which);
        return "";
    case Kind::wait:
        now_ += Duration(call.how);
        return "";
    }
    return "unknown call";
}

std::string Both::change_job(Call const& call) {
    bool of_running = call.kind == Call::Kind::priority && call.how % 2 == 0;
    Id id = pick(call, of_running).value_or(99'999);
    bool is_there = naive_.jobs.contains(id);
    if (call.kind == Call::Kind::hurry)
        return real_.hurry(id, now_) == naive_.hurry(id, now_) ? "" : "hurry";
    if (call.kind == Call::Kind::priority) {
        if (is_there) naive_.jobs.at(id).priority = call.how;
        return real_.set_priority(id, call.how) == is_there ? "" : "priority";
    }
    std::optional<Instant> at;
    if (call.how >= 0) at = now_ + Duration(call.how);
    real_.deadline(now_);  // as in put()
    real_.set_ready_at(id, at);
    naive_.set_ready_at(id, at, now_);
    return "";
}

void Both::change_task(Call const& call) {
    std::string const name = task(call);
    if (call.kind == Call::Kind::block) {
        Block block{.kind = call.how ? "circuit" : "paused", .words = "blocked"};
        if (call.how) block.until = now_ + Duration(call.how);
        real_.block(name, block);
        naive_.blocks[name][block.kind] = block;
    } else if (call.kind == Call::Kind::unblock) {
        for (auto kind : {"circuit", "paused"}) real_.unblock(name, kind);
        naive_.blocks.erase(name);
    } else if (call.kind == Call::Kind::throttle) {
        std::optional<Throttle> throttle;
        if (call.how) throttle = Throttle{"catchup", "slowly", {1, Duration(call.how)}, {}};
        if (throttle && !name.empty()) throttle->tasks = {name};
        real_.set_throttle(throttle);
        bool goes_on = throttle && naive_.throttle && throttle->rate == naive_.throttle->rate;
        if (!goes_on) naive_.throttled.clear();
        naive_.throttle = throttle;
    } else if (!name.empty()) {
        std::optional<Cap> cap;
        if (call.how) cap = Cap{"circuit", "a trial", call.how};
        real_.set_cap(name, cap);
        naive_.caps.erase(name);
        if (cap) naive_.caps[name] = *cap;
    }
}

std::string Both::check_limits() const {
    std::map<std::string, int> used;
    for (auto const& [id, job] : naive_.jobs) {
        for (auto const& [name, amount] : job.held) used[name] += amount;
        if (ended_.contains(id)) return "an ended job is live";
    }
    if (naive_.jobs.size() + ended_.size() != last_) return "a job is in no state";
    std::map<std::string, int> real = real_.used();
    for (auto const& [name, amount] : used)
        if (amount > 0 && real[name] != amount) return "used of " + name;
    return "";
}

std::string Both::compare_reasons() const {
    NaiveQueue copy = naive_;
    copy.take_starts(now_);
    for (auto const& [id, job] : naive_.jobs) {
        auto reasons = real_.why(id, now_);
        bool starts = !job.is_running && copy.jobs.at(id).is_running;
        if (starts != reasons.empty())
            return "why(" + std::to_string(id) + "): " + std::to_string(reasons.size()) +
                   " reasons";
        for (Reason const& reason : reasons)
            if (reason.words.empty() || reason.kind.empty()) return "why without words";
        if (job.is_running && reasons.front().kind != "running") return "why of a running job";
    }
    return "";
}

std::string Both::compare() const {
    if (auto bad = check_limits(); !bad.empty()) return bad;
    if (real_.size() != naive_.jobs.size()) return "size";
    for (Rules const& task : world_.tasks) {
        std::vector<Id> running;
        std::size_t ready = 0, late = 0;
        for (auto const& [id, job] : naive_.jobs) {
            if (job.task != task.task) continue;
            if (job.is_running)
                running.push_back(id);
            else
                ready++;
            if (!job.is_running && job.after.empty() && job.ready_at && *job.ready_at > now_)
                late++;
        }
        auto real = real_.running(task.task);
        if (auto bad = differ("running", list(real), list(running)); !bad.empty()) return bad;
        Depth depth = real_.depth(task.task, now_);
        if (depth.ready != ready || depth.running != running.size() || depth.delayed != late)
            return "depth of " + task.task;
    }
    std::optional<Instant> first;
    for (Instant at : naive_.instants(now_)) {
        if (!naive_.can_start_at(at)) continue;
        first = at;
        break;
    }
    auto deadline = real_.deadline(now_);
    bool is_late = first && (!deadline || *deadline > *first);
    if (is_late || (world_.is_exact && deadline != first))
        return "deadline: real" + list(deadline, now_) + ", naive" + list(first, now_);
    return compare_reasons();
}

std::string Both::key() const {
    std::string all;
    auto put = [&](auto value) { all += std::to_string(value) + ","; };
    auto put_time = [&](std::optional<Instant> at) {
        if (at && *at > now_ - Duration(50))
            put((*at - now_).count());
        else
            all += at ? "old," : "-,";
    };
    for (auto const& [id, job] : naive_.jobs) {
        all += job.task + job.key + (job.is_running ? "r" : "") + (job.is_retry ? "t" : "");
        for (auto value : {job.priority, job.errors, job.crashes}) put(value);
        put(id);
        put_time(job.since);
        put_time(job.ready_at);
        put_time(job.is_running ? std::optional(job.started) : std::nullopt);
        for (Id other : job.after) put(other);
        for (auto const& [name, amount] : job.held) put(amount);
    }
    for (auto const* starts : {&naive_.starts, &naive_.retried})
        for (auto const& [task, instants] : *starts)
            for (Instant at : instants)
                if (at > now_ - Duration(50)) all += task, put_time(at);
    for (auto const& [task, blocks] : naive_.blocks)
        for (auto const& [kind, block] : blocks)
            if (!block.until || *block.until > now_) all += task + kind, put_time(block.until);
    for (auto const& [name, amount] : naive_.capacity) put(amount);
    for (auto const& [task, cap] : naive_.caps) all += task, put(cap.most);
    for (auto const& [task, its] : naive_.rules) all += task;
    if (naive_.throttle)
        put(naive_.throttle->rate.span.count()), put(naive_.throttle->tasks.size());
    for (Instant at : naive_.throttled) put_time(at);
    all += "/";
    for (Id id : ended_) put(id);
    for (Id id : naive_.failed) put(id);
    return all;
}

}  // namespace lares::queue
