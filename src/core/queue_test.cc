// core/queue_test.cc: the queue's rules, each by itself: order, workers, overlap, rates, retries,
// jobs that wait for others, and what it says when something waits. core/queue_search_test.cc looks
// for what is not thought of here.

#include "core/queue_house.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::queue;
using namespace std::chrono_literals;
using job::Outcome;
using job::State;

TEST_CASE("of one task's jobs the higher priority goes first, then the older") {
    House house({task("a", 9)});
    Id plain = house.put("a");
    Id later = house.put("a");
    Id urgent = house.put("a", {.priority = 5});
    CHECK(house.take() == Ids{urgent, plain, later});
}

TEST_CASE("a job gains one priority for each ageing it has waited") {
    House house({task("a")});
    Id busy = house.put("a");
    house.take();
    Id old = house.put("a");
    house.now += 21min;
    Id less = house.put("a", {.priority = 2});
    Id more = house.put("a", {.priority = 3});
    house.end(busy);
    CHECK(house.take() == Ids{more});
    house.end(more);
    CHECK(house.take() == Ids{old});
    house.end(old);
    CHECK(house.take() == Ids{less});
}

TEST_CASE("with ageing 0 priorities are strict, however long one waits") {
    Rules rules = task("a");
    rules.ageing = 0s;
    House house({rules});
    Id old = house.put("a");
    house.now += 24h * 365;
    Id urgent = house.put("a", {.priority = 1});
    CHECK(house.take() == Ids{urgent});
    house.end(urgent);
    CHECK(house.take() == Ids{old});
}

TEST_CASE("tasks take turns by the same order, each by its own ageing") {
    Rules fast = task("fast");
    fast.ageing = 1min;
    House house({task("slow"), fast});
    Id slow = house.put("slow", {.priority = 1});
    Id quick = house.put("fast");
    CHECK(house.take(0).empty());
    house.now += 1min;
    CHECK(house.queue.take_starts(house.now, 1).front().id == slow);
    house.queue.put_back(slow);
    house.now += 1min;
    CHECK(house.take() == Ids{quick, slow});
}

TEST_CASE("priorities beyond all measure do not overflow") {
    House house({task("a", 9)});
    Id least = house.put("a", {.priority = INT32_MIN});
    Id most = house.put("a", {.priority = INT32_MAX});
    CHECK(house.take() == Ids{most, least});
}

TEST_CASE("what is not due waits for its time, and what it waited before does not age it") {
    House house({task("a")});
    Id delayed = house.put("a", {}, 5h);
    CHECK(house.take().empty());
    CHECK(house.wait() == 5h);
    CHECK(house.why(delayed) == "time: not before 5 h from now");
    CHECK(house.queue.depth("a", house.now).delayed == 1);
    house.now += 5h;
    Id urgent = house.put("a", {.priority = 1});
    CHECK(house.take() == Ids{urgent});
    CHECK(house.queue.depth("a", house.now).oldest == house.now);
    house.end(urgent);
    CHECK(house.take() == Ids{delayed});
}

TEST_CASE(
    "no more jobs of a task run than it has workers, and one that waits names those that do") {
    House house({task("a", 2)});
    for (int i = 0; i < 4; i++) house.put("a");
    CHECK(house.take() == Ids{1, 2});
    CHECK(house.why(3) == "workers: 2 of 2 workers are busy: jobs 1, 2");
    CHECK(house.why(4) ==
          "workers: 2 of 2 workers are busy: jobs 1, 2; turn: 1 job of its task comes before it: "
          "first job 3");
    CHECK(house.why(1) == "running: is running, attempt 1");
    CHECK(house.wait() == std::nullopt);
    house.end(1);
    CHECK(house.wait() == 0s);
    CHECK(house.why(3).empty());
    CHECK(house.take() == Ids{3});
}

TEST_CASE("overlap = parallel N lets N run, whatever the workers") {
    Rules rules = task("a");
    rules.overlap = Overlap::parallel;
    rules.parallel = 3;
    House house({rules});
    for (int i = 0; i < 5; i++) house.put("a");
    CHECK(house.take() == Ids{1, 2, 3});
}

