// delivery/fit_test.cc: what of a message is said where length is short.

#include "delivery/fit.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::deliver;
using message::Message;
using text::LengthUnit;

namespace {

std::string one(Message const& message, Budget budget) {
    auto texts = fit(message, budget);
    REQUIRE(texts.ok());
    REQUIRE(texts->size() == 1);
    CHECK(is_within((*texts)[0].text, budget));
    return (*texts)[0].text;
}

std::vector<std::string> several(Message const& message, Budget budget) {
    auto fitted = fit(message, budget);
    REQUIRE(fitted.ok());
    std::vector<std::string> texts;
    for (auto const& each : *fitted) {
        CHECK(is_within(each.text, budget));
        texts.push_back(each.text);
    }
    return texts;
}

std::string refusal(Message const& message, Budget budget) {
    auto texts = fit(message, budget);
    REQUIRE_FALSE(texts.ok());
    return texts.error().what;
}

Message alarm() {
    Message message;
    message.title = "web is down";
    message.text = "It ended with status 1.\n";
    message.fields = {{"host", "press-2", 20}, {"since", "03:12", 10}};
    message.link = "https://lares.example.com/a/12";
    message.tags = {"ops"};
    message.details = "last line\n";
    return message;
}

constexpr Budget graphemes(std::size_t most) { return {LengthUnit::graphemes, most, 0, 1}; }

}  // namespace

TEST_CASE("a message that fits is said whole, in its order") {
    CHECK(one(alarm(), graphemes(500)) ==
          "web is down\nIt ended with status 1.\nhost: press-2\nsince: 03:12\n"
          "https://lares.example.com/a/12\n#ops\n\nlast line");
    CHECK(one(alarm(), {}).size() == 109);
}

TEST_CASE("the title's length is told, for channels that print it bold") {
    auto texts = fit(alarm(), graphemes(500));
    REQUIRE(texts.ok());
    CHECK((*texts)[0].title_bytes == 11);
    CHECK(fit(Message{.text = "x"}, {})->front().title_bytes == 0);
}

TEST_CASE("details go first and whole, then fields by priority, then the text, then the title") {
    std::string const link = "https://lares.example.com/a/12";
    CHECK(one(alarm(), graphemes(108)) ==
          "web is down\nIt ended with status 1.\nhost: press-2\nsince: 03:12\n" + link + "\n#ops");
    CHECK(one(alarm(), graphemes(90)) ==
          "web is down\nIt ended with status 1.\nhost: press-2\n" + link + "\n#ops");
    CHECK(one(alarm(), graphemes(73)) ==
          "web is down\nIt ended with status 1.\n" + link + "\n#ops");
    CHECK(one(alarm(), graphemes(65)) == "web is down\nIt ended with…\n" + link + "\n#ops");
    CHECK(one(alarm(), graphemes(44)) == "web is…\n" + link + "\n#ops");
    CHECK(one(alarm(), graphemes(35)) == link + "\n#ops");
}

TEST_CASE("a field above the text's priority outlives it, and of equal ones the first stays") {
    Message message{.title = "t", .text = "some longer text"};
    message.fields = {{"a", "11111", 60}, {"b", "22222", 10}, {"c", "33333", 10}};
    CHECK(one(message, graphemes(36)) == "t\nsome longer text\na: 11111\nb: 22222");
    CHECK(one(message, graphemes(10)) == "t\na: 11111");
}

TEST_CASE("a field is cut only where something of its value is left to say") {
    Message message{.title = "t", .fields = {{"command", "run everything again", 10}}};
    CHECK(one(message, graphemes(16)) == "t\ncommand: run…");
    CHECK(one(message, graphemes(13)) == "t");
}

TEST_CASE("a text is cut behind a word where one ends near, else behind a grapheme") {
    CHECK(one({.text = "one two three four"}, graphemes(12)) == "one two…");
    CHECK(one({.text = "漢字漢字漢字漢字"}, graphemes(6)) == "漢字漢字…");
    CHECK(one({.text = "👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧"},
              graphemes(3)) == "👨‍👩‍👧…");
}

TEST_CASE("no cut falls within a URL or a tag, and none touches the ellipsis") {
    Message const message{.text = "see https://a.example.com/long/path and #elsewhere too"};
    for (std::size_t most = 3; most < 60; ++most) {
        std::string const text = one(message, graphemes(most));
        CAPTURE(text);
        if (text.find("http") != text.npos)
            CHECK((text.find("https://a.example.com/long/path ") != text.npos));
        if (text.find('#') != text.npos) CHECK(text.find("#elsewhere ") != text.npos);
    }
}

