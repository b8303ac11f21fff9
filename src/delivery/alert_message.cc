// delivery/alert_message.cc: the sentences of alerts, in each language Lares speaks.

#include "delivery/alert_message.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

namespace lares::deliver {

namespace {

using What = alert::Notice::What;

/// Members that are listed; what fits on a screen. The page has them all.
constexpr std::size_t most_listed = 20;

/// What is said in a language. {0} is what it is about.
struct Words {
    std::string_view language;
    std::string_view is_late, failed, fatal, trouble, is_over;  // with one name
    std::string_view unexplained;
    std::string_view more, still, escalated, eased, flapping;   // before a title
    std::string_view and_more;                                  // {} others
    std::string_view since, times, consequences, over_mark, hint, link, command, last;
};
// clang-format off
constexpr Words all_words[] = {
    {"en", "{} is late", "{} failed", "{} is FATAL", "{}: trouble", "{} is well again",
     "something has neither a result nor a reason",
     "more: ", "still: ", "nobody has answered: ", "partly over: ", "comes and goes: ",
     " (and {} more)",
     "Since {} UTC", "{} times", "What it led to:", "over", "To say that you have it in hand:",
     "open {}", "or run: lares alerts ack {}", "Last lines"},
    {"de", "{} ist überfällig", "{} ist fehlgeschlagen", "{} ist FATAL", "{}: Störung", "{} ist wieder in Ordnung",
     "etwas hat weder ein Ergebnis noch einen Grund",
     "weitere: ", "noch immer: ", "niemand hat geantwortet: ", "teilweise vorbei: ", "kommt und geht: ",
     " (und {} weitere)",
     "Seit {} UTC", "{}-mal", "Was daraus folgte:", "vorbei", "Um zu sagen, dass Sie sich darum kümmern:",
     "{} öffnen", "oder: lares alerts ack {}", "Letzte Zeilen"},
};
// clang-format on

Words const& words_of(std::string_view language) {
    auto const* found = std::ranges::find(all_words, language, &Words::language);
    return found == std::end(all_words) ? all_words[0] : *found;
}

/// "'report'" of "task/report"; of a process the program's own name where that says it all.
std::string thing(std::string_view subject) {
    auto slash = subject.find('/');
    if (slash == subject.npos) return std::string(subject);
    auto name = subject.substr(slash + 1);
    auto colon = name.find(':');
    if (colon != name.npos && name.substr(0, colon) == name.substr(colon + 1))
        name = name.substr(0, colon);
    return fmt::format("{} '{}'", subject.substr(0, slash), name);
}

std::string sentence(Words const& words, std::string_view subject, alert::Kind kind) {
    using alert::Kind;
    auto say = [&](std::string_view form) {
        return fmt::format(fmt::runtime(form), thing(subject));
    };
    switch (kind) {
    case Kind::late:
    case Kind::missed:
    case Kind::slow:
    case Kind::heavy:
        return kind == Kind::late ? say(words.is_late)
                                  : fmt::format("{}: {}", thing(subject), alert::row_of(kind).name);
    case Kind::failure:
    case Kind::dead:
        return say(words.failed);
    case Kind::fatal:
        return say(words.fatal);
    case Kind::trouble:
    case Kind::undelivered:
        return say(words.trouble);
    case Kind::recovery:
        return say(words.is_over);
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
        return std::string(words.unexplained);
    }
    return fmt::format("{}: {}", thing(subject), alert::row_of(kind).name);
}

std::string_view before_title(Words const& words, What what) {
    switch (what) {
    case What::firing:
    case What::resolved:
        return "";
    case What::more:
        return words.more;
    case What::repeat:
        return words.still;
    case What::escalated:
        return words.escalated;
    case What::eased:
        return words.eased;
    case What::flapping:
        return words.flapping;
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

std::string line_of(Words const& words, alert::Notice::Member const& member) {
    auto line =
        "- " + (member.words.empty() ? sentence(words, member.subject, member.kind) : member.words);
    if (member.count > 1)
        line += fmt::format(fmt::runtime(" (" + std::string(words.times) + ")"), member.count);
    if (member.is_over) line += fmt::format(" [{}]", words.over_mark);
    return line + "\n";
}

/// What is at fault, and what suffers from it.
std::string list_of(Words const& words, alert::Notice const& notice) {
    std::string text;
    bool has_consequences = false;
    std::size_t listed = 0;
    for (auto const& member : notice.members) {
        if (listed++ == most_listed) break;
        bool is_cause = member.subject == notice.subject;
        if (!is_cause && listed > 1 && !std::exchange(has_consequences, true))
            text += "\n" + std::string(words.consequences) + "\n";
        text += line_of(words, member);
    }
    auto rest = notice.count - static_cast<std::int64_t>(std::min(listed, most_listed));
    if (rest > 0) text += fmt::format(fmt::runtime("-" + std::string(words.and_more) + "\n"), rest);
    return text;
}

std::string how_to_acknowledge(Words const& words, alert::Notice const& notice,
                               AlertContext const& context) {
    std::string text = "\n" + std::string(words.hint) + "\n";
    if (!context.page_url.empty())
        text += fmt::format(fmt::runtime(words.link),
                            fmt::format("{}/ack/{}/{}", context.page_url, notice.alert,
                                        context.acknowledge_token)) +
                "\n";
    return text + fmt::format(fmt::runtime(words.command), notice.alert) + "\n";
}

}  // namespace

message::Message alert_message(alert::Notice const& notice, AlertContext const& context) {
    auto const& words = words_of(context.language);
    bool is_over = notice.what == What::resolved;
    auto kind = notice.members.empty() ? alert::Kind::trouble : notice.members.front().kind;
    auto subject = notice.members.empty() ? notice.subject : notice.members.front().subject;
    message::Message message;
    message.title = fmt::format("[{}] {}{}", context.host, before_title(words, notice.what),
                                sentence(words, is_over ? notice.subject : subject,
                                         is_over ? alert::Kind::recovery : kind));
    if (notice.count > 1)
        message.title += fmt::format(fmt::runtime(words.and_more), notice.count - 1);
    message.text = list_of(words, notice);
    message.text += "\n" + fmt::format(fmt::runtime(words.since), utc(notice.since)) + "\n";
    if (!is_over) message.text += how_to_acknowledge(words, notice, context);
    message.details = context.last_lines;
    message.language = context.language;
    message.severity = is_over ? "info" : std::string(alert::name(notice.severity));
    message.in_reply_to = notice.thread;
    return message;
}

}  // namespace lares::deliver
