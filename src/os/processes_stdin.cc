// os/processes_stdin.cc: what is written to a run's standard input, as far as it takes it.

#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "base/limits.h"
#include "os/processes.h"

namespace lares::os {

namespace {

Error stdin_closed() { return {Error::Kind::unavailable, "stdin is closed"}; }

}  // namespace

Result<> Processes::write_stdin(ports::RunId id, std::string_view bytes) {
    auto at = runs_.find(id);
    if (at == runs_.end() || !at->second.in || at->second.is_in_ending) return stdin_closed();
    Run& run = at->second;
    if (run.waiting.size() + bytes.size() > limits::stdin_bytes) {
        return Error{
            Error::Kind::unavailable,
            "stdin is full: " + std::to_string(run.waiting.size()) + " bytes wait to be read"};
    }
    bool was_waiting = !run.waiting.empty();
    run.waiting += bytes;
    if (!was_waiting) write_waiting(id);
    if (!run.in) return stdin_closed();
    run.is_drain_awaited = !run.waiting.empty();
    return {};
}

void Processes::close_stdin(ports::RunId id) {
    auto at = runs_.find(id);
    if (at == runs_.end() || !at->second.in) return;
    at->second.is_in_ending = true;
    if (at->second.waiting.empty()) shut_stdin(id, at->second);
}

void Processes::write_waiting(ports::RunId id) {
    Run& run = runs_.at(id);
    std::size_t done = 0;
    while (done < run.waiting.size()) {
        ssize_t written =
            ::write(run.in.get(), run.waiting.data() + done, run.waiting.size() - done);
        if (written < 0 && errno == EAGAIN) {
            run.waiting.erase(0, done);
            return loop_.on_writable(run.in.get(), [this, id] { write_waiting(id); });
        }
        if (written < 0) return shut_stdin(id, run);
        done += static_cast<std::size_t>(written);
    }
    run.waiting.clear();
    // Only what had to wait was watched, and only that is news.
    if (!std::exchange(run.is_drain_awaited, false)) return;
    loop_.forget(run.in.get());
    if (run.is_in_ending) return shut_stdin(id, run);
    inbox_.push(ports::StdinDrained{id});
}

void Processes::shut_stdin(ports::RunId id, Run& run) {
    if (run.in) {
        loop_.forget(run.in.get());
        drop(id, "in");
    }
    run.in.reset();
    run.waiting = {};
    run.is_drain_awaited = false;
}

}  // namespace lares::os
