// daemon/messages.h: messages that reach a person: alerts made of the journal, the outbox, and the
// process that sends.
//
// Three steps, each in the store before the next begins. What happened stands in the journal;
// core/alert.h decides from it who is told what, and its rows, the deliveries and the mark up to
// which the journal was read are one commit: so no crash loses a message or makes it twice. Then
// core/outbox.h decides what goes out when; each try is noted, handed to lares-deliver, and its
// answer noted. What was handed over when a daemon died is asked of the receipts.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/settings.h"
#include "control/message_house.h"
#include "core/alert.h"
#include "core/outbox.h"
#include "daemon/budgets.h"
#include "daemon/journal.h"
#include "daemon/main_log.h"
#include "daemon/sender.h"
#include "delivery/letter_words.h"
#include "ports/clock.h"
#include "ports/logs.h"
#include "ports/memory.h"
#include "ports/processes.h"
#include "ports/store.h"
#include "ports/worker.h"
#include "ports/zones.h"
#include "text/record.h"

namespace lares::daemon {

struct MessageHands {
    ports::Clock& clock;
    ports::Processes& processes;
    ports::Logs& logs;
    ports::Memory& memory;
    ports::Worker& worker;
    ports::Store& store;
    ports::Zones& zones;
    MainLog& log;
    Journal& journal;
    std::function<ports::RunId()> next_run;
    std::function<ports::ChannelId()> next_channel;
    std::function<std::string(std::string_view bytes)> sha256;
    // On the worker; empty: there are none (the simulation).
    std::function<Result<>(std::string const& path, std::string_view bytes)> write_file;
    std::function<Result<>(std::string const& path)> remove_file;
    std::function<Result<std::string>(std::string const& path, std::size_t bytes)> read_tail;
    /// Paths that match; on the worker.
    std::function<std::vector<std::string>(std::string const& pattern)> glob;
    /// The [program:x] of "web:web_0"; empty: none is there.
    std::function<std::string(std::string_view full_name)> program_of;
    /// "web:web_0" of [program:web] or of a group.
    std::function<std::vector<std::string>(std::string_view program)> processes_of;
    /// Where a process writes what it has to say of itself; empty: nowhere.
    std::function<std::string(std::string_view full_name)> log_of;
    std::function<std::vector<alert::Silence>()> silences;
    std::vector<std::string> environment;  // "KEY=value", of lares-deliver
    std::string host;
    std::string program;     // lares-deliver; empty: nothing can be sent
    std::string no_program;  // why there is none, and what to do
    std::string random;      // bytes, for a secret of ours
    unsigned seed = 1;
};

class Messages final : public control::MessageHouse {
public:
    explicit Messages(MessageHands hands);
    ~Messages() override;

    void configure(config::Settings const&);
    bool take_left(std::string_view key, text::Record const& record);
    void adopt_left();
    /// The store can be read: alerts, deliveries, and what happened since.
    void store_opened();
    /// An event of the journal, with its number, once it is on its way to the store.
    void hear(ports::EventRow const&);
    /// The store is open, and what it has of messages is being read.
    bool is_opening() const { return is_loading_; }
    /// Attachments of deliveries that have been forgotten go; now and then.
    void sweep();
    /// What a run said is mailed, once its end and this mark are on the disk. `record`: run, cause,
    /// log, channel, to (any number), title.
    void mail_output(std::string const& mark, std::string const& record);
    void silences_changed() { look_at_silences_ = true; }

    bool owns(ports::RunId run) const;
    void on(ports::Spawned const&);
    void on(ports::SpawnFailed const&);
    void on(ports::Exited const&);
    bool on(ports::OutputSeen const&);
    bool on_drained(ports::RunId run);

    /// After the journal's events of this turn were handed to the store.
    void turn(Instant now);
    std::optional<Instant> deadline() const;
    void begin_end(Instant now);
    bool is_at_rest() const;
    void kill_everything();

