// net/client/smtp_talk_test.cc: what is known of a conversation at each of its moments.

#include "net/client/smtp_talk.h"

#include <doctest/doctest.h>

namespace lares::net {

namespace {

/// "> command" was sent, "< line" was received.
SmtpTalk talk(std::initializer_list<std::string_view> lines, std::size_t mail_bytes = 10) {
    SmtpTalk made(mail_bytes);
    for (auto line : lines) {
        std::string bytes = std::string(line.substr(2)) + "\r\n";
        if (line[0] == '>') made.sent(bytes);
        if (line[0] == '<') made.received(bytes);
        if (line[0] == '.') made.sent_mail(line.size() - 2);
    }
    return made;
}

TEST_CASE("each recipient that was refused is known, with what was said of it") {
    auto made = talk({"< 220 hello", "> EHLO x", "< 250-a", "< 250 b", "> MAIL FROM:<a@b> SIZE=3",
                      "< 250 ok", "> RCPT TO:<c@d>", "< 550-5.1.1 no", "< 550 5.1.1 such user",
                      "> RCPT TO:<e@f>", "< 250 ok", "> DATA", "< 354 go on", ". 0123456789",
                      "< 250 2.0.0 taken"});
    REQUIRE(made.refused().size() == 1);
    CHECK(made.refused()[0].first == "c@d");
    CHECK(made.refused()[0].second == "550 5.1.1 no 5.1.1 such user");
    CHECK(made.code() == 250);
    CHECK(made.words() == "250 2.0.0 taken");
    CHECK_FALSE(made.is_verdict());
    CHECK_FALSE(made.is_after_data());
}

TEST_CASE("only a whole mail without an answer is after the end of data") {
    std::initializer_list<std::string_view> before = {
        "< 220 hello", "> EHLO x",        "< 250 b",  "> MAIL FROM:<a@b>",
        "< 250 ok",    "> RCPT TO:<c@d>", "< 250 ok", "> DATA"};
    CHECK_FALSE(talk(before).is_after_data());
    auto made = talk(before);
    made.received("354 go on\r\n");
    CHECK_FALSE(made.is_after_data());
    CHECK(made.awaited() == "room for the mail");
    made.sent_mail(9);
    CHECK_FALSE(made.is_after_data());
    made.sent_mail(1);
    CHECK(made.is_after_data());
    CHECK(made.awaited() == "the answer to the mail");
    made.received("250-2.0.0\r\n");
    CHECK(made.is_after_data());
    made.received("250 ok\r\n");
    CHECK_FALSE(made.is_after_data());
}

TEST_CASE("a refusal is a verdict on the mail from MAIL on, when nothing else is waited for") {
    CHECK_FALSE(talk({"< 554 no service"}).is_verdict());
    CHECK_FALSE(talk({"< 220 hi", "> EHLO x", "< 550 who"}).is_verdict());
    CHECK_FALSE(talk({"< 220 hi", "> EHLO x", "< 250 x", "> AUTH PLAIN", "< 535 no"}).is_verdict());
    CHECK(talk({"< 220 hi", "> MAIL FROM:<a@b>", "< 451 later"}).is_verdict());
    CHECK(talk({"> RCPT TO:<a@b>", "< 550 no"}).is_verdict());
    CHECK_FALSE(talk({"> RCPT TO:<a@b>", "< 550 no", "> RCPT TO:<c@d>"}).is_verdict());
    CHECK(talk({"> DATA", "< 354 go", ". 0123456789", "< 554 spam"}).is_verdict());
    CHECK_FALSE(talk({"> DATA", "< 354 go", ". 0123456789", "< 250 ok"}).is_verdict());
}

TEST_CASE("the farewell after a refusal changes nothing of it") {
    auto made = talk({"< 220 hi", "> MAIL FROM:<a@b>", "< 451 later", "> QUIT", "< 221 bye"});
    CHECK(made.is_verdict());
    CHECK(made.words() == "451 later");
    auto next = talk({"> QUIT", "< 221 bye", "> EHLO x", "< 250 x"});
    CHECK(next.words() == "250 x");
}

TEST_CASE("a login's secrets are no commands, and are not repeated in any words") {
    auto made = talk({"< 220 hi", "> EHLO x", "< 250 AUTH LOGIN", "> AUTH LOGIN",
                      "< 334 VXNlcg==", "> Z2VoZWlt"});
    CHECK(made.awaited() == "the answer to AUTH");
    CHECK(talk({"> AUTH PLAIN Z2VoZWlt"}).awaited() == "the answer to AUTH");
    CHECK(talk({}).awaited() == "the server's greeting");
}

TEST_CASE("what is no reply is passed over, and an endless one is bounded") {
    auto made = talk({"< hello", "< 22", "< ", "< 2x0 what"});
    CHECK(made.code() == 0);
    for (int i = 0; i < 1'000; ++i) made.received("250-" + std::string(500, 'x') + "\r\n");
    made.received("250 end\r\n");
    CHECK(made.code() == 250);
    CHECK(made.words().size() < 10'000);
}

TEST_CASE("dots at the beginning of lines are counted as they are doubled") {
    CHECK(dotted_size("a\r\nb\r\n") == 6);
    CHECK(dotted_size(".a\r\n.b\r\n..\r\n") == 12 + 3);
    CHECK(dotted_size("") == 0);
}

}  // namespace

}  // namespace lares::net
