// core/health_test.cc: what probing a program promises, told as runs against scripted answers.

#include "core/health.h"

#include <doctest/doctest.h>

#include "base/overloaded.h"

using namespace lares;
using namespace lares::health;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

namespace {

/// A watch in virtual time; each probe is answered by hand.
class Probing {
public:
    explicit Probing(Plan plan) : plan_(plan) {}

    void feed(Event const& event) {
        auto [next, actions] = step(watch_, plan_, event, now_);
        watch_ = next;
        for (auto const& action : actions) told_.push_back(at() + words(action));
    }
    void run_for(Duration span) {
        Instant end = now_ + span;
        while (watch_.deadline && *watch_.deadline <= end) {
            now_ = std::max(now_, *watch_.deadline);
            feed(DeadlinePassed{});
        }
        now_ = end;
    }
    /// The same answer to every probe, `takes` after it was asked; up to, not at, the end of
    /// `span`.
    void run_answering(Duration span, Answer const& answer, Duration takes = 0ms) {
        for (Instant end = now_ + span; now_ < end;) {
            if (watch_.deadline && *watch_.deadline <= now_)
                feed(DeadlinePassed{});
            else if (watch_.asking && now_ >= watch_.asked_at + takes)
                feed(answer);
            else
                now_ += 1ms;
        }
    }
    Watch const& watch() const { return watch_; }
    Strings const& told() const { return told_; }
    void forget() { told_.clear(); }

private:
    std::string at() const { return std::to_string(now_.time_since_epoch().count()) + " "; }
    static std::string words(Action const& action) {
        return std::visit(Overloaded{
                              [](Ask) { return std::string("ask"); },
                              [](Abandon) { return std::string("abandon"); },
                              [](Ready) { return std::string("ready"); },
                              [](Ill const& ill) { return "ill: " + ill.why; },
                          },
                          action);
    }

    Plan plan_;
    Watch watch_;
    Instant now_{};
    Strings told_;
};

Plan readiness() { return {.purpose = Purpose::readiness, .every = 1s, .timeout = 500ms}; }
Plan liveness() {
    return {.purpose = Purpose::liveness, .first = 2s, .every = 1s, .timeout = 500ms};
}
Answer yes() { return {true, ""}; }
Answer no() { return {false, "connection refused"}; }

}  // namespace

TEST_CASE("readiness asks until the first yes and then no more") {
    Probing probing(readiness());
    probing.feed(Begin{});
    probing.run_for(0ms);
    probing.feed(no());
    probing.run_for(1s);
    probing.feed(yes());
    probing.run_for(1h);
    CHECK(probing.told() == Strings{"0 ask", "1000 ask", "1000 ready"});
    CHECK(!probing.watch().active);
    CHECK(!probing.watch().deadline);
}

TEST_CASE("the first probe waits as long as the plan says") {
    Probing probing(liveness());
    probing.feed(Begin{});
    probing.run_for(1999ms);
    CHECK(probing.told().empty());
    probing.run_for(1ms);
    CHECK(probing.told() == Strings{"2000 ask"});
}

TEST_CASE("readiness is patient: no number of failures is an illness") {
    Probing probing(readiness());
    probing.feed(Begin{});
    probing.run_answering(1min, no());
    CHECK(probing.told().size() == 60);
    CHECK(probing.watch().failures == 60);
    CHECK(probing.watch().last_why == "connection refused");
}

TEST_CASE("liveness tells an illness after so many failures in a row") {
    Probing probing(liveness());
    probing.feed(Begin{});
    probing.run_answering(5s, no());
    CHECK(probing.told() == Strings{"2000 ask", "3000 ask", "4000 ask",
                                    "4000 ill: 3 probes failed, last: connection refused"});
}

TEST_CASE("one yes begins the count of failures anew") {
    Probing probing(liveness());
    probing.feed(Begin{});
    probing.run_answering(4s, no());
    probing.run_answering(1s, yes());
    CHECK(probing.watch().failures == 0);
    CHECK(probing.watch().last_why.empty());
    probing.run_answering(2s, no());
    CHECK(probing.told().back() == "6000 ask");
}