    // control::MessageHouse
    void notify(control::NewMessage, std::string who,
                std::function<void(Result<std::vector<delivery::Id>>)>) override;
    void when_delivered(delivery::Id, std::function<void(Result<delivery::Delivery>)>) override;
    void retry_delivery(delivery::Id, std::string who, control::Done) override;
    void drop_delivery(delivery::Id, std::string who, control::Done) override;
    std::optional<std::string> why_delivery(delivery::Id) const override;
    std::vector<control::ChannelInfo> channels() const override;
    void pause_channel(std::string name, bool is_paused, std::string who, control::Done) override;
    std::vector<control::BudgetInfo> budgets() const override;
    void use_budget(control::BudgetUse, std::string who,
                    std::function<void(Result<control::BudgetInfo>)>) override;
    void letter(WallTime to, std::string language,
                std::function<void(Result<control::LetterText>)>) override;
    std::vector<control::AlertInfo> open_alerts() const override;
    void acknowledge(job::Id, std::string who, Duration span, control::Done) override;
    void resolve_alert(job::Id, std::string who, control::Done) override;
    bool is_acknowledge_token(job::Id, std::string_view token) const override;

private:
    using Writes = std::vector<ports::Write>;
    /// What the outbox holds of one channel, and what lies in the store still.
    struct Window {
        delivery::Id upto = 0;  // loaded; newer ones that were put since are in it as well
        bool is_whole = false;  // nothing lies in the store beyond
        bool is_loading = false;
        bool has_missed = false;  // one was put while it was being loaded, or full
        std::size_t held = 0;
        bool had_trouble = false;
    };
    struct Leftover {
        int pid = 0;
        std::uint64_t start_ticks = 0;
    };
    struct Heartbeat {
        std::optional<Instant> at;
        delivery::Id under_way = 0;
        bool failed = false;
    };
    /// One that waits for a digest, as much of it as that says.
    struct Waiting {
        WallTime due{}, created{};
        std::string title, text, link, severity;
    };
    struct Token {
        std::string configured;  // SHA-256 of the one it was got for
        std::string token;
    };
    /// Output of the alerts on its way to the store: last lines are being read.
    struct Composing {
        alert::Output output;
        job::Id seen = 0;
        std::map<job::Id, std::uint64_t> runs;        // event: run
        std::map<job::Id, std::string> paths, lines;  // event: where its log is, its last lines
    };

    // messages.cc: loading, the sender, a turn
    SenderHands sender_hands();
    std::optional<ports::RunId> spawn(ports::ChannelId out);
    void load();
    void load_rows();
    void loaded(ports::Found);
    void catch_up();
    void take_receipts(std::function<void()> then);
    void forget_receipts(std::function<void()> then);
    void sender_gone();
    void log_sender(std::string_view bytes);
    void settle_left();
    void commit(Writes, std::function<void(Result<>)> then = {});
    std::string receipts() const { return state_directory_ + "/outbox/receipts"; }
    /// What the events up to seen_ changed is on its way to the store: the mark may follow.
    bool is_all_noted() const { return !look_at_alerts_ && !is_composing_ && heard_.empty(); }
    void set_up_heartbeat(config::Settings const&);
    void beat();

    // messages_outbox.cc: deliveries
    /// From the store; not_found when there is none.
    void read_delivery(delivery::Id, std::function<void(Result<delivery::Delivery>)> then);
    void load_channel(std::string const& name);
    void hold(delivery::Delivery, bool with_message);
    void send_due();
    void hand_over(std::vector<outbox::Send> const&);
    void not_given(delivery::Id, int attempt, std::string words);
    void give(outbox::Send const&, std::string const& message);
    void answered(delivery::Answer const&);
    void add_change(outbox::Change const&, Writes&);
    void note_standing(std::string const& channel);
    /// Why nothing goes out by any channel; empty: it does.
    std::string no_sender() const;
    void let_go(delivery::Id);
    void sweep_paths(std::vector<std::string> const&);
    void tell_delivered(delivery::Delivery const&);
    outbox::Limits limits_of(config::ChannelSettings const&) const;
    void put(std::vector<delivery::Delivery>, Writes, ports::Commit::Kind,
             std::function<void(Result<std::vector<delivery::Id>>)>);

    // messages_budgets.cc: what messages and applications spend
    std::optional<outbox::Hold> admit(delivery::Id);
    void settle_spending(delivery::Id, delivery::State, delivery::Answer const*);
    void write_budgets(Writes&);
    void look_at_budgets();
    control::BudgetInfo budget_info(std::string const& name) const;
    Result<> apply(control::BudgetUse const&, std::string const& who);
    void note_use(control::BudgetUse const&, std::string const& who, Writes&);

