// control/live_events.cc: events of the journal, told once they are on the disk.
//
// An event is heard of before it is written, and may yet fail to be. So what is told is what the
// store gives back: numbers that were heard of are looked for until they are found or given up.
// They may come out of order by a few; a viewer who comes back after his last one may miss such.

#include <algorithm>
#include <chrono>

#include "control/describe_work.h"
#include "control/live.h"
#include "control/rest_json.h"
#include "control/work_house.h"

namespace lares::control {

namespace {

/// An event that was heard of and is not found for so long was never written.
constexpr Duration given_up_after{10'000};
constexpr Duration later{50}, latest{1'000};
constexpr std::size_t most_at_once = 500;
/// Heard of and not found; beyond this nobody can follow anyway.
constexpr std::size_t most_expected = 5'000;
constexpr std::size_t most_told = 20'000;
constexpr std::size_t history_room = 64u << 10;

std::string frame_of(ports::EventRow const& row) {
    return sse_frame("journal", rest_json(event_value(row)), row.id);
}

}  // namespace

void Live::event_seen(ports::EventRow const& row) {
    newest_event_ = std::max(newest_event_, row.id);
    if (viewers_.empty()) return;
    if (!row.kind.starts_with("program.")) {
        tasks_dirty_ = true;
        // A run that begins or ends is to be seen at once, not with the next look at progress.
        if (row.kind.starts_with("job.") || row.kind.starts_with("run."))
            next_running_ = std::min(next_running_, now_ + Duration(20));
    }
    bool is_wanted =
        std::ranges::any_of(viewers_, [](auto const& each) { return each.second.wants_events; });
    if (!is_wanted || row.id == 0) return;
    if (expected_.size() + fresh_.size() >= most_expected) {
        auto skipped = expected_.size() + fresh_.size();
        expected_.clear();
        fresh_.clear();
        for (auto& [request, viewer] : viewers_)
            if (viewer.wants_events) viewer.gaps["events"] += skipped;
    }
    fresh_.push_back(row.id);
    next_events_ = Instant{};
}

void Live::read_events() {
    for (auto id : std::exchange(fresh_, {})) expected_.emplace(id, now_);
    while (!expected_.empty() && now_ - expected_.begin()->second > given_up_after)
        expected_.erase(expected_.begin());
    if (expected_.empty() || is_reading_events_) return;
    if (now_ < next_events_) return wish(next_events_);
    is_reading_events_ = true;
    ports::EventsAsked asked{.after = expected_.begin()->first - 1, .limit = most_at_once};
    asked.oldest_first = true;
    house_.work().store().read(asked, [this](Result<ports::Found> const& found) {
        is_reading_events_ = false;
        take_events(found ? found->events : std::vector<ports::EventRow>{});
    });
}

void Live::take_events(std::vector<ports::EventRow> const& rows) {
    bool has_new = false;
    for (auto const& row : rows) {
        expected_.erase(row.id);
        if (!told_.insert(row.id).second) continue;
        has_new = true;
        ++broadcasts_;
        std::string frame = frame_of(row);
        for (auto& [request, viewer] : viewers_)
            if (viewer.wants_events && !viewer.is_catching_up && row.id != viewer.last_event)
                push(viewer, "events", frame, 1);
    }
    // What is missing among what came after it is hardly still to come.
    if (!rows.empty())
        std::erase_if(expected_, [&](auto const& each) {
            return each.first < rows.back().id && now_ - each.second > latest;
        });
    while (told_.size() > most_told) told_.erase(told_.begin());
    events_pause_ = has_new ? later / 2 : std::min(std::max(events_pause_ * 2, later), latest);
    next_events_ = now_ + events_pause_;
    wish(next_events_);
}

/// Viewers who ask for events of before get them a page at a time, as fast as they take them.
void Live::catch_up() {
    for (auto& [id, viewer] : viewers_) {
        bool is_ready = viewer.is_catching_up && !viewer.is_reading && !viewer.is_sending &&
                        viewer.pending.size() < history_room;
        if (!is_ready) continue;
        viewer.is_reading = true;
        ports::EventsAsked asked{.after = viewer.last_event, .limit = most_at_once};
        asked.oldest_first = true;
        house_.work().store().read(
            asked, [this, request = id, before = broadcasts_](Result<ports::Found> const& found) {
                auto const& rows = found ? found->events : std::vector<ports::EventRow>{};
                take_history(request, rows, rows.size() < most_at_once, before);
            });
    }
}

void Live::take_history(ports::RequestId request, std::vector<ports::EventRow> const& rows,
                        bool is_all, std::uint64_t broadcasts) {
    auto* viewer = find(request);
    if (!viewer) return;
    viewer->is_reading = false;
    for (auto const& row : rows) {
        viewer->pending += frame_of(row);
        viewer->last_event = row.id;
    }
    // What was told to the others while this was read is not in it: once more.
    if (is_all && broadcasts == broadcasts_) viewer->is_catching_up = false;
}

}  // namespace lares::control
