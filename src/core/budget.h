// core/budget.h: how much may be spent in a period, and what was: a [budget:x].
//
// Pure. Whoever is about to spend reserves first, so that several at once never go beyond the
// amount together; commits what it cost in the end, or releases. A reservation of one that never
// came back runs out, and is then counted as spent: the money may be gone (`expired`). Amounts are
// millionths of a currency, or plain counts. Periods are those of the calendar in a zone: the one
// that a reservation was made in pays for it, and nothing is carried over.
//
// All of it is in one value, kept as text: the same calls on what was read back give the same. The
// daemon: step, write the record in the same commit as what the money is for, tell what `told`
// holds. Prices: spec/chat.md §2.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/zone.h"

namespace lares::budget {

/// Millionths of a currency, or a count.
using Amount = std::int64_t;

enum class Every { hour, day, month, week };  // a week begins on Monday
/// "month", as `every =` has it.
std::string_view name(Every);

/// From the beginning of a local day on, one `unit` costs that.
struct Price {
    std::string unit;      // "text", "post", "post_with_link", "sms"
    std::int64_t day = 0;  // in days since 1970, in the budget's zone; 0: always
    Amount each = 0;
    bool operator==(Price const&) const = default;
};

struct Rule {
    std::string name;
    Every every = Every::month;
    Amount most = 0;                        // of a period; 0: nothing may be spent
    std::string currency;                   // "EUR"; empty: counts
    std::vector<int> tell_at{50, 80, 100};  // percent of `most`; each is told once a period
    bool is_hard = true;                    // beyond `most`: refused; else told only
    Duration reserved_for{600'000};         // how long a reservation holds
    std::vector<Price> prices;
    bool operator==(Rule const&) const = default;
};

/// Reservations open at once: more are refused; each is a sending or a call under way.
inline constexpr std::size_t most_reservations = 10'000;
/// Remembered of those that ran out, and of the last period's.
inline constexpr std::size_t most_lapsed = 1'000;
/// What one spending may be: beyond it a sum could overflow.
inline constexpr Amount most_amount = 1'000'000'000'000'000;

struct Reservation {
    std::string id;
    Amount amount = 0;
    WallTime until{};
    bool operator==(Reservation const&) const = default;
};

struct State {
    std::int64_t period = 0;  // which: its beginning in seconds since 1970; 0: none yet
    WallTime ends{};          // the next one's beginning
    Every every = Every::month;
    Amount spent = 0;
    Amount expired = 0;       // of `spent`: reservations nobody came back for
    std::int64_t count = 0;   // of spendings
    int told = 0;             // the highest of tell_at that was told in this period
    bool is_blocked = false;  // by a person, whatever is left
    std::string blocked_words;
    std::vector<Reservation> reserved;  // of this period
    std::vector<Reservation> lapsed;    // ran out in this period; the newest
    std::vector<std::string> earlier;   // ids of the last period that nobody has come back for
    bool operator==(State const&) const = default;
};

/// What happened besides; of each a sentence for the journal.
struct Told {
    enum class What {
        threshold,  // `percent` was reached; 100 also when something is refused for want of money
        expired,    // a reservation ran out and counts as spent
        period,     // a new period began: what the last one came to
        by_hand,    // set, reset, blocked, unblocked
    } what = What::threshold;
    int percent = 0;
    std::string words;
    std::string who;  // of by_hand
    bool operator==(Told const&) const = default;
};

struct Standing {
    Amount spent = 0, reserved = 0, left = 0;  // left: never below 0
    WallTime begins{}, ends{};
    bool is_blocked = false;
    std::string words;  // "12.40 of 50.00 EUR this month, 0.30 reserved"
};

class Budget {
public:
    /// `state`: as it was kept.
    Budget(Rule, schedule::Zone, State state = {});
    /// Of a new configuration; what was spent stands. Another `every` begins a new period.
    void set(Rule, schedule::Zone);

    /// Holds that much, until commit() or release(). The same id again: the same reservation, with
    /// the amount of the last call. unavailable: not enough is left in this period, or it is
    /// blocked; the words say until when. invalid: an amount below 0 or beyond most_amount.
    Result<Unit> reserve(std::string const& id, Amount, WallTime now);
    /// What it cost: `cost`, or as reserved. Of one that ran out in this period the difference is
    /// made up; one of the last period has been paid by that. One that was never reserved is spent
    /// all the same: it has happened.
    void commit(std::string const& id, std::optional<Amount> cost, WallTime now);
    /// It was not spent after all.
    void release(std::string const& id, WallTime now);
    /// Whether commit() and release() have something to do for it: it is reserved, or ran out.
    bool knows(std::string_view id) const;
    /// Without reservation, and never refused: it has happened.
    void spend(Amount, WallTime now);

    /// A person: what has been spent in this period is so much; of the thresholds below it nothing
    /// is told.
    void set_spent(Amount, std::string const& who, std::string const& why, WallTime now);
    /// As though nothing had been spent in this period; reservations hold on. Unblocks.
    void reset(std::string const& who, std::string const& why, WallTime now);
    void block(bool is_blocked, std::string const& who, std::string const& why, WallTime now);

    /// Time has passed: periods and reservations end.
    void look(WallTime now);
    /// When look() has something to do.
    WallTime next() const;

    /// not_found: there is no price of that unit on that day.
    Result<Amount> price(std::string_view unit, std::int64_t count, WallTime now) const;
    Standing standing(WallTime now) const;
    State const& state() const { return state_; }
    /// What came up since the last call.
    std::vector<Told> take_told();

private:
    Amount reserved() const;
    std::string print(Amount) const;
    std::string refusal(Amount) const;
    void add(Amount);
    bool has_reached(int percent) const;
    int highest_reached() const;
    void begin_period(WallTime now);
    void expire(WallTime now);
    void check_thresholds(int at_least = 0);
    void tell(Told::What, std::string words, std::string who = {});

    Rule rule_;
    schedule::Zone zone_;
    State state_;
    std::vector<Told> told_;
};

/// Of the period that an instant lies in: its beginning, and the next one's. As clocks in the zone
/// show them: a day has 23 to 25 hours where clocks change, and a repeated hour is two.
struct Period {
    WallTime begins{}, ends{};
    bool operator==(Period const&) const = default;
};
Period period_at(Every, schedule::Zone const&, WallTime);

/// "12.40 EUR", "0.0065 EUR"; of counts "12".
std::string print_amount(Amount, std::string_view currency);
/// "12.40": six decimals at most; of counts none. invalid: else.
Result<Amount> parse_amount(std::string_view, std::string_view currency);

/// As lines of name=value (text/record.h). Of what cannot be read: nothing spent yet.
std::string write(State const&);
State read(std::string_view record);

}  // namespace lares::budget
