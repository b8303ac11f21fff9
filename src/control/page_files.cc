// control/page_files.cc: the bytes of web/embed.S, with names and headers.

#include "control/page_files.h"

#include <algorithm>
#include <array>

#include "base/sha256.h"

extern "C" {
extern char const lares_page_index[], lares_page_index_end[];
extern char const lares_page_index_gzip[], lares_page_index_gzip_end[];
extern char const lares_page_script[], lares_page_script_end[];
extern char const lares_page_script_gzip[], lares_page_script_gzip_end[];
extern char const lares_page_style[], lares_page_style_end[];
extern char const lares_page_style_gzip[], lares_page_style_gzip_end[];
}

namespace lares::control {

namespace {

struct File {
    std::string_view begin, end;  // of its path; the hash of its bytes stands between
    std::string_view type;
    std::string_view plain, gzip;
};

std::string_view bytes(char const* begin, char const* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

File index_file() {
    return {"", "", "text/html; charset=utf-8", bytes(lares_page_index, lares_page_index_end),
            bytes(lares_page_index_gzip, lares_page_index_gzip_end)};
}

std::array<File, 2> kept_files() {
    return {{{"/page/app-", ".js", "text/javascript; charset=utf-8",
              bytes(lares_page_script, lares_page_script_end),
              bytes(lares_page_script_gzip, lares_page_script_gzip_end)},
             {"/page/app-", ".css", "text/css; charset=utf-8",
              bytes(lares_page_style, lares_page_style_end),
              bytes(lares_page_style_gzip, lares_page_style_gzip_end)}}};
}

/// As web/build writes it into the names.
std::string short_hash(std::string_view text) { return sha256_hex(text).substr(0, 16); }

std::string_view header(ports::HttpRequested const& request, std::string_view name) {
    for (auto const& [key, value] : request.headers)
        if (key == name) return value;
    return {};
}

/// Whether `word` stands in a comma separated header and is not refused there with ";q=0".
bool accepts(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        auto comma = std::min(list.find(','), list.size());
        auto entry = list.substr(0, comma);
        list.remove_prefix(std::min(comma + 1, list.size()));
        while (entry.starts_with(' ')) entry.remove_prefix(1);
        auto name = entry.substr(0, entry.find_first_of("; "));
        if (name != word) continue;
        auto weight = entry.find("q=0");
        return weight == entry.npos || entry.find_first_of("123456789", weight) != entry.npos;
    }
    return false;
}

ports::HttpReply reply_with(ports::HttpRequested const& request, File const& file,
                            std::string_view caching) {
    bool is_packed = accepts(header(request, "accept-encoding"), "gzip");
    auto tag = "\"" + short_hash(file.plain) + (is_packed ? "-gzip\"" : "\"");
    ports::HttpReply reply{.status = 200,
                           .headers = {{"Content-Type", std::string(file.type)},
                                       {"Cache-Control", std::string(caching)},
                                       {"ETag", tag},
                                       {"Vary", "Accept, Accept-Encoding"},
                                       {"Content-Security-Policy", std::string(page_policy())},
                                       {"X-Content-Type-Options", "nosniff"},
                                       {"X-Frame-Options", "DENY"},
                                       {"Referrer-Policy", "no-referrer"},
                                       {"Cross-Origin-Opener-Policy", "same-origin"},
                                       {"Cross-Origin-Resource-Policy", "same-origin"}},
                           .body = {}};
    if (accepts(header(request, "if-none-match"), tag)) {
        reply.status = 304;
        return reply;
    }
    if (is_packed) reply.headers.emplace_back("Content-Encoding", "gzip");
    reply.body = std::string(is_packed ? file.gzip : file.plain);
    return reply;
}

ports::HttpReply not_there() {
    return {.status = 404,
            .headers = {{"Content-Type", "text/plain;charset=utf-8"},
                        {"Cache-Control", "no-store"},
                        {"X-Content-Type-Options", "nosniff"}},
            .body = "this file of the page is of another version; load the page again\n"};
}

}  // namespace

std::string_view page_policy() {
    return "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
           "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
}

std::optional<ports::HttpReply> page_file_reply(ports::HttpRequested const& request) {
    if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
    std::string_view path = request.target;
    bool has_query = path.find('?') != path.npos;
    path = path.substr(0, path.find_first_of("?#"));
    bool is_browser = accepts(header(request, "accept"), "text/html");
    bool is_front = path == "/" && !has_query && is_browser;
    if (is_front || path == "/page" || path == "/page/")
        return reply_with(request, index_file(), "no-cache");
    if (!path.starts_with("/page/")) return std::nullopt;
    for (auto const& file : kept_files())
        if (path.starts_with(file.begin) && path.ends_with(file.end)) {
            if (path.substr(file.begin.size()) != short_hash(file.plain) + std::string(file.end))
                return not_there();
            return reply_with(request, file, "public, max-age=31536000, immutable");
        }
    return reply_with(request, index_file(), "no-cache");
}

}  // namespace lares::control