TEST_CASE(
    "overlap = skip skips what a trigger brings while a job is under way, not what a person puts") {
    Rules rules = task("a");
    rules.overlap = Overlap::skip;
    rules.retry.retries = 1;
    House house({rules});
    Offer offer{.task = "a", .by_clock = true};
    house.put("a", {}, 24h);
    CHECK(house.queue.judge(offer).kind == Verdict::Kind::accept);
    Id busy = house.put("a");
    CHECK(house.queue.judge(offer).words == "skipped: job 2 has not begun yet");
    house.take();
    CHECK(house.queue.judge(offer).kind == Verdict::Kind::skip);
    CHECK(house.queue.judge(offer).other == busy);
    CHECK(house.queue.judge(offer).words == "skipped: job 2 is still running");
    CHECK(house.queue.judge({.task = "a"}).kind == Verdict::Kind::accept);
    house.end(busy, Outcome::error, 1);
    CHECK(house.queue.judge(offer).words == "skipped: job 2 waits for its retry");
}

TEST_CASE("overlap = replace names what is under way, and not what is put for later") {
    Rules rules = task("a");
    rules.overlap = Overlap::replace;
    rules.queue_max = 2;
    House house({rules});
    house.put("a");
    house.take();
    house.put("a");
    house.put("a", {}, 24h);
    auto verdict = house.queue.judge({.task = "a", .by_clock = true});
    CHECK(verdict.kind == Verdict::Kind::accept);
    CHECK(verdict.replaces == Ids{1, 2});
    CHECK(house.queue.judge({.task = "a"}).kind == Verdict::Kind::full);
}

TEST_CASE("a task is full when queue_max jobs wait; those that run do not count") {
    Rules rules = task("a");
    rules.queue_max = 2;
    House house({rules});
    house.put("a");
    house.take();
    house.put("a");
    CHECK_FALSE(house.queue.is_full("a"));
    house.put("a", {}, 1h);
    CHECK(house.queue.is_full("a"));
    auto verdict = house.queue.judge({.task = "a"});
    CHECK(verdict.kind == Verdict::Kind::full);
    CHECK(verdict.words == "task 'a' is full: 2 jobs wait (queue_max = 2)");
}

TEST_CASE("a key is taken while its job is live, in its task only") {
    House house({task("a"), task("b")});
    house.put("a", {.key = "invoice 7"});
    house.take();
    auto verdict = house.queue.judge({.task = "a", .key = "invoice 7"});
    CHECK(verdict.kind == Verdict::Kind::duplicate);
    CHECK(verdict.other == 1);
    CHECK(verdict.words == "job 1 has the key 'invoice 7'");
    CHECK(house.queue.judge({.task = "b", .key = "invoice 7"}).kind == Verdict::Kind::accept);
    CHECK(house.queue.judge({.task = "a", .key = "invoice 8"}).kind == Verdict::Kind::accept);
    house.end(1, Outcome::crash);
    CHECK(house.queue.judge({.task = "a", .key = "invoice 7"}).kind == Verdict::Kind::accept);
    CHECK(house.queue.judge({.task = "c"}).kind == Verdict::Kind::unknown);
}

TEST_CASE("no span holds more starts than the rate says") {
    Rules rules = task("a", 99);
    rules.rate = {2, 1min};
    House house({rules});
    for (int i = 0; i < 5; i++) house.put("a");
    CHECK(house.take(1) == Ids{1});
    house.now += 50s;
    CHECK(house.take() == Ids{2});
    CHECK(house.why(3) == "rate: the rate of 2 in 60 s is used up for 10 s");
    CHECK(house.wait() == 10s);
    house.now += 10s;
    CHECK(house.take() == Ids{3});
    CHECK(house.wait() == 50s);
}

TEST_CASE("a start that was put back is not charged, and keeps its place and its attempt") {
    Rules rules = task("a", 99);
    rules.rate = {1, 1min};
    House house({rules});
    house.put("a");
    house.put("a");
    CHECK(house.take() == Ids{1});
    house.queue.put_back(1);
    auto starts = house.queue.take_starts(house.now);
    REQUIRE(starts.size() == 1);
    CHECK(starts[0].id == 1);
    CHECK(starts[0].attempt == 1);
}

TEST_CASE("starts before the daemon came count for the rate") {
    Rules rules = task("a");
    rules.rate = {1, 1h};
    House house({rules});
    house.queue.note_started("a", house.now - 20min);
    house.put("a");
    CHECK(house.take().empty());
    CHECK(house.wait() == 40min);
}

