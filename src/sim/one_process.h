// sim/one_process.h: a world for one supervise::Process: the machine alone, without the daemon.
//
// Time is a number that jumps to the next thing due; a program is a promise to exit at some
// instant. The same behaviours and the same calls give the same history, always. For the tests of
// core; the whole daemon lives in sim/world.h.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/supervise.h"

namespace lares::sim {

/// How a program and its hooks behave in one life, from Spawn on.
struct Life {
    std::string spawn_error;              // not empty: SpawnFailed
    Duration fork_takes{0};               // from Spawn to Spawned or SpawnFailed
    Duration lives{3'600'000'000};        // from Spawned to its exit by itself
    int code = 0;                         // of that exit
    std::optional<Duration> ready_after;  // from Spawned to ReadySeen
    bool ignores_term = false;
    Duration dies_in{0};    // from a signal that ends it to its exit
    Duration told_late{0};  // from its exit to Exited: a busy loop
};

struct HookLife {
    Duration takes{0};
    bool ok = true;
    bool ignores_cancel = false;  // goes on for `takes` all the same
};

class OneProcess {
public:
    explicit OneProcess(supervise::Policy policy, std::function<Life()> program,
                        std::function<HookLife(supervise::Hook)> hook = {});

    supervise::State state() const { return process_.state; }
    supervise::Process const& process() const { return process_; }
    Instant now() const { return now_; }
    int spawned() const { return spawned_; }
    /// "1010 STARTING: try 2 of 4": the milliseconds, the state, why.
    std::vector<std::string> const& history() const { return history_; }
    /// Without the times; with signals ("signal 15"), hooks ("run pre_start") and their ends.
    std::vector<std::string> const& deeds() const { return deeds_; }
    std::set<std::pair<supervise::State, supervise::State>> const& walked() const {
        return walked_;
    }
    std::vector<supervise::Announce> const& announced() const { return announced_; }

    void feed(supervise::Event const&);
    void start() { feed(supervise::StartAsked{}); }
    void stop() { feed(supervise::StopAsked{}); }
    void restart(bool automatic = false);
    void set_policy(supervise::Policy policy) { policy_ = std::move(policy); }

    /// Lets `span` of virtual time pass, delivering what falls due in order. Checks after each
    /// event that no deadline was left behind; complaints() says what was.
    void run_for(Duration span);
    std::vector<std::string> const& complaints() const { return complaints_; }

    /// Whether a deadline is delivered before what the kernel tells at the same instant.
    void set_deadline_first(bool yes) { deadline_first_ = yes; }

private:
    std::optional<Instant> next_due() const;
    void deliver_next();
    void at(Instant when, std::function<void()> what) { due_.emplace(when, std::move(what)); }
    void perform(supervise::Action const&);
    void spawn();
    void finish_fork();
    void die(Instant when, supervise::Exited);
    void signal(supervise::Signal);
    void run_hook(supervise::Hook);
    void finish_hook(supervise::Hook, int serial, bool ok, std::string why);
    void cancel_hook(supervise::Hook);
    void announce(supervise::Announce const&);
    void complain(std::string words);

    supervise::Policy policy_;
    std::function<Life()> program_;
    std::function<HookLife(supervise::Hook)> hook_;
    supervise::Process process_;
    Instant now_{};
    Life life_;
    int spawned_ = 0;
    bool forking_ = false;
    bool deadline_first_ = false;
    std::optional<Instant> dies_at_;  // of the process alive now
    int deaths_ = 0;                  // promises made; only the last one holds
    struct HookRun {
        int serial;
        bool ignores_cancel;
    };
    std::map<supervise::Hook, HookRun> hooks_;  // under way
    int hook_serial_ = 0;
    std::multimap<Instant, std::function<void()>> due_;
    std::vector<std::string> history_, deeds_, complaints_;
    std::vector<supervise::Announce> announced_;
    std::set<std::pair<supervise::State, supervise::State>> walked_;
};

}  // namespace lares::sim
