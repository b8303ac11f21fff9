// net/session.cc: one connection: bytes to requests, answers to bytes, and what may go wrong
// between.

#include "net/session.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/limits.h"

namespace lares::net {

namespace {

SteadyTime now() { return std::chrono::steady_clock::now(); }

constexpr char handshake_record = 0x16;

/// An answer this large leaves no buffer behind on the idle connection.
constexpr std::size_t kept_capacity = 16u << 10;

/// "/api/v1/tasks/report/jobs".
bool is_of_task(std::string_view target) {
    constexpr std::string_view before = "/api/v1/tasks/", behind = "/jobs";
    if (!target.starts_with(before) || !target.ends_with(behind)) return false;
    if (target.size() <= before.size() + behind.size()) return false;
    auto name = target.substr(before.size(), target.size() - before.size() - behind.size());
    return name.find_first_of("/?") == name.npos;
}

/// One call, and no multicall, in which that name would be a value.
bool is_put_call(Request const& request) {
    constexpr std::string_view call = "<methodName>lares.put</methodName>";
    constexpr std::size_t at_most = 64;  // declaration and element before it
    return request.target == "/RPC2" && request.body.find(call) <= at_most;
}

/// Puts jobs and nothing else, each in a commit of its own: those of one moment share the disk.
bool is_small_put(Request const& request) {
    return request.method == "POST" && request.body.size() <= passing_put_bytes &&
           (request.target == limits::batch_target || is_of_task(request.target) ||
            is_put_call(request));
}

/// True when the peer has closed both directions, which only unix sockets tell apart.
bool has_hung_up(int descriptor) {
    pollfd wanted{.fd = descriptor, .events = 0, .revents = 0};
    return ::poll(&wanted, 1, 0) == 1 && (wanted.revents & (POLLHUP | POLLERR)) != 0;
}

}  // namespace

Session::Session(SessionTable& table, SessionId id, Socket socket, int server, ports::Peer peer,
                 std::unique_ptr<TlsStream> tls)
    : table_(table),
      id_(id),
      socket_(table.io(), socket.release()),
      timer_(table.io()),
      server_(server),
      peer_(std::move(peer)),
      tls_(std::move(tls)),
      idle_since_(now()),
      changed_at_(idle_since_),
      request_since_(idle_since_) {}

Session::~Session() { give_body_room(); }

void Session::start() { proceed(); }

bool Session::is_idle() const {
    if (state_ == State::held) return true;  // who guesses passwords is the first to go
    return state_ == State::reading && reader_.state() == RequestReader::State::empty &&
           unsent() == 0 && !is_shaking();
}

bool Session::is_expendable() const {
    bool keeps_place = has_asked_ && now() - idle_since_ < table_.times().keeps_place;
    return is_idle() && (state_ == State::held || !keeps_place);
}

bool Session::is_half_read() const {
    return state_ == State::reading &&
           (reader_.state() == RequestReader::State::half_read || is_shaking());
}

void Session::drop() {
    if (state_ == State::answering || state_ == State::streaming) return lost();
    finish();
}

// Reading.

void Session::on_readable() {
    read_armed_ = false;
    if (state_ == State::finished) return;
    auto count = ::recv(socket_.native_handle(), table_.scratch(), read_bytes, MSG_DONTWAIT);
    if (count == 0) {
        peer_ended();
    } else if (count < 0) {
        if (errno != EAGAIN && errno != EINTR) lost();
    } else if (state_ != State::closing) {
        if (is_idle()) request_since_ = now();
        take({table_.scratch(), static_cast<std::size_t>(count)});
    }
    proceed();
}

void Session::take(std::string_view bytes) {
    if (!tls_) return reader_.feed(bytes);
    // Every TLS connection begins with a handshake record (RFC 8446, 5.1); a browser that was
    // given http:// instead of https:// deserves words.
    if (is_shaking() && !has_shaken_ && bytes[0] != handshake_record) {
        tls_.reset();
        return refuse({400, "this server speaks https, not http"});
    }
    has_shaken_ = true;
    take_sealed(bytes);
}

void Session::take_sealed(std::string_view bytes) {
    std::string clear;
    tls_->feed(bytes, clear);
    take_tls_output();
    if (!clear.empty()) reader_.feed(clear);
    switch (tls_->state()) {
    case TlsStream::State::shaking:
    case TlsStream::State::open:
        return flush();
    case TlsStream::State::ended:
        return peer_ended();
    case TlsStream::State::broken:
        table_.push_later(ports::HttpRefused{peer_, 0, tls_->words()});
        if (state_ != State::reading) return lost();
        said_goodbye_ = true;  // with an alert, which goes out now
        return answered(/*keep_alive=*/false);
    }
}

/// Handshakes, alerts and the like: they go behind what is sealed already.
void Session::take_tls_output() {
    seal_fresh();
    out_ += tls_->take_output();
    sealed_end_ = out_.size();
}

/// Seals what was added to out_ since the last time.
void Session::seal_fresh() {
    if (!tls_ || sealed_end_ == out_.size()) return;
    tls_->seal(std::string_view(out_).substr(sealed_end_));
    out_.resize(sealed_end_);
    out_ += tls_->take_output();
    sealed_end_ = out_.size();
}

/// Goes on until something must be waited for: bytes, the daemon, or the peer taking its answer.
void Session::proceed() {
    if (proceeding_) return;  // the daemon answered from within the push: the loop below goes on
    proceeding_ = true;
    while (proceed_once()) {
    }
    proceeding_ = false;
    if (state_ == State::finished) return;
    arm_read();
    update_deadline();
}

/// Whether the next request may go to the daemon before the last one is answered.
bool Session::may_pass() const {
    if (state_ != State::answering || !only_puts_ || unsent() != 0) return false;
    auto const& last = behind_.empty() ? framing_ : behind_.back().framing;
    return last.keep_alive && behind_.size() + 1 < puts_under_way &&
           reader_.state() == RequestReader::State::whole && is_small_put(reader_.peek());
}

bool Session::proceed_once() {
    if (may_pass()) {
        dispatch();
        return true;
    }
    if (state_ != State::reading || unsent() != 0) return false;
    switch (reader_.state()) {
    case RequestReader::State::whole:
        dispatch();
        return true;
    case RequestReader::State::refused:
        refuse(reader_.refusal());
        return false;
    case RequestReader::State::half_read:
        if (!take_body_room()) {
            refuse({503, "too many request bodies are under way, try again"});
            return false;
        }
        if (reader_.take_wish_to_continue()) {
            out_ += "HTTP/1.1 100 Continue\r\n\r\n";
            flush();
        }
        break;
    case RequestReader::State::empty:
        break;
    }
    if (peer_ended_) finish();
    return false;
}

bool Session::take_body_room() {
    std::size_t announced = reader_.announced_bytes();
    if (announced <= body_room_) return true;
    // What a request announces, it announces once: the room is chosen with it.
    room_ =
        announced > limits::http_body_bytes ? SessionTable::Room::batch : SessionTable::Room::body;
    if (!table_.take_body_room(room_, announced - body_room_)) return false;
    body_room_ = announced;
    return true;
}

void Session::give_body_room() { table_.give_body_room(room_, std::exchange(body_room_, 0)); }

void Session::dispatch() {
    Request request = reader_.take();
    give_body_room();
    Framing framing{.is_http11 = request.is_http11,
                    .keep_alive = request.keep_alive,
                    .is_head = request.method == "HEAD"};
    auto id = table_.begin_request(id_);
    if (state_ == State::answering) {
        behind_.push_back({id, framing, {}});
    } else {
        framing_ = framing;
        request_ = id;
        only_puts_ = is_small_put(request);
    }
    state_ = State::answering;
    has_asked_ = true;
    table_.push(ports::HttpRequested{.request = id,
                                     .server = server_,
                                     .peer = peer_,
                                     .method = std::move(request.method),
                                     .target = std::move(request.target),
                                     .authorization = std::move(request.authorization),
                                     .host = std::move(request.host),
                                     .content_type = std::move(request.content_type),
                                     .origin = std::move(request.origin),
                                     .fetch_site = std::move(request.fetch_site),
                                     .user_agent = std::move(request.user_agent),
                                     .headers = std::move(request.headers),
                                     .body = std::move(request.body)});
}

void Session::refuse(Refusal const& refusal) {
    give_body_room();
    table_.push_later(ports::HttpRefused{peer_, refusal.status, refusal.words});
    framing_ = {.is_http11 = true, .keep_alive = false, .is_head = false};
    append_reply(out_,
                 {.status = refusal.status,
                  .headers = {{"Content-Type", "text/plain;charset=utf-8"}},
                  .body = refusal.words + "\n"},
                 framing_, table_.date());
    answered(/*keep_alive=*/false);
}

/// The peer sends no more. That may be its end, or only of what it had to say.
void Session::peer_ended() {
    peer_ended_ = true;
    switch (state_) {
    case State::reading:
        if (unsent() == 0) finish();
        return;
    case State::answering:
        if (has_hung_up(socket_.native_handle())) lost();
        changed_at_ = now();
        return;
    case State::streaming:
        return lost();
    case State::held:
        return finish();
    case State::closing:
        if (unsent() == 0) finish();
        return;
    case State::finished:
        return;
    }
}

void Session::lost() {
    if (state_ == State::answering || state_ == State::streaming) {
        table_.end_request(request_);
        table_.push_later(ports::HttpClosed{request_});
    }
    finish();
}

void Session::drop_behind() {
    for (Behind const& each : std::exchange(behind_, {})) {
        if (each.answer) continue;
        table_.end_request(each.request);
        table_.push_later(ports::HttpClosed{each.request});
    }
}

void Session::finish() {
    drop_behind();
    state_ = State::finished;
    boost::system::error_code ignored;
    timer_.cancel();
    socket_.close(ignored);
}

// Answering.

void Session::reply(ports::RequestId request, ports::HttpReply const& reply) {
    table_.end_request(request);
    for (Behind& each : behind_)
        if (each.request == request) each.answer = reply;
    if (state_ != State::answering || request != request_) return;
    framing_.keep_alive = stays_open(reply);
    if (reply.hold > Duration(0)) return hold(reply);
    append_reply(out_, reply, framing_, table_.date());
    answered(framing_.keep_alive);
}

void Session::hold(ports::HttpReply const& reply) {
    append_reply(held_, reply, framing_, table_.date());
    held_until_ = now() + reply.hold;
    state_ = State::held;
    proceed();
}

void Session::open_stream(ports::HttpReply const& head) {
    if (state_ != State::answering) return;
    framing_.keep_alive = framing_.keep_alive && framing_.is_http11 && !asks_to_close(head);
    append_stream_head(out_, head, framing_, table_.date());
    if (framing_.is_head) {  // an endless nothing: the head was all
        table_.end_request(request_);
        table_.push_later(ports::HttpClosed{request_});
        return answered(/*keep_alive=*/false);
    }
    state_ = State::streaming;
    flush();
    if (peer_ended_ && state_ == State::streaming) lost();
    proceed();
}

void Session::stream_send(std::string_view bytes) {
    if (state_ != State::streaming) return;
    // The daemon waits for StreamDrained; one that does not is cut off rather than let grow.
    if (unsent() > limits::stream_bytes) return lost();
    append_piece(out_, bytes, framing_);
    undrained_ += 1;
    flush();
    proceed();
}

void Session::end_stream() {
    if (state_ != State::streaming) return;
    append_stream_end(out_, framing_);
    undrained_ = 0;
    table_.end_request(request_);
    answered(framing_.keep_alive);
}

/// Whether there is more to come after the answer to request_.
bool Session::stays_open(ports::HttpReply const& reply) const {
    return framing_.keep_alive && (!peer_ended_ || !behind_.empty()) && !asks_to_close(reply);
}

/// The whole answer is in out_; behind it come those that wait for it.
void Session::answered(bool keep_alive) {
    while (keep_alive && !behind_.empty()) {
        Behind next = std::move(behind_.front());
        behind_.pop_front();
        request_ = next.request;
        framing_ = next.framing;
        state_ = State::answering;
        changed_at_ = now();
        if (!next.answer) {
            flush();
            return proceed();
        }
        keep_alive = framing_.keep_alive = stays_open(*next.answer);
        if (next.answer->hold > Duration(0)) {
            flush();
            return hold(*next.answer);
        }
        append_reply(out_, *next.answer, framing_, table_.date());
    }
    drop_behind();
    state_ = keep_alive ? State::reading : State::closing;
    // The next request may have begun to come already; its time counts from here.
    idle_since_ = changed_at_ = request_since_ = now();
    flush();
    proceed();
}

// Writing.

void Session::on_writable() {
    write_armed_ = false;
    if (state_ == State::finished) return;
    flush();
    proceed();
}

void Session::flush() {
    seal_fresh();
    if (tls_ && state_ == State::closing && !std::exchange(said_goodbye_, true)) {
        tls_->close();
        take_tls_output();
    }
    send_some();
    if (state_ == State::finished) return;
    if (unsent() != 0) return arm_write();
    out_sent_ = sealed_end_ = 0;
    out_.clear();
    if (out_.capacity() > kept_capacity) out_.shrink_to_fit();
    flushed();
}

void Session::send_some() {
    while (unsent() != 0) {
        auto count = ::send(socket_.native_handle(), out_.data() + out_sent_, unsent(),
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) break;
        if (count < 0) return lost();
        out_sent_ += static_cast<std::size_t>(count);
        changed_at_ = now();
    }
    // A stream's buffer never empties under a slow reader: give back what is sent.
    if (unsent() != 0 && out_sent_ > limits::stream_bytes) {
        out_.erase(0, out_sent_);
        sealed_end_ -= std::min(out_sent_, sealed_end_);
        out_sent_ = 0;
    }
}

void Session::flushed() {
    for (; undrained_ > 0; --undrained_) table_.push_later(ports::StreamDrained{request_});
    if (state_ != State::closing) return;
    if (peer_ended_) return finish();
    if (!std::exchange(shut_down_, true)) {
        ::shutdown(socket_.native_handle(), SHUT_WR);
        changed_at_ = now();
    }
}

// Waiting.

bool Session::wants_to_read() const {
    if (peer_ended_) return false;
    if (state_ == State::reading && unsent() == 0) return true;
    // Also while an answer is pending, to notice that the peer leaves; but not without bound.
    return state_ == State::closing || reader_.waiting_bytes() < ahead_bytes;
}

void Session::arm_read() {
    if (read_armed_ || !wants_to_read()) return;
    read_armed_ = true;
    socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [table = &table_, id = id_](boost::system::error_code error) {
                           if (!error) table->with(id, [](Session& s) { s.on_readable(); });
                       });
}

