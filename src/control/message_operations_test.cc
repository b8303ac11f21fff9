// control/message_operations_test.cc: channels, deliveries and alerts through the table, and the
// link by which the reader of a message acknowledges.

#include <doctest/doctest.h>

#include "control/scripted_test.h"

using namespace lares;
using namespace lares::control;
using text::Struct;

namespace {

struct Counter : Office {
    ScriptedMessages& messages = house.scripted_messages;
};

bool has(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a message is given with all that belongs to it, and the numbers come back") {
    Counter desk;
    auto told = desk.call(
        "lares.notify", {list({"ops", "sms", "ops"}),
                         Struct{{"title", "Ready"},
                                {"text", "It is.\n"},
                                {"to", list({"anna@example.org"})},
                                {"key", "k1"},
                                {"thread", "t"},
                                {"files", list({Struct{{"name", "a.txt"}, {"base64", "YWJj"}}})}}});
    CHECK(told == R"({"deliveries":[100,101]})");
    REQUIRE(desk.messages.given.size() == 1);
    auto const& given = desk.messages.given[0];
    CHECK(given.channels == std::vector<std::string>{"ops", "sms"});
    CHECK(given.message.title == "Ready");
    CHECK(given.message.to == std::vector<std::string>{"anna@example.org"});
    CHECK(given.key == "k1");
    CHECK(given.thread == "t");
    REQUIRE(given.files.size() == 1);
    CHECK(given.files[0] == std::pair<std::string, std::string>{"a.txt", "abc"});
    CHECK(desk.messages.notes[0].starts_with("notify by "));
}

TEST_CASE("what is no message is refused and given to nobody") {
    Counter desk;
    auto refused = [&](text::Array parameters) {
        return desk.call("lares.notify", std::move(parameters)).starts_with("fault 3");
    };
    CHECK(refused({"ops", Struct{}}));
    CHECK(refused({list({}), Struct{{"title", "x"}}}));
    CHECK(refused({"ops", Struct{{"title", "x"}, {"tytle", "y"}}}));
    CHECK(refused({"ops", Struct{{"title", "x"}, {"to", 7}}}));
    CHECK(refused({"ops", Struct{{"title", "x"}, {"files", "a"}}}));
    CHECK(refused({"ops", Struct{{"title", "x"}, {"files", list({Struct{{"name", "a"}}})}}}));
    CHECK(refused({"ops", Struct{{"title", "x"},
                                 {"files", list({Struct{{"name", "a"}, {"base64", "?"}}})}}}));
    CHECK(desk.messages.given.empty());
}

TEST_CASE("a test of a channel answers when it was taken or refused") {
    Counter desk;
    desk.messages.ends[100] = {
        .id = 100, .channel = "ops", .state = delivery::State::failed, .words = "535 5.7.8 no"};
    auto told = desk.call("lares.test_channel", {"ops"});
    CHECK(has(told, R"("state":"failed")"));
    CHECK(has(told, "535 5.7.8 no"));
    CHECK(desk.messages.given[0].source == "test");
    CHECK(desk.messages.given[0].expires > desk.house.time);
}

TEST_CASE("deliveries are listed, shown with their message, tried again and dropped") {
    Counter desk;
    message::Message message{.title = "Ready", .text = "It is.\n"};
    desk.house.scripted_work.memory.deliveries = {
        {.id = 5, .channel = "ops", .message = message::to_json(message), .words = "250 ok"}};
    CHECK(has(desk.call("lares.outbox", {Struct{{"state", "waiting"}}}), R"("title":"Ready")"));
    CHECK(!has(desk.call("lares.outbox", {Struct{{"channel", "sms"}}}), "Ready"));
    auto shown = desk.call("lares.delivery", {5});
    CHECK(has(shown, R"("text":"It is.\n")"));
    CHECK(has(shown, R"("why":"its turn")"));
    CHECK(desk.call("lares.delivery", {6}) == "fault 3 BAD_ARGUMENTS: there is no delivery 6");
    CHECK(desk.call("lares.retry_delivery", {5}) == "true");
    CHECK(desk.call("lares.drop_delivery", {"5"}) == "true");
    CHECK(desk.messages.notes[0].starts_with("retry 5 by "));
    CHECK(desk.messages.notes[1].starts_with("drop 5 by "));
    desk.messages.result = Error{Error::Kind::conflict, "delivery 5 is sent"};
    CHECK(has(desk.call("lares.retry_delivery", {5}), "delivery 5 is sent"));
}

TEST_CASE("channels are told without their secrets") {
    Counter desk;
    config::ChannelSettings settings;
    settings.channel = {.name = "ops", .url = "smtp://mail", .password = "hush", .token = "hush2"};
    desk.messages.all_channels = {
        {.settings = &settings, .standing = {.waiting = 3, .trouble = "454 TLS not available"}}};
    auto told = desk.call("lares.channels");
    CHECK(has(told, R"("waiting":3)"));
    CHECK(has(told, "454 TLS not available"));
    CHECK(!has(told, "hush"));
    CHECK(desk.call("lares.pause_channel", {"ops"}) == "true");
    CHECK(desk.call("lares.resume_channel", {"ops"}) == "true");
    CHECK(desk.messages.notes[0].starts_with("pause ops by "));
}

TEST_CASE("alerts are listed with their problems, acknowledged for a time, and ended") {
    Counter desk;
    AlertInfo info;
    info.row = {.id = 7, .subject = "program/db", .state = alert::State::firing};
    info.members = {
        {.alert = 7, .subject = "program/db", .kind = alert::Kind::fatal, .words = "gone"}};
    desk.messages.alerts = {info};
    auto told = desk.call("lares.alerts", {Struct{{"state", "open"}}});
    CHECK(has(told, R"("subject":"program/db")"));
    CHECK(has(told, R"("kind":"fatal")"));
    CHECK(desk.call("lares.acknowledge", {7, "2h"}) == "true");
    CHECK(desk.messages.notes[0].starts_with("ack 7 for 7200000 ms by "));
    for (auto const* span : {"0s", "-1h", "soon", "9999d"})
        CHECK(desk.call("lares.acknowledge", {7, span}).starts_with("fault 3"));
    CHECK(desk.call("lares.resolve", {7}) == "true");
}

TEST_CASE(
    "the link of a message asks first, then acknowledges; without its token nothing is told") {
    Counter desk;
    desk.accounts.push_back({});  // strangers need a password elsewhere
    AlertInfo info;
    info.row = {.id = 7, .subject = "program/<db>"};
    desk.messages.alerts = {info};
    auto page = [&](std::string method, std::string target) {
        auto id = desk.send(std::move(method), std::move(target));
        return std::to_string(desk.status(id)) + " " + desk.wire.replies.at(id).body;
    };
    auto asked = page("GET", "/ack/7/secret");
    CHECK(asked.starts_with("200 "));
    CHECK(has(asked, "program/&lt;db&gt;"));
    CHECK(has(asked, R"(<form method="post" action="/ack/7/secret">)"));
    CHECK(desk.messages.notes.empty());
    CHECK(page("POST", "/ack/7/secret").starts_with("200 "));
    REQUIRE(desk.messages.notes.size() == 1);
    CHECK(desk.messages.notes[0].starts_with("ack 7 for 0 ms by the link"));
    for (auto const* target :
         {"/ack/7/wrong", "/ack/8/secret", "/ack/7", "/ack/", "/ack/x/secret"}) {
        auto told = page("POST", target);
        CHECK(told.starts_with("404 "));
        CHECK(!has(told, "db"));
    }
    CHECK(desk.messages.notes.size() == 1);
    desk.messages.alerts.clear();
    CHECK(has(page("POST", "/ack/7/secret"), "It is over"));
}
