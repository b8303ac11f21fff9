// api/client_test.cc: what goes over the wire, and what comes of the answers.

#include "api/client.h"

#include <doctest/doctest.h>

#include <optional>

#include "text/xmlrpc.h"

namespace lares::api {
namespace {

using text::Value;

/// Gives one answer to everything and keeps the last question.
class OneAnswer : public HttpClient {
public:
    HttpAnswer answer{200, ""};
    std::optional<Error> trouble;
    HttpCall asked;
    std::vector<std::string> pieces;

    explicit OneAnswer(Value value = true) { answer.body = text::write_answer(value); }
    explicit OneAnswer(text::XmlRpcFault fault) { answer.body = text::write_answer(fault); }

    Result<HttpAnswer> call(HttpCall const& request) override {
        asked = request;
        if (trouble) return *trouble;
        return answer;
    }
    Result<HttpAnswer> stream(HttpCall const& request,
                              std::function<bool(std::string_view)> const& take) override {
        for (std::string const& piece : pieces)
            if (!take(piece)) break;
        return call(request);
    }

    /// "lares.start [[\"web\"],true]"
    std::string question() const {
        Result<text::XmlRpcCall> const call = text::parse_call(asked.body);
        if (!call) return "not a call";
        return call->method + " " + text::to_json(text::Array(call->params));
    }
};

Server const server{.url = "unix:///run/a.sock"};

std::string header(HttpCall const& call, std::string_view name) {
    for (auto const& [key, value] : call.headers)
        if (key == name) return value;
    return "none";
}

TEST_CASE("a call is a POST of XML to /RPC2 of the server") {
    OneAnswer http;
    Client client(http, server);
    CHECK(client.call("a.b", {1, "x"}));
    CHECK(http.asked.server == "unix:///run/a.sock");
    CHECK(http.asked.method == "POST");
    CHECK(http.asked.target == "/RPC2");
    CHECK(header(http.asked, "Content-Type") == "text/xml");
    CHECK(header(http.asked, "Authorization") == "none");
    CHECK(http.question() == "a.b [1,\"x\"]");
}

TEST_CASE("credentials are sent as Basic") {
    OneAnswer http;
    auto sent = [&](std::string username, std::string password) {
        Client client(http, {"http://h:1", std::move(username), std::move(password)});
        CHECK(client.call("a.b", {}));
        return header(http.asked, "Authorization");
    };
    // RFC 7617, section 2.
    CHECK(sent("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    CHECK(sent("a", "b") == "Basic YTpi");
    CHECK(sent("ab", "b") == "Basic YWI6Yg==");
    CHECK(sent("ab", "bc") == "Basic YWI6YmM=");
    CHECK(sent("\xff\xfe", "\xfb") == "Basic //46+w==");
}

TEST_CASE("each request has its method and parameters") {
    OneAnswer http;
    Client client(http, server);
    (void)client.status_value({"a", "g:*"});
    CHECK(http.question() == "lares.status [[\"a\",\"g:*\"]]");
    (void)client.start({"a"}, Wait::yes);
    CHECK(http.question() == "lares.start [[\"a\"],true]");
    (void)client.stop({"a"}, Wait::no);
    CHECK(http.question() == "lares.stop [[\"a\"],false]");
    (void)client.restart({"a"}, Wait::yes, Manner::rolling);
    CHECK(http.question() == "lares.restart [[\"a\"],true,true]");
    (void)client.restart({}, Wait::no, Manner::together);
    CHECK(http.question() == "lares.restart [[],false,false]");
    (void)client.signal({"a"}, "HUP");
    CHECK(http.question() == "lares.signal [[\"a\"],\"HUP\"]");
    CHECK(client.scale("web", 3));
    CHECK(http.question() == "lares.scale [\"web\",3]");
    CHECK(client.shutdown());
    CHECK(http.question() == "supervisor.shutdown []");
    (void)client.tail("web", Stream::out, 99);
    CHECK(http.question() == "supervisor.tailProcessStdoutLog [\"web\",0,99]");
    (void)client.tail("web", Stream::err, 99);
    CHECK(http.question() == "supervisor.tailProcessStderrLog [\"web\",0,99]");
    (void)client.tail_main(99);
    CHECK(http.question() == "supervisor.readLog [-99,0]");
}

TEST_CASE("what takes as long as a program has no time limit, what the daemon knows has one") {
    OneAnswer http;
    Client client(http, server);
    (void)client.start({"a"}, Wait::yes);
    CHECK(http.asked.timeout == Duration(0));
    (void)client.restart({"a"}, Wait::yes, Manner::together);
    CHECK(http.asked.timeout == Duration(0));
    (void)client.stop({"a"}, Wait::yes);
    CHECK(http.asked.timeout == Duration(0));
    (void)client.scale("a", 1);
    CHECK(http.asked.timeout == Duration(0));
    (void)client.status_value({});
    CHECK(http.asked.timeout > Duration(0));
    (void)client.start({"a"}, Wait::no);
    CHECK(http.asked.timeout > Duration(0));
    (void)client.follow_main([](auto) { return true; });
    CHECK(http.asked.timeout == Duration(0));
}

TEST_CASE("a version and a pid are read; another type is an error") {
    OneAnswer text(Value("0.1.0"));
    CHECK(*Client(text, server).version() == "0.1.0");
    CHECK_FALSE(Client(text, server).daemon_pid());
    OneAnswer number(Value(42));
    CHECK(*Client(number, server).daemon_pid() == 42);
    CHECK_FALSE(Client(number, server).version());
    CHECK_FALSE(Client(number, server).tail_main(1));
}

TEST_CASE("a fault is an error in words") {
    OneAnswer http(text::XmlRpcFault{10, "BAD_NAME: nope"});
    Result<> const scaled = Client(http, server).scale("nope", 1);
    REQUIRE_FALSE(scaled);
    CHECK(scaled.error().kind == Error::Kind::not_found);
    CHECK(scaled.error().what == "no such process: nope");
}

TEST_CASE("a missing socket and a refused connection are both nobody listening") {
    OneAnswer http;
    for (Error::Kind kind : {Error::Kind::not_found, Error::Kind::unavailable}) {
        http.trouble = Error{kind, "connect"};
        CHECK(Client(http, server).shutdown().error().kind == Error::Kind::unavailable);
        CHECK(Client(http, server).follow_main([](auto) { return true; }).error().kind ==
              Error::Kind::unavailable);
    }
    http.trouble = Error{Error::Kind::denied, "permission denied"};
    CHECK(Client(http, server).shutdown().error().kind == Error::Kind::denied);
}

TEST_CASE("a refused password is told apart from a missing one") {
    OneAnswer http;
    http.answer = {401, ""};
    Error const missing = Client(http, server).shutdown().error();
    CHECK(missing.kind == Error::Kind::denied);
    CHECK(missing.what == "unix:///run/a.sock asks for a user name and a password");
    Error const wrong = Client(http, {"http://h:1", "bob", "x"}).shutdown().error();
    CHECK(wrong.what == "http://h:1 does not accept this password of user 'bob'");
}

TEST_CASE("an answer that is no XML-RPC, or another status, is an error that names the server") {
    OneAnswer http;
    http.answer = {200, "<html>hello</html>"};
    CHECK(Client(http, server)
              .shutdown()
              .error()
              .what.starts_with("unix:///run/a.sock is no Lares: "));
    http.answer = {500, ""};
    Error const broken = Client(http, server).shutdown().error();
    CHECK(broken.kind == Error::Kind::io);
    CHECK(broken.what == "unix:///run/a.sock answered with HTTP status 500");
    http.answer = {404, "no such process\n"};
    Error const missing = Client(http, server).shutdown().error();
    CHECK(missing.kind == Error::Kind::not_found);
    CHECK(missing.what == "no such process");
}

TEST_CASE("a log is followed under its name, byte for byte encoded, until the taker has enough") {
    OneAnswer http;
    http.pieces = {"a", "b", "c"};
    std::string taken;
    Client client(http, server);
    CHECK(client.follow("g:wëb 1", Stream::err, [&](std::string_view piece) {
        taken += piece;
        return piece != "b";
    }));
    CHECK(taken == "ab");
    CHECK(http.asked.method == "GET");
    CHECK(http.asked.target == "/logtail/g%3Aw%C3%ABb%201/stderr");
    CHECK(client.follow("web", Stream::out, [](auto) { return true; }));
    CHECK(http.asked.target == "/logtail/web/stdout");
    CHECK(client.follow_main([](auto) { return true; }));
    CHECK(http.asked.target == "/mainlogtail");
}

}  // namespace
}  // namespace lares::api
