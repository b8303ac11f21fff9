// work_run.cc: the storm of work, and what must be so when it has passed.
//
// The wall clock is left alone, so that each due time can be counted by hand: it is a multiple of
// its schedule's period. What was answered with a number was accepted, and must have an end.

#include "work_run.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/version.h"
#include "draw.h"
#include "stage.h"

namespace lares::runs {

namespace {

using namespace std::chrono_literals;
using text::Array;
using text::Struct;

struct Clock {
    char const* expression;
    std::int64_t period;  // seconds
};
constexpr Clock clocks[] = {
    {"* * * * *", 60}, {"*/5 * * * *", 300}, {"*/10 * * * * *", 10}, {"*/30 * * * * *", 30}};

struct DrawnTask {
    std::string name;
    std::int64_t period = 0;  // 0: no schedule
    int fails = 0, dies = 0;  // percent of its runs
    Duration longest{0};
};

std::int64_t number_after(std::string_view text, std::string_view name) {
    auto at = text.find(name);
    std::int64_t number = -1;
    if (at == text.npos) return number;
    auto const* begin = text.data() + at + name.size();
    std::from_chars(begin, text.data() + text.size(), number);
    return number;
}

std::string variable(std::vector<std::string> const& environment, std::string const& name) {
    for (auto const& line : environment)
        if (line.starts_with(name + "=")) return line.substr(name.size() + 1);
    return "";
}

class WorkRun {
public:
    explicit WorkRun(unsigned seed)
        : dice_(seed),
          text_(draw()),
          stage_(text_, {.seed = seed, .late_at_most = Duration(dice_.one_of<int>({0, 0, 100}))}) {
        auto& world = stage_.world;
        world.zones.set("", {});
        world.worker.set_takes(Duration(dice_.one_of<int>({1, 20, 400})));
        world.store.set_takes(5ms, Duration(dice_.one_of<int>({1, 5, 200})), 2ms);
        world.processes.set_scripts(
            [this](ports::SpawnRequest const& request) { return script(request); });
    }

    void play() {
        if (!stage_.start()) return;
        run_for(1s);  // the store is open: what is due from here on counts
        from_ = wall();
        busy_ = true;
        something_happens();
        run_for(pace_ * 150);
        busy_ = false;
        stage_.kill_at(0);
        stage_.world.store.set_write_trouble("");
        stage_.world.intake.set_move_error("");
        stage_.world.intake.mend();
        until_ = wall();
        run_for(30min);
        if (!has_failed()) look();
    }

    Stage& stage() { return stage_; }
    std::string const& configuration_text() const { return text_; }

private:
    bool has_failed() const { return !stage_.world.complaints().empty(); }
    void run_for(Duration span) {
        stage_.run_until([this] { return has_failed(); }, span);
    }
    std::int64_t wall() {
        return std::chrono::floor<std::chrono::seconds>(stage_.world.clock.wall())
            .time_since_epoch()
            .count();
    }
    void complain(std::string words) { stage_.world.kernel.complain(std::move(words)); }

