// delivery/steps.cc: one step after the other, and what they came to together.

#include "delivery/steps.h"

#include <algorithm>

#include "delivery/mail_answer.h"

namespace lares::deliver {

namespace {

using delivery::Answer;
using delivery::Outcome;

std::string joined(Done const& done) {
    std::string row;
    for (auto const& each : done) row += (row.empty() ? "" : " ") + each;
    return row;
}

void add_words(std::string& all, std::string const& words) {
    if (words.empty() || all.find(words) != all.npos) return;
    all += (all.empty() ? "" : "; ") + words;
}

}  // namespace

std::vector<std::string> names_in(std::string_view providers) {
    std::vector<std::string> names;
    while (!providers.empty()) {
        auto const space = providers.find(' ');
        if (space != 0) names.emplace_back(providers.substr(0, space));
        if (space == providers.npos) break;
        providers.remove_prefix(space + 1);
    }
    return names;
}

Answer in_steps(std::size_t count, Try const& attempt,
                std::function<Answer(std::size_t, Done const&)> const& step) {
    Done done = names_in(attempt.resume);
    done.resize(std::min(done.size(), count));
    Answer all{.outcome = Outcome::sent, .units = 0};
    std::string refusals;
    while (done.size() < count) {
        Answer one = step(done.size(), done);
        all.cost_micros += one.cost_micros;
        if (!one.refresh_token.empty()) all.refresh_token = one.refresh_token;
        if (one.outcome != Outcome::sent && one.outcome != Outcome::refused) {
            one.cost_micros = all.cost_micros;
            one.units = all.units;
            one.refresh_token = all.refresh_token;
            one.provider = joined(done);
            return one;
        }
        bool const is_sent = one.outcome == Outcome::sent;
        if (is_sent) all.units += one.units;
        add_words(is_sent ? all.words : refusals, one.words);
        done.push_back(!is_sent               ? std::string(refused_step)
                       : one.provider.empty() ? "?"
                                              : one.provider);
    }
    all.provider = joined(done);
    bool const none = std::ranges::all_of(done, [](auto const& each) { return each == "-"; });
    if (none) {
        all.outcome = Outcome::refused;
        all.provider.clear();
        all.words = refusals.empty() ? "every recipient refused it" : refusals;
    } else if (!refusals.empty()) {
        all.words = words_of_peer("not to all: " + refusals);
    }
    return all;
}

}  // namespace lares::deliver
