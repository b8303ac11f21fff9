// net/session.h: one connection of the HTTP server, and the table of all of them.
//
// A session reads one request at a time, tells the daemon, and writes the answer; requests sent
// ahead wait their turn. But small ones that put jobs go to the daemon while others of that kind
// wait for theirs, so that those of one moment are one commit; answers keep the order. What it
// keeps is bounded: a request (base/limits.h), ahead_bytes of following ones, puts_under_way, and
// their answers, which must go out before the next request is looked at.
//
// Ownership without counting: handlers given to Asio hold ids, never sessions. The table looks an
// id up, and a handler that comes after its session has gone finds nothing. Internal to net/; only
// its .cc files and http_server.cc include Asio.

#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/http_limits.h"
#include "net/reply_text.h"
#include "net/request_reader.h"
#include "net/socket.h"
#include "net/tls.h"
#include "ports/event.h"
#include "ports/wire.h"

namespace lares::net {

using SessionId = std::uint64_t;
using SteadyTime = std::chrono::steady_clock::time_point;

class Session;

/// All sessions of one server, and what they share.
class SessionTable {
public:
    SessionTable(boost::asio::io_context& io, ports::Inbox& inbox, HttpTimes times);
    ~SessionTable();

    /// Takes the connection over and begins to read.
    void add(Socket socket, int server, ports::Peer peer, std::unique_ptr<TlsStream> tls);
    std::size_t count() const { return sessions_.size(); }
    /// Closes the inet connection that has been idle longest, of those that never asked anything or
    /// have been idle for HttpTimes::keeps_place. With `and_half_read`, when there is none: one
    /// whose request is not whole, or any idle one. False when there is none either.
    enum class Victims { idle, and_half_read };
    bool drop_oldest_inet(Victims victims);

    /// Calls `action` with the session; nothing when it has gone.
    template <class Action>
    void with(SessionId id, Action action);
    template <class Action>
    void with_request(ports::RequestId request, Action action);

    // For sessions:
    ports::RequestId begin_request(SessionId session);
    void end_request(ports::RequestId request) { requests_.erase(request); }
    /// Pushes in a later turn of the loop: the daemon may be the caller.
    void push_later(ports::Event event);
    void push(ports::Event event) { inbox_.push(std::move(event)); }
    /// Batches have room of their own, so that they leave the small bodies theirs.
    enum class Room { body, batch };
    /// False when all bodies under way would be too much together.
    bool take_body_room(Room room, std::size_t bytes);
    void give_body_room(Room room, std::size_t bytes) { room_left(room) += bytes; }
    /// For the Date header, renewed once a second.
    std::string_view date();

    boost::asio::io_context& io() { return io_; }
    HttpTimes const& times() const { return times_; }
    char* scratch() { return scratch_.get(); }  // read_bytes large

private:
    struct Entry {
        std::unique_ptr<Session> session;
        int entered = 0;  // calls of with() under way
    };

    void leave(SessionId id);

    boost::asio::io_context& io_;
    ports::Inbox& inbox_;
    HttpTimes times_;
    std::unique_ptr<char[]> scratch_;
    std::unordered_map<SessionId, Entry> sessions_;
    std::unordered_map<ports::RequestId, SessionId> requests_;
    SessionId next_session_ = 1;
    std::uint64_t next_request_ = 1;
    std::size_t& room_left(Room room) { return room == Room::batch ? batch_room_ : body_room_; }

    std::size_t body_room_ = all_bodies_bytes;
    std::size_t batch_room_ = all_batches_bytes;
    std::time_t date_at_ = 0;
    std::string date_;
};

class Session {
public:
    Session(SessionTable& table, SessionId id, Socket socket, int server, ports::Peer peer,
            std::unique_ptr<TlsStream> tls);
    ~Session();

    void start();
    void reply(ports::RequestId request, ports::HttpReply const& reply);
    void open_stream(ports::HttpReply const& head);
    void stream_send(std::string_view bytes);
    void end_stream();
    /// Closes at once, whatever was under way.
    void drop();

