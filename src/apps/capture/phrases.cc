// apps/capture/phrases.cc: the rows, and reading back what was made from them.
//
// "{}" is a text as it is, "{number}" digits, "{option}" the name of an option, which forms call by
// its label, "{phrase}" a text that is a phrase itself, as "gzip, zstd or plain".

#include "apps/capture/phrases.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <vector>

#include "base/check.h"

namespace lares::capture {

namespace {

struct Row {
    Phrase phrase;
    std::string_view english, german;
};
// clang-format off
constexpr Row rows[] = {
    {Phrase::must_be, "{option} = '{}': must be {phrase}", "{option} = '{}': muss sein: {phrase}"},
    {Phrase::form_left_out, "{option} = '{}': must be left out: timelines have their own", "{option} = '{}': muss leer bleiben, Zeitleisten haben ihre eigene"},
    {Phrase::whole_number, "a whole number, {number} to {number}", "eine ganze Zahl von {number} bis {number}"},
    {Phrase::forms, "lines, sse or websocket", "lines, sse oder websocket"},
    {Phrase::formats, "gzip, zstd or plain", "gzip, zstd oder plain"},
    {Phrase::cursors, "the name of a parameter, or 'header NAME'", "der Name eines Parameters oder 'header NAME'"},
    {Phrase::removals, "keep, mark or remove", "keep, mark oder remove"},
    {Phrase::yes_or_no, "yes or no", "yes oder no"},
    {Phrase::of_websocket, "ws:// or wss:// for a WebSocket", "ws:// oder wss:// bei einem WebSocket"},
    {Phrase::table_formats, "format '{}': must be csv, tsv, jsonl or xlsx", "Format '{}': muss csv, tsv, jsonl oder xlsx sein"},
    {Phrase::policies, "policy: must be keep, mark or remove", "Vorgehen: muss keep, mark oder remove sein"},
    {Phrase::join_or_leave, "what: must be join or leave", "what: muss join oder leave sein"},
    {Phrase::timelines_whole, "timelines are taken whole: give people and set, no words, places or languages; try and export choose from what was taken", "Zeitleisten werden ganz genommen: Personen und Gruppe angeben, keine Wörter, Orte oder Sprachen; Probelauf und Ausgabe wählen daraus aus"},
    {Phrase::needs_accounts, "service {} needs people or a set", "der Dienst {} braucht Personen oder eine Gruppe"},
    {Phrase::needs_rules, "service {} needs words, people or places", "der Dienst {} braucht Wörter, Personen oder Orte"},
    {Phrase::needs_url, "service {} needs a url", "der Dienst {} braucht eine Adresse"},
    {Phrase::only_timelines, "set and back are for timelines alone", "Gruppe und 'Tage zurück' gibt es nur bei Zeitleisten"},
    {Phrase::number_from_1, "--{option} = '{}': must be a whole number from 1", "{option} = '{}': muss eine ganze Zahl ab 1 sein"},
    {Phrase::a_day, "--{option} = '{}': must be a day as 2026-11-28", "{option} = '{}': muss ein Tag sein wie 2026-11-28"},
    {Phrase::plain_day, "'{}': must be a day as 2026-11-28", "'{}': muss ein Tag sein wie 2026-11-28"},
    {Phrase::source_length, "the name '{}' must have 1 to 100 characters", "der Name '{}' muss 1 bis 100 Zeichen haben"},
    {Phrase::source_begin, "the name '{}' must begin with a letter or digit", "der Name '{}' muss mit einem Buchstaben oder einer Ziffer beginnen"},
    {Phrase::source_letters, "the name '{}' may have letters, digits, '.', '_' and '-' only", "der Name '{}' darf nur Buchstaben ohne Umlaute, Ziffern, '.', '_' und '-' haben"},
    {Phrase::dialect_name, "dialect '{}': must be jetstream, mastodon, x, twitter or lines", "Dialekt '{}': muss jetstream, mastodon, x, twitter oder lines sein"},
    {Phrase::dialect_paths, "dialect '{}': after 'lines' there may be id=, time=, author=, text=, lang=, cursor=, each with a path as 'user.name'", "Dialekt '{}': nach 'lines' dürfen id=, time=, author=, text=, lang=, cursor= stehen, je mit einem Pfad wie 'user.name'"},
    {Phrase::open_quote, "words: a quote '\"' is not closed", "Wörter: ein Anführungszeichen '\"' wird nicht geschlossen"},
    {Phrase::no_degrees, "places: '{}' is no number of degrees", "Orte: '{}' ist keine Zahl von Grad"},
    {Phrase::four_numbers, "places: {number} numbers; expected four a place: west, south, east, north", "Orte: {number} Zahlen; es müssen vier je Ort sein: West, Süd, Ost, Nord"},
    {Phrase::longitude, "places: number {number}: a longitude must be -180 to 180", "Orte: Nummer {number}: eine Länge muss von -180 bis 180 reichen"},
    {Phrase::latitude, "places: number {number}: a latitude must be -90 to 90", "Orte: Nummer {number}: eine Breite muss von -90 bis 90 reichen"},
    {Phrase::corners, "places: number {number}: expected the south-west corner first, then the north-east one", "Orte: Nummer {number}: zuerst die südwestliche Ecke, dann die nordöstliche"},
    {Phrase::person_blank, "people: '{}' has a space in it; expected ids with commas between", "Personen: '{}' enthält ein Leerzeichen; es müssen Kennungen mit Kommas dazwischen sein"},
    {Phrase::language_code, "languages: '{}' is no code as 'de' or 'pt-BR'", "Sprachen: '{}' ist kein Kürzel wie 'de' oder 'pt-BR'"},
    {Phrase::ceiling, "{number} {phrase}; {} takes at most {number}", "{number} {phrase}; {} nimmt höchstens {number}"},
    {Phrase::phrases, "phrases", "Wortfolgen"},
    {Phrase::people, "people", "Personen"},
    {Phrase::places, "places", "Orte"},
    {Phrase::bytes, "bytes", "Bytes"},
    {Phrase::of_phrase, "phrase '{}': {phrase}", "Wortfolge '{}': {phrase}"},
    {Phrase::no_capture, "there is no capture '{}'", "es gibt keine Sammlung '{}'"},
    {Phrase::near_capture, "there is no capture '{}'; did you mean '{}'?", "es gibt keine Sammlung '{}'; meinen Sie '{}'?"},
    {Phrase::no_credential, "there is no credential '{}'", "es gibt keinen Zugang '{}'"},
    {Phrase::credential_in_use, "the credential '{}' is used by the active capture '{}'; the service allows {} stream at a time", "den Zugang '{}' nutzt schon die eingeschaltete Sammlung '{}'; der Dienst erlaubt gleichzeitig {} Strom"},
    {Phrase::credential_of, "the credential '{}' is not one of the service {}", "der Zugang '{}' gehört nicht zum Dienst {}"},
    {Phrase::capture_uses_it, "the capture '{}' uses it", "die Sammlung '{}' nutzt ihn"},
    {Phrase::bad_token, "a token is one line of at most 4000 bytes", "ein Token ist eine Zeile von höchstens 4000 Bytes"},
    {Phrase::no_set, "there is no set '{}'", "es gibt keine Gruppe '{}'"},
    {Phrase::no_set_of_accounts, "there is no set '{}' of accounts", "es gibt keine Gruppe '{}' von Konten"},
    {Phrase::no_account, "there is no account {}:{}; add it first", "es gibt kein Konto {}:{}; bitte zuerst hinzufügen"},
    {Phrase::archive_without, "the archive has nothing of '{}'", "das Archiv hat nichts von '{}'"},
    {Phrase::archive_at_without, "the archive '{}' has nothing of '{}'", "das Archiv '{}' hat nichts von '{}'"},
    {Phrase::set_name, "a set needs a name of at most 255 bytes, not beginning with '-'", "eine Gruppe braucht einen Namen von höchstens 255 Bytes, der nicht mit '-' beginnt"},
    {Phrase::account_names, "names: expected 1 to 100, with commas between, none beginning with '-'", "Namen: es müssen 1 bis 100 sein, mit Kommas dazwischen, keiner darf mit '-' beginnen"},
    {Phrase::account_url, "url = '{}': must be https://SERVER or http://SERVER", "Adresse = '{}': muss https://SERVER oder http://SERVER sein"},
    {Phrase::no_file, "there is no file '{}'", "es gibt keine Datei '{}'"},
    {Phrase::is_captured, "'{}' is being captured; stop it, or run this after a rotation with policy mark", "'{}' wird gerade gesammelt; bitte ausschalten, oder nach einem Wechsel der Datei mit dem Vorgehen mark ausführen"},
    {Phrase::is_mended, "'{}' is running or mended already", "'{}' läuft schon oder wird gerade geprüft"},
    {Phrase::nobody, "'{}': there is no such account", "'{}': dieses Konto gibt es nicht"},
    {Phrase::is_now, "{}\t{}\tis now {}, {phrase}", "{}\t{}\theißt jetzt {}, {phrase}"},
    {Phrase::is_in_state, "'{}': is {phrase}", "'{}': ist {phrase}"},
    {Phrase::needs_server, "service mastodon needs --url https://SERVER", "der Dienst mastodon braucht eine Adresse: https://SERVER"},
    {Phrase::no_directory, "service '{}' has no directory of accounts; expected x, mastodon or jetstream", "der Dienst '{}' hat kein Verzeichnis von Konten; es muss x, mastodon oder jetstream sein"},
    {Phrase::service_answered, "the service answered {number}", "der Dienst antwortete {number}"},
    {Phrase::service_answered_what, "the service answered {number}: {}", "der Dienst antwortete {number}: {}"},
    {Phrase::credential_refused, "the service refuses the credential ({number})", "der Dienst lehnt den Zugang ab ({number})"},
    {Phrase::answer_credential_refused, "the service answered {number}: the credential is refused", "der Dienst antwortete {number}: der Zugang wird abgelehnt"},
    {Phrase::answer_no_id, "the service's answer names no id", "die Antwort des Dienstes nennt keine Kennung"},
    {Phrase::answer_wrong, "the service's answer: {}", "die Antwort des Dienstes: {}"},
    {Phrase::answer_unreadable, "the service's answer cannot be read", "die Antwort des Dienstes ist nicht zu lesen"},
    {Phrase::post_no_id, "a post in the answer has no id", "ein Beitrag in der Antwort hat keine Kennung"},
    {Phrase::not_added, "{}\tnot added: {phrase}", "{}\tnicht hinzugefügt: {phrase}"},
    {Phrase::accounts_not_added, "{number} accounts were not added", "{number} Konten wurden nicht hinzugefügt"},
    {Phrase::accounts_checked, "{number} accounts checked, {number} changed", "{number} Konten geprüft, {number} geändert"},
    {Phrase::after_accounts, "after {number} accounts: {phrase}", "nach {number} Konten: {phrase}"},
    {Phrase::nothing_new, "{number} pages in a row brought nothing new", "{number} Seiten hintereinander brachten nichts Neues"},
    {Phrase::state_active, "active", "aktiv"},
    {Phrase::state_inactive, "inactive", "stillgelegt"},
    {Phrase::state_protected, "protected", "geschützt"},
    {Phrase::state_suspended, "suspended", "gesperrt"},
    {Phrase::state_deleted, "deleted", "gelöscht"},
    {Phrase::stopped, "stopped before it was done", "angehalten, bevor es fertig war"},
    {Phrase::told_to_stop, "told to stop", "angehalten"},
    {Phrase::busy, "{number} pieces of work are under way; wait for one", "{number} Arbeiten sind im Gange; bitte auf eine warten"},
    {Phrase::busy_asking, "accounts are being asked about already; wait for that", "nach Konten wird schon gefragt; bitte darauf warten"},
    {Phrase::files_full, "there are {number} files already; remove one first", "es gibt schon {number} Dateien; bitte zuerst eine entfernen"},
    {Phrase::too_many_parts, "more than {number} files would be made; split less, or remove files first", "es würden mehr als {number} Dateien; bitte gröber teilen oder zuerst Dateien entfernen"},
    {Phrase::workbook_rows, "a workbook has at most {number} rows; use --split", "eine Arbeitsmappe hat höchstens {number} Zeilen; bitte teilen"},
    {Phrase::exported, "{number} posts in {number} files", "{number} Beiträge in {number} Dateien"},
    {Phrase::indexed, "{number} posts of {number} files indexed", "{number} Beiträge aus {number} Dateien erschlossen"},
    {Phrase::taken_down, "{number} removals were told; policy {}: {number} posts taken out of the archive, {number} in the database", "{number} Löschungen wurden mitgeteilt; Vorgehen {}: {number} Beiträge aus dem Archiv genommen, {number} in der Datenbank"},
    {Phrase::would_match, "{number} of {number} posts would have matched", "{number} von {number} Beiträgen hätten gepasst"},
    {Phrase::by_people, "  {number} by people", "  {number} durch Personen"},
    {Phrase::by_places, "  {number} by places", "  {number} durch Orte"},
    {Phrase::by_phrase, "  {number} by '{}'", "  {number} durch '{}'"},
    {Phrase::silence, "no answer for {number} s", "seit {number} s keine Antwort"},
    {Phrase::closed, "closed", "abgeschlossen"},
    {Phrase::recovered, "recovered", "gerettet"},
    {Phrase::repaired, "repaired", "ausgebessert"},
    {Phrase::gap_network, "network", "Netz"},
    {Phrase::gap_stall, "stall", "Stille"},
    {Phrase::gap_http, "http {number}", "HTTP {number}"},
    {Phrase::gap_by_peer, "closed by the service", "vom Dienst geschlossen"},
    {Phrase::gap_stopped, "stopped", "angehalten"},
    {Phrase::gap_killed, "killed", "abgestürzt"},
    {Phrase::no_such_file, "{}: no such file or directory", "{}: Datei oder Ordner nicht gefunden"},
    {Phrase::refused, "{}: connection refused", "{}: Verbindung abgelehnt"},
    {Phrase::no_permission, "{}: permission denied", "{}: keine Berechtigung"},
    {Phrase::no_space, "{}: no space left on device", "{}: kein Platz mehr auf dem Datenträger"},
};
// clang-format on

enum class Kind { text, number, option, phrase };
struct Piece {
    std::string_view before;  // letters in front of the place
    Kind kind = Kind::text;
};
/// A row's template: pieces, and the letters after the last place.
struct Shape {
    std::vector<Piece> pieces;
    std::string_view end;
    std::size_t letters = 0;
};

Shape shape_of(std::string_view pattern) {
    Shape out;
    while (true) {
        auto const open = pattern.find('{');
        if (open == pattern.npos) break;
        auto const close = pattern.find('}', open);
        auto const name = pattern.substr(open + 1, close - open - 1);
        auto const kind = name == "option"   ? Kind::option
                          : name == "phrase" ? Kind::phrase
                          : name == "number" ? Kind::number
                                             : Kind::text;
        out.pieces.push_back({pattern.substr(0, open), kind});
        out.letters += open;
        pattern.remove_prefix(close + 1);
    }
    out.end = pattern;
    out.letters += pattern.size();
    return out;
}

/// "{}", "{number}" and the others in the order they come, in both languages the same.
constexpr bool has_places_alike(Row const& row) {
    auto english = row.english, german = row.german;
    for (;;) {
        auto const a = english.find('{'), b = german.find('{');
        if (a == english.npos || b == german.npos) return a == b;
        auto const place = english.substr(a, english.find('}', a) + 1 - a);
        if (german.substr(b, place.size()) != place) return false;
        english.remove_prefix(a + place.size());
        german.remove_prefix(b + place.size());
    }
}

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < std::size(rows); ++i)
        if (rows[i].phrase != static_cast<Phrase>(i) || !has_places_alike(rows[i])) return false;
    return std::size(rows) == static_cast<std::size_t>(Phrase::count_);
}
static_assert(is_in_order());

