// core/maintenance.cc: who is held, and counting down what was.

#include "core/maintenance.h"

#include <algorithm>
#include <numeric>

#include "core/in_words.h"
#include "text/record.h"

namespace lares::maintenance {

namespace {

std::string_view group_of(std::string_view name) { return name.substr(0, name.find(':')); }

bool is_group(std::string_view name) { return name.find(':') == name.npos || name.ends_with(":*"); }

/// A group and each of its processes stand for each other; two processes of one do not.
bool is_same(std::string_view one, std::string_view other) {
    if (one == other) return true;
    return group_of(one) == group_of(other) && (is_group(one) || is_group(other));
}

std::int64_t sum(std::map<std::string, std::int64_t> const& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::int64_t{0},
                           [](auto total, auto const& entry) { return total + entry.second; });
}

std::string count_words(std::int64_t count, std::string const& one, std::string const& many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

Maintenance begin(Maintenance before, WallTime now, Duration span, std::vector<std::string> needs,
                  std::string reason, std::string who) {
    Maintenance begun;
    // One that is under way goes on, and so does what it has counted; what it had to catch up with
    // waits again.
    if (before.phase == Phase::on)
        begun = std::move(before);
    else
        begun.began = now;
    begun.phase = Phase::on;
    begun.until = now + std::clamp(span, Duration(0), longest);
    begun.needs = std::move(needs);
    begun.reason = std::move(reason);
    begun.who = std::move(who);
    return begun;
}

bool holds(Maintenance const& maintenance, Task const& task) {
    if (maintenance.phase != Phase::on) return false;
    if (maintenance.needs.empty()) return true;
    return std::ranges::any_of(maintenance.needs, [&](std::string const& need) {
        auto is_it = [&](std::string const& name) { return is_same(name, need); };
        return std::ranges::any_of(task.needs, is_it) ||
               std::ranges::find(task.resources, need) != task.resources.end();
    });
}

std::string block_words(Maintenance const& maintenance) {
    std::string words = "maintenance";
    if (!maintenance.who.empty()) words += " by " + maintenance.who;
    if (!maintenance.needs.empty()) {
        words += " of ";
        for (auto const& need : maintenance.needs)
            words += (&need == maintenance.needs.data() ? "'" : ", '") + need + "'";
    }
    return maintenance.reason.empty() ? words : words + ": " + maintenance.reason;
}

bool is_over(Maintenance const& maintenance, WallTime now) {
    // A clock that was set back must not hold everything for long: it lasts from its beginning.
    return maintenance.phase == Phase::on &&
           (now >= maintenance.until || now < maintenance.began - longest);
}

Maintenance end(Maintenance maintenance, WallTime now,
                std::map<std::string, std::int64_t> waiting) {
    if (maintenance.phase != Phase::on) return maintenance;
    std::erase_if(waiting, [](auto const& entry) { return entry.second <= 0; });
    maintenance.ended = now;
    maintenance.phase = waiting.empty() ? Phase::off : Phase::catching_up;
    maintenance.backlog = std::move(waiting);
    return maintenance;
}

Maintenance note_left(Maintenance maintenance, std::string_view task) {
    auto found = maintenance.backlog.find(std::string(task));
    if (maintenance.phase != Phase::catching_up || found == maintenance.backlog.end())
        return maintenance;
    if (--found->second <= 0) maintenance.backlog.erase(found);
    if (maintenance.backlog.empty()) maintenance.phase = Phase::off;
    return maintenance;
}

std::optional<queue::Throttle> throttle(Maintenance const& maintenance) {
    if (maintenance.phase != Phase::catching_up) return std::nullopt;
    queue::Throttle throttle{.kind = "catchup",
                             .words = "maintenance is over: started at " +
                                      std::to_string(catch_up_rate.count) + " in " +
                                      in_words(catch_up_rate.span),
                             .rate = catch_up_rate};
    for (auto const& [task, jobs] : maintenance.backlog) throttle.tasks.push_back(task);
    return throttle;
}

std::string report(Maintenance const& maintenance) {
    auto const& counts = maintenance.counts;
    std::string words = "maintenance of " + in_words(maintenance.ended - maintenance.began) +
                        " ended: " + count_words(counts.jobs, "job", "jobs") + " and " +
                        count_words(counts.files, "file", "files") + " were held, " +
                        count_words(counts.skipped, "due time", "due times") + " skipped, " +
                        count_words(counts.silenced, "message", "messages") + " silenced";
    auto left = sum(maintenance.backlog);
    if (left == 0) return words + "; nothing to catch up with";
    auto tasks = static_cast<std::int64_t>(maintenance.backlog.size());
    return words + "; catching up with " + count_words(left, "job", "jobs") + " of " +
           count_words(tasks, "task", "tasks") + " at " + std::to_string(catch_up_rate.count) +
           " in " + in_words(catch_up_rate.span);
}

std::string write(Maintenance const& maintenance) {
    text::RecordWriter writer;
    auto put_time = [&](std::string_view name, WallTime at) {
        writer.put_number_if(name, at.time_since_epoch().count());
    };
    writer.put_number("phase", static_cast<int>(maintenance.phase));
    put_time("began", maintenance.began);
    put_time("until", maintenance.until);
    put_time("ended", maintenance.ended);
    for (auto const& need : maintenance.needs) writer.put("need", need);
    writer.put_if("reason", maintenance.reason);
    writer.put_if("who", maintenance.who);
    writer.put_number_if("jobs", maintenance.counts.jobs);
    writer.put_number_if("files", maintenance.counts.files);
    writer.put_number_if("skipped", maintenance.counts.skipped);
    writer.put_number_if("silenced", maintenance.counts.silenced);
    for (auto const& [task, count] : maintenance.backlog) {
        writer.put("task", task);
        writer.put_number("waiting", count);
    }
    return writer.take();
}

Maintenance read(std::string_view text) {
    auto record = text::Record::parse(text);
    auto time = [&](std::string_view name) { return WallTime(Duration(record.number(name))); };
    auto phase = record.number("phase");
    if (phase < 1 || phase > 2) return {};
    Maintenance maintenance;
    maintenance.phase = static_cast<Phase>(phase);
    maintenance.began = time("began");
    maintenance.until = time("until");
    maintenance.ended = time("ended");
    maintenance.needs = record.all("need");
    maintenance.reason = record.text("reason");
    maintenance.who = record.text("who");
    maintenance.counts = {record.number("jobs"), record.number("files"), record.number("skipped"),
                          record.number("silenced")};
    auto tasks = record.all("task"), waiting = record.all("waiting");
    for (std::size_t i = 0; i < tasks.size() && i < waiting.size(); i++) {
        auto count = text::Record::parse("n=" + waiting[i]).number("n");
        if (count > 0) maintenance.backlog[tasks[i]] = count;
    }
    if (maintenance.phase == Phase::catching_up && maintenance.backlog.empty()) return {};
    return maintenance;
}

}  // namespace lares::maintenance