    void on_readable();
    void on_writable();
    void on_deadline();

    bool is_inet() const { return !peer_.is_unix; }
    bool is_idle() const;
    bool is_half_read() const;
    /// Idle, and it will hardly be missed.
    bool is_expendable() const;
    bool is_finished() const { return state_ == State::finished; }
    /// When its last request ended, or it connected.
    SteadyTime idle_since() const { return idle_since_; }

private:
    enum class State {
        reading,    // a request, or the wait for one
        answering,  // the daemon has a request
        held,       // its answer waits for its time (HttpReply::hold)
        streaming,  // the daemon sends an answer in pieces
        closing,    // what is unsent goes out, then the end
        finished,   // closed; the table removes it
    };
    enum class Wait { none, request, held, idle, stalled, linger, half_closed };
    struct Deadline {
        Wait wait = Wait::none;
        SteadyTime at{};
    };

    /// A request that the daemon has while the one before it is not answered.
    struct Behind {
        ports::RequestId request;
        Framing framing;
        std::optional<ports::HttpReply> answer;
    };

    void take(std::string_view bytes);
    void take_sealed(std::string_view bytes);
    bool is_shaking() const { return tls_ && tls_->state() == TlsStream::State::shaking; }
    void seal_fresh();
    void take_tls_output();
    void proceed();
    bool proceed_once();
    bool may_pass() const;
    void dispatch();
    void drop_behind();
    bool take_body_room();
    void give_body_room();
    void refuse(Refusal const& refusal);
    void hold(ports::HttpReply const& reply);
    bool stays_open(ports::HttpReply const& reply) const;
    void answered(bool keep_alive);
    void peer_ended();
    void lost();
    void finish();
    void flush();
    void send_some();
    void flushed();
    std::size_t unsent() const { return out_.size() - out_sent_; }

    bool wants_to_read() const;
    void arm_read();
    void arm_write();
    Deadline wanted_deadline() const;
    void update_deadline();
    void arm_timer(SteadyTime at);

    SessionTable& table_;
    SessionId id_;
    boost::asio::posix::stream_descriptor socket_;
    boost::asio::steady_timer timer_;
    int server_;
    ports::Peer peer_;

    State state_ = State::reading;
    std::unique_ptr<TlsStream> tls_;  // null: the bytes are clear
    RequestReader reader_;
    ports::RequestId request_{};
    Framing framing_;
    bool only_puts_ = false;     // all that the daemon has of this connection
    std::deque<Behind> behind_;  // after request_, in their order
    std::string out_;
    std::size_t out_sent_ = 0;
    std::size_t sealed_end_ = 0;  // with TLS: what stands in out_ behind this is still clear
    std::string held_;            // the answer that waits
    SteadyTime held_until_{};
    int undrained_ = 0;  // stream_sends whose StreamDrained is due
    std::size_t body_room_ = 0;
    SessionTable::Room room_ = SessionTable::Room::body;
    bool peer_ended_ = false;
    bool shut_down_ = false;
    bool has_asked_ = false;     // a whole request, once
    bool has_shaken_ = false;    // something has come
    bool said_goodbye_ = false;  // by TLS
    bool proceeding_ = false;
    bool read_armed_ = false;
    bool write_armed_ = false;

    SteadyTime idle_since_;
    SteadyTime changed_at_;  // when the state, or what is unsent, last moved
    SteadyTime request_since_;
    Deadline deadline_;
    std::optional<Deadline> armed_;
};

template <class Action>
void SessionTable::with(SessionId id, Action action) {
    auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    Entry& entry = found->second;  // stays where it is when others come and go
    entry.entered += 1;
    action(*entry.session);
    entry.entered -= 1;
    // The daemon may answer from within a push: only the outermost call removes the session.
    if (entry.entered == 0 && entry.session->is_finished()) leave(id);
}

template <class Action>
void SessionTable::with_request(ports::RequestId request, Action action) {
    auto found = requests_.find(request);
    if (found != requests_.end()) with(found->second, action);
}

}  // namespace lares::net
