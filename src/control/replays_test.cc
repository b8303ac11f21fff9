// control/replays_test.cc: what is done once, and how much is remembered.

#include "control/replays.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::control;
using Sort = Replays::Sort;

namespace {
WallTime const noon = WallTime(std::chrono::hours(500'000));
ports::HttpReply reply_of(std::string body) { return {.status = 200, .headers = {}, .body = body}; }
}  // namespace

TEST_CASE("a repeated request gets the first answer") {
    Replays replays;
    CHECK(replays.begin("k", "restart web", noon).sort == Sort::fresh);
    CHECK(replays.begin("k", "restart web", noon).sort == Sort::busy);
    replays.settle("k", reply_of("done"));
    auto again = replays.begin("k", "restart web", noon);
    CHECK(again.sort == Sort::replayed);
    CHECK(again.reply.body == "done");
    CHECK(replays.begin("k", "restart db", noon).sort == Sort::other);
    CHECK(replays.begin("other", "restart db", noon).sort == Sort::fresh);
}

TEST_CASE("what was not done can be tried again") {
    Replays replays;
    (void)replays.begin("k", "x", noon);
    replays.forget("k");
    CHECK(replays.begin("k", "x", noon).sort == Sort::fresh);
}

TEST_CASE("an answer is forgotten after an hour, and when the clock was set back") {
    for (auto later : {std::chrono::minutes(61), -std::chrono::minutes(1)}) {
        Replays replays;
        (void)replays.begin("k", "x", noon);
        replays.settle("k", reply_of("done"));
        CHECK(replays.begin("k", "x", noon + later).sort == Sort::fresh);
    }
}

TEST_CASE("answers are bounded in number and bytes, the oldest go first") {
    Replays replays;
    for (int i = 0; i < 3'000; ++i) {
        auto key = std::to_string(i);
        REQUIRE(replays.begin(key, "x", noon).sort == Sort::fresh);
        replays.settle(key, reply_of(std::string(20'000, 'a')));
    }
    CHECK(replays.count() <= Replays::most);
    CHECK(replays.bytes() <= Replays::most_bytes);
    CHECK(replays.begin("2999", "x", noon).sort == Sort::replayed);
    CHECK(replays.begin("1", "x", noon).sort == Sort::fresh);
}

TEST_CASE("what is under way is never dropped for others") {
    Replays replays;
    for (std::size_t i = 0; i < Replays::most; ++i)
        REQUIRE(replays.begin(std::to_string(i), "x", noon).sort == Sort::fresh);
    CHECK(replays.begin("one more", "x", noon).sort == Sort::full);
    CHECK(replays.begin("0", "x", noon).sort == Sort::busy);
    replays.settle("5", reply_of("done"));
    CHECK(replays.begin("one more", "x", noon).sort == Sort::fresh);
    CHECK(replays.begin("0", "x", noon).sort == Sort::busy);
}