TEST_CASE("a link that alone is longer than the channel allows is refused with both lengths") {
    CHECK(
        refusal({.title = "t", .link = "http://press-2/" + std::string(50, 'a')}, graphemes(40)) ==
        "the link and the tags alone are 65 long, of 40 that this channel allows");
    CHECK(refusal({}, {}) == "the message is empty");
    CHECK(refusal({.text = " \n\x01"}, {}) == "the message is empty");
}

TEST_CASE("a long message becomes a thread with numbers where the channel allows") {
    Message message{.title = "report", .text = "", .link = "https://a.de/x", .tags = {"ops"}};
    for (int i = 0; i < 30; ++i) message.text += "line number " + std::to_string(i) + "\n";
    auto const texts = several(message, {LengthUnit::graphemes, 200, 0, 20});
    REQUIRE(texts.size() == 3);
    CHECK(texts[0].starts_with("report\nline number 0\n"));
    CHECK(texts[0].ends_with(" (1/3)"));
    CHECK(texts[2].ends_with("\nhttps://a.de/x\n#ops (3/3)"));
    for (int i = 0; i < 30; ++i) {
        std::string const line = "line number " + std::to_string(i);
        bool is_there = false;
        for (auto const& each : texts)
            is_there = is_there || (each + "\n").find(line + "\n") != std::string::npos ||
                       each.find(line + " (") != std::string::npos;
        CHECK_MESSAGE(is_there, line);
    }
}

TEST_CASE("a thread has no more texts than it may: what is said last is left out") {
    Message message{.title = "t", .link = "https://a.de/x"};
    for (int i = 0; i < 1000; ++i) message.text += "word" + std::to_string(i) + " ";
    auto const texts = several(message, {LengthUnit::graphemes, 100, 0, 4});
    CHECK(texts.size() == 4);
    CHECK(texts.back().find("…\nhttps://a.de/x (4/4)") != std::string::npos);
}

TEST_CASE("a thread goes on behind a URL that no text of it could hold") {
    Message const message{.text = "before http://h/" + std::string(200, 'a') + " behind " +
                                  std::string(90, 'b') + " end"};
    auto const texts = several(message, {LengthUnit::graphemes, 60, 0, 9});
    CHECK(texts.front().starts_with("before … behind"));
    CHECK(texts.back().find("end") != std::string::npos);
}

TEST_CASE("an SMS of the plain alphabet is cut with three dots, which are in it") {
    std::string text;
    for (int i = 0; i < 60; ++i) text += "word ";
    Budget const budget{LengthUnit::sms_parts, 1, 0, 1};
    auto const cut = one({.text = text}, budget);
    CHECK(cut.ends_with("word..."));
    CHECK(cut.size() > 150);
    auto const other = one({.text = "ж" + text}, budget);
    CHECK(other.size() < 75);
    CHECK(other.size() > 60);
}

TEST_CASE("both limits of Bluesky hold: graphemes and bytes") {
    std::string families;
    for (int i = 0; i < 300; ++i) families += "👨‍👩‍👧‍👦";
    Budget const budget{LengthUnit::graphemes, 300, 3000, 1};
    CHECK(one({.text = families}, budget).size() > 2950);
}

TEST_CASE("bytes that are no text and control characters do no harm") {
    CHECK(one({.title = "a\nb", .text = "\xFF\x07x"}, {}) == "a b\n\xEF\xBF\xBDx");
}

TEST_CASE("tags and links are made such that each is one") {
    CHECK(one({.text = "x", .link = "https://a.de/b c", .tags = {"lec-12", "#web", "12"}}, {}) ==
          "x\nhttps://a.de/b%20c\n#lec_12 #web");
}

TEST_CASE("a channel's own length is the service's until it says otherwise") {
    channel::Channel channel{.kind = channel::Kind::x};
    CHECK(budget_of(channel) == Budget{LengthUnit::weighted, 280, 0, 1});
    channel.length = 25'000;
    channel.threads = true;
    CHECK(budget_of(channel) == Budget{LengthUnit::weighted, 25'000, 0, 20});
    channel.length = 0;
    CHECK(budget_of(channel).most == 0);
    CHECK(budget_of({.kind = channel::Kind::bluesky}).bytes == 3000);
    CHECK(budget_of({.kind = channel::Kind::webhook, .shape = channel::Shape::discord}).most ==
          2000);
}
