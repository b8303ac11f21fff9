// tests/fuzz/face_fuzz.cc: what a stranger writes into addresses, headers and forms.
//
// Besides not crashing: what is encoded is decoded to the same, no markup of a stranger survives
// escaping, and no header gets anybody in who has no login.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "control/access.h"
#include "control/origin.h"
#include "control/pages.h"
#include "text/query.h"

using namespace lares;

namespace {

void check_query(std::string const& bytes) {
    if (text::decode_percent(text::encode_percent(bytes)) != bytes) std::abort();
    if (text::decode_percent(bytes).size() > bytes.size()) std::abort();
    for (auto const& [name, value] : text::parse_query(bytes))
        if (name.size() + value.size() > bytes.size()) std::abort();
}

void check_pages(std::string const& bytes) {
    for (auto const& page :
         {control::escape_html(bytes), control::escape_html(text::decode_percent(bytes))})
        if (page.find_first_of("<>\"'") != page.npos) std::abort();
}

void check_access(std::string const& bytes) {
    config::HttpServer server{.section = "inet_http_server", .is_unix = false};
    server.username = "user";
    server.password = "a password that nobody guesses";
    control::Hashes hashes{.sha1 = [](auto) { return std::string(40, '0'); },
                           .sha256 = [](auto) { return std::string(64, '0'); }};
    std::vector<config::Account> accounts = {{.name = "eve", .password = "$y$slow"},
                                             {.name = "bob", .token = "sha256:not this one"}};
    for (auto const& header : {bytes, "Basic " + bytes, "Bearer " + bytes}) {
        auto verdict = control::judge_access(server, accounts, {.is_unix = false}, header, hashes);
        if (verdict.access == control::Access::granted) std::abort();
    }
    control::decode_base64(bytes);
}

void check_origin(std::string const& bytes) {
    config::HttpServer server{.section = "inet_http_server", .is_unix = false, .host = "127.0.0.1"};
    ports::HttpRequested request;
    request.method = "POST";
    request.host = "localhost:9001";
    request.origin = "http://" + bytes + ".evil.example";
    if (!control::refusal_of_origin(server, request, true, "box")) std::abort();
    request.origin = bytes;
    request.host = bytes;
    (void)control::refusal_of_origin(server, request, true, "box");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string bytes(reinterpret_cast<char const*>(data), size);
    check_query(bytes);
    check_pages(bytes);
    check_access(bytes);
    check_origin(bytes);
    return 0;
}
