// delivery/spending_test.cc: what a message costs before it is sent.

#include "delivery/spending.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::deliver;

TEST_CASE("an SMS is paid by the part and by the number") {
    channel::Channel channel{.kind = channel::Kind::sms, .to = {"1", "2"}};
    message::Message message{.text = std::string(200, 'x')};
    CHECK(spending_of(channel, message) == std::vector<Spending>{{"sms", 4}});
    message.text = "short";
    CHECK(spending_of(channel, message) == std::vector<Spending>{{"sms", 2}});
    message.to = {"3"};
    CHECK(spending_of(channel, message) == std::vector<Spending>{{"sms", 1}});
}

TEST_CASE("a post of X with a link is another thing than one without") {
    channel::Channel channel{.kind = channel::Kind::x};
    CHECK(spending_of(channel, {.text = "hello"}) == std::vector<Spending>{{"post", 1}});
    CHECK(spending_of(channel, {.text = "hello", .link = "https://example.org/a"}) ==
          std::vector<Spending>{{"post_with_link", 1}});
    CHECK(broader_unit("post_with_link") == "post");
    CHECK(broader_unit("post") == "message");
    CHECK(broader_unit("message").empty());
}

TEST_CASE("anything else is one message, also what cannot be sent") {
    CHECK(spending_of({.kind = channel::Kind::mail}, {.text = "x"}) ==
          std::vector<Spending>{{"message", 1}});
    CHECK(spending_of({.kind = channel::Kind::sms}, {}) == std::vector<Spending>{{"sms", 1}});
}
