// delivery/mail_test.cc: what a mail channel asks of the world, and what each answer comes to.

#include <doctest/doctest.h>

#include <cstdio>
#include <fstream>

#include "delivery/kinds.h"
#include "delivery/mail_answer.h"
#include "delivery/mail_post_test.h"

namespace lares::deliver {

namespace {

using channel::Channel;
using delivery::Answer;
using delivery::Outcome;
using message::Message;
using Tls = ports::MailCall::Tls;

Channel mail_channel() {
    Channel channel;
    channel.name = "ops";
    channel.url = "smtp://mail.example.org:587";
    channel.from = "Lares <lares@example.org>";
    channel.to = {"anna@example.org"};
    return channel;
}

Message sample() {
    Message message;
    message.title = "backup: failed";
    message.text = "The disk is full.\n";
    return message;
}

Try attempt() { return {.id = 17, .attempt = 1, .key = "lares-17-host"}; }

Answer send(MailPost& post, Channel const& channel = mail_channel()) {
    return send_mail(channel, sample(), attempt(), post);
}

TEST_CASE("a taken mail is sent, known by its Message-ID, in the server's words") {
    MailPost post;
    Answer answer = send(post);
    CHECK(answer.outcome == Outcome::sent);
    CHECK(answer.provider == "<lares-17-host@example.org>");
    CHECK(answer.words == "250 2.0.0 Ok");
    REQUIRE(post.mails.size() == 1);
    CHECK(post.mails[0].from == "lares@example.org");
    CHECK(post.mails[0].to == std::vector<std::string>{"anna@example.org"});
    CHECK(post.mails[0].bytes.find("Subject: backup: failed\r\n") != std::string::npos);
}

TEST_CASE("each reply has its outcome") {
    auto check = [](int code, Outcome outcome) {
        MailPost post;
        post.mail_answer = ports::MailAnswer{code, std::to_string(code) + " words", {}};
        CAPTURE(code);
        Answer answer = send(post);
        CHECK(answer.outcome == outcome);
        CHECK(answer.words == std::to_string(code) + " words");
    };
    check(250, Outcome::sent);
    check(251, Outcome::sent);
    check(421, Outcome::blocked);
    check(450, Outcome::later);
    check(451, Outcome::later);
    check(452, Outcome::later);
    check(454, Outcome::blocked);
    check(530, Outcome::blocked);
    check(535, Outcome::blocked);
    check(550, Outcome::refused);
    check(552, Outcome::refused);
    check(554, Outcome::refused);
}

TEST_CASE("what broke before the end of the mail blocks the channel, after it nobody knows") {
    auto check = [](Error::Kind kind, Outcome outcome) {
        MailPost post;
        post.mail_answer = Error{kind, "words"};
        CHECK(send(post).outcome == outcome);
    };
    check(Error::Kind::unavailable, Outcome::blocked);
    check(Error::Kind::denied, Outcome::blocked);
    check(Error::Kind::invalid, Outcome::blocked);
    check(Error::Kind::io, Outcome::unsure);
}

TEST_CASE("recipients who were refused beside others are named in a mail that was sent") {
    MailPost post;
    post.mail_answer = ports::MailAnswer{250, "250 Ok", {{"b@x.org", "550 5.1.1 unknown"}}};
    Channel channel = mail_channel();
    channel.to = {"a@x.org", "b@x.org"};
    Answer answer = send(post, channel);
    CHECK(answer.outcome == Outcome::sent);
    CHECK(answer.words == "250 Ok; but not for b@x.org: 550 5.1.1 unknown");
}

TEST_CASE("a recipient who was told to wait gets it by another try, and nobody gets it twice") {
    MailPost post;
    post.mail_answer = ports::MailAnswer{
        250, "250 Ok", {{"b@x.org", "450 greylisted"}, {"c@x.org", "550 unknown"}}};
    Channel channel = mail_channel();
    channel.to = {"a@x.org", "b@x.org", "c@x.org"};
    Answer first = send(post, channel);
    CHECK(first.outcome == Outcome::later);
    CHECK(first.provider == "has: a@x.org c@x.org");

    Try again = attempt();
    again.resume = first.provider;
    post.mail_answer = ports::MailAnswer{451, "451 try again", {}};
    Answer second = send_mail(channel, sample(), again, post);
    CHECK(post.mails.back().to == std::vector<std::string>{"b@x.org"});
    CHECK(second.outcome == Outcome::later);
    CHECK(recipients_in(second.provider) == recipients_in(first.provider));

    post.mail_answer = ports::MailAnswer{250, "250 Ok", {}};
    Answer third = send_mail(channel, sample(), again, post);
    CHECK(third.outcome == Outcome::sent);
    CHECK(third.provider == "<lares-17-host@example.org>");
    CHECK(post.mails.back().bytes.find("To: a@x.org, b@x.org, c@x.org\r\n") != std::string::npos);
}

TEST_CASE("when all are refused it is refused, or later if one of them may be asked again") {
    Channel channel = mail_channel();
    channel.to = {"a@x.org", "b@x.org"};
    MailPost post;
    post.mail_answer =
        ports::MailAnswer{550, "550 no", {{"a@x.org", "550 no"}, {"b@x.org", "550 no"}}};
    Answer answer = send(post, channel);
    CHECK(answer.outcome == Outcome::refused);
    CHECK(answer.words == "a@x.org: 550 no; b@x.org: 550 no");
    post.mail_answer =
        ports::MailAnswer{550, "550 no", {{"a@x.org", "450 wait"}, {"b@x.org", "550 no"}}};
    CHECK(send(post, channel).outcome == Outcome::later);
}

TEST_CASE(
    "a login goes over a protected line only, unless it stays in this machine or is told to") {
    auto tls_of = [](Channel const& channel) {
        MailPost post;
        send(post, channel);
        REQUIRE(post.mails.size() == 1);
        return post.mails[0].tls;
    };
    Channel channel = mail_channel();
    CHECK(tls_of(channel) == Tls::when_offered);
    channel.user = "lares";
    CHECK(tls_of(channel) == Tls::required);
    channel.url = "smtp://127.0.0.1:25";
    CHECK(tls_of(channel) == Tls::when_offered);
    channel.url = "smtp://127.0.0.1.evil.example:25";
    CHECK(tls_of(channel) == Tls::required);
    channel.url = "smtp://localhost.evil.example";
    CHECK(tls_of(channel) == Tls::required);
    channel.tls = channel::Tls::none;
    CHECK(tls_of(channel) == Tls::none);
    channel.tls = channel::Tls::starttls;
    CHECK(tls_of(channel) == Tls::required);
}

TEST_CASE("port 465 and tls = tls mean TLS from the first byte") {
    MailPost post;
    Channel channel = mail_channel();
    channel.url = "smtp://mail.example.org:465";
    send(post, channel);
    channel.url = "smtp://mail.example.org:2465";
    channel.tls = channel::Tls::tls;
    send(post, channel);
    CHECK(post.mails[0].url == "smtps://mail.example.org:465");
    CHECK(post.mails[1].url == "smtps://mail.example.org:2465");
}

TEST_CASE("a refresh token is exchanged for a bearer before the mail") {
    MailPost post;
    Channel channel = mail_channel();
    channel.auth = channel::Auth::xoauth2;
    channel.user = "lares@example.org";
    channel.refresh_token = "r&1";
    channel.client_id = "id";
    channel.token_url = "https://token.example.org";
    post.web_answer = ports::WebAnswer{200, {}, "{\"access_token\":\"fresh\",\"expires_in\":3600}"};
    CHECK(send(post, channel).outcome == Outcome::sent);
    CHECK(post.calls[0].body == "grant_type=refresh_token&refresh_token=r%261&client_id=id");
    CHECK(post.mails[0].bearer == "fresh");
    CHECK(post.mails[0].mechanism == "XOAUTH2");

    post.web_answer = ports::WebAnswer{400, {}, "{\"error\":\"invalid_grant\"}"};
    Answer answer = send(post, channel);
    CHECK(answer.outcome == Outcome::blocked);
    CHECK(answer.words ==
          "no token from 'https://token.example.org': 400 bad request: invalid_grant");
    CHECK(post.mails.size() == 1);

    // A service that takes each refresh token once: the new one comes back, to be kept.
    post.web_answer =
        ports::WebAnswer{200, {}, "{\"access_token\":\"next\",\"refresh_token\":\"r2\"}"};
    CHECK(send(post, channel).refresh_token == "r2");
    CHECK(post.mails.back().bearer == "next");
}

TEST_CASE("an attachment that is gone, or is no file, refuses the mail and names it") {
    MailPost post;
    Message message = sample();
    message.files = {{"a.txt", "", "/nowhere/a.txt"}};
    Answer answer = send_mail(mail_channel(), message, attempt(), post);
    CHECK(answer.outcome == Outcome::refused);
    CHECK(answer.words.find("'/nowhere/a.txt'") != std::string::npos);
    message.files = {{"null", "", "/dev/null"}};
    CHECK(send_mail(mail_channel(), message, attempt(), post).outcome == Outcome::refused);
    CHECK(post.mails.empty());
}

TEST_CASE("without a recipient or with a wrong one nothing is sent") {
    MailPost post;
    Channel channel = mail_channel();
    channel.to = {};
    CHECK(send(post, channel).outcome == Outcome::refused);
    channel.to = {"a@b\r\nRCPT TO:<c@d>"};
    CHECK(send(post, channel).outcome == Outcome::refused);
    channel.from = "nobody at all";
    CHECK(send(post, channel).outcome == Outcome::blocked);
    CHECK(post.mails.empty());
}

TEST_CASE("a sendmail program gets the mail as a file of this system, and each address as a word") {
    MailPost post;
    Channel channel = mail_channel();
    channel.url = "sendmail:/usr/sbin/sendmail";
    channel.to = {"-oQ/tmp@x.org", "b@x.org"};
    Answer answer = send(post, channel);
    CHECK(answer.outcome == Outcome::sent);
    REQUIRE(post.commands.size() == 1);
    CHECK(post.commands[0].argv == std::vector<std::string>{"/usr/sbin/sendmail", "-i", "-f",
                                                            "lares@example.org", "--",
                                                            "-oQ/tmp@x.org", "b@x.org"});
    CHECK(post.commands[0].input.find('\r') == std::string::npos);
    CHECK(post.commands[0].input.find("\n\nThe disk is full.\n") != std::string::npos);
}

TEST_CASE("each exit code of sendmail has its outcome") {
    auto check = [](int code, Outcome outcome) {
        CAPTURE(code);
        Answer answer = sendmail_answer(ports::CommandAnswer{code, 0, "said\n"});
        CHECK(answer.outcome == outcome);
        CHECK(answer.words.ends_with(": said"));
    };
    check(0, Outcome::sent);
    check(64, Outcome::blocked);
    check(65, Outcome::refused);
    check(67, Outcome::refused);
    check(68, Outcome::refused);
    check(69, Outcome::later);
    check(75, Outcome::later);
    check(77, Outcome::blocked);
    check(78, Outcome::blocked);
    check(1, Outcome::later);
    CHECK(sendmail_answer(ports::CommandAnswer{0, 9, ""}).outcome == Outcome::unsure);
    CHECK(sendmail_answer(Error{Error::Kind::io, "killed"}).outcome == Outcome::unsure);
    CHECK(sendmail_answer(Error{Error::Kind::invalid, "gone"}).outcome == Outcome::blocked);
}

TEST_CASE("what a peer says is one line of bounded length that cuts no character") {
    CHECK(words_of_peer("a\r\nb") == "a b");
    std::string longer(499, 'a');
    longer += "üüü";
    CHECK(words_of_peer(longer) == std::string(499, 'a') + "…");
}

}  // namespace

}  // namespace lares::deliver
