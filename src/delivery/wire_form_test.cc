// delivery/wire_form_test.cc: orders and answers come back as they were, and what is none is named.

#include "delivery/wire_form.h"

#include <doctest/doctest.h>

namespace lares::deliver {

namespace {

using delivery::Answer;
using delivery::Outcome;

Order full_order() {
    Order order;
    order.id = 17;
    order.attempt = 2;
    order.key = "lares-17-host";
    order.resume = "has: a@b";
    auto& channel = order.channel;
    channel.name = "ops";
    channel.kind = channel::Kind::webhook;
    channel.url = "https://x.example/\"hook\"";
    channel.to = {"a@b", "c@d"};
    channel.password = "geheim\n";
    channel.headers = {{"X-A", "1"}, {"X-B", ""}};
    channel.tls = channel::Tls::starttls;
    channel.auth = channel::Auth::cram_md5;
    channel.shape = channel::Shape::ntfy;
    channel.command = {"a", "b c"};
    channel.rate = {10, Duration(60'000)};
    channel.timeout = Duration(5'000);
    channel.threads = true;
    channel.length = 0;
    channel.budget = "sms";
    order.message.title = "Grüße";
    order.message.fields = {{"host", "press-2", 3}};
    order.message.files = {{"a.txt", "text/plain", "/tmp/a"}};
    order.message.tags = {"x"};
    return order;
}

TEST_CASE("an order comes back as it was, and is one line") {
    Order order = full_order();
    std::string line = print(order);
    CHECK(line.find('\n') == std::string::npos);
    auto back = parse_order(line);
    REQUIRE(back.ok());
    CHECK(*back == order);
    auto fresh = parse_order(print(Order{}));
    REQUIRE(fresh.ok());
    CHECK(*fresh == Order{});
}

TEST_CASE("what has a name in the configuration has it in an order too") {
    std::string line = print(full_order());
    CHECK(line.find("\"kind\":\"webhook\"") != std::string::npos);
    CHECK(line.find("\"tls\":\"starttls\"") != std::string::npos);
    CHECK(line.find("\"auth\":\"cram-md5\"") != std::string::npos);
    CHECK(line.find("\"shape\":\"ntfy\"") != std::string::npos);
    using channel::Kind;
    for (auto kind : {Kind::mail, Kind::sms, Kind::telegram, Kind::mastodon, Kind::x, Kind::bluesky,
                      Kind::webhook, Kind::command}) {
        auto order = parse_order("{\"channel\":{\"kind\":\"" + std::string(name(kind)) + "\"}}");
        REQUIRE(order.ok());
        CHECK(order->channel.kind == kind);
    }
}

TEST_CASE("a member of another type or with an unknown word is named; an unknown one is left out") {
    auto words = [](std::string_view line) {
        auto order = parse_order(line);
        return order ? std::string("fine") : order.error().what;
    };
    CHECK(words("{\"channel\":{\"kind\":\"pigeon\"}}") ==
          "'channel': 'kind': must be one of mail, sms, telegram, mastodon, x, bluesky, webhook, "
          "command");
    CHECK(words("{\"message\":{\"title\":1}}") == "'message': 'title': must be a text");
    CHECK(words("{\"id\":1,\"newer\":{\"x\":[]}}") == "fine");
    CHECK(words("[]") == "must be an object");
    CHECK(words("{\"id\":1") != "fine");
}

TEST_CASE("an answer comes back as it was; a torn one is none") {
    for (auto outcome : {Outcome::sent, Outcome::refused, Outcome::later, Outcome::limited,
                         Outcome::blocked, Outcome::unsure}) {
        Answer answer{.id = 17,
                      .attempt = 2,
                      .outcome = outcome,
                      .retry_after = Duration(90'000),
                      .provider = "<a@b>",
                      .words = "452 4.2.2 mailbox full",
                      .cost_micros = 75'000,
                      .units = 3};
        std::string line = print(answer);
        auto back = parse_answer(line);
        REQUIRE(back.ok());
        CHECK(*back == answer);
        for (std::size_t length = 0; length < line.size(); ++length)
            REQUIRE_FALSE(parse_answer(line.substr(0, length)).ok());
    }
    CHECK(print(Answer{.id = 1, .attempt = 1, .outcome = Outcome::later}) ==
          "{\"id\":1,\"attempt\":1,\"outcome\":\"later\"}");
    CHECK_FALSE(parse_answer("{\"id\":1,\"attempt\":1}").ok());
    CHECK_FALSE(parse_answer("{\"id\":1,\"attempt\":1,\"outcome\":\"perhaps\"}").ok());
}

}  // namespace

}  // namespace lares::deliver
