// daemon/clock_words_test.cc: sentences about clocks.

#include "daemon/clock_words.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace std::chrono_literals;

TEST_CASE("the log says by how much the clock was set, and how long the machine slept") {
    auto words = [](Duration by, Duration suspended) {
        return daemon::jump_in_words({.by = by, .suspended = suspended});
    };
    CHECK(words(-1h, 0s) ==
          "the system clock was set back by 60 min; deadlines do not depend on it");
    CHECK(words(500ms, 0s) ==
          "the system clock was set forward by 0.5 s; deadlines do not depend on it");
    CHECK(words(2h + 1s, 2h) == "the machine slept for 2 h; deadlines waited meanwhile");
    CHECK(words(3h, 2h) ==
          "the machine slept for 2 h, and its clock was set forward by 60 min; deadlines waited "
          "meanwhile");
}
