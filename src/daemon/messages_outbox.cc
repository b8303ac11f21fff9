// daemon/messages_outbox.cc: deliveries: loaded, handed over, answered, let go; and what people ask
// of them.

#include <fmt/core.h>

#include <algorithm>

#include "daemon/messages.h"
#include "delivery/send.h"
#include "delivery/wire_form.h"

namespace lares::daemon {

using delivery::Delivery;
using delivery::State;

namespace {

/// Deliveries of one channel that are held at once: a channel that does not work for days leaves
/// room for the others.
constexpr std::size_t window = 2'000;
/// Messages kept from their making to their sending, all together; others are read again.
constexpr std::size_t most_message_bytes = 8u << 20;
/// Attachments of one message.
constexpr std::size_t most_files = 20;
constexpr std::size_t most_file_bytes = 20u << 20;

/// "report.pdf", whatever it was called.
std::string plain_name(std::string_view name) {
    std::string plain;
    for (char c :
         name.substr(name.find_last_of('/') == name.npos ? 0 : name.find_last_of('/') + 1)) {
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
        plain += is_plain ? c : '_';
    }
    if (plain.empty() || plain[0] == '.') plain.insert(0, "_");
    return plain.substr(0, 100);
}

std::string_view event_of(State state) {
    switch (state) {
    case State::waiting:
    case State::sending:
        return "delivery.later";
    case State::sent:
        return "delivery.sent";
    case State::failed:
        return "delivery.failed";
    case State::expired:
        return "delivery.expired";
    case State::dropped:
        return "delivery.dropped";
    case State::gathered:
        return "delivery.gathered";
    case State::unsure:
        return "delivery.unsure";
    }
    return "delivery.later";
}

}  // namespace

outbox::Limits Messages::limits_of(config::ChannelSettings const& settings) const {
    auto const& channel = settings.channel;
    return {.rate = channel.rate,
            .at_once = channel.connections,
            .first_wait = channel.first_wait,
            .longest_wait = channel.longest_wait,
            .give_up = channel.give_up,
            .can_repeat = deliver::can_repeat(channel)};
}

// ---- what is held

void Messages::load_channel(std::string const& name) {
    auto& before = windows_[name];
    if (before.is_loading || before.is_whole) return;
    before.is_loading = true;
    before.has_missed = false;
    hands_.store.read(ports::LiveDeliveries{.channel = name, .after = before.upto, .limit = window},
                      [this, name](Result<ports::Found> found) {
                          auto& state = windows_[name];
                          state.is_loading = false;
                          if (!found) return hands_.log.error("messages: " + found.error().what);
                          state.is_whole = found->deliveries.size() < window && !state.has_missed;
                          for (auto& row : found->deliveries) {
                              state.upto = std::max(state.upto, row.id);
                              hold(std::move(row), /*with_message=*/false);
                          }
                          look_at_outbox_ = true;
                      });
}

void Messages::hold(Delivery row, bool with_message) {
    if (rows_.contains(row.id)) return;
    outbox_.put(row);
    windows_[row.channel].held += 1;
    auto message = message::from_json(row.message);
    if (message)
        for (auto const& file : message->files) {
            spooled_[file.path] += 1;
            files_of_[row.id].push_back(file.path);
        }
    if (auto const* settings = settings_->find_channel(row.channel); settings && message)
        if (deliver::has_units(settings->channel.kind))
            spending_[row.id] = deliver::spending_of(settings->channel, *message);
    if (message) note_for_digest(row, *message);
    with_message = with_message && message_bytes_ + row.message.size() <= most_message_bytes;
    if (!with_message) row.message.clear();
    message_bytes_ += row.message.size();
    auto id = row.id;
    rows_.emplace(id, std::move(row));
}

/// Stores deliveries, and hands them to the outbox once they are on the disk.
void Messages::put(std::vector<Delivery> rows, Writes writes, ports::Commit::Kind kind,
                   std::function<void(Result<std::vector<delivery::Id>>)> done) {
    for (auto& row : rows) {
        auto const* channel = settings_->find_channel(row.channel);
        if (channel != nullptr && channel->digest.is_on())
            if (auto message = message::from_json(row.message))
                if (auto at = digest_time(row.channel, *message, row)) row.not_before = *at;
        writes.push_back(ports::PutDelivery{row});
    }
    hands_.store.commit({.writes = std::move(writes), .kind = kind, .may_conflict = true},
                        [this, rows = std::move(rows), done = std::move(done)](
                            Result<ports::Committed> const& committed) mutable {
                            if (!committed) {
                                if (done)
                                    done(Error{committed.error().kind, committed.error().what});
                                return;
                            }
                            now_ = hands_.clock.now();
                            std::vector<delivery::Id> ids;
                            for (auto& row : rows) {
                                auto id = row.id;
                                auto left_out = std::ranges::find(
                                    committed->conflicts, id, &std::pair<job::Id, job::Id>::first);
                                if (left_out != committed->conflicts.end()) {
                                    ids.push_back(left_out->second);
                                    continue;
                                }
                                ids.push_back(id);
                                auto& state = windows_[row.channel];
                                // While older ones lie in the store, this one waits there as well.
                                if (!state.is_whole || state.held >= window) {
                                    state.is_whole = false;
                                    state.has_missed = true;
                                    continue;
                                }
                                state.upto = std::max(state.upto, id);
                                hold(std::move(row), /*with_message=*/true);
                            }
                            look_at_outbox_ = true;
                            if (done) done(std::move(ids));
                        });
}

// ---- out

void Messages::send_due() {
    bool may = is_settled_ && !is_ending_ && !is_sending_ && !is_reading_receipts_ &&
               !sender_.is_held(now_) && !hands_.program.empty();
    if (!may) return;
    look_at_outbox_ = false;
    for (auto& [name, state] : windows_)
        if (!state.is_whole && state.held < window / 2) load_channel(name);
    std::vector<outbox::Change> changes;
    auto sends = outbox_.take(hands_.clock.wall(), changes, [this](auto id) { return admit(id); });
    Writes writes;
    write_budgets(writes);
    for (auto const& change : changes) add_change(change, writes);
    for (auto const& send : sends) {
        auto& row = rows_.at(send.id);
        row.state = State::sending;
        row.attempts = send.attempt;
        auto light = row;
        light.message.clear();
        writes.push_back(ports::SetDelivery{std::move(light)});
    }
    if (writes.empty()) return;
    is_sending_ = true;
    for (auto const& send : sends) not_given_.insert_or_assign(send.id, send.attempt);
    // Noted before it is handed over: of what is under way when we die, the receipts are asked.
    commit(std::move(writes), [this, sends = std::move(sends)](Result<> const& noted) {
        is_sending_ = false;
        look_at_outbox_ = true;
        now_ = hands_.clock.now();
        if (noted) return hand_over(sends);
        for (auto const& send : sends)
            not_given(send.id, send.attempt,
                      "that it is sent cannot be noted: " + noted.error().what);
    });
}

void Messages::hand_over(std::vector<outbox::Send> const& sends) {
    std::vector<ports::Question> questions;
    std::vector<outbox::Send> asked;
    for (auto const& send : sends) {
        auto row = rows_.find(send.id);
        if (row == rows_.end()) {
            not_given_.erase(send.id);
            continue;
        }
        if (!row->second.message.empty()) {
            give(send, row->second.message);
            continue;
        }
        questions.emplace_back(ports::DeliveriesAsked{.id = send.id, .limit = 1});
        asked.push_back(send);
    }
    if (questions.empty()) return;
    hands_.store.read_all(std::move(questions), [this, asked](Result<ports::Found> found) {
        now_ = hands_.clock.now();
        for (auto const& send : asked) {
            std::string words = found ? "" : found.error().what;
            auto row = found ? std::ranges::find(found->deliveries, send.id, &Delivery::id)
                             : std::vector<Delivery>::iterator{};
            if (found && row != found->deliveries.end()) {
                give(send, row->message);
                continue;
            }
            not_given(send.id, send.attempt, "its message cannot be read: " + words);
        }
    });
}

/// What lares-deliver was not told of has not gone out for certain.
void Messages::not_given(delivery::Id id, int attempt, std::string words) {
    not_given_.erase(id);
    answered({.id = id,
              .attempt = attempt,
              .outcome = delivery::Outcome::later,
              .words = std::move(words)});
}

void Messages::give(outbox::Send const& send, std::string const& message) {
    auto waiting = not_given_.find(send.id);
    if (waiting == not_given_.end() || waiting->second != send.attempt) return;  // judged meanwhile
    // What the next lares-deliver noted now would be removed with what the last one did:
    // sender_gone() is about to say that this was not given.
    if (is_reading_receipts_) return;
    not_given_.erase(waiting);
    auto const* channel = settings_->find_channel(send.channel);
    auto read = message::from_json(message);
    if (channel == nullptr || !read) {
        answered({.id = send.id,
                  .attempt = send.attempt,
                  .outcome = read ? delivery::Outcome::later : delivery::Outcome::refused,
                  .words = read ? "its channel is not configured any more"
                                : "its message cannot be read: " + read.error().what});
        return;
    }
    auto const& row = rows_.at(send.id);
    deliver::Order order{.id = send.id,
                         .attempt = send.attempt,
                         .key = fmt::format("lares-{}-{}", send.id, hands_.host),
                         .channel = channel->channel,
                         .message = std::move(*read),
                         .resume = row.provider};
    order.channel.refresh_token = token_of(channel->channel);
    sender_.give(send.id, send.attempt, deliver::print(order) + "\n", now_);
}

void Messages::answered(delivery::Answer const& answer) {
    look_at_outbox_ = true;
    if (answer.id == heartbeat_.under_way && answer.id != 0) {
        heartbeat_.under_way = 0;
        bool failed = answer.outcome != delivery::Outcome::sent;
        if (failed && !heartbeat_.failed)
            hands_.log.warning("heartbeat: " + answer.words + "; it is tried again");
        heartbeat_.failed = failed;
        return;
    }
    auto change = outbox_.answered(answer, hands_.clock.wall());
    if (!change) return;
    Writes writes;
    auto channel = rows_.contains(answer.id) ? rows_.at(answer.id).channel : std::string();
    if (!answer.refresh_token.empty()) keep_token(channel, answer.refresh_token);
    settle_spending(answer.id, change->state, &answer);
    add_change(*change, writes);
    write_budgets(writes);
    commit(std::move(writes));
    if (!channel.empty()) note_standing(channel);
}

/// What the outbox decided, as writes: the row, and an event of what people want to know of.
void Messages::add_change(outbox::Change const& change, Writes& writes) {
    auto found = rows_.find(change.id);
    if (found == rows_.end()) return;
    auto& row = found->second;
    row.state = change.state;
    row.attempts = change.attempts;
    row.not_before = change.not_before;
    if (!change.provider.empty()) row.provider = change.provider;
    row.words = change.words;
    bool is_over = delivery::is_end(row.state);
    if (is_over) row.ended = hands_.clock.wall();
    auto message = row.message;
    row.message.clear();
    writes.push_back(ports::SetDelivery{row});
    row.message = std::move(message);
    std::string kind(event_of(row.state));
    auto event = hands_.journal.event(
        {.kind = std::move(kind),
         .subject = fmt::format("delivery/{}", row.id),
         .cause = row.cause,
         .words = fmt::format("delivery {} by {}: {}{}{}", row.id, row.channel,
                              is_over ? delivery::name(row.state) : "tried again later",
                              row.words.empty() ? "" : ": ", row.words),
         .data = details({{"channel", row.channel}, {"provider", row.provider}},
                         {{"attempt", row.attempts}})});
    writes.push_back(ports::PutEvent{std::move(event)});
    if (!is_over) return;
    tell_delivered(row);
    let_go(row.id);
}

/// That a channel does not work is said once, and once that it works again.
void Messages::note_standing(std::string const& channel) {
    auto standing = outbox_.standing(channel);
    auto& state = windows_[channel];
    // One failure may be chance; of two in a row people want to know.
    bool has_trouble = !standing.trouble.empty() && standing.failures >= 2;
    if (has_trouble == state.had_trouble || (!has_trouble && !standing.trouble.empty())) return;
    state.had_trouble = has_trouble;
    auto words = has_trouble ? fmt::format("channel '{}' does not work: {}; {} messages wait",
                                           channel, standing.trouble, standing.waiting)
                             : fmt::format("channel '{}' works again", channel);
    hands_.log.write(has_trouble ? Level::warning : Level::info, words);
    (void)hands_.journal.note({.kind = has_trouble ? "channel.trouble" : "channel.ok",
                               .subject = "channel/" + channel,
                               .cause = hands_.journal.last_of("channel/" + channel),
                               .words = words});
}

/// Its attachments go when nobody needs them any more; of what failed they may be needed again.
void Messages::let_go(delivery::Id id) {
    auto found = rows_.find(id);
    if (found == rows_.end()) return;
    auto ended = found->second.state;
    bool may_return = ended == State::failed || ended == State::unsure;
    auto files = files_of_.extract(id);
    spending_.erase(id);
    std::vector<std::string> gone;
    if (!files.empty())
        for (auto const& path : files.mapped()) {
            auto count = spooled_.find(path);
            if (count == spooled_.end() || --count->second > 0) continue;
            spooled_.erase(count);
            if (!may_return && path.starts_with(state_directory_ + "/attachments/"))
                gone.push_back(path);
        }
    if (!gone.empty() && hands_.remove_file)
        hands_.worker.run(
            [gone, remove = hands_.remove_file] {
                for (auto const& path : gone) (void)remove(path).ok();
            },
            [] {});
    auto& state = windows_[found->second.channel];
    if (state.held > 0) state.held -= 1;
    message_bytes_ -= std::min(message_bytes_, found->second.message.size());
    rows_.erase(found);
}

void Messages::tell_delivered(Delivery const& row) {
    auto [begin, end] = waiters_.equal_range(row.id);
    std::vector<std::function<void(Result<Delivery>)>> all;
    for (auto at = begin; at != end; ++at) all.push_back(std::move(at->second));
    waiters_.erase(begin, end);
    for (auto const& each : all) each(row);
}

// ---- what people ask

void Messages::notify(control::NewMessage wanted, std::string who,
                      std::function<void(Result<std::vector<delivery::Id>>)> done) {
    if (!is_loaded_)
        return done(Error{Error::Kind::unavailable, "the database is not open; try again"});
    for (auto const& name : wanted.channels)
        if (settings_->find_channel(name) == nullptr)
            return done(Error{Error::Kind::not_found, "there is no channel '" + name + "'"});
    std::size_t bytes = 0;
    for (auto const& [name, content] : wanted.files) bytes += content.size();
    if (wanted.files.size() > most_files || bytes > most_file_bytes)
        return done(Error{Error::Kind::invalid,
                          fmt::format("at most {} files of {} MB together can go along", most_files,
                                      most_file_bytes >> 20)});
    auto first = hands_.store.next_id();
    auto spool = std::make_shared<std::vector<std::pair<std::string, std::string>>>();
    for (std::size_t i = 0; i < wanted.files.size(); ++i) {
        auto const& name = wanted.files[i].first;
        auto path =
            fmt::format("{}/attachments/{}-{}-{}", state_directory_, first, i, plain_name(name));
        wanted.message.files.push_back({.name = plain_name(name), .path = path});
        spool->emplace_back(std::move(path), std::move(wanted.files[i].second));
    }
    auto text = message::to_json(wanted.message);
    if (text.size() > message::message_bytes)
        return done(Error{Error::Kind::invalid, fmt::format("the message is larger than {} kB",
                                                            message::message_bytes >> 10)});
    std::vector<Delivery> rows;
    Writes writes;
    std::string names;
    for (auto const& name : wanted.channels) names += (names.empty() ? "" : ", ") + name;
    auto event =
        hands_.journal.event({.kind = "message.given",
                              .subject = "message/" + std::to_string(first),
                              .who = who,
                              .words = fmt::format("'{}' to {}", wanted.message.title, names)});
    for (auto const& name : wanted.channels)
        rows.push_back({.id = rows.empty() ? first : hands_.store.next_id(),
                        .channel = name,
                        .thread = wanted.thread,
                        .key = wanted.key,
                        .message = text,
                        .created = hands_.clock.wall(),
                        .not_before = wanted.not_before,
                        .expires = wanted.expires,
                        .source = wanted.source,
                        .cause = event.id});
    writes.push_back(ports::PutEvent{std::move(event)});
    auto store = [this, rows = std::move(rows), writes = std::move(writes),
                  done](Result<> const& written) mutable {
        if (!written) return done(Error{Error::Kind::io, written.error().what});
        put(std::move(rows), std::move(writes), ports::Commit::Kind::ask, std::move(done));
    };
    if (spool->empty()) return store({});
    auto result = std::make_shared<Result<>>();
    hands_.worker.run(
        [spool, result, write = hands_.write_file] {
            for (auto const& [path, content] : *spool)
                if (*result) *result = write(path, content);
        },
        [result, store = std::move(store)]() mutable { store(*result); });
}

void Messages::when_delivered(delivery::Id id, std::function<void(Result<Delivery>)> done) {
    if (rows_.contains(id)) {
        waiters_.emplace(id, std::move(done));
        return;
    }
    read_delivery(id, [this, id, done = std::move(done)](Result<Delivery> row) mutable {
        if (!row || delivery::is_end(row->state)) return done(std::move(row));
        waiters_.emplace(id, std::move(done));
    });
}

void Messages::read_delivery(delivery::Id id, std::function<void(Result<Delivery>)> then) {
    hands_.store.read(ports::DeliveriesAsked{.id = id, .limit = 1},
                      [this, id, then = std::move(then)](Result<ports::Found> found) {
                          now_ = hands_.clock.now();
                          if (!found) return then(std::move(found).error());
                          if (found->deliveries.empty())
                              return then(Error{Error::Kind::not_found,
                                                fmt::format("there is no delivery {}", id)});
                          then(std::move(found->deliveries.front()));
                      });
}

void Messages::retry_delivery(delivery::Id id, std::string who, control::Done done) {
    read_delivery(id, [this, id, who, done = std::move(done)](Result<Delivery> const& found) {
        if (!found) return done(Error{found.error().kind, found.error().what});
        auto row = *found;
        if (row.state == State::sent || row.state == State::sending)
            return done(Error{Error::Kind::conflict,
                              fmt::format("delivery {} is {}", id, delivery::name(row.state))});
        if (settings_->find_channel(row.channel) == nullptr)
            return done(Error{Error::Kind::conflict,
                              "channel '" + row.channel + "' is not configured any more"});
        if (delivery::is_end(row.state)) {
            row.state = State::waiting;
            row.ended = {};
            row.expires = {};
            hold(row, /*with_message=*/false);
            rows_.at(id).ended = {};
            rows_.at(id).expires = {};
        } else {
            hold(row, /*with_message=*/false);
        }
        auto change = outbox_.retry(id, hands_.clock.wall());
        if (!change)
            return done(
                Error{Error::Kind::conflict, fmt::format("delivery {} cannot be tried now", id)});
        Writes writes;
        add_change(*change, writes);
        writes.push_back(ports::PutEvent{
            hands_.journal.event({.kind = "operator",
                                  .subject = fmt::format("delivery/{}", id),
                                  .cause = row.cause,
                                  .who = who,
                                  .words = fmt::format("delivery {} is tried again", id)})});
        commit(std::move(writes), done);
        look_at_outbox_ = true;
    });
}

void Messages::drop_delivery(delivery::Id id, std::string who, control::Done done) {
    read_delivery(id, [this, id, who, done = std::move(done)](Result<Delivery> const& found) {
        if (!found) return done(Error{found.error().kind, found.error().what});
        auto row = *found;
        if (delivery::is_end(row.state) || row.state == State::sending)
            return done(Error{Error::Kind::conflict,
                              fmt::format("delivery {} is {}", id, delivery::name(row.state))});
        hold(row, /*with_message=*/false);
        auto change = outbox_.drop(id, "dropped by " + who, hands_.clock.wall());
        if (!change)
            return done(Error{Error::Kind::conflict, fmt::format("delivery {} is being sent", id)});
        Writes writes;
        add_change(*change, writes);
        commit(std::move(writes), done);
    });
}

std::optional<std::string> Messages::why_delivery(delivery::Id id) const {
    auto words = outbox_.why(id, hands_.clock.wall());
    if (words && rows_.contains(id) && rows_.at(id).state != State::sending && !no_sender().empty())
        return no_sender();
    return words;
}

std::string Messages::no_sender() const {
    if (!hands_.program.empty()) return sender_.trouble();
    return hands_.no_program.empty() ? "there is no lares-deliver, which sends messages"
                                     : hands_.no_program;
}

std::vector<control::ChannelInfo> Messages::channels() const {
    std::vector<control::ChannelInfo> all;
    if (settings_ == nullptr) return all;
    for (auto const& each : settings_->channels)
        all.push_back({.settings = &each,
                       .standing = outbox_.standing(each.channel.name),
                       .no_sender = no_sender()});
    return all;
}

void Messages::pause_channel(std::string name, bool is_paused, std::string who,
                             control::Done done) {
    if (settings_->find_channel(name) == nullptr)
        return done(Error{Error::Kind::not_found, "there is no channel '" + name + "'"});
    outbox_.pause(name, is_paused);
    auto mark = "messages/pause/" + name;
    Writes writes;
    if (is_paused)
        writes.push_back(ports::SetMark{mark, who});
    else
        writes.push_back(ports::DropMark{mark});
    writes.push_back(ports::PutEvent{hands_.journal.event(
        {.kind = "operator",
         .subject = "channel/" + name,
         .who = who,
         .words = fmt::format("channel '{}' {}", name, is_paused ? "is paused" : "goes on")})});
    look_at_outbox_ = true;
    commit(std::move(writes), std::move(done));
}

}  // namespace lares::daemon
