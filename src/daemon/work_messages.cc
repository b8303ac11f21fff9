// daemon/work_messages.cc: work's side of messages: what they need of it.

#include <fmt/core.h>

#include "daemon/work.h"
#include "text/record.h"

namespace lares::daemon {

namespace {

/// "Cron <web@press-2> backup --all": cron's, which people's filters know.
std::string subject_of(std::string_view user, std::string_view host, std::string_view command) {
    return fmt::format("Cron <{}@{}> {}", user, host.substr(0, host.find('.')),
                       command.substr(0, command.find('\n')));
}

/// Whom a command without a `user` of its own runs as.
std::string own_user(config::World const& world) {
    if (world.is_root) return "root";
    for (auto const* name : {"LOGNAME", "USER"})
        for (auto const& [known, value] : world.environment)
            if (known == name && !value.empty()) return value;
    return "lares";
}

}  // namespace

MessageHands Work::message_hands() {
    std::vector<std::string> environment;
    for (auto const& [name, value] : hands_.world.environment)
        environment.push_back(name + "=" + value);
    return {
        .clock = hands_.clock,
        .processes = hands_.processes,
        .logs = hands_.logs,
        .memory = hands_.memory,
        .worker = hands_.worker,
        .store = hands_.store,
        .zones = hands_.zones,
        .log = hands_.log,
        .journal = journal_,
        .next_run = hands_.next_run,
        .next_channel = hands_.next_channel,
        .sha256 = hands_.sha256,
        .write_file = hands_.write_file,
        .remove_file = hands_.remove_file,
        .read_tail = hands_.read_tail,
        .glob = hands_.world.glob,
        .program_of = hands_.program_of,
        .processes_of = hands_.processes_of,
        .log_of = hands_.log_of,
        .silences = [this] { return silences(); },
        .environment = std::move(environment),
        .host = hands_.host,
        .program = hands_.deliver_program,
        .no_program = hands_.no_deliver_program,
        .random = hands_.random,
        .seed = hands_.seed,
    };
}

/// Whether it said anything is looked at once its end is written: its log is a file.
void Work::add_mail(job::Job const& job, ports::RunRow const& row, EndCommit& commit) {
    auto const* state = find(job.task);
    if (state == nullptr || state->task->mail_channel.empty() || row.log.empty()) return;
    auto const& task = *state->task;
    auto user = row.user.empty() ? own_user(hands_.world) : row.user;
    text::RecordWriter record;
    record.put_number("run", static_cast<std::int64_t>(row.run));
    record.put_number("cause", static_cast<std::int64_t>(commit.event));
    record.put("log", row.log);
    record.put("channel", task.mail_channel);
    for (auto const& address : task.mail_to) record.put("to", address);
    record.put("title", subject_of(user, hands_.host, task.process.command));
    commit.mail = {fmt::format("mail/{}", row.run), record.take()};
    commit.writes.push_back(ports::SetMark{commit.mail->first, commit.mail->second});
}

/// A maintenance keeps people from being told of what it was begun for.
std::vector<alert::Silence> Work::silences() const {
    if (maintenance_.phase != maintenance::Phase::on) return {};
    alert::Silence silence{
        .from = maintenance_.began,
        .until = maintenance_.until,
        .words = "maintenance by " + maintenance_.who +
                 (maintenance_.reason.empty() ? "" : ": " + maintenance_.reason)};
    if (maintenance_.needs.empty()) return {silence};
    for (auto const& name : maintenance_.needs) {
        silence.subjects.push_back("program/" + name);
        silence.subjects.push_back("program/" + name + ":*");
        silence.subjects.push_back("task/" + name);
    }
    for (auto const& [name, state] : tasks_)
        if (state.task != nullptr && is_held(*state.task))
            silence.subjects.push_back("task/" + name);
    return {silence};
}

}  // namespace lares::daemon
