// apps/capture/page_words.cc: the table, each row with its word.

#include "apps/capture/page_words.h"

#include <algorithm>
#include <iterator>

namespace lares::capture {

namespace {

struct Row {
    Word word;
    std::string_view english, german;
};
// clang-format off
constexpr Row rows[] = {
    {Word::overview, "Overview", "Überblick"},
    {Word::captures, "Captures", "Sammlungen"},
    {Word::one_capture, "Capture", "Sammlung"},
    {Word::one_set, "Set", "Gruppe"},
    {Word::posts, "Posts", "Beiträge"},
    {Word::accounts, "Accounts", "Konten"},
    {Word::sets, "Sets", "Gruppen"},
    {Word::work, "Work", "Arbeiten"},
    {Word::jobs, "Timeline jobs", "Zeitleisten"},
    {Word::sign_in, "Sign in", "Anmelden"},
    {Word::sign_out, "Sign out", "Abmelden"},
    {Word::name, "Name", "Name"},
    {Word::password, "Password", "Kennwort"},
    {Word::or_token, "or a token of Lares", "oder ein Token von Lares"},
    {Word::wrong_login, "Lares does not know this name and password, or this token.", "Lares kennt diesen Namen mit diesem Kennwort oder dieses Token nicht."},
    {Word::too_many, "Too many wrong tries from this address. Wait a minute.", "Zu viele falsche Versuche von dieser Adresse. Bitte eine Minute warten."},
    {Word::daemon_away, "Lares does not answer, so nobody can sign in. Who is signed in goes on.", "Lares antwortet nicht, darum kann sich niemand anmelden. Wer angemeldet ist, arbeitet weiter."},
    {Word::sight_lost, "Lares does not answer. What you change is kept, and carried out when it is back.", "Lares antwortet nicht. Ihre Änderungen bleiben erhalten und werden ausgeführt, sobald es wieder da ist."},
    {Word::nobody_may, "Sign in as a user of Lares, or with a token.", "Melden Sie sich als Benutzer von Lares an oder mit einem Token."},
    {Word::not_allowed, "Your role does not allow this.", "Ihre Rolle erlaubt das nicht."},
    {Word::admins_only, "Only an administrator may choose files of this machine, or where a token is sent.", "Nur Administratoren dürfen Dateien dieses Rechners wählen oder festlegen, wohin ein Token gesendet wird."},
    {Word::not_found, "There is nothing at this address.", "Unter dieser Adresse ist nichts."},
    {Word::refused, "That did not work", "Das ging nicht"},
    {Word::back, "Back", "Zurück"},
    {Word::skip, "To the content", "Zum Inhalt"},
    {Word::sections, "Sections", "Bereiche"},
    {Word::search, "Search", "Suchen"},
    {Word::show, "Show", "Zeigen"},
    {Word::words, "Words", "Wörter"},
    {Word::older, "Older posts", "Ältere Beiträge"},
    {Word::more, "More", "Weitere"},
    {Word::newest, "Newest posts", "Neueste Beiträge"},
    {Word::service, "Service", "Dienst"},
    {Word::state, "State", "Zustand"},
    {Word::active, "active", "eingeschaltet"},
    {Word::inactive, "inactive", "ausgeschaltet"},
    {Word::running_state, "Program", "Programm"},
    {Word::not_running, "not running", "läuft nicht"},
    {Word::as_task, "as a task of Lares", "als Aufgabe von Lares"},
    {Word::since, "since", "seit"},
    {Word::up_time, "up", "läuft"},
    {Word::files, "Captured files", "Gesammelte Dateien"},
    {Word::file, "File", "Datei"},
    {Word::day, "Day", "Tag"},
    {Word::messages, "Messages", "Nachrichten"},
    {Word::gaps, "Gaps", "Lücken"},
    {Word::missed, "Kept back by the service", "Vom Dienst zurückgehalten"},
    {Word::first_last, "First and last", "Erste und letzte"},
    {Word::size, "Size", "Größe"},
    {Word::no_gaps, "none", "keine"},
    {Word::gap, "gap", "Lücke"},
    {Word::open_file, "The file that is being written shows here after its rotation.", "Die Datei, die gerade geschrieben wird, erscheint hier nach ihrem Wechsel."},
    {Word::per_day, "Posts a day", "Beiträge je Tag"},
    {Word::account, "Account", "Konto"},
    {Word::at, "Time (UTC)", "Zeit (UTC)"},
    {Word::text, "Text", "Text"},
    {Word::raw, "Raw", "Roh"},
    {Word::as_json, "JSON", "JSON"},
    {Word::removed, "removed", "entfernt"},
    {Word::history, "Former names and states", "Frühere Namen und Zustände"},
    {Word::until, "Until", "Bis"},
    {Word::was, "Was", "War"},
    {Word::members, "Members", "Mitglieder"},
    {Word::notes, "Notes", "Anmerkungen"},
    {Word::add, "Add", "Hinzufügen"},
    {Word::add_set, "Add a set", "Gruppe hinzufügen"},
    {Word::add_member, "Add an account", "Konto hinzufügen"},
    {Word::remove, "Remove", "Entfernen"},
    {Word::remove_set, "Remove this set", "Diese Gruppe entfernen"},
    {Word::remove_capture, "Remove this capture", "Diese Sammlung entfernen"},
    {Word::remove_help, "Its program ends. What was archived stays. Type its name to confirm.", "Ihr Programm endet. Was gesammelt wurde, bleibt. Zur Bestätigung den Namen eingeben."},
    {Word::confirm, "Name, to confirm", "Name, zur Bestätigung"},
    {Word::not_confirmed, "The name does not fit; nothing was removed.", "Der Name stimmt nicht; nichts wurde entfernt."},
    {Word::save, "Save", "Speichern"},
    {Word::activate, "Switch on", "Einschalten"},
    {Word::deactivate, "Switch off", "Ausschalten"},
    {Word::edit, "What it receives", "Was sie empfängt"},
    {Word::more_options, "All options", "Alle Einstellungen"},
    {Word::try_it, "Try without saving", "Probieren ohne Speichern"},
    {Word::dry_run, "Dry run", "Probelauf"},
    {Word::draft, "These are the words that were tried. They are not saved.", "Das sind die probierten Angaben. Sie sind nicht gespeichert."},
    {Word::tried_on, "Archive for the dry run", "Archiv für den Probelauf"},
    {Word::index_it, "Index what was captured", "Gesammeltes erschließen"},
    {Word::index_help, "Posts are found here once they are indexed. A task of Lares can do it every few minutes.", "Beiträge werden hier gefunden, sobald sie erschlossen sind. Eine Aufgabe von Lares kann das alle paar Minuten tun."},
    {Word::takedown, "Removals that the service told", "Löschungen, die der Dienst mitgeteilt hat"},
    {Word::takedown_help, "What to do about posts whose authors removed them. To remove them from the archive, the capture must be switched off.", "Was mit Beiträgen geschieht, die gelöscht wurden. Um sie aus dem Archiv zu entfernen, muss die Sammlung ausgeschaltet sein."},
    {Word::decided, "Decided", "Entschieden"},
    {Word::policy, "Policy", "Vorgehen"},
    {Word::carry_out, "Carry out", "Ausführen"},
    {Word::export_, "Export", "Ausgeben"},
    {Word::format, "Format", "Format"},
    {Word::from, "From day", "Von Tag"},
    {Word::to, "To day", "Bis Tag"},
    {Word::sample, "Every Nth post", "Jeder N-te Beitrag"},
    {Word::start, "Start", "Beginnen"},
    {Word::progress, "Progress", "Fortschritt"},
    {Word::finished, "done", "fertig"},
    {Word::failed, "failed", "gescheitert"},
    {Word::running, "running", "läuft"},
    {Word::of, "of", "von"},
    {Word::ready_files, "Files to download", "Dateien zum Herunterladen"},
    {Word::download, "Download", "Herunterladen"},
    {Word::errors, "Errors", "Fehler"},
    {Word::began, "Began", "Begonnen"},
    {Word::beat, "last sign of life", "letztes Lebenszeichen"},
    {Word::ended, "Ended", "Beendet"},
    {Word::by, "By", "Von"},
    {Word::value, "Value", "Wert"},
    {Word::options, "Options", "Einstellungen"},
    {Word::new_capture, "New capture", "Neue Sammlung"},
    {Word::any, "any", "alle"},
    {Word::checked, "Checked", "Geprüft"},
    {Word::no_posts, "No posts are indexed, or none fits.", "Keine Beiträge sind erschlossen, oder keiner passt."},
    {Word::no_posts_next, "Index a capture on its own page, or search for less.", "Erschließen Sie eine Sammlung auf ihrer Seite, oder suchen Sie weniger genau."},
    {Word::no_captures, "There is no capture yet.", "Es gibt noch keine Sammlung."},
    {Word::no_captures_next, "Make one below: a name, a service and words are enough.", "Legen Sie unten eine an: Name, Dienst und Wörter genügen."},
    {Word::no_captures_viewer, "An operator can make one on the page of captures.", "Wer die Rolle operator hat, kann auf der Seite der Sammlungen eine anlegen."},
    {Word::no_accounts, "No account is known, or none fits.", "Kein Konto ist bekannt, oder keines passt."},
    {Word::no_accounts_next, "lares-capture account add SERVICE NAME finds one and keeps its stable id.", "lares-capture account add DIENST NAME findet eines und merkt sich seine bleibende Kennung."},
    {Word::no_sets, "There is no set of accounts yet.", "Es gibt noch keine Gruppe von Konten."},
    {Word::no_members, "Nobody is in this set yet.", "In dieser Gruppe ist noch niemand."},
    {Word::no_files, "Nothing was archived yet. Files show here after their first rotation.", "Noch wurde nichts archiviert. Dateien erscheinen hier nach ihrem ersten Wechsel."},
    {Word::no_jobs, "No timeline was asked for yet.", "Noch keine Zeitleiste wurde geholt."},
    {Word::no_jobs_next, "lares-capture timelines tasks prints the tasks of Lares that do it.", "lares-capture timelines tasks gibt die Aufgaben von Lares aus, die das tun."},
    {Word::no_work, "Nothing was begun since this page started.", "Seit dem Start dieser Seite wurde nichts begonnen."},
    {Word::no_work_next, "Exports begin on the page of a capture or a set.", "Ausgaben beginnen auf der Seite einer Sammlung oder einer Gruppe."},
    {Word::language, "Deutsch", "English"},
    {Word::posts_indexed, "posts indexed", "Beiträge erschlossen"},
    {Word::timelines, "Accounts' posts", "Beiträge der Konten"},
    {Word::missing_yet, "missing yet, down to", "fehlt noch, bis hinab zu"},
    {Word::complete, "complete", "vollständig"},
    {Word::the_beginning, "the beginning", "zum Anfang"},
    {Word::refused_form, "This form did not come from this page, or is too old. Open the page again and repeat.", "Dieses Formular kam nicht von dieser Seite oder ist zu alt. Bitte die Seite neu öffnen und wiederholen."},
    {Word::changed_meanwhile, "It was changed by somebody else meanwhile. Open the page again and repeat.", "Inzwischen hat jemand anders es geändert. Bitte die Seite neu öffnen und wiederholen."},
    {Word::open_no_more, "This page was open to everybody on this machine. Lares has users now, so they sign in.", "Diese Seite stand allen an diesem Rechner offen. Lares hat jetzt Benutzer, darum melden sie sich an."},
    {Word::about, "Public streams into archives that can be verified.", "Öffentliche Ströme in Archive, die sich prüfen lassen."},
    {Word::kind_export, "export", "Ausgabe"},
    {Word::kind_try, "dry run", "Probelauf"},
    {Word::kind_index, "index", "Erschließen"},
    {Word::kind_takedown, "removals", "Löschungen"},
    {Word::kind_add, "add accounts", "Konten hinzufügen"},
    {Word::kind_refresh, "look after accounts", "Konten nachsehen"},
    {Word::total, "in all", "insgesamt"},
    {Word::highest, "most", "höchstens"},
    {Word::counted_from, "Not all are counted; whole are the days since", "Nicht alle sind gezählt; vollständig sind die Tage seit"},
    {Word::searched_part, "Not all posts were looked through yet.", "Noch wurden nicht alle Beiträge durchgesehen."},
    {Word::search_on, "Look through earlier posts", "Frühere Beiträge durchsehen"},
    {Word::split, "Posts a file, to split", "Beiträge je Datei, zum Teilen"},
    {Word::add_accounts, "Add accounts", "Konten hinzufügen"},
    {Word::add_accounts_help, "The service is asked who is behind each name; its stable id is kept.", "Der Dienst wird gefragt, wer hinter jedem Namen steht; die bleibende Kennung wird gemerkt."},
    {Word::names, "Names", "Namen"},
    {Word::names_help, "as @ann, with commas or new lines between", "wie @ann, mit Kommas oder neuen Zeilen dazwischen"},
    {Word::server, "Server", "Server"},
    {Word::server_help, "https://SERVER; Mastodon needs it", "https://SERVER; bei Mastodon nötig"},
    {Word::credential, "Credential", "Zugang"},
    {Word::refresh, "Look after", "Nachsehen"},
    {Word::refresh_help, "Follows renames, and notes who was suspended, deleted or protected.", "Folgt neuen Namen und hält fest, wer gesperrt, gelöscht oder geschützt ist."},
    {Word::no_accounts_operator, "Add some below: a service and their names are enough.", "Fügen Sie unten welche hinzu: Dienst und Namen genügen."},
    {Word::credentials, "Credentials", "Zugänge"},
    {Word::credentials_help, "A token is kept and shown to nobody again; a new one under the same name takes its place.", "Ein Token wird behalten und niemandem mehr gezeigt; ein neues unter demselben Namen ersetzt es."},
    {Word::token, "Token", "Token"},
    {Word::used_by, "Used by", "Genutzt von"},
};

struct OptionWords {
    std::string_view name, label, german_label, german_help;
};
constexpr OptionWords options[] = {
    {"name", "Name", "Name", "wie Ordner, Dateien und Programm heißen"},
    {"service", "Service", "Dienst", "eines von jetstream, mastodon, x, x-sample, generic, file; bluesky-timelines, mastodon-timelines, x-timelines"},
    {"active", "Active", "Eingeschaltet", "yes: läuft als Programm von Lares"},
    {"words", "Words", "Wörter", "Wörter und \"Wortfolgen\"; Komma heißt ODER, Leerzeichen heißt UND"},
    {"people", "People", "Personen", "bleibende Kennungen, mit Kommas dazwischen"},
    {"places", "Places", "Orte", "West, Süd, Ost, Nord in Grad, vier Zahlen je Ort"},
    {"languages", "Languages", "Sprachen", "Kürzel wie de, pt-BR; engt ein, was die anderen finden"},
    {"credential", "Credential", "Zugang", "der Name eines gespeicherten Zugangs"},
    {"set", "Set", "Gruppe", "bei Zeitleisten: eine Gruppe von Konten, neben Personen"},
    {"back", "Days back", "Tage zurück", "bei Zeitleisten: wie viele Tage zuerst zurück; leer: so weit der Dienst reicht"},
    {"url", "Address", "Adresse", "des Stroms; Dienste haben ihre eigene; bei file ein Pfad"},
    {"form", "Form", "Form", "lines, sse oder websocket; bei bekannten Diensten wie sie sprechen"},
    {"dialect", "Dialect", "Dialekt", "jetstream, mastodon, x, twitter, oder 'lines id=a.b time=c …'"},
    {"cursor", "Cursor", "Marke", "Name des Parameters, oder 'header NAME', mit dem der Strom neu beginnt"},
    {"rewind", "Rewind", "Zurückspulen", "wie viel früher neu zu beginnen ist, in Einheiten der Marke"},
    {"stall", "Silence", "Stille", "Sekunden der Stille, nach denen neu verbunden wird; 90"},
    {"ca_file", "Authorities", "Zertifizierungsstellen", "PEM-Datei statt der des Systems"},
    {"format", "Format", "Format", "gzip, zstd oder plain"},
    {"level", "Level", "Stufe", "des Packens: gzip 1 bis 9, zstd 1 bis 19"},
    {"rotate", "Rotate", "Wechsel", "Sekunden bis zur nächsten Datei, auch wenn nichts kommt"},
    {"rotate_bytes", "Rotate by size", "Wechsel nach Größe", "Bytes an Nachrichten bis zur nächsten Datei"},
    {"flush", "Flush", "Sichern", "Sekunden, nach denen eine Nachricht jeden Absturz übersteht"},
    {"from", "From day", "Von Tag", ""},
    {"to", "To day", "Bis Tag", ""},
    {"sample", "Every Nth post", "Jeder N-te Beitrag", ""},
    {"split", "Posts a file", "Beiträge je Datei", ""},
    {"takedown", "Removals", "Löschungen", "was geschieht, wenn ein Beitrag gelöscht wird: keep, mark oder remove"},
};
// clang-format on

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < std::size(rows); ++i)
        if (rows[i].word != static_cast<Word>(i)) return false;
    return std::size(rows) == static_cast<std::size_t>(Word::count_);
}
static_assert(is_in_order());

OptionWords const* find_option(std::string_view name) {
    auto const* found = std::ranges::find(options, name, &OptionWords::name);
    return found == std::end(options) ? nullptr : found;
}

}  // namespace

std::string_view say(Tongue tongue, Word word) {
    auto const& row = rows[static_cast<std::size_t>(word)];
    return tongue == Tongue::german ? row.german : row.english;
}

std::string_view option_help(Tongue tongue, std::string_view name, std::string_view english) {
    auto const* found = find_option(name);
    return tongue == Tongue::german && found != nullptr ? found->german_help : english;
}

std::string_view option_label(Tongue tongue, std::string_view name) {
    auto const* found = find_option(name);
    if (found == nullptr) return name;
    return tongue == Tongue::german ? found->german_label : found->label;
}

}  // namespace lares::capture
