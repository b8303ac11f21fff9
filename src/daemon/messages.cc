// daemon/messages.cc: taking up what was left, the sending process, the heartbeat, and one turn.

#include "daemon/messages.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "core/alert_events.h"
#include "delivery/wire_form.h"

namespace lares::daemon {

namespace {

constexpr std::string_view left_prefix = "sender/";
constexpr std::string_view seen_mark = "messages/seen", secret_mark = "messages/secret",
                           pause_prefix = "messages/pause/", letter_mark = "messages/letter";
/// Events that are read at once while catching up.
constexpr std::size_t page = 10'000;
/// Fed events after which the mark is noted even if none of them changed anything.
constexpr std::int64_t note_every = 10'000;
/// A predecessor's sender may end its exchange within this.
constexpr Duration left_limit{60'000};
/// Under way at once, of all channels.
constexpr std::size_t most_sending = 10'000;
/// What a file of receipts may hold: some 50,000 answers.
constexpr std::size_t receipts_bytes = 32u << 20;

std::uint64_t number_of(std::string_view digits) {
    std::uint64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

}  // namespace

Messages::Messages(MessageHands hands)
    : hands_(std::move(hands)),
      outbox_(hands_.seed),
      budgets_(hands_.clock, hands_.zones, hands_.log, hands_.journal),
      alerts_(std::make_unique<alert::Alerts>(alert::Settings{})),
      sender_(sender_hands()) {}

Messages::~Messages() = default;

void Messages::configure(config::Settings const& settings) {
    now_ = hands_.clock.now();
    settings_ = &settings;
    state_directory_ = settings.daemon.state_directory;
    for (auto at = windows_.begin(); at != windows_.end();) {
        bool stays = settings.find_channel(at->first) != nullptr;
        if (!stays) outbox_.drop_channel(at->first);
        ++at;
    }
    for (auto const& each : settings.channels) {
        outbox_.set_channel(each.channel.name, limits_of(each));
        windows_[each.channel.name];
    }
    if (hands_.program.empty() && !settings.channels.empty() &&
        !std::exchange(has_told_no_program_, true))
        hands_.log.warning("no message can be sent: " + no_sender());
    budgets_.configure(settings.budgets);
    for (auto const& each : settings.channels) outbox_.lift(each.channel.name);
    look_at_letter_ = true;
    set_up_heartbeat(settings);
    look_at_routes_ = look_at_alerts_ = look_at_outbox_ = look_at_silences_ = true;
}

// ---- what a predecessor left

bool Messages::take_left(std::string_view key, text::Record const& record) {
    if (!key.starts_with(left_prefix)) return false;
    leftover_[number_of(key.substr(left_prefix.size()))] = {
        .pid = static_cast<int>(record.number("pid")),
        .start_ticks = static_cast<std::uint64_t>(record.number("start_ticks"))};
    return true;
}

void Messages::adopt_left() {
    now_ = hands_.clock.now();
    for (auto at = leftover_.begin(); at != leftover_.end();) {
        auto run = ports::RunId{at->first};
        auto adopted = hands_.processes.adopt(run, {.pid = at->second.pid,
                                                    .start_ticks = at->second.start_ticks,
                                                    .name = "lares-deliver"});
        bool is_alive = adopted == ports::Adopted::running || adopted == ports::Adopted::spawned;
        if (!is_alive) {
            hands_.memory.drop(fmt::format("{}{}", left_prefix, at->first));
            at = leftover_.erase(at);
            continue;
        }
        // What it is at ends, and is in the receipts then.
        (void)hands_.processes.signal(run, 15, ports::Target::process);
        kill_left_at_ = now_ + left_limit;
        ++at;
    }
}

// ---- the store

void Messages::store_opened() {
    if (!is_loaded_ && !is_loading_) load();
}

void Messages::load() {
    is_loading_ = true;
    load_tokens([this] { load_rows(); });
}

void Messages::load_rows() {
    auto since = hands_.clock.wall() - alerts_->remembers();
    hands_.store.read_all(
        {ports::MarksAsked{"messages/"}, ports::MarksAsked{std::string(Budgets::mark_prefix)},
         ports::AlertsAsked{.open_or_since = since}},
        [this](Result<ports::Found> found) {
            if (found) return loaded(std::move(*found));
            is_loading_ = false;
            hands_.log.error("messages: " + found.error().what);
        });
}

void Messages::loaded(ports::Found found) {
    now_ = hands_.clock.now();
    for (auto const& [key, value] : found.marks) {
        if (key == seen_mark) seen_ = noted_seen_ = number_of(value);
        if (key == secret_mark) secret_ = value;
        if (key == letter_mark) letter_done_ = WallTime(std::chrono::seconds(number_of(value)));
        if (key.starts_with(Budgets::mark_prefix)) budgets_.load(key, value);
        if (key.starts_with(pause_prefix)) outbox_.pause(key.substr(pause_prefix.size()), true);
    }
    std::map<job::Id, std::vector<alert::MemberRow>> members;
    for (auto const& each : found.members)
        members[each.alert].push_back(alert::read_member(each.record));
    for (auto const& each : found.alerts)
        alerts_->load(alert::read_alert(each.record), std::move(members[each.id]));
    Writes writes;
    if (secret_.empty()) {
        secret_ = hands_.sha256(hands_.random + std::to_string(hands_.store.next_id()));
        writes.push_back(ports::SetMark{std::string(secret_mark), secret_});
    }
    bool is_first = seen_ == 0;
    if (is_first) {  // of what happened before anybody could be told, nobody is
        seen_ = noted_seen_ = hands_.store.next_id();
        writes.push_back(ports::SetMark{std::string(seen_mark), std::to_string(seen_)});
    }
    if (!writes.empty()) commit(std::move(writes));
    if (!is_first) return catch_up();
    is_loading_ = false;
    is_loaded_ = true;
    settle_left();
}

/// What happened after the mark: noted by a predecessor, and perhaps told of to nobody.
void Messages::catch_up() {
    hands_.store.read(ports::EventsAsked{.after = seen_, .oldest_first = true, .limit = page},
                      [this](Result<ports::Found> found) {
                          if (!found) {
                              is_loading_ = false;
                              return hands_.log.error("messages: " + found.error().what);
                          }
                          for (auto const& event : found->events) {
                              if (!heard_.empty() && event.id >= heard_.front().id)
                                  fed_.insert(event.id);
                              feed(event);
                          }
                          if (found->events.size() == page) return catch_up();
                          is_loading_ = false;
                          is_loaded_ = true;
                          look_at_alerts_ = true;
                          settle_left();
                      });
}

void Messages::hear(ports::EventRow const& event) {
    if (event.id == 0 || !alert::is_of_interest(event.kind)) return;
    // Of thousands of jobs that went well a second, while nothing is open that they might end.
    if (is_loaded_ && heard_.empty() && alert::only_ends(event.kind) && !alerts_->has_problems()) {
        seen_ = std::max(seen_, event.id);
        fed_since_note_ += 1;
        return;
    }
    heard_.push_back(event);
    look_at_alerts_ = true;
}

/// What is refused (the backlog of a database that cannot be written is full) is known to the
/// receipts alone, if anywhere: they stay until the next daemon.
void Messages::commit(Writes writes, std::function<void(Result<>)> then) {
    hands_.store.commit(
        {.writes = std::move(writes), .kind = ports::Commit::Kind::must, .may_conflict = true},
        [this, then = std::move(then)](Result<ports::Committed> const& done) {
            if (!done) {
                hands_.log.error("messages: " + done.error().what);
                keeps_receipts_ = true;
            }
            if (then) then(done ? Result<>() : done.error());
        });
}

// ---- the process that sends

SenderHands Messages::sender_hands() {
    return {
        .spawn = [this](ports::ChannelId out) { return spawn(out); },
        .next_channel = [this] { return hands_.next_channel(); },
        .close_channel = [this](ports::ChannelId channel) { hands_.logs.close(channel); },
        .write = [this](
                     ports::RunId run,
                     std::string_view bytes) { return hands_.processes.write_stdin(run, bytes); },
        .close_input = [this](ports::RunId run) { hands_.processes.close_stdin(run); },
        .signal =
            [this](ports::RunId run, int signal) {
                (void)hands_.processes.signal(run, signal, ports::Target::process);
            },
        .answer = [this](delivery::Answer const& answer) { answered(answer); },
        .gone = [this](std::string const&) { sender_gone(); },
        .warn = [this](std::string const& words) { hands_.log.warning(words); },
    };
}

std::optional<ports::RunId> Messages::spawn(ports::ChannelId out) {
    if (is_ending_ || hands_.program.empty()) return std::nullopt;
    auto open = [this](ports::ChannelId channel) {
        ports::LogSpec spec;
        spec.kind = ports::LogSpec::Kind::none;
        spec.tap = true;
        hands_.logs.open(channel, std::move(spec));
    };
    open(out);
    auto run = hands_.next_run();
    ports::SpawnRequest request;
    request.argv = {hands_.program, "--receipts", receipts()};
    request.environment = hands_.environment;
    request.name = "lares-deliver";
    request.stdin_pipe = true;
    request.out = out;
    auto err = hands_.next_channel();
    open(err);
    request.err = sender_err_ = err;
    err_rest_.clear();
    err_lines_ = 0;
    // The folder is there before it: it is made for this file.
    request.files.emplace_back(state_directory_ + "/outbox/README",
                               "messages on their way; kept by Lares\n");
    text::RecordWriter record;
    hands_.memory.keep(fmt::format("{}{}", left_prefix, static_cast<std::uint64_t>(run)),
                       record.take());
    hands_.processes.spawn(run, std::move(request));
    return run;
}

bool Messages::owns(ports::RunId run) const {
    return sender_.owns(run) || leftover_.contains(static_cast<std::uint64_t>(run));
}

void Messages::on(ports::Spawned const& event) {
    if (!sender_.owns(event.run)) return;
    text::RecordWriter record;
    record.put_number("pid", event.pid);
    record.put_number("start_ticks",
                      static_cast<std::int64_t>(hands_.processes.start_ticks(event.run)));
    hands_.memory.keep(fmt::format("{}{}", left_prefix, static_cast<std::uint64_t>(event.run)),
                       record.take());
    sender_.spawned(event.pid);
}

void Messages::on(ports::SpawnFailed const& event) {
    if (!sender_.owns(event.run)) return;
    hands_.memory.drop(fmt::format("{}{}", left_prefix, static_cast<std::uint64_t>(event.run)));
    sender_.ended("cannot be started: " + event.failure.words, now_);
}

void Messages::on(ports::Exited const& event) {
    auto run = static_cast<std::uint64_t>(event.run);
    hands_.memory.drop(fmt::format("{}{}", left_prefix, run));
    if (leftover_.erase(run) > 0) {
        if (leftover_.empty()) kill_left_at_.reset();
        settle_left();
    } else if (sender_.owns(event.run)) {
        auto how = event.signal != 0 ? fmt::format("was killed by signal {}", event.signal)
                                     : fmt::format("exited with {}", event.code);
        sender_.ended(how, now_);
    }
    if (!event.status_unknown) hands_.processes.noted(event.run);
}

bool Messages::on(ports::OutputSeen const& event) {
    if (sender_err_ == event.channel) {
        log_sender(event.bytes);
        return true;
    }
    if (!sender_.owns(event.channel)) return false;
    sender_.output(event.bytes, now_);
    return true;
}

bool Messages::on_drained(ports::RunId run) {
    if (!sender_.owns(run)) return false;
    sender_.drained(now_);
    return true;
}

/// Reads what is known of messages whose sender, or daemon, died, and answers it.
void Messages::take_receipts(std::function<void()> then) {
    if (!hands_.read_tail) return then();
    auto bytes = std::make_shared<std::string>();
    is_reading_receipts_ = true;
    hands_.worker.run(
        [bytes, path = receipts(), read = hands_.read_tail] {
            if (auto all = read(path, receipts_bytes)) *bytes = std::move(*all);
        },
        [this, bytes, then = std::move(then)] {
            now_ = hands_.clock.now();
            std::string_view rest = *bytes;
            while (!rest.empty()) {
                auto end = std::min(rest.find('\n'), rest.size());
                // A torn line at the end was never said to have been sent.
                if (auto answer = deliver::parse_answer(rest.substr(0, end));
                    answer && end < rest.size())
                    answered(*answer);
                rest.remove_prefix(std::min(end + 1, rest.size()));
            }
            then();
        });
}

/// Once what they say is on the disk, and before the next lares-deliver opens them: what that wrote
/// into a file that is then removed would be read by nobody.
void Messages::forget_receipts(std::function<void()> then) {
    hands_.worker.run(
        [path = receipts(), remove = hands_.remove_file, keeps = keeps_receipts_] {
            if (remove && !keeps) (void)remove(path).ok();
        },
        [this, then = std::move(then)] {
            now_ = hands_.clock.now();
            is_reading_receipts_ = false;
            then();
        });
}

/// Nothing of its own should come there: what a library says before it ends the process.
void Messages::log_sender(std::string_view bytes) {
    constexpr int most_lines = 100;  // of one process
    constexpr std::size_t longest = 500;
    err_rest_.append(bytes.substr(0, longest * 20));
    for (auto end = err_rest_.find('\n'); end != err_rest_.npos || err_rest_.size() > longest;
         end = err_rest_.find('\n')) {
        end = std::min({end, err_rest_.size(), longest});
        if (++err_lines_ <= most_lines)
            hands_.log.warning("lares-deliver: " + err_rest_.substr(0, end));
        err_rest_.erase(0, end + (end < err_rest_.size() && err_rest_[end] == '\n' ? 1 : 0));
    }
}

void Messages::sender_gone() {
    if (!err_rest_.empty()) log_sender("\n");
    if (sender_err_) hands_.logs.close(*sender_err_);
    sender_err_.reset();
    take_receipts([this] {
        for (auto const& [id, attempt] : std::exchange(not_given_, {}))
            not_given(id, attempt, "lares-deliver ended before it was given this");
        Writes writes;
        for (auto const& change : outbox_.sender_lost(hands_.clock.wall())) {
            settle_spending(change.id, change.state, nullptr);
            add_change(change, writes);
        }
        write_budgets(writes);
        heartbeat_.under_way = 0;
        // What was answered just now must not be read as it was before.
        writes.push_back(ports::SetMark{std::string(seen_mark), std::to_string(noted_seen_)});
        commit(std::move(writes), [this](Result<> const&) {
            forget_receipts([this] {
                if (!std::exchange(is_settled_, true))
                    for (auto const& [name, window] : windows_) load_channel(name);
                look_at_outbox_ = true;
            });
        });
    });
}

/// Once nobody sends any more, what a predecessor had sending is judged, and sending begins.
void Messages::settle_left() {
    if (!is_loaded_ || !leftover_.empty() || std::exchange(is_settling_, true)) return;
    // Receipts are answered only for what the outbox holds: that is loaded first.
    hands_.store.read(
        ports::DeliveriesAsked{.state = std::string(delivery::name(delivery::State::sending)),
                               .limit = most_sending},
        [this](Result<ports::Found> found) {
            if (!found) hands_.log.error("messages: " + found.error().what);
            if (found)
                for (auto& row : found->deliveries) hold(std::move(row), /*with_message=*/false);
            sender_gone();
        });
}

words::Overrides Messages::own_words() const {
    return [this](std::string_view name, std::string_view language) -> std::optional<std::string> {
        auto found = settings_->alerts.own_words.find(fmt::format("{}.{}", name, language));
        if (found == settings_->alerts.own_words.end()) return std::nullopt;
        return found->second;
    };
}

// ---- is it there still?

void Messages::set_up_heartbeat(config::Settings const& settings) {
    if (settings.alerts.heartbeat_url.empty())
        heartbeat_.at.reset();
    else if (!heartbeat_.at)
        heartbeat_.at = now_;
}

/// A word to a watcher elsewhere, while all is well here: a daemon that hangs or cannot write says
/// nothing, and is missed.
void Messages::beat() {
    auto const& alerts = settings_->alerts;
    heartbeat_.at = now_ + alerts.heartbeat_every;
    bool is_well = hands_.store.is_open() && hands_.store.trouble().empty();
    if (!is_well || heartbeat_.under_way != 0 || sender_.is_held(now_)) return;
    deliver::Order order;
    order.id = heartbeat_.under_way = hands_.store.next_id();
    order.key = fmt::format("heartbeat-{}", order.id);
    order.channel.name = "heartbeat";
    order.channel.kind = channel::Kind::webhook;
    order.channel.shape = channel::Shape::text;
    order.channel.method = "GET";
    order.channel.url = alerts.heartbeat_url;
    order.channel.timeout = Duration(10'000);
    order.message.title = "Lares on " + hands_.host + " is well";
    sender_.give(order.id, 1, deliver::print(order) + "\n", now_);
}

// ---- a turn

void Messages::turn(Instant now) {
    now_ = now;
    if (auto at = sender_.deadline(); at && *at <= now_) {
        sender_.deadline_passed(now_);
        look_at_outbox_ = true;
    }
    if (kill_left_at_ && *kill_left_at_ <= now_) {
        kill_left_at_.reset();
        for (auto const& [run, left] : leftover_)
            (void)hands_.processes.signal(ports::RunId{run}, 9, ports::Target::process);
    }
    // By now the programs of new settings are there.
    if (std::exchange(look_at_routes_, false)) alerts_->set(alert_settings(*settings_));
    if (!is_loaded_) return;
    if (std::exchange(look_at_silences_, false) && hands_.silences)
        alerts_->set_silences(hands_.silences(), hands_.clock.wall());
    for (auto const& event : std::exchange(heard_, {}))
        if (!fed_.contains(event.id)) feed(event);
    fed_.clear();
    settle_alerts();
    if (is_settled_ && !is_reading_receipts_ && heartbeat_.at && *heartbeat_.at <= now_) beat();
    look_at_budgets();
    if (std::exchange(look_at_letter_, false)) set_up_letter();
    look_at_letter();
    look_at_digests();  // before anything of it could go out by itself
    send_due();
    if (fed_since_note_ < note_every || !is_all_noted()) return;
    fed_since_note_ = 0;
    noted_seen_ = seen_;
    commit({ports::SetMark{std::string(seen_mark), std::to_string(seen_)}});
}

std::optional<Instant> Messages::deadline() const {
    std::optional<Instant> earliest;
    auto take = [&earliest](std::optional<Instant> at) {
        if (at && (!earliest || *at < *earliest)) earliest = at;
    };
    auto take_wall = [&](std::optional<WallTime> at) {
        if (at) take(now_ + std::max(*at - hands_.clock.wall(), Duration(0)));
    };
    take(sender_.deadline());
    take(kill_left_at_);
    if (!is_loaded_ || is_ending_) return earliest;
    if (is_settled_ && !is_reading_receipts_) take(heartbeat_.at);
    take_wall(budgets_.next());
    if (is_settled_) take_wall(next_digest());
    if (is_settled_ && !is_writing_letter_) take_wall(letter_at_);
    if (look_at_letter_) take(now_);
    if (!is_composing_) take_wall(alerts_->next());
    bool can_send = is_settled_ && !is_sending_ && !is_reading_receipts_ &&
                    !hands_.program.empty() && !sender_.is_held(now_);
    if (can_send) take_wall(outbox_.next(hands_.clock.wall()));
    if (look_at_routes_) take(now_);
    bool has_work = (look_at_alerts_ && !is_composing_) || (look_at_outbox_ && can_send);
    if (has_work || !heard_.empty()) take(now_);
    return earliest;
}

void Messages::begin_end(Instant now) {
    is_ending_ = true;
    if (is_loaded_ && seen_ != noted_seen_ && is_all_noted())
        commit({ports::SetMark{std::string(seen_mark), std::to_string(seen_)}});
    sender_.end(now, Duration(10'000));
}

bool Messages::is_at_rest() const { return !sender_.is_running() && leftover_.empty(); }

void Messages::kill_everything() {
    sender_.kill();
    for (auto const& [run, left] : leftover_)
        (void)hands_.processes.signal(ports::RunId{run}, 9, ports::Target::process);
}

}  // namespace lares::daemon
