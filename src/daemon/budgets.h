// daemon/budgets.h: the [budget:x] of this daemon: what channels and applications spend of them.
//
// core/budget.h decides. Here each has its record in the store (a mark "budget/NAME"), which is
// written in the same commit as what the money is for: whoever is about to spend reserves, writes,
// and spends only once that is on the disk. So kill -9 at any instruction loses no reservation, and
// what a dead daemon had reserved for a message is settled with that message's receipt.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/budget.h"
#include "core/outbox.h"
#include "daemon/journal.h"
#include "daemon/main_log.h"
#include "delivery/spending.h"
#include "ports/clock.h"
#include "ports/store.h"
#include "ports/zones.h"

namespace lares::daemon {

class Budgets {
public:
    Budgets(ports::Clock& clock, ports::Zones& zones, MainLog& log, Journal& journal)
        : clock_(clock), zones_(zones), log_(log), journal_(journal) {}

    /// One that is not configured any more keeps its record, and goes on when it is there again.
    void configure(std::vector<config::BudgetSettings> const&);
    /// A mark as it was kept; `key` begins with mark_prefix.
    static constexpr std::string_view mark_prefix = "budget/";
    void load(std::string_view key, std::string const& record);

    /// Reserves for a delivery that is about to be sent; the Hold says why it may not be. A budget
    /// that is not there keeps nothing.
    std::optional<outbox::Hold> admit(std::string_view budget, std::string const& id,
                                      std::vector<deliver::Spending> const&);
    /// It was sent: what the service says it cost, else the price of what was bought, else as
    /// reserved.
    void spent(std::string_view budget, std::string const& id, std::int64_t cost_micros,
               std::optional<deliver::Spending> const& bought);
    /// It was not sent after all.
    void released(std::string_view budget, std::string const& id);

    /// By name; null: there is none.
    budget::Budget* find(std::string_view name);
    config::BudgetSettings const* settings_of(std::string_view name) const;
    /// In the order of the configuration.
    std::vector<std::string> names() const;
    budget::Budget const* find(std::string_view name) const;
    /// find() was used to change it.
    void changed(std::string_view name) { dirty_.insert(std::string(name)); }
    /// There may be more room than before.
    void free(std::string_view name) { freed_.insert(std::string(name)); }
    /// What such units cost; with the broader unit's price where there is none of its own. A budget
    /// of counts counts them. not_found: there is no price.
    Result<budget::Amount> price(std::string_view name, std::string_view unit,
                                 std::int64_t count) const;

    /// Periods and reservations end.
    void look();
    std::optional<WallTime> next() const;
    bool is_dirty() const { return !dirty_.empty(); }
    /// Records and events of what changed since the last call; names of the budgets that have more
    /// room, perhaps, than before go to `freed`.
    void write(std::vector<ports::Write>&, std::set<std::string>& freed);

private:
    struct Held {
        config::BudgetSettings settings;
        std::optional<budget::Budget> budget;
    };
    Held* held(std::string_view name);
    void write_told(std::string const& name, budget::Budget&, std::vector<ports::Write>&);

    ports::Clock& clock_;
    ports::Zones& zones_;
    MainLog& log_;
    Journal& journal_;
    std::vector<std::string> order_;
    std::map<std::string, Held, std::less<>> held_;
    std::map<std::string, std::string, std::less<>> records_;  // as they were kept
    std::set<std::string> dirty_, freed_;
};

}  // namespace lares::daemon
