// control/log_operations.cc: reading and clearing logs; the windows are control/log_window.h's.

#include "control/log_window.h"
#include "control/operation_functions.h"
#include "control/operation_parts.h"

namespace lares::control {

namespace {

using Stream = House::Stream;

std::string log_path(House const& house, ProcessIndex index, Stream stream) {
    auto info = house.info(index);
    return stream == Stream::out ? info.out_log : info.err_log;
}

void read_path(Call call, std::string const& path, std::int64_t offset, std::int64_t length) {
    if (path.empty()) return call.fail(Fault::no_file);
    auto window = read_window(offset, length);
    if (!window) return call.fail(Fault::bad_arguments);
    call.house().logs().read(path, window->offset, window->length,
                             [call, path, window = *window](ports::LogRead const& read) {
                                 if (!read.error.empty())
                                     return call.fail(Fault::failed, read.error);
                                 if (!read.exists) return call.fail(Fault::no_file, path);
                                 call.answer(read_text(window, read));
                             });
}

void read_process_log(Call call, Parameters const& parameters, Stream stream) {
    auto const& namespec = *parameters[0].text();
    auto index = find_process(call.house(), namespec);
    if (!index) return call.fail(Fault::bad_name, namespec);
    read_path(call, log_path(call.house(), *index, stream), *parameters[1].integer(),
              *parameters[2].integer());
}

text::Value tail_value(Tail tail) {
    return text::Array{std::move(tail.text), tail.offset, tail.overflow};
}

/// A log that is not there or cannot be read has nothing to tell; it is no fault, as in
/// supervisord.
void tail_process_log(Call call, Parameters const& parameters, Stream stream) {
    auto const& namespec = *parameters[0].text();
    auto index = find_process(call.house(), namespec);
    if (!index) return call.fail(Fault::bad_name, namespec);
    auto path = log_path(call.house(), *index, stream);
    if (path.empty()) return call.answer(tail_value({}));
    auto offset = *parameters[1].integer();
    auto length = *parameters[2].integer();
    auto window = tail_window(length);
    call.house().logs().read(
        path, window.offset, window.length, [call, offset, length](ports::LogRead const& read) {
            bool there = read.exists && read.error.empty();
            call.answer(tail_value(there ? tail_answer(offset, length, read) : Tail{}));
        });
}

}  // namespace

void read_log(Call call, Parameters const& parameters) {
    read_path(call, call.house().main_log(), *parameters[0].integer(), *parameters[1].integer());
}

void clear_log(Call call, Parameters const&) {
    if (call.house().main_log().empty()) return call.fail(Fault::no_file);
    call.house().clear_main_log([call](Outcome outcome) { call.settle(std::move(outcome)); });
}

void read_process_stdout_log(Call call, Parameters const& parameters) {
    read_process_log(call, parameters, Stream::out);
}

void read_process_stderr_log(Call call, Parameters const& parameters) {
    read_process_log(call, parameters, Stream::err);
}

void tail_process_stdout_log(Call call, Parameters const& parameters) {
    tail_process_log(call, parameters, Stream::out);
}

void tail_process_stderr_log(Call call, Parameters const& parameters) {
    tail_process_log(call, parameters, Stream::err);
}

void clear_process_logs(Call call, Parameters const& parameters) {
    auto const& namespec = *parameters[0].text();
    auto index = find_process(call.house(), namespec);
    if (!index) return call.fail(Fault::bad_name, namespec);
    call.house().clear_logs(*index, [call, namespec](Outcome outcome) {
        call.settle(worded(std::move(outcome), namespec, Wording::supervisord));
    });
}

void clear_all_process_logs(Call call, Parameters const&) {
    std::vector<NamedProcess> processes;
    for (auto index : call.house().by_name()) processes.push_back(named(call.house(), index));
    ask_applicable(call, processes, std::nullopt,
                   [](House& house, ProcessIndex index, Report done) {
                       house.clear_logs(index, std::move(done));
                       return WaitId(0);
                   });
}

}  // namespace lares::control
