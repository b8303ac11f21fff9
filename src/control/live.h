// control/live.h: /api/v1/stream: what changes, sent to whoever looks, as server-sent events.
//
// Viewers cost little and hold nothing up: states are told as they are when a viewer can take them
// (control/live_board.h), logs are read once for all who follow them, and of what comes faster than
// it is taken a part is left out, with a word about it (`gap`). Everything is gathered in a turn
// and sent at its end. Without a viewer nothing is done at all.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "control/house.h"
#include "control/live_board.h"
#include "control/log_stream.h"
#include "control/operation.h"
#include "control/usage_meter.h"
#include "ports/store.h"
#include "ports/wire.h"
#include "text/query.h"

namespace lares::control {

/// A page has one stream; a proxy may bring many viewers from one address.
inline constexpr std::size_t most_viewers = 500;
inline constexpr std::size_t most_topics = 20;
/// What waits for one viewer beside what the wire has.
inline constexpr std::size_t viewer_bytes = 128u << 10;

class Live {
public:
    Live(House& house, ports::Wire& wire, UsageMeter& usage)
        : house_(house), wire_(wire), usage_(usage) {}
    Live(Live const&) = delete;
    Live& operator=(Live const&) = delete;

    /// Answers with a stream, or with a problem.
    void open(ports::HttpRequested const&, text::Fields const& query, Caller const&);
    /// The sessions of an account or token were ended ("": of all): so are its streams. Who may
    /// still look comes again, and is judged anew.
    void login_ended(std::string_view name);
    void closed(ports::RequestId);
    void drained(ports::RequestId);

    /// A state of some program changed, or which there are.
    void programs_changed() { programs_dirty_ = true; }
    void logs_changed();
    /// An event of the journal, before it is on the disk.
    void event_seen(ports::EventRow const&);

    void end_turn(Instant now);
    /// When it wants another turn; none: only when something happens.
    std::optional<Instant> deadline() const;

    std::size_t viewer_count() const { return viewers_.size(); }
    std::uint64_t gaps() const { return gaps_; }
    std::uint64_t dropped() const { return dropped_; }

private:
    enum Topic { programs, tasks, folders, running, boards };  // those with a board
    struct LogTopic {
        std::string key;         // of followers_
        std::uint64_t from = 0;  // bytes before are not told again
        bool has_begun = false;
    };
    struct RunTopic {
        std::uint64_t run = 0;
        std::string path;
        std::int64_t offset = 0;
        bool is_known = false, is_reading = false, has_ended = false, is_over = false;
        Instant next{};
    };
    struct Viewer {
        bool wants[boards] = {};
        std::uint64_t seen[boards] = {};
        bool wants_events = false, wants_usage = false, wants_work = false;
        std::uint64_t last_event = 0;
        bool is_catching_up = false, is_reading = false;
        std::vector<LogTopic> logs;
        std::vector<RunTopic> runs;
        bool has_one_topic = false;  // then ids are offsets
        std::optional<std::uint64_t> from;
        std::string pending;
        std::map<std::string, std::uint64_t> gaps;  // topic: how much
        bool is_sending = false;
        Instant since{};   // that it is sending
        std::string who;   // his account or token; empty: nobody's
        WallTime until{};  // when his login is over; epoch: never
    };
    struct Follower {
        LogName name;
        Log log;
        Following following;
        bool has_begun = false;  // somebody's first reading told where the log ends
        bool is_reading = false, wants = false;
        Instant next{};
    };
    using Viewers = std::map<ports::RequestId, Viewer>;

    // live.cc
    std::string add_topics(Viewer&, std::string_view topics);
    std::string add_log(Viewer&, std::string_view topic, LogName);
    void begin(Viewer&);
    void push(Viewer&, std::string const& topic, std::string_view frame, std::uint64_t weight);
    void push_all(bool Viewer::* wants, std::string const& topic, std::string_view frame);
    void pump_some();
    std::size_t pump(ports::RequestId, Viewer&);
    void let_go(std::vector<ports::RequestId> const&);
    void drop_stalled();
    void keep_alive();
    bool any(Topic) const;
    Viewer* find(ports::RequestId);
    void wish(Instant at);

    // live_states.cc
    void scan();
    void scan_programs();
    void scan_tasks();
    void scan_folders();
    void scan_running();
    void measure();
    void tell_daemon();

    // live_events.cc
    void read_events();
    void take_events(std::vector<ports::EventRow> const&);
    void catch_up();
    void take_history(ports::RequestId, std::vector<ports::EventRow> const&, bool is_all,
                      std::uint64_t broadcasts);

    // live_logs.cc
    void begin_log(ports::RequestId, std::string const& key);
    void read_logs();
    void take_log(std::string const& key, ports::LogRead const&);
    void tell_log(std::string const& key, std::int64_t begin, std::int64_t next,
                  std::string_view text);
    void skip_ahead(std::string const& key, Follower&, ports::LogRead const&);
    void watch(ports::ChannelId);
    void drop_idle_followers();
    void follow_runs();
    void locate_run(ports::RequestId, RunTopic&);
    void read_run(ports::RequestId, RunTopic&);
    RunTopic* find_run(ports::RequestId, std::uint64_t run);
    bool is_running(std::uint64_t run) const;

    House& house_;
    ports::Wire& wire_;
    UsageMeter& usage_;
    Viewers viewers_;
    ports::RequestId pump_next_{};  // whose turn it is to be sent something
    Instant now_{};
    std::optional<Instant> wish_;
    Board boards_[boards];
    bool primed_[boards] = {};  // the board knows what there is
    void end_scan(Topic);
    bool programs_dirty_ = true, tasks_dirty_ = true;
    Instant next_programs_{}, next_tasks_{}, next_folders_{}, next_running_{}, next_usage_{};
    Instant next_alive_{};
    bool is_measuring_ = false;
    std::string last_work_;
    DaemonState last_state_ = DaemonState::running;
    // events
    std::map<std::uint64_t, Instant> expected_;  // seen, not known to be on the disk
    std::vector<std::uint64_t> fresh_;           // heard of in this turn
    std::set<std::uint64_t> told_;
    std::uint64_t newest_event_ = 0, broadcasts_ = 0;
    bool is_reading_events_ = false;
    Instant next_events_{};
    Duration events_pause_{0};
    // logs
    std::map<std::string, Follower> followers_;
    std::set<ports::ChannelId> watched_;
    std::uint64_t gaps_ = 0, dropped_ = 0;
};

/// "event: NAME\ndata: JSON\n\n", with an id when it is not 0.
std::string sse_frame(std::string_view event, std::string_view json,
                      std::optional<std::uint64_t> id = {});

}  // namespace lares::control
