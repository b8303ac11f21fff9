// daemon/sender.cc: orders in, answers out, and the life of the process.

#include "daemon/sender.h"

#include <algorithm>

#include "delivery/wire_form.h"

namespace lares::daemon {

namespace {

/// So long one without work stays.
constexpr Duration idle{60'000};
/// An answer is a line; a longer one is none of lares-deliver's.
constexpr std::size_t longest_line = 64u << 10;
/// Answers after which it makes room for a fresh one, so that its receipts stay small.
constexpr std::int64_t most_answers = 50'000;
/// What it is given in advance when its input is full.
constexpr std::size_t most_waiting = 1'000;
constexpr Duration first_wait{1'000}, longest_wait{60'000};
constexpr int term = 15, kill_signal = 9;

}  // namespace

bool Sender::is_held(Instant now) const {
    return is_ending_ || waiting_.size() >= most_waiting || (not_before_ && now < *not_before_);
}

bool Sender::start(Instant now) {
    auto out = hands_.next_channel();
    auto run = hands_.spawn(out);
    if (!run) {
        hands_.close_channel(out);
        return false;
    }
    run_ = run;
    out_ = out;
    pid_ = 0;
    started_ = now;
    answered_ = 0;
    is_blocked_ = is_ending_ = false;
    rest_.clear();
    return true;
}

void Sender::give(delivery::Id id, int attempt, std::string line, Instant now) {
    given_.emplace(id, attempt);
    waiting_.push_back(std::move(line));
    idle_at_.reset();
    if (!run_ && !start(now)) return ended("it cannot be started", now);
    write_waiting(now);
}

void Sender::write_waiting(Instant) {
    while (run_ && !is_blocked_ && !waiting_.empty()) {
        if (auto written = hands_.write(*run_, waiting_.front()); !written) {
            is_blocked_ = true;  // StdinDrained comes
            return;
        }
        waiting_.erase(waiting_.begin());
    }
}

void Sender::drained(Instant now) {
    is_blocked_ = false;
    write_waiting(now);
}

void Sender::output(std::string_view bytes, Instant now) {
    while (!bytes.empty()) {
        auto end = bytes.find('\n');
        rest_.append(bytes.substr(0, end));
        if (end == bytes.npos) break;
        bytes.remove_prefix(end + 1);
        take_line(std::exchange(rest_, {}), now);
    }
    if (rest_.size() <= longest_line) return;
    hands_.warn("lares-deliver wrote a line without end; it is started anew");
    rest_.clear();
    kill();
}

void Sender::take_line(std::string_view line, Instant now) {
    auto answer = deliver::parse_answer(line);
    if (!answer) return hands_.warn("lares-deliver: " + answer.error().what);
    if (given_.erase({answer->id, answer->attempt}) == 0) return;
    deaths_ = 0;
    trouble_.clear();
    not_before_.reset();
    answered_ += 1;
    hands_.answer(*answer);
    if (!given_.empty()) return;
    if (answered_ >= most_answers) return end(now, Duration(60'000));
    idle_at_ = now + idle;
}

void Sender::ended(std::string const& how, Instant now) {
    if (out_) hands_.close_channel(*out_);
    run_.reset();
    out_.reset();
    pid_ = 0;
    waiting_.clear();
    given_.clear();
    idle_at_.reset();
    kill_at_.reset();
    bool was_asked = std::exchange(is_ending_, false);
    if (!was_asked) {
        deaths_ += 1;
        auto wait = std::min(Duration(first_wait * (1 << std::min(deaths_ - 1, 6))), longest_wait);
        not_before_ = now + wait;
        auto words = "lares-deliver " + how + "; it is started again in " +
                     std::to_string(wait.count() / 1'000) + " s";
        hands_.warn(words);
        // Once may be chance, and the messages go out with the next one.
        if (deaths_ >= 2) trouble_ = words;
    }
    hands_.gone(how);
}

void Sender::deadline_passed(Instant now) {
    if (kill_at_ && *kill_at_ <= now) {
        kill_at_.reset();
        kill();
    }
    if (idle_at_ && *idle_at_ <= now) {
        idle_at_.reset();
        end(now, Duration(60'000));
    }
    if (not_before_ && *not_before_ <= now) not_before_.reset();
}

std::optional<Instant> Sender::deadline() const {
    std::optional<Instant> earliest;
    for (auto const& at : {idle_at_, kill_at_, not_before_})
        if (at && (!earliest || *at < *earliest)) earliest = at;
    return earliest;
}

void Sender::end(Instant now, Duration limit) {
    if (!run_ || is_ending_) return;
    is_ending_ = true;
    hands_.close_input(*run_);
    hands_.signal(*run_, term);
    kill_at_ = now + limit;
}

void Sender::kill() {
    if (run_) hands_.signal(*run_, kill_signal);
}

}  // namespace lares::daemon
