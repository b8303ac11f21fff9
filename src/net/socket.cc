// net/socket.cc: descriptors, addresses and errno in words.

#include "net/socket.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstring>

namespace lares::net {

namespace {

Address copy_of(sockaddr const* from, socklen_t length) {
    Address address;
    std::memcpy(&address.storage, from, length);
    address.length = length;
    return address;
}

Result<std::vector<Address>> ask(std::string const& host, int port, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    std::string service = std::to_string(port);
    int code = getaddrinfo(host.empty() ? nullptr : host.c_str(), service.c_str(), &hints, &found);
    if (code != 0)
        return Error{Error::Kind::not_found,
                     "cannot resolve '" + host +
                         "': " + (code == EAI_SYSTEM ? errno_words(errno) : gai_strerror(code))};
    std::vector<Address> addresses;
    for (addrinfo* each = found; each != nullptr; each = each->ai_next)
        addresses.push_back(copy_of(each->ai_addr, each->ai_addrlen));
    freeaddrinfo(found);
    return addresses;
}

}  // namespace

Socket::~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<Socket> open_socket(int family) {
    Socket socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return socket_error(errno);
    return socket;
}

Result<Address> unix_address(std::string const& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::size_t limit = sizeof address.sun_path - 1;
    if (path.empty() || path.find('\0') != std::string::npos)
        return Error{Error::Kind::invalid, "'" + path + "' cannot be the path of a unix socket"};
    if (path.size() > limit)
        return Error{Error::Kind::invalid, "the socket path '" + path + "' has " +
                                               std::to_string(path.size()) +
                                               " bytes; a unix socket can have at most " +
                                               std::to_string(limit) + ", choose a shorter one"};
    std::memcpy(address.sun_path, path.data(), path.size());
    return copy_of(reinterpret_cast<sockaddr const*>(&address), sizeof address);
}

std::vector<Address> known_addresses(std::string const& host, int port) {
    std::vector<Address> addresses;
    auto add = [&](std::string const& numeric) {
        if (auto found = ask(numeric, port, AI_NUMERICHOST))
            addresses.insert(addresses.end(), found->begin(), found->end());
    };
    if (host.empty()) return addresses;
    add(host == "localhost" ? "127.0.0.1" : host);
    if (host == "localhost") add("::1");
    return addresses;
}

Result<std::vector<Address>> resolve(std::string const& host, int port, Use use) {
    auto addresses = known_addresses(host, port);
    if (!addresses.empty()) return addresses;
    return ask(host, port, use == Use::listen ? AI_PASSIVE : 0);
}

std::string text_of(Address const& address) {
    char host[NI_MAXHOST], service[NI_MAXSERV];
    if (getnameinfo(address.get(), address.length, host, sizeof host, service, sizeof service,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return "?";
    std::string name = host;
    // A dual socket shows IPv4 peers mapped; people know them without that.
    if (name.starts_with("::ffff:") && name.find('.') != std::string::npos) name.erase(0, 7);
    if (name.find(':') != std::string::npos) name = "[" + name + "]";
    return name + ":" + service;
}

std::string errno_words(int number) {
    char const* found = strerrordesc_np(number);
    std::string words = found != nullptr ? found : "error " + std::to_string(number);
    // "Input/output error" loses its capital; "RFS specific error" and other acronyms keep theirs.
    if (words.size() > 1 && std::islower(static_cast<unsigned char>(words[1])))
        words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
    return words;
}

std::string errno_name(int number) {
    char const* name = strerrorname_np(number);
    return "errno." + std::string(name != nullptr ? name : "?") + " (" + std::to_string(number) +
           ")";
}

Error socket_error(int number) {
    Error::Kind kind = Error::Kind::unavailable;
    if (number == EACCES || number == EPERM) kind = Error::Kind::denied;
    if (number == EADDRINUSE) kind = Error::Kind::conflict;
    return {kind, errno_name(number)};
}

}  // namespace lares::net
