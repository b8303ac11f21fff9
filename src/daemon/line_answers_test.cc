// daemon/line_answers_test.cc: what a successor knows of what was answered.

#include "daemon/line_answers.h"

#include <doctest/doctest.h>

using namespace lares;
using namespace lares::daemon;

namespace {

struct Kept final : ports::Memory {
    void keep(std::string_view key, std::string_view record) override {
        records[std::string(key)] = record;
        ++keeps;
    }
    void drop(std::string_view key) override { records.erase(std::string(key)); }
    std::vector<std::pair<std::string, std::string>> take_left() override {
        return {records.begin(), records.end()};
    }
    std::string trouble() const override { return ""; }
    std::map<std::string, std::string> records;
    int keeps = 0;
};

/// A successor's, with what is kept.
struct Successor {
    explicit Successor(Kept& memory) : answers(memory) {
        for (auto const& [key, record] : memory.take_left())
            CHECK(answers.take_left(key, text::Record::parse(record)));
    }
    LineAnswers answers;
};

LineAnswers::Answer failed() {
    return {.outcome = job::Outcome::error,
            .code = 3,
            .signal = 0,
            .words = "no such page\nand more = nothing",
            .result = R"({"a":"b\n"})",
            .begun = WallTime(Duration(1'795'000'000'123)),
            .took = Duration(17)};
}

}  // namespace

TEST_CASE("what a turn was answered is one record, and a successor finds each answer once") {
    Kept memory;
    LineAnswers answers(memory);
    answers.note(7, {});
    answers.note(8, failed());
    CHECK(memory.keeps == 0);
    answers.turn_ended();
    CHECK(memory.keeps == 1);
    Successor next(memory);
    CHECK(next.answers.find_left(8) == failed());
    CHECK(next.answers.find_left(7) == LineAnswers::Answer{});
    CHECK_FALSE(next.answers.find_left(7));
    CHECK_FALSE(next.answers.find_left(9));
}

TEST_CASE("a record's place is taken by a later one when all that it tells of is on the disk") {
    Kept memory;
    LineAnswers answers(memory);
    answers.note(7, {});
    answers.note(8, {});
    answers.turn_ended();
    answers.note(9, {});
    answers.turn_ended();
    answers.written(8);
    answers.note(10, {});
    answers.turn_ended();
    CHECK(memory.records.size() == 3);
    answers.written(7);
    answers.written(7);
    answers.written(100);
    answers.note(11, failed());
    answers.turn_ended();
    CHECK(memory.records.size() == 3);
    Successor next(memory);
    CHECK_FALSE(next.answers.find_left(7));
    CHECK(next.answers.find_left(11) == failed());
    for (std::uint64_t run : {9, 10}) CHECK(next.answers.find_left(run));
}

TEST_CASE("what is written within the turn is not noted") {
    Kept memory;
    LineAnswers answers(memory);
    answers.note(7, {});
    answers.written(7);
    answers.turn_ended();
    CHECK(memory.keeps == 0);
}

TEST_CASE("a successor forgets what was written, and keeps the rest until it has written it") {
    Kept memory;
    LineAnswers answers(memory);
    answers.note(7, {});
    answers.note(8, {});
    answers.turn_ended();
    Successor next(memory);
    CHECK(next.answers.find_left(8));
    next.answers.settle_left();  // 7 was written
    next.answers.note(9, {});
    next.answers.turn_ended();
    CHECK(memory.records.size() == 2);  // 8 is not written yet
    // Killed once more before the end of 8 is on the disk.
    Successor third(memory);
    CHECK(third.answers.find_left(8));
    third.answers.note(8, {});  // its end is on its way again
    third.answers.settle_left();
    third.answers.note(20, {});
    third.answers.turn_ended();
    CHECK(memory.records.size() == 2);  // in place of that of 9, and not of that of 8
    Successor fourth(memory);
    CHECK(fourth.answers.find_left(8));
    CHECK(fourth.answers.find_left(20));
    CHECK_FALSE(fourth.answers.find_left(9));
}

TEST_CASE("large answers are not noted, and many are several records that the memory takes") {
    Kept memory;
    LineAnswers answers(memory);
    answers.note(1, {.result = std::string(8'193, '\n')});
    answers.turn_ended();
    CHECK(memory.keeps == 0);
    for (std::uint64_t run = 1; run <= 40; ++run)
        answers.note(run, {.result = std::string(8'000, '\\')});
    answers.turn_ended();
    CHECK(memory.keeps > 1);
    for (auto const& [key, record] : memory.records) CHECK(record.size() <= 64u << 10);
    Successor next(memory);
    CHECK(next.answers.find_left(40) == LineAnswers::Answer{.result = std::string(8'000, '\\')});
}

TEST_CASE("what is no end of an attempt is not noted, and what cannot be read is left aside") {
    Kept memory;
    LineAnswers answers(memory);
    answers.note(1, {.outcome = job::Outcome::interrupted});
    answers.turn_ended();
    CHECK(memory.keeps == 0);
    memory.records["job-answers/x"] =
        "answer=run\\=5\nanswer=\nelse=1\ndone=5\ndone=5 6\ndone= 0 0\n";
    Successor next(memory);
    CHECK_FALSE(next.answers.find_left(5));
    CHECK_FALSE(next.answers.take_left("job-run/5", text::Record::parse("")));
}
