// net/client/post_test.cc: HTTP against a server of one answer, and the digests by the vectors of
// their RFCs.

#include "net/client/post.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

namespace lares::net {

namespace {

using ports::Post;

/// Takes connections one after the other, reads a request on each, and gives its answer.
class Server {
public:
    /// @param answers  one a connection; an empty one hangs up.
    explicit Server(std::vector<std::string> answers) {
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(::listen(socket_, 8) == 0);
        socklen_t size = sizeof address;
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this, answers = std::move(answers)] { serve(answers); });
    }
    ~Server() {
        ::shutdown(socket_, SHUT_RDWR);
        thread_.join();
        ::close(socket_);
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/path"; }
    /// After the call has returned: what came.
    std::string const& request() const { return request_; }

private:
    void serve(std::vector<std::string> const& answers) {
        for (auto const& answer : answers) {
            int client = ::accept(socket_, nullptr, nullptr);
            if (client < 0) return;
            read_request(client);
            for (std::size_t at = 0; at < answer.size();) {
                ssize_t count =
                    ::send(client, answer.data() + at, answer.size() - at, MSG_NOSIGNAL);
                if (count <= 0) break;
                at += static_cast<std::size_t>(count);
            }
            ::close(client);
        }
    }
    void read_request(int client) {
        request_.clear();
        char bytes[4096];
        while (request_.find("\r\n\r\n") == request_.npos || request_.size() < wanted()) {
            ssize_t count = ::recv(client, bytes, sizeof bytes, 0);
            if (count <= 0) return;
            request_.append(bytes, static_cast<std::size_t>(count));
        }
    }
    std::size_t wanted() const {
        auto at = request_.find("Content-Length: ");
        auto end = request_.find("\r\n\r\n");
        if (at > end) return 0;
        return end + 4 + static_cast<std::size_t>(std::atoi(request_.c_str() + at + 16));
    }

    int socket_ = -1, port_ = 0;
    std::string request_;
    std::thread thread_;
};

ports::WebCall call_to(Server const& server) {
    ports::WebCall call;
    call.url = server.url();
    call.timeout = Duration(20'000);
    return call;
}

TEST_CASE("a call sends its headers and body, and brings back status, headers and body") {
    ClientLibrary library;
    Server server(
        {"HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\nX-Two:  a b \r\n"
         "Content-Length: 2\r\n\r\nno"});
    auto call = call_to(server);
    call.headers = {{"Content-Type", "text/plain"}, {"X-Empty", ""}};
    call.body = std::string("a\0b", 3);
    call.user = "u";
    call.password = "p:w";
    auto answer = make_post()->call(call);
    REQUIRE(answer.ok());
    CHECK(answer->status == 429);
    CHECK(answer->body == "no");
    CHECK(answer->headers ==
          ports::Headers{{"retry-after", "7"}, {"x-two", "a b"}, {"content-length", "2"}});
    auto const& request = server.request();
    CHECK(request.starts_with("POST /path HTTP/1.1\r\n"));
    CHECK(request.find("\r\nAuthorization: Basic dTpwOnc=\r\n") != std::string::npos);
    CHECK(request.find("\r\nX-Empty:\r\n") != std::string::npos);
    CHECK(request.find("\r\nUser-Agent: lares/") != std::string::npos);
    CHECK(request.find("Expect:") == std::string::npos);
    CHECK(request.ends_with(std::string("\r\n\r\na\0b", 7)));
}

TEST_CASE("a redirect is an answer, and is not followed") {
    ClientLibrary library;
    Server server(
        {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
         "Content-Length: 0\r\n\r\n"});
    auto answer = make_post()->call(call_to(server));
    REQUIRE(answer.ok());
    CHECK(answer->status == 302);
}

TEST_CASE("an answer that is too long is an Error, however it is announced") {
    ClientLibrary library;
    Server server({"HTTP/1.1 200 OK\r\n\r\n" + std::string(5'000, 'x'),
                   "HTTP/1.1 200 OK\r\nX-A: " + std::string(100'000, 'x') + "\r\n\r\n"});
    auto post = make_post();
    auto call = call_to(server);
    call.answer_most = 4'999;
    auto body = post->call(call);
    REQUIRE_FALSE(body.ok());
    CHECK(body.error().kind == Error::Kind::io);
    CHECK(body.error().what == "the answer is longer than 4999 bytes");
    CHECK_FALSE(post->call(call).ok());
}

TEST_CASE("no connection is unavailable; a broken one is io, for the service may have acted") {
    ClientLibrary library;
    auto post = make_post();
    ports::WebCall call;
    {
        Server server({""});
        call = call_to(server);
        auto broken = post->call(call);
        REQUIRE_FALSE(broken.ok());
        CHECK(broken.error().kind == Error::Kind::io);
    }
    auto gone = post->call(call);
    REQUIRE_FALSE(gone.ok());
    CHECK(gone.error().kind == Error::Kind::unavailable);
    call.url = "http://no such host/";
    CHECK(post->call(call).error().kind == Error::Kind::invalid);
    call.url = "file:///etc/passwd";
    CHECK(post->call(call).error().kind == Error::Kind::invalid);
    call.url = "http://name.invalid/";
    CHECK(post->call(call).error().kind == Error::Kind::unavailable);
}

TEST_CASE("a header with an end of a line in it is refused before anything is sent") {
    ClientLibrary library;
    ports::WebCall call;
    call.url = "http://127.0.0.1:1/";
    for (auto const& [name, value] : ports::Headers{{"X", "a\r\nY: b"}, {"X: Y", "a"}, {"", "a"}}) {
        call.headers = {{name, value}};
        auto answer = make_post()->call(call);
        REQUIRE_FALSE(answer.ok());
        CHECK(answer.error().kind == Error::Kind::invalid);
    }
}

TEST_CASE("parts are a form of several, with files and names") {
    ClientLibrary library;
    Server server({"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
    auto call = call_to(server);
    call.parts = {{"chat_id", "", "", "42", ""}, {"photo", "a.png", "image/png", "PNG", ""}};
    REQUIRE(make_post()->call(call).ok());
    auto const& request = server.request();
    CHECK(request.find("name=\"chat_id\"\r\n\r\n42\r\n") != std::string::npos);
    CHECK(
        request.find("name=\"photo\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\nPNG") !=
        std::string::npos);
}

std::string hex(std::string_view bytes) {
    std::string out;
    char digits[3];
    for (char c : bytes) {
        std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(c));
        out += digits;
    }
    return out;
}

TEST_CASE("digests are those of RFC 2202 and RFC 4231") {
    auto post = make_post();
    std::string_view what = "what do ya want for nothing?";
    CHECK(hex(post->hmac(Post::Digest::sha1, "Jefe", what)) ==
          "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    CHECK(hex(post->hmac(Post::Digest::sha256, "Jefe", what)) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(hex(post->hmac(Post::Digest::sha256, "", "")) ==
          "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("random bytes are as many as asked for, and others each time") {
    auto post = make_post();
    CHECK(post->random_bytes(16).size() == 16);
    CHECK(post->random_bytes(16) != post->random_bytes(16));
    CHECK(post->random_bytes(0).empty());
}

TEST_CASE("what would end a command of SMTP is refused before a connection is made") {
    ClientLibrary library;
    auto post = make_post();
    auto refuses = [&](auto change) {
        ports::MailCall call;
        call.url = "smtp://127.0.0.1:1";
        call.from = "a@b";
        call.to = {"c@d"};
        change(call);
        auto answer = post->mail(call);
        return !answer.ok() && answer.error().kind == Error::Kind::invalid;
    };
    CHECK_FALSE(refuses([](ports::MailCall&) {}));
    CHECK(refuses([](ports::MailCall& call) { call.from = "a@b>\r\nDATA"; }));
    CHECK(refuses([](ports::MailCall& call) { call.to = {"a b"}; }));
    CHECK(refuses([](ports::MailCall& call) { call.helo = "x\ny"; }));
    CHECK(refuses([](ports::MailCall& call) { call.url = "file:///etc/passwd"; }));
    CHECK(refuses([](ports::MailCall& call) { call.url = "smtp://a\r\nb"; }));
}

}  // namespace

}  // namespace lares::net
