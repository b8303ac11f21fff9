// daemon/line_answers.cc: one record for a turn: lines "done=RUN BEGUN TOOK" of what ended well and
// said no more, and "answer=…" of others, each a record of its own.

#include "daemon/line_answers.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace lares::daemon {

namespace {

constexpr std::string_view prefix = "job-answers/";
/// Of one answer, and of one record: the memory takes 64 KB, and escapes double a byte twice.
constexpr std::size_t most_answer_bytes = 8u << 10, most_part_bytes = 12u << 10;
/// What is around the words and the result of one.
constexpr std::size_t usual_bytes = 100;

std::string key_of(std::uint64_t note) { return std::string(prefix) + std::to_string(note); }

std::string write(std::uint64_t run, LineAnswers::Answer const& answer) {
    text::RecordWriter writer;
    writer.put_number("run", static_cast<std::int64_t>(run));
    writer.put("outcome", job::name(answer.outcome));
    writer.put_number_if("code", answer.code);
    writer.put_number_if("signal", answer.signal);
    writer.put_if("words", answer.words);
    writer.put_if("result", answer.result);
    writer.put_number("begun", answer.begun.time_since_epoch().count());
    writer.put_number_if("took", answer.took.count());
    return writer.take();
}

std::optional<job::Outcome> outcome_of(std::string_view name) {
    using job::Outcome;
    for (Outcome outcome :
         {Outcome::ok, Outcome::error, Outcome::timeout, Outcome::crash, Outcome::cancelled})
        if (job::name(outcome) == name) return outcome;
    return std::nullopt;
}

std::uint64_t number_of(std::string_view digits) {
    std::uint64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

int integer(std::int64_t number) {
    return static_cast<int>(std::clamp<std::int64_t>(number, std::numeric_limits<int>::min(),
                                                     std::numeric_limits<int>::max()));
}

struct Left {
    std::uint64_t run;
    LineAnswers::Answer answer;
};

std::optional<Left> read(std::string_view text) {
    auto record = text::Record::parse(text);
    auto outcome = outcome_of(record.text("outcome"));
    if (!outcome) return std::nullopt;
    return Left{static_cast<std::uint64_t>(record.number("run")),
                {.outcome = *outcome,
                 .code = integer(record.number("code")),
                 .signal = integer(record.number("signal")),
                 .words = record.text("words"),
                 .result = record.text("result"),
                 .begun = WallTime(Duration(record.number("begun"))),
                 .took = Duration(std::max<std::int64_t>(0, record.number("took")))}};
}

bool is_plain(LineAnswers::Answer const& answer) {
    return answer.outcome == job::Outcome::ok && answer.code == 0 && answer.words.empty() &&
           answer.result.empty();
}

std::string plain_words(std::uint64_t run, LineAnswers::Answer const& answer) {
    return fmt::format("{} {} {}", run, answer.begun.time_since_epoch().count(),
                       answer.took.count());
}

std::optional<Left> read_plain(std::string_view text) {
    auto first = text.find(' '), last = text.rfind(' ');
    if (first == text.npos || first == last) return std::nullopt;
    auto ticks = [](std::string_view digits) {
        return Duration(static_cast<std::int64_t>(number_of(digits)));
    };
    return Left{number_of(text.substr(0, first)),
                {.begun = WallTime(ticks(text.substr(first + 1, last - first - 1))),
                 .took = ticks(text.substr(last + 1))}};
}

}  // namespace

void LineAnswers::note(std::uint64_t run, Answer answer) {
    bool is_kept = outcome_of(job::name(answer.outcome)).has_value() && !note_of_.contains(run) &&
                   answer.words.size() + answer.result.size() <= most_answer_bytes;
    if (is_kept) fresh_.push_back({run, std::move(answer)});
}

void LineAnswers::turn_ended() {
    std::vector<Fresh> part;
    std::size_t bytes = 0;
    for (auto& one : std::exchange(fresh_, {})) {
        auto size = usual_bytes + one.answer.words.size() + one.answer.result.size();
        if (!part.empty() && bytes + size > most_part_bytes) {
            keep(std::exchange(part, {}));
            bytes = 0;
        }
        bytes += size;
        part.push_back(std::move(one));
    }
    if (!part.empty()) keep(part);
}

void LineAnswers::keep(std::vector<Fresh> const& part) {
    auto note = written_.empty() ? ++last_note_ : written_.back();
    if (!written_.empty()) written_.pop_back();
    text::RecordWriter writer;
    for (auto const& [run, answer] : part) {
        if (is_plain(answer))
            writer.put("done", plain_words(run, answer));
        else
            writer.put("answer", write(run, answer));
        note_of_[run] = note;
    }
    open_[note] = part.size();
    memory_.keep(key_of(note), writer.take());
}

void LineAnswers::written(std::uint64_t run) {
    auto found = note_of_.find(run);
    if (found == note_of_.end()) {
        std::erase_if(fresh_, [run](Fresh const& one) { return one.run == run; });
        return;
    }
    auto note = open_.find(found->second);
    note_of_.erase(found);
    if (--note->second > 0) return;
    written_.push_back(note->first);
    open_.erase(note);
}

bool LineAnswers::take_left(std::string_view key, text::Record const& record) {
    if (!key.starts_with(prefix)) return false;
    auto note = number_of(key.substr(prefix.size()));
    last_note_ = std::max(last_note_, note);
    std::size_t count = 0;
    auto take = [&](std::optional<Left> const& one) {
        if (!one || one->run == 0 || !note_of_.try_emplace(one->run, note).second) return;
        left_[one->run] = one->answer;
        ++count;
    };
    for (auto const& text : record.all("done")) take(read_plain(text));
    for (auto const& text : record.all("answer")) take(read(text));
    if (count > 0)
        open_[note] = count;
    else
        written_.push_back(note);
    return true;
}

std::optional<LineAnswers::Answer> LineAnswers::find_left(std::uint64_t run) {
    auto found = left_.extract(run);
    if (found.empty()) return std::nullopt;
    return std::move(found.mapped());
}

void LineAnswers::settle_left() {
    for (auto const& [run, answer] : std::exchange(left_, {})) written(run);
}

}  // namespace lares::daemon
