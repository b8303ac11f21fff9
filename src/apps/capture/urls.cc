// apps/capture/urls.cc: references resolved.

#include "apps/capture/urls.h"

#include <algorithm>
#include <cstdio>

namespace lares::capture {

namespace {

struct Parts {
    std::string_view scheme, authority, path, query;  // query with its '?'
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

Parts split(std::string_view url) {
    Parts out;
    url = url.substr(0, url.find('#'));
    auto const colon = url.find(':'), end = url.find_first_of("/?");
    if (colon != url.npos && (end == url.npos || colon < end) && is_letter(url.front())) {
        out.scheme = url.substr(0, colon);
        url.remove_prefix(colon + 1);
    }
    if (url.starts_with("//")) {
        url.remove_prefix(2);
        auto const stop = std::min(url.find_first_of("/?"), url.size());
        out.authority = url.substr(0, stop);
        url.remove_prefix(stop);
    }
    auto const mark = std::min(url.find('?'), url.size());
    out.path = url.substr(0, mark);
    out.query = url.substr(mark);
    return out;
}

/// "/a/./b/../c" as "/a/c".
std::string without_dots(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        auto const end = std::min(path.find('/', 1), path.size());
        auto const part = path.substr(0, end);
        path.remove_prefix(end);
        if (part == "/." || part == "/..") {
            if (part == "/..") out.resize(out.rfind('/') == out.npos ? 0 : out.rfind('/'));
            if (path.empty()) out += '/';
            continue;
        }
        out += part;
    }
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    return out;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (char c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte < 0x7F && c != '"' && c != '<' && c != '>') {
            out += c;
            continue;
        }
        char code[4];
        std::snprintf(code, sizeof code, "%%%02X", static_cast<unsigned>(byte));
        out += code;
    }
    return out;
}

}  // namespace

std::string redirected(std::string_view from, std::string_view location) {
    auto const base = split(from), to = split(location);
    if (location.empty()) return {};
    auto const scheme = lower(to.scheme.empty() ? base.scheme : to.scheme);
    if (scheme != "http" && scheme != "https") return {};
    bool const is_elsewhere = !to.scheme.empty() || !to.authority.empty();
    auto const authority = is_elsewhere ? to.authority : base.authority;
    if (authority.empty()) return {};
    std::string path(to.path);
    std::string query(to.query);
    if (!is_elsewhere && path.empty()) {
        path = base.path;
        if (to.query.empty()) query = base.query;
    } else if (!is_elsewhere && !path.starts_with('/')) {
        path = std::string(base.path.substr(0, base.path.rfind('/') + 1)) + path;
        if (!path.starts_with('/')) path.insert(0, "/");
    }
    if (path.empty()) path = "/";
    return scheme + "://" + escaped(authority) + escaped(without_dots(path)) + escaped(query);
}

}  // namespace lares::capture
