// control/operation_parts.cc: the shared steps of operations.

#include "control/operation_parts.h"

#include "base/signals.h"
#include "control/names.h"

namespace lares::control {

namespace {

bool says_name_only(Fault fault) {
    return fault == Fault::already_started || fault == Fault::not_running ||
           fault == Fault::spawn_error || fault == Fault::abnormal_termination;
}

}  // namespace

std::optional<ProcessIndex> find_process(House const& house, std::string_view namespec) {
    auto parts = split_name(namespec);
    if (parts.process.empty()) return std::nullopt;
    return house.find(parts.group, parts.process);
}

NamedProcess named(House const& house, ProcessIndex index) {
    auto info = house.info(index);
    return {index, std::move(info.group), std::move(info.name)};
}

Outcome worded(Outcome outcome, std::string_view name, Wording wording) {
    bool name_only = wording == Wording::supervisord && says_name_only(outcome.fault);
    if (name_only || outcome.extra.empty()) outcome.extra = name;
    return outcome;
}

text::Value outcome_entry(std::string_view group, std::string_view name, Outcome const& outcome) {
    return text::Struct{{"name", std::string(name)},
                        {"group", std::string(group)},
                        {"status", static_cast<int>(outcome.fault)},
                        {"description", fault_text(outcome)}};
}

void ask_applicable(Call call, std::vector<NamedProcess> const& processes,
                    std::optional<Fault> nothing_to_do, Ask const& ask) {
    call.expect(processes.size(), EntryOrder::completion);
    std::size_t key = 0;
    for (auto const& [index, group, name] : processes) {
        auto done = [call, key, nothing_to_do, group, name](Outcome outcome) {
            if (outcome.fault == nothing_to_do) return call.leave_out(key);
            outcome = worded(std::move(outcome), full_name(group, name), Wording::supervisord);
            call.put(key, outcome_entry(group, name, outcome));
        };
        call.remember(ask(call.house(), index, std::move(done)), key);
        ++key;
    }
}

void put_unknown(Call call, std::vector<std::string> const& unknown) {
    for (std::size_t i = 0; i < unknown.size(); ++i)
        call.put(i, outcome_entry("", unknown[i], {Fault::bad_name, unknown[i]}));
}

void ask_chosen(Call call, std::vector<NamedProcess> const& processes,
                std::vector<std::string> const& unknown, Ask const& ask) {
    call.expect(unknown.size() + processes.size(), EntryOrder::given);
    put_unknown(call, unknown);
    auto key = unknown.size();
    for (auto const& [index, group, name] : processes) {
        auto done = [call, key, group, name](Outcome outcome) {
            outcome = worded(std::move(outcome), full_name(group, name), Wording::ours);
            call.put(key, outcome_entry(group, name, outcome));
        };
        call.remember(ask(call.house(), index, std::move(done)), key);
        ++key;
    }
}

std::string signal_as_sent(text::Value const& signal) {
    if (auto const* number = signal.integer()) return std::to_string(*number);
    auto const* words = signal.text();
    return words ? *words : std::string();
}

Outcome send_signal(House& house, ProcessIndex index, text::Value const& signal) {
    auto sent = signal_as_sent(signal);
    auto number = signal_number(sent);
    if (!number) return {Fault::bad_signal, sent};
    if (!supervise::is_signallable(house.state(index))) return {Fault::not_running, {}};
    return house.signal(index, *number);
}

}  // namespace lares::control
