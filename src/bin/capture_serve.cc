// bin/capture_serve.cc: requests to the page, answers to the wire, files piece by piece.
//
// Two threads: the loop's has the connections, the other answers one request after the other. They
// share the queue of requests and the loop's post().

#include "capture_serve.h"

#include <fcntl.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "net/http_server.h"
#include "os/fd.h"
#include "os/loop.h"

namespace lares::capture {

namespace {

/// Of a file at once: as much waits in memory for each download.
constexpr std::size_t piece = 256u << 10;
/// Requests that wait for their turn: with 50 ms each, nobody waits longer than some seconds.
constexpr std::size_t most_waiting = 100;

class Desk : public ports::Inbox {
public:
    Desk(os::Loop& loop, PageAnswer const& answer)
        : loop_(loop),
          answer_(answer),
          wire_(net::make_http_server(loop, *this)),
          clerk_([this] { work(); }) {}
    ~Desk() override {
        {
            std::lock_guard lock(mutex_);
            is_over_ = true;
        }
        came_.notify_all();
        clerk_.join();
    }

    void push(ports::Event event) override {
        if (auto* request = std::get_if<ports::HttpRequested>(&event))
            return take(std::move(*request));
        if (auto const* drained = std::get_if<ports::StreamDrained>(&event))
            return send_piece(drained->request);
        if (auto const* closed = std::get_if<ports::HttpClosed>(&event))
            files_.erase(closed->request);
    }
    ports::Wire& wire() { return *wire_; }

private:
    void take(ports::HttpRequested request) {
        auto const id = request.request;
        {
            std::lock_guard lock(mutex_);
            if (waiting_.size() < most_waiting) {
                waiting_.push_back(std::move(request));
                return came_.notify_one();
            }
        }
        wire_->reply(id, {.status = 503,
                          .headers = {{"Retry-After", "2"}, {"Content-Type", "text/plain"}},
                          .body = "too many requests wait, try again\n"});
    }
    void work() {
        for (;;) {
            std::unique_lock lock(mutex_);
            came_.wait(lock, [this] { return is_over_ || !waiting_.empty(); });
            if (is_over_) return;
            auto request = std::move(waiting_.front());
            waiting_.pop_front();
            lock.unlock();
            auto page = std::make_shared<PageReply>(answer_(request));
            bool const is_head = request.method == "HEAD";
            loop_.post([this, id = request.request, page, is_head] { reply(id, *page, is_head); });
        }
    }
    void reply(ports::RequestId id, PageReply& page, bool is_head) {
        if (page.file.empty() || is_head) return wire_->reply(id, std::move(page.head));
        os::Fd file(::open(page.file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (file.get() < 0)
            return wire_->reply(id, {.status = 404, .headers = {}, .body = "gone\n"});
        files_.insert_or_assign(id, std::move(file));
        wire_->open_stream(id, std::move(page.head));
        send_piece(id);
    }
    void send_piece(ports::RequestId id) {
        auto found = files_.find(id);
        if (found == files_.end()) return;
        std::string bytes(piece, '\0');
        auto const got = ::read(found->second.get(), bytes.data(), bytes.size());
        if (got > 0) {
            bytes.resize(static_cast<std::size_t>(got));
            return wire_->stream_send(id, bytes);
        }
        files_.erase(found);
        wire_->end_stream(id);
    }

    os::Loop& loop_;
    PageAnswer const& answer_;
    std::map<ports::RequestId, os::Fd> files_;
    std::unique_ptr<ports::Wire> wire_;
    std::mutex mutex_;
    std::condition_variable came_;
    std::deque<ports::HttpRequested> waiting_;
    bool is_over_ = false;
    std::thread clerk_;  // the last: it begins when all is there
};

}  // namespace

Result<> serve_page(PageListen const& listen, PageAnswer const& answer, int until,
                    std::function<void(std::string const&)> const& log) {
    os::Loop loop;
    Desk desk(loop, answer);
    std::vector<std::string> notes;
    auto const heard = desk.wire().listen({.server = 0,
                                           .is_unix = false,
                                           .file = {},
                                           .host = listen.host,
                                           .port = listen.port,
                                           .certificate = listen.certificate,
                                           .key = listen.key,
                                           .client_ca = {}},
                                          notes);
    if (!heard && heard.error().kind == Error::Kind::conflict)
        return Error{Error::Kind::conflict,
                     "--listen = '" + listen.host + ":" + std::to_string(listen.port) +
                         "': another program listens there; end it, or choose another port"};
    TRY(heard);
    for (auto const& each : notes) log(each);
    log("the page is at " + std::string(listen.certificate.empty() ? "http" : "https") + "://" +
        listen.host + ":" + std::to_string(desk.wire().port_of(0)) + "/");
    loop.on_readable(until, [&] { loop.stop(); });
    loop.run();
    loop.forget(until);
    desk.wire().close_listeners();
    return {};
}

}  // namespace lares::capture
