// control/coming_words.cc: coming runs for people, for programs, and for calendars.

#include <algorithm>

#include "control/coming.h"
#include "control/run_words.h"
#include "text/iso_time.h"

namespace lares::control {
namespace {

/// Names of tasks that collide are listed up to here; more are counted.
constexpr std::size_t most_names = 4;

std::string names_words(std::vector<std::string> const& names) {
    std::string words;
    for (std::size_t i = 0; i < std::min(names.size(), most_names); ++i)
        words += (i > 0 ? ", " : "") + names[i];
    if (names.size() > most_names)
        words += " and " + std::to_string(names.size() - most_names) + " more";
    return words;
}

std::string marks_of(ComingRun const& run) {
    std::string marks = run_mark(*run.zone, run.due);
    if (!run.with.empty())
        marks += (marks.empty() ? "" : "; ") + ("same minute as " + names_words(run.with));
    return marks;
}

/// Text as a value of iCalendar: RFC 5545, 3.3.11.
std::string escaped(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) continue;
        if (c == '\\' || c == ';' || c == ',') out += '\\';
        out += c;
    }
    return out;
}

/// Lines of at most 75 bytes; what goes on begins with a blank (3.1). Never inside a character.
void add_line(std::string& out, std::string_view line) {
    std::size_t room = 75;
    while (line.size() > room) {
        std::size_t cut = room;
        while (cut > 1 && (static_cast<unsigned char>(line[cut]) & 0xc0) == 0x80) --cut;
        out += std::string(line.substr(0, cut)) + "\r\n ";
        line.remove_prefix(cut);
        room = 74;
    }
    out += std::string(line) + "\r\n";
}

/// "20260329T010000Z".
std::string stamp(std::int64_t at) {
    std::string out;
    for (char c : text::print_iso_time(at, 0).substr(0, 19))
        if (c != '-' && c != ':') out += c;
    return out + "Z";
}

void add_event(std::string& out, ComingRun const& run, std::string const& made,
               std::string_view host) {
    add_line(out, "BEGIN:VEVENT");
    add_line(out, "UID:" + stamp(run.at) + "-" + escaped(run.task) + "@" + escaped(host));
    add_line(out, "DTSTAMP:" + made);
    add_line(out, "DTSTART:" + stamp(run.at));
    add_line(out, "SUMMARY:" + escaped(run.task));
    std::string const marks = marks_of(run);
    add_line(out, "DESCRIPTION:" + escaped(run.expression + " (" + run.zone->name + ")" +
                                           (marks.empty() ? "" : "\n" + marks)));
    add_line(out, "TRANSP:TRANSPARENT");
    add_line(out, "END:VEVENT");
}

}  // namespace

std::string outlook_text(Outlook const& outlook) {
    std::string lines;
    std::size_t width = 0;
    for (ComingRun const& run : outlook.runs) width = std::max(width, run.task.size());
    for (ComingRun const& run : outlook.runs) {
        std::string const marks = marks_of(run);
        lines += run_times(*run.zone, run.at) + "  " + run.task;
        if (!marks.empty()) lines += std::string(width - run.task.size() + 2, ' ') + marks;
        lines += "\n";
    }
    if (outlook.cut)
        lines += "only the first " + std::to_string(outlook.runs.size()) +
                 " are shown; ask for fewer --days\n";
    if (outlook.runs.empty()) lines += "no schedule is due in that time\n";
    for (std::string const& never : outlook.never) lines += "note: " + never + "\n";
    return lines;
}

text::Value outlook_value(Outlook const& outlook) {
    text::Array runs;
    for (ComingRun const& run : outlook.runs) {
        std::int32_t const offset = schedule::offset_at(*run.zone, run.at);
        runs.push_back(text::Struct{
            {"task", run.task},
            {"at", text::print_iso_time(run.at, offset)},
            {"utc", text::print_iso_time(run.at, 0)},
            {"schedule", run.expression},
            {"timezone", run.zone->name},
            {"made_up", run.due.made_up},
            {"coalesced", run.due.coalesced},
            {"with", text::Array(run.with.begin(), run.with.end())},
        });
    }
    return text::Struct{{"runs", std::move(runs)},
                        {"never", text::Array(outlook.never.begin(), outlook.never.end())},
                        {"problems", text::Array(outlook.problems.begin(), outlook.problems.end())},
                        {"cut", outlook.cut}};
}

std::string outlook_calendar(Outlook const& outlook, std::int64_t now, std::string_view host) {
    std::string out;
    add_line(out, "BEGIN:VCALENDAR");
    add_line(out, "VERSION:2.0");
    add_line(out, "PRODID:-//Lares//lares next//EN");
    std::string const made = stamp(now);
    for (ComingRun const& run : outlook.runs) add_event(out, run, made, host);
    add_line(out, "END:VCALENDAR");
    return out;
}

}  // namespace lares::control