    // messages_output.cc
    void put_output(std::string const& mark, text::Record const&, std::string bytes);

    // messages_letter.cc: the weekly letter
    void set_up_letter();
    void look_at_letter();
    void write_letter(WallTime due);
    void put_letters(WallTime due, deliver::LetterWords const&);
    words::Overrides own_words() const;
    deliver::LetterContext letter_context(std::string const& language) const;

    // messages_digest.cc: what is gathered
    /// When that one goes out with others; none: by itself.
    std::optional<WallTime> digest_time(std::string_view channel, message::Message const&,
                                        delivery::Delivery const&) const;
    void note_for_digest(delivery::Delivery const&, message::Message const&);
    void look_at_digests();
    void gather(std::string const& channel, std::vector<delivery::Id> const&);
    std::optional<WallTime> next_digest() const;

    // messages_tokens.cc: tokens that a service exchanged for new ones
    void load_tokens(std::function<void()> then);
    void keep_token(std::string const& channel, std::string const& token);
    std::string token_of(channel::Channel const&) const;

    // messages_alerts.cc: who is told
    alert::Settings alert_settings(config::Settings const&);
    std::vector<std::string> routes_of(std::string_view subject);
    std::vector<config::Notify> const& notify_of(std::string_view subject) const;
    void feed(ports::EventRow const&);
    void settle_alerts();
    void find_paths(std::shared_ptr<Composing> const&);
    void read_lines(std::shared_ptr<Composing> const&);
    void note_untold(alert::Notice const&, Writes&);
    void compose(Composing&);
    std::string acknowledge_token(job::Id) const;

    MessageHands hands_;
    Instant now_{};
    config::Settings const* settings_ = nullptr;
    std::string state_directory_;
    outbox::Outbox outbox_;
    Budgets budgets_;
    std::map<delivery::Id, int> not_given_;  // noted as sending, not yet said to lares-deliver
    std::unordered_map<delivery::Id, std::vector<deliver::Spending>> spending_;  // not of all
    std::unique_ptr<alert::Alerts> alerts_;
    Sender sender_;
    std::map<std::string, Window, std::less<>> windows_;
    std::unordered_map<delivery::Id, delivery::Delivery> rows_;  // held; mostly without message
    std::size_t message_bytes_ = 0;                              // of those that have one here
    std::map<std::string, std::size_t> spooled_;                 // attachments: deliveries held
    std::unordered_map<delivery::Id, std::vector<std::string>> files_of_;
    std::unordered_multimap<delivery::Id, std::function<void(Result<delivery::Delivery>)>> waiters_;
    std::map<std::uint64_t, Leftover> leftover_;  // by run
    std::optional<Instant> kill_left_at_;
    std::vector<ports::EventRow> heard_;     // not fed yet
    std::set<job::Id> fed_;                  // while catching up: what may be heard as well
    std::map<job::Id, std::uint64_t> runs_;  // of events lately fed
    std::map<std::string, std::size_t, std::less<>> route_index_;
    std::string secret_;
    std::vector<control::Done> acknowledging_;  // answered once it is on the disk
    std::set<std::string> unowned_;             // attachments without a delivery, at the last look
    Heartbeat heartbeat_;
    std::map<std::string, std::map<delivery::Id, Waiting>, std::less<>> digests_;  // by channel
    std::map<std::string, Token, std::less<>> tokens_;
    bool has_told_no_program_ = false;
    std::optional<ports::ChannelId> sender_err_;  // what lares-deliver says on standard error
    std::string err_rest_;
    int err_lines_ = 0;
    std::optional<WallTime> letter_at_;
    WallTime letter_done_{};  // the last one's time
    bool is_writing_letter_ = false, look_at_letter_ = true;
    job::Id seen_ = 0, noted_seen_ = 0;
    std::int64_t fed_since_note_ = 0;
    bool is_loaded_ = false, is_loading_ = false, is_settling_ = false, is_settled_ = false,
         is_ending_ = false;
    bool is_composing_ = false, is_sending_ = false, is_reading_receipts_ = false,
         keeps_receipts_ = false;
    bool look_at_alerts_ = false, look_at_outbox_ = false, look_at_silences_ = true,
         look_at_routes_ = false;
};

}  // namespace lares::daemon
