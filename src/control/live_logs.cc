// control/live_logs.cc: logs of programs, read once for all who follow them; logs of runs, read for
// each from where he is.
//
// A program may write faster than anybody reads: of a log no more than a part is told, at most
// part_bytes every read_every, and what lies between is left out with a word. The log of a run is
// told whole, as fast as its reader takes it.

#include <algorithm>
#include <chrono>

#include "control/live.h"
#include "control/log_window.h"
#include "control/rest_json.h"
#include "control/work_house.h"
#include "control/work_parts.h"

namespace lares::control {

namespace {

constexpr std::int64_t part_bytes = 32 << 10;
constexpr std::int64_t first_bytes = 4 << 10;
constexpr Duration read_every{100};
/// The log of a run is a file that nobody is told of; it is looked at while somebody follows it.
constexpr Duration run_every{250};
constexpr std::size_t run_room = 32u << 10;

std::string log_frame(LogName const& name, std::int64_t end, std::string_view text,
                      bool has_one_topic) {
    auto json =
        rest_json(text::Struct{{"name", name.process},
                               {"stream", name.stream == House::Stream::out ? "stdout" : "stderr"},
                               {"text", std::string(text)},
                               {"offset", number_value(end)}});
    return sse_frame("log", json,
                     has_one_topic ? std::optional(static_cast<std::uint64_t>(end)) : std::nullopt);
}

std::string_view whole_text(std::string_view bytes) {
    auto whole = without_unfinished_end(bytes);
    return whole.empty() ? bytes : whole;
}

}  // namespace

/// The end of the log first; then this viewer is among those who are told what is added.
void Live::begin_log(ports::RequestId request, std::string const& key) {
    auto& follower = followers_.at(key);
    watch(follower.log.channel);
    auto* viewer = find(request);
    auto offset = -first_bytes;
    auto length = first_bytes;
    if (viewer->has_one_topic && viewer->from) {
        offset = static_cast<std::int64_t>(*viewer->from);
        length = part_bytes;
    }
    house_.logs().read(
        follower.log.path, offset, length,
        [this, request, key, offset](ports::LogRead const& read) {
            auto* there = find(request);
            auto followed = followers_.find(key);
            if (!there || followed == followers_.end()) return;
            auto topic = std::ranges::find(there->logs, key, &LogTopic::key);
            auto begin = offset < 0 ? std::max<std::int64_t>(0, read.size + offset)
                                    : std::min(offset, read.size);
            auto end = begin + static_cast<std::int64_t>(read.bytes.size());
            std::string_view bytes = read.bytes;
            if (offset < 0 && begin > 0) bytes = without_cut_front(bytes);
            auto& following = followed->second.following;
            // The others are further already, or nobody is anywhere yet: he joins where they are.
            if (!std::exchange(followed->second.has_begun, true))
                following = {followed->second.log.path, read.inode, end, false};
            topic->has_begun = true;
            topic->from = static_cast<std::uint64_t>(end);
            push(*there, key, log_frame(followed->second.name, end, bytes, there->has_one_topic),
                 read.bytes.size());
            if (end < following.offset)
                there->gaps[key] += static_cast<std::uint64_t>(following.offset - end);
            followed->second.wants = true;
        });
}

void Live::watch(ports::ChannelId channel) {
    if (!watched_.insert(channel).second) return;
    house_.logs().on_growth(channel, [this, channel] {
        watched_.erase(channel);
        for (auto& [key, follower] : followers_)
            if (follower.log.channel == channel) follower.wants = true;
    });
}

void Live::logs_changed() {
    programs_dirty_ = true;
    for (auto& [key, follower] : followers_) {
        auto log = find_log(house_, follower.name);
        if (!log || *log == follower.log) continue;
        follower.log = *log;
        follower.wants = true;
    }
}

void Live::read_logs() {
    for (auto& [name, follower] : followers_) {
        if (!follower.wants || follower.is_reading || !follower.has_begun) continue;
        if (now_ < follower.next) {
            wish(follower.next);
            continue;
        }
        follower.wants = false;
        follower.is_reading = true;
        follower.next = now_ + read_every;
        if (follower.following.path != follower.log.path)
            follower.following = {.path = follower.log.path};
        watch(follower.log.channel);
        house_.logs().read(file_of(follower.following), follower.following.offset, part_bytes,
                           [this, key = name](ports::LogRead const& read) { take_log(key, read); });
    }
}

void Live::take_log(std::string const& key, ports::LogRead const& read) {
    auto found = followers_.find(key);
    if (found == followers_.end()) return;
    auto& follower = found->second;
    follower.is_reading = false;
    auto begin = follower.following.offset;
    auto inode = follower.following.inode;
    auto step = follow(follower.following, read);
    auto& following = follower.following = std::move(step.next);
    follower.wants |= step.read_on;
    if (!step.send.empty()) {
        std::string_view text = step.send;
        bool goes_on = following.offset == begin + static_cast<std::int64_t>(text.size());
        // A character whose rest is to come is told with it; of a file that was left nothing comes.
        if (goes_on) text = whole_text(text);
        if (goes_on) following.offset = begin + static_cast<std::int64_t>(text.size());
        tell_log(key, begin, following.offset, text);
    }
    if (following.inode != inode)  // offsets of before mean nothing in another file
        for (auto& [request, viewer] : viewers_)
            for (auto& topic : viewer.logs)
                if (topic.key == key) topic.from = 0;
    skip_ahead(key, follower, read);
    if (follower.wants) wish(follower.next);
}

/// Further behind than one part: what lies between is left out.
void Live::skip_ahead(std::string const& key, Follower& follower, ports::LogRead const& read) {
    auto& following = follower.following;
    bool is_this_file = !following.in_rotated && following.inode == read.inode;
    auto behind = read.size - following.offset;
    if (!is_this_file || behind <= part_bytes) return;
    auto skipped = behind - part_bytes / 2;
    following.offset += skipped;
    for (auto& [request, viewer] : viewers_)
        if (std::ranges::find(viewer.logs, key, &LogTopic::key) != viewer.logs.end())
            viewer.gaps[key] += static_cast<std::uint64_t>(skipped);
}

/// @param next  where the log goes on after `text`
void Live::tell_log(std::string const& key, std::int64_t begin, std::int64_t next,
                    std::string_view text) {
    auto const& name = followers_.at(key).name;
    auto end = begin + static_cast<std::int64_t>(text.size());
    std::string shared, single;
    for (auto& [request, viewer] : viewers_) {
        auto topic = std::ranges::find(viewer.logs, key, &LogTopic::key);
        if (topic == viewer.logs.end() || !topic->has_begun) continue;
        // The first bytes he has from his own reading.
        auto from = static_cast<std::int64_t>(topic->from);
        if (from >= end && from != 0) continue;
        topic->from = 0;
        if (from > begin) {
            auto rest = text.substr(static_cast<std::size_t>(from - begin));
            push(viewer, key, log_frame(name, next, rest, viewer.has_one_topic), rest.size());
            continue;
        }
        auto& frame = viewer.has_one_topic ? single : shared;
        if (frame.empty()) frame = log_frame(name, next, text, viewer.has_one_topic);
        push(viewer, key, frame, text.size());
    }
}

void Live::drop_idle_followers() {
    std::erase_if(followers_, [&](auto const& follower) {
        return std::ranges::none_of(viewers_, [&](auto const& each) {
            return std::ranges::find(each.second.logs, follower.first, &LogTopic::key) !=
                   each.second.logs.end();
        });
    });
}

// ---- runs

Live::RunTopic* Live::find_run(ports::RequestId request, std::uint64_t run) {
    auto* viewer = find(request);
    if (!viewer) return nullptr;
    auto found = std::ranges::find(viewer->runs, run, &RunTopic::run);
    return found == viewer->runs.end() ? nullptr : &*found;
}

bool Live::is_running(std::uint64_t run) const {
    return std::ranges::any_of(house_.work().running(),
                               [&](RunningJob const& job) { return job.run == run; });
}

void Live::follow_runs() {
    for (auto& [request, viewer] : viewers_)
        for (auto& run : viewer.runs) {
            bool has_room = !viewer.is_sending && viewer.pending.size() < run_room;
            if (run.is_over || run.is_reading || !has_room) continue;
            if (now_ < run.next) {
                wish(run.next);
                continue;
            }
            run.is_known ? read_run(request, run) : locate_run(request, run);
        }
}

/// Where its log is, and whether it has ended.
void Live::locate_run(ports::RequestId request, RunTopic& run) {
    run.is_reading = true;
    house_.work().store().read(
        ports::RunsAsked{.run = run.run, .limit = 1},
        [this, request, number = run.run](Result<ports::Found> const& found) {
            auto* topic = find_run(request, number);
            if (!topic) return;
            topic->is_reading = false;
            topic->next = now_ + run_every;
            if (!found) return;  // the store is in trouble: again later
            if (found->runs.empty()) {
                auto& viewer = *find(request);
                topic->is_over = true;
                auto words = "{\"run\":" + std::to_string(number) +
                             ",\"text\":\"\",\"offset\":0,\"size\":0,\"ended\":true}";
                return push(viewer, "run", sse_frame("run", words), 1);
            }
            topic->is_known = true;
            topic->path = found->runs.front().log;
            topic->has_ended = found->runs.front().ended != WallTime{};
            topic->next = now_;
            wish(now_);
        });
}

void Live::read_run(ports::RequestId request, RunTopic& run) {
    run.is_reading = true;
    auto told = [this, request, number = run.run](ports::LogRead const& read) {
        auto* topic = find_run(request, number);
        if (!topic) return;
        topic->is_reading = false;
        auto& viewer = *find(request);
        auto text = topic->has_ended ? std::string_view(read.bytes) : whole_text(read.bytes);
        // Behind its end: what is not written yet is waited for; a run's log never shrinks.
        topic->offset += static_cast<std::int64_t>(text.size());
        bool is_all = topic->offset >= read.size;
        topic->is_over = topic->has_ended && is_all;
        if (!text.empty() || topic->is_over) {
            auto json = rest_json(text::Struct{{"run", id_value(number)},
                                               {"text", std::string(text)},
                                               {"offset", number_value(topic->offset)},
                                               {"size", number_value(read.size)},
                                               {"ended", topic->is_over}});
            auto id = viewer.has_one_topic
                          ? std::optional(static_cast<std::uint64_t>(topic->offset))
                          : std::nullopt;
            viewer.pending += sse_frame("run", json, id);
        }
        topic->next = is_all ? now_ + run_every : now_;
        // Ended since: once more, to read what came last, and to say so.
        if (is_all && !topic->has_ended && !is_running(number)) topic->is_known = false;
        if (!topic->is_over) wish(topic->next);
    };
    if (run.path.empty()) return told({});
    house_.logs().read(run.path, run.offset, part_bytes, told);
}

}  // namespace lares::control
