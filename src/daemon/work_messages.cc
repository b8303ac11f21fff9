// daemon/work_messages.cc: work's side of messages: what they need of it.

#include "daemon/work.h"

namespace lares::daemon {

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
        .random = hands_.random,
        .seed = hands_.seed,
    };
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
