// keeper/keeper.h: the process above the daemon: holds its descriptors, starts it again.
//
// It knows nothing of programs, configuration or logs. It waits for two things, a message of the
// daemon and a signal, and never for anything else; an idle keeper does not wake.
//
// How it ends: with the daemon's exit status once a daemon that was ready has exited by itself, or
// the first one before it was; with 128 + N when signal N ended the first daemon before it was
// ready.

#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "keeper/held.h"
#include "keeper/message.h"

namespace lares::keeper {

/// How long to wait before the next start, in milliseconds, when so many daemons in a row ended
/// before they were ready: 0, 0, 100, 200, 400 ... 5000. The first death costs nothing.
int delay_after(int early_ends);

/// Makes daemons after the first one.
class Starter {
public:
    virtual ~Starter() = default;
    /// Starts one with `link` as its end of the pair.
    /// @param with_next  from the binary that was chosen last, else from the one that worked.
    /// @returns its pid, -1 when no process could be made.
    virtual int start(int link, bool with_next) = 0;
    /// The binary of the next start.
    virtual void choose_next(std::string const& path) = 0;
    /// The next one works: it is the one to come back to from now on.
    virtual void next_works() = 0;
};

class Keeper {
public:
    /// @param link    our end of the pair; the other is the daemon's.
    /// @param daemon  the pid of a child of this process.
    /// The signals CHLD TERM INT QUIT HUP USR1 USR2 are blocked, and this process is a sub-reaper
    /// or process 1.
    Keeper(Starter& starter, int link, int daemon);
    Keeper(Keeper const&) = delete;
    Keeper& operator=(Keeper const&) = delete;
    ~Keeper();

    /// Returns the exit status of this process.
    int run();

private:
    void read_signals();
    void on_signal(int number, bool from_terminal);
    void pass_on(int number);
    void look_after_daemon();
    void on_end(int code, int status);
    void plan_start();
    void start_daemon();
    void read_link();
    void say(Kind kind, std::string_view body);
    template <class T>
    void say_value(Kind kind, T const& value) {
        say(kind, {reinterpret_cast<char const*>(&value), sizeof value});
    }
    void say_what_waits();
    void close_link();
    void on_message(Message& message);
    void on_keep(Message& message);
    void on_hello();
    void give();
    void peek(int pid);
    void reap(int pid);
    void offer_orphans();
    void on_ready();

    Starter& starter_;
    Held held_;
    int link_;
    int daemon_;   // 0: none lives
    int signals_;  // signalfd
    int first_refused_;
    bool ready_ = false, was_ever_ready_ = false;
    bool has_next_ = false;   // a binary was chosen and has not shown yet that it works
    bool runs_next_ = false;  // the daemon is of that binary
    long long ready_at_ = 0;  // milliseconds
    long long start_at_ = 0;  // no daemon lives: when the next one is due
    int early_ends_ = 0;      // in a row
    int deaths_ = 0;
    int offered_ = 0;              // the orphan that the daemon was asked about
    std::vector<int> remembered_;  // that asked for the end: each daemon that is ready gets them
    /// Answers that the daemon has not read yet: a daemon that asks a thousand things in one go
    /// reads the answers after that. At most one for each thing asked.
    std::deque<std::pair<Kind, std::string>> unsaid_;
    bool giving_ = false;  // a hello is being answered
    std::vector<std::string> give_names_;
    std::size_t given_ = 0;
    int status_ = -1;  // of our own end
};

}  // namespace lares::keeper
