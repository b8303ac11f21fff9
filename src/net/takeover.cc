// net/takeover.cc: names of kept sockets, and what is found under them.

#include "net/takeover.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

namespace lares::net {

namespace {

std::string prefix_of(ports::ListenSpec const& spec) {
    if (spec.is_unix) return "listen/" + spec.file + "?";
    return "listen/" + spec.host + ":" + std::to_string(spec.port) + "?";
}

bool is_in_place(UnixListener const& listener) {
    struct stat found{};
    return ::lstat(listener.file.c_str(), &found) == 0 && S_ISSOCK(found.st_mode) &&
           found.st_dev == listener.device && found.st_ino == listener.inode;
}

/// What stands behind the last '?': two numbers.
bool read_pair(std::string const& name, std::uint64_t& first, std::uint64_t& second) {
    unsigned long long numbers[2] = {};
    std::size_t mark = name.rfind('?');
    if (mark == std::string::npos) return false;
    if (std::sscanf(name.c_str() + mark + 1, "%llu:%llu", &numbers[0], &numbers[1]) != 2)
        return false;
    first = numbers[0];
    second = numbers[1];
    return true;
}

bool listens(Socket const& socket) {
    int on = 0;
    socklen_t length = sizeof on;
    return ::getsockopt(socket.get(), SOL_SOCKET, SO_ACCEPTCONN, &on, &length) == 0 && on == 1;
}

bool set_access(ports::ListenSpec const& spec) {
    auto uid = spec.uid < 0 ? static_cast<uid_t>(-1) : static_cast<uid_t>(spec.uid);
    auto gid = spec.gid < 0 ? static_cast<gid_t>(-1) : static_cast<gid_t>(spec.gid);
    if ((spec.uid >= 0 || spec.gid >= 0) && ::chown(spec.file.c_str(), uid, gid) != 0) return false;
    return ::chmod(spec.file.c_str(), spec.mode) == 0;
}

int family_of(Socket const& socket) {
    int family = 0;
    socklen_t length = sizeof family;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_DOMAIN, &family, &length);
    return family;
}

class NoListenerStore final : public ListenerStore {
public:
    void keep(std::string const&, int) override {}
    void drop(std::string const&) override {}
    Found take(std::string const&) override { return {}; }
};

}  // namespace

ListenerStore& no_listener_store() {
    static NoListenerStore store;  // without state
    return store;
}

KeptUnixListener take_unix_listener(ListenerStore& store, ports::ListenSpec const& spec) {
    auto found = store.take(prefix_of(spec));
    if (!found.socket) return {};
    KeptUnixListener kept{{std::move(found.socket), spec.file, 0, 0}, found.name};
    auto& listener = kept.listener;
    bool good = read_pair(found.name, listener.device, listener.inode) &&
                listens(listener.socket) && is_in_place(listener) && set_access(spec);
    if (good) return kept;
    store.drop(found.name);  // its file was deleted, or is another's now
    return {};
}

std::string keep_unix_listener(ListenerStore& store, UnixListener const& listener) {
    std::string name = "listen/" + listener.file + "?" + std::to_string(listener.device) + ":" +
                       std::to_string(listener.inode);
    store.keep(name, listener.socket.get());
    return name;
}

KeptInetListeners take_inet_listeners(ListenerStore& store, ports::ListenSpec const& spec) {
    KeptInetListeners kept;
    while (true) {
        auto found = store.take(prefix_of(spec));
        if (!found.socket) return kept;
        std::uint64_t family = 0, port = 0;
        if (!read_pair(found.name, family, port) || !listens(found.socket)) {
            store.drop(found.name);
            continue;
        }
        kept.listeners.port = static_cast<int>(port);
        kept.listeners.sockets.push_back(std::move(found.socket));
        kept.names.push_back(found.name);
    }
}

std::vector<std::string> keep_inet_listeners(ListenerStore& store, ports::ListenSpec const& spec,
                                             InetListeners const& listeners) {
    std::vector<std::string> names;
    for (auto const& socket : listeners.sockets) {
        names.push_back(prefix_of(spec) + std::to_string(family_of(socket)) + ":" +
                        std::to_string(listeners.port));
        store.keep(names.back(), socket.get());
    }
    return names;
}

void drop_unwanted_listeners(ListenerStore& store) {
    while (true) {
        auto found = store.take("listen/");
        if (!found.socket) return;
        store.drop(found.name);
        UnixListener listener;
        bool is_unix = family_of(found.socket) == AF_UNIX;
        listener.file = found.name.substr(0, found.name.rfind('?')).substr(std::strlen("listen/"));
        if (is_unix && read_pair(found.name, listener.device, listener.inode))
            remove_socket_file(listener);
    }
}

}  // namespace lares::net
