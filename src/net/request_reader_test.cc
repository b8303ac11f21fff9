// net/request_reader_test.cc: the same requests, however their bytes are cut, and any bytes at all.

#include "net/request_reader.h"

#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "base/limits.h"

using namespace lares;
using namespace lares::net;
using State = RequestReader::State;

namespace {

/// Feeds `bytes` in pieces of `size` and tells in a line what was read.
std::string read_all(std::string_view bytes, std::size_t size) {
    RequestReader reader;
    std::string told;
    while (!bytes.empty()) {
        reader.feed(bytes.substr(0, size));
        bytes.remove_prefix(std::min(size, bytes.size()));
        while (reader.state() == State::whole) {
            Request request = reader.take();
            told += request.method + " " + request.target + " '" + request.body + "' ";
        }
    }
    if (reader.state() == State::refused) told += std::to_string(reader.refusal().status);
    if (reader.state() == State::half_read) told += "...";
    return told;
}

}  // namespace

TEST_CASE("requests are the same however their bytes are cut") {
    std::string const bytes =
        "\r\nGET /a HTTP/1.1\r\n\r\n"
        "POST /b HTTP/1.0\r\ncontent-length: 5\r\nHost:\r\n\r\n1\r\n\r\n\r\n"
        "DELETE /c HTTP/1.1\r\nX: y\r\n\r\nHEAD /d HTTP/1.1\r\n";
    std::string const expected = "GET /a '' POST /b '1\r\n\r\n' DELETE /c '' ...";
    for (std::size_t size = 1; size <= bytes.size(); ++size)
        CHECK(read_all(bytes, size) == expected);
}

TEST_CASE("a refusal is the same however its bytes are cut") {
    std::string const head = "GET / HTTP/1.1\r\n\r\nPOST / HTTP/1.1\r\n";
    for (std::size_t size : {1, 2, 3, 7, 50, 100'000}) {
        CHECK(read_all(head + "\r\nabc", size) == "GET / '' 411");
        CHECK(read_all(head + "Content-Length: 9999999\r\n\r\nabc", size) == "GET / '' 413");
        CHECK(read_all(head + "A: " + std::string(20'000, 'a'), size) == "GET / '' 431");
        CHECK(read_all("GET /" + std::string(20'000, 'a'), size) == "431");
        std::string part(12'000, 'a');  // each fits, both together do not
        CHECK(read_all("GET /" + part + " HTTP/1.1\r\nA: " + part + "\r\n\r\n", size) == "431");
    }
}

TEST_CASE("connections are kept as version and headers ask") {
    auto kept = [](std::string_view text) {
        RequestReader reader;
        reader.feed(text);
        REQUIRE(reader.state() == State::whole);
        return reader.take().keep_alive;
    };
    CHECK(kept("GET / HTTP/1.1\r\n\r\n"));
    CHECK_FALSE(kept("GET / HTTP/1.0\r\n\r\n"));
    CHECK_FALSE(kept("GET / HTTP/1.1\r\nConnection: Close\r\n\r\n"));
    CHECK(kept("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST_CASE("what is kept of an endless header is bounded") {
    RequestReader reader;
    reader.feed("GET / HTTP/1.1\r\nA: ");
    std::size_t most = 0;
    for (int i = 0; i < 100'000 && reader.state() == State::half_read; ++i) {
        reader.feed("x");
        most = std::max(most, reader.waiting_bytes());
    }
    CHECK(reader.state() == State::refused);
    CHECK(most <= limits::http_header_bytes);
    CHECK(reader.waiting_bytes() == 0);
}

TEST_CASE("any bytes give requests, a refusal, or the wish for more") {
    std::string const parts[] = {"GET",
                                 " ",
                                 "/",
                                 "HTTP/1.1",
                                 "\r\n",
                                 "\r",
                                 "\n",
                                 "POST",
                                 ":",
                                 "Content-Length",
                                 "5",
                                 "chunked",
                                 "0",
                                 "Transfer-Encoding",
                                 "hello",
                                 "\t",
                                 ";",
                                 ",",
                                 std::string(1, '\0')};
    std::mt19937 random(81'423);
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes;
        for (auto count = random() % 30; count > 0; --count)
            bytes += random() % 10 == 0 ? std::string(1, static_cast<char>(random()))
                                        : parts[random() % std::size(parts)];
        std::string at_once = read_all(bytes, bytes.size() + 1);
        std::string in_pieces = read_all(bytes, 1 + random() % 9);
        // Beast looks at a header that comes in pieces when it is whole, so a fault may show later.
        if (in_pieces.ends_with("...") && at_once.ends_with("400"))
            in_pieces.replace(in_pieces.size() - 3, 3, "400");
        CHECK(in_pieces == at_once);
    }
}

TEST_CASE("a batch may be larger than other bodies, and only a batch") {
    auto state = [](std::string const& line, std::size_t bytes) {
        RequestReader reader;
        reader.feed(line + " HTTP/1.1\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n");
        return reader.state() == State::refused ? reader.refusal().status : 0;
    };
    auto const body = limits::http_body_bytes, batch = limits::batch_bytes;
    CHECK(state("POST /api/v1/jobs", batch) == 0);
    CHECK(state("POST /api/v1/jobs?x=1", batch) == 0);
    CHECK(state("POST /api/v1/jobs", batch + 1) == 413);
    CHECK(state("POST /api/v1/jobs/", body + 1) == 413);
    CHECK(state("PUT /api/v1/jobs", body + 1) == 413);
    CHECK(state("POST /RPC2", body) == 0);
    CHECK(state("POST /RPC2", body + 1) == 413);
    RequestReader reader;
    reader.feed("POST /api/v1/jobs HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n");
    CHECK(reader.refusal().words == "a request body may have 33554432 bytes");
}

TEST_CASE(
    "headers HTTP does not know, and those about the answer, are kept in lower case; no others") {
    RequestReader reader;
    reader.feed(
        "GET / HTTP/1.1\r\nHost: h\r\nX-Hub-Signature-256: sha256=AB\r\nAccept: */*\r\n"
        "Accept-Encoding: gzip\r\nIf-None-Match: \"1\"\r\nVia: 1.1 p\r\n"
        "Idempotency-Key: k\r\nSec-Fetch-Site: none\r\nAuthorization: a\r\n\r\n");
    REQUIRE(reader.state() == State::whole);
    auto request = reader.take();
    using Headers = std::vector<std::pair<std::string, std::string>>;
    CHECK(request.headers == Headers{{"x-hub-signature-256", "sha256=AB"},
                                     {"accept", "*/*"},
                                     {"accept-encoding", "gzip"},
                                     {"if-none-match", "\"1\""},
                                     {"idempotency-key", "k"}});
    CHECK(request.fetch_site == "none");
    CHECK(request.host == "h");
}

TEST_CASE("a file for a hot folder may be as large as a batch") {
    auto body = " HTTP/1.1\r\nContent-Length: 33554432\r\n\r\n";
    for (auto const* line : {"PUT /api/v1/folders/in/files/x", "POST /api/v1/jobs"}) {
        RequestReader reader;
        reader.feed(line + std::string(body));
        CHECK(reader.state() == State::half_read);
    }
    RequestReader reader;
    reader.feed("POST /api/v1/folders/in/files/x" + std::string(body));
    CHECK(reader.refusal().status == 413);
}
