// core/letter.cc: counting a week. Each list keeps its first places and a count.

#include "core/letter.h"

#include <algorithm>
#include <iterator>

#include "core/in_words.h"

namespace lares::letter {

namespace {

constexpr std::string_view others = "others";

/// The entry of a name, or that of all others when there are too many names.
template <class Value>
Value& entry(std::map<std::string, Value, std::less<>>& of, std::string_view name) {
    auto found = of.find(name);
    if (found != of.end()) return found->second;
    if (of.size() >= most_names) name = others;
    return of[std::string(name)];
}

void say(Lines& lines, Line line) {
    lines.count++;
    // Newest first: of more than a page, what is fresh is what a person can do something about.
    auto place = std::ranges::upper_bound(lines.list, line.at, std::ranges::greater{}, &Line::at);
    lines.list.insert(place, std::move(line));
    if (lines.list.size() > most_lines) lines.list.pop_back();
}

std::vector<Great> first_places(std::map<std::string, Great, std::less<>> const& of) {
    std::vector<Great> list;
    for (auto const& [subject, great] : of)
        if (great.value > 0) list.push_back(great);
    std::ranges::stable_sort(list, std::ranges::greater{}, &Great::value);
    if (list.size() > most_lines) list.resize(most_lines);
    return list;
}

/// A person or the machine ended it: it is neither good nor bad.
bool is_nobodys_fault(journal::RunRow const& run) {
    return run.outcome == job::name(job::Outcome::interrupted) ||
           run.outcome == job::name(job::Outcome::cancelled);
}

std::string_view ordinal(int number) {
    if (number == 2) return "second";
    if (number == 3) return "third";
    return "";
}

std::string mended_words(journal::RunRow const& run) {
    auto word = ordinal(run.attempt);
    auto nth = word.empty() ? std::to_string(run.attempt) + "th" : std::string(word);
    return "job " + std::to_string(run.job) + " succeeded at the " + nth + " try";
}

}  // namespace

bool Letter::is_quiet() const {
    return runs == 0 && late.count == 0 && mended.count == 0 && in_hand.count == 0 &&
           needs_you.count == 0 && undelivered.count == 0 && channels.empty() && alerts == 0;
}

Gatherer::Gatherer(WallTime from, WallTime to) : from_(from), to_(to) {
    letter_.from = from;
    letter_.to = to;
}

void Gatherer::note_great(std::map<std::string, Great, std::less<>>& of, journal::RunRow const& run,
                          std::int64_t value) {
    auto& great = entry(of, run.subject);
    if (value > great.value) great = {run.run, run.subject, value, run.started};
}

void Gatherer::add(journal::RunRow const& run) {
    if (run.ended == WallTime{} || !is_within(run.ended)) return;
    auto& ran = entry(ran_, run.subject);
    if (ran.runs == 0) ran.subject = ran_.contains(run.subject) ? run.subject : others;
    bool is_job = run.kind == "job";
    // Of programs that end nobody knows here whether they were to: their alerts tell.
    bool is_good = is_job && run.outcome == job::name(job::Outcome::ok);
    bool is_bad = is_job && !is_good && !is_nobodys_fault(run);
    ran.runs++;
    ran.good += is_good;
    ran.bad += is_bad;
    ran.interrupted += is_job && !is_good && !is_bad;
    ran.wall += run.wall;
    ran.longest = std::max(ran.longest, run.wall);
    ran.last = std::max(ran.last, run.ended);
    letter_.runs++;
    letter_.good += is_good;
    letter_.bad += is_bad;
    if (is_good && run.attempt > 1)
        say(letter_.mended, {run.subject, mended_words(run), run.started, run.ended, run.job});
    if (is_job) note_great(slowest_, run, run.wall.count());
    note_great(biggest_, run, run.peak_memory_bytes);
}

void Gatherer::add(journal::EventRow const& event) {
    if (!is_within(event.at)) return;
    Line line{event.subject, event.words, event.at, {}, event.id};
    auto begins = [&](auto& of) {
        auto& lateness = entry(of, event.subject);
        lateness.count++;
        lateness.lines.push_back(line);
        if (lateness.lines.size() > most_lines) lateness.lines.erase(lateness.lines.begin());
    };
    auto ends = [&](auto& of) {
        auto& all = entry(of, event.subject).ends;
        all.push_back(event.at);
        if (all.size() > most_lines) all.erase(all.begin());
    };
    if (event.kind == "expect.late") begins(late_);
    if (event.kind == "expect.ok") ends(late_);
    if (event.kind == "trigger.missed") say(letter_.late, std::move(line));
    if (event.kind == "folder.asked" || event.kind == "folder.problem") begins(waiting_files_);
    if (event.kind == "folder.run" || event.kind == "folder.left" ||
        event.kind == "folder.withdrawn")
        ends(waiting_files_);
}

void Gatherer::add(delivery::Delivery const& delivery) {
    bool is_over = delivery::is_end(delivery.state);
    if (is_over ? !is_within(delivery.ended) : delivery.created >= to_) return;
    auto& channel = entry(channels_, delivery.channel);
    if (channel.name.empty())
        channel.name = channels_.contains(delivery.channel) ? delivery.channel : others;
    channel.tries += delivery.attempts;
    auto lost = [&] {
        say(letter_.undelivered, {delivery.channel,
                                  std::string(delivery::name(delivery.state)) +
                                      (delivery.words.empty() ? "" : ": " + delivery.words),
                                  delivery.created, delivery.ended, delivery.id});
    };
    switch (delivery.state) {
    case delivery::State::waiting:
    case delivery::State::sending:
        channel.waiting++;
        break;
    case delivery::State::sent:
        channel.sent++;
        channel.longest = std::max(
            channel.longest, delivery.ended - std::max(delivery.created, delivery.not_before));
        break;
    case delivery::State::failed:
        channel.failed++;
        lost();
        break;
    case delivery::State::expired:
        channel.expired++;
        lost();
        break;
    case delivery::State::dropped:
        channel.dropped++;
        break;
    case delivery::State::gathered:
        break;  // the digest is counted
    case delivery::State::unsure:
        channel.unsure++;
        lost();
        break;
    }
}

void Gatherer::add(alert::AlertRow const& row, std::string_view words) {
    using alert::State;
    bool is_over = alert::is_end(row.state);
    if (row.state == State::merged) return;  // told with the other one
    if (is_over ? !is_within(row.ended) : row.opened >= to_) return;
    letter_.alerts++;
    letter_.flapped += row.is_flapping;
    Line line{row.subject, std::string(words), row.opened, row.ended, row.id};
    switch (row.state) {
    case State::pending:
    case State::firing:
    case State::damped:
        return say(letter_.needs_you, std::move(line));
    case State::acknowledged:
    case State::silenced:
        if (!row.words.empty()) line.words += line.words.empty() ? row.words : "; " + row.words;
        return say(letter_.in_hand, std::move(line));
    case State::resolved:
        if (row.who.empty()) say(letter_.mended, std::move(line));
        return;
    case State::expired:
        line.words += line.words.empty() ? row.words : "; " + row.words;
        return say(letter_.needs_you, std::move(line));
    case State::merged:
        return;
    }
}

Letter Gatherer::finish() const {
    Letter letter = letter_;
    letter.subjects = static_cast<std::int64_t>(ran_.size());
    for (auto const& [subject, ran] : ran_) letter.ran.push_back(ran);
    std::ranges::stable_sort(letter.ran, [](Ran const& one, Ran const& other) {
        return one.bad != other.bad ? one.bad > other.bad : one.runs > other.runs;
    });
    if (letter.ran.size() > most_lines) letter.ran.resize(most_lines);
    auto tell = [](auto const& of, Lines& all, Lines* open_only) {
        for (auto const& [subject, lateness] : of) {
            auto unlisted = lateness.count - static_cast<std::int64_t>(lateness.lines.size());
            for (auto line : lateness.lines) {
                auto end =
                    std::ranges::find_if(lateness.ends, [&](WallTime at) { return at >= line.at; });
                if (end != lateness.ends.end()) line.ended = *end;
                if (!open_only)
                    say(all, std::move(line));
                else if (line.ended == WallTime{})
                    say(*open_only, std::move(line));
            }
            if (!open_only) all.count += unlisted;
        }
    };
    tell(late_, letter.late, nullptr);
    tell(waiting_files_, letter.needs_you, &letter.needs_you);
    for (auto const& [name, channel] : channels_) letter.channels.push_back(channel);
    letter.slowest = first_places(slowest_);
    letter.biggest = first_places(biggest_);
    return letter;
}

}  // namespace lares::letter
