// core/expect.cc: one function for each kind of expectation, between what is common to all: nothing
// lies in the future, lateness is told at its beginning and at its end.

#include "core/expect.h"

#include <algorithm>

#include "core/in_words.h"
#include "core/local_time.h"
#include "text/glob.h"
#include "text/record.h"

namespace lares::expect {

namespace {

using schedule::Zone;

/// Files that wait at once; beyond these the oldest, which will be late first, say enough.
constexpr std::size_t most_files = 1'000;
/// Longer than a year is no expectation, and cannot overflow.
constexpr Duration longest{std::chrono::hours(24 * 366)};

struct Machine {
    Rule const& rule;
    Zone const& zone;
    WallTime now;
    Step step;

    State& state() { return step.state; }

    void late(std::string words, WallTime since) {
        if (!state().is_watching) return;
        if (!state().is_late) state().late_since = since;
        state().is_late = true;
        state().words = words;
        step.told.push_back({Told::What::late, std::move(words), since});
    }
    void recover(std::string words) {
        if (!state().is_late) return;
        step.told.push_back({Told::What::recovered,
                             words + ", " + in_words(now - state().late_since) + " late",
                             state().late_since});
        state().is_late = false;
        state().late_since = {};
        state().words.clear();
    }
    void look_at(WallTime at) {
        if (!state().is_watching) return;
        if (!step.look_at || at < *step.look_at) step.look_at = at;
    }
};

/// What by and every count.
Happening::Kind counted(Rule const& rule) {
    if (rule.kind == Rule::Kind::files || rule.counts_files) return Happening::Kind::file;
    return rule.counts_output ? Happening::Kind::output : Happening::Kind::success;
}

bool is_of_files(Rule const& rule) { return rule.kind == Rule::Kind::files || rule.counts_files; }

std::string clock(Machine const& m, WallTime at) { return clock_words(m.zone, at, m.now); }

// by, files: enough of them since the day began, when its time has come.

std::int64_t weekday(std::int64_t day) { return (day % 7 + 7 + 4) % 7; }  // 1970 began on Thursday

bool is_expected_on(Rule const& rule, std::int64_t day) {
    return rule.weekdays >> weekday(day) & 1;
}

WallTime time_of_day(Machine const& m, std::int64_t day) {
    return instant_at(m.zone, day, m.rule.by_minute);
}

std::string missing_words(Machine const& m, int count) {
    bool of_files = is_of_files(m.rule);
    std::string by = " by " + minute_words(m.rule.by_minute);
    std::string what = of_files ? (m.rule.count == 1 ? "file in " : "files in ")
                                : (m.rule.count == 1 ? "success of " : "successes of ");
    if (m.rule.counts_output) what = "output of ";
    std::string had = std::to_string(count) + " of " + std::to_string(m.rule.count);
    std::string name = m.rule.pattern.empty() ? "" : ", '" + m.rule.pattern + "'";
    return (m.rule.count == 1 ? "no " : had + " ") + what + m.rule.subject + name + by;
}

void count_day(Machine& m, Happening const& happening) {
    State& state = m.state();
    std::int64_t today = local_day(m.zone, m.now);
    // The day that ends at 24:00 is judged with its own count, so before the new one begins.
    auto judge = [&](std::int64_t day) {
        WallTime due = time_of_day(m, day);
        if (day <= state.judged_day || !is_expected_on(m.rule, day) || due > m.now) return;
        state.judged_day = day;
        if (state.began >= due) return;
        int count = state.day == day ? state.count : 0;
        if (count < m.rule.count) m.late(missing_words(m, count), due);
    };
    state.judged_day = std::min(state.judged_day, today);
    judge(today - 1);
    if (state.day != today) {
        state.day = today;
        state.count = 0;
    }
    bool counts = happening.kind == counted(m.rule);
    // What comes at the very instant is late: judged first.
    judge(today);
    if (counts) {
        state.count = std::min(state.count + 1, m.rule.count);
        if (state.count >= m.rule.count)
            m.recover(is_of_files(m.rule)    ? "the file came"
                      : m.rule.counts_output ? "has output again"
                                             : "succeeded");
    }
    for (std::int64_t day = today; day <= today + 8; day++) {
        if (day <= state.judged_day || !is_expected_on(m.rule, day)) continue;
        return m.look_at(time_of_day(m, day));
    }
}

// every, output: never longer than so long without.

void renew(Machine& m, bool is_one, std::string const& recovered, std::string const& expected) {
    State& state = m.state();
    Duration span = std::clamp(m.rule.span, Duration(1), longest);
    if (is_one) {
        m.recover(recovered);
        state.last = m.now;
    }
    WallTime since = std::max(state.last, state.began);
    WallTime due = since + span;
    if (due > m.now) return m.look_at(due);
    if (!state.is_late)
        m.late("nothing since " + clock(m, since) + " of " + m.rule.subject + ", expected " +
                   expected + in_words(span),
               due);
}

/// output without a span: what succeeded without any.
void need_output(Machine& m, Happening const& happening) {
    State& state = m.state();
    if (happening.kind == Happening::Kind::output) state.has_output = true;
    if (happening.kind != Happening::Kind::success) return;
    if (state.has_output)
        m.recover("has output again");
    else if (!state.is_late)
        m.late("a run of " + m.rule.subject + " had no output", m.now);
    state.has_output = false;
}

// within_of_file: each file that came has a success in time.

bool serves(Happening const& success, File const& file) {
    if (!success.file.empty()) return success.file == file.name;
    return success.run_began == WallTime{} || file.at <= success.run_began;
}

void serve_files(Machine& m, Happening const& happening) {
    State& state = m.state();
    auto& files = state.files;
    bool is_ours = happening.kind == Happening::Kind::file &&
                   (m.rule.pattern.empty() || text::glob_match(m.rule.pattern, happening.file));
    if (is_ours && files.size() < most_files) files.push_back({happening.file, m.now});
    if (happening.kind == Happening::Kind::success)
        std::erase_if(files, [&](File const& file) { return serves(happening, file); });
    Duration span = std::clamp(m.rule.span, Duration(1), longest);
    for (File& file : files) {
        file.at = std::min(file.at, m.now);
        if (file.is_late) continue;
        if (file.at + span > m.now) {
            m.look_at(file.at + span);
            continue;
        }
        file.is_late = state.is_watching;
        if (state.is_late) continue;  // told already; one problem, one message
        m.late("file '" + file.name + "' arrived " + in_words(m.now - file.at) +
                   " ago and no success of " + m.rule.subject + " followed",
               file.at + span);
    }
    if (std::ranges::none_of(files, &File::is_late)) m.recover("succeeded");
}

void expect(Machine& m, Happening const& happening) {
    bool is_file = happening.kind == Happening::Kind::file;
    bool is_success = happening.kind == Happening::Kind::success;
    bool fits = m.rule.pattern.empty() || text::glob_match(m.rule.pattern, happening.file);
    switch (m.rule.kind) {
    case Rule::Kind::by:
    case Rule::Kind::files:
        if (is_file && !fits) return count_day(m, {.at = m.now});
        return count_day(m, happening);
    case Rule::Kind::every:
        if (m.rule.counts_files) return renew(m, is_file && fits, "a file came", "one every ");
        if (m.rule.counts_output)
            return renew(m, happening.kind == Happening::Kind::output, "has output again",
                         "output every ");
        return renew(m, is_success, "succeeded", "a success every ");
    case Rule::Kind::within_of_file:
        return serve_files(m, happening);
    case Rule::Kind::output:
        if (m.rule.span.count() <= 0) return need_output(m, happening);
        return renew(m, happening.kind == Happening::Kind::output, "has output again",
                     "output within ");
    }
}

/// Nothing has happened later than now: the clock was set back.
void bring_back(State& state, WallTime now) {
    state.began = std::min(state.began, now);
    state.last = std::min(state.last, now);
    state.late_since = std::min(state.late_since, now);
}

}  // namespace

Step step(Rule const& rule, Zone const& zone, State state, Happening const& happening) {
    Machine m{rule, zone, happening.at, {.state = std::move(state)}};
    State& now = m.state();
    bring_back(now, m.now);
    if (happening.kind == Happening::Kind::began) {
        now.is_watching = true;
        now.began = m.now;
        now.has_output = false;
        for (File& file : now.files) file.at = m.now;  // nobody could serve them before
    }
    if (happening.kind == Happening::Kind::ceased) now.is_watching = false;
    expect(m, happening);
    return std::move(m.step);
}

std::string write(State const& state) {
    text::RecordWriter writer;
    auto put_time = [&](std::string_view name, WallTime at) {
        writer.put_number_if(name, at.time_since_epoch().count());
    };
    writer.put_number("watching", state.is_watching);
    put_time("began", state.began);
    put_time("last", state.last);
    writer.put_number_if("day", state.day);
    writer.put_number_if("count", state.count);
    writer.put_number("judged_day", state.judged_day);
    writer.put_number_if("has_output", state.has_output);
    writer.put_number_if("is_late", state.is_late);
    put_time("late_since", state.late_since);
    writer.put_if("words", state.words);
    for (File const& file : state.files) {
        writer.put("file", file.name);
        writer.put_number("file_at", file.at.time_since_epoch().count());
        writer.put_number("file_late", file.is_late);
    }
    return writer.take();
}

State read(std::string_view text) {
    auto record = text::Record::parse(text);
    auto time = [&](std::string_view name) { return WallTime(Duration(record.number(name))); };
    State state;
    state.is_watching = record.number("watching") != 0;
    if (!state.is_watching) return {};
    state.began = time("began");
    state.last = time("last");
    state.day = record.number("day");
    state.count = static_cast<int>(std::clamp<std::int64_t>(record.number("count"), 0, INT32_MAX));
    state.judged_day = record.find_number("judged_day").value_or(-1);
    state.has_output = record.number("has_output") != 0;
    state.is_late = record.number("is_late") != 0;
    state.late_since = time("late_since");
    state.words = record.text("words");
    auto names = record.all("file"), at = record.all("file_at"), late = record.all("file_late");
    for (std::size_t i = 0; i < names.size() && i < at.size() && i < most_files; i++) {
        auto when = text::Record::parse("at=" + at[i]).number("at");
        state.files.push_back(
            {names[i], WallTime(Duration(when)), i < late.size() && late[i] == "1"});
    }
    return state;
}

}  // namespace lares::expect
