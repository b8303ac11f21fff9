// daemon/line_answers.cc: one record for a turn: lines "answer=…", each a record of its own.

#include "daemon/line_answers.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace lares::daemon {

namespace {

constexpr std::string_view prefix = "job-answers/";
/// Of one answer, and of one record: the memory takes 64 KB, and escapes double a byte twice.
constexpr std::size_t most_answer_bytes = 8u << 10, most_part_bytes = 12u << 10;

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

int integer(std::int64_t number) {
    return static_cast<int>(std::clamp<std::int64_t>(number, std::numeric_limits<int>::min(),
                                                     std::numeric_limits<int>::max()));
}

}  // namespace

void LineAnswers::note(std::uint64_t run, Answer answer) {
    bool is_kept = outcome_of(job::name(answer.outcome)).has_value() && !note_of_.contains(run) &&
                   answer.words.size() + answer.result.size() <= most_answer_bytes;
    if (is_kept) fresh_.emplace_back(run, write(run, answer));
}

void LineAnswers::turn_ended() {
    std::vector<std::pair<std::uint64_t, std::string>> part;
    std::size_t bytes = 0;
    for (auto& one : std::exchange(fresh_, {})) {
        if (!part.empty() && bytes + one.second.size() > most_part_bytes) {
            keep(std::exchange(part, {}));
            bytes = 0;
        }
        bytes += one.second.size();
        part.push_back(std::move(one));
    }
    if (!part.empty()) keep(std::move(part));
}

void LineAnswers::keep(std::vector<std::pair<std::uint64_t, std::string>> part) {
    auto note = ++last_note_;
    text::RecordWriter writer;
    for (auto const& [run, record] : part) {
        writer.put("answer", record);
        note_of_[run] = note;
    }
    open_[note] = part.size();
    memory_.keep(key_of(note), writer.take());
}

void LineAnswers::written(std::uint64_t run) {
    auto found = note_of_.find(run);
    if (found == note_of_.end()) {
        std::erase_if(fresh_, [run](auto const& one) { return one.first == run; });
        return;
    }
    auto note = open_.find(found->second);
    note_of_.erase(found);
    if (--note->second > 0) return;
    memory_.drop(key_of(note->first));
    open_.erase(note);
}

bool LineAnswers::take_left(std::string_view key, text::Record const& record) {
    if (!key.starts_with(prefix)) return false;
    auto digits = key.substr(prefix.size());
    std::uint64_t note = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), note);
    last_note_ = std::max(last_note_, note);
    std::size_t count = 0;
    for (auto const& text : record.all("answer")) {
        auto inner = text::Record::parse(text);
        auto run = static_cast<std::uint64_t>(inner.number("run"));
        auto outcome = outcome_of(inner.text("outcome"));
        if (run == 0 || !outcome || note_of_.contains(run)) continue;
        left_[run] = {.outcome = *outcome,
                      .code = integer(inner.number("code")),
                      .signal = integer(inner.number("signal")),
                      .words = inner.text("words"),
                      .result = inner.text("result"),
                      .begun = WallTime(Duration(inner.number("begun"))),
                      .took = Duration(std::max<std::int64_t>(0, inner.number("took")))};
        note_of_[run] = note;
        ++count;
    }
    if (count > 0)
        open_[note] = count;
    else
        memory_.drop(key);
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
