// daemon/payload.cc: JSON objects in, arguments and variables out.

#include "daemon/payload.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "config/job_payload.h"
#include "text/json_value.h"
#include "text/placeholders.h"
#include "text/value.h"

namespace lares::daemon {

namespace {

/// A variable longer than this is left to the JSON file: exec refuses one over 128 KB.
constexpr std::size_t variable_bytes = 32u << 10;
/// All variables of a payload together, of the 2 MB that exec grants.
constexpr std::size_t variables_bytes = 256u << 10;

/// Behind the name, in place of '=' and a value that looks secret.
constexpr std::string_view not_shown = "=(not shown)";

/// A name that a variable may have: others become '_'.
std::string variable_name(std::string_view key) {
    std::string name = "PAYLOAD_";
    for (char c : key) {
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        name.push_back(plain ? c : '_');
    }
    return name;
}

bool looks_secret(std::string_view name) {
    for (std::string_view word : {"SECRET", "PASSWORD", "PASSWD", "TOKEN", "KEY", "CREDENTIAL"}) {
        auto found = std::ranges::search(name, word, [](char a, char b) {
            return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 32) : a) == b;
        });
        if (!found.empty()) return true;
    }
    return false;
}

void set_member(text::Struct& members, std::string const& name, text::Value value) {
    auto same = std::ranges::find(members, name, &text::Struct::value_type::first);
    if (same != members.end())
        same->second = std::move(value);
    else
        members.emplace_back(name, std::move(value));
}

}  // namespace

Result<std::vector<std::string>> words_of(config::Task const& task, std::string_view payload) {
    if (!config::has_placeholders(task)) return task.process.argv;
    auto members =
        TRY(config::payload_members(task, payload.empty() ? std::string_view("{}") : payload));
    return text::fill_words(task.process.argv, text::Value(std::move(members)));
}

void add_job_environment(std::vector<std::string>& environment, config::Task const& task,
                         job::Job const& job, int attempt, std::uint64_t run) {
    environment.push_back("LARES_TASK=" + task.name);
    environment.push_back(fmt::format("LARES_JOB={}", job.id));
    environment.push_back(fmt::format("LARES_RUN={}", run));
    environment.push_back(fmt::format("LARES_ATTEMPT={}", attempt));
    if (job.due != WallTime{})
        environment.push_back(fmt::format(
            "LARES_DUE={}",
            std::chrono::floor<std::chrono::seconds>(job.due).time_since_epoch().count()));
    if (job.payload.size() <= 2) return;
    auto members = config::payload_members(task, job.payload);
    if (!members) return;
    std::size_t bytes = 0;
    for (auto const& [key, value] : *members) {
        auto text = text::argument_text(value);
        if (text.size() > variable_bytes || text.find('\0') != text.npos) continue;
        bytes += text.size();
        if (bytes > variables_bytes) return;
        environment.push_back(variable_name(key) + "=" + text);
    }
}

std::string follower_payload(config::Task const& task, job::Job const& job) {
    text::Struct members;
    for (auto const& json : {job.payload, job.result}) {
        if (json.empty()) continue;
        auto value = text::parse_json(json);
        if (!value || value->members() == nullptr) continue;
        for (auto const& [key, member] : *value->members()) set_member(members, key, member);
    }
    set_member(members, "after_task", job.task);
    set_member(members, "after_job", static_cast<std::int64_t>(job.id));
    set_member(members, "after_state", std::string(job::name(job.state)));
    std::erase_if(members, [&](auto const& member) { return !config::takes(task, member.first); });
    return text::to_json(text::Value(std::move(members)));
}

std::string shown_environment(std::vector<std::string_view> environment) {
    std::ranges::sort(environment);
    std::string out;
    for (auto line : environment) {
        auto equals = line.find('=');
        auto name = line.substr(0, equals);
        if (!out.empty()) out.push_back('\n');
        if (looks_secret(name))
            out.append(name).append(not_shown);
        else
            out.append(line);
    }
    return out;
}

std::vector<std::string> environment_as_then(std::string_view shown,
                                             std::vector<std::string> const& now) {
    std::vector<std::string> lines;
    auto put = [&lines](std::string line) {
        auto name = std::string_view(line).substr(0, line.find('=') + 1);
        auto same = std::ranges::find_if(
            lines, [&](std::string const& other) { return other.starts_with(name); });
        if (same != lines.end())
            *same = std::move(line);
        else
            lines.push_back(std::move(line));
    };
    for (auto const& line : now) put(line);
    while (!shown.empty()) {
        auto end = std::min(shown.find('\n'), shown.size());
        std::string line(shown.substr(0, end));
        shown.remove_prefix(std::min(end + 1, shown.size()));
        bool is_own = line.starts_with("LARES_") || line.starts_with("PAYLOAD_");
        if (is_own) continue;
        if (!line.ends_with(not_shown)) put(std::move(line));
    }
    return lines;
}

Result<std::vector<std::string>> words_as_then(std::string_view command) {
    auto value = TRY(text::parse_json(command));
    std::vector<std::string> words;
    if (auto const* array = value.array())
        for (auto const& word : *array)
            if (auto const* text = word.text()) words.push_back(*text);
    if (words.empty()) return Error{Error::Kind::invalid, "the run's row holds no command"};
    return words;
}

Progress parse_progress(std::string_view line) {
    Progress progress;
    int percent = -1;
    auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), percent);
    bool is_number = error == std::errc() && percent >= 0 && percent <= 100;
    if (is_number) {
        auto rest =
            std::string_view(end, static_cast<std::size_t>(line.data() + line.size() - end));
        if (rest.starts_with('%')) rest.remove_prefix(1);
        if (rest.empty() || rest.starts_with(' ')) {
            progress.percent = percent;
            line = rest;
        }
    }
    while (line.starts_with(' ')) line.remove_prefix(1);
    progress.words = std::string(line.substr(0, 1000));
    return progress;
}

}  // namespace lares::daemon
