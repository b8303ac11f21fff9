// sim/processes.cc: forks, signals and deaths.

#include "sim/processes.h"

#include <algorithm>
#include <array>

#include "base/limits.h"

namespace lares::sim {

using ports::RunId;

namespace {

/// Pids go round in a circle this small (and what is alive), so that they are used again at once.
constexpr int first_pid = 100;
constexpr int pids = 8;

/// Signals that do nothing to a process that does not ask for them: CHLD, CONT, URG, WINCH, and 0,
/// which only asks whether it is there.
constexpr std::array harmless{0, 17, 18, 23, 28};
constexpr int kill_signal = 9, term_signal = 15;

Lane lane(RunId run) { return {Lane::Of::run, static_cast<std::uint64_t>(run)}; }

std::string words(RunId run) {
    return "run " + std::to_string(static_cast<std::uint64_t>(run)) + " ";
}

}  // namespace

std::vector<RunId> Processes::alive() const {
    std::vector<RunId> those;
    for (auto const& [id, run] : runs_)
        if (run.alive) those.push_back(id);
    return those;
}

std::optional<RunId> Processes::find_alive(std::string const& command) const {
    std::optional<RunId> found;
    for (auto const& [id, run] : runs_) {
        if (!run.alive || run.request.argv.empty() || run.request.argv[0] != command) continue;
        if (found) kernel_.complain("two of " + command + " are alive");
        found = id;
    }
    return found;
}

void Processes::spawn(RunId id, ports::SpawnRequest request) {
    if (runs_.contains(id)) return kernel_.complain(words(id) + "is spawned twice");
    if (request.out && !request.out_file.empty())
        kernel_.complain(words(id) + "is to write to a channel and to a file");
    Run& run = runs_[id];
    if (scripts_) run.script = scripts_(request);
    if (kernel_.time() < refused_until_)
        run.script.fails = {ports::SpawnFailure::Kind::refused,
                            "Too many processes in process table to spawn '" + request.name + "'"};
    if (request.input && request.input->size() > limits::input_bytes)
        run.script.fails = {ports::SpawnFailure::Kind::setup, "the input is too long"};
    run.request = std::move(request);
    kernel_.after(run.script.fork_takes, [this, id] { finish_fork(id); });
}

void Processes::finish_fork(RunId id) {
    Run& run = runs_.at(id);
    if (std::exchange(run.is_decided, true)) return;  // when the daemon died
    if (run.script.fails) {
        kernel_.note(words(id) + "fails: " + run.script.fails->words);
        return kernel_.tell(lane(id), ports::SpawnFailed{id, *run.script.fails});
    }
    make(id, run);
    kernel_.tell(lane(id), ports::Spawned{id, run.pid, kernel_.time()});
    play(id, run);
}

void Processes::make(RunId id, Run& run) {
    run.pid = free_pid();
    run.alive = true;
    run.spawned_at = kernel_.time();
    forks_ += 1;
    std::string command = run.request.argv.empty() ? "?" : run.request.argv[0];
    kernel_.note(words(id) + "is " + command + " with pid " + std::to_string(run.pid));
}

int Processes::free_pid() {
    auto taken = [&](int pid) {
        return std::ranges::any_of(
            runs_, [&](auto const& one) { return one.second.alive && one.second.pid == pid; });
    };
    int all = pids + static_cast<int>(alive().size());
    int pid = first_pid + next_pid_++ % all;
    while (taken(pid)) pid = first_pid + next_pid_++ % all;
    return pid;
}

/// Puts into the calendar what its script says.
void Processes::play(RunId id, Run& run) {
    Script const& script = run.script;
    if (script.program) script.program->begin(id);
    for (auto const& output : script.output)
        kernel_.after(output.after, [this, id, output] { write(id, output); });
    bool can_notify = run.request.notify || run.request.notify_fd;
    if (script.ready_after && can_notify)
        kernel_.after(*script.ready_after, [this, id] {
            if (runs_.at(id).alive) kernel_.tell(lane(id), ports::Notified{id, "READY", "1"});
        });
    if (run.request.progress) play_progress(id, script);
    if (run.request.input) {
        take_input(id, run, *run.request.input);
        end_input(id, run);
    }
    if (script.reads_stdin && (!run.waiting.empty() || run.is_in_ended))
        kernel_.after(script.stdin_takes, [this, id] { read_waiting(id); });
    if (!script.lives) return;
    int code = script.signal ? -1 : script.code;
    die_at(id, kernel_.time() + *script.lives, code, script.signal);
}

void Processes::play_progress(RunId id, Script const& script) {
    for (std::size_t i = 0; i < script.progress.size(); ++i) {
        auto const& one = script.progress[i];
        if (i + 1 < script.progress.size() && script.progress[i + 1].after == one.after) continue;
        kernel_.after(one.after, [this, id, line = one.line] {
            Run const& run = runs_.at(id);
            if (!run.alive || !run.is_known) return;
            kernel_.tell(lane(id), ports::Notified{id, "PROGRESS",
                                                   line.substr(0, limits::progress_line_bytes)});
        });
    }
}

void Processes::write(RunId id, Script::Output const& output) {
    Run const& run = runs_.at(id);
    if (!run.alive) return;
    auto channel = output.to_err && !run.request.err_to_out ? run.request.err : run.request.out;
    if (channel) logs_.write_from(id, *channel, output.bytes);
}

/// Promises its death; of several promises the soonest is kept.
void Processes::die_at(RunId id, Instant when, int code, int signal) {
    kernel_.at(when, [this, id, code, signal] { die(id, runs_.at(id), code, signal); });
}

void Processes::die(RunId id, Run& run, int code, int signal) {
    if (!run.alive) return;  // it died sooner
    run.alive = false;
    run.ended_at = kernel_.time();
    run.code = code;
    run.signal = signal;
    kernel_.note(words(id) + "ends: code " + std::to_string(code) + ", signal " +
                 std::to_string(signal));
    if (run.is_known) tell_end(id, run);
}

void Processes::tell_end(RunId id, Run const& run) {
    kernel_.tell(lane(id),
                 ports::Exited{.run = id,
                               .pid = run.pid,
                               .code = has_keeper_ ? run.code : -1,
                               .signal = has_keeper_ ? run.signal : 0,
                               .core_dumped = false,
                               .at = *run.ended_at,
                               .cpu = has_keeper_ ? run.script.cpu : Duration(0),
                               .peak_memory_bytes = has_keeper_ ? run.script.peak_memory_bytes : 0,
                               .read_bytes = has_keeper_ ? run.script.read_bytes : 0,
                               .written_bytes = has_keeper_ ? run.script.written_bytes : 0,
                               .status_unknown = !has_keeper_});
}

void Processes::crash() {
    for (auto& [id, run] : runs_) {
        run.is_known = false;
        run.waiting.clear();  // it was the daemon's
        run.is_drain_awaited = false;
        if (std::exchange(run.is_decided, true)) continue;
        if (run.script.fails || kernel_.pick(2) == 0) {
            kernel_.note(words(id) + "is never made");
            continue;
        }
        make(id, run);
        play(id, run);
    }
}

ports::Adopted Processes::adopt(RunId id, ports::AdoptRequest request) {
    auto found = runs_.find(id);
    if (found == runs_.end() || found->second.pid == 0) return ports::Adopted::never_made;
    Run& run = found->second;
    if (run.is_noted) kernel_.complain(words(id) + "is adopted and its end was noted");
    if (run.is_known) kernel_.complain(words(id) + "is adopted twice");
    if (request.pid != 0 && request.pid != run.pid)
        kernel_.complain(words(id) + "is adopted with another pid than it has");
    if (!has_keeper_ && (!run.alive || request.start_ticks != start_ticks(id)))
        return ports::Adopted::gone;
    run.is_known = true;
    if (request.pid == 0) kernel_.tell(lane(id), ports::Spawned{id, run.pid, *run.spawned_at});
    if (!run.alive) tell_end(id, run);
    return request.pid == 0 ? ports::Adopted::spawned : ports::Adopted::running;
}

void Processes::adoption_ended() {
    if (!has_keeper_) return;
    for (auto& [id, run] : runs_) {
        if (run.is_known || !run.alive) continue;
        kernel_.note(words(id) + "is nobody's; the keeper lets it go");
        run.alive = false;
        run.ended_at = kernel_.time();
    }
}

void Processes::noted(RunId id) {
    auto found = runs_.find(id);
    bool has_ended = found != runs_.end() && found->second.pid != 0 && !found->second.alive;
    if (!has_ended) return kernel_.complain(words(id) + "is noted and has not ended");
    if (std::exchange(found->second.is_noted, true)) kernel_.complain(words(id) + "is noted twice");
}

std::uint64_t Processes::start_ticks(RunId id) const {
    auto found = runs_.find(id);
    bool is_there = found != runs_.end() && found->second.alive;
    return is_there ? static_cast<std::uint64_t>(id) + 1'000 : 0;
}

Result<> Processes::signal(RunId id, int number, ports::Target) {
    auto found = runs_.find(id);
    if (found == runs_.end()) {
        kernel_.complain(words(id) + "is signalled and was never spawned");
        return Error{Error::Kind::not_found, "no such run"};
    }
    if (!found->second.alive) return Error{Error::Kind::not_found, "no such process"};
    kernel_.note(words(id) + "gets signal " + std::to_string(number));
    found->second.signals.push_back(number);
    take_signal(id, found->second, number);
    return {};
}

void Processes::kill(RunId id, int number) {
    Run& run = runs_.at(id);
    if (run.alive) take_signal(id, run, number);
}

void Processes::take_signal(RunId id, Run& run, int number) {
    Script const& script = run.script;
    if (number == kill_signal) return die_at(id, kernel_.time(), -1, number);
    if (std::ranges::find(harmless, number) != harmless.end()) return;
    if (script.program) return script.program->take_signal(number);
    if (std::ranges::find(script.ignores, number) != script.ignores.end()) return;
    bool exits = number == term_signal && script.code_on_term;
    die_at(id, kernel_.time() + script.dies_in, exits ? *script.code_on_term : -1,
           exits ? 0 : number);
}

}  // namespace lares::sim
