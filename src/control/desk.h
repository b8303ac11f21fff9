// control/desk.h: calls under way, from being asked to being answered or forgotten.
//
// An operation may answer at once or many turns later, through callbacks of the daemon that can
// come when the asker has long gone. So a callback never holds a call's memory: it holds a Call,
// which is a number, and what is said about a number that is no longer open is dropped. The Desk
// must outlive every callback it gave away: it lives as long as the daemon and its log thread.

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "control/faults.h"
#include "control/house.h"
#include "control/operation.h"
#include "text/value.h"

namespace lares::control {

/// One call under way; never reused. 0: none.
enum class Ticket : std::uint64_t {};

/// How the entries of an array answer are sorted.
enum class EntryOrder { given, completion };

struct Backroom;

class Desk {
public:
    /// Runs `operations`, which are sorted by name. `started`: when the daemon did.
    Desk(House& house, std::span<Operation const> operations, WallTime started)
        : house_(house), operations_(operations), started_(started) {}

    /// Runs an operation by its name. `done` is called exactly once, maybe before this returns,
    /// and not at all after forget().
    /// A caller whose role does not suffice is answered FAILED, in words.
    Ticket begin(std::string_view method, text::Array parameters, std::function<void(Answer)> done,
                 Caller caller = {});
    bool is_open(Ticket ticket) const { return open_.contains(ticket); }
    /// The asker has gone: the daemon's waits for it end too.
    void forget(Ticket);
    std::size_t open_count() const { return open_.size(); }

    // What a Call says; each does nothing when the ticket is not open.
    void finish(Ticket, Answer);
    void expect(Ticket, std::size_t entries, EntryOrder);
    void put(Ticket, std::size_t key, text::Value);
    void leave_out(Ticket, std::size_t key);
    void remember(Ticket, std::size_t key, WaitId);
    void run_each(Ticket, text::Array calls);

    /// What belongs to the faces and operations ask of; null until it is given.
    void use(Backroom* backroom) { backroom_ = backroom; }
    Backroom* backroom() const { return backroom_; }
    House& house() const { return house_; }
    WallTime started() const { return started_; }
    /// Who asks; nobody when the ticket is not open.
    Caller caller(Ticket) const;

private:
    struct Open {
        std::function<void(Answer)> done;
        Caller caller;  // of a multicall: its calls are his
        std::unordered_map<std::size_t, WaitId> waits;
        text::Array entries;      // of an array answer, or the results of a multicall
        std::size_t missing = 0;  // entries not there yet
        EntryOrder order = EntryOrder::given;
        text::Array queue;       // a multicall's calls
        Ticket child{};          // the one that runs now, if it waits
        bool advancing = false;  // its loop is on the stack: it takes results by itself
        std::size_t bytes = 0;   // its answer so far, roughly
    };

    Open* find(Ticket);
    void advance(Ticket);
    void run_next(Ticket, text::Value const& call);
    void take_result(Ticket, Answer);
    void note(Operation const&, Caller const&, text::Array const& parameters);

    House& house_;
    Backroom* backroom_ = nullptr;
    std::span<Operation const> operations_;
    WallTime started_;
    std::unordered_map<Ticket, Open> open_;
    std::uint64_t last_ticket_ = 0;
};

/// One call as its operation sees it: a handle, copied into callbacks.
class Call {
public:
    Call(Desk& desk, Ticket ticket) : desk_(&desk), ticket_(ticket) {}

    House& house() const { return desk_->house(); }
    Backroom* backroom() const { return desk_->backroom(); }
    WallTime started() const { return desk_->started(); }
    Caller caller() const { return desk_->caller(ticket_); }

    void answer(text::Value value) const { desk_->finish(ticket_, std::move(value)); }
    void fail(Outcome outcome) const { desk_->finish(ticket_, std::move(outcome)); }
    void fail(Fault fault, std::string extra = {}) const { fail(Outcome{fault, std::move(extra)}); }
    /// true for a success, else the fault.
    void settle(Outcome outcome) const;

    /// The answer will be an array of so many entries; it goes out with the last put(). With none
    /// it goes out now.
    void expect(std::size_t entries, EntryOrder order) const {
        desk_->expect(ticket_, entries, order);
    }
    /// The entry of the part called `key`, below the number expected.
    void put(std::size_t key, text::Value entry) const {
        desk_->put(ticket_, key, std::move(entry));
    }
    /// There is nothing to tell of the part called `key`; only in order of completion.
    void leave_out(std::size_t key) const { desk_->leave_out(ticket_, key); }
    /// The daemon keeps a wait for the part called `key`; 0 is none.
    void remember(WaitId wait, std::size_t key = 0) const { desk_->remember(ticket_, key, wait); }
    /// Answers with the results of these calls, one after the other (system.multicall).
    void run_each(text::Array calls) const { desk_->run_each(ticket_, std::move(calls)); }

private:
    Desk* desk_;
    Ticket ticket_;
};

}  // namespace lares::control
