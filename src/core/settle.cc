// core/settle.cc: entries, their signs of completeness, and the clock of each.

#include "core/settle.h"

#include <algorithm>

#include "base/check.h"
#include "core/in_words.h"

namespace lares::settle {

namespace {

bool has_changed(Seen const& before, Seen const& after) {
    return before.size != after.size || before.mtime_ns != after.mtime_ns ||
           before.files != after.files || before.newest_ns != after.newest_ns;
}

std::string_view folder_of(std::string_view path) { return path.substr(0, path.rfind('/')); }
std::string_view name_of(std::string_view path) {
    return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

}  // namespace

std::optional<std::string_view> common_part(std::string_view pattern, std::string_view name) {
    std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) {
        return pattern == name ? std::optional<std::string_view>("") : std::nullopt;
    }
    std::string_view before = pattern.substr(0, star), behind = pattern.substr(star + 1);
    if (name.size() < before.size() + behind.size() + 1) return std::nullopt;
    if (!name.starts_with(before) || !name.ends_with(behind)) return std::nullopt;
    if (before.empty() && name.starts_with('.')) return std::nullopt;
    return name.substr(before.size(), name.size() - before.size() - behind.size());
}

std::string target_problem(std::string_view option, std::string_view folder,
                           std::string_view target) {
    if (target.empty()) return {};
    std::string found =
        std::string(option) + " = move:" + std::string(target) + ": folder '" + std::string(folder);
    if (target == folder) {
        return found + "' is that folder itself, so that each file would come again; name another";
    }
    bool is_inside = folder.starts_with(target) &&
                     (target == "/" || folder.substr(target.size()).starts_with('/'));
    if (!is_inside) return {};
    return found +
           "' lies inside it, so that what is finished lands above what is watched; name a "
           "folder beside or below";
}

Settler::Settler(Rules rules) : rules_(std::move(rules)) {}

void Settler::see(Seen const& seen, Instant now) {
    auto at = entries_.find(seen.path);
    if (at == entries_.end()) {
        if (entries_.size() >= rules_.most) {
            left_out_ = true;
            return;
        }
        return judge(enter(seen, now), now);
    }
    Entry& entry = at->second;
    entry.generation = generation_;
    if (entry.seen.identity != seen.identity) {
        // Another file under its name; the first may live on under another name.
        Entry was = entry;
        erase(seen.path);
        if (!paths_.contains(was.seen.identity) && was.state != State::wrong) {
            pending_.withdrawn.push_back(was.seen);
        }
        return judge(enter(seen, now), now);
    }
    bool is_news = has_changed(entry.seen, seen) || seen.closed || seen.moved_in;
    bool is_settled = entry.state == State::ready || entry.state == State::partial;
    if (is_settled && !is_news && !seen.is_open && wrong_with(seen).empty()) return;
    if (is_news) {
        entry.stable_since = now;
        if (has_changed(entry.seen, seen)) entry.closed = entry.moved = false;
    }
    entry.closed |= seen.closed;
    entry.moved |= seen.moved_in;
    entry.seen = seen;
    judge(entry, now);
}

Settler::Entry& Settler::enter(Seen const& seen, Instant now) {
    Entry& entry = entries_[seen.path];
    entry.seen = seen;
    entry.stable_since = now;
    entry.arrival = ++arrivals_;
    entry.generation = generation_;
    entry.closed = seen.closed;
    entry.moved = seen.moved_in;
    entry.was_tracked = paths_.contains(seen.identity);
    paths_.emplace(seen.identity, seen.path);
    return entry;
}

/// What is wrong with it whatever its writer does.
std::string Settler::wrong_with(Seen const& seen) const {
    if (seen.is_special && !rules_.may_be_special) {
        return "it is no regular file (a FIFO, device, socket or symbolic link); 'specials = true' "
               "would take it";
    }
    if (!seen.is_readable)
        return "it cannot be read: permission denied; it is tried again when its "
               "mode or owner changes";
    return {};
}

void Settler::judge(Entry& entry, Instant now) {
    leave_ready(entry);
    if (rules_.unit == Unit::set && entry.set.empty() && !join_set(entry, now)) return;
    std::string wrong = wrong_with(entry.seen);
    if (!wrong.empty()) return mark_wrong(entry, std::move(wrong));
    if (entry.state == State::wrong) {
        mark_right(entry);
        entry.stable_since = now;
    }
    if (entry.seen.is_special) return settle_now(entry);
    if (entry.seen.looked && entry.seen.is_open && rules_.check_open) {
        return wait_again(entry, State::open, now);
    }
    if (entry.seen.is_folder && entry.seen.files == 0) {
        // What is put into it is told; looks alone would go on for ever.
        entry.state = State::empty;
        entry.asked_at.reset();
        return set_due(entry, std::nullopt);
    }
    if (is_complete_by_sign(entry)) return settle_now(entry);
    judge_stability(entry, now);
}

/// Complete without waiting: renamed into place, or closed where settle = 0 trusts that.
bool Settler::is_complete_by_sign(Entry const& entry) const {
    Seen const& seen = entry.seen;
    if (!seen.looked) return false;  // whether it is open must have been asked
    // One that waited under another name may have been renamed with its writer at work.
    bool is_certain = !entry.was_tracked || seen.can_tell_open;
    if (entry.moved && is_certain) return true;
    return entry.closed && rules_.settle.count() == 0 && !seen.is_folder;
}

void Settler::judge_stability(Entry& entry, Instant now) {
    Duration span =
        std::max(rules_.settle, rules_.settle.count() == 0 ? least_settle : Duration{1});
    bool is_answer = entry.asked_at && entry.seen.looked;
    // The look was asked for after it had been the same for long enough, and it still is.
    if (is_answer && *entry.asked_at - entry.stable_since >= span) return settle_now(entry);
    if (is_answer) entry.asked_at.reset();
    entry.state = State::settling;
    entry.patience = Duration{0};
    if (!entry.asked_at) set_due(entry, std::max(now, entry.stable_since + span));
}

/// Open by somebody: its end is told where notifications work, and looked for later and later.
void Settler::wait_again(Entry& entry, State state, Instant now) {
    entry.state = state;
    entry.asked_at.reset();
    entry.stable_since = now;
    Duration first = std::max(rules_.settle, least_settle);
    bool may_be_over = rules_.settle.count() == 0 && (entry.closed || entry.moved);
    if (may_be_over) first = close_under_way;
    entry.patience =
        entry.patience.count() == 0
            ? first
            : std::min(entry.patience * 2, std::max(rules_.settle, most_between_looks));
    set_due(entry, now + entry.patience);
}

void Settler::settle_now(Entry& entry) {
    entry.asked_at.reset();
    set_due(entry, std::nullopt);
    if (rules_.unit == Unit::set) {
        entry.state = State::partial;
        return complete_set(entry.set);
    }
    entry.state = State::ready;
    Rank place = rank(entry.seen.path);
    ready_rank_[entry.seen.path] = place;
    ready_.insert(std::move(place));
}

/// An entry that is judged anew is not ready until that says so; nor is its set.
void Settler::leave_ready(Entry const& entry) {
    auto at = ready_rank_.find(rules_.unit == Unit::set ? entry.set : entry.seen.path);
    if (at == ready_rank_.end()) return;
    ready_.erase(at->second);
    ready_rank_.erase(at);
}

void Settler::set_due(Entry& entry, std::optional<Instant> due) {
    if (entry.due) due_.erase({*entry.due, entry.seen.path});
    entry.due = due;
    if (due) due_.insert({*due, entry.seen.path});
}

void Settler::mark_wrong(Entry& entry, std::string words) {
    set_due(entry, std::nullopt);
    entry.asked_at.reset();
    bool is_new = entry.state != State::wrong || entry.words != words;
    if (entry.state != State::wrong) problems_++;
    entry.state = State::wrong;
    entry.words = std::move(words);
    if (is_new) pending_.problems.push_back({entry.seen.path, entry.seen, entry.words, false});
}

void Settler::mark_right(Entry& entry) {
    problems_--;
    entry.state = State::settling;
    entry.words.clear();
    pending_.solved.push_back(entry.seen.path);
}

/// False: it matches no pattern, and is nobody's.
bool Settler::join_set(Entry& entry, Instant now) {
    for (std::size_t i = 0; i < rules_.set.size(); i++) {
        auto common = common_part(rules_.set[i], name_of(entry.seen.path));
        if (!common) continue;
        entry.set = std::string(folder_of(entry.seen.path)) + "/" + std::string(*common);
        entry.place = i;
        auto [at, is_new] = sets_.try_emplace(entry.set);
        Set& set = at->second;
        if (is_new) {
            set.first = now;
            set.arrival = entry.arrival;
            set.members.resize(rules_.set.size());
            orphan_due_.insert({now + rules_.set_timeout, entry.set});
        }
        set.members[i] = entry.seen.path;
        return true;
    }
    erase(std::string(entry.seen.path));
    return false;
}

void Settler::complete_set(std::string const& key) {
    Set const& set = sets_.at(key);
    for (std::string const& path : set.members) {
        auto at = entries_.find(path);
        if (at == entries_.end() || at->second.state != State::partial) return;
    }
    Rank place = rank(key);
    ready_rank_[key] = place;
    ready_.insert(std::move(place));
}

void Settler::leave_set(Entry const& entry) {
    auto at = sets_.find(entry.set);
    if (at == sets_.end()) return;
    Set& set = at->second;
    set.members[entry.place].clear();
    if (!std::ranges::all_of(set.members, &std::string::empty)) return;
    orphan_due_.erase({set.first + rules_.set_timeout, entry.set});
    if (set.is_told) pending_.solved.push_back(entry.set);
    sets_.erase(at);
}

void Settler::erase(std::string const& path) {
    auto at = entries_.find(path);
    if (at == entries_.end()) return;
    Entry& entry = at->second;
    leave_ready(entry);
    set_due(entry, std::nullopt);
    if (entry.state == State::wrong) mark_right(entry);
    leave_set(entry);
    auto [begin, end] = paths_.equal_range(entry.seen.identity);
    for (auto same = begin; same != end; ++same) {
        if (same->second != path) continue;
        paths_.erase(same);
        break;
    }
    entries_.erase(at);
}

void Settler::forget(std::string_view path) { erase(std::string(path)); }

/// The same file under its new name: it keeps its place in the order.
void Settler::hand_over(Entry& from, Entry& to) {
    bool was_ready = ready_rank_.contains(to.seen.path);
    leave_ready(to);
    to.arrival = std::min(to.arrival, from.arrival);
    if (was_ready && rules_.unit != Unit::set) settle_now(to);
}

void Settler::lose(std::string_view path, Instant) {
    auto at = entries_.find(std::string(path));
    if (at == entries_.end()) return;
    Entry was = at->second;
    erase(was.seen.path);
    auto same = paths_.find(was.seen.identity);
    if (same != paths_.end()) return hand_over(was, entries_.at(same->second));
    pending_.withdrawn.push_back(was.seen);
}

void Settler::begin_whole() {
    generation_++;
    // Looks that were under way when the watch began anew are not answered.
    for (auto& [path, entry] : entries_) entry.asked_at.reset();
}

void Settler::end_whole(Instant now) {
    std::vector<std::string> lost;
    for (auto const& [path, entry] : entries_) {
        if (entry.generation != generation_) lost.push_back(path);
    }
    for (std::string const& path : lost) lose(path, now);
}

Decisions Settler::decide(Instant now) {
    while (!due_.empty() && due_.begin()->first <= now) {
        Entry& entry = entries_.at(due_.begin()->second);
        set_due(entry, std::nullopt);
        entry.asked_at = now;
        pending_.look.push_back(entry.seen.path);
    }
    tell_orphans(now, pending_);
    return std::exchange(pending_, {});
}

void Settler::tell_orphans(Instant now, Decisions& decisions) {
    while (!orphan_due_.empty() && orphan_due_.begin()->first <= now) {
        std::string key = orphan_due_.begin()->second;
        orphan_due_.erase(orphan_due_.begin());
        Set& set = sets_.at(key);
        if (ready_rank_.contains(key)) continue;  // all there: it waits for its task only
        set.is_told = true;
        std::string missing;
        Seen const* first = nullptr;
        for (std::size_t i = 0; i < set.members.size(); i++) {
            auto at = entries_.find(set.members[i]);
            if (at == entries_.end()) {
                missing += (missing.empty() ? "'" : ", '") + rules_.set[i] + "'";
            } else if (!first || at->second.arrival == set.arrival) {
                first = &at->second.seen;
            }
        }
        if (!first) continue;
        if (missing.empty()) missing = "the end of one that is still written";
        decisions.problems.push_back({key, *first,
                                      "its companion " + missing + " did not come within " +
                                          in_words(rules_.set_timeout) + "; it waits on",
                                      true});
    }
}

Settler::Rank Settler::rank(std::string const& thing) const {
    Claim claim = claim_of(thing);
    Seen const& first = claim.members[0];
    std::int64_t number = 0;
    std::string text;
    switch (rules_.order) {
    case Order::name:
        text = thing;
        break;
    case Order::oldest:
        number = first.is_folder ? first.newest_ns : first.mtime_ns;
        break;
    case Order::newest:
        number = first.is_folder ? -first.newest_ns : -first.mtime_ns;
        break;
    case Order::arrival:
        break;
    case Order::size:
        for (Seen const& member : claim.members) number += member.size;
        break;
    }
    return {number, std::move(text), claim.arrival, thing};
}

Claim Settler::claim_of(std::string const& thing) const {
    if (rules_.unit != Unit::set) {
        Entry const& entry = entries_.at(thing);
        return {thing, {entry.seen}, entry.arrival};
    }
    Set const& set = sets_.at(thing);
    Claim claim{thing, {}, set.arrival};
    for (std::string const& path : set.members) claim.members.push_back(entries_.at(path).seen);
    return claim;
}

std::vector<Claim> Settler::take(std::size_t most) {
    std::vector<Claim> claims;
    while (claims.size() < most && !ready_.empty()) {
        std::string thing = std::get<3>(*ready_.begin());
        claims.push_back(claim_of(thing));
        for (Seen const& member : claims.back().members) erase(member.path);
    }
    return claims;
}

void Settler::put_back(Claim claim, Instant now) {
    for (Seen& member : claim.members) {
        if (entries_.contains(member.path)) continue;  // seen anew meanwhile: that counts
        Entry& entry = enter(member, now);
        entry.arrival = claim.arrival;
        if (rules_.unit == Unit::set && !join_set(entry, now)) continue;
        if (rules_.unit == Unit::set) sets_.at(entry.set).arrival = claim.arrival;
        settle_now(entry);
    }
}

std::optional<Instant> Settler::deadline() const {
    std::optional<Instant> first;
    if (!due_.empty()) first = due_.begin()->first;
    if (!orphan_due_.empty() && (!first || orphan_due_.begin()->first < *first)) {
        first = orphan_due_.begin()->first;
    }
    bool has_pending =
        !pending_.problems.empty() || !pending_.withdrawn.empty() || !pending_.solved.empty();
    return has_pending ? Instant{} : first;
}

bool Settler::wants_rescan() {
    if (!left_out_ || entries_.size() > rules_.most / 4 * 3) return false;
    left_out_ = false;
    return true;
}

std::string Settler::words_of(Entry const& entry, Instant now) const {
    switch (entry.state) {
    case State::settling: {
        Duration span = std::max(rules_.settle, least_settle);
        if (entry.asked_at) return "waits for an answer of its file system";
        if (rules_.settle.count() > 0) span = rules_.settle;
        return "waits until it has not changed for " + in_words(span) + "; it has not for " +
               in_words(now - entry.stable_since);
    }
    case State::open:
        return "waits: somebody has it open for writing";
    case State::empty:
        return "waits until there is something in it";
    case State::partial: {
        if (ready_rank_.contains(entry.set)) return "is complete, and waits for its task";
        std::string missing;
        Set const& set = sets_.at(entry.set);
        for (std::size_t i = 0; i < set.members.size(); i++) {
            auto at = entries_.find(set.members[i]);
            if (at != entries_.end() && at->second.state == State::partial) continue;
            missing += (missing.empty() ? "'" : ", '") + rules_.set[i] + "'";
        }
        return "waits for its companion " + missing;
    }
    case State::ready:
        return "is complete, and waits for its task";
    case State::wrong:
        return entry.words;
    }
    return {};
}

std::vector<Settler::Wait> Settler::reasons(Instant now, std::size_t most) const {
    std::vector<Wait> all;
    for (auto const& [path, entry] : entries_) {
        if (all.size() >= most) break;
        all.push_back({path, words_of(entry, now), entry.due});
    }
    return all;
}

std::optional<Settler::Wait> Settler::reason(std::string_view path, Instant now) const {
    auto at = entries_.find(std::string(path));
    if (at == entries_.end()) return std::nullopt;
    return Wait{at->first, words_of(at->second, now), at->second.due};
}

}  // namespace lares::settle
