// delivery/command_test.cc: a message reaches a command as words, variables and standard input.

#include <doctest/doctest.h>

#include <algorithm>

#include "delivery/kinds.h"
#include "delivery/mail_post_test.h"

namespace lares::deliver {

namespace {

using delivery::Answer;
using delivery::Outcome;

channel::Channel pager() {
    channel::Channel channel;
    channel.name = "pager";
    channel.kind = channel::Kind::command;
    channel.command = {"/usr/bin/page", "--title={{title}}", "{{fields.host}}", "{{severity}}"};
    channel.to = {"555", "666"};
    return channel;
}

message::Message sample() {
    message::Message message;
    message.title = "disk; rm -rf / $(x)";
    message.text = "full\n";
    message.fields = {{"host", "press-2", 10}};
    return message;
}

Answer send(MailPost& post, message::Message const& message = sample()) {
    return send_command(pager(), message, {.id = 17, .attempt = 2, .key = "lares-17"}, post);
}

std::string variable(ports::CommandCall const& call, std::string_view name) {
    auto found = std::find_if(call.environment.begin(), call.environment.end(),
                              [&](auto const& each) { return each.first == name; });
    REQUIRE(found != call.environment.end());
    return found->second;
}

TEST_CASE("placeholders fill whole words, whatever the message holds") {
    MailPost post;
    CHECK(send(post).outcome == Outcome::sent);
    REQUIRE(post.commands.size() == 1);
    CHECK(post.commands[0].argv == std::vector<std::string>{"/usr/bin/page",
                                                            "--title=disk; rm -rf / $(x)",
                                                            "press-2", "info"});
    CHECK(post.commands[0].input == "full\n\nhost: press-2\n");
    CHECK(variable(post.commands[0], "LARES_TITLE") == "disk; rm -rf / $(x)");
    CHECK(variable(post.commands[0], "LARES_TO") == "555 666");
    CHECK(variable(post.commands[0], "LARES_ID") == "17");
    CHECK(variable(post.commands[0], "LARES_ATTEMPT") == "2");
}

TEST_CASE("exit status 0 is sent, 75 is later, any other and a signal are refused") {
    auto check = [](ports::CommandAnswer const& done, Outcome outcome) {
        MailPost post;
        post.command_answer = done;
        CHECK(send(post).outcome == outcome);
    };
    check({0, 0, ""}, Outcome::sent);
    check({75, 0, ""}, Outcome::later);
    check({1, 0, "bad number"}, Outcome::refused);
    check({0, 11, ""}, Outcome::refused);
    MailPost post;
    post.command_answer = ports::CommandAnswer{1, 0, "bad number\n"};
    CHECK(send(post).words == "exit status 1: bad number");
}

TEST_CASE("a command that is not there blocks the channel; one that took too long is tried again") {
    MailPost post;
    post.command_answer = Error{Error::Kind::invalid, "gone"};
    CHECK(send(post).outcome == Outcome::blocked);
    post.command_answer = Error{Error::Kind::io, "took too long"};
    CHECK(send(post).outcome == Outcome::later);
}

TEST_CASE("what no argument or variable can hold is refused or cut, and never passed on") {
    MailPost post;
    auto message = sample();
    message.fields[0].value = std::string("a\0b", 3);
    CHECK(send(post, message).outcome == Outcome::refused);
    message = sample();
    message.fields.clear();
    CHECK(send(post, message).outcome == Outcome::refused);  // {{fields.host}} names nothing
    message = sample();
    message.fields[0].value.assign(200'000, 'x');
    CHECK(send(post, message).outcome == Outcome::refused);
    CHECK(post.commands.empty());
    message = sample();
    message.details.assign(100'000, 'x');
    message.details += std::string("\0", 1);
    CHECK(send(post, message).outcome == Outcome::sent);
    CHECK(variable(post.commands[0], "LARES_DETAILS").size() == 32'768);
}

}  // namespace

}  // namespace lares::deliver
