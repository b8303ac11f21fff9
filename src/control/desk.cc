// control/desk.cc: beginning, gathering and forgetting calls; the sequence of a multicall.

#include "control/desk.h"

#include <variant>

#include "base/limits.h"
#include "control/names.h"
#include "control/signature.h"
#include "control/work_house.h"

namespace lares::control {

namespace {

using text::Value;

/// A bound from above of what a value takes as XML is not needed; a figure of its order is.
std::size_t rough_bytes(Value const& value) {
    std::size_t bytes = 48;
    if (auto const* words = value.text()) bytes += words->size();
    if (auto const* items = value.array())
        for (auto const& item : *items) bytes += rough_bytes(item);
    if (auto const* members = value.members())
        for (auto const& [key, member] : *members) bytes += key.size() + rough_bytes(member);
    return bytes;
}

Value fault_struct(Outcome const& outcome) {
    return text::Struct{{"faultCode", static_cast<int>(outcome.fault)},
                        {"faultString", fault_text(outcome)}};
}

/// "web", "web, db:*": what the first parameter names, on one line.
std::string object_of(text::Array const& parameters) {
    constexpr std::size_t longest = 200;
    if (parameters.empty()) return {};
    std::string words;
    if (auto const* name = parameters[0].text()) words = *name;
    if (auto const* names = parameters[0].array())
        for (auto const& name : *names)
            if (name.text() && words.size() < longest)
                words += (words.empty() ? "" : ", ") + *name.text();
    if (words.size() > longest) words.resize(longest);
    return text::clean_utf8(words);
}

/// What one item of a multicall asks, or why it cannot be.
std::variant<text::XmlRpcCall, Outcome> read_item(Value const& item) {
    auto const* method = item.find("methodName");
    if (!method || !method->text() || method->text()->empty())
        return Outcome{Fault::incorrect_parameters, "No methodName"};
    if (*method->text() == "system.multicall")
        return Outcome{Fault::incorrect_parameters, "Recursive system.multicall forbidden"};
    auto const* parameters = item.find("params");
    if (!parameters) return text::XmlRpcCall{*method->text(), {}};
    if (!parameters->array())
        return Outcome{Fault::incorrect_parameters, "params must be an array"};
    return text::XmlRpcCall{*method->text(), *parameters->array()};
}

}  // namespace

void Call::settle(Outcome outcome) const {
    if (outcome.fault == Fault::success) return answer(true);
    fail(std::move(outcome));
}

Ticket Desk::begin(std::string_view method, text::Array parameters,
                   std::function<void(Answer)> done, Caller caller) {
    Ticket ticket{++last_ticket_};
    Open& open = open_[ticket];
    open.done = std::move(done);
    auto const* operation = find_operation(operations_, method);
    if (!operation) {
        finish(ticket, Outcome{Fault::unknown_method, {}});
        return ticket;
    }
    if (caller.role < operation->role) {
        finish(ticket, Outcome{Fault::failed, refusal_of(caller, method, operation->role),
                               Error::Kind::denied});
        return ticket;
    }
    open.caller = std::move(caller);
    auto fitted = fit_parameters(method, operation->signature, std::move(parameters));
    if (auto* outcome = std::get_if<Outcome>(&fitted)) {
        finish(ticket, std::move(*outcome));
    } else if (!operation->while_ending && house_.daemon_state() < DaemonState::running) {
        finish(ticket, Outcome{Fault::shutdown_state, {}});
    } else {
        note(*operation, open.caller, std::get<text::Array>(fitted));
        operation->run(Call(*this, ticket), std::get<text::Array>(fitted));
    }
    return ticket;
}

void Desk::forget(Ticket ticket) {
    auto node = open_.extract(ticket);
    if (node.empty()) return;
    for (auto const& [key, wait] : node.mapped().waits) house_.forget(wait);
    forget(node.mapped().child);
}

void Desk::finish(Ticket ticket, Answer answer) {
    // Out of the table before the answer goes: whoever is told may begin or forget calls.
    auto node = open_.extract(ticket);
    if (!node.empty()) node.mapped().done(std::move(answer));
}

void Desk::expect(Ticket ticket, std::size_t entries, EntryOrder order) {
    auto* open = find(ticket);
    if (!open) return;
    if (entries == 0) return finish(ticket, Value(text::Array{}));
    open->entries.resize(entries);
    open->missing = entries;
    open->order = order;
}

void Desk::put(Ticket ticket, std::size_t key, Value entry) {
    auto* open = find(ticket);
    if (!open) return;
    open->waits.erase(key);
    auto slot = open->order == EntryOrder::given ? key : open->entries.size() - open->missing;
    open->entries.at(slot) = std::move(entry);
    if (--open->missing == 0) finish(ticket, Value(std::move(open->entries)));
}

void Desk::leave_out(Ticket ticket, std::size_t key) {
    auto* open = find(ticket);
    if (!open) return;
    open->waits.erase(key);
    open->entries.pop_back();
    if (--open->missing == 0) finish(ticket, Value(std::move(open->entries)));
}

void Desk::remember(Ticket ticket, std::size_t key, WaitId wait) {
    auto* open = find(ticket);
    if (open && wait != 0) open->waits[key] = wait;
}

void Desk::run_each(Ticket ticket, text::Array calls) {
    auto* open = find(ticket);
    if (!open) return;
    open->queue = std::move(calls);
    advance(ticket);
}

Caller Desk::caller(Ticket ticket) const {
    auto found = open_.find(ticket);
    return found == open_.end() ? Caller{Role::none, {}, {}} : found->second.caller;
}

/// Only what it is done to is told of its parameters: others may be secret, or large.
void Desk::note(Operation const& operation, Caller const& caller, text::Array const& parameters) {
    if (operation.noted != Noted::by_desk || operation.role == Role::viewer) return;
    auto object = object_of(parameters);
    auto [group, process] = split_name(object);
    bool is_process = !process.empty() && house_.find(group, process);
    house_.work().note("operator",
                       is_process ? "program/" + std::string(group) + ":" + std::string(process)
                                  : std::string("daemon"),
                       signed_by(caller),
                       std::string(operation.name) + (object.empty() ? "" : " " + object), {});
}

Desk::Open* Desk::find(Ticket ticket) {
    auto found = open_.find(ticket);
    return found == open_.end() ? nullptr : &found->second;
}

/// Runs calls until one waits or all are done: a loop, since a call that answers at once would
/// otherwise deepen the stack by its place in the queue.
void Desk::advance(Ticket ticket) {
    for (auto* open = find(ticket); open; open = find(ticket)) {
        if (open->entries.size() == open->queue.size())
            return finish(ticket, Value(std::move(open->entries)));
        auto before = open->entries.size();
        open->advancing = true;
        run_next(ticket, open->queue[before]);
        open = find(ticket);
        if (!open) return;
        open->advancing = false;
        if (open->entries.size() == before) return;  // take_result() goes on
    }
}

void Desk::run_next(Ticket ticket, Value const& call) {
    auto item = read_item(call);
    auto* open = find(ticket);
    if (open->bytes > limits::multicall_bytes) {
        Outcome full{Fault::failed, "the answers before this one are too large together"};
        return take_result(ticket, std::move(full));
    }
    if (auto* outcome = std::get_if<Outcome>(&item)) return take_result(ticket, *outcome);
    auto& asked = std::get<text::XmlRpcCall>(item);
    auto child = begin(
        asked.method, std::move(asked.params),
        [this, ticket](Answer answer) { take_result(ticket, std::move(answer)); }, open->caller);
    open = find(ticket);
    if (open && is_open(child)) open->child = child;
}

void Desk::take_result(Ticket ticket, Answer answer) {
    auto* open = find(ticket);
    if (!open) return;
    open->child = Ticket{};
    auto* value = std::get_if<Value>(&answer);
    open->entries.push_back(value ? std::move(*value) : fault_struct(std::get<Outcome>(answer)));
    open->bytes += rough_bytes(open->entries.back());
    if (!open->advancing) advance(ticket);
}

}  // namespace lares::control
