// control/live_states.cc: programs, tasks, folders and what runs, looked over when something
// changed, and not more often than is worth it: the more there is, the seldomer.

#include <chrono>

#include "control/describe.h"
#include "control/describe_work.h"
#include "control/live.h"
#include "control/rest_json.h"
#include "control/work_house.h"
#include "control/work_parts.h"

namespace lares::control {

namespace {

constexpr Duration progress_every{500}, folders_every{1'000}, usage_every{2'000};

Duration pause_of(std::size_t things, int base_ms, int a_ms) {
    return Duration(base_ms + static_cast<int>(things) / a_ms);
}

/// All of a process that does not change by itself with the time.
std::string print_of(ProcessInfo const& info) {
    return std::to_string(static_cast<int>(info.state)) + " " + std::to_string(info.pid) + " " +
           std::to_string(info.restarts) + " " + std::to_string(info.exit_status) + " " +
           std::to_string(info.started.time_since_epoch().count()) +
           (info.ready ? " ready " : " ") + info.why + "\n" + info.waits_for + "\n" +
           info.spawn_error;
}

std::string task_name(TaskInfo const& info) { return info.task ? info.task->name : std::string(); }

}  // namespace

void Live::scan() {
    if (any(programs)) scan_programs();
    if (any(tasks)) scan_tasks();
    if (any(folders)) scan_folders();
    if (any(running)) scan_running();
    measure();
    tell_daemon();
}

/// What there is when the first viewer comes he gets by asking for the list.
void Live::end_scan(Topic topic) {
    if (std::exchange(primed_[topic], true)) return;
    for (auto& [request, viewer] : viewers_) viewer.seen[topic] = boards_[topic].version();
}

void Live::scan_programs() {
    if (!programs_dirty_) return;
    if (now_ < next_programs_) return wish(next_programs_);
    programs_dirty_ = false;
    auto& board = boards_[programs];
    LocalOffset offset = [this](WallTime at) { return house_.local_offset_seconds(at); };
    auto wall = house_.wall();
    static auto const all_members = status_members({});
    board.begin_round();
    std::size_t count = 0;
    for (auto index : house_.by_name()) {
        ++count;
        auto info = house_.info(index);
        board.set(info.group + "\n" + info.name, print_of(info), [&] {
            return sse_frame("program", rest_json(process_status(info, wall, offset, all_members)));
        });
    }
    board.end_round([](std::string const& key) {
        auto end = key.find('\n');
        return sse_frame("program-gone", rest_json(text::Struct{{"name", key.substr(end + 1)},
                                                                {"group", key.substr(0, end)}}));
    });
    next_programs_ = now_ + pause_of(count, 20, 50);
    end_scan(programs);
}

void Live::scan_tasks() {
    if (!tasks_dirty_) return;
    if (now_ < next_tasks_) return wish(next_tasks_);
    tasks_dirty_ = false;
    auto& board = boards_[tasks];
    board.begin_round();
    auto all = house_.work().tasks();
    for (auto const& info : all) {
        auto json = rest_json(task_value(info));
        board.set(task_name(info), json, [&] { return sse_frame("task", json); });
    }
    board.end_round([](std::string const& key) {
        return sse_frame("task-gone", rest_json(text::Struct{{"task", key}}));
    });
    next_tasks_ = now_ + pause_of(all.size(), 40, 20);
    end_scan(tasks);
}

/// What waits in a folder is no event: it is looked at every second.
void Live::scan_folders() {
    if (now_ < next_folders_) return wish(next_folders_);
    auto& board = boards_[folders];
    board.begin_round();
    for (auto const& info : house_.work().folders()) {
        auto json = rest_json(folder_value(info));
        auto key = info.folder ? info.folder->name : std::string();
        board.set(key, json, [&] { return sse_frame("folder", json); });
    }
    board.end_round([](std::string const& key) {
        return sse_frame("folder-gone", rest_json(text::Struct{{"folder", key}}));
    });
    next_folders_ = now_ + folders_every;
    wish(next_folders_);
    end_scan(folders);
}

void Live::scan_running() {
    if (now_ < next_running_) return wish(next_running_);
    auto& board = boards_[running];
    board.begin_round();
    auto all = house_.work().running();
    std::size_t waiting = 0;
    text::Array paused, late;
    for (auto const& job : all) {
        auto json = rest_json(running_value(job));
        board.set(std::to_string(job.id) + " " + std::to_string(job.run), json,
                  [&] { return sse_frame("running", json); });
    }
    board.end_round([](std::string const& key) {
        auto end = key.find(' ');
        return sse_frame(
            "run-over", "{\"job\":" + key.substr(0, end) + ",\"run\":" + key.substr(end + 1) + "}");
    });
    auto tasks_now = house_.work().tasks();
    for (auto const& info : tasks_now) {
        waiting += info.depth.ready;
        for (auto const& block : info.blocks)
            if (block.kind == "paused") paused.emplace_back(task_name(info));
        if (info.is_late) late.emplace_back(task_name(info));
    }
    auto work = rest_json(text::Struct{{"tasks", static_cast<std::int64_t>(tasks_now.size())},
                                       {"ready", static_cast<std::int64_t>(waiting)},
                                       {"running", static_cast<std::int64_t>(all.size())},
                                       {"paused", std::move(paused)},
                                       {"late", std::move(late)},
                                       {"maintenance", house_.work().maintenance().is_on},
                                       {"trouble", house_.work().store().trouble()}});
    if (work != last_work_) push_all(&Viewer::wants_work, "jobs", sse_frame("work", work));
    last_work_ = std::move(work);
    // Progress is no event: while something runs it is looked at.
    next_running_ = now_ + std::max(progress_every, pause_of(tasks_now.size(), 40, 20));
    wish(next_running_);
    end_scan(running);
}

void Live::measure() {
    bool is_wanted = false;
    for (auto const& [request, viewer] : viewers_) is_wanted |= viewer.wants_usage;
    if (!is_wanted || is_measuring_) return;
    if (now_ < next_usage_) return wish(next_usage_);
    next_usage_ = now_ + usage_every;
    wish(next_usage_);
    is_measuring_ = true;
    usage_.ask([this](UsageMeter::Measured const& found) {
        is_measuring_ = false;
        push_all(&Viewer::wants_usage, "usage", sse_frame("usage", rest_json(usage_value(found))));
    });
}

void Live::tell_daemon() {
    auto state = house_.daemon_state();
    if (state == last_state_) return;
    last_state_ = state;
    auto frame = sse_frame("daemon", rest_json(text::Struct{{"state", name(state)}}));
    for (auto& [request, viewer] : viewers_) push(viewer, "daemon", frame, 1);
}

}  // namespace lares::control
