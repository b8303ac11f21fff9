// core/outbox_search_test.cc: every sequence of calls up to a depth, over two channels and five
// deliveries.
//
// Breadth first over the situations that can be reached, each met once (times relative to now).
// After every call what the outbox said is held against rules that always hold: a delivery is in
// one state and never leaves an end; no thread has two under way, nor one before an earlier one has
// ended; what may have arrived is not sent again unless the channel can repeat; and right after
// take(), next() is the very instant at which take() has something again.

#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <unordered_set>

#include "core/outbox.h"

using namespace lares;
using namespace lares::outbox;
using delivery::Outcome;
using delivery::State;

namespace {

struct Call {
    enum class Kind { take, answer, wait, jump, lost, pause, retry, drop, crash } kind;
    int which = 0;  // delivery, 1 to 5
    Outcome outcome = Outcome::sent;
};

std::vector<Call> all_calls() {
    using Kind = Call::Kind;
    std::vector<Call> calls{{Kind::take}, {Kind::wait},  {Kind::jump},
                            {Kind::lost}, {Kind::pause}, {Kind::crash}};
    for (int which = 1; which <= 5; which++) {
        for (auto outcome : {Outcome::sent, Outcome::refused, Outcome::later, Outcome::limited,
                             Outcome::blocked, Outcome::unsure})
            calls.push_back({Kind::answer, which, outcome});
        if (which <= 3) calls.push_back({Kind::retry, which});
        if (which == 2 || which == 4) calls.push_back({Kind::drop, which});
    }
    return calls;
}

/// What the store, and the world, would know.
struct Seen {
    delivery::Delivery row;
    bool may_have_arrived = false;
};

class World {
public:
    World() {
        set_channels();
        for (delivery::Id id = 1; id <= 5; id++) {
            delivery::Delivery row{.id = id, .channel = id <= 3 ? "a" : "b"};
            row.thread = id == 1 || id == 2 ? "t" : id >= 4 ? "u" : "";
            row.created = now_;
            if (id == 3) row.expires = now_ + Duration(25);
            seen_[id] = {row};
            outbox_.put(row);
        }
    }

    /// Empty: the rules hold.
    std::string apply(Call const& call) {
        bad_.clear();
        switch (call.kind) {
        case Call::Kind::take:
            take();
            break;
        case Call::Kind::answer:
            answer(static_cast<delivery::Id>(call.which), call.outcome);
            break;
        case Call::Kind::wait:
            now_ += Duration(3);
            break;
        case Call::Kind::jump:
            if (auto at = outbox_.next(now_)) now_ = *at;
            break;
        case Call::Kind::lost:
            lost();
            break;
        case Call::Kind::pause:
            is_paused_ = !is_paused_;
            outbox_.pause("a", is_paused_);
            break;
        case Call::Kind::retry:
            retry(static_cast<delivery::Id>(call.which));
            break;
        case Call::Kind::drop:
            note(outbox_.drop(static_cast<delivery::Id>(call.which), "dropped", now_));
            break;
        case Call::Kind::crash:
            crash();
            break;
        }
        check_rows();
        return bad_;
    }

    /// What tells this situation from another.
    std::string key() const {
        auto relative = [&](WallTime at) {
            return at == WallTime{} ? "-" : std::to_string((at - now_).count());
        };
        std::string key;
        for (auto const& [id, one] : seen_)
            key += std::string(delivery::name(one.row.state)) + std::to_string(one.row.attempts) +
                   relative(one.row.not_before) + (one.may_have_arrived ? "!" : ".") +
                   outbox_.why(id, now_).value_or("");
        for (auto name : {"a", "b"}) {
            auto standing = outbox_.standing(name);
            key += "/" + std::to_string(standing.failures) + standing.trouble +
                   relative(standing.held_until.value_or(WallTime{}));
        }
        return key + relative(outbox_.next(now_).value_or(WallTime{})) +
               relative(seen_.at(1).row.created) + (is_paused_ ? "p" : "");
    }

    bool means_something(Call const& call) const {
        if (call.which == 0) return true;
        auto state = seen_.at(static_cast<delivery::Id>(call.which)).row.state;
        return call.kind == Call::Kind::answer ? state == State::sending : state == State::waiting;
    }

    /// Just before next() take() must give nothing, and at it something.
    bool next_gives(bool at_it) {
        auto at = outbox_.next(now_);
        if (!at) return true;
        std::vector<Change> changes;
        auto sends = outbox_.take(at_it ? *at : *at - Duration(1), changes);
        return (sends.empty() && changes.empty()) != at_it;
    }

private:
    void set_channels() {
        Limits limits{.rate = {3, Duration(10)}, .at_once = 2};
        limits.first_wait = Duration(4);
        limits.longest_wait = Duration(8);
        limits.jitter_percent = 0;
        limits.give_up = Duration(40);
        outbox_.set_channel("a", limits);
        limits.rate = {};
        limits.can_repeat = true;
        outbox_.set_channel("b", limits);
    }

    void require(bool holds, char const* rule, delivery::Id id) {
        if (!holds && bad_.empty()) bad_ = std::string(rule) + ": " + std::to_string(id);
    }

    void note(std::optional<Change> const& change) {
        if (!change) return;
        auto& row = seen_.at(change->id).row;
        require(!delivery::is_end(row.state), "it had ended", change->id);
        require(change->attempts == row.attempts, "attempts", change->id);
        row.state = change->state;
        row.not_before = change->not_before;
    }

    void take() {
        std::vector<Change> changes;
        auto sends = outbox_.take(now_, changes);
        for (auto const& change : changes) note(change);
        for (auto const& send : sends) note(send);
        for (auto name : {"a", "b"})
            require(outbox_.standing(name).sending <= 2, "more than at once", 0);
        std::vector<Change> more;
        require(outbox_.take(now_, more).empty() && more.empty(), "take gives more at once", 0);
        check_nobody_waits_for_another_channel();
    }