std::vector<Shape> const& english_shapes() {
    static std::vector<Shape> const shapes = [] {
        std::vector<Shape> out;
        for (auto const& row : rows) out.push_back(shape_of(row.english));
        return out;
    }();
    return shapes;
}

bool fits(Kind kind, std::string_view text) {
    return kind != Kind::number ||
           (!text.empty() && text.find_first_not_of("-0123456789") == std::string_view::npos);
}

/// What stands in the places; none: the line was made from another row. Where letters of the row
/// come twice, the first that lets the rest fit counts.
std::optional<std::vector<std::string_view>> read(Shape const& shape, std::string_view line,
                                                  std::size_t from = 0) {
    if (from == shape.pieces.size()) {
        if (line != shape.end) return std::nullopt;
        return std::vector<std::string_view>();
    }
    auto const before = shape.pieces[from].before;
    if (!line.starts_with(before)) return std::nullopt;
    line.remove_prefix(before.size());
    bool const is_last = from + 1 == shape.pieces.size();
    if (is_last) {
        if (!line.ends_with(shape.end)) return std::nullopt;
        line.remove_suffix(shape.end.size());
        if (!fits(shape.pieces[from].kind, line)) return std::nullopt;
        return std::vector{line};
    }
    auto const next = shape.pieces[from + 1].before;
    for (auto at = line.find(next); at != line.npos; at = line.find(next, at + 1)) {
        if (!fits(shape.pieces[from].kind, line.substr(0, at))) continue;
        auto rest = read(shape, line.substr(at), from + 1);
        if (!rest) continue;
        rest->insert(rest->begin(), line.substr(0, at));
        return rest;
    }
    return std::nullopt;
}