    std::string draw() {
        std::string text;
        int tasks = 1 + dice_.pick(4);
        for (int i = 0; i < tasks; ++i) text += draw_task("t" + std::to_string(i));
        text += "\n[folder:in]\npath = /in\ntask = t0\nsettle = " +
                dice_.one_of<std::string>({"0s", "1s"}) + "\nfailed = move:/failed\ndone = ";
        // What is removed gives its number to the next file at once.
        removes_done_ = dice_.chance(50);
        text += removes_done_ ? "delete\n" : "move:/done\n";
        pace_ = Duration(dice_.one_of<int>({50, 500, 4'000}));
        return configuration(text);
    }

    std::string draw_task(std::string const& name) {
        // Short enough that a task keeps up with its clock: what waits at the end waits for no good
        // reason.
        DrawnTask task{.name = name,
                       .fails = dice_.one_of<int>({0, 0, 30, 100}),
                       .dies = dice_.one_of<int>({0, 0, 20}),
                       .longest = Duration(dice_.one_of<int>({20, 500, 2'000}))};
        std::string text = "\n[task:" + name + "]\ncommand = /bin/" + name + "\n";
        if (dice_.chance(60)) {
            auto const& clock = clocks[dice_.pick(static_cast<int>(std::size(clocks)))];
            task.period = clock.period;
            text += std::string("schedule = ") + clock.expression +
                    "\ncatchup = " + dice_.one_of<std::string>({"none", "latest", "all, max 100"}) +
                    "\n";
        }
        text += "workers = " + std::to_string(1 + dice_.pick(3)) +
                "\noverlap = " + dice_.one_of<std::string>({"queue", "queue", "skip", "replace"}) +
                "\nretries = " + std::to_string(dice_.pick(3)) + "\nretry_backoff = 1s..5s\n";
        if (dice_.chance(20)) text += "timeout = 1s\n";
        if (dice_.chance(30)) text += "circuit = 0\n";
        tasks_.push_back(task);
        return text;
    }

    sim::Script script(ports::SpawnRequest const& request) {
        sim::Script script;
        auto found = std::ranges::find(tasks_, request.argv.at(0).substr(5), &DrawnTask::name);
        if (found == tasks_.end()) return script;
        note_attempt(request);
        script.fork_takes = Duration(dice_.pick(5));
        script.lives = Duration(dice_.pick(static_cast<int>(found->longest.count())));
        if (dice_.chance(3))
            script.fails = {ports::SpawnFailure::Kind::refused, "no"};
        else if (dice_.chance(found->dies))
            script.signal = 11;
        else if (dice_.chance(found->fails))
            script.code = 1;
        return script;
    }

    /// Of one job one attempt lives at a time, whatever the daemon went through.
    void note_attempt(ports::SpawnRequest const& request) {
        auto job = variable(request.environment, "LARES_JOB");
        if (job.empty()) return complain("a task's process without LARES_JOB");
        for (auto run : stage_.world.processes.alive()) {
            auto const& other = stage_.world.processes.runs().at(run).request;
            if (variable(other.environment, "LARES_JOB") == job)
                complain("job " + job + " has a second attempt while run " +
                         std::to_string(static_cast<std::uint64_t>(run)) + " lives");
        }
    }

    void something_happens() {
        if (!busy_ || has_failed()) return;
        dice_.chance(75) ? work_comes() : mishap();
        stage_.world.kernel.after(
            dice_.chance(20) ? 0ms : Duration(dice_.pick(static_cast<int>(pace_.count()))),
            [this] { something_happens(); });
    }

    void work_comes() {
        if (dice_.chance(40)) return file_comes();
        auto const& task = dice_.one_of(tasks_).name;
        Struct options;
        if (dice_.chance(20)) options.emplace_back("priority", dice_.pick(5));
        if (dice_.chance(20)) options.emplace_back("key", "k" + std::to_string(dice_.pick(3)));
        puts_.push_back(stage_.call("lares.put", {task, Struct{}, std::move(options)}));
    }

    void file_comes() {
        auto name = "f" + std::to_string(files_++);
        auto& intake = stage_.world.intake;
        if (dice_.chance(50)) {
            intake.write("/part/" + name, name);
            return intake.rename("/part/" + name, "/in/" + name);
        }
        intake.open("/in/" + name);
        intake.append("/in/" + name, name);
        stage_.world.kernel.after(Duration(dice_.pick(2000)), [this, name] {
            stage_.world.intake.append("/in/" + name, "more");
            stage_.world.intake.close("/in/" + name);
        });
    }

    void mishap() {
        auto& world = stage_.world;
        switch (dice_.pick(8)) {
        case 0:
        case 1:
        case 2:
            return stage_.kill_at(1 + dice_.pick(30));
        case 3:
            return stage_.kill_after_commit();
        case 4:
            return world.store.set_write_trouble(dice_.chance(40) ? "disk full" : "");
        case 5:
            return world.processes.refuse_forks_for(Duration(dice_.pick(3000)));
        case 6:
            return dice_.chance(50) ? world.intake.overflow() : world.intake.mend();
        default:
            return world.intake.set_move_error(dice_.chance(40) ? "no room" : "");
        }
    }

    void look() {
        look_at_jobs();
        look_at_dues();
        look_at_files();
    }

    void look_at_jobs() {
        auto const& disk = stage_.world.store.disk();
        for (auto id : puts_) {
            auto const& asked = stage_.asked().at(id);
            if (!asked.answered || asked.is_fault) continue;
            auto job = number_after(asked.answer, "\"job\":");
            if (job <= 0) {
                complain("an answer without a job: " + asked.answer);
            } else if (!disk.jobs.contains(static_cast<job::Id>(job))) {
                complain("job " + std::to_string(job) + " was answered and is not on the disk");
            }
        }
        for (auto const& [id, job] : disk.jobs) {
            bool is_old = job.created < stage_.world.clock.wall() - 25min;
            if (is_old && !job::is_end(job.state) && !is_circuit_open(job.task))
                complain("job " + std::to_string(id) + " of " + job.task + " is still " +
                         std::string(job::name(job.state)));
        }
    }

    /// A task that fails all the time is held, and said so; and when it goes on, it has much to do.
    bool is_circuit_open(std::string const& task) {
        auto const& disk = stage_.world.store.disk();
        if (disk.marks.contains("circuit/" + task)) return true;
        return std::ranges::any_of(disk.events, [&](auto const& entry) {
            auto const& event = entry.second;
            return event.kind == "circuit.closed" && event.subject == "task/" + task &&
                   event.at > stage_.world.clock.wall() - 10min;
        });
    }

    void look_at_dues() {
        auto const& disk = stage_.world.store.disk();
        for (auto const& task : tasks_) {
            if (task.period == 0) continue;
            std::map<std::int64_t, int> jobs;
            for (auto const& [id, job] : disk.jobs)
                if (job.task == task.name && job.due != WallTime{})
                    jobs[job.due.time_since_epoch().count() / 1000] += 1;
            for (auto at = from_ / task.period * task.period + task.period; at <= until_;
                 at += task.period) {
                if (jobs[at] > 1)
                    complain(task.name + " has " + std::to_string(jobs[at]) + " jobs due at " +
                             std::to_string(at));
                if (jobs[at] == 0 && !is_told(task.name, at * 1000))
                    complain(task.name + " was due at " + std::to_string(at) +
                             " and nobody says why it has no job");
            }
        }
    }

    bool is_told(std::string const& task, std::int64_t ms) {
        for (auto const& [id, event] : stage_.world.store.disk().events) {
            if (event.subject != "trigger/" + task + "#0") continue;
            if (number_after(event.data, "\"due\":") == ms) return true;
            auto from = number_after(event.data, "\"due_from\":");
            if (from >= 0 && from <= ms && ms <= number_after(event.data, "\"due_to\":"))
                return true;
        }
        return false;
    }

    void look_at_files() {
        if (is_circuit_open("t0")) return;  // they wait with their task
        auto& world = stage_.world;
        std::map<std::string, int> found;
        for (auto const& [path, file] : world.intake.files()) {
            if (path.starts_with("/in/")) complain("'" + path + "' was never finished");
            found[path.substr(path.rfind('/') + 1)] += 1;
        }
        for (auto const& [id, row] : world.store.disk().files) {
            if (removes_done_ && row.state == "done") {
                found[row.path.substr(row.path.rfind('/') + 1)] += 1;
            }
        }
        for (int i = 0; i < files_; ++i) {
            auto count = found["f" + std::to_string(i)];
            if (count != 1)
                complain("file f" + std::to_string(i) + " is there " + std::to_string(count) +
                         " times");
        }
        std::map<std::string, int> done;
        for (auto const& [id, row] : world.store.disk().files)
            if (row.state == "done" || row.state == "failed") done[row.path] += 1;
        for (auto const& [path, count] : done)
            if (count != 1) complain("'" + path + "' has " + std::to_string(count) + " ends");
    }

    Dice dice_;
    std::vector<DrawnTask> tasks_;
    bool removes_done_ = false;
    Duration pace_{500};
    std::string text_;
    Stage stage_;
    std::vector<ports::RequestId> puts_;
    int files_ = 0;
    std::int64_t from_ = 0, until_ = 0;
    bool busy_ = false;
};

}  // namespace

Outcome run_work_seed(unsigned seed, bool verbose) {
    WorkRun run(seed);
    run.play();
    auto const& world = run.stage().world;
    Outcome outcome{.ok = world.complaints().empty()};
    if (outcome.ok && !verbose) return outcome;
    if (verbose) {
        outcome.report += run.configuration_text() + "\n";
        for (auto const& note : world.kernel.notes()) outcome.report += "  " + note + "\n";
        outcome.report += run.stage().log();
    }
    outcome.report += "work, commit " + std::string(commit()) + ", " + world.report();
    for (auto const& complaint : world.complaints()) outcome.report += "  ! " + complaint + "\n";
    return outcome;
}

}  // namespace lares::runs
