// core/words.cc: the rows of our own texts, and how one is said.

#include "core/words.h"

#include <algorithm>

#include "base/check.h"
#include "text/nearest.h"
#include "text/placeholders.h"

namespace lares::words {

namespace {

using text::Target;
using text::Template;

// clang-format off
constexpr WordRow rows[] = {
    {"notice.title",
     "[{{host}}] {{title}}{{#more}} (and {{more}} more){{/more}}",
     "[{{host}}] {{title}}{{#more}} (und {{more}} weitere){{/more}}",
     "host title more"},
    {"notice.late", "{{thing}} is late", "{{thing}} ist überfällig", "thing kind"},
    {"notice.unexplained", "something has neither a result nor a reason", "etwas hat weder ein Ergebnis noch einen Grund", "thing kind"},
    {"notice.failed", "{{thing}} failed", "{{thing}} ist fehlgeschlagen", "thing kind"},
    {"notice.fatal", "{{thing}} is FATAL", "{{thing}} ist endgültig ausgefallen (FATAL)", "thing kind"},
    {"notice.trouble", "{{thing}}: trouble", "{{thing}}: Störung", "thing kind"},
    {"notice.over", "{{thing}} is well again", "{{thing}} ist wieder in Ordnung", "thing kind"},
    {"notice.other", "{{thing}}: attention, {{kind}}", "{{thing}}: Achtung, {{kind}}", "thing kind"},
    {"notice.more", "more: {{title}}", "weitere: {{title}}", "title"},
    {"notice.still", "still: {{title}}", "noch immer: {{title}}", "title"},
    {"notice.escalated", "nobody has answered: {{title}}", "niemand hat geantwortet: {{title}}", "title"},
    {"notice.eased", "partly over: {{title}}", "teilweise vorbei: {{title}}", "title"},
    {"notice.flapping", "comes and goes: {{title}}", "kommt und geht: {{title}}", "title"},
    {"notice.member",
     "- {{words}}{{#count}} ({{count}} times){{/count}}{{#over}} [over]{{/over}}",
     "- {{words}}{{#count}} ({{count}}-mal){{/count}}{{#over}} [vorbei]{{/over}}",
     "words count over"},
    {"notice.and_more", "and {{count}} more", "und {{count}} weitere", "count"},
    {"notice.consequences", "What it led to:", "Was daraus folgte:", ""},
    {"notice.since", "Since {{at}} UTC", "Seit {{at}} UTC", "at"},
    {"notice.acknowledge",
     "To say that you have it in hand:\n{{#link}}open {{link}}\n{{/link}}{{#link}}or {{/link}}run: lares alerts ack {{alert}}\n",
     "Um zu sagen, dass Sie sich darum kümmern:\n{{#link}}{{link}} öffnen\n{{/link}}{{#link}}oder: {{/link}}lares alerts ack {{alert}}\n",
     "link alert"},
    {"letter.title",
     "{{host}}: the week of {{begin}} to {{end}}",
     "{{host}}: die Woche vom {{begin}} bis {{end}}",
     "host begin end"},
    {"letter.calm",
     "A quiet week: nothing needs you.",
     "Eine ruhige Woche: nichts braucht Sie.",
     ""},
    {"letter.busy",
     "{{#one_count}}One thing needs you.{{/one_count}}{{^one_count}}{{count}} things need you.{{/one_count}}",
     "{{#one_count}}Eines braucht Sie.{{/one_count}}{{^one_count}}{{count}} Dinge brauchen Sie.{{/one_count}}",
     "count one_count"},
    {"letter.needs_you",
     "What needs you",
     "Was Sie braucht",
     ""},
    {"letter.in_hand",
     "What somebody has in hand",
     "Worum sich jemand kümmert",
     ""},
    {"letter.since",
     "{{what}} (since {{at}})",
     "{{what}} (seit {{at}})",
     "what at"},
    {"letter.lasted",
     "{{what}} ({{at}}, for {{lasted}})",
     "{{what}} ({{at}}, dauerte {{lasted}})",
     "what at lasted"},
    {"letter.more",
     "and {{count}} more",
     "und {{count}} weitere",
     "count"},
    {"letter.ran",
     "What ran",
     "Was lief",
     ""},
    {"letter.runs",
     "{{runs}} {{#one_runs}}run{{/one_runs}}{{^one_runs}}runs{{/one_runs}}, {{bad}} failed",
     "{{runs}} {{#one_runs}}Lauf{{/one_runs}}{{^one_runs}}Läufe{{/one_runs}}, {{bad}} fehlgeschlagen",
     "runs bad one_runs"},
    {"letter.run",
     "{{subject}}: {{#one_runs}}one run{{#bad}}, failed{{/bad}}, took {{longest}}{{/one_runs}}"
     "{{^one_runs}}{{runs}} runs{{#bad}}, {{bad}} failed{{/bad}}, the longest {{longest}}{{/one_runs}}",
     "{{subject}}: {{#one_runs}}ein Lauf{{#bad}}, fehlgeschlagen{{/bad}}, dauerte {{longest}}{{/one_runs}}"
     "{{^one_runs}}{{runs}} Läufe{{#bad}}, {{bad}} fehlgeschlagen{{/bad}}, der längste {{longest}}{{/one_runs}}",
     "subject runs bad longest one_runs"},
    {"letter.slowest",
     "What took longest",
     "Was am längsten dauerte",
     ""},
    {"letter.channel",
     "{{channel}}: {{sent}} sent{{#lost}}, {{lost}} not delivered{{/lost}}{{#waiting}}, {{waiting}} waiting{{/waiting}}",
     "{{channel}}: {{sent}} gesendet{{#lost}}, {{lost}} nicht zugestellt{{/lost}}{{#waiting}}, {{waiting}} wartend{{/waiting}}",
     "channel sent lost waiting"},
    {"letter.late",
     "What was late",
     "Was zu spät war",
     ""},
    {"letter.undelivered",
     "What did not reach anybody",
     "Was niemanden erreichte",
     ""},
    {"letter.mended",
     "What was mended without you",
     "Was sich ohne Sie gerichtet hat",
     ""},
    {"letter.messages",
     "Messages",
     "Meldungen",
     ""},
    {"letter.spent",
     "What was spent",
     "Was ausgegeben wurde",
     ""},
    {"digest.title",
     "{{count}} {{#one_count}}message{{/one_count}}{{^one_count}}messages{{/one_count}} of {{channel}}",
     "{{count}} {{#one_count}}Meldung{{/one_count}}{{^one_count}}Meldungen{{/one_count}} von {{channel}}",
     "count channel one_count"},
    {"kind.program", "program", "Programm", ""},
    {"kind.task",    "task",    "Aufgabe",  ""},
    {"kind.folder",  "folder",  "Ordner",   ""},
    {"kind.group",   "group",   "Gruppe",   ""},
    {"kind.channel", "channel", "Kanal",    ""},
    {"kind.budget",  "budget",  "Etat",     ""},
};
// clang-format on

bool is_german(std::string_view language) {
    return language.size() >= 2 && (language[0] | 0x20) == 'd' && (language[1] | 0x20) == 'e' &&
           (language.size() == 2 || language[2] == '-' || language[2] == '_');
}

std::vector<std::string_view> places_of(WordRow const& row) {
    std::vector<std::string_view> names;
    auto rest = row.places;
    while (!rest.empty()) {
        auto const space = rest.find(' ');
        names.push_back(rest.substr(0, space));
        rest.remove_prefix(space == rest.npos ? rest.size() : space + 1);
    }
    return names;
}

text::Value const* find(text::Struct const& values, std::string_view name) {
    auto const found = std::ranges::find(values, name, &text::Struct::value_type::first);
    return found == values.end() ? nullptr : &found->second;
}

/// Whether the place "one_x" is said: of x there is exactly one.
bool is_one(std::string_view place, text::Struct const& values) {
    if (!place.starts_with("one_")) return false;
    auto const* count = find(values, place.substr(4));
    return count != nullptr && count->text() != nullptr && *count->text() == "1";
}

Result<std::string> fill(std::string_view source, text::Struct const& values) {
    auto const made = TRY(Template::parse(source));
    return made.fill(text::Value(values), Target::none);
}

}  // namespace

std::span<WordRow const> word_rows() { return rows; }

WordRow const* find_words(std::string_view name) {
    auto const found = std::ranges::find(rows, name, &WordRow::name);
    return found == std::end(rows) ? nullptr : found;
}

std::string say(std::string_view name, std::string_view language, text::Struct values,
                Overrides const& overrides) {
    auto const* row = find_words(name);
    CHECK(row != nullptr);
    for (auto const& each : places_of(*row))
        if (find(values, each) == nullptr)
            values.emplace_back(std::string(each), is_one(each, values) ? "1" : "");
    bool const german = is_german(language);
    if (overrides) {
        auto const other = overrides(name, german ? "de" : "en");
        if (other)
            if (auto filled = fill(*other, values)) return std::move(filled).take();
    }
    auto filled = fill(german ? row->german : row->english, values);
    // Only what comes out can be too long: of values, not of the row, which the tests fill.
    return filled ? std::move(filled).take() : std::string(name);
}

Result<> check_override(std::string_view name, std::string_view source) {
    auto const* row = find_words(name);
    if (row == nullptr) {
        std::vector<std::string_view> names;
        for (auto const& each : rows) names.push_back(each.name);
        auto const near = text::nearest(name, names);
        return Error{Error::Kind::not_found,
                     "there is no text '" + std::string(name) + "'" +
                         (near.empty() ? "" : "; did you mean '" + std::string(near) + "'?")};
    }
    auto const made = TRY(Template::parse(source));
    auto const places = places_of(*row);
    for (auto const& each : made.names()) {
        if (std::ranges::find(places, each) != places.end()) continue;
        return Error{Error::Kind::invalid, "'{{" + each + "}}' is not known in '" +
                                               std::string(name) +
                                               "'; it may name: " + std::string(row->places)};
    }
    return {};
}

}  // namespace lares::words