TEST_CASE("a retry of before the start counts against the budget of retries, a start does not") {
    Rules rules = task("a");
    rules.retry = {.retries = 3, .backoff_min = 0s, .backoff_max = 0s};
    rules.retry.budget = {1, 1h};
    for (bool was_retry : {false, true}) {
        House house({rules});
        if (was_retry)
            house.queue.note_retried("a", house.now - 20min);
        else
            house.queue.note_started("a", house.now - 20min);
        job::Job failed{
            .id = 9, .task = "a", .state = job::State::ready, .attempts = 1, .errors = 1};
        REQUIRE(house.queue.add(failed, std::nullopt, house.now));
        CHECK(house.take().empty() == was_retry);
        if (was_retry) CHECK(house.wait() == 40min);
    }
}

TEST_CASE("a wait doubles from backoff_min to backoff_max, and jitter only lengthens it") {
    Retry retry{.backoff_min = 30s, .backoff_max = 1h, .jitter_percent = 20};
    CHECK(backoff(retry, 1, 0) == 30s);
    CHECK(backoff(retry, 2, 0) == 60s);
    CHECK(backoff(retry, 7, 0) == 32min);
    CHECK(backoff(retry, 8, 0) == 1h);
    CHECK(backoff(retry, 1'000'000, 0) == 1h);
    CHECK(backoff(retry, 1, 1000) == 36s);
    CHECK(backoff(retry, 8, 500) == 66min);
    retry.backoff_max = Duration::max();
    CHECK(backoff(retry, 1'000'000, 1000) > 24h * 365);
    retry.backoff_min = 0s;
    CHECK(backoff(retry, 5, 1000) == 0s);
}

TEST_CASE("a job that fails is tried again as often as retries says, then it is dead") {
    Rules rules = task("a");
    rules.retry.retries = 2;
    House house({rules});
    house.put("a");
    house.take();
    auto ending = house.end(1, Outcome::error, 3);
    CHECK(ending.state == State::ready);
    CHECK(ending.counted);
    CHECK(ending.words == "retry 1 of 2 in 30 s");
    CHECK(house.wait() == 30s);
    CHECK(house.why(1) == "retry: retry 1 of 2 in 30 s");
    house.now += 30s;
    house.take();
    CHECK(house.end(1, Outcome::timeout).retry_in == 1min);
    house.now += 1min;
    CHECK(house.queue.take_starts(house.now).front().attempt == 3);
    ending = house.end(1, Outcome::unstartable);
    CHECK(ending.state == State::dead);
    CHECK(ending.words == "retries used up (2)");
    CHECK(ending.errors == 3);
    CHECK_FALSE(house.queue.is_live(1));
}

TEST_CASE("a code that is not among retry_on ends the job; timeouts and crashes are retried") {
    Rules rules = task("a");
    rules.retry.retries = 5;
    rules.retry.on_codes = {75};
    rules.retry.backoff_min = rules.retry.backoff_max = 0s;
    House house({rules});
    house.put("a");
    for (auto outcome : {Outcome::timeout, Outcome::crash, Outcome::overflow}) {
        house.take();
        CHECK(house.end(1, outcome).state == State::ready);
    }
    house.take();
    CHECK(house.end(1, Outcome::error, 75).state == State::ready);
    house.take();
    auto ending = house.end(1, Outcome::error, 1);
    CHECK(ending.state == State::dead);
    CHECK(ending.words == "code 1 is not retried");
}

TEST_CASE("poison is known by crashes and lost workers, not by errors") {
    Rules rules = task("a");
    rules.retry.retries = -1;
    rules.retry.backoff_min = rules.retry.backoff_max = 0s;
    rules.poison_after = 2;
    House house({rules});
    house.put("a");
    for (int i = 0; i < 5; i++) {
        house.take();
        CHECK(house.end(1, Outcome::error, 1).state == State::ready);
    }
    house.take();
    CHECK(house.end(1, Outcome::lost).state == State::ready);
    house.take();
    auto ending = house.end(1, Outcome::crash);
    CHECK(ending.state == State::parked);
    CHECK(ending.words == "crashed 2 times, taken for poison");
    CHECK(ending.crashes == 2);
}

