// cli/budgets.cc: `lares budget` and `lares letter`.

#include <fmt/core.h>

#include "cli/fields.h"
#include "cli/session.h"

namespace lares::cli {
namespace {

using text::Value;

std::string table(text::Array const& rows) {
    std::vector<std::vector<std::string>> lines{
        {"BUDGET", "SPENT", "RESERVED", "LEFT", "OF", "PERIOD", "UNTIL", "STATE"}};
    for (Value const& row : rows)
        lines.push_back({text_of(row, "budget"), text_of(row, "spent"), text_of(row, "reserved"),
                         text_of(row, "left"), text_of(row, "limit"), text_of(row, "period"),
                         time_of(row, "ends"), switch_of(row, "blocked") ? "blocked" : ""});
    return aligned(lines);
}

std::string words_of(Value const& row) {
    std::string out =
        fmt::format("budget '{}': {}\n", text_of(row, "budget"), text_of(row, "words"));
    out += fmt::format("left:     {} until {}{}\n", text_of(row, "left"), time_of(row, "ends"),
                       switch_of(row, "hard") ? "; beyond it nothing goes out" : "; told only");
    std::string channels;
    for (Value const& each : list_of(row, "channels"))
        if (each.text() != nullptr) channels += (channels.empty() ? "" : ", ") + *each.text();
    if (!channels.empty()) out += "spent by: " + channels + "\n";
    for (Value const& price : list_of(row, "prices")) {
        auto const from = time_of(price, "from");
        out +=
            fmt::format("price:    {} for one {}{}\n", text_of(price, "price"),
                        text_of(price, "unit"), from.empty() ? "" : " from " + from.substr(0, 10));
    }
    for (Value const& each : list_of(row, "reservations"))
        out += fmt::format("reserved: {} for '{}' until {}\n", text_of(each, "amount"),
                           text_of(each, "reservation"), time_of(each, "until"));
    return out;
}

int list_budgets(Session& session) {
    return show_list(session, "lares.budgets", table,
                     "no budget is configured; write a [budget:NAME]");
}

/// One word after "budget": how many follow it at least and at most, and whether a reason does.
struct Verb {
    std::string_view name, method;
    std::size_t fewest, most;
    bool has_reason;
};
constexpr Verb verbs[] = {
    {"show", "lares.budget", 1, 1, false},
    {"set", "lares.budget_set", 2, 3, true},
    {"reset", "lares.budget_reset", 1, 1, true},
    {"block", "lares.budget_block", 1, 1, true},
    {"unblock", "lares.budget_unblock", 1, 1, true},
    {"reserve", "lares.budget_reserve", 3, 4, false},
    {"commit", "lares.budget_commit", 2, 4, false},
    {"release", "lares.budget_release", 2, 2, false},
};

/// "2 post" may be one word or two.
text::Array parameters_of(Session const& session, Verb const& verb) {
    auto const& words = session.request.words;
    std::size_t const plain = verb.has_reason ? 1 : 2;
    text::Array parameters;
    std::string amount;
    for (std::size_t i = 1; i < words.size(); ++i) {
        if (i <= plain)
            parameters.emplace_back(words[i]);
        else
            amount += (amount.empty() ? "" : " ") + words[i];
    }
    if (!amount.empty()) parameters.emplace_back(amount);
    if (verb.has_reason) parameters.emplace_back(session.request.reason);
    return parameters;
}

}  // namespace

int budget(Session& session) {
    auto const& words = session.request.words;
    if (words.empty() || words[0] == "list") return list_budgets(session);
    for (auto const& verb : verbs) {
        if (verb.name != words[0]) continue;
        if (words.size() - 1 < verb.fewest || words.size() - 1 > verb.most)
            return wrong_use(session,
                             fmt::format("'budget {}' takes {} to {} words; see lares help budget",
                                         verb.name, verb.fewest, verb.most));
        Result<Value> const answer =
            session.client.call(std::string(verb.method), parameters_of(session, verb));
        if (!answer) return fail_plainly(session, answer.error());
        if (session.request.json)
            print_json(session.doors, *answer);
        else
            print(session.doors, words_of(*answer));
        return exit_status::done;
    }
    return wrong_use(session, "'" + words[0] +
                                  "' is none of list, show, set, reset, block, unblock, reserve, "
                                  "commit and release");
}

int letter(Session& session) {
    text::Struct options;
    if (!session.request.at.empty()) options.emplace_back("until", session.request.at);
    if (!session.request.language.empty())
        options.emplace_back("language", session.request.language);
    Result<Value> const answer = session.client.call("lares.letter", {std::move(options)});
    if (!answer) return fail_plainly(session, answer.error());
    if (session.request.json)
        print_json(session.doors, *answer);
    else if (session.request.html)
        print(session.doors, text_of(*answer, "page"));
    else
        print(session.doors, text_of(*answer, "title") + "\n\n" + text_of(*answer, "text"));
    return exit_status::done;
}

}  // namespace lares::cli
