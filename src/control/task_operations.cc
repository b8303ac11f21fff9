// control/task_operations.cc: tasks, folders, maintenance, and the workers of other machines.

#include <algorithm>

#include "base/limits.h"
#include "control/describe_work.h"
#include "control/operation_functions.h"
#include "control/work_parts.h"
#include "text/quantity.h"

namespace lares::control {

namespace {

constexpr std::int64_t most_claimed = 1'000;
/// A lease of a worker that says nothing of it, and the longest there is.
constexpr std::int64_t longest_lease_seconds = 24 * 3600;

WorkHouse& work(Call call) { return call.house().work(); }

/// "all" is every task; a name that none has fails the call.
std::optional<std::string> task_or_all(Call call, text::Value const& given) {
    auto const& name = *given.text();
    if (name == "all") return std::string();
    if (!name.empty() && work(call).task(name)) return name;
    call.fail(missing("there is no task '" + text::clean_utf8(name) + "'"));
    return std::nullopt;
}

text::Value lease_value(Lease const& lease) {
    auto value = job_value(lease.job);
    auto& members = std::get<text::Struct>(value.held);
    for (auto& [name, member] : members)
        if (name == "run") member = id_value(lease.run);
    members.emplace_back("token", id_value(lease.token));
    members.emplace_back("lease_seconds", seconds_value(lease.lasts));
    return value;
}

/// Job and token, the first two parameters of what a worker says.
struct Holder {
    job::Id job;
    std::uint64_t token;
};
std::optional<Holder> holder(Call call, Parameters const& parameters) {
    auto job = id_parameter(call, parameters, 0, "job");
    if (!job) return std::nullopt;
    auto token = id_parameter(call, parameters, 1, "token");
    if (!token) return std::nullopt;
    return Holder{*job, *token};
}

}  // namespace

void lares_tasks(Call call, Parameters const&) {
    call.answer(each_value(work(call).tasks(), task_value));
}

void lares_task(Call call, Parameters const& parameters) {
    auto const& name = *parameters[0].text();
    auto info = work(call).task(name);
    if (!info) return call.fail(missing("there is no task '" + text::clean_utf8(name) + "'"));
    auto value = task_details(*info);
    auto& members = std::get<text::Struct>(value.held);
    members.emplace_back("waits_for", reasons_value(work(call).why_task(name)));
    call.answer(std::move(value));
}

void lares_work(Call call, Parameters const&) {
    // What the store cannot tell just now must not hide what the queue knows.
    work(call).store().read(ports::CountsAsked{}, [call](Result<ports::Found> const& found) {
        std::int64_t dead = 0, parked = 0;
        if (found)
            for (auto const& count : found->counts) {
                if (count.state == "dead") dead += count.jobs;
                if (count.state == "parked") parked += count.jobs;
            }
        std::size_t ready = 0, running = 0;
        text::Array paused, late;
        auto tasks = work(call).tasks();
        for (auto const& info : tasks) {
            ready += info.depth.ready;
            running += info.depth.running;
            auto is_pause = [](queue::Block const& block) { return block.kind == "paused"; };
            if (info.task && std::ranges::any_of(info.blocks, is_pause))
                paused.emplace_back(info.task->name);
            if (info.task && info.is_late) late.emplace_back(info.task->name);
        }
        call.answer(text::Struct{{"tasks", static_cast<std::int64_t>(tasks.size())},
                                 {"ready", static_cast<std::int64_t>(ready)},
                                 {"running", static_cast<std::int64_t>(running)},
                                 {"dead", number_value(dead)},
                                 {"parked", number_value(parked)},
                                 {"paused", std::move(paused)},
                                 {"late", std::move(late)},
                                 {"maintenance", work(call).maintenance().is_on},
                                 {"trouble", work(call).store().trouble()}});
    });
}

void lares_folders(Call call, Parameters const&) {
    call.answer(each_value(work(call).folders(), folder_value));
}

void lares_resources(Call call, Parameters const&) {
    text::Array list;
    for (auto const& [name, use] : work(call).resources())
        list.push_back(text::Struct{{"resource", name}, {"used", use.first}, {"of", use.second}});
    call.answer(std::move(list));
}

void lares_pause(Call call, Parameters const& parameters) {
    auto task = task_or_all(call, parameters[0]);
    if (task)
        work(call).pause(*task, signed_by(call.caller()), *parameters[1].text(), settle(call));
}

void lares_resume(Call call, Parameters const& parameters) {
    auto task = task_or_all(call, parameters[0]);
    if (task) work(call).resume(*task, signed_by(call.caller()), settle(call));
}

void lares_drain(Call call, Parameters const& parameters) {
    auto task = task_or_all(call, parameters[0]);
    if (task) work(call).drain(*task, signed_by(call.caller()), settle(call));
}

void lares_settle_file(Call call, Parameters const& parameters) {
    auto file = id_parameter(call, parameters, 0, "file");
    if (file)
        work(call).settle_file(*file, *parameters[1].boolean(), signed_by(call.caller()),
                               settle(call));
}

void lares_files(Call call, Parameters const& parameters) {
    Members filters(*parameters[0].members());
    ports::FilesAsked asked;
    asked.folder = filters.take_text("folder");
    asked.path = filters.take_text("path");
    asked.state = filters.take_text("state");
    asked.job = filters.take_id("job");
    asked.before = filters.take_id("before");
    asked.limit = filters.take_count("limit", 100, limits::store_rows);
    auto good = filters.finish();
    if (!good) return call.fail(outcome_of(good.error()));
    ask_store(call, asked, [call, limit = asked.limit](ports::Found const& found) {
        bool more = found.files.size() >= limit;
        call.answer(text::Struct{
            {"files", each_value(found.files, file_value)},
            {"more", more},
            {"next", id_value(more && !found.files.empty() ? found.files.back().id : 0)}});
    });
}

void lares_claim(Call call, Parameters const& parameters) {
    auto const& task = *parameters[0].text();
    auto const& node = *parameters[1].text();
    auto most = *parameters[2].integer();
    auto seconds = *parameters[3].integer();
    if (node.empty() || node.size() > 256)
        return call.fail(Fault::bad_arguments, "a worker must give a name of 1 to 256 bytes");
    if (most < 1 || most > most_claimed || seconds < 1 || seconds > longest_lease_seconds)
        return call.fail(Fault::bad_arguments,
                         "a worker claims 1 to 1000 jobs, for 1 to 86400 seconds");
    work(call).claim(task, node, static_cast<int>(most), std::chrono::seconds(seconds),
                     [call](Result<std::vector<Lease>> leases) {
                         if (!leases) return call.fail(outcome_of(leases.error()));
                         call.answer(each_value(*leases, lease_value));
                     });
}

void lares_heartbeat(Call call, Parameters const& parameters) {
    auto held = holder(call, parameters);
    if (!held) return;
    auto progress = *parameters[2].integer();
    if (progress < -1 || progress > 100)
        return call.fail(Fault::bad_arguments, "progress is 0 to 100 percent, or -1");
    work(call).heartbeat(held->job, held->token, static_cast<int>(progress), *parameters[3].text(),
                         settle(call));
}

void lares_finish(Call call, Parameters const& parameters) {
    auto held = holder(call, parameters);
    if (!held) return;
    auto const& result = *parameters[5].text();
    if (result.size() > limits::result_bytes)
        return call.fail(Fault::bad_arguments,
                         "a result may have " + std::to_string(limits::result_bytes) + " bytes");
    auto code = *parameters[3].integer();
    if (code < -1 || code > 255)
        return call.fail(Fault::bad_arguments, "a code is 0 to 255, or -1 for none");
    work(call).finish(held->job, held->token, *parameters[2].boolean(), static_cast<int>(code),
                      *parameters[4].text(), result, *parameters[6].text(), settle(call));
}

void lares_maintenance(Call call, Parameters const&) {
    call.answer(maintenance_value(work(call).maintenance()));
}

void lares_maintenance_begin(Call call, Parameters const& parameters) {
    auto span = text::parse_duration(*parameters[0].text());
    if (!span || *span < std::chrono::seconds(1) || *span > std::chrono::hours(24 * 366))
        return call.fail(Fault::bad_arguments,
                         "'" + text::clean_utf8(parameters[0].text()->substr(0, 60)) +
                             "' is no length of a maintenance; write '2h', at most a year");
    std::vector<std::string> needs;
    for (auto const& each : *parameters[1].array()) {
        if (!each.text() || needs.size() == limits::patterns)
            return call.fail(Fault::bad_arguments, "needs must be names");
        needs.push_back(*each.text());
    }
    work(call).begin_maintenance(*span, std::move(needs), *parameters[2].text(),
                                 signed_by(call.caller()), settle(call));
}

void lares_maintenance_end(Call call, Parameters const&) {
    work(call).end_maintenance(signed_by(call.caller()), settle(call));
}

}  // namespace lares::control
