// delivery/words.cc: the rows of our own texts, and how one is said.

#include "delivery/words.h"

#include <algorithm>

#include "base/check.h"
#include "text/nearest.h"
#include "text/placeholders.h"

namespace lares::deliver {

namespace {

using text::Target;
using text::Template;

// clang-format off
constexpr WordRow rows[] = {
    {"alert.failure.title",
     "{{kind}} '{{name}}' failed",
     "{{kind}} '{{name}}' ist fehlgeschlagen",
     "kind name host"},
    {"alert.failure.text",
     "{{kind}} '{{name}}' failed at {{at}}: {{reason}}.{{#attempts}} After {{attempts}} attempts.{{/attempts}}",
     "{{kind}} '{{name}}' ist um {{at}} fehlgeschlagen: {{reason}}.{{#attempts}} Nach {{attempts}} Versuchen.{{/attempts}}",
     "kind name host at reason attempts"},
    {"alert.late.title",
     "{{kind}} '{{name}}' is late",
     "{{kind}} '{{name}}' ist zu spät",
     "kind name host"},
    {"alert.late.text",
     "Expected by {{due}}, not there at {{at}}.{{#reason}} {{reason}}.{{/reason}}",
     "Erwartet bis {{due}}, um {{at}} noch nicht da.{{#reason}} {{reason}}.{{/reason}}",
     "kind name host at due reason"},
    {"alert.recovery.title",
     "{{kind}} '{{name}}' works again",
     "{{kind}} '{{name}}' läuft wieder",
     "kind name host"},
    {"alert.recovery.text",
     "Good again since {{at}}, after {{lasted}}.",
     "Wieder gut seit {{at}}, nach {{lasted}}.",
     "kind name host at lasted"},
    {"alert.fatal.title",
     "{{kind}} '{{name}}' is given up",
     "{{kind}} '{{name}}' ist aufgegeben",
     "kind name host"},
    {"alert.fatal.text",
     "It did not start after {{attempts}} tries, the last at {{at}}: {{reason}}. It stays down until someone starts it.",
     "Auch nach {{attempts}} Versuchen kein Start, zuletzt um {{at}}: {{reason}}. Es bleibt aus, bis jemand es startet.",
     "kind name host at reason attempts"},
    {"alert.repeated.title",
     "still: {{title}}",
     "noch immer: {{title}}",
     "title"},
    {"alert.repeated.text",
     "This has lasted {{lasted}} now. Message {{number}} about it.",
     "Das dauert nun schon {{lasted}}. Meldung Nummer {{number}} dazu.",
     "title lasted number"},
    {"alert.escalated.title",
     "nobody answered: {{title}}",
     "ohne Antwort: {{title}}",
     "title"},
    {"alert.escalated.text",
     "Told to {{before}} at {{at}}, and nobody has acknowledged it within {{lasted}}.",
     "Gemeldet an {{before}} um {{at}}, und innerhalb von {{lasted}} hat es niemand bestätigt.",
     "title before at lasted"},
    {"alert.resolved.title",
     "over: {{title}}",
     "vorbei: {{title}}",
     "title"},
    {"alert.resolved.text",
     "It began at {{began}}, ended at {{at}} and lasted {{lasted}}.{{#by}} Acknowledged by {{by}}.{{/by}}",
     "Begonnen um {{began}}, beendet um {{at}}, nach {{lasted}}.{{#by}} Bestätigt von {{by}}.{{/by}}",
     "title began at lasted by"},
    {"alert.grouped.title",
     "{{kind}} '{{name}}' is down: {{count}} consequences",
     "{{kind}} '{{name}}' ist ausgefallen: {{count}} Folgen",
     "kind name host count"},
    {"alert.grouped.text",
     "Since {{at}}: {{reason}}. These wait for it or failed with it:\n{{#names}}- {{.}}\n{{/names}}{{#more}}and {{more}} more\n{{/more}}",
     "Seit {{at}}: {{reason}}. Daran hängen, oder sind daran gescheitert:\n{{#names}}- {{.}}\n{{/names}}{{#more}}und {{more}} weitere\n{{/more}}",
     "kind name host count at reason names more"},
    {"alert.flapping.title",
     "{{kind}} '{{name}}' comes and goes",
     "{{kind}} '{{name}}' kommt und geht",
     "kind name host"},
    {"alert.flapping.text",
     "{{count}} changes within {{lasted}}. No more messages about it until it stays as it is.",
     "{{count}} Wechsel innerhalb von {{lasted}}. Keine weiteren Meldungen dazu, bis es so bleibt, wie es ist.",
     "kind name host count lasted"},
    {"alert.acknowledge",
     "Acknowledge: {{link}}",
     "Bestätigen: {{link}}",
     "link"},
    {"heartbeat.failed.title",
     "the heartbeat of {{host}} is not heard",
     "der Herzschlag von {{host}} kommt nicht an",
     "host"},
    {"heartbeat.failed.text",
     "'{{name}}' has not taken it since {{at}}: {{reason}}.",
     "'{{name}}' nimmt ihn seit {{at}} nicht an: {{reason}}.",
     "host name at reason"},
    {"budget.threshold.title",
     "budget '{{name}}': {{percent}} % used",
     "Budget '{{name}}': {{percent}} % verbraucht",
     "name percent"},
    {"budget.threshold.text",
     "{{used}} of {{limit}} are used for {{span}}.{{#ends}} It begins anew at {{ends}}.{{/ends}}",
     "{{used}} von {{limit}} sind verbraucht, für {{span}}.{{#ends}} Neu beginnt es um {{ends}}.{{/ends}}",
     "name percent used limit span ends"},
    {"budget.stopped.title",
     "budget '{{name}}' is used up",
     "Budget '{{name}}' ist aufgebraucht",
     "name"},
    {"budget.stopped.text",
     "{{used}} of {{limit}} are used for {{span}}: nothing more goes out by it until {{ends}} or until someone resets it.",
     "{{used}} von {{limit}} sind verbraucht, für {{span}}: darüber geht nichts mehr hinaus bis {{ends}} oder bis es jemand zurücksetzt.",
     "name used limit span ends"},
    {"letter.title",
     "{{host}}: the week of {{begin}} to {{end}}",
     "{{host}}: die Woche vom {{begin}} bis {{end}}",
     "host begin end"},
    {"letter.calm",
     "A quiet week: nothing needs you.",
     "Eine ruhige Woche: nichts braucht Sie.",
     ""},
    {"letter.busy",
     "{{count}} things need you.",
     "{{count}} Dinge brauchen Sie.",
     "count"},
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
     "{{runs}} runs, {{bad}} of them failed",
     "{{runs}} Läufe, davon {{bad}} fehlgeschlagen",
     "runs bad"},
    {"letter.run",
     "{{subject}}: {{runs}} runs{{#bad}}, {{bad}} failed{{/bad}}, the longest {{longest}}",
     "{{subject}}: {{runs}} Läufe{{#bad}}, {{bad}} fehlgeschlagen{{/bad}}, der längste {{longest}}",
     "subject runs bad longest"},
    {"letter.slowest",
     "What took longest",
     "Was am längsten dauerte",
     ""},
    {"letter.channel",
     "{{channel}}: {{sent}} sent{{#lost}}, {{lost}} not delivered{{/lost}}{{#waiting}}, {{waiting}} waiting{{/waiting}}",
     "{{channel}}: {{sent}} gesendet{{#lost}}, {{lost}} nicht zugestellt{{/lost}}{{#waiting}}, {{waiting}} warten{{/waiting}}",
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
     "{{count}} messages of {{channel}}",
     "{{count}} Meldungen von {{channel}}",
     "count channel"},
    {"test.title",
     "Lares: a test of channel '{{channel}}'",
     "Lares: eine Probe des Kanals '{{channel}}'",
     "channel"},
    {"test.text",
     "If you read this, the channel works. Sent by {{host}} at {{at}}.",
     "Wer dies liest, weiß: der Kanal geht. Gesendet von {{host}} um {{at}}.",
     "channel host at"},
    {"kind.program", "program", "Programm", ""},
    {"kind.task",    "task",    "Aufgabe",  ""},
    {"kind.folder",  "folder",  "Ordner",   ""},
    {"kind.group",   "group",   "Gruppe",   ""},
    {"kind.channel", "channel", "Kanal",    ""},
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
        if (text::Value(values).find(each) == nullptr) values.emplace_back(std::string(each), "");
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

}  // namespace lares::deliver
