// net/reply_text.cc: answers as the bytes that go out.

#include "net/reply_text.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace lares::net {

namespace {

struct Reason {
    int status;
    std::string_view phrase;
};

// clang-format off
constexpr Reason reasons[] = {
    {100, "Continue"},           {101, "Switching Protocols"}, {200, "OK"},
    {201, "Created"},            {202, "Accepted"},            {204, "No Content"},
    {206, "Partial Content"},    {301, "Moved Permanently"},   {302, "Found"},
    {303, "See Other"},          {304, "Not Modified"},        {307, "Temporary Redirect"},
    {400, "Bad Request"},        {401, "Unauthorized"},        {403, "Forbidden"},
    {404, "Not Found"},          {405, "Method Not Allowed"},  {408, "Request Timeout"},
    {409, "Conflict"},           {410, "Gone"},                {411, "Length Required"},
    {412, "Precondition Failed"},{413, "Payload Too Large"},   {414, "URI Too Long"},
    {415, "Unsupported Media Type"}, {422, "Unprocessable Entity"}, {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},                  {500, "Internal Server Error"},
    {501, "Not Implemented"},    {502, "Bad Gateway"},         {503, "Service Unavailable"},
    {504, "Gateway Timeout"},    {505, "HTTP Version Not Supported"},
};
constexpr std::string_view classes[] = {"Continue", "OK", "Redirected", "Bad Request", "Server Error"};
constexpr std::string_view ours[] = {"content-length", "connection", "transfer-encoding"};
// clang-format on

bool same_word(std::string_view a, std::string_view b) {
    return std::ranges::equal(
        a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

void append_number(std::string& out, std::size_t number, int base = 10) {
    char digits[24];
    auto [end, error] = std::to_chars(digits, digits + sizeof digits, number, base);
    out.append(digits, end);
}

void append_clean(std::string& out, std::string_view text) {
    for (char c : text) out += static_cast<unsigned char>(c) < ' ' && c != '\t' ? ' ' : c;
}

void append_head(std::string& out, ports::HttpReply const& reply, Framing framing,
                 std::string_view date) {
    out += framing.is_http11 ? "HTTP/1.1 " : "HTTP/1.0 ";
    append_number(out, static_cast<std::size_t>(std::clamp(reply.status, 100, 599)));
    out += ' ';
    out += reason_phrase(reply.status);
    out += "\r\n";
    bool has_date = false;
    for (auto const& [name, value] : reply.headers) {
        if (std::ranges::any_of(ours, [&](auto own) { return same_word(name, own); })) continue;
        has_date = has_date || same_word(name, "date");
        append_clean(out, name);
        out += ": ";
        append_clean(out, value);
        out += "\r\n";
    }
    if (!has_date) out.append("Date: ").append(date).append("\r\n");
    if (!framing.keep_alive)
        out += "Connection: close\r\n";
    else if (!framing.is_http11)
        out += "Connection: keep-alive\r\n";
}

}  // namespace

std::string_view reason_phrase(int status) {
    auto found = std::ranges::find(reasons, status, &Reason::status);
    if (found != std::end(reasons)) return found->phrase;
    return classes[std::clamp(status / 100, 1, 5) - 1];
}

std::string http_date(std::time_t at) {
    static constexpr char const* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr char const* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm parts{};
    gmtime_r(&at, &parts);
    // Not strftime's %a and %b, which speak the user's language.
    char text[64];
    std::size_t length = std::strftime(text, sizeof text, "___, %d ___ %Y %H:%M:%S GMT", &parts);
    std::string date(text, length);
    date.replace(0, 3, days[parts.tm_wday]);
    date.replace(8, 3, months[parts.tm_mon]);
    return date;
}

bool asks_to_close(ports::HttpReply const& reply) {
    return std::ranges::any_of(reply.headers, [](auto const& header) {
        return same_word(header.first, "connection") && same_word(header.second, "close");
    });
}

void append_reply(std::string& out, ports::HttpReply const& reply, Framing framing,
                  std::string_view date) {
    append_head(out, reply, framing, date);
    bool has_body = reply.status >= 200 && reply.status != 204 && reply.status != 304;
    if (has_body) {
        out += "Content-Length: ";
        append_number(out, reply.body.size());
        out += "\r\n";
    }
    out += "\r\n";
    if (has_body && !framing.is_head) out += reply.body;
}

void append_stream_head(std::string& out, ports::HttpReply const& head, Framing framing,
                        std::string_view date) {
    append_head(out, head, framing, date);
    if (framing.is_http11) out += "Transfer-Encoding: chunked\r\n";
    out += "\r\n";
}

void append_piece(std::string& out, std::string_view bytes, Framing framing) {
    if (bytes.empty() || framing.is_head) return;
    if (!framing.is_http11) {
        out += bytes;
        return;
    }
    append_number(out, bytes.size(), /*base=*/16);
    out.append("\r\n").append(bytes).append("\r\n");
}

void append_stream_end(std::string& out, Framing framing) {
    if (framing.is_http11 && !framing.is_head) out += "0\r\n\r\n";
}

}  // namespace lares::net
