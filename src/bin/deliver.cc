// bin/deliver.cc: two threads beside the lanes: one reads orders, one writes answers.

#include "bin/deliver.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "bin/receipts.h"
#include "delivery/lanes.h"
#include "delivery/send.h"
#include "delivery/sessions.h"
#include "delivery/wire_form.h"
#include "net/client/post.h"
#include "text/json_value.h"

namespace lares::bin {

namespace {

using delivery::Answer;
using delivery::Outcome;

/// All of it or nothing more: false when the other end is gone.
bool write_all(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        ssize_t count = ::write(file, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void complain(std::string const& words) {
    write_all(STDERR_FILENO, "lares-deliver: " + words + "\n");
}

/// Blocked before the first thread, so that all of them have it so. What a fault of ours raises
/// stays as it is.
int block_signals() {
    sigset_t all, ends;
    ::sigfillset(&all);
    for (int each : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS})
        ::sigdelset(&all, each);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
    ::sigemptyset(&ends);
    for (int each : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&ends, each);
    return ::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// Writes answers down and says them, several at a time when several are ready.
class Speaker {
public:
    explicit Speaker(Receipts receipts)
        : receipts_(std::move(receipts)), thread_([this] { work(); }) {}
    ~Speaker() { finish(); }
    void say(Answer const& answer) {
        std::lock_guard guard(lock_);
        ready_ += deliver::print(answer) + "\n";
        has_work_.notify_one();
    }
    /// Returns when all was said.
    void finish() {
        if (!thread_.joinable()) return;
        {
            std::lock_guard guard(lock_);
            is_ending_ = true;
            has_work_.notify_one();
        }
        thread_.join();
    }
    /// Answers can no longer be written down. Call after finish().
    bool has_failed() const { return has_failed_; }

private:
    void work() {
        while (true) {
            std::unique_lock guard(lock_);
            has_work_.wait(guard, [&] { return is_ending_ || !ready_.empty(); });
            if (ready_.empty()) return;
            std::string lines = std::move(ready_);
            ready_.clear();
            guard.unlock();
            speak(lines);
        }
    }
    void speak(std::string const& lines) {
        auto written = receipts_.append(lines);
        // Said all the same: the daemon may live and write it down itself. But nothing new begins.
        if (!written && !has_failed_) {
            complain(written.error().what + "; ending");
            has_failed_ = true;
            ::kill(::getpid(), SIGTERM);
        }
        // When nobody hears it the receipts have it, and standard input ends too.
        if (!write_all(STDOUT_FILENO, lines)) return;
    }

    Receipts receipts_;
    std::mutex lock_;
    std::condition_variable has_work_;
    std::string ready_;
    bool is_ending_ = false, has_failed_ = false;
    std::thread thread_;
};

/// The lines of standard input, until its end or a signal.
class Lines {
public:
    explicit Lines(int signals) : signals_(signals) {}
    /// False: there are no more. A line that is too long is left out, with a complaint.
    bool next(std::string& line) {
        while (!take(line))
            if (!read_more()) return false;
        return true;
    }

    /// What came after the last line's end.
    std::string const& rest() const { return buffer_; }

private:
    bool take(std::string& line) {
        while (true) {
            auto end = buffer_.find('\n', searched_);
            searched_ = buffer_.size();
            if (end == buffer_.npos) return false;
            line.assign(buffer_, 0, end);
            buffer_.erase(0, end + 1);
            searched_ = 0;
            bool is_whole = !is_cut_;
            is_cut_ = false;
            if (is_whole) return true;
        }
    }
    bool read_more() {
        if (buffer_.size() > deliver::order_bytes) {
            if (!is_cut_)
                complain("an order of more than " + std::to_string(deliver::order_bytes) +
                         " bytes was left out");
            is_cut_ = true;
            buffer_.clear();
            searched_ = 0;
        }
        pollfd waits[] = {{STDIN_FILENO, POLLIN, 0}, {signals_, POLLIN, 0}};
        if (::poll(waits, 2, -1) < 0) return errno == EINTR;
        if (waits[1].revents != 0) return false;
        std::array<char, 64 << 10> bytes;
        ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
        if (count < 0) return errno == EINTR || errno == EAGAIN;
        buffer_.append(bytes.data(), static_cast<std::size_t>(count));
        return count > 0;
    }

    int signals_;
    std::string buffer_;
    std::size_t searched_ = 0;
    bool is_cut_ = false;
};

Answer carry_out(deliver::Order const& order, ports::Post& post, deliver::Sessions& sessions) {
    using std::chrono::floor, std::chrono::system_clock;
    deliver::Try attempt{.id = order.id,
                         .attempt = order.attempt,
                         .key = order.key,
                         .now = floor<Duration>(system_clock::now()),
                         .resume = order.resume,
                         .sessions = &sessions};
    Answer answer = deliver::send(order.channel, order.message, attempt, post);
    answer.id = order.id;
    answer.attempt = order.attempt;
    return answer;
}

/// A line that is no order: answered as far as it can be, so that a daemon does not wait for it.
std::optional<Answer> answer_to_no_order(std::string_view line, Error const& error) {
    complain("no order: " + error.what);
    auto value = text::parse_json(line, {.bytes = deliver::order_bytes});
    auto number = [&](std::string_view name) {
        auto const* member = value ? value->find(name) : nullptr;
        return member && member->integer() ? *member->integer() : 0;
    };
    if (number("id") <= 0) return {};
    return Answer{.id = static_cast<delivery::Id>(number("id")),
                  .attempt = static_cast<int>(number("attempt")),
                  .outcome = Outcome::refused,
                  .words = "lares-deliver does not understand the order: " + error.what};
}

void take_order(std::string const& line, deliver::Lanes& lanes, Speaker& speaker) {
    auto order = deliver::parse_order(line);
    if (!order) {
        if (auto answer = answer_to_no_order(line, order.error())) speaker.say(*answer);
        return;
    }
    Answer no_room{.id = order->id, .attempt = order->attempt, .outcome = Outcome::later};
    auto put = lanes.put(std::move(*order), line.size());
    if (put) return;
    no_room.words = "lares-deliver did not begin: " + put.error().what;
    speaker.say(no_room);
}

int once(Lines& lines) {
    std::string line;
    if (!lines.next(line)) line = lines.rest();
    if (line.empty()) return complain("--once: there is no order on standard input"), 1;
    auto order = deliver::parse_order(line);
    if (!order) return complain("--once: no order: " + order.error().what), 1;
    deliver::Sessions sessions;
    Answer answer = carry_out(*order, *net::make_post(), sessions);
    write_all(STDOUT_FILENO, deliver::print(answer) + "\n");
    return answer.outcome == Outcome::sent ? 0 : 1;
}

}  // namespace

int deliver(DeliverOptions const& options) {
    int signals = block_signals();
    Lines lines(signals);
    net::ClientLibrary library;
    if (options.is_once) return once(lines);
    Receipts receipts;
    if (!options.receipts.empty()) {
        auto opened = Receipts::open(options.receipts);
        if (!opened) return complain(opened.error().what), 1;
        receipts = std::move(*opened);
    }
    Speaker speaker(std::move(receipts));
    deliver::Sessions sessions;
    auto send = [&](deliver::Order const& order, ports::Post& post) {
        return carry_out(order, post, sessions);
    };
    deliver::Lanes lanes({.make_post = net::make_post,
                          .send = send,
                          .answered = [&](Answer const& answer) { speaker.say(answer); }});
    for (std::string line; lines.next(line);) take_order(line, lanes, speaker);
    lanes.finish();
    speaker.finish();
    return speaker.has_failed() ? 1 : 0;
}

}  // namespace lares::bin
