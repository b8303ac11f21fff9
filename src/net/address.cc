// net/address.cc: endpoints and URLs, taken apart.

#include "net/address.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace lares::net {

namespace {

Error invalid(std::string_view text, std::string_view expected) {
    return {Error::Kind::invalid, "'" + std::string(text) + "': must be " + std::string(expected)};
}

std::optional<int> parse_port(std::string_view text) {
    int port = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || end != text.data() + text.size()) return {};
    if (port < 1 || port > 65'535 || text[0] == '-') return {};
    return port;
}

/// Removes `scheme` in any case from the front of text.
bool take_scheme(std::string_view& text, std::string_view scheme) {
    if (text.size() < scheme.size()) return false;
    bool same = std::equal(scheme.begin(), scheme.end(), text.begin(), [](char a, char b) {
        return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b)));
    });
    if (same) text.remove_prefix(scheme.size());
    return same;
}

/// Bytes that would end a request line or a header early.
bool has_control_or_space(std::string_view text) {
    return std::ranges::any_of(
        text, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; });
}

Result<Endpoint> parse_authority(std::string_view text, std::optional<int> default_port) {
    static constexpr std::string_view expected = "host:port, [ipv6]:port or /path/of.sock";
    Endpoint endpoint;
    std::string_view rest;
    if (text.starts_with('[')) {
        auto close = text.find(']');
        if (close == std::string_view::npos) return invalid(text, expected);
        endpoint.host = text.substr(1, close - 1);
        rest = text.substr(close + 1);
    } else {
        auto colon = text.rfind(':');
        endpoint.host = text.substr(0, colon);
        rest = colon == std::string_view::npos ? "" : text.substr(colon);
        if (endpoint.host.find(':') != std::string::npos) return invalid(text, expected);
    }
    if (endpoint.host.empty()) return invalid(text, expected);
    auto port = rest.starts_with(':') ? parse_port(rest.substr(1))
                : rest.empty()        ? default_port
                                      : std::nullopt;
    if (!port) return invalid(text, expected);
    endpoint.port = *port;
    return endpoint;
}

Result<Url> parse_http(std::string_view whole, std::string_view rest, int default_port) {
    rest = rest.substr(0, rest.find('#'));
    auto slash = rest.find_first_of("/?");
    auto authority = rest.substr(0, slash);
    if (has_control_or_space(rest)) return invalid(whole, "without blanks");
    if (authority.find('@') != std::string_view::npos)
        return invalid(whole, "without user and password");
    Url url;
    url.endpoint = TRY(parse_authority(authority, default_port));
    url.host = authority;
    url.target = slash == std::string_view::npos ? "/" : rest.substr(slash);
    if (url.target[0] == '?') url.target.insert(0, "/");
    return url;
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
    if (text.starts_with('/')) return Endpoint{.path = std::string(text), .host = {}, .port = 0};
    return parse_authority(text, std::nullopt);
}

Result<Url> parse_url(std::string_view text) {
    std::string_view rest = text;
    if (take_scheme(rest, "http://")) return parse_http(text, rest, 80);
    if (take_scheme(rest, "https://")) {
        Url url = TRY(parse_http(text, rest, 443));
        url.is_tls = true;
        return url;
    }
    if (take_scheme(rest, "unix://") && rest.starts_with('/'))
        return Url{.endpoint = {.path = std::string(rest), .host = {}, .port = 0},
                   .host = {},
                   .target = "/"};
    return invalid(text, "a URL like http://host:port, https://host:port or unix:///path/of.sock");
}

}  // namespace lares::net
