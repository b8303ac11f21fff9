// daemon/messages_alerts.cc: who is told of what: routes from the configuration, events into
// alerts, alerts into deliveries.

#include <fmt/core.h>

#include <algorithm>

#include "config/delivery_values.h"
#include "core/alert_events.h"
#include "daemon/messages.h"
#include "delivery/alert_message.h"

namespace lares::daemon {

namespace {

/// Last lines in a message: what fits on a screen.
constexpr std::size_t most_lines = 20, most_line_bytes = 4u << 10;
/// Logs that are read for one message.
constexpr std::size_t most_logs = 3;
/// Runs of events remembered until their alert is told of.
constexpr std::size_t most_runs = 10'000;

alert::Kinds kinds_of(config::Notify const& notify) {
    if (notify.kinds.empty()) return alert::usual_kinds;
    alert::Kinds kinds = 0;
    for (auto const& name : notify.kinds) {
        if (name == "all") return alert::all_kinds;
        if (auto const* row = alert::find_kind(name)) kinds |= alert::bit(row->kind);
    }
    // A failed job is one whose retries are used up, or that was parked: one word for people.
    if (kinds & alert::bit(alert::Kind::dead)) kinds |= alert::bit(alert::Kind::failure);
    if (kinds & alert::bit(alert::Kind::failure)) kinds |= alert::bit(alert::Kind::parked);
    return kinds;
}

std::vector<alert::Hours> hours_of(std::vector<config::ClosedHours> const& quiet) {
    std::vector<alert::Hours> hours;
    for (auto const& each : quiet)
        hours.push_back({each.from_minute, each.to_minute, each.weekdays});
    return hours;
}

std::string_view event_of(alert::Notice::What what) {
    using What = alert::Notice::What;
    switch (what) {
    case What::firing:
        return "alert.firing";
    case What::more:
        return "alert.more";
    case What::repeat:
        return "alert.repeat";
    case What::escalated:
        return "alert.escalated";
    case What::eased:
        return "alert.eased";
    case What::resolved:
        return "alert.resolved";
    case What::flapping:
        return "alert.flapping";
    }
    return "alert.firing";
}

/// The last lines, without half a one at the beginning.
std::string last_lines(std::string_view bytes, bool is_whole) {
    if (!is_whole)
        if (auto end = bytes.find('\n'); end != bytes.npos) bytes.remove_prefix(end + 1);
    while (bytes.ends_with('\n')) bytes.remove_suffix(1);
    std::size_t lines = 0, at = bytes.size();
    while (at > 0 && lines < most_lines) {
        auto end = bytes.rfind('\n', at - 1);
        at = end == bytes.npos ? 0 : end;
        lines += 1;
    }
    if (at < bytes.size() && bytes.substr(at).starts_with('\n')) at += 1;
    return std::string(bytes.substr(at));
}

}  // namespace

// ---- the configuration

alert::Settings Messages::alert_settings(config::Settings const& settings) {
    alert::Settings made;
    auto const& ours = settings.alerts;
    made.policy.group_wait = ours.group_wait;
    made.policy.group_interval = ours.group_interval;
    made.policy.repeat = ours.repeat;
    made.policy.flap = {
        .count = ours.flap_count, .span = ours.flap_span, .stable = ours.flap_quiet};
    route_index_.clear();
    std::map<std::string, std::size_t> zones;
    auto zone_of = [&](std::string const& name) {
        auto [known, is_new] = zones.emplace(name, made.zones.size());
        if (is_new) {
            auto zone = hands_.zones.find(name);
            if (!zone) hands_.log.error("quiet: " + zone.error().what);
            made.zones.push_back(zone ? **zone : schedule::Zone{});
        }
        return known->second;
    };
    auto add = [&](std::vector<config::Notify> const& lines) {
        for (auto const& line : lines) {
            auto name = config::print_notify(line);
            if (!route_index_.emplace(name, made.routes.size()).second) continue;
            alert::Route route{.name = std::move(name), .kinds = kinds_of(line)};
            for (auto const& step : line.ladder) route.ladder.push_back({step.after, step.channel});
            // The hours of the first who is told; who comes later is told because it is grave.
            if (auto const* first = settings.find_channel(line.ladder.front().channel)) {
                route.quiet = hours_of(first->quiet);
                route.zone = zone_of(first->timezone);
            }
            made.routes.push_back(std::move(route));
        }
    };
    add(ours.notify);
    for (auto const& each : settings.programs) add(each.notify);
    for (auto const& each : settings.tasks) add(each.how.notify);
    for (auto const& each : settings.folders) add(each.notify);
    for (auto const& each : settings.budgets) add(each.notify);
    for (auto const& each : settings.groups) add(each.notify);

    // "db" of depends_on and needs is a program, a group, or a task.
    auto subjects_of = [&](std::string const& name) {
        std::vector<std::string> subjects;
        for (auto const& process : hands_.processes_of(name))
            subjects.push_back("program/" + process);
        if (settings.find_task(name) != nullptr) subjects.push_back("task/" + name);
        return subjects;
    };
    for (auto const& program : settings.programs)
        for (auto const& other : program.depends_on)
            for (auto const& process : hands_.processes_of(program.name)) {
                auto& needs = made.needs["program/" + process];
                auto more = subjects_of(other);
                needs.insert(needs.end(), more.begin(), more.end());
            }
    for (auto const& task : settings.tasks)
        for (auto const& other : task.needs) {
            auto& needs = made.needs["task/" + task.name];
            auto more = subjects_of(other);
            needs.insert(needs.end(), more.begin(), more.end());
        }
    // What comes too late because its folder, or its task, is in trouble.
    for (auto const& folder : settings.folders)
        made.needs["task/" + folder.task].push_back("folder/" + folder.name);
    return made;
}

std::vector<config::Notify> const& Messages::notify_of(std::string_view subject) const {
    auto const& all = settings_->alerts.notify;
    auto slash = subject.find('/');
    auto kind = subject.substr(0, slash);
    auto name = slash == subject.npos ? std::string_view() : subject.substr(slash + 1);
    std::vector<config::Notify> const* own = nullptr;
    if (kind == "task") {
        if (auto const* task = settings_->find_task(name)) own = &task->how.notify;
    } else if (kind == "folder") {
        for (auto const& each : settings_->folders)
            if (each.name == name) own = &each.notify;
    } else if (kind == "file") {  // of the folder that it lies in
        for (auto const& each : settings_->folders)
            if (name.starts_with(each.path + "/")) own = &each.notify;
    } else if (kind == "budget") {
        for (auto const& each : settings_->budgets)
            if (each.name == name) own = &each.notify;
    } else if (kind == "program") {
        if (auto const* program = settings_->find_program(hands_.program_of(name)))
            own = &program->notify;
        if (own == nullptr || own->empty())
            for (auto const& group : settings_->groups)
                if (group.name == name.substr(0, name.find(':'))) own = &group.notify;
    }
    return own == nullptr || own->empty() ? all : *own;
}

std::vector<std::string> Messages::routes_of(std::string_view subject) {
    std::vector<std::string> names;
    for (auto const& line : notify_of(subject)) names.push_back(config::print_notify(line));
    if (names.size() > alert::most_routes) names.resize(alert::most_routes);
    return names;
}

// ---- events

void Messages::feed(ports::EventRow const& event) {
    seen_ = std::max(seen_, event.id);
    auto happening = alert::happening_of(event);
    if (!happening) return;
    fed_since_note_ += 1;
    happening->routes = routes_of(happening->subject);
    if (happening->what == alert::Happening::What::opens) {
        // What nobody asked for is a problem all the same, unless it is over as soon as it began.
        auto const& row = alert::row_of(happening->kind);
        bool is_usual = (alert::usual_kinds & alert::bit(happening->kind)) != 0;
        bool is_wanted = std::ranges::any_of(notify_of(happening->subject), [&](auto const& line) {
            return (kinds_of(line) & alert::bit(row.kind)) != 0;
        });
        if (!is_usual && !is_wanted) return;
        if (auto run = alert::run_of(event); run != 0) {
            if (runs_.size() >= most_runs) runs_.erase(runs_.begin());
            runs_[event.id] = run;
        }
    }
    alerts_->happened(*happening);
    look_at_alerts_ = true;
}

void Messages::settle_alerts() {
    if (is_composing_ || is_ending_) return;
    auto next = alerts_->next();
    bool is_due = next && *next <= hands_.clock.wall();
    if (!std::exchange(look_at_alerts_, false) && !is_due) return;
    auto composing = std::make_shared<Composing>();
    composing->output = alerts_->take(hands_.clock.wall());
    composing->seen = seen_;
    auto const& output = composing->output;
    bool is_empty = output.notices.empty() && output.alerts.empty() && output.members.empty() &&
                    output.emptied.empty();
    if (is_empty) return;
    is_composing_ = true;
    find_paths(composing);
}

/// Which logs have the last lines of what is told.
void Messages::find_paths(std::shared_ptr<Composing> const& composing) {
    std::vector<ports::Question> questions;
    for (auto const& notice : composing->output.notices)
        for (auto const& member : notice.members) {
            if (composing->runs.size() + composing->paths.size() >= most_logs || member.is_over)
                continue;
            if (auto run = runs_.find(member.event); run != runs_.end()) {
                if (composing->runs.emplace(member.event, run->second).second)
                    questions.emplace_back(ports::RunsAsked{.run = run->second, .limit = 1});
            } else if (member.subject.starts_with("program/")) {
                if (auto path = hands_.log_of(member.subject.substr(8)); !path.empty())
                    composing->paths[member.event] = std::move(path);
            }
        }
    if (questions.empty()) return read_lines(composing);
    hands_.store.read_all(std::move(questions), [this, composing](Result<ports::Found> found) {
        if (found)
            for (auto const& row : found->runs)
                for (auto const& [event, run] : composing->runs)
                    if (run == row.run && !row.log.empty()) composing->paths[event] = row.log;
        read_lines(composing);
    });
}

void Messages::read_lines(std::shared_ptr<Composing> const& composing) {
    if (composing->paths.empty() || !hands_.read_tail) return compose(*composing);
    hands_.worker.run(
        [composing, read = hands_.read_tail] {
            for (auto const& [event, path] : composing->paths)
                if (auto tail = read(path, most_line_bytes))
                    composing->lines[event] = last_lines(*tail, tail->size() < most_line_bytes);
        },
        [this, composing] { compose(*composing); });
}

/// Its channel has gone since the alert began: people are told by what is configured now.
void Messages::note_untold(alert::Notice const& notice, Writes& writes) {
    auto words = fmt::format("alert {} was told to nobody: channel '{}' is not configured any more",
                             notice.alert, notice.channel);
    hands_.log.warning(words);
    writes.push_back(
        ports::PutEvent{hands_.journal.event({.kind = "delivery.failed",
                                              .subject = fmt::format("alert/{}", notice.alert),
                                              .cause = notice.alert,
                                              .words = std::move(words),
                                              .data = details({{"channel", notice.channel}})})});
}

/// The alerts, the deliveries and the mark in one commit: a message is made once, whenever we die.
void Messages::compose(Composing& composing) {
    now_ = hands_.clock.now();
    auto& output = composing.output;
    Writes writes;
    std::vector<delivery::Delivery> rows;
    for (auto id : output.emptied) writes.push_back(ports::DropMembers{id});
    for (auto const& row : output.alerts)
        writes.push_back(ports::PutAlert{{.id = row.id,
                                          .subject = row.subject,
                                          .state = std::string(alert::name(row.state)),
                                          .severity = std::string(alert::name(row.severity)),
                                          .opened = row.opened,
                                          .ended = row.ended,
                                          .record = alert::write(row)}});
    for (auto const& row : output.members)
        writes.push_back(ports::PutMember{{.alert = row.alert,
                                           .subject = row.subject,
                                           .kind = std::string(alert::row_of(row.kind).name),
                                           .record = alert::write(row)}});
    for (auto const& notice : output.notices) {
        auto const* channel = settings_->find_channel(notice.channel);
        if (channel == nullptr) {
            note_untold(notice, writes);
            continue;
        }
        std::string details;
        for (auto const& member : notice.members)
            if (auto lines = composing.lines.find(member.event);
                lines != composing.lines.end() && !lines->second.empty())
                details += (details.empty() ? "" : "\n\n") + member.subject + ":\n" + lines->second;
        deliver::AlertContext context{.language = channel->channel.language,
                                      .host = hands_.host,
                                      .page_url = settings_->alerts.page_url,
                                      .acknowledge_token = acknowledge_token(notice.alert),
                                      .last_lines = std::move(details),
                                      .wall = hands_.clock.wall(),
                                      .overrides = own_words()};
        auto message = deliver::alert_message(notice, context);
        auto event = hands_.journal.event(
            {.kind = std::string(event_of(notice.what)),
             .subject = fmt::format("alert/{}", notice.alert),
             .cause = notice.alert,
             .words = fmt::format("{} is told: {}", notice.channel, message.title),
             .data = lares::daemon::details({{"channel", notice.channel}}, {})});
        rows.push_back({.id = hands_.store.next_id(),
                        .channel = notice.channel,
                        .thread = notice.thread,
                        .key = notice.key,
                        .message = message::to_json(message),
                        .created = hands_.clock.wall(),
                        .not_before = notice.not_before,
                        .source = fmt::format("alert/{}", notice.alert),
                        .cause = event.id});
        writes.push_back(ports::PutEvent{std::move(event)});
    }
    for (auto const& [event, run] : composing.runs) runs_.erase(event);
    writes.push_back(ports::SetMark{"messages/seen", std::to_string(composing.seen)});
    noted_seen_ = composing.seen;
    fed_since_note_ = 0;
    put(std::move(rows), std::move(writes), ports::Commit::Kind::must,
        [this, answers = std::exchange(acknowledging_, {})](
            Result<std::vector<delivery::Id>> const& done) {
            is_composing_ = false;
            look_at_alerts_ = true;
            if (!done) hands_.log.error("messages: " + done.error().what);
            for (auto const& answer : answers)
                answer(done ? Result<>() : Result<>(Error{done.error().kind, done.error().what}));
        });
}

// ---- what people ask

std::vector<control::AlertInfo> Messages::open_alerts() const {
    std::vector<control::AlertInfo> all;
    for (auto const* row : alerts_->open()) {
        control::AlertInfo info{.row = *row};
        for (auto const* member : alerts_->members(row->id)) info.members.push_back(*member);
        all.push_back(std::move(info));
    }
    return all;
}

void Messages::acknowledge(job::Id id, std::string who, Duration span, control::Done done) {
    if (!is_loaded_)
        return done(Error{Error::Kind::unavailable, "the database is not open; try again"});
    if (!alerts_->acknowledge(id, who, hands_.clock.wall(), span))
        return done(Error{Error::Kind::not_found, fmt::format("no alert {} is open", id)});
    (void)hands_.journal.note({.kind = "alert.acknowledged",
                               .subject = fmt::format("alert/{}", id),
                               .cause = id,
                               .who = who,
                               .words = fmt::format("alert {} is in {}'s hands", id, who)});
    look_at_alerts_ = true;
    acknowledging_.push_back(std::move(done));
}

void Messages::resolve_alert(job::Id id, std::string who, control::Done done) {
    if (!is_loaded_)
        return done(Error{Error::Kind::unavailable, "the database is not open; try again"});
    if (!alerts_->resolve(id, who, hands_.clock.wall()))
        return done(Error{Error::Kind::not_found, fmt::format("no alert {} is open", id)});
    (void)hands_.journal.note({.kind = "alert.ended",
                               .subject = fmt::format("alert/{}", id),
                               .cause = id,
                               .who = who,
                               .words = fmt::format("alert {} was ended by {}", id, who)});
    look_at_alerts_ = true;
    acknowledging_.push_back(std::move(done));
}

/// Known to whoever got the message; hashed twice, so that one for an alert makes none for another.
std::string Messages::acknowledge_token(job::Id id) const {
    auto inner = hands_.sha256(secret_ + "/" + std::to_string(id));
    return hands_.sha256(secret_ + inner).substr(0, 32);
}

bool Messages::is_acknowledge_token(job::Id id, std::string_view token) const {
    if (secret_.empty()) return false;
    auto expected = acknowledge_token(id);
    unsigned char difference = expected.size() == token.size() ? 0 : 1;
    for (std::size_t i = 0; i < std::min(expected.size(), token.size()); ++i)
        difference |= static_cast<unsigned char>(expected[i] ^ token[i]);
    return difference == 0;
}

}  // namespace lares::daemon
