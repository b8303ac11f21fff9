// delivery/mime_test.cc: whole mails: one to read, and any bytes in every field.

#include "delivery/mime.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

namespace lares::deliver {

namespace {

Mail sample() {
    Mail mail;
    mail.from = {"Lares", "lares@example.org"};
    mail.to = {{"Anna", "anna@example.org"}};
    mail.title = "backup: Fehler";
    mail.text = "Es ist voll.\n";
    mail.message_id = message_id("lares-17-host", "example.org");
    mail.date = WallTime(Duration(1'795'836'100'000));
    return mail;
}

std::string header_part(std::string const& bytes) {
    return bytes.substr(0, bytes.find("\r\n\r\n"));
}

TEST_CASE("a text alone is a mail of one part") {
    CHECK(mime(sample()) ==
          "Date: Sat, 28 Nov 2026 03:21:40 +0000\r\n"
          "Message-ID: <lares-17-host@example.org>\r\n"
          "From: Lares <lares@example.org>\r\n"
          "To: Anna <anna@example.org>\r\n"
          "Subject: backup: Fehler\r\n"
          "Auto-Submitted: auto-generated\r\n"
          "MIME-Version: 1.0\r\n"
          "Content-Type: text/plain; charset=utf-8\r\n"
          "Content-Transfer-Encoding: quoted-printable\r\n"
          "\r\n"
          "Es ist voll.\r\n");
}

TEST_CASE("with HTML and files it is mixed around alternative, each in the order of preference") {
    Mail mail = sample();
    mail.html = "<p>voll</p>";
    mail.files = {{"a.log", "text/plain; charset=utf-8", "x\n"}};
    std::string bytes = mime(mail);
    auto mixed = bytes.find("multipart/mixed"), alternative = bytes.find("multipart/alternative");
    auto plain = bytes.find("text/plain"), html = bytes.find("text/html");
    auto file = bytes.find("filename=\"a.log\"");
    CHECK(mixed < alternative);
    CHECK(alternative < plain);
    CHECK(plain < html);
    CHECK(html < file);
    CHECK(file != std::string::npos);
    CHECK(bytes.find("eAo=\r\n") != std::string::npos);
}

TEST_CASE("an answer to a mail says so, and names the whole thread") {
    Mail mail = sample();
    mail.continues = "<a@x> broken <b@x> <c d@x>";
    std::string headers = header_part(mime(mail));
    CHECK(headers.find("In-Reply-To: <b@x>\r\nReferences: <a@x> <b@x>\r\n") != std::string::npos);
    mail.continues = "no id at all\r\nBcc: x@y";
    CHECK(header_part(mime(mail)).find("In-Reply-To") == std::string::npos);
}

TEST_CASE("only a secure URL takes back a subscription by one click") {
    Mail mail = sample();
    mail.unsubscribe = "https://x.example/u";
    CHECK(mime(mail).find("List-Unsubscribe: <https://x.example/u>\r\nList-Unsubscribe-Post: "
                          "List-Unsubscribe=One-Click\r\n") != std::string::npos);
    mail.unsubscribe = "mailto:u@x.example";
    CHECK(mime(mail).find("List-Unsubscribe: <mailto:u@x.example>\r\n") != std::string::npos);
    CHECK(mime(mail).find("One-Click") == std::string::npos);
    for (std::string_view url : {"javascript:x", "https://x\r\nBcc: y", "https://x> <y", "/u"}) {
        mail.unsubscribe = url;
        CHECK(mime(mail).find("List-Unsubscribe") == std::string::npos);
    }
}

TEST_CASE("a Message-ID is the same for one key, and is one whatever the key holds") {
    CHECK(message_id("lares-17-web.example", "x.org") == "<lares-17-web.example@x.org>");
    CHECK(message_id("a b", "x.org") == message_id("a b", "x.org"));
    CHECK(message_id("a b", "x.org") != message_id("a c", "x.org"));
    for (std::string_view key : {"", "a>b", "a\r\nb", "a..b", ".a", "a@b", "ü"}) {
        auto id = message_id(key, "x.org");
        CAPTURE(id);
        CHECK(id.starts_with("<lares-"));
        CHECK(id.find_first_of(" \r\n") == id.npos);
        CHECK(std::count(id.begin(), id.end(), '@') == 1);
    }
    CHECK(message_id("k", "") == "<k@localhost>");
}

std::string any_bytes(std::mt19937& random) {
    constexpr std::string_view pieces[] = {
        "\r\n", "\n", "\r", "\r\n\r\n", "\r\n.\r\n", "Bcc: x@y\r\n", "--", "=_lares-",
        "\0",   "ü",  "漢", "a",        " ",         "<a@b>",        "\"", ";",
        "=?",   "?=", ":"};
    std::string text;
    for (auto count = random() % 12; count > 0; --count) {
        auto piece = pieces[random() % std::size(pieces)];
        text += random() % 6 ? std::string(piece) : std::string(1, static_cast<char>(random()));
    }
    return text;
}

Mail any_mail(std::mt19937& random) {
    Mail mail = sample();
    auto any = [&] { return any_bytes(random); };
    mail.from.name = any();
    mail.to = {{any(), "anna@example.org"}, {any(), "b@example.org"}};
    mail.reply_to = {{any(), "c@example.org"}};
    mail.title = any();
    mail.text = any();
    mail.html = any();
    mail.continues = any();
    mail.unsubscribe = "https://" + any();
    mail.severity = any();
    mail.language = any();
    mail.tags = {any(), any()};
    mail.message_id = message_id(any(), any());
    mail.files = {{any(), any(), any()}, {any(), "text/plain", any()}};
    return mail;
}

/// "Name: …" or a folded line.
bool is_header_line(std::string const& line) {
    if (line.size() > 1 && line.front() == ' ') return true;
    auto colon = line.find(':');
    return colon != line.npos && colon > 0 &&
           std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
               return c == '-' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
           });
}

