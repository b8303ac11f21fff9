// stage.h: a daemon in the simulated world, with a configuration, clients, and someone who looks.
//
// Between the daemon and the world's ports stand thin doors that let everything through and tell
// the stage what passed: what was spawned and ended, which request was answered with what. A
// status is asked as any client asks it, but with a number of its own, so that it is no exchange.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/memory_world.h"
#include "daemon/daemon.h"
#include "sim/world.h"
#include "text/xmlrpc.h"

namespace lares::runs {

/// What a run is for, read from its environment.
enum class Role { main, pre_start, post_start, pre_stop, post_stop, probe };

/// A run from the call of spawn() until the daemon was told of its end.
struct Live {
    ports::RunId run{};
    std::string who;  // "group:process"
    Role role = Role::main;
    int pid = 0;  // 0: the fork is under way
};

/// One line of lares.status.
struct Row {
    std::string who, program, why, waits_for;
    supervise::State state{};
    int pid = 0;
    std::int64_t restarts = 0;
};

struct Asked {
    ports::RequestId id{};
    std::string method, name;  // the first text among the parameters
    std::string parameters;    // JSON
    Instant at{};
    bool waits = true;  // the last parameter, when it is a boolean
    bool hung_up = false;
    std::optional<Instant> answered;
    std::string answer;  // JSON, or "fault 70: NOT_RUNNING: web"
    bool is_fault = false;
};

class Stage {
public:
    explicit Stage(std::string configuration, sim::WorldSettings settings = {});
    ~Stage();
    Stage(Stage const&) = delete;
    Stage& operator=(Stage const&) = delete;

    /// Reads the configuration and starts. False, with a complaint, when it is not sound.
    bool start();
    /// Lets time pass, as the world's functions of this name; what kills the daemon on the way is
    /// followed by the next one at once.
    bool run_until(std::function<bool()> const& done, Duration span);
    void run_for(Duration span);
    /// The daemon is killed at the `calls`th door that it goes through from now on, half of them
    /// before the world has heard of it, half of them after.
    void kill_at(int calls) { calls_left_ = calls; }
    /// Killed between the next commit of the store and its answers.
    void kill_after_commit() {
        world.store.die_after_commit([] { throw Killed{}; });
    }
    /// Between two turns; the next one is there when it returns.
    void kill_now() { revive(/*is_successor=*/true); }
    /// The keeper, too; started again by hand.
    void kill_with_keeper();
    int deaths() const { return deaths_; }
    int lost() const { return lost_; }  // main processes that died for it

    sim::World world;
    /// What read_file finds: the configuration is "/etc/lares.conf".
    config::MemoryFiles files;
    /// What the daemon sends messages by, and reads and removes files with; empty: it cannot.
    std::string deliver_program;
    std::function<Result<std::string>(std::string const& path)> read_file;
    std::function<Result<>(std::string const& path)> remove_file;

    ports::RequestId call(std::string method, text::Array params = {});
    ports::RequestId get(std::string target);
    void hang_up(ports::RequestId);
    /// The answer, or "" as long as there is none.
    std::string answer(ports::RequestId id) const { return asked_.at(id).answer; }
    std::map<ports::RequestId, Asked> const& asked() const { return asked_; }

    std::vector<Row> status();
    /// Of "web" or "group:web": "RUNNING"; "" when there is no such process.
    std::string state(std::string const& name);
    std::string daemon_state();
    std::map<ports::RunId, Live> const& live() const { return live_; }
    /// How often a process was spawned.
    int spawns(std::string const& who) const;
    /// The main log, whole.
    std::string log() const { return world.logs.text("/var/log/lares.log"); }
    bool finished() const { return finished_; }
    std::optional<Instant> closed() const { return closed_; }
    int exit_code() const { return daemon_->exit_code(); }

    /// For whoever checks; each may be empty.
    std::function<void(ports::Event const&)> on_event;
    std::function<void(Live const&)> on_spawn;
    std::function<void(Asked const&)> on_answer;
    std::function<void()> after_turn;

private:
    class Inbox;
    class Processes;
    class Wire;
    class Memory;
    struct Killed {};

    void pass();  // a door: throws Killed
    bool start_once(bool is_successor);
    void revive(bool is_successor);
    void forget_what_was_let_go();

    void note(ports::Event const&);
    text::Value ask_quietly(std::string method, text::Array params);

    config::World files_world_;
    std::unique_ptr<Inbox> inbox_;
    std::unique_ptr<Processes> processes_;
    std::unique_ptr<Wire> wire_;
    std::unique_ptr<Memory> memory_;
    std::unique_ptr<daemon::Daemon> daemon_;
    std::map<ports::RequestId, Asked> asked_;
    std::map<ports::RunId, Live> live_;
    std::map<std::string, int> spawns_;
    std::string quiet_answer_;
    bool finished_ = false;
    std::optional<Instant> closed_;
    std::string first_text_;  // of the configuration: what a successor reads
    std::string remembered_;
    int calls_left_ = 0;  // 0: nobody kills it
    int deaths_ = 0, lost_ = 0;
    bool was_termed_ = false;  // somebody wants it to end, and will say so again
};

/// The sections every configuration here begins with.
std::string configuration(std::string const& programs, std::string const& lares = "");

}  // namespace lares::runs
