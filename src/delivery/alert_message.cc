// delivery/alert_message.cc: which sentences an alert is made of; the sentences are rows of
// core/words.h.

#include "delivery/alert_message.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace lares::deliver {

namespace {

using What = alert::Notice::What;

/// Members that are listed; what fits on a screen. The page has them all.
constexpr std::size_t most_listed = 20;

std::string say(AlertContext const& context, std::string_view name, text::Struct values = {}) {
    return words::say(name, context.language, std::move(values), context.overrides);
}

/// "task 'report'" of "task/report"; of a process the program's own name where that says it all.
std::string thing(AlertContext const& context, std::string_view subject) {
    auto slash = subject.find('/');
    if (slash == subject.npos) return std::string(subject);
    auto name = subject.substr(slash + 1);
    auto colon = name.find(':');
    if (colon != name.npos && name.substr(0, colon) == name.substr(colon + 1))
        name = name.substr(0, colon);
    auto kind = fmt::format("kind.{}", subject.substr(0, slash));
    bool is_known = words::find_words(kind) != nullptr;
    return fmt::format("{} '{}'",
                       is_known ? say(context, kind) : std::string(subject.substr(0, slash)), name);
}

std::string_view sentence_of(alert::Kind kind) {
    using alert::Kind;
    switch (kind) {
    case Kind::late:
        return "notice.late";
    case Kind::failure:
    case Kind::dead:
        return "notice.failed";
    case Kind::fatal:
        return "notice.fatal";
    case Kind::trouble:
    case Kind::undelivered:
        return "notice.trouble";
    case Kind::recovery:
        return "notice.over";
    case Kind::missed:
    case Kind::slow:
    case Kind::heavy:
    case Kind::retry:
    case Kind::exit:
    case Kind::unhealthy:
    case Kind::memory:
    case Kind::flap:
    case Kind::parked:
    case Kind::overflow:
    case Kind::circuit:
    case Kind::budget:
        break;
    case Kind::audit:
        return "notice.unexplained";
    }
    return "notice.other";
}

std::string sentence(AlertContext const& context, std::string_view subject, alert::Kind kind) {
    return say(
        context, sentence_of(kind),
        {{"thing", thing(context, subject)}, {"kind", std::string(alert::row_of(kind).name)}});
}

/// What is said around a title; empty: nothing.
std::string_view around_title(What what) {
    switch (what) {
    case What::firing:
    case What::resolved:
        return "";
    case What::more:
        return "notice.more";
    case What::repeat:
        return "notice.still";
    case What::escalated:
        return "notice.escalated";
    case What::eased:
        return "notice.eased";
    case What::flapping:
        return "notice.flapping";
    }
    return "";
}

std::string utc(WallTime at) {
    auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    auto day = std::chrono::floor<std::chrono::days>(seconds);
    std::chrono::year_month_day date{day};
    auto of_day = (seconds - day).count();
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       of_day / 3600, of_day / 60 % 60);
}

std::string line_of(AlertContext const& context, alert::Notice::Member const& member) {
    auto words =
        member.words.empty() ? sentence(context, member.subject, member.kind) : member.words;
    return say(context, "notice.member",
               {{"words", std::move(words)},
                {"count", member.count > 1 ? std::to_string(member.count) : std::string()},
                {"over", member.is_over ? "1" : ""}}) +
           "\n";
}

/// What is at fault, and what suffers from it.
std::string list_of(AlertContext const& context, alert::Notice const& notice) {
    std::string text;
    bool has_consequences = false;
    std::size_t listed = 0;
    for (auto const& member : notice.members) {
        if (listed++ == most_listed) break;
        bool is_cause = member.subject == notice.subject;
        if (!is_cause && listed > 1 && !std::exchange(has_consequences, true))
            text += "\n" + say(context, "notice.consequences") + "\n";
        text += line_of(context, member);
    }
    auto rest = notice.count - static_cast<std::int64_t>(std::min(listed, most_listed));
    if (rest > 0)
        text += "- " + say(context, "notice.and_more", {{"count", std::to_string(rest)}}) + "\n";
    return text;
}

std::string how_to_acknowledge(alert::Notice const& notice, AlertContext const& context) {
    std::string link;
    if (!context.page_url.empty())
        link =
            fmt::format("{}/ack/{}/{}", context.page_url, notice.alert, context.acknowledge_token);
    return "\n" + say(context, "notice.acknowledge",
                      {{"link", std::move(link)}, {"alert", std::to_string(notice.alert)}});
}

std::string title_of(alert::Notice const& notice, AlertContext const& context) {
    bool is_over = notice.what == What::resolved;
    bool is_empty = notice.members.empty();
    auto kind = is_empty ? alert::Kind::trouble : notice.members.front().kind;
    auto const& subject = is_empty || is_over ? notice.subject : notice.members.front().subject;
    auto title = sentence(context, subject, is_over ? alert::Kind::recovery : kind);
    if (auto around = around_title(notice.what); !around.empty())
        title = say(context, around, {{"title", std::move(title)}});
    return say(context, "notice.title",
               {{"host", context.host},
                {"title", std::move(title)},
                {"more", notice.count > 1 ? std::to_string(notice.count - 1) : std::string()}});
}

}  // namespace

message::Message alert_message(alert::Notice const& notice, AlertContext const& context) {
    bool is_over = notice.what == What::resolved;
    message::Message message;
    message.title = title_of(notice, context);
    message.text = list_of(context, notice);
    message.text += "\n" + say(context, "notice.since", {{"at", utc(notice.since)}}) + "\n";
    if (!is_over) message.text += how_to_acknowledge(notice, context);
    message.details = context.last_lines;
    message.language = context.language;
    message.severity = is_over ? "info" : std::string(alert::name(notice.severity));
    message.in_reply_to = notice.thread;
    return message;
}

}  // namespace lares::deliver
