// daemon/shared_sockets.cc: opening and closing what is wanted.

#include "daemon/shared_sockets.h"

#include <fmt/core.h>

#include <algorithm>

namespace lares::daemon {

namespace {

ports::SocketSpec spec_of(config::Socket const& socket) {
    return {.name = socket.name,
            .is_unix = socket.is_unix,
            .file = socket.file,
            .mode = socket.mode,
            .uid = socket.uid,
            .gid = socket.gid,
            .host = socket.host,
            .port = socket.port,
            .backlog = socket.backlog};
}

std::string shown(config::Socket const& socket) {
    if (socket.is_unix) return "unix://" + socket.file;
    return fmt::format("tcp://{}:{}", socket.host.empty() ? "*" : socket.host, socket.port);
}

bool same_meaning(config::Socket one, config::Socket const& other) {
    one.place = other.place;
    return one == other;
}

}  // namespace

std::vector<Error> SharedSockets::set_wanted(std::vector<config::Socket> const& wanted) {
    std::erase_if(known_, [&](auto& entry) {
        auto now = std::ranges::find(wanted, entry.first, &config::Socket::name);
        if (now != wanted.end() && same_meaning(entry.second.socket, *now)) return false;
        if (entry.second.id) sockets_.close(*entry.second.id);
        return true;
    });
    std::vector<Error> failed;
    for (auto const& socket : wanted) {
        known_.try_emplace(socket.name, Known{socket, std::nullopt});
        if (auto opened = open(socket.name); !opened) failed.push_back(std::move(opened).error());
    }
    return failed;
}

Result<ports::SocketId> SharedSockets::open(std::string_view name) {
    auto found = known_.find(name);
    if (found == known_.end())
        return Error{Error::Kind::not_found, fmt::format("there is no socket '{}'", name)};
    auto& known = found->second;
    if (known.id) return *known.id;
    ports::SocketId id{++last_id_};
    auto opened = sockets_.open(id, spec_of(known.socket));
    if (!opened)
        return std::move(opened).error().during(
            fmt::format("cannot open the socket '{}' at {}", name, shown(known.socket)));
    known.id = id;
    return id;
}

void SharedSockets::close(std::string_view name) {
    auto found = known_.find(name);
    if (found == known_.end() || !found->second.id) return;
    sockets_.close(*found->second.id);
    found->second.id.reset();
}

bool SharedSockets::is_open(std::string_view name) const {
    auto found = known_.find(name);
    return found != known_.end() && found->second.id.has_value();
}

std::string SharedSockets::address(std::string_view name) const {
    return is_open(name) ? sockets_.address(*known_.find(name)->second.id) : "";
}

void SharedSockets::close_all() {
    for (auto& [name, known] : known_)
        if (known.id) sockets_.close(*known.id);
    known_.clear();
}

}  // namespace lares::daemon
