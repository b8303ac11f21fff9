// control/live.cc: viewers: who wants what, and sending it.

#include "control/live.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/version.h"
#include "control/flood.h"
#include "control/hook.h"
#include "control/rest_json.h"
#include "control/work_parts.h"

namespace lares::control {

namespace {

using namespace std::chrono_literals;

constexpr Duration alive_every{15'000};
constexpr Duration stalled_after{60'000};
/// Sent in one piece; the wire takes the next when this is out.
constexpr std::size_t piece_bytes = 64u << 10;
/// To all viewers together in one turn of the loop: less than a millisecond of copying.
constexpr std::size_t turn_bytes = 256u << 10;
constexpr std::size_t most_runs_followed = 5;

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t number = 0;
    auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    bool is_number = !text.empty() && status == std::errc() && end == text.data() + text.size();
    return is_number ? std::optional(number) : std::nullopt;
}

ports::HttpReply refusal(int status, std::string_view field, std::string words) {
    ports::HttpReply reply{
        .status = status,
        .headers = {{"Content-Type", "application/problem+json"}},
        .body = problem_of(status, "stream", {std::string(field), std::move(words), {}})};
    if (status == 503) reply.headers.emplace_back("Retry-After", "5");
    return reply;
}

ports::HttpReply stream_head() {
    return {.status = 200,
            .headers = {{"Content-Type", "text/event-stream; charset=utf-8"},
                        {"Cache-Control", "no-store"},
                        {"X-Accel-Buffering", "no"}},  // else nginx collects it first
            .body = {}};
}

}  // namespace

std::string sse_frame(std::string_view event, std::string_view json,
                      std::optional<std::uint64_t> id) {
    std::string frame;
    frame.reserve(event.size() + json.size() + 48);
    if (id) frame.append("id: ").append(std::to_string(*id)).append("\n");
    return frame.append("event: ").append(event).append("\ndata: ").append(json).append("\n\n");
}

/// Empty when all topics are there; else what is wrong.
std::string Live::add_topics(Viewer& viewer, std::string_view topics) {
    std::size_t count = 0;
    while (!topics.empty()) {
        auto comma = std::min(topics.find(','), topics.size());
        auto topic = topics.substr(0, comma);
        topics.remove_prefix(std::min(comma + 1, topics.size()));
        if (++count > most_topics) return "a stream has at most 20 topics";
        bool is_err = topic.ends_with(":stderr");
        auto name = topic.substr(0, topic.size() - (is_err ? 7 : 0));
        auto stream = is_err ? House::Stream::err : House::Stream::out;
        std::string trouble;
        if (topic == "programs") {
            viewer.wants[programs] = true;
        } else if (topic == "tasks") {
            viewer.wants[tasks] = true;
        } else if (topic == "folders") {
            viewer.wants[folders] = true;
        } else if (topic == "jobs") {
            viewer.wants[running] = viewer.wants_work = true;
        } else if (topic == "events") {
            viewer.wants_events = true;
        } else if (topic == "usage") {
            viewer.wants_usage = true;
        } else if (topic == "mainlog") {
            trouble = add_log(viewer, topic, {});
        } else if (name.starts_with("log:") && name.size() > 4) {
            trouble = add_log(viewer, topic, {std::string(name.substr(4)), stream});
        } else if (auto run =
                       topic.starts_with("run:") ? number_of(topic.substr(4)) : std::nullopt) {
            viewer.runs.push_back({.run = *run});
            if (viewer.runs.size() > most_runs_followed)
                trouble = "a stream follows at most 5 runs";
        } else {
            trouble = "there is no topic '" + text::clean_utf8(topic.substr(0, 80)) + "'";
        }
        if (!trouble.empty()) return trouble;
    }
    viewer.has_one_topic = count == 1 && (!viewer.logs.empty() || !viewer.runs.empty());
    return count == 0 ? "which topics? as topics=programs,events" : "";
}

std::string Live::add_log(Viewer& viewer, std::string_view topic, LogName name) {
    auto log = find_log(house_, name);
    if (!log) return "there is no log '" + text::clean_utf8(topic.substr(0, 80)) + "'";
    std::string key(topic);
    auto [found, is_new] = followers_.try_emplace(key);
    if (is_new) {
        found->second.name = std::move(name);
        found->second.log = *log;
        found->second.following.path = log->path;
    }
    viewer.logs.push_back({.key = std::move(key)});
    return {};
}

void Live::open(ports::HttpRequested const& request, text::Fields const& query,
                Caller const& caller) {
    auto id = request.request;
    if (viewers_.size() >= most_viewers)
        return wire_.reply(id, refusal(503, {}, "there are 500 viewers already"));
    Viewer viewer{.who = caller.name, .until = caller.until};
    auto from = text::field(query, "from");
    auto last = header_of(request, "last-event-id");
    if (!from.empty() && !(viewer.from = number_of(from)))
        return wire_.reply(id, refusal(400, "from", "from is a number of an event or an offset"));
    if (auto number = number_of(last)) viewer.from = number;  // a reconnect knows better
    auto trouble = add_topics(viewer, text::field(query, "topics"));
    if (!trouble.empty()) {
        drop_idle_followers();
        int status = trouble.starts_with("there is no log") ? 404 : 400;
        return wire_.reply(id, refusal(status, "topics", std::move(trouble)));
    }
    wire_.open_stream(id, stream_head());
    auto& here = viewers_[id] = std::move(viewer);
    begin(here);
    // Sent at the end of this turn: until then the time is that of the turn before, long ago.
    for (auto const& log : here.logs) begin_log(id, log.key);
}

void Live::begin(Viewer& viewer) {
    for (int topic = 0; topic < boards; ++topic) viewer.seen[topic] = boards_[topic].version();
    // Boards are not kept up without viewers: the first one's are made new, from what is now.
    programs_dirty_ = tasks_dirty_ = true;
    next_programs_ = next_tasks_ = next_folders_ = next_running_ = Instant{};
    if (viewer.wants_events && viewer.from) {
        viewer.is_catching_up = true;
        viewer.last_event = *viewer.from;
    }
    for (auto& run : viewer.runs)
        if (viewer.from && viewer.has_one_topic)
            run.offset = static_cast<std::int64_t>(*viewer.from);
    auto hello = rest_json(text::Struct{{"at", time_value(house_.wall())},
                                        {"version", std::string(version())},
                                        {"event", id_value(newest_event_)}});
    viewer.pending = "retry: 2000\n" + sse_frame("hello", hello);
}

void Live::closed(ports::RequestId request) {
    if (viewers_.erase(request) == 0) return;
    drop_idle_followers();
    if (!viewers_.empty()) return;
    for (auto& board : boards_) board.clear();
    std::ranges::fill(primed_, false);
    expected_.clear();
    fresh_.clear();
    told_.clear();
    last_work_.clear();
    wish_.reset();
}

void Live::drained(ports::RequestId request) {
    if (auto* viewer = find(request)) viewer->is_sending = false;
}

Live::Viewer* Live::find(ports::RequestId request) {
    auto found = viewers_.find(request);
    return found == viewers_.end() ? nullptr : &found->second;
}

void Live::push(Viewer& viewer, std::string const& topic, std::string_view frame,
                std::uint64_t weight) {
    if (viewer.pending.size() + frame.size() > viewer_bytes || viewer.gaps.contains(topic)) {
        viewer.gaps[topic] += weight;
        return;
    }
    viewer.pending += frame;
}

void Live::push_all(bool Viewer::* wants, std::string const& topic, std::string_view frame) {
    for (auto& [request, viewer] : viewers_)
        if (viewer.*wants) push(viewer, topic, frame, 1);
}

/// So much a turn: of many viewers the others come in the next one, and who waits for anything else
/// than a picture of it is served in between.
void Live::pump_some() {
    std::size_t sent = 0;
    auto at = viewers_.lower_bound(pump_next_);
    for (std::size_t i = 0; i < viewers_.size(); ++i, ++at) {
        if (at == viewers_.end()) at = viewers_.begin();
        if (sent >= turn_bytes) {
            pump_next_ = at->first;
            return wish(now_);
        }
        sent += pump(at->first, at->second);
    }
}

/// How many bytes it was.
std::size_t Live::pump(ports::RequestId request, Viewer& viewer) {
    if (viewer.is_sending) return 0;
    std::string piece = std::exchange(viewer.pending, {});
    for (auto const& [topic, skipped] : std::exchange(viewer.gaps, {})) {
        ++gaps_;
        auto words = rest_json(
            text::Struct{{"topic", topic}, {"skipped", static_cast<std::int64_t>(skipped)}});
        piece += sse_frame("gap", words);
    }
    static constexpr char const* names[] = {"programs", "tasks", "folders", "jobs"};
    for (int topic = 0; topic < boards; ++topic) {
        if (!viewer.wants[topic]) continue;
        bool missed = false;
        viewer.seen[topic] = boards_[topic].tell(viewer.seen[topic], piece_bytes, piece, missed);
        if (missed)
            piece +=
                sse_frame("gap", rest_json(text::Struct{{"topic", names[topic]}, {"skipped", 1}}));
    }
    if (piece.empty()) return 0;
    viewer.is_sending = true;
    viewer.since = now_;
    wire_.stream_send(request, piece);
    return piece.size();
}

void Live::drop_stalled() {
    std::vector<ports::RequestId> stalled, over;
    auto wall = house_.wall();
    for (auto const& [request, viewer] : viewers_)
        if (viewer.is_sending && now_ - viewer.since > stalled_after)
            stalled.push_back(request);
        else if (viewer.until != WallTime{} && viewer.until <= wall)
            over.push_back(request);
    let_go(over);
    dropped_ += stalled.size();
    let_go(stalled);
}

void Live::let_go(std::vector<ports::RequestId> const& viewers) {
    for (auto request : viewers) {
        wire_.end_stream(request);
        closed(request);
    }
}

void Live::login_ended(std::string_view name) {
    std::vector<ports::RequestId> theirs;
    for (auto const& [request, viewer] : viewers_)
        if (!viewer.who.empty() && (name.empty() || viewer.who == name)) theirs.push_back(request);
    let_go(theirs);
}

void Live::keep_alive() {
    if (now_ < next_alive_) return;
    next_alive_ = now_ + alive_every;
    drop_stalled();
    for (auto& [request, viewer] : viewers_)
        if (!viewer.is_sending && viewer.pending.empty()) viewer.pending = ":\n\n";
}

bool Live::any(Topic topic) const {
    return std::ranges::any_of(viewers_,
                               [&](auto const& each) { return each.second.wants[topic]; });
}

void Live::wish(Instant at) {
    if (!wish_ || at < *wish_) wish_ = at;
}

void Live::end_turn(Instant now) {
    now_ = now;
    if (viewers_.empty()) return;
    wish_.reset();
    keep_alive();
    if (viewers_.empty()) return;
    wish(next_alive_);
    scan();
    read_events();
    catch_up();
    read_logs();
    follow_runs();
    pump_some();
}

std::optional<Instant> Live::deadline() const { return viewers_.empty() ? std::nullopt : wish_; }

}  // namespace lares::control