TEST_CASE("what was interrupted is not counted, and goes before those that came later") {
    House house({task("a")});
    house.put("a");
    house.take();
    house.now += 1h;
    house.put("a");
    auto ending = house.end(1, Outcome::interrupted);
    CHECK(ending.state == State::ready);
    CHECK_FALSE(ending.counted);
    CHECK(ending.errors == 0);
    CHECK(house.queue.depth("a", house.now).oldest == house.now - 1h);
    CHECK(house.queue.take_starts(house.now).front().attempt == 2);
    CHECK(house.queue.depth("a", house.now).oldest == house.now);
}

TEST_CASE("an end that comes late or twice changes nothing") {
    House house({task("a")});
    house.put("a");
    CHECK_FALSE(house.end(1).was_running);
    CHECK(house.take() == Ids{1});
    CHECK(house.end(1).was_running);
    CHECK_FALSE(house.end(1).was_running);
    CHECK_FALSE(house.queue.is_live(1));
}

TEST_CASE("retries beyond the task's budget wait, and first attempts go on") {
    Rules rules = task("a", 9);
    rules.retry.retries = 9;
    rules.retry.backoff_min = rules.retry.backoff_max = 0s;
    rules.retry.budget = {1, 1min};
    House house({rules});
    house.put("a");
    house.put("a");
    house.take();
    house.end(1, Outcome::error, 1);
    house.end(2, Outcome::error, 1);
    CHECK(house.take() == Ids{1});
    CHECK(house.why(2) == "budget: the budget of 1 in 60 s for retries is used up for 60 s");
    CHECK(house.wait() == 1min);
    Id fresh = house.put("a");
    CHECK(house.take() == Ids{fresh});
    CHECK(house.queue.hurry(2, house.now));
    CHECK(house.take() == Ids{2});
}

TEST_CASE("a job waits until all of its others are done") {
    House house({task("a", 9)});
    house.put("a");
    house.put("a");
    Id last = house.put("a", {.after = {1, 2, 2, 77}});
    CHECK(house.take() == Ids{1, 2});
    CHECK(house.why(last) == "after: waits for jobs 1, 2");
    house.end(1);
    CHECK(house.why(last) == "after: waits for job 2, which is running");
    CHECK(house.take().empty());
    house.end(2);
    CHECK(house.take() == Ids{last});
}

