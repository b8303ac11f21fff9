// control/process_operations.cc: starting, stopping, signalling and feeding processes, in the
// shapes of supervisord: exact names, and only those processes listed to which the request applies.

#include "control/names.h"
#include "control/operation_functions.h"
#include "control/operation_parts.h"

namespace lares::control {

namespace {

using supervise::State;
using Indices = std::vector<ProcessIndex>;

/// What is asked of a process, and how the daemon says that it does not apply to it.
struct Request {
    Fault nothing_to_do;
    Ask ask;
};

Request starting(bool wait) {
    return {Fault::already_started, [wait](House& house, ProcessIndex index, Report done) {
                return house.start(index, wait, std::move(done));
            }};
}

Request stopping(bool wait) {
    return {Fault::not_running, [wait](House& house, ProcessIndex index, Report done) {
                return house.stop(index, wait, std::move(done));
            }};
}

Request signalling(text::Value const& signal) {
    return {Fault::not_running, [signal](House& house, ProcessIndex index, Report done) {
                done(send_signal(house, index, signal));
                return WaitId(0);
            }};
}

/// For many: who is not up is left out even when the signal's name is wrong.
Request signalling_those_up(text::Value const& signal) {
    return {Fault::not_running, [signal](House& house, ProcessIndex index, Report done) {
                bool up = supervise::is_signallable(house.state(index));
                done(up ? send_signal(house, index, signal) : Outcome{Fault::not_running, {}});
                return WaitId(0);
            }};
}

void ask_many(Call call, Indices const& indices, Request const& request) {
    std::vector<NamedProcess> processes;
    for (auto index : indices) processes.push_back(named(call.house(), index));
    ask_applicable(call, processes, request.nothing_to_do, request.ask);
}

void ask_group(Call call, std::string const& group, std::string const& as_sent,
               Request const& request) {
    auto indices = call.house().group(group);
    if (!indices) return call.fail(Fault::bad_name, as_sent);
    ask_many(call, *indices, request);
}

/// One process by its namespec, or all of "group:*" with what is asked of many.
void ask_named(Call call, std::string const& namespec, Request const& request,
               Request const& of_many) {
    auto parts = split_name(namespec);
    if (parts.process.empty()) return ask_group(call, std::string(parts.group), namespec, of_many);
    auto index = call.house().find(parts.group, parts.process);
    if (!index) return call.fail(Fault::bad_name, namespec);
    call.remember(request.ask(call.house(), *index, [call, namespec](Outcome outcome) {
        call.settle(worded(std::move(outcome), namespec, Wording::supervisord));
    }));
}

}  // namespace

void start_process(Call call, Parameters const& parameters) {
    auto request = starting(*parameters[1].boolean());
    ask_named(call, *parameters[0].text(), request, request);
}

void start_process_group(Call call, Parameters const& parameters) {
    auto const& group = *parameters[0].text();
    ask_group(call, group, group, starting(*parameters[1].boolean()));
}

void start_all_processes(Call call, Parameters const& parameters) {
    ask_many(call, call.house().by_name(), starting(*parameters[0].boolean()));
}

void stop_process(Call call, Parameters const& parameters) {
    auto request = stopping(*parameters[1].boolean());
    ask_named(call, *parameters[0].text(), request, request);
}

void stop_process_group(Call call, Parameters const& parameters) {
    auto const& group = *parameters[0].text();
    ask_group(call, group, group, stopping(*parameters[1].boolean()));
}

void stop_all_processes(Call call, Parameters const& parameters) {
    ask_many(call, call.house().by_name(), stopping(*parameters[0].boolean()));
}

void signal_process(Call call, Parameters const& parameters) {
    ask_named(call, *parameters[0].text(), signalling(parameters[1]),
              signalling_those_up(parameters[1]));
}

void signal_process_group(Call call, Parameters const& parameters) {
    auto const& group = *parameters[0].text();
    ask_group(call, group, group, signalling_those_up(parameters[1]));
}

void signal_all_processes(Call call, Parameters const& parameters) {
    ask_many(call, call.house().by_name(), signalling_those_up(parameters[0]));
}

void send_process_stdin(Call call, Parameters const& parameters) {
    auto const& namespec = *parameters[0].text();
    auto index = find_process(call.house(), namespec);
    if (!index) return call.fail(Fault::bad_name, namespec);
    auto state = call.house().state(*index);
    if (state != State::starting && state != State::running)
        return call.fail(Fault::not_running, namespec);
    auto outcome = call.house().write_stdin(*index, *parameters[1].text());
    call.settle(worded(std::move(outcome), namespec, Wording::supervisord));
}

}  // namespace lares::control