    void note(Send const& send) {
        auto& one = seen_.at(send.id);
        require(one.row.state == State::waiting, "sent though not waiting", send.id);
        require(one.row.not_before <= now_, "sent before its time", send.id);
        require(send.attempt == one.row.attempts + 1, "the attempt's number", send.id);
        require(!one.may_have_arrived || one.row.channel == "b", "sent twice", send.id);
        require(!(one.row.channel == "a" && is_paused_), "sent though paused", send.id);
        for (auto const& [id, other] : seen_)
            if (id < send.id && !one.row.thread.empty() && other.row.thread == one.row.thread &&
                other.row.channel == one.row.channel)
                require(delivery::is_end(other.row.state), "before its turn", send.id);
        one.row.state = State::sending;
        one.row.attempts = send.attempt;
    }

    void answer(delivery::Id id, Outcome outcome) {
        auto& one = seen_.at(id);
        delivery::Answer answer{.id = id, .attempt = one.row.attempts, .outcome = outcome};
        answer.words = delivery::name(outcome);
        if (outcome == Outcome::limited) answer.retry_after = Duration(6);
        if (outcome == Outcome::sent || outcome == Outcome::unsure) one.may_have_arrived = true;
        auto stale = answer;
        stale.attempt--;
        require(!outbox_.answered(stale, now_), "an answer of another attempt counts", id);
        auto change = outbox_.answered(answer, now_);
        require(change.has_value(), "the answer is lost", id);
        note(change);
        require(!outbox_.answered(answer, now_), "an answer counts twice", id);
    }

    void retry(delivery::Id id) {
        auto change = outbox_.retry(id, now_);
        note(change);
        if (!change) return;
        for (auto& [other, one] : seen_)  // those before it need not wait any more either
            if (other < id && !one.row.thread.empty() &&
                one.row.thread == seen_.at(id).row.thread && one.row.state == State::waiting)
                one.row.not_before = std::min(one.row.not_before, now_);
    }

    void lost() {
        for (auto& [id, one] : seen_)
            if (one.row.state == State::sending) one.may_have_arrived = true;
        for (auto const& change : outbox_.sender_lost(now_)) note(change);
        for (auto& [id, one] : seen_)
            require(one.row.state != State::sending, "sending without a sender", id);
    }

    void crash() {
        outbox_ = Outbox(1);
        set_channels();
        outbox_.pause("a", is_paused_);
        for (auto const& [id, one] : seen_) outbox_.put(one.row);
    }

    void check_rows() {
        std::size_t live = 0;
        for (auto const& [id, one] : seen_) {
            live += !delivery::is_end(one.row.state);
            require(outbox_.why(id, now_).has_value() != delivery::is_end(one.row.state),
                    "it is here if and only if it has not ended", id);
        }
        require(live == outbox_.size(), "size", live);
    }

    /// Whatever channel a is in: of b something is under way when anything could be.
    void check_nobody_waits_for_another_channel() {
        auto standing = outbox_.standing("b");
        if (standing.held_until || standing.sending > 0) return;
        for (auto const& [id, one] : seen_)
            if (one.row.channel == "b" && one.row.state == State::waiting) {
                require(one.row.not_before > now_, "it waits without a reason", id);
                return;  // those behind it wait for it
            }
    }

    Outbox outbox_{1};
    WallTime now_{Duration(1'000'000)};
    std::map<delivery::Id, Seen> seen_;
    bool is_paused_ = false;
    std::string bad_;
};

std::string story(std::vector<Call> const& path) {
    constexpr char const* names[] = {"take",  "answer", "wait", "jump", "lost",
                                     "pause", "retry",  "drop", "crash"};
    std::string all;
    for (auto const& call : path)
        all += std::string(" ") + names[static_cast<int>(call.kind)] +
               (call.which ? std::to_string(call.which) : "") +
               (call.kind == Call::Kind::answer ? std::string(delivery::name(call.outcome)) : "");
    return all;
}

std::string replay(World& world, std::vector<Call> const& path) {
    std::string bad;
    for (auto const& call : path) bad = world.apply(call);
    return bad;
}

/// Right before next() there is nothing, at it there is something.
std::string check_next(std::vector<Call> const& path) {
    for (int early : {1, 0}) {
        World world;
        replay(world, path);
        auto bad = world.apply({Call::Kind::take});
        if (!bad.empty()) return bad;
        if (!world.next_gives(early == 0)) return early ? "next() is late" : "next() is early";
    }
    return "";
}

}  // namespace

TEST_CASE("whatever happens, in any order, each delivery goes out once, in order, or has its end") {
    auto const calls = all_calls();
    std::unordered_set<std::string> met;
    std::deque<std::vector<Call>> open{{}};
    std::size_t tried = 0;
    std::string bad;
    for (; !open.empty() && bad.empty(); open.pop_front()) {
        World here;
        replay(here, open.front());
        for (auto const& call : calls) {
            if (!here.means_something(call)) continue;
            auto path = open.front();
            path.push_back(call);
            World world;
            bad = replay(world, path);
            tried++;
            if (bad.empty() && !met.insert(world.key()).second) continue;
            if (bad.empty()) bad = check_next(path);
            if (!bad.empty()) {
                bad += " after" + story(path);
                break;
            }
            if (path.size() < 5) open.push_back(std::move(path));
        }
    }
    MESSAGE(met.size() << " situations, " << tried << " calls");
    CHECK(bad == "");
    CHECK(met.size() > 1'000);
}
