// net/session_table.cc: the connections of a server, found by id.

#include <boost/asio/post.hpp>
#include <ctime>

#include "net/session.h"

namespace lares::net {

SessionTable::SessionTable(boost::asio::io_context& io, ports::Inbox& inbox, HttpTimes times)
    : io_(io),
      inbox_(inbox),
      times_(times),
      scratch_(std::make_unique_for_overwrite<char[]>(read_bytes)) {}

SessionTable::~SessionTable() { sessions_.clear(); }  // they give back room as they go

void SessionTable::add(Socket socket, int server, ports::Peer peer,
                       std::unique_ptr<TlsStream> tls) {
    SessionId id = next_session_++;
    sessions_[id].session = std::make_unique<Session>(*this, id, std::move(socket), server,
                                                      std::move(peer), std::move(tls));
    with(id, [](Session& session) { session.start(); });
}

bool SessionTable::drop_oldest_inet(Victims victims) {
    std::optional<SessionId> expendable, half_read, idle;
    auto is_older = [&](Session const& session, std::optional<SessionId> than) {
        return !than || session.idle_since() < sessions_.at(*than).session->idle_since();
    };
    for (auto const& [id, entry] : sessions_) {
        Session const& session = *entry.session;
        if (!session.is_inet()) continue;
        if (session.is_expendable() && is_older(session, expendable)) expendable = id;
        if (session.is_idle() && is_older(session, idle)) idle = id;
        if (session.is_half_read() && is_older(session, half_read)) half_read = id;
    }
    auto victim = expendable;
    if (!victim && victims == Victims::and_half_read) victim = half_read ? half_read : idle;
    if (!victim) return false;
    with(*victim, [](Session& session) { session.drop(); });
    return true;
}

void SessionTable::leave(SessionId id) { sessions_.erase(id); }

ports::RequestId SessionTable::begin_request(SessionId session) {
    ports::RequestId request{next_request_++};
    requests_.emplace(request, session);
    return request;
}

void SessionTable::push_later(ports::Event event) {
    boost::asio::post(
        io_, [this, event = std::move(event)]() mutable { inbox_.push(std::move(event)); });
}

bool SessionTable::take_body_room(Room room, std::size_t bytes) {
    if (bytes > room_left(room)) return false;
    room_left(room) -= bytes;
    return true;
}

std::string_view SessionTable::date() {
    std::time_t now = std::time(nullptr);
    if (now != date_at_ || date_.empty()) {
        date_at_ = now;
        date_ = http_date(now);
    }
    return date_;
}

}  // namespace lares::net
