// os/keeper_link.h: the daemon's end of the pair to the keeper above it (docs/formats/keeper.md).
//
// Holding and letting go are single datagrams that wait for no answer, and so may be called by any
// thread; answers come on the loop's thread, after start(). When the keeper is gone the daemon goes
// on: everything here then does nothing.

#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "keeper/message.h"
#include "os/fd_store.h"
#include "os/loop.h"

namespace lares::os {

class KeeperLink final : public FdStore {
public:
    /// Of the first daemon, for which the keeper holds nothing yet.
    explicit KeeperLink(Fd link);
    KeeperLink(KeeperLink const&) = delete;
    KeeperLink& operator=(KeeperLink const&) = delete;

    /// For a daemon that a keeper started: asks what a predecessor left and waits for it, some
    /// milliseconds. unavailable: the keeper does not answer.
    Result<> greet();

    bool is_successor() const override { return is_successor_; }
    Result<> keep(std::string const& name, int fd) override;
    void drop(std::string const& name) override;
    Fd take(std::string const& name) override;
    std::vector<std::string> untaken(std::string const& prefix) const override;

    struct Told {
        /// A child of the keeper has ended: a run of a predecessor's, or an orphan to be reaped.
        std::function<void(int pid)> ended_child;
        /// In words, for the log: the keeper is gone, or it could not keep something.
        std::function<void(std::string words)> trouble;
    };
    /// Listens on the loop until stop().
    void start(Loop& loop, Told told);
    void stop();

    /// How a child of the keeper's ended; `tell` is called on the loop's thread, with
    /// found = 0 when nobody knows any more.
    void peek(int pid, std::function<void(keeper::State const&)> tell);
    /// Its end is noted, or nobody's.
    void reap(int pid);
    /// The binary of the next daemon.
    Result<> choose_next(std::string const& path);
    /// Clients are answered: this daemon, and its binary, work.
    void ready();
    /// No keeper is above us any more.
    bool is_lost() const { return is_lost_; }

private:
    template <class Send>
    Result<> insist(Send const& send);
    void read();
    void on_message(keeper::Message& message);
    void lose(std::string words);
    bool take_over(keeper::Message& message);

    Fd link_;
    Loop* loop_ = nullptr;
    Told told_;
    bool is_successor_ = false;
    std::atomic<bool> is_lost_{false};
    mutable std::mutex mutex_;        // of the next one: the log thread takes, too
    std::map<std::string, Fd> left_;  // by a predecessor
    std::unordered_multimap<int, std::function<void(keeper::State const&)>> peeking_;
};

}  // namespace lares::os