TEST_CASE("no bytes in any field make a header, end the headers, or close a part") {
    constexpr std::string_view known[] = {"Date",
                                          "Message-ID",
                                          "From",
                                          "To",
                                          "Reply-To",
                                          "Subject",
                                          "In-Reply-To",
                                          "References",
                                          "Auto-Submitted",
                                          "Importance",
                                          "Keywords",
                                          "Content-Language",
                                          "List-Unsubscribe",
                                          "List-Unsubscribe-Post",
                                          "MIME-Version",
                                          "Content-Type"};
    std::mt19937 random(11);
    for (int i = 0; i < 5'000; ++i) {
        Mail mail = any_mail(random);
        std::string bytes = mime(mail);
        std::string headers = header_part(bytes) + "\r\n";
        for (std::size_t at = 0; at < headers.size();) {
            auto end = headers.find("\r\n", at);
            std::string line = headers.substr(at, end - at);
            at = end + 2;
            CAPTURE(line);
            REQUIRE(is_header_line(line));
            if (line.front() == ' ') continue;
            auto name = line.substr(0, line.find(':'));
            REQUIRE(std::count(std::begin(known), std::end(known), name) == 1);
        }
        std::size_t boundaries = 0;
        for (std::size_t at = 0; at < bytes.size();) {
            auto end = bytes.find("\r\n", at);
            REQUIRE(end != bytes.npos);
            REQUIRE(end - at <= 998);
            std::string_view line(bytes.data() + at, end - at);
            REQUIRE(line.find_first_of(std::string_view("\r\n\0", 3)) == line.npos);
            REQUIRE(line != ".");
            boundaries += line.starts_with("--=_lares-");
            at = end + 2;
        }
        // Three parts and an end outside; two and an end inside, when there is HTML.
        REQUIRE(boundaries == (mail.html.empty() ? 4 : 7));
    }
}

TEST_CASE("a type that is none, or would need more than bytes, becomes one of any bytes") {
    Mail mail = sample();
    for (std::string_view type : {"", "text", "text/", "/x", "message/rfc822", "multipart/mixed",
                                  "text/plain\r\nX: y", "a/b; x=\"c\""}) {
        mail.files = {{"f", std::string(type), "x"}};
        CAPTURE(type);
        CHECK(mime(mail).find("Content-Type: application/octet-stream;\r\n name=\"f\"") !=
              std::string::npos);
    }
    CHECK(type_of("x.pdf") == "application/pdf");
    CHECK(type_of("pdf") == "application/octet-stream");
}

}  // namespace

}  // namespace lares::deliver
