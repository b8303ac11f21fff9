// os/sockets_test.cc: listening sockets that outlive whoever accepts on them.

#include "os/sockets.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <map>

#include "os/temporary_test.h"

using namespace lares;
using namespace lares::os;
using ports::SocketId;
using ports::SocketSpec;

namespace {

/// Keeps duplicates in this process, as the keeper does in another.
class Store final : public FdStore {
public:
    bool is_successor() const override { return false; }
    Result<> keep(std::string const& name, int fd) override {
        kept[name] = Fd(::dup(fd));
        return {};
    }
    void drop(std::string const& name) override { kept.erase(name); }
    Fd take(std::string const& name) override {
        auto found = kept.find(name);
        return found == kept.end() ? Fd() : Fd(::dup(found->second.get()));
    }
    std::vector<std::string> untaken(std::string const&) const override { return {}; }

    std::map<std::string, Fd> kept;
};

int port_in(std::string const& address) {
    return std::atoi(address.substr(address.rfind(':') + 1).c_str());
}

bool connects(int port) {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
}

bool connects(std::string const& file) {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::strncpy(to.sun_path, file.c_str(), sizeof to.sun_path - 1);
    return ::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
}

unsigned mode_of(std::string const& file) {
    struct stat found{};
    return ::lstat(file.c_str(), &found) == 0 ? found.st_mode & 0777 : 0;
}

}  // namespace

TEST_CASE("an inet socket listens, knows its port, and is closed at exec") {
    Store store;
    Sockets sockets(store);
    REQUIRE(sockets.open(SocketId{1}, {.name = "web", .host = "127.0.0.1"}));
    auto address = sockets.address(SocketId{1});
    CHECK(address.starts_with("tcp://127.0.0.1:"));
    CHECK(connects(port_in(address)));
    CHECK(store.kept.contains("socket/web"));
    sockets.close(SocketId{1});
    CHECK(store.kept.empty());
    CHECK(!connects(port_in(address)));
    CHECK(sockets.address(SocketId{1}).empty());
    CHECK(sockets.descriptor(SocketId{1}) == -1);
}

TEST_CASE("every address takes IPv4 as well") {
    Store store;
    Sockets sockets(store);
    REQUIRE(sockets.open(SocketId{1}, {.name = "web"}));
    CHECK(connects(port_in(sockets.address(SocketId{1}))));
}

TEST_CASE("an address in use is a conflict, and says so") {
    Store store;
    Sockets sockets(store);
    REQUIRE(sockets.open(SocketId{1}, {.name = "one", .host = "127.0.0.1"}));
    int port = port_in(sockets.address(SocketId{1}));
    auto second = sockets.open(SocketId{2}, {.name = "two", .host = "127.0.0.1", .port = port});
    REQUIRE(!second);
    CHECK(second.error().kind == Error::Kind::conflict);
    CHECK(second.error().what == "bind: address already in use");
    CHECK(!sockets.open(SocketId{3}, {.name = "three", .host = "no-such-host.invalid"}));
}

TEST_CASE(
    "a unix socket has its mode, replaces a dead one and no living one, and goes when closed") {
    testing::Temporary folder;
    std::string file = folder.path("x.sock");
    Store store, other_store;
    Sockets sockets(store), others(other_store);
    SocketSpec spec{.name = "x", .is_unix = true, .file = file, .mode = 0660};
    REQUIRE(sockets.open(SocketId{1}, spec));
    CHECK(mode_of(file) == 0660);
    CHECK(connects(file));
    auto second = others.open(SocketId{1}, spec);
    REQUIRE(!second);
    CHECK(second.error().kind == Error::Kind::conflict);
    {
        Sockets dead(other_store);
        Store nobody;
        Sockets left(nobody);
        spec.file = folder.path("left.sock");
        REQUIRE(left.open(SocketId{1}, spec));
    }
    CHECK(!connects(spec.file));  // its owner died without a word
    REQUIRE(others.open(SocketId{1}, spec));
    CHECK(connects(spec.file));
    sockets.close(SocketId{1});
    CHECK(mode_of(file) == 0);
    CHECK(mode_of(spec.file) == 0660);
}

TEST_CASE("what is no socket is not removed") {
    testing::Temporary folder;
    std::string file = folder.path("precious");
    std::ofstream(file) << "words";
    Store store;
    Sockets sockets(store);
    auto opened = sockets.open(SocketId{1}, {.name = "x", .is_unix = true, .file = file});
    REQUIRE(!opened);
    CHECK(opened.error().what == "'" + file + "' exists and is not a socket");
    std::string deep = folder.path(std::string(200, 'x'));
    CHECK(!sockets.open(SocketId{2}, {.name = "x", .is_unix = true, .file = deep}));
}

TEST_CASE("a file that another made since is not ours to remove") {
    testing::Temporary folder;
    std::string file = folder.path("x.sock");
    Store store;
    Sockets sockets(store);
    REQUIRE(sockets.open(SocketId{1}, {.name = "x", .is_unix = true, .file = file}));
    ::unlink(file.c_str());
    std::ofstream(file) << "another's";
    sockets.close(SocketId{1});
    CHECK(mode_of(file) != 0);
}

TEST_CASE("a successor takes over what its predecessor kept, if it is at the same address") {
    Store store;
    std::string address;
    int inode_before = 0;
    struct stat found{};
    {
        Sockets first(store);
        REQUIRE(first.open(SocketId{1}, {.name = "web", .host = "127.0.0.1"}));
        address = first.address(SocketId{1});
        ::fstat(first.descriptor(SocketId{1}), &found);
        inode_before = static_cast<int>(found.st_ino);
    }  // dies: nothing is closed in order
    CHECK(connects(port_in(address)));
    Sockets second(store);
    REQUIRE(
        second.open(SocketId{7}, {.name = "web", .host = "127.0.0.1", .port = port_in(address)}));
    CHECK(second.address(SocketId{7}) == address);
    ::fstat(second.descriptor(SocketId{7}), &found);
    CHECK(static_cast<int>(found.st_ino) == inode_before);

    Sockets third(store);  // the configuration says another port now
    testing::Temporary folder;
    std::string file = folder.path("x.sock");
    REQUIRE(third.open(SocketId{8}, {.name = "web", .is_unix = true, .file = file}));
    CHECK(third.address(SocketId{8}) == "unix://" + file);
    CHECK(connects(file));
}