TEST_CASE("after an illness the watch asks on and tells the next one") {
    Plan plan = liveness();
    plan.failures_allowed = 1;
    Probing probing(plan);
    probing.feed(Begin{});
    probing.run_answering(4s, no());
    CHECK(probing.told() ==
          Strings{"2000 ask", "2000 ill: 1 probe failed, last: connection refused", "3000 ask",
                  "3000 ill: 1 probe failed, last: connection refused"});
}

TEST_CASE("liveness never ends while all is well") {
    Probing probing(liveness());
    probing.feed(Begin{});
    probing.run_answering(1min, yes());
    CHECK(probing.told().size() == 58);
    CHECK(probing.watch().active);
}

TEST_CASE("a probe without an answer in time is abandoned and has failed") {
    Probing probing(liveness());
    probing.feed(Begin{});
    probing.run_for(5s);
    CHECK(probing.told() == Strings{"2000 ask", "2500 abandon", "3000 ask", "3500 abandon",
                                    "4000 ask", "4500 abandon",
                                    "4500 ill: 3 probes failed, last: no answer within 0.5 s",
                                    "5000 ask"});
}

TEST_CASE("an answer after its time-out changes nothing") {
    Probing probing(liveness());
    probing.feed(Begin{});
    probing.run_for(2600ms);
    Watch before = probing.watch();
    probing.feed(yes());
    CHECK(probing.watch().failures == 1);
    CHECK(probing.watch().deadline == before.deadline);
}

TEST_CASE("an answer after the end, or to nothing, changes nothing") {
    Probing probing(readiness());
    probing.feed(yes());
    CHECK(probing.told().empty());
    probing.feed(Begin{});
    probing.feed(yes());
    CHECK(probing.told().empty());
    probing.run_for(0ms);
    probing.feed(End{});
    probing.feed(yes());
    CHECK(probing.told() == Strings{"0 ask", "0 abandon"});
    CHECK(!probing.watch().active);
}

TEST_CASE("a new begin abandons the probe under way and starts anew") {
    Probing probing(liveness());
    probing.feed(Begin{});
    probing.run_for(2700ms);
    probing.run_for(300ms);
    probing.feed(Begin{});
    CHECK(probing.told().back() == "3000 abandon");
    CHECK(probing.watch().failures == 0);
    probing.run_for(2s);
    CHECK(probing.told().back() == "5000 ask");
}

TEST_CASE("probes begin one period apart, counted from their starts") {
    Plan plan = readiness();
    plan.every = 300ms;
    Probing probing(plan);
    probing.feed(Begin{});
    probing.run_answering(1s, no(), 100ms);
    CHECK(probing.told() == Strings{"0 ask", "300 ask", "600 ask", "900 ask"});
}

TEST_CASE("a probe that takes longer than the period is followed at once, never overtaken") {
    Plan plan = readiness();
    plan.every = 300ms;
    Probing probing(plan);
    probing.feed(Begin{});
    probing.run_for(1100ms);
    CHECK(probing.told() == Strings{"0 ask", "500 abandon", "500 ask", "1000 abandon", "1000 ask"});
}

TEST_CASE("a plan without pauses does not keep the loop busy") {
    Plan plan{.every = 0ms, .timeout = 0ms};
    Probing probing(plan);
    probing.feed(Begin{});
    probing.run_answering(1s, no());
    CHECK(probing.told().size() <= 101);
}

TEST_CASE("a deadline event that comes before its time asks nothing") {
    Watch watch{.active = true, .deadline = Instant(5s)};
    CHECK(step(watch, liveness(), DeadlinePassed{}, Instant(4s)).actions.empty());
    CHECK(step(Watch{}, liveness(), DeadlinePassed{}, Instant(4s)).actions.empty());
}
