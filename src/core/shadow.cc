// core/shadow.cc: due instants and runs of one command are two rows in order of time; they are
// walked side by side.

#include "core/shadow.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace lares::shadow {

namespace {

struct Due {
    std::int64_t at = 0;
    std::size_t line = 0;
    std::int64_t copies = 0;  // cron may start it again for each time that the clock skipped
    std::int64_t latest = 0;
};

/// Lines that cannot be told apart by what cron says of them.
struct Command {
    std::vector<std::size_t> lines;
    std::vector<Due> due;
    std::vector<Ran> ran;
};

class Comparing {
public:
    Comparing(Facts facts, std::size_t most) : facts_(std::move(facts)), most_(most) {
        report_.lines.resize(facts_.lines.size());
    }

    Report run() {
        for (std::size_t i = 0; i < facts_.lines.size(); ++i) add(i);
        hand_out_runs();
        for (auto& [key, command] : commands_) walk(command);
        std::ranges::stable_sort(report_.missing, {}, &Missing::at);
        auto when = [](Extra const& extra) { return extra.ran.at; };
        std::ranges::stable_sort(report_.extra, {}, when);
        std::ranges::stable_sort(report_.strangers, {}, when);
        return std::move(report_);
    }

private:
    using Key = std::pair<std::string, std::string>;  // command, user

    void add(std::size_t index) {
        Line const& line = facts_.lines[index];
        Command& command = commands_[{line.command, line.user}];
        command.lines.push_back(index);
        if (!line.cron) return;
        std::int64_t const grace = facts_.tolerance + line.delay;
        if (line.cron->is_reboot) {
            for (std::int64_t const at : facts_.reboots)
                add_due(command, {at, index, 0, at + grace});
            return;
        }
        // What was due just before may have been started, late, within the span.
        std::int64_t after = facts_.from - grace - 1;
        while (auto const due = schedule::next_due(*line.cron, *line.zone, after)) {
            if (due->at > facts_.until + facts_.tolerance) break;
            if (dues_ == most_) {
                report_.is_cut = true;
                break;
            }
            add_due(command, {due->at, index, due->coalesced, due->at + grace});
            after = due->at;
        }
    }
    void add_due(Command& command, Due due) {
        ++dues_;
        command.due.push_back(due);
    }

    void hand_out_runs() {
        std::ranges::sort(facts_.ran);
        auto const twice = std::ranges::unique(facts_.ran);  // in two logs
        facts_.ran.erase(twice.begin(), twice.end());
        for (Ran& ran : facts_.ran) {
            if (ran.at < facts_.from || ran.at > facts_.until) continue;
            if (Command* command = command_of(ran))
                command->ran.push_back(std::move(ran));
            else
                report_.strangers.push_back({std::move(ran), std::nullopt});
        }
    }

    Command* command_of(Ran const& ran) {
        for (std::string const& user : {ran.user, std::string()})
            if (auto found = commands_.find({ran.command, user}); found != commands_.end())
                return &found->second;
        if (!ran.is_cut) return nullptr;
        for (auto at = commands_.lower_bound({ran.command, ""});
             at != commands_.end() && at->first.first.starts_with(ran.command); ++at)
            if (at->first.second.empty() || at->first.second == ran.user) return &at->second;
        return nullptr;
    }

    void walk(Command& command) {
        std::ranges::sort(command.due, {},
                          [](Due const& due) { return std::tuple(due.at, due.line); });
        auto run = command.ran.begin();
        auto const end = command.ran.end();
        for (std::size_t i = 0; i < command.due.size(); ++i) {
            Due const& due = command.due[i];
            // Before anything that may be due: nobody's.
            while (run != end && run->at < due.at - facts_.tolerance) take_extra(command, *run++);
            bool came = run != end && run->at <= due.latest;
            if (came && i + 1 < command.due.size()) {
                // A late start, or the next one's? The next one's, unless that has one of its own.
                Due const& next = command.due[i + 1];
                std::int64_t const later =
                    i + 2 < command.due.size() ? command.due[i + 2].at : INT64_MAX;
                bool const next_has_own =
                    run + 1 != end && (run + 1)->at <= next.latest && (run + 1)->at < later;
                came = run->at < next.at || next_has_own;
            }
            count(due, came);
            if (!came) continue;
            ++run;
            for (std::int64_t copy = 0; copy < due.copies; ++copy)
                if (run != end && run->at <= due.latest) ++run;
        }
        while (run != end) take_extra(command, *run++);
    }

    void count(Due const& due, bool came) {
        LineReport& line = report_.lines[due.line];
        if (came) {
            ++line.would;
            ++line.matched;
            ++report_.matched;
            return;
        }
        // At the edges of what the log covers it may have run unseen.
        if (due.at < facts_.from || due.latest > facts_.until) return;
        ++line.would;
        ++line.missing;
        report_.missing.push_back({due.line, due.at});
    }

    void take_extra(Command const& command, Ran const& ran) {
        ++report_.lines[command.lines.front()].extra;
        report_.extra.push_back({ran, command.lines.front()});
    }

    Facts facts_;
    std::size_t most_, dues_ = 0;
    std::map<Key, Command> commands_;
    Report report_;
};

}  // namespace

Report compare(Facts facts, std::size_t most) { return Comparing(std::move(facts), most).run(); }

}  // namespace lares::shadow
