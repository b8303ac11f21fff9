// apps/capture/rules.cc: X's operators (docs.x.com: "build a rule"), and its two calls.

#include "apps/capture/rules.h"

#include <algorithm>

#include "text/json.h"
#include "text/json_value.h"

namespace lares::capture {

namespace {

constexpr std::size_t rule_length = 512;

std::string print_degrees(double degrees) {
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%.6g", degrees);
    return buffer;
}

/// A term as X reads it: quoted, unless it is one word without a sign of its own.
std::string print_term(std::string const& term) {
    bool const is_plain = std::ranges::all_of(term, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '#' || c == '@' || (static_cast<unsigned char>(c) >= 0x80);
    });
    // "or" between words would be read as the operator.
    if (is_plain && term != "OR" && term != "AND") return term;
    std::string out = "\"";
    for (char c : term)
        if (c != '"') out += c;
    return out + "\"";
}

std::string base_of(std::string const& url) {
    auto end = url.find("/2/tweets/search/stream");
    return url.substr(0, end);
}

Result<text::Value> exchange(Plan const& plan, ports::Post& post, std::string const& method,
                             std::string body) {
    ports::WebCall call{.method = method,
                        .url = base_of(plan.url) + "/2/tweets/search/stream/rules",
                        .headers = plan.headers,
                        .body = std::move(body),
                        .ca_file = plan.ca_file};
    if (method == "POST") call.headers.emplace_back("Content-Type", "application/json");
    auto answer = TRY(post.call(call));
    if (answer.status / 100 != 2)
        return Error{answer.status == 429 || answer.status >= 500 ? Error::Kind::unavailable
                                                                  : Error::Kind::invalid,
                     "the service answered " + std::to_string(answer.status) + ": " +
                         answer.body.substr(0, 300)};
    return text::parse_json(answer.body);
}

std::vector<Rule> rules_in(text::Value const& answer) {
    std::vector<Rule> out;
    auto const* data = answer.find("data");
    if (data == nullptr || data->array() == nullptr) return out;
    for (auto const& each : *data->array()) {
        auto text = [&](std::string_view name) {
            auto const* member = each.find(name);
            return member != nullptr && member->text() ? *member->text() : std::string();
        };
        out.push_back({text("id"), text("value"), text("tag")});
    }
    return out;
}

}  // namespace

std::string rule_tag(std::string const& capture) { return "lares:" + capture; }

std::vector<std::string> rule_values(Filter const& filter) {
    std::vector<std::string> parts;
    for (auto const& phrase : filter.phrases) {
        std::string part;
        for (auto const& term : phrase) part += (part.empty() ? "" : " ") + print_term(term);
        parts.push_back(phrase.size() > 1 ? "(" + part + ")" : part);
    }
    for (auto const& person : filter.people)
        parts.push_back("from:" + person + " OR to:" + person + " OR retweets_of:" + person);
    for (auto const& box : filter.places)
        parts.push_back("bounding_box:[" + print_degrees(box[0]) + " " + print_degrees(box[1]) +
                        " " + print_degrees(box[2]) + " " + print_degrees(box[3]) + "]");
    std::string languages;
    for (auto const& each : filter.languages)
        languages += (languages.empty() ? "" : " OR ") + ("lang:" + each);
    std::string const after = languages.empty() ? "" : " (" + languages + ")";
    std::vector<std::string> out;
    std::string rule;
    auto end_rule = [&] {
        if (!rule.empty()) out.push_back(after.empty() ? rule : "(" + rule + ")" + after);
        rule.clear();
    };
    for (auto const& part : parts) {
        if (!rule.empty() && rule.size() + 4 + part.size() + 2 + after.size() > rule_length)
            end_rule();
        rule += (rule.empty() ? "" : " OR ") + part;
    }
    end_rule();
    return out;
}

RuleChange change_rules(std::vector<Rule> const& there, std::vector<std::string> const& wanted,
                        std::string const& tag) {
    RuleChange out{.add = wanted};
    for (auto const& rule : there) {
        if (rule.tag != tag) continue;
        auto known = std::ranges::find(out.add, rule.value);
        if (known != out.add.end())
            out.add.erase(known);
        else
            out.remove.push_back(rule.id);
    }
    return out;
}

Result<> bring_rules(Plan const& plan, ports::Post& post) {
    auto const tag = rule_tag(plan.name);
    auto const there = rules_in(TRY(exchange(plan, post, "GET", "")));
    auto const change = change_rules(there, rule_values(plan.filter), tag);
    if (!change.add.empty()) {
        std::string body = "{\"add\":[";
        for (auto const& value : change.add) {
            text::append_json(body += body.back() == '[' ? "{\"value\":" : ",{\"value\":", value);
            text::append_json(body += ",\"tag\":", tag);
            body += "}";
        }
        auto answer = TRY(exchange(plan, post, "POST", body + "]}"));
        if (rules_in(answer).size() < change.add.size())
            return Error{Error::Kind::invalid,
                         "the service refused a rule: " + text::to_json(answer).substr(0, 500)};
    }
    if (change.remove.empty()) return {};
    std::string body = "{\"delete\":{\"ids\":[";
    for (auto const& id : change.remove)
        text::append_json(body += body.back() == '[' ? "" : ",", id);
    TRY(exchange(plan, post, "POST", body + "]}}"));
    return {};
}

}  // namespace lares::capture
