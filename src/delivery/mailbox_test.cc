// delivery/mailbox_test.cc: what people write as an address, and what is none.

#include "delivery/mailbox.h"

#include <doctest/doctest.h>

namespace lares::deliver {

namespace {

void check(std::string_view text, std::string_view name, std::string_view address) {
    CAPTURE(text);
    auto mailbox = parse_mailbox(text);
    REQUIRE(mailbox.ok());
    CHECK(mailbox->name == name);
    CHECK(mailbox->address == address);
}

std::string refusal(std::string_view text) {
    auto mailbox = parse_mailbox(text);
    CAPTURE(text);
    REQUIRE_FALSE(mailbox.ok());
    return mailbox.error().what;
}

TEST_CASE("an address stands alone, or behind a name that may be quoted") {
    check("anna@example.org", "", "anna@example.org");
    check(" Anna Berg <anna@example.org> ", "Anna Berg", "anna@example.org");
    check("\"Berg, Anna \\\"AB\\\"\" <anna@example.org>", "Berg, Anna \"AB\"", "anna@example.org");
    check("Grün 😀 <g@x.de>", "Grün 😀", "g@x.de");
    check("<a@b>", "", "a@b");
    check("root", "", "root");
    check("a.b+c=d@[192.168.0.1]", "", "a.b+c=d@[192.168.0.1]");
    check("\"odd@local\"@example.org", "", "\"odd@local\"@example.org");
}

TEST_CASE("what could end a command of SMTP or begin a header is no address") {
    for (std::string_view text : {"a@b\r\nRCPT TO:<c@d>",
                                  "a@b\n",
                                  "a b@c",
                                  "a@b c",
                                  "<a@b",
                                  "a@b>",
                                  "a@b>x",
                                  "",
                                  "  ",
                                  "@b",
                                  "a@",
                                  "a..b@c",
                                  ".a@b",
                                  "a@b..c",
                                  "A <a@b>, B <c@d>",
                                  "a@b,c@d",
                                  "a@b@c",
                                  "<>",
                                  "\"a b\"@c",
                                  "\"a\r\n\"@c",
                                  "x <a@b\n>"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_mailbox(text).ok());
    }
    CHECK_FALSE(parse_mailbox(std::string_view("a\0@b", 4)).ok());
    CHECK_FALSE(parse_mailbox(std::string(250, 'a') + "@b.org").ok());
}

TEST_CASE("the words say what is wrong and what was expected") {
    CHECK(refusal("anna at example") ==
          "'anna at example' is no address: expected 'name@domain' or 'Name <name@domain>'");
    CHECK(refusal("a@grün.de").find("'xn--…'") != std::string::npos);
    CHECK(refusal("a@b\nc").find("control character") != std::string::npos);
}

TEST_CASE("two mailboxes with one address are one recipient") {
    auto list = parse_mailboxes({"Anna <a@b>", "c@d", "a@b"});
    REQUIRE(list.ok());
    REQUIRE(list->size() == 2);
    CHECK(list->front().name == "Anna");
    CHECK_FALSE(parse_mailboxes({"a@b", "nobody at all"}).ok());
}

}  // namespace

}  // namespace lares::deliver
