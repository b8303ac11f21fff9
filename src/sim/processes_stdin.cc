// sim/processes_stdin.cc: standard input: taken at once, late or never, answered, and ended.

#include <utility>

#include "base/limits.h"
#include "sim/processes.h"

namespace lares::sim {

using ports::RunId;

namespace {

Error stdin_closed() { return {Error::Kind::unavailable, "stdin is closed"}; }

}  // namespace

Result<> Processes::write_stdin(RunId id, std::string_view bytes) {
    auto found = runs_.find(id);
    if (found == runs_.end()) return stdin_closed();
    Run& run = found->second;
    bool is_forking = !run.is_decided;  // its pipe is there before it is
    if (!run.alive && !is_forking) return stdin_closed();
    if (!run.request.stdin_pipe || run.request.input || run.is_in_ended) return stdin_closed();
    if (run.waiting.size() + bytes.size() > limits::stdin_bytes) {
        run.is_drain_awaited = !run.waiting.empty();
        return Error{Error::Kind::unavailable, "it does not read"};
    }
    bool takes_at_once =
        !is_forking && run.script.reads_stdin && run.script.stdin_takes == Duration(0);
    if (takes_at_once) {
        take_input(id, run, bytes);
        return {};
    }
    bool was_waiting = !run.waiting.empty();
    run.waiting += bytes;
    run.is_drain_awaited = !run.waiting.empty();
    if (run.script.reads_stdin && !was_waiting && !is_forking)
        kernel_.after(run.script.stdin_takes, [this, id] { read_waiting(id); });
    return {};
}

void Processes::close_stdin(RunId id) {
    auto found = runs_.find(id);
    if (found == runs_.end()) return;
    Run& run = found->second;
    if (!run.alive && run.is_decided) return;
    if (!run.request.stdin_pipe || run.request.input) return;
    if (std::exchange(run.is_in_ended, true)) return;
    if (run.waiting.empty() && run.is_decided) end_input(id, run);
}

void Processes::read_waiting(RunId id) {
    Run& run = runs_.at(id);
    if (!run.alive) return;
    take_input(id, run, std::exchange(run.waiting, {}));
    bool is_awaited = std::exchange(run.is_drain_awaited, false);
    if (run.is_in_ended) return end_input(id, run);
    if (is_awaited && run.is_known)
        kernel_.tell({Lane::Of::run, static_cast<std::uint64_t>(id)}, ports::StdinDrained{id});
}

/// Answers each line that became whole.
void Processes::take_input(RunId id, Run& run, std::string_view bytes) {
    std::size_t begin = run.in.rfind('\n') + 1;  // npos + 1 is the begin
    run.in += bytes;
    if (!run.script.answers && !run.script.program) return;
    std::size_t end;
    while ((end = run.in.find('\n', begin)) != std::string::npos) {
        if (run.script.program) {
            auto line = run.in.substr(begin, end - begin);
            begin = end + 1;
            run.script.program->take_line(line);
            continue;
        }
        std::string answer = run.script.answers(run.in.substr(begin, end - begin));
        begin = end + 1;
        if (!answer.empty()) write(id, {Duration(0), std::move(answer)});
    }
}

void Processes::end_input(RunId id, Run& run) {
    kernel_.note("run " + std::to_string(static_cast<std::uint64_t>(id)) +
                 " comes to the end of its input");
    if (run.script.program) return run.script.program->take_end_of_input();
    if (run.script.code_on_end_of_input)
        die_at(id, kernel_.time() + run.script.dies_in, *run.script.code_on_end_of_input, 0);
}

}  // namespace lares::sim
