// core/run_diff.cc: comparing two rows field by field, and saying what differs.

#include "core/run_diff.h"

#include <map>
#include <string_view>

#include "core/in_words.h"

namespace lares::journal {

namespace {

using Sort = Difference::Sort;

std::map<std::string, std::string> variables(std::string_view text) {
    std::map<std::string, std::string> all;
    while (!text.empty()) {
        auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        auto equals = std::min(line.find('='), line.size());
        if (!line.empty())
            all.insert_or_assign(std::string(line.substr(0, equals)),
                                 std::string(line.substr(std::min(equals + 1, line.size()))));
    }
    return all;
}

class Compare {
public:
    void field(Sort sort, std::string name, std::string before, std::string after) {
        if (before != after)
            found.push_back({sort, std::move(name), std::move(before), std::move(after)});
    }
    void number(Sort sort, std::string name, std::int64_t before, std::int64_t after) {
        field(sort, std::move(name), std::to_string(before), std::to_string(after));
    }
    void span(std::string name, Duration before, Duration after) {
        field(Sort::course, std::move(name), in_words(before), in_words(after));
    }

    std::vector<Difference> found;
};

void compare_environment(Compare& compare, RunRow const& before, RunRow const& after) {
    auto old_ones = variables(before.environment);
    auto new_ones = variables(after.environment);
    for (auto const& [name, value] : old_ones) {
        auto now = new_ones.find(name);
        compare.field(Sort::environment, name, value, now == new_ones.end() ? "" : now->second);
    }
    for (auto const& [name, value] : new_ones)
        if (!old_ones.contains(name)) compare.field(Sort::environment, name, "", value);
}

}  // namespace

std::vector<Difference> differences(RunRow const& before, RunRow const& after) {
    Compare compare;
    compare.field(Sort::setting, "subject", before.subject, after.subject);
    compare.field(Sort::setting, "command", before.command, after.command);
    compare.field(Sort::setting, "directory", before.directory, after.directory);
    compare.field(Sort::setting, "user", before.user, after.user);
    compare.field(Sort::setting, "node", before.node, after.node);
    compare.number(Sort::setting, "configuration revision", before.revision, after.revision);
    compare_environment(compare, before, after);
    compare.number(Sort::course, "job", static_cast<std::int64_t>(before.job),
                   static_cast<std::int64_t>(after.job));
    compare.number(Sort::course, "attempt", before.attempt, after.attempt);
    compare.field(Sort::course, "outcome", before.outcome, after.outcome);
    compare.number(Sort::course, "exit code", before.code, after.code);
    compare.number(Sort::course, "signal", before.signal, after.signal);
    compare.span("wall time", before.wall, after.wall);
    compare.span("CPU time", before.cpu, after.cpu);
    compare.number(Sort::course, "peak memory (bytes)", before.peak_memory_bytes,
                   after.peak_memory_bytes);
    compare.number(Sort::course, "bytes read", before.read_bytes, after.read_bytes);
    compare.number(Sort::course, "bytes written", before.written_bytes, after.written_bytes);
    compare.field(Sort::course, "words", before.words, after.words);
    return compare.found;
}

std::vector<std::string> print(std::vector<Difference> const& list) {
    static constexpr char const* heads[] = {"what was run", "environment", "how it went"};
    std::vector<std::string> lines;
    int last = -1;
    for (auto const& each : list) {
        auto sort = static_cast<int>(each.sort);
        if (sort != last) lines.emplace_back(heads[sort]);
        last = sort;
        auto shown = [](std::string const& text) { return text.empty() ? "(none)" : text; };
        lines.push_back("  " + each.field + ": " + shown(each.before) + " -> " + shown(each.after));
    }
    return lines;
}

}  // namespace lares::journal