/// Lines that no command says are not looked at letter by letter.
constexpr std::size_t longest_line = 2'000;
constexpr int deepest = 4;

std::string line_in(Tongue tongue, std::string_view line, int depth = 0) {
    if (line.size() > longest_line || depth > deepest) return std::string(line);
    std::optional<std::vector<std::string_view>> best;
    std::size_t place = 0, letters = 0;
    for (std::size_t i = 0; i < std::size(rows); ++i) {
        auto const& shape = english_shapes()[i];
        if (best && shape.letters <= letters) continue;
        if (auto found = read(shape, line)) {
            best = std::move(found);
            place = i;
            letters = shape.letters;
        }
    }
    if (!best) return std::string(line);
    std::string out;
    auto const shape = shape_of(rows[place].german);
    for (std::size_t i = 0; i < shape.pieces.size(); ++i) {
        out += shape.pieces[i].before;
        auto const with = (*best)[i];
        switch (shape.pieces[i].kind) {
        case Kind::text:
        case Kind::number:
            out += with;
            break;
        case Kind::option:
            out += option_label(tongue, with);
            break;
        case Kind::phrase:
            out += line_in(tongue, with, depth + 1);
            break;
        }
    }
    return out.append(shape.end);
}

}  // namespace

std::size_t places_of(Phrase which) {
    return english_shapes()[static_cast<std::size_t>(which)].pieces.size();
}

std::string phrase(Phrase which, std::span<std::string_view const> with) {
    auto const& shape = english_shapes()[static_cast<std::size_t>(which)];
    CHECK(shape.pieces.size() == with.size());
    std::string out;
    for (std::size_t i = 0; i < with.size(); ++i)
        out.append(shape.pieces[i].before).append(with[i]);
    return out.append(shape.end);
}

std::string phrase(Phrase which, std::initializer_list<std::string_view> with) {
    return phrase(which, std::span(with.begin(), with.size()));
}

Error fault(Error::Kind kind, Phrase which, std::initializer_list<std::string_view> with) {
    return {kind, phrase(which, with)};
}

std::string in_tongue(Tongue tongue, std::string_view said) {
    if (tongue == Tongue::english) return std::string(said);
    std::string out;
    for (;;) {
        auto const end = std::min(said.find('\n'), said.size());
        out += line_in(tongue, said.substr(0, end));
        if (end == said.size()) return out;
        out += '\n';
        said.remove_prefix(end + 1);
    }
}

}  // namespace lares::capture
