// daemon/sender.h: the lares-deliver process: started when messages wait, fed with orders, ended
// when nothing has to go out for a while.
//
// It holds the network libraries so that the daemon does not (DESIGN, decision 10). It writes each
// answer to the receipts file before it says it: what it had sent when either of us died is known
// from there. So one that a predecessor left is asked to end, its receipts are read, and only then
// does the next begin.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "core/delivery.h"
#include "ports/event.h"

namespace lares::daemon {

struct SenderHands {
    /// Starts the process with its standard output to that channel; none when it cannot be now.
    std::function<std::optional<ports::RunId>(ports::ChannelId out)> spawn;
    std::function<ports::ChannelId()> next_channel;
    std::function<void(ports::ChannelId)> close_channel;
    std::function<Result<>(ports::RunId, std::string_view bytes)> write;
    std::function<void(ports::RunId)> close_input;
    std::function<void(ports::RunId, int signal)> signal;
    std::function<void(delivery::Answer const&)> answer;
    /// It has gone; what it was given and did not answer may stand in the receipts.
    std::function<void(std::string const& why)> gone;
    std::function<void(std::string const& words)> warn;
};

class Sender {
public:
    explicit Sender(SenderHands hands) : hands_(std::move(hands)) {}

    /// One line, with its end.
    void give(delivery::Id, int attempt, std::string line, Instant now);
    /// True when give() would be refused for a while: it died at once, or is being ended.
    bool is_held(Instant now) const;
    /// Why nothing goes out just now: it dies, and is started again; empty: it does not.
    std::string const& trouble() const { return trouble_; }
    bool is_running() const { return run_.has_value(); }
    bool is_busy() const { return !given_.empty(); }

    bool owns(ports::RunId run) const { return run_ == run; }
    bool owns(ports::ChannelId channel) const { return out_ == channel; }
    int pid() const { return pid_; }
    void spawned(int pid) { pid_ = pid; }
    void drained(Instant now);
    void output(std::string_view bytes, Instant now);
    void ended(std::string const& how, Instant now);
    void deadline_passed(Instant now);
    std::optional<Instant> deadline() const;
    /// No new exchange is begun; those under way end. Killed after `limit`.
    void end(Instant now, Duration limit);
    void kill();

private:
    bool start(Instant now);
    void write_waiting(Instant now);
    void take_line(std::string_view line, Instant now);

    SenderHands hands_;
    std::optional<ports::RunId> run_;
    std::optional<ports::ChannelId> out_;
    int pid_ = 0;
    std::set<std::pair<delivery::Id, int>> given_;  // not answered
    std::vector<std::string> waiting_;              // not written: its input is full
    bool is_blocked_ = false, is_ending_ = false;
    std::string rest_;  // of an unfinished line
    std::optional<Instant> idle_at_, kill_at_, not_before_;
    Instant started_{};
    int deaths_ = 0;  // one after the other, without an answer
    std::int64_t answered_ = 0;
    std::string trouble_;
};

}  // namespace lares::daemon