void Session::arm_write() {
    if (write_armed_) return;
    write_armed_ = true;
    socket_.async_wait(boost::asio::posix::stream_descriptor::wait_write,
                       [table = &table_, id = id_](boost::system::error_code error) {
                           if (!error) table->with(id, [](Session& s) { s.on_writable(); });
                       });
}

Session::Deadline Session::wanted_deadline() const {
    HttpTimes const& times = table_.times();
    if (state_ == State::streaming) return {};
    if (state_ == State::held) return {Wait::held, held_until_};
    if (unsent() != 0) return {Wait::stalled, changed_at_ + times.stalled};
    if (state_ == State::closing) return {Wait::linger, changed_at_ + times.linger};
    if (state_ == State::answering)
        return peer_ended_ ? Deadline{Wait::half_closed, changed_at_ + times.half_closed}
                           : Deadline{};
    if (is_half_read()) {
        auto for_body =
            std::chrono::milliseconds(1'000 * reader_.body_bytes() / times.body_bytes_per_second);
        return {Wait::request, request_since_ + times.request + for_body};
    }
    return is_inet() ? Deadline{Wait::idle, idle_since_ + times.idle} : Deadline{};
}

/// Sets the timer, as seldom as can be: deadlines of one kind only move later, so a timer armed for
/// that kind stays and arms itself again if it fires too early. An idle timer may also stay during
/// a request; it fires once an hour.
void Session::update_deadline() {
    deadline_ = wanted_deadline();
    if (armed_ && armed_->wait == deadline_.wait) return;
    if (armed_ && armed_->wait == Wait::idle && deadline_.wait == Wait::none) return;
    if (armed_) timer_.cancel();
    armed_.reset();
    if (deadline_.wait != Wait::none) arm_timer(deadline_.at);
}

void Session::arm_timer(SteadyTime at) {
    armed_ = Deadline{deadline_.wait, at};
    timer_.expires_at(at);
    timer_.async_wait([table = &table_, id = id_](boost::system::error_code error) {
        if (!error) table->with(id, [](Session& s) { s.on_deadline(); });
    });
}

void Session::on_deadline() {
    // Cancelled when it had fired already: the timer has another time by now.
    if (!armed_ || timer_.expiry() > now()) return;
    armed_.reset();
    if (state_ == State::finished || deadline_.wait == Wait::none) return;
    if (deadline_.at > now()) return arm_timer(deadline_.at);
    switch (deadline_.wait) {
    case Wait::request:
        refuse({408, "the request did not come in time"});
        return;
    case Wait::held:
        out_ += std::exchange(held_, {});
        return answered(framing_.keep_alive);
    case Wait::idle:
    case Wait::linger:
        return finish();
    case Wait::stalled:
    case Wait::half_closed:
        return lost();
    case Wait::none:
        return;
    }
}

}  // namespace lares::net
