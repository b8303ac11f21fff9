// delivery/mime.cc: the parts of a mail put together.

#include "delivery/mime.h"

#include <algorithm>

#include "base/sha256.h"
#include "delivery/mail_text.h"

namespace lares::deliver {

namespace {

/// Beyond this no line of SMTP may be (998), its name and brackets included.
constexpr std::size_t token_bytes = 900;

bool is_token(std::string_view text) {
    return !text.empty() && text.size() <= token_bytes &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return c > ' ' && c <= '~' && c != '<' && c != '>'; });
}

/// The Message-IDs that `text` holds; what is none is left out.
std::vector<std::string> message_ids(std::string_view text) {
    constexpr std::size_t most = 20;  // a conversation's last ones; readers need no more
    std::vector<std::string> ids;
    for (std::size_t at = 0; at < text.size();) {
        auto end = std::min(text.find(' ', at), text.size());
        auto word = text.substr(at, end - at);
        at = end + 1;
        if (word.size() < 3 || word.front() != '<' || word.back() != '>') continue;
        if (is_token(word.substr(1, word.size() - 2))) ids.emplace_back(word);
    }
    if (ids.size() > most) ids.erase(ids.begin(), ids.end() - most);
    return ids;
}

std::string thread_headers(std::string_view continues) {
    auto ids = message_ids(continues);
    if (ids.empty()) return {};
    return token_header("In-Reply-To", {ids.back()}) + token_header("References", ids);
}

/// RFC 2369; for a URL that takes a POST, RFC 8058 too.
std::string unsubscribe_headers(std::string_view url) {
    bool secure = url.starts_with("https://");
    if (!secure && !url.starts_with("http://") && !url.starts_with("mailto:")) return {};
    if (!is_token(url)) return {};
    std::string out = token_header("List-Unsubscribe", {"<" + std::string(url) + ">"});
    if (secure) out += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
    return out;
}

std::string optional_headers(Mail const& mail) {
    std::string out;
    if (mail.severity == "error" || mail.severity == "critical") out += "Importance: high\r\n";
    std::string tags;
    for (auto const& tag : mail.tags) tags += (tags.empty() ? "" : ", ") + tag;
    if (!one_line(tags).empty()) out += text_header("Keywords", tags);
    auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    };
    auto const& language = mail.language;
    if (!language.empty() && language.size() <= 35 &&
        std::all_of(language.begin(), language.end(), is_letter))
        out += "Content-Language: " + language + "\r\n";
    return out;
}

std::string headers(Mail const& mail) {
    return "Date: " + mail_date(mail.date) + "\r\n" +
           token_header("Message-ID", {mail.message_id}) + address_header("From", {mail.from}) +
           address_header("To", mail.to) + address_header("Reply-To", mail.reply_to) +
           text_header("Subject", mail.title) + thread_headers(mail.continues) +
           "Auto-Submitted: auto-generated\r\n" + optional_headers(mail) +
           unsubscribe_headers(mail.unsubscribe) + "MIME-Version: 1.0\r\n";
}

std::string text_part(std::string_view type, std::string_view text) {
    return "Content-Type: " + std::string(type) +
           "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
           quoted_printable(text);
}

/// "=_" stands in no quoted-printable and in no base64, so no body can hold a boundary.
std::string multipart(std::string_view kind, std::string const& boundary,
                      std::vector<std::string> const& parts) {
    std::string out = "Content-Type: multipart/" + std::string(kind) + ";\r\n boundary=\"" +
                      boundary + "\"\r\n\r\n";
    for (auto const& part : parts) out += "--" + boundary + "\r\n" + part;
    return out + "--" + boundary + "--\r\n";
}

/// "text/plain; charset=utf-8" as it may stand in a header; else the type of any bytes. A type that
/// would need an encoding of its own (message/, multipart/) is not given away.
std::string safe_type(std::string_view type) {
    auto is_fine = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("!#$&^_.+-/=; ").find(c) != std::string_view::npos;
    };
    auto slash = type.find('/');
    bool fine = type.size() <= 100 && slash != 0 && slash + 1 < type.size() &&
                std::all_of(type.begin(), type.end(), is_fine) && type.back() != ' ' &&
                !type.starts_with("message/") && !type.starts_with("multipart/");
    return slash != type.npos && fine ? std::string(type) : "application/octet-stream";
}

std::string file_part(MailFile const& file) {
    std::string name = one_line(file.name);
    std::replace(name.begin(), name.end(), '/', '_');
    return "Content-Type: " + safe_type(file.type) + parameter("name", name) +
           "\r\nContent-Disposition: attachment" + parameter("filename", name) +
           "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64_lines(file.bytes);
}

struct Type {
    std::string_view end, type;
};
// clang-format off
constexpr Type types[] = {
    {".txt",  "text/plain; charset=utf-8"}, {".log",  "text/plain; charset=utf-8"},
    {".csv",  "text/csv; charset=utf-8"},   {".html", "text/html; charset=utf-8"},
    {".md",   "text/markdown; charset=utf-8"}, {".ics", "text/calendar; charset=utf-8"},
    {".json", "application/json"},          {".xml",  "application/xml"},
    {".pdf",  "application/pdf"},           {".zip",  "application/zip"},
    {".gz",   "application/gzip"},          {".png",  "image/png"},
    {".jpg",  "image/jpeg"},                {".jpeg", "image/jpeg"},
    {".gif",  "image/gif"},                 {".svg",  "image/svg+xml"},
};
// clang-format on

}  // namespace

std::string_view type_of(std::string_view file_name) {
    for (auto const& row : types)
        if (file_name.ends_with(row.end)) return row.type;
    return "application/octet-stream";
}

std::string message_id(std::string_view key, std::string_view domain) {
    auto is_plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '_' || c == '.';
    };
    bool plain = !key.empty() && key.size() <= 100 && key.front() != '.' && key.back() != '.' &&
                 key.find("..") == key.npos && std::all_of(key.begin(), key.end(), is_plain);
    std::string left = plain ? std::string(key) : "lares-" + sha256_hex(key).substr(0, 32);
    bool known = is_token(domain) && domain.size() <= 255 && domain.find('@') == domain.npos;
    return "<" + left + "@" + (known ? std::string(domain) : "localhost") + ">";
}

std::string mime(Mail const& mail) {
    std::string boundary = "=_lares-" + sha256_hex(mail.message_id).substr(0, 24);
    std::string body = text_part("text/plain", mail.text);
    if (!mail.html.empty())
        body = multipart("alternative", boundary + "-a", {body, text_part("text/html", mail.html)});
    if (!mail.files.empty()) {
        std::vector<std::string> parts{std::move(body)};
        for (auto const& file : mail.files) parts.push_back(file_part(file));
        body = multipart("mixed", boundary + "-m", parts);
    }
    return headers(mail) + body;
}

}  // namespace lares::deliver
