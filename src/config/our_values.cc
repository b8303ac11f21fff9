// config/our_values.cc: values of the options that Lares adds: ladders, probes, limits, windows.

#include <algorithm>
#include <charconv>

#include "base/signals.h"
#include "config/values.h"
#include "text/nearest.h"
#include "text/python.h"
#include "text/quantity.h"
#include "text/words.h"

namespace lares::config {

namespace {

using text::python::lower;
using text::python::repr;
using text::python::strip;

/// More rungs than signals one would try; a bound for the file's sake.
constexpr std::size_t most_rungs = 16;
/// What the kernel's cpu_set_t holds.
constexpr int most_cpus = 1024;
constexpr int kill_signal = 9;
/// KILL is repeated, but a process in the kernel's hands is not gone faster for more of them.
constexpr Duration least_last_wait{1000};

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

struct Split {
    std::string_view before, after;
    bool found = false;
};

Split split_at(std::string_view text, std::string_view separator) {
    std::size_t at = text.find(separator);
    if (at == text.npos) return {strip(text), {}, false};
    return {strip(text.substr(0, at)), strip(text.substr(at + separator.size())), true};
}

Result<int> parse_signal(std::string_view text) {
    if (auto number = signal_number(strip(text))) return *number;
    if (text::parse_integer(text))
        return invalid("value " + repr(text) + " is not a valid signal number");
    return invalid("value " + repr(text) + " is not a valid signal name");
}

Result<supervise::StopStep> parse_rung(std::string_view text) {
    auto [signal, wait, has_wait] = split_at(text, ":");
    int number = TRY(parse_signal(signal));
    if (!has_wait) return supervise::StopStep{number, unset_wait};
    return supervise::StopStep{number, TRY(text::parse_duration(wait))};
}

struct LimitRow {
    std::string_view name;
    bool is_size;
};
constexpr LimitRow limit_rows[] = {
    {"nofile", false},  {"nproc", false},      {"core", true},   {"as", true},
    {"cpu", false},     {"fsize", true},       {"stack", true},  {"memlock", true},
    {"data", true},     {"rss", true},         {"nice", false},  {"rtprio", false},
    {"msgqueue", true}, {"sigpending", false}, {"locks", false},
};

Result<std::int64_t> parse_bound(LimitRow const& row, std::string_view text) {
    std::string word = lower(text);
    if (word == "unlimited" || word == "infinity") return std::int64_t(-1);
    auto value = row.is_size ? text::parse_size(text) : text::parse_size("");
    if (!row.is_size) {
        auto number = text::parse_integer(text);
        if (number) value = std::int64_t(*number);
    }
    if (value && *value >= 0) return *value;
    return invalid(repr(text) + " is neither " + (row.is_size ? "a size" : "a number") +
                   " nor 'unlimited'");
}

Result<Probe> parse_after(std::string_view rest) {
    Probe probe{.kind = Probe::Kind::after};
    probe.after = TRY(text::parse_duration(rest));
    return probe;
}

Result<Probe> parse_http(std::string_view url) {
    if (url.starts_with("https://"))
        return invalid("https is not spoken here; write exec curl -fsS " + std::string(url));
    if (!url.starts_with("http://") || url.size() == 7)
        return invalid("write http http://HOST:PORT/PATH");
    return Probe{.kind = Probe::Kind::http, .target = std::string(url)};
}

Result<Probe> parse_tcp(std::string_view target) {
    Probe probe{.kind = Probe::Kind::tcp, .target = std::string(target)};
    if (target.starts_with('/')) return probe;
    auto address = parse_address(target);
    if (!address) return invalid("write tcp PORT, tcp HOST:PORT or tcp /path/of.socket");
    std::string host = address->host.empty() ? "localhost" : address->host;
    if (host.find(':') != host.npos) host = "[" + host + "]";
    probe.target = host + ":" + std::to_string(address->port);
    return probe;
}

Result<Probe> parse_exec(std::string_view command) {
    Probe probe{.kind = Probe::Kind::exec, .target = std::string(command)};
    probe.argv = TRY(text::split_words(command));
    if (probe.argv.empty()) return invalid("exec needs a command");
    return probe;
}

Result<Probe> parse_notify(std::string_view descriptor, health::Purpose purpose) {
    Probe probe{.kind = Probe::Kind::notify, .target = std::string(descriptor)};
    if (descriptor.empty()) return probe;
    auto number = text::parse_integer(descriptor);
    if (purpose == health::Purpose::liveness || !number || *number < 3 || *number > 1023)
        return invalid("after notify comes nothing, or for ready a descriptor from 3 to 1023");
    probe.target = std::to_string(*number);
    return probe;
}

Result<int> parse_cpu(std::string_view text) {
    auto number = text::parse_integer(text);
    if (!number || *number < 0 || *number >= most_cpus)
        return invalid(repr(text) + " is no CPU number; write 0-3,6");
    return static_cast<int>(*number);
}

}  // namespace

Result<std::vector<supervise::StopStep>> parse_stop_ladder(std::string_view text) {
    std::vector<supervise::StopStep> ladder;
    if (text.find_first_of(",:") == text.npos) {
        ladder.push_back({TRY(parse_signal(text)), unset_wait});
        return ladder;
    }
    for (auto const& rung : split_commas(text)) ladder.push_back(TRY(parse_rung(rung)));
    if (ladder.size() > most_rungs) return invalid("more than 16 rungs");
    // So that a ladder of one rung keeps its wait and is not taken for supervisord's single signal.
    if (ladder.back().signal != kill_signal) ladder.push_back({kill_signal, unset_wait});
    return ladder;
}

std::vector<supervise::StopStep> finish_ladder(std::vector<supervise::StopStep> ladder,
                                               Duration stopwait) {
    // supervisord sends KILL again after the first, also when stopsignal is KILL.
    if (ladder.size() == 1 && ladder[0].wait == unset_wait)
        ladder.push_back({kill_signal, unset_wait});
    for (auto& rung : ladder)
        if (rung.wait == unset_wait) rung.wait = stopwait;
    ladder.back().wait = std::max(ladder.back().wait, least_last_wait);
    return ladder;
}

Result<Probe> parse_probe(std::string_view text, health::Purpose purpose) {
    text = strip(text);
    std::size_t end = std::min(text.find_first_of(" \t\n"), text.size());
    std::string_view kind = text.substr(0, end);
    std::string_view rest = strip(text.substr(end));
    bool is_readiness = purpose == health::Purpose::readiness;
    if (kind == "after" && is_readiness) return parse_after(rest);
    if (kind == "http") return parse_http(rest);
    if (kind == "tcp") return parse_tcp(rest);
    if (kind == "exec") return parse_exec(rest);
    if (kind == "notify") return parse_notify(rest, purpose);
    std::string nearest(text::nearest(kind, {"after", "http", "tcp", "exec", "notify"}));
    std::string what = "unknown way " + repr(kind) + "; write ";
    if (is_readiness) what.append("after 2s, ");
    what.append("http URL, tcp PORT, exec COMMAND or notify");
    if (!nearest.empty() && nearest != kind) what.append("; did you mean '" + nearest + "'?");
    return invalid(what);
}

Result<ResourceLimit> parse_limit(std::string_view name, std::string_view text) {
    auto row = std::ranges::find(limit_rows, name, &LimitRow::name);
    if (row == std::end(limit_rows)) return invalid("unknown limit " + repr(name));
    auto [soft, hard, has_hard] = split_at(text, ":");
    ResourceLimit limit{.name = std::string(name)};
    limit.soft = TRY(parse_bound(*row, soft));
    limit.hard = has_hard ? TRY(parse_bound(*row, hard)) : limit.soft;
    bool is_above = limit.hard >= 0 && (limit.soft < 0 || limit.soft > limit.hard);
    if (is_above) return invalid("the first number, the soft limit, is above the hard one");
    return limit;
}

std::vector<std::string_view> limit_names() {
    std::vector<std::string_view> names;
    for (auto const& row : limit_rows) names.push_back(row.name);
    return names;
}

Result<std::vector<int>> parse_cpu_list(std::string_view text) {
    std::vector<int> cpus;
    for (auto const& item : split_list(text)) {
        auto [first, last, is_range] = split_at(item, "-");
        int low = TRY(parse_cpu(first));
        int high = is_range ? TRY(parse_cpu(last)) : low;
        if (high < low) return invalid(repr(item) + " runs backwards");
        for (int cpu = low; cpu <= high; ++cpu) cpus.push_back(cpu);
    }
    if (cpus.empty()) return invalid("names no CPU; write 0-3,6");
    std::ranges::sort(cpus);
    cpus.erase(std::unique(cpus.begin(), cpus.end()), cpus.end());
    return cpus;
}

Result<int> parse_percent(std::string_view text) {
    text = strip(text);
    // Once, or doubled as elsewhere in these files.
    for (int i = 0; i < 2; ++i)
        if (text.ends_with('%')) text.remove_suffix(1);
    auto number = text::parse_integer(text);
    if (!number || *number < 0 || *number > 1'000'000) return invalid("not a share");
    return static_cast<int>(*number);
}

Result<EndPolicy> parse_end_policy(std::string_view text) {
    auto [word, code_text, has_code] = split_at(text, ":");
    if (lower(word) == "ignore" && !has_code) return EndPolicy{};
    if (lower(word) != "shutdown") return invalid("write ignore, shutdown or shutdown:CODE");
    EndPolicy policy{.what = OnEnd::shutdown};
    if (!has_code) return policy;
    auto code = text::parse_integer(code_text);
    if (!code || *code < 0 || *code > 255)
        return invalid("the code after shutdown: must be 0 to 255");
    policy.code = static_cast<int>(*code);
    return policy;
}

Result<supervise::RestartWindow> parse_restart_window(std::string_view text) {
    if (lower(strip(text)) == "off") return supervise::RestartWindow{};
    auto [count_text, span_text, has_span] = split_at(text, " in ");
    auto count = text::parse_integer(count_text);
    auto span = text::parse_duration(span_text);
    if (!has_span || !count || !span || *count < 1 || *count > 1000 || *span <= Duration(0))
        return invalid("write how many in which time: 5 in 60s (1 to 1000), or off");
    return supervise::RestartWindow{static_cast<int>(*count), *span};
}

Result<Duration> parse_rotation(std::string_view text) {
    std::string word = lower(strip(text));
    if (word == "off") return Duration(0);
    if (word == "hourly") return Duration(3'600'000);
    if (word == "daily") return Duration(86'400'000);
    if (word == "weekly") return Duration(7 * 86'400'000LL);
    auto every = text::parse_duration(text);
    if (!every || (*every < Duration(60'000) && *every != Duration(0)))
        return invalid("write off, hourly, daily, weekly or a duration from 1m on");
    return *every;
}

Result<text::LogFormat> parse_log_format(std::string_view text) {
    std::string word = lower(strip(text));
    if (word == "raw") return text::LogFormat::raw;
    if (word == "text") return text::LogFormat::text;
    if (word == "json") return text::LogFormat::json;
    return invalid("not a format");
}

Result<OnOrphan> parse_on_orphan(std::string_view text) {
    std::string word = lower(strip(text));
    if (word == "adopt") return OnOrphan::adopt;
    if (word == "stop") return OnOrphan::stop;
    if (word == "ignore") return OnOrphan::ignore;
    return invalid("not one of them");
}

Result<double> parse_factor(std::string_view text) {
    text = strip(text);
    double factor = 0;
    auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), factor);
    bool is_number = status == std::errc() && end == text.data() + text.size();
    if (!is_number || !(factor >= 1.0) || !(factor <= 100.0)) return invalid("not a factor");
    return factor;
}

std::string unquote(std::string_view text) {
    bool is_quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
                     text.back() == text.front();
    return std::string(is_quoted ? text.substr(1, text.size() - 2) : text);
}

}  // namespace lares::config
