// config/delivery_values.cc: the grammars of notify, recipients and headers.

#include "config/delivery_values.h"

#include <algorithm>

#include "config/paths.h"
#include "config/values.h"
#include "config/work_values.h"
#include "core/alert_events.h"
#include "text/nearest.h"
#include "text/python.h"
#include "text/quantity.h"

namespace lares::config {

namespace {

using text::python::lower;
using text::python::repr;
using text::python::strip;

/// Of a ladder: more people than this are not asked one after the other.
constexpr std::size_t most_steps = 10;

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!(text = strip(text)).empty()) {
        auto word = text.substr(0, text.find_first_of(" \t\n"));
        words.emplace_back(word);
        text.remove_prefix(word.size());
    }
    return words;
}

Result<std::vector<Notify::Step>> parse_ladder(std::string_view text) {
    std::vector<Notify::Step> steps;
    auto words = words_of(text);
    constexpr std::string_view form = "write CHANNEL then 10min CHANNEL then 30min CHANNEL";
    for (std::size_t i = 0; i < words.size();) {
        Notify::Step step;
        if (!steps.empty()) {
            if (lower(words[i]) != "then" || i + 2 >= words.size())
                return invalid(repr(words[i]) + " is out of place; " + std::string(form));
            auto after = text::parse_duration(words[i + 1]);
            if (!after || *after <= Duration(0) || *after > Duration(30 * 86'400'000LL))
                return invalid(repr(words[i + 1]) +
                               " is no time up to 30d after which the next is told; " +
                               std::string(form));
            step.after = *after;
            i += 2;
        }
        step.channel = TRY(parse_name(words[i]));
        if (step.channel.empty()) return invalid(std::string(form));
        steps.push_back(std::move(step));
        i += 1;
    }
    if (steps.empty()) return invalid("it names no channel; " + std::string(form));
    if (steps.size() > most_steps)
        return invalid("has more than " + std::to_string(most_steps) + " steps");
    return steps;
}

Error unknown_kind(std::string const& kind) {
    std::vector<std::string_view> names{"all"};
    std::string all = "all";
    for (auto const& row : alert::kinds()) {
        if (!alert::is_told(row.kind)) continue;
        names.push_back(row.name);
        all.append(", ").append(row.name);
    }
    auto nearest = text::nearest(kind, names);
    return invalid(repr(kind) + " is nothing that is told; " +
                   (nearest.empty() ? "write some of " + all
                                    : "did you mean '" + std::string(nearest) + "'?"));
}

}  // namespace

Result<Notify> parse_notify(std::string_view line) {
    Notify notify;
    std::size_t colon = line.find(':');
    notify.ladder = TRY(parse_ladder(line.substr(0, colon)));
    if (colon == line.npos) {
        return notify;
    }
    for (auto const& kind : split_commas(line.substr(colon + 1))) {
        if (kind.empty()) continue;
        auto const* row = alert::find_kind(kind);
        if (kind != "all" && (row == nullptr || !alert::is_told(row->kind)))
            return unknown_kind(kind);
        notify.kinds.push_back(kind);
    }
    if (notify.kinds.empty())
        return invalid("nothing comes after ':'; write kinds such as failure, late, or all");
    return notify;
}

std::string print_notify(Notify const& notify) {
    std::string out;
    for (auto const& step : notify.ladder) {
        if (!out.empty()) out += " then " + text::print_duration(step.after) + " ";
        out += step.channel;
    }
    if (!notify.kinds.empty()) out += ":";
    for (auto const& kind : notify.kinds) out += (out.ends_with(':') ? " " : ", ") + kind;
    return out;
}

std::vector<std::string> split_recipients(std::string_view line) {
    std::vector<std::string> found;
    std::string one;
    char closes = '\0';
    auto end_one = [&] {
        if (auto word = strip(one); !word.empty()) found.emplace_back(word);
        one.clear();
    };
    for (char c : line) {
        if (closes == '\0' && c == ',') {
            end_one();
            continue;
        }
        if (closes == '\0' && (c == '"' || c == '<'))
            closes = c == '<' ? '>' : c;
        else if (c == closes)
            closes = '\0';
        one += c;
    }
    end_one();
    return found;
}

Result<std::pair<std::string, std::string>> parse_header(std::string_view line) {
    std::size_t colon = line.find(':');
    auto name = strip(line.substr(0, colon));
    bool is_token = !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
    if (colon == line.npos || !is_token) return invalid("write Name: value");
    return std::pair(std::string(name), std::string(strip(line.substr(colon + 1))));
}

}  // namespace lares::config
