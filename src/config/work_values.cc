// config/work_values.cc: what tasks and folders say, from text to values.

#include "config/work_values.h"

#include <algorithm>

#include "base/limits.h"
#include "config/paths.h"
#include "config/values.h"
#include "text/calendar.h"
#include "text/nearest.h"
#include "text/python.h"
#include "text/quantity.h"

namespace lares::config {

namespace {

using text::python::lower;
using text::python::repr;
using text::python::strip;

/// No house starts more a second of one task; also keeps sums of rates small.
constexpr long long most_rate = 1'000'000;
constexpr long long most_resource = 1'000'000;
constexpr long long most_parallel = 10'000;
constexpr long long most_caught_up = 100'000;

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

Result<int> whole_number(std::string_view text, long long least, long long most) {
    auto number = text::parse_integer(text);
    if (number && *number >= least && *number <= most) return static_cast<int>(*number);
    return invalid(repr(strip(text)) + " is no number from " + std::to_string(least) + " to " +
                   std::to_string(most));
}

/// Takes the first word off `rest`.
std::string_view take_word(std::string_view& rest) {
    rest = strip(rest);
    auto word = rest.substr(0, rest.find_first_of(" \t\n"));
    rest = strip(rest.substr(word.size()));
    return word;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.find_first_of(" \t\n:/,|=") == text.npos;
}

}  // namespace

std::vector<std::string> split_lines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        std::size_t end = std::min(text.find('\n'), text.size());
        auto line = strip(text.substr(0, end));
        if (!line.empty()) lines.emplace_back(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

Result<queue::Rate> parse_rate(std::string_view text) {
    text = strip(text);
    if (lower(text) == "off") return queue::Rate{};
    std::size_t slash = text.find('/');
    if (slash == text.npos) return invalid("write how many in which time, such as 10/min, or off");
    int count = TRY(whole_number(text.substr(0, slash), 1, most_rate));
    std::string span(strip(text.substr(slash + 1)));
    if (!span.empty() && (span[0] < '0' || span[0] > '9')) span.insert(0, "1");
    auto duration = text::parse_duration(span);
    bool is_unit = span.find_first_not_of("0123456789.") != span.npos;
    if (!duration || !is_unit || *duration <= Duration(0) || *duration > longest_span)
        return invalid("after '/' comes a time: s, min, h, d, or 10s");
    return queue::Rate{count, *duration};
}

std::string print_rate(queue::Rate const& rate) {
    if (rate.count == 0) return "off";
    return std::to_string(rate.count) + "/" + text::print_duration(rate.span);
}

Result<std::pair<Duration, Duration>> parse_backoff(std::string_view text) {
    std::size_t dots = text.find("..");
    auto least = TRY(text::parse_duration(strip(text.substr(0, dots))));
    auto most = least;
    if (dots != text.npos) most = TRY(text::parse_duration(strip(text.substr(dots + 2))));
    if (most < least) return invalid("the second time is shorter than the first");
    if (most > longest_span) return invalid("longer than a hundred years");
    return std::pair(least, most);
}

Result<std::pair<queue::Overlap, int>> parse_overlap(std::string_view text) {
    auto word = take_word(text);
    auto kind = TRY(choose<queue::Overlap>(word, {{"skip", queue::Overlap::skip},
                                                  {"queue", queue::Overlap::queue},
                                                  {"replace", queue::Overlap::replace},
                                                  {"parallel", queue::Overlap::parallel}}));
    if (kind != queue::Overlap::parallel) {
        if (text.empty()) return std::pair(kind, 0);
        return invalid("nothing comes after " + std::string(word));
    }
    if (text.empty()) return invalid("write how many at once: parallel 4");
    return std::pair(kind, TRY(whole_number(text, 1, most_parallel)));
}

Result<std::map<std::string, int>> parse_resources(std::string_view text) {
    std::map<std::string, int> resources;
    for (auto const& item : split_list(text)) {
        std::size_t colon = item.find(':');
        std::string name = item.substr(0, colon);
        if (!is_name(name)) return invalid(repr(item) + " names no resource; write db:1");
        int count = 1;
        if (colon != item.npos) count = TRY(whole_number(item.substr(colon + 1), 1, most_resource));
        if (!resources.emplace(name, count).second) return invalid("'" + name + "' comes twice");
    }
    return resources;
}

Result<Catchup> parse_catchup(std::string_view text) {
    auto parts = split_commas(text);
    Catchup catchup;
    using What = Catchup::What;
    catchup.what =
        TRY(choose<What>(parts.empty() ? "" : parts[0],
                         {{"none", What::none}, {"latest", What::latest}, {"all", What::all}}));
    for (std::size_t i = 1; i < parts.size(); ++i) {
        if (catchup.what != What::all) return invalid("'max' and 'rate' are for all only");
        std::string_view rest = parts[i];
        auto word = take_word(rest);
        if (word == "max")
            catchup.most = TRY(whole_number(rest, 1, most_caught_up));
        else if (word == "rate")
            catchup.rate = TRY(parse_rate(rest));
        else
            return invalid(repr(parts[i]) + " is not known; write all, max 20, rate 10/min");
    }
    return catchup;
}

Result<EveryTrigger> parse_every(std::string_view text) {
    text = strip(text);
    EveryTrigger trigger;
    std::size_t from = text.find(" from ");
    trigger.every = TRY(text::parse_duration(strip(text.substr(0, from))));
    if (trigger.every < Duration(1000) || trigger.every > longest_span)
        return invalid("must be from 1s to a hundred years");
    if (from == text.npos) return trigger;
    trigger.from_end =
        TRY(choose<bool>(strip(text.substr(from + 6)), {{"start", false}, {"end", true}}));
    return trigger;
}

/// Each end of one of them is compared with the whole line.
constexpr std::size_t most_followed = 100;

Result<AfterTrigger> parse_after(std::string_view line) {
    AfterTrigger trigger;
    bool has_bar = line.find('|') != line.npos, has_comma = line.find(',') != line.npos;
    if (has_bar && has_comma)
        return invalid("',' (all of them) and '|' (any of them) on one line; write two lines");
    trigger.any_of = has_bar;
    std::string items(line);
    std::ranges::replace(items, '|', ',');
    for (auto const& item : split_commas(items)) {
        std::size_t colon = item.find(':');
        AfterTrigger::Other other{.task = std::string(strip(item.substr(0, colon)))};
        if (!is_name(other.task)) return invalid(repr(item) + " names no task");
        using On = AfterTrigger::On;
        if (colon != item.npos)
            other.on = TRY(
                choose<On>(strip(std::string_view(item).substr(colon + 1)),
                           {{"success", On::success}, {"failure", On::failure}, {"any", On::any}}));
        if (trigger.others.size() == most_followed)
            return invalid("a task can follow on " + std::to_string(most_followed) +
                           " others by one line; let one task in between follow on some of them");
        trigger.others.push_back(std::move(other));
    }
    return trigger;
}

Result<EventTrigger> parse_event_trigger(std::string_view line) {
    EventTrigger trigger;
    trigger.type = std::string(take_word(line));
    trigger.subject = std::string(line);
    // Kinds of the journal are of any room that writes it; supervisord's are a closed list.
    bool is_journal = trigger.type.find('.') != trigger.type.npos &&
                      trigger.type == lower(trigger.type) && !trigger.type.ends_with('.');
    if (is_journal) return trigger;
    auto types = event_types();
    if (std::ranges::find(types, trigger.type) != types.end()) return trigger;
    std::string nearest(text::nearest(trigger.type, types));
    return invalid("no event is called " + repr(trigger.type) +
                   (nearest.empty() ? "; write PROCESS_STATE_FATAL, or a kind such as run.slow"
                                    : "; did you mean '" + nearest + "'?"));
}

Result<std::pair<std::vector<std::string>, std::map<std::string, std::string>>> parse_payload(
    std::string_view text) {
    std::vector<std::string> keys;
    std::map<std::string, std::string> defaults;
    for (auto const& item : split_commas(text)) {
        std::size_t sign = item.find('=');
        std::string key(strip(item.substr(0, sign)));
        if (!is_name(key) || key.find_first_of("{}") != key.npos)
            return invalid(repr(item) + " is no key; write file, copies=1");
        if (std::ranges::find(keys, key) != keys.end()) return invalid("'" + key + "' comes twice");
        if (sign != item.npos) defaults[key] = std::string(strip(item.substr(sign + 1)));
        keys.push_back(std::move(key));
    }
    return std::pair(std::move(keys), std::move(defaults));
}

Result<Calendar> parse_calendar_option(World const& world, std::string_view text) {
    Calendar calendar;
    auto word = take_word(text);
    using How = Calendar::How;
    auto how = choose<How>(word, {{"only", How::only}, {"except", How::except}});
    if (!how || text.empty()) return invalid("write only FILE or except FILE");
    calendar.how = *how;
    calendar.file = absolute_path(expand_home(world, text), world.directory);
    auto contents = world.read_file(calendar.file);
    if (!contents) return std::move(contents).error().during("read '" + calendar.file + "'");
    auto days = text::parse_calendar(*contents);
    if (!days) return std::move(days).error().during("'" + calendar.file + "'");
    if (days->empty()) return invalid("'" + calendar.file + "' names no day");
    calendar.days = std::move(days).take();
    return calendar;
}

Result<std::string> parse_secret(World const& world, std::string_view text) {
    text = strip(text);
    auto variable = [&](std::string_view name) -> std::string {
        for (auto const& [key, value] : world.environment)
            if (key == name) return value;
        return {};
    };
    auto from_file = [&](std::string const& path) -> Result<std::string> {
        auto contents = world.read_secret(path);
        if (!contents) return std::move(contents).error().during("read '" + path + "'");
        std::string secret(strip(*contents));
        if (secret.empty()) return invalid("'" + path + "' is empty");
        return secret;
    };
    if (text.starts_with("env:")) {
        auto secret = variable(text.substr(4));
        if (!secret.empty()) return secret;
        return invalid("the variable " + std::string(text.substr(4)) + " is not set");
    }
    if (text.starts_with("file:")) {
        if (text.starts_with("file:/")) return from_file(std::string(text.substr(5)));
        return invalid("write file:/absolute/path");
    }
    if (text.starts_with("credential:")) {
        auto name = text.substr(11);
        auto directory = variable("CREDENTIALS_DIRECTORY");
        if (directory.empty())
            return invalid("$CREDENTIALS_DIRECTORY is not set: systemd passes no credentials");
        if (!is_name(name) || name.starts_with('.')) return invalid("no name of a credential");
        return from_file(directory + "/" + std::string(name));
    }
    if (text.empty()) return invalid("is empty");
    return std::string(text);
}

Result<Folder::After> parse_disposal(World const& world, std::string_view text) {
    using What = Folder::After::What;
    text = strip(text);
    if (text == "keep") return Folder::After{};
    if (text == "delete") return Folder::After{.what = What::remove, .directory = {}};
    if (!text.starts_with("move:") || strip(text.substr(5)).empty())
        return invalid("write keep, delete or move:DIRECTORY");
    auto directory = expand_home(world, strip(text.substr(5)));
    if (!directory.starts_with('/')) return Folder::After{What::move, std::move(directory)};
    return Folder::After{What::move, absolute_path(directory, "/")};
}

Result<std::string> parse_escaped(std::string_view text) {
    std::string out, plain = unquote(text);
    for (std::size_t at = 0; at < plain.size(); ++at) {
        if (plain[at] != '\\') {
            out.push_back(plain[at]);
            continue;
        }
        char next = ++at < plain.size() ? plain[at] : '\0';
        if (next == 'n')
            out.push_back('\n');
        else if (next == 't')
            out.push_back('\t');
        else if (next == '\\')
            out.push_back('\\');
        else
            return invalid("after a backslash comes n, t or another backslash");
    }
    return out;
}

std::string print_escaped(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (c == '\\')
            out += "\\\\";
        else
            out += c;
    }
    return "\"" + out + "\"";
}

}  // namespace lares::config
