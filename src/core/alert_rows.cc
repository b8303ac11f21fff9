// core/alert_rows.cc: alerts and their members as text, and the names of states. Names are kept in
// databases: only added to.

#include <algorithm>
#include <charconv>
#include <iterator>

#include "core/alert.h"
#include "text/record.h"

namespace lares::alert {

namespace {

constexpr std::string_view states[] = {"pending",  "firing",   "acknowledged", "damped",
                                       "silenced", "resolved", "expired",      "merged"};
constexpr std::string_view whats[] = {"firing", "more",     "repeat",  "escalated",
                                      "eased",  "resolved", "flapping"};
constexpr std::string_view severities[] = {"info", "warning", "error", "critical"};

std::int64_t ms(WallTime at) { return at.time_since_epoch().count(); }
WallTime time(std::int64_t ms) { return WallTime(Duration(ms)); }

template <class Enum>
Enum read_name(std::span<std::string_view const> names, std::string_view name, Enum other) {
    auto found = std::ranges::find(names, name);
    return found == names.end() ? other : static_cast<Enum>(found - names.begin());
}

Severity read_severity(text::Record const& record, std::string_view key) {
    return read_name(severities, record.text(key), Severity::info);
}

/// "began step reached stepped last told upto flap route": the name last, it may hold blanks.
std::string write_leg(Leg const& leg) {
    std::string text;
    for (std::int64_t number :
         {ms(leg.began), std::int64_t{leg.step}, std::int64_t{leg.reached}, ms(leg.stepped),
          ms(leg.last), std::int64_t{leg.told}, leg.upto, std::int64_t{leg.is_flap_told}})
        text += std::to_string(number) + " ";
    return text + leg.route;
}

std::optional<std::int64_t> take_number(std::string_view& text) {
    std::int64_t number = 0;
    auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (status != std::errc()) return std::nullopt;
    text.remove_prefix(std::min(static_cast<std::size_t>(end - text.data()) + 1, text.size()));
    return number;
}

std::optional<Leg> read_leg(std::string_view text) {
    std::int64_t numbers[8]{};
    for (auto& number : numbers) {
        auto read = take_number(text);
        if (!read) return std::nullopt;
        number = *read;
    }
    Leg leg{.route = std::string(text)};
    leg.began = time(numbers[0]);
    leg.step = static_cast<int>(numbers[1]);
    leg.reached = static_cast<int>(numbers[2]);
    leg.stepped = time(numbers[3]);
    leg.last = time(numbers[4]);
    leg.told = static_cast<int>(numbers[5]);
    leg.upto = numbers[6];
    leg.is_flap_told = numbers[7] != 0;
    return leg;
}

}  // namespace

std::string_view name(State state) { return states[static_cast<std::size_t>(state)]; }

bool is_end(State state) {
    return state == State::resolved || state == State::expired || state == State::merged;
}

std::string_view name(Notice::What what) { return whats[static_cast<std::size_t>(what)]; }

std::string write(AlertRow const& row) {
    text::RecordWriter writer;
    writer.put_number("id", static_cast<std::int64_t>(row.id));
    writer.put("subject", row.subject);
    writer.put("state", name(row.state));
    writer.put("severity", name(row.severity));
    writer.put_number("opened", ms(row.opened));
    writer.put_number_if("ended", ms(row.ended));
    writer.put_if("words", row.words);
    writer.put_number_if("members", row.members);
    writer.put_number_if("uncounted", row.uncounted);
    writer.put_number_if("flapping", row.is_flapping);
    writer.put_number_if("eased", row.is_eased);
    writer.put_if("who", row.who);
    writer.put_number_if("acknowledged", ms(row.acknowledged));
    writer.put_number_if("acknowledged_until", ms(row.acknowledged_until));
    writer.put("acknowledged_severity", name(row.acknowledged_severity));
    writer.put_number_if("changed", ms(row.changed));
    writer.put_number_if("into", static_cast<std::int64_t>(row.into));
    for (auto const& leg : row.legs) writer.put("leg", write_leg(leg));
    return writer.take();
}

AlertRow read_alert(std::string_view text) {
    auto record = text::Record::parse(text);
    AlertRow row;
    row.id = static_cast<job::Id>(record.number("id"));
    row.subject = record.text("subject");
    row.state = read_name(states, record.text("state"), State::pending);
    row.severity = read_severity(record, "severity");
    row.opened = time(record.number("opened"));
    row.ended = time(record.number("ended"));
    row.words = record.text("words");
    row.members = record.number("members");
    row.uncounted = record.number("uncounted");
    row.is_flapping = record.number("flapping") != 0;
    row.is_eased = record.number("eased") != 0;
    row.who = record.text("who");
    row.acknowledged = time(record.number("acknowledged"));
    row.acknowledged_until = time(record.number("acknowledged_until"));
    row.acknowledged_severity = read_severity(record, "acknowledged_severity");
    row.changed = time(record.number("changed"));
    row.into = static_cast<job::Id>(record.number("into"));
    for (auto const& leg : record.all("leg"))
        if (auto read = read_leg(leg); read && row.legs.size() < most_routes)
            row.legs.push_back(*read);
    return row;
}

std::string write(MemberRow const& row) {
    text::RecordWriter writer;
    writer.put_number("alert", static_cast<std::int64_t>(row.alert));
    writer.put("subject", row.subject);
    writer.put("kind", row_of(row.kind).name);
    writer.put("severity", name(row.severity));
    writer.put_if("words", row.words);
    writer.put_number("number", row.number);
    writer.put_number("count", row.count);
    writer.put_number("event", static_cast<std::int64_t>(row.event));
    writer.put_number("opened", ms(row.opened));
    writer.put_number("last", ms(row.last));
    writer.put_number_if("ended", ms(row.ended));
    for (auto const& route : row.routes) writer.put("route", route);
    for (auto at : row.openings) writer.put_number("opening", ms(at));
    return writer.take();
}

MemberRow read_member(std::string_view text) {
    auto record = text::Record::parse(text);
    MemberRow row;
    auto const* kind = find_kind(record.text("kind"));
    if (!kind) return row;  // of a newer version: nothing that can be judged here
    row.alert = static_cast<job::Id>(record.number("alert"));
    row.subject = record.text("subject");
    row.kind = kind->kind;
    row.severity = read_severity(record, "severity");
    row.words = record.text("words");
    row.number = record.number("number");
    row.count = static_cast<int>(record.number("count"));
    row.event = static_cast<job::Id>(record.number("event"));
    row.opened = time(record.number("opened"));
    row.last = time(record.number("last"));
    row.ended = time(record.number("ended"));
    row.routes = record.all("route");
    for (auto const& at : record.all("opening")) {
        std::string_view digits = at;
        if (auto number = take_number(digits)) row.openings.push_back(time(*number));
    }
    return row;
}

}  // namespace lares::alert