TEST_CASE("when one ends otherwise than done, all that wait for it fall, through any number") {
    House house({task("a")});
    house.put("a");
    for (Id id = 1; id < 10'000; id++) house.put("a", {.after = {id}});
    Id apart = house.put("a");
    house.take();
    auto ending = house.end(1, Outcome::error, 1);
    CHECK(ending.state == State::dead);
    CHECK(ending.fell.size() == 9'999);
    CHECK(ending.fell.front() == 2);
    CHECK(house.queue.size() == 1);
    CHECK(house.take() == Ids{apart});
    CHECK(fell_words(1, State::dead) == "job 1, for which it waited, is dead");
}

TEST_CASE("a job that comes to wait for one that has just failed is not taken in") {
    House house({task("a")});
    house.put("a");
    house.put("a");
    CHECK(house.queue.drop(1));
    CHECK_FALSE(house.queue.add({.id = 3, .task = "a", .after = {1}}, {}, house.now));
    CHECK(house.queue.add({.id = 1, .task = "a"}, {}, house.now));
    CHECK(house.queue.add({.id = 3, .task = "a", .after = {1}}, {}, house.now));
    CHECK_FALSE(house.queue.add({.id = 3, .task = "a"}, {}, house.now));
    CHECK_FALSE(house.queue.add({.id = 4, .task = "a", .state = State::done}, {}, house.now));
}

TEST_CASE("what came again without the other does not fall with it") {
    House house({task("a", 9)});
    house.put("a");
    house.put("a");
    house.put("a", {.after = {1, 2}});
    CHECK(house.queue.drop(1).fell == Ids{3});
    CHECK(house.queue.add({.id = 3, .task = "a"}, {}, house.now));
    CHECK(house.queue.drop(2).fell.empty());
    CHECK(house.take() == Ids{3});
}

TEST_CASE("jobs of a task that is gone stay, say so, and go on when it is back") {
    House house({task("a"), task("b")});
    house.put("a");
    house.queue.set_rules({task("b")});
    CHECK(house.take().empty());
    CHECK(house.why(1) == "gone: there is no task 'a' (any more)");
    CHECK(house.queue.rules("a") == nullptr);
    CHECK(house.queue.judge({.task = "a"}).kind == Verdict::Kind::unknown);
    house.queue.set_rules({task("a")});
    CHECK(house.take() == Ids{1});
}

TEST_CASE("an attempt that ends after its task has gone is judged by the rules it began with") {
    Rules rules = task("a");
    rules.retry.retries = 1;
    House house({rules});
    house.put("a");
    house.take();
    house.queue.set_rules({});
    CHECK(house.end(1, Outcome::error, 1).state == State::ready);
}

TEST_CASE("new rules order what waits already") {
    House house({task("a")});
    house.put("a");
    house.now += 1h;
    house.put("a", {.priority = 1});
    Rules strict = task("a");
    strict.ageing = 0s;
    house.queue.set_rules({strict});
    CHECK(house.take() == Ids{2});
}

TEST_CASE("running jobs of before the start take their places") {
    House house({task("a")});
    CHECK(house.queue.add({.id = 5, .task = "a", .state = State::running, .attempts = 1}, {},
                          house.now));
    house.last = 5;
    Id next = house.put("a");
    CHECK(house.take().empty());
    CHECK(house.queue.running("a") == Ids{5});
    CHECK(house.end(5).state == State::done);
    CHECK(house.take() == Ids{next});
}

TEST_CASE("age that was waited before the start counts") {
    House house({task("a")});
    house.queue.add({.id = 1, .task = "a", .priority = 1}, {}, house.now);
    house.queue.add({.id = 2, .task = "a"}, {}, house.now - 11min);
    CHECK(house.take() == Ids{2});
}

TEST_CASE("a hurried job starts as soon as it can; one that runs cannot be hurried") {
    House house({task("a")});
    house.put("a", {}, 24h);
    CHECK(house.queue.hurry(1, house.now));
    CHECK(house.take() == Ids{1});
    CHECK_FALSE(house.queue.hurry(1, house.now));
    CHECK_FALSE(house.queue.hurry(9, house.now));
    CHECK_FALSE(house.queue.drop(1));
}

TEST_CASE("why_task tells of the next job, or of one that came now") {
    House house({task("a")});
    CHECK(house.queue.why_task("a", house.now).empty());
    CHECK(house.queue.why_task("x", house.now).front().kind == "gone");
    house.queue.block("a", {"paused", "paused by anna", std::nullopt});
    CHECK(house.queue.why_task("a", house.now).front().words == "paused by anna");
    house.queue.unblock("a", "paused");
    house.put("a", {}, 1h);
    CHECK(house.queue.why_task("a", house.now).front().kind == "time");
    house.put("a");
    CHECK(house.queue.why_task("a", house.now).empty());
    house.take();
    house.put("a");
    CHECK(house.queue.why_task("a", house.now).front().kind == "workers");
}

TEST_CASE("tasks that come and go by the thousands are forgotten, their rates are not") {
    std::vector<Rules> rules;
    for (int i = 0; i < 9'000; i++) rules.push_back(task("t" + std::to_string(i)));
    rules[0].rate = {1, 1h};
    House house(rules);
    // Each slice finds those of the slices before idle.
    for (std::size_t from = 0; from < rules.size(); from += 3'000) {
        for (std::size_t i = from; i < from + 3'000; i++) house.put(rules[i].task);
        for (Id id : house.take()) CHECK(house.end(id).was_running);
        CHECK(house.take().empty());
        CHECK(house.queue.size() == 0);
    }
    Id again = house.put("t0");
    Id other = house.put("t1");
    CHECK(house.take() == Ids{other});
    house.now += 1h;
    CHECK(house.take() == Ids{again});
}

TEST_CASE("what ran at the start and was interrupted does not wait for what it had waited for") {
    Rules rules = task("a");
    rules.overlap = Overlap::skip;
    House house({rules});
    Id running = house.put("a", {.state = State::running, .errors = 1}, 5h);
    house.end(running, Outcome::interrupted);
    CHECK(house.queue.judge({.task = "a", .by_clock = true}).kind == Verdict::Kind::skip);
    CHECK(house.take() == Ids{running});
}
