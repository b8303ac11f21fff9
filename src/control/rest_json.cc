// control/rest_json.cc: numbers and JSON that came as text, made what they are; problems.

#include "control/rest_json.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>

#include "base/overloaded.h"
#include "text/json.h"
#include "text/json_read.h"

namespace lares::control {

namespace {

// Sorted.
constexpr std::array<std::string_view, 14> number_members{
    "alert", "cause",    "delivery", "event",  "file",  "first", "job",
    "last",  "last_run", "next",     "offset", "other", "run",   "token"};
/// Lists of numbers; by themselves these names mean other things.
constexpr std::array<std::string_view, 3> number_lists{"after", "deliveries", "jobs"};
constexpr std::array<std::string_view, 3> json_members{"data", "payload", "result"};

bool is_among(auto const& names, std::string_view name) {
    return std::ranges::binary_search(names, name);
}

bool is_digits(std::string_view text) {
    return !text.empty() && text.size() <= 20 && (text[0] != '0' || text.size() == 1) &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

void append_text(std::string& out, std::string const& words, std::string_view member) {
    if (is_among(json_members, member)) {
        if (words.empty()) return (void)out.append("null");
        if (text::check_json(words)) return (void)out.append(words);
    }
    if (is_among(number_members, member) && is_digits(words)) return (void)out.append(words);
    text::append_json(out, words);
}

/// Integers that XML-RPC cannot hold come as doubles; JSON shows them as what they are.
void append_double(std::string& out, double number) { text::append_json(out, number); }

struct FaultStatus {
    Fault fault;
    int status;
};
// clang-format off
constexpr FaultStatus statuses[] = {
    {Fault::unknown_method, 404}, {Fault::incorrect_parameters, 400}, {Fault::bad_arguments, 400},
    {Fault::signature_unsupported, 400}, {Fault::shutdown_state, 503}, {Fault::bad_name, 404},
    {Fault::bad_signal, 400}, {Fault::no_file, 404}, {Fault::not_executable, 409},
    {Fault::failed, 409}, {Fault::abnormal_termination, 409}, {Fault::spawn_error, 409},
    {Fault::already_started, 409}, {Fault::not_running, 409}, {Fault::success, 200},
    {Fault::already_added, 409}, {Fault::still_running, 409}, {Fault::cant_reread, 409},
};
// clang-format on

/// "bad-name" for "BAD_NAME".
std::string kind_of(Fault fault) {
    std::string kind(name(fault));
    for (char& c : kind)
        c = c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return kind;
}

void append_member(std::string& out, std::string_view name, std::string_view words) {
    if (words.empty()) return;
    out.append(",\"").append(name).append("\":");
    text::append_json(out, words);
}

std::string begin_problem(int status, std::string_view kind, std::string_view detail) {
    std::string out = "{\"type\":";
    text::append_json(out, kind.empty() ? "about:blank" : "urn:lares:problem:" + std::string(kind));
    append_member(out, "title", title_of(status));
    out.append(",\"status\":").append(std::to_string(status)).append(",\"detail\":");
    text::append_json(out, detail);
    return out;
}

}  // namespace

void append_rest_json(std::string& out, text::Value const& value, std::string_view member) {
    std::visit(Overloaded{
                   [&](std::string const& words) { append_text(out, words, member); },
                   [&](std::int64_t number) { out.append(std::to_string(number)); },
                   [&](bool yes) { out.append(yes ? "true" : "false"); },
                   [&](double number) { append_double(out, number); },
                   [&](text::Array const& items) {
                       out.push_back('[');
                       auto of_items = is_among(number_lists, member) ? "job" : member;
                       for (auto const& item : items) {
                           if (&item != items.data()) out.push_back(',');
                           append_rest_json(out, item, of_items);
                       }
                       out.push_back(']');
                   },
                   [&](text::Struct const& members) {
                       out.push_back('{');
                       for (auto const& [name, each] : members) {
                           if (&name != &members.front().first) out.push_back(',');
                           text::append_json(out, name);
                           out.push_back(':');
                           append_rest_json(out, each, name);
                       }
                       out.push_back('}');
                   },
               },
               value.held);
}

std::string rest_json(text::Value const& value) {
    std::string out;
    append_rest_json(out, value);
    return out;
}

int status_of(Error::Kind kind) {
    switch (kind) {
    case Error::Kind::invalid:
        return 400;
    case Error::Kind::not_found:
        return 404;
    case Error::Kind::conflict:
        return 409;
    case Error::Kind::denied:
        return 403;
    case Error::Kind::unavailable:
    case Error::Kind::io:
        return 503;
    }
    return 503;
}

int status_of(Outcome const& outcome) {
    if (outcome.kind) return status_of(*outcome.kind);
    auto const* row = std::ranges::find(statuses, outcome.fault, &FaultStatus::fault);
    return row == std::end(statuses) ? 409 : row->status;
}

std::string problem_of(Outcome const& outcome, std::string_view field, std::string_view hint) {
    auto words = outcome.extra.empty() ? std::string(name(outcome.fault)) : outcome.extra;
    if (outcome.fault == Fault::bad_name && !outcome.extra.empty())
        words = "there is no '" + text::clean_utf8(outcome.extra) + "'";
    if (outcome.fault == Fault::shutdown_state) words = "the daemon is ending";
    auto out = begin_problem(status_of(outcome), kind_of(outcome.fault), words);
    out.append(",\"fault\":").append(std::to_string(static_cast<int>(outcome.fault)));
    append_member(out, "field", field);
    append_member(out, "hint", hint);
    return out += '}';
}

std::string problem_of(int status, std::string_view kind, JobFault const& fault) {
    auto out = begin_problem(status, kind, fault.words);
    append_member(out, "field", fault.field);
    append_member(out, "hint", fault.hint);
    return out += '}';
}

std::string_view title_of(int status) {
    switch (status) {
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Content Too Large";
    case 422:
        return "Unprocessable Content";
    case 429:
        return "Too Many Requests";
    default:
        return "Service Unavailable";
    }
}

std::string etag_of(std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    auto print = std::hash<std::string_view>()(text);
    std::string tag = "\"";
    for (int shift = 60; shift >= 0; shift -= 4) tag += digits[print >> shift & 15];
    return tag += '"';
}

bool has_tag(std::string_view list, std::string_view tag) {
    while (!list.empty()) {
        auto comma = std::min(list.find(','), list.size());
        auto one = list.substr(0, comma);
        list.remove_prefix(std::min(comma + 1, list.size()));
        while (one.starts_with(' ')) one.remove_prefix(1);
        while (one.ends_with(' ')) one.remove_suffix(1);
        if (one.starts_with("W/")) one.remove_prefix(2);
        if (one == tag || one == "*") return true;
    }
    return false;
}

}  // namespace lares::control
