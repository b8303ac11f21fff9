// sim/processes.h: processes without a kernel: scripts that fork, write, ignore signals and die.
//
// A fake must be at least as slow and as unhelpful as the real thing: forks take time and may be
// refused, pids are used again soon, a signal may do nothing, an exit is heard of late.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ports/processes.h"
#include "sim/kernel.h"
#include "sim/logs.h"

namespace lares::sim {

/// A program that a script cannot describe: told what reaches it, and speaks by Processes::say()
/// and leave(). Nothing reaches it after its death; what it had put into the calendar looks whether
/// it lives.
class Program {
public:
    virtual ~Program() = default;
    virtual void begin(ports::RunId) = 0;
    virtual void take_line(std::string const& line) = 0;
    virtual void take_end_of_input() = 0;
    /// Any but KILL and those that do nothing to anybody.
    virtual void take_signal(int number) = 0;
};

/// How one spawned thing behaves, program or hook or probe.
struct Script {
    Duration fork_takes{1};
    std::optional<ports::SpawnFailure> fails;
    std::optional<Duration> lives;  // from the end of the fork; none: until a signal ends it
    int code = 0;
    int signal = 0;                       // not 0: it dies by this instead of exiting with `code`
    std::vector<int> ignores;             // signals besides KILL that do nothing
    Duration dies_in{0};                  // from a signal that ends it to its death
    std::optional<int> code_on_term;      // exits with this on TERM; none: dies of it
    std::optional<Duration> ready_after;  // Notified READY=1, when it was asked to notify
    struct Output {
        Duration after;
        std::string bytes;
        bool to_err = false;
    };
    std::vector<Output> output;
    bool reads_stdin = true;
    /// From a write on: its input is taken only then. What waits counts against
    /// limits::stdin_bytes, and its end is told by StdinDrained.
    Duration stdin_takes{0};
    struct Progress {
        Duration after;
        std::string line;
    };
    std::vector<Progress> progress;  // told when it was asked for; of those at one instant the last
    /// Answers to each whole line of its stdin, on stdout; none: says nothing.
    std::function<std::string(std::string const& line)> answers;
    std::shared_ptr<Program> program;         // of its own mind, for input and signals
    std::optional<int> code_on_end_of_input;  // exits with this when its stdin ends; none: goes on
    Duration cpu{0};
    std::int64_t peak_memory_bytes = 0, read_bytes = 0, written_bytes = 0;
};

class Processes final : public ports::Processes {
public:
    /// What the world remembers of a run, also after its end.
    struct Run {
        ports::SpawnRequest request;
        Script script;
        int pid = 0;  // 0 until the fork is done
        bool alive = false;
        std::string in;       // what it read of its stdin
        std::string waiting;  // for its stdin
        bool is_drain_awaited = false;
        bool is_in_ended = false;  // or about to, after what waits
        std::vector<int> signals;
        std::optional<Instant> spawned_at, ended_at;
        int code = 0, signal = 0;  // of its end
        bool is_decided = false;   // made, or never: its fork is not under way any more
        bool is_noted = false;     // nobody can learn of its end again
        bool is_known = true;      // to the daemon that runs now
    };

    Processes(Kernel& kernel, Logs& logs) : kernel_(kernel), logs_(logs) {}

    /// Asked at each spawn, in the order of spawns. Without one everything lives until a signal.
    void set_scripts(std::function<Script(ports::SpawnRequest const&)> scripts) {
        scripts_ = std::move(scripts);
    }
    /// No fork succeeds until then: SpawnFailure::Kind::refused.
    void refuse_forks_for(Duration span) { refused_until_ = kernel_.time() + span; }
    void set_cgroups_missing(std::string why) { cgroups_missing_ = std::move(why); }
    /// The daemon dies; a keeper holds what it had. Forks under way have been made, or never are.
    void crash();
    /// The keeper died with it: pipes and exit statuses are lost.
    void lose_keeper() { has_keeper_ = false; }
    /// Someone else's kill.
    void kill(ports::RunId, int signal);
    /// A Program's own: a write to its standard output, its exit, and whether it is there.
    void say(ports::RunId id, std::string bytes) { write(id, {Duration(0), std::move(bytes)}); }
    void leave(ports::RunId id, int code) { die(id, runs_.at(id), code, 0); }
    bool lives(ports::RunId id) const { return runs_.contains(id) && runs_.at(id).alive; }

    std::map<ports::RunId, Run> const& runs() const { return runs_; }
    std::vector<ports::RunId> alive() const;
    /// The one alive run of that command (argv[0]); complains when there are several.
    std::optional<ports::RunId> find_alive(std::string const& command) const;
    int forks() const { return forks_; }

    void spawn(ports::RunId, ports::SpawnRequest) override;
    Result<> signal(ports::RunId, int number, ports::Target) override;
    ports::Adopted adopt(ports::RunId, ports::AdoptRequest) override;
    void adoption_ended() override;
    void noted(ports::RunId) override;
    std::uint64_t start_ticks(ports::RunId) const override;
    Result<> write_stdin(ports::RunId, std::string_view bytes) override;
    void close_stdin(ports::RunId) override;
    bool finds_by_run() const override { return has_keeper_; }
    std::string cgroups_missing() const override { return cgroups_missing_; }

private:
    void finish_fork(ports::RunId);
    void make(ports::RunId, Run&);
    void tell_end(ports::RunId, Run const&);
    void play(ports::RunId, Run&);
    void write(ports::RunId, Script::Output const&);
    void play_progress(ports::RunId, Script const&);
    void read_waiting(ports::RunId);
    void take_input(ports::RunId, Run&, std::string_view bytes);
    void end_input(ports::RunId, Run&);
    void take_signal(ports::RunId, Run&, int number);
    void die_at(ports::RunId, Instant when, int code, int signal);
    void die(ports::RunId, Run&, int code, int signal);
    int free_pid();

    Kernel& kernel_;
    Logs& logs_;
    std::function<Script(ports::SpawnRequest const&)> scripts_;
    std::map<ports::RunId, Run> runs_;
    bool has_keeper_ = true;
    Instant refused_until_{};
    std::string cgroups_missing_;
    int forks_ = 0;
    int next_pid_ = 0;
};

}  // namespace lares::sim
