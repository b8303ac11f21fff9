// sim/kernel.h: virtual time, what is due in it, and the way from there to the loop.
//
// The kernel's deeds (a fork ends, a process dies) happen at their exact times; the loop hears of
// them in turns, several at once when it was busy, in an order that is not theirs. The same seed
// gives the same run, always: nothing here knows a real clock, address or thread.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "ports/event.h"

namespace lares::sim {

/// News of one lane keep their order; those of different lanes reach the loop in any.
struct Lane {
    enum class Of : std::uint64_t { run, request, probe, watch, log, worker, world };
    Of of = Of::world;
    std::uint64_t id = 0;
    auto operator<=>(Lane const&) const = default;
};

/// What the loop is told: an event for its inbox, or a callback it asked for.
using News = std::variant<ports::Event, std::function<void()>>;

class Kernel {
public:
    explicit Kernel(unsigned seed) : random_(seed) {}

    Instant time() const { return time_; }
    /// A number from 0 to below - 1.
    int pick(int below) { return static_cast<int>(random_() % static_cast<std::uint64_t>(below)); }

    /// Lets something happen at `when` (now, if that is past). Equal times keep their order.
    void at(Instant when, std::function<void()> deed);
    void after(Duration wait, std::function<void()> deed) { at(time_ + wait, std::move(deed)); }
    void tell(Lane, News);

    /// The daemon dies: what it was told and has not taken, and what it still waited for, is gone.
    void begin_life();
    /// `deed`, or nothing when the daemon that it is for has died by then.
    std::function<void()> in_this_life(std::function<void()> deed) const;

    std::optional<Instant> next_due() const;
    /// Lets everything happen that is due until `end`; then it is `end`.
    void run_until(Instant end);
    bool has_news() const { return !news_.empty(); }
    /// What was told since the last call, lanes mixed.
    std::vector<News> take_news();

    /// The number of the loop's present turn; the World counts it up.
    int turn() const { return turn_; }
    void next_turn() { ++turn_; }

    /// "1010 run 3 exited with 1": the last deeds, for the report of a failed run.
    void note(std::string words);
    std::deque<std::string> const& notes() const { return notes_; }
    /// What the daemon did that the ports do not allow. Must be empty.
    void complain(std::string words);
    std::vector<std::string> const& complaints() const { return complaints_; }

private:
    std::string stamp() const;

    std::mt19937_64 random_;
    Instant time_{};
    int turn_ = 0;
    int life_ = 0;  // of the daemon
    std::multimap<Instant, std::function<void()>> due_;
    std::vector<std::pair<Lane, News>> news_;
    std::deque<std::string> notes_;
    std::vector<std::string> complaints_;
};

}  // namespace lares::sim
