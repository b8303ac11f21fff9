// os/keeper_link.cc: datagrams to the keeper, and its answers.

#include "os/keeper_link.h"

#include <poll.h>

#include <cerrno>
#include <utility>

#include "base/check.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

using keeper::Kind;

/// A keeper answers within microseconds; one that takes so long is stopped, or not ours.
constexpr int patience_milliseconds = 5'000;
constexpr int messages_at_once = 256;

bool wait_until(int link, short what) {
    pollfd watched{link, what, 0};
    int found;
    while ((found = ::poll(&watched, 1, patience_milliseconds)) < 0 && errno == EINTR) {
    }
    return found > 0;
}

Error no_answer() {
    return {Error::Kind::unavailable, "the keeper does not answer for " +
                                          std::to_string(patience_milliseconds / 1000) + " s"};
}

}  // namespace

KeeperLink::KeeperLink(Fd link) : link_(std::move(link)) { CHECK(link_); }

Result<> KeeperLink::greet() {
    TRY(insist(
        [&] { return keeper::send_value(link_.get(), Kind::hello, keeper::protocol_version); }));
    keeper::Message message;
    while (true) {
        auto received = keeper::receive(link_.get(), message);
        if (received == keeper::Received::closed)
            return Error{Error::Kind::unavailable, "the keeper is gone"};
        if (received == keeper::Received::nothing && !wait_until(link_.get(), POLLIN))
            return no_answer();
        if (received == keeper::Received::message && take_over(message)) return {};
    }
}

/// True at the end of the hand-over.
bool KeeperLink::take_over(keeper::Message& message) {
    std::size_t begin = 0;
    for (int number : message.descriptors) {
        Fd fd(number);
        std::size_t end = message.body.find('\0', begin);
        if (message.kind != Kind::held || end == std::string::npos) continue;
        left_[message.body.substr(begin, end - begin)] = std::move(fd);
        begin = end + 1;
    }
    if (message.kind != Kind::welcome) return false;
    keeper::Welcome welcome{};
    is_successor_ = keeper::read_value(message, welcome) && welcome.deaths > 0;
    return true;
}

/// Sends, waiting only when the keeper is behind by some hundred messages.
template <class Send>
Result<> KeeperLink::insist(Send const& send) {
    if (is_lost_) return {};
    while (!send()) {
        int error = errno;
        if (error == EPIPE || error == ECONNRESET || error == ENOTCONN) {
            is_lost_ = true;  // read() finds the same, and says so
            return {};
        }
        if (error != EAGAIN) return system_error("give something to the keeper", {}, error);
        if (!wait_until(link_.get(), POLLOUT)) {
            is_lost_ = true;
            return no_answer();
        }
    }
    return {};
}

Result<> KeeperLink::keep(std::string const& name, int fd) {
    CHECK(!name.empty() && name.size() <= keeper::name_bytes);
    return insist([&] { return keeper::send(link_.get(), Kind::keep, name, &fd, 1); });
}

void KeeperLink::drop(std::string const& name) {
    // A keeper that does not take it is lost, which is told elsewhere.
    (void)insist([&] { return keeper::send(link_.get(), Kind::drop, name); });
}

Fd KeeperLink::take(std::string const& name) {
    std::lock_guard lock(mutex_);
    auto found = left_.extract(name);
    return found ? std::move(found.mapped()) : Fd();
}

std::vector<std::string> KeeperLink::untaken(std::string const& prefix) const {
    std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (auto at = left_.lower_bound(prefix); at != left_.end() && at->first.starts_with(prefix);
         ++at)
        names.push_back(at->first);
    return names;
}

void KeeperLink::start(Loop& loop, Told told) {
    loop_ = &loop;
    told_ = std::move(told);
    loop.on_readable(link_.get(), [this] { read(); });
}

void KeeperLink::stop() {
    if (loop_ != nullptr) loop_->forget(link_.get());
    loop_ = nullptr;
    told_ = {};
}

void KeeperLink::read() {
    keeper::Message message;
    for (int i = 0; i < messages_at_once; i++) {
        auto received = keeper::receive(link_.get(), message);
        if (received == keeper::Received::nothing) return;
        if (received == keeper::Received::closed)
            return lose(
                "the keeper is gone: from now on the daemon's own death stops its programs' "
                "output, and nobody starts it again");
        on_message(message);
        for (int number : message.descriptors) Fd closes(number);
    }
}

void KeeperLink::lose(std::string words) {
    is_lost_ = true;
    loop_->forget(link_.get());
    if (told_.trouble) told_.trouble(std::move(words));
    auto waiting = std::exchange(peeking_, {});
    for (auto& [pid, tell] : waiting) tell(keeper::State{pid, 0, 0, 0, 0, 0});
}

void KeeperLink::on_message(keeper::Message& message) {
    int pid = 0;
    if (message.kind == Kind::orphan && keeper::read_value(message, pid)) {
        if (told_.ended_child) told_.ended_child(pid);
        return;
    }
    if (message.kind == Kind::refused && told_.trouble)
        return told_.trouble("the keeper could not hold '" + message.body +
                             "': it is not there any more when the daemon dies");
    keeper::State state{};
    if (message.kind != Kind::state || !keeper::read_value(message, state)) return;
    auto asked = peeking_.extract(state.pid);
    if (asked) asked.mapped()(state);
}

void KeeperLink::peek(int pid, std::function<void(keeper::State const&)> tell) {
    peeking_.emplace(pid, std::move(tell));
    (void)insist([&] { return keeper::send_value(link_.get(), Kind::peek, pid); });
}

void KeeperLink::reap(int pid) {
    (void)insist([&] { return keeper::send_value(link_.get(), Kind::reap, pid); });
}

Result<> KeeperLink::choose_next(std::string const& path) {
    if (path.size() > keeper::body_bytes)
        return Error{Error::Kind::invalid, "the path is too long"};
    return insist([&] { return keeper::send(link_.get(), Kind::next, path); });
}

void KeeperLink::ready() {
    (void)insist([&] { return keeper::send(link_.get(), Kind::ready, {}); });
}

}  // namespace lares::os
