// delivery/letter_words.cc: sections of lines, then the two forms they are given in.

#include "delivery/letter_words.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

#include "core/in_words.h"
#include "core/local_time.h"
#include "text/template.h"
#include "text/value.h"

namespace lares::deliver {

namespace {

struct Section {
    std::string heading;
    std::vector<std::string> lines;
};

class Writer {
public:
    Writer(letter::Letter const& letter, LetterContext const& context)
        : letter_(letter), context_(context) {}

    std::vector<Section> sections() {
        add("letter.needs_you", lines_of(letter_.needs_you));
        add("letter.in_hand", lines_of(letter_.in_hand));
        add("letter.late", lines_of(letter_.late));
        add("letter.undelivered", lines_of(letter_.undelivered));
        add("letter.mended", lines_of(letter_.mended));
        add("letter.ran", ran());
        add("letter.slowest", greatest());
        add("letter.messages", channels());
        add("letter.spent", context_.spent);
        return std::move(sections_);
    }

    std::string word(std::string_view name, text::Struct values = {}) const {
        return words::say(name, context_.language, std::move(values), context_.overrides);
    }
    std::string title() const {
        return word("letter.title", {{"host", context_.host},
                                     {"begin", date(letter_.from)},
                                     {"end", date(letter_.to - Duration(1))}});
    }
    std::string summary() const {
        if (letter_.is_quiet() || letter_.needs_you.count == 0) return word("letter.calm");
        return word("letter.busy", {{"count", std::to_string(letter_.needs_you.count)}});
    }

private:
    std::string date(WallTime at) const {
        using namespace std::chrono;
        year_month_day day{sys_days(days(static_cast<int>(local_day(context_.zone, at))))};
        bool is_german = context_.language.starts_with("de");
        auto form = is_german ? "{2:02}.{1:02}.{0}" : "{0}-{1:02}-{2:02}";
        return fmt::format(fmt::runtime(form), static_cast<int>(day.year()),
                           static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
    }
    std::string moment(WallTime at) const { return clock_words(context_.zone, at, WallTime{}); }

    std::vector<std::string> lines_of(letter::Lines const& lines) const {
        std::vector<std::string> out;
        for (auto const& line : lines.list) {
            auto words = line.words.empty() ? line.subject : line.subject + ": " + line.words;
            out.push_back(
                line.ended == WallTime{}
                    ? word("letter.since", {{"what", words}, {"at", moment(line.at)}})
                    : word("letter.lasted", {{"what", words},
                                             {"at", moment(line.at)},
                                             {"lasted", in_words(line.ended - line.at)}}));
        }
        auto rest = lines.count - static_cast<std::int64_t>(lines.list.size());
        if (rest > 0) out.push_back(word("letter.more", {{"count", std::to_string(rest)}}));
        return out;
    }

    std::vector<std::string> ran() const {
        if (letter_.runs == 0) return {};
        std::vector<std::string> out{word("letter.runs", {{"runs", std::to_string(letter_.runs)},
                                                          {"bad", std::to_string(letter_.bad)}})};
        for (auto const& each : letter_.ran)
            out.push_back(word("letter.run", {{"subject", each.subject},
                                              {"runs", std::to_string(each.runs)},
                                              {"bad", each.bad > 0 ? std::to_string(each.bad) : ""},
                                              {"longest", in_words(each.longest)}}));
        auto rest = letter_.subjects - static_cast<std::int64_t>(letter_.ran.size());
        if (rest > 0) out.push_back(word("letter.more", {{"count", std::to_string(rest)}}));
        return out;
    }

    std::vector<std::string> greatest() const {
        std::vector<std::string> out;
        for (auto const& each : letter_.slowest) {
            if (out.size() == 5) break;
            out.push_back(fmt::format("{}: {} ({})", each.subject, in_words(Duration(each.value)),
                                      moment(each.at)));
        }
        return out;
    }

    std::vector<std::string> channels() const {
        std::vector<std::string> out;
        for (auto const& each : letter_.channels) {
            auto lost = each.failed + each.expired + each.unsure;
            out.push_back(
                word("letter.channel",
                     {{"channel", each.name},
                      {"sent", std::to_string(each.sent)},
                      {"lost", lost > 0 ? std::to_string(lost) : ""},
                      {"waiting", each.waiting > 0 ? std::to_string(each.waiting) : ""}}));
        }
        return out;
    }

    void add(std::string_view heading, std::vector<std::string> lines) {
        if (!lines.empty()) sections_.push_back({word(heading), std::move(lines)});
    }

    letter::Letter const& letter_;
    LetterContext const& context_;
    std::vector<Section> sections_;
};

std::string text_of(std::string const& summary, std::vector<Section> const& sections) {
    std::string text = summary + "\n";
    for (auto const& section : sections) {
        text += "\n" + section.heading + "\n";
        for (auto const& line : section.lines) text += "- " + line + "\n";
    }
    return text;
}

std::string html_of(std::string const& title, std::string const& summary,
                    std::vector<Section> const& sections) {
    auto escaped = [](std::string_view words) { return text::escape(words, text::Target::html); };
    std::string html = fmt::format("<h1>{}</h1>\n<p>{}</p>\n", escaped(title), escaped(summary));
    for (auto const& section : sections) {
        html += fmt::format("<section>\n<h2>{}</h2>\n<ul>\n", escaped(section.heading));
        for (auto const& line : section.lines) html += fmt::format("<li>{}</li>\n", escaped(line));
        html += "</ul>\n</section>\n";
    }
    return html;
}

/// On paper a section stays together where it can, and nothing is lost in a margin.
constexpr std::string_view style =
    "body{font:11pt/1.45 Georgia,serif;max-width:42em;margin:2em auto;padding:0 1em;color:#111}"
    "h1{font-size:1.4em;margin:0 0 .3em}h2{font-size:1.05em;margin:1.3em 0 .2em;"
    "border-bottom:1px solid #999}ul{margin:.3em 0;padding-left:1.2em}li{overflow-wrap:anywhere}"
    "@page{size:A4;margin:20mm}"
    "@media print{body{margin:0;max-width:none;padding:0;font-size:10pt}"
    "h2{break-after:avoid}li{break-inside:avoid}section{break-inside:auto}}";

}  // namespace

LetterWords letter_words(letter::Letter const& letter, LetterContext const& context) {
    Writer writer(letter, context);
    auto const sections = writer.sections();
    auto const summary = writer.summary();
    LetterWords words;
    words.title = writer.title();
    words.text = text_of(summary, sections);
    words.html = html_of(words.title, summary, sections);
    bool is_german = context.language.starts_with("de");
    words.page = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n"
        "<style>{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
        is_german ? "de" : "en", text::escape(words.title, text::Target::html), style, words.html);
    return words;
}

}  // namespace lares::deliver
