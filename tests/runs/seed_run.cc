// seed_run.cc: who asks what, and what goes wrong, at random times.

#include "seed_run.h"

#include <algorithm>

#include "base/version.h"
#include "checks.h"

namespace lares::runs {

namespace {

using namespace std::chrono_literals;
using text::Array;
using text::Value;

constexpr int term_signal = 15, hangup_signal = 1, kill_signal = 9;

class Run {
public:
    explicit Run(unsigned seed)
        : dice_(seed),
          plan_(draw_plan(dice_)),
          stage_(plan_.text,
                 {.seed = seed, .late_at_most = Duration(dice_.one_of<int>({0, 0, 100, 3000}))}),
          checks_(stage_, plan_, /*looks=*/dice_.chance(70)) {
        kills_ = seed % 2 == 0;
        pace_ = Duration(dice_.one_of<int>({50, 1000, 5000, 20'000}));
        stage_.files["/etc/there.env"] = "A=1\n";
        auto& world = stage_.world;
        world.worker.set_takes(Duration(dice_.one_of<int>({1, 20, 400})));
        world.processes.set_scripts([this](ports::SpawnRequest const& request) {
            return draw_script(dice_, plan_, request);
        });
        world.probes.set_answers([this](ports::ProbeRequest const&) {
            if (dice_.chance(10)) return sim::ProbeAnswer{.ok = false, .why = "no"};
            if (dice_.chance(5)) return sim::ProbeAnswer{.takes = std::nullopt};
            return sim::ProbeAnswer{};
        });
    }

    void play() {
        if (!stage_.start()) return;
        busy_ = true;
        something_happens();
        // Some hundred requests, in whatever time that takes.
        run_for(std::min<Duration>(pace_ * 300, 10min));
        busy_ = false;
        stage_.world.logs.set_disk_full(false);
        if (dice_.chance(60) && !is_over()) quiet();
        if (has_failed()) return;
        if (!stage_.finished()) {
            if (dice_.chance(30)) {
                stage_.call("supervisor.shutdown");  // refused while a restart is under way
                run_for(5s);
            }
            if (!is_over()) stage_.world.raise(term_signal);
            if (kills_ && dice_.chance(70)) stage_.kill_at(1 + dice_.pick(60));
            run_for(plan_.stops_within);
            if (!is_over()) stage_.world.kernel.complain("it does not end");
        }
        if (has_failed()) return;
        stage_.world.run_for(1s);
        if (stage_.lost() > 0)
            stage_.world.kernel.complain(std::to_string(stage_.lost()) +
                                         " processes died with their daemon");
        checks_.at_end();
    }

    Stage& stage() { return stage_; }
    Plan const& plan() const { return plan_; }

private:
    /// A run stops where it fails, so that the last deeds are what led there.
    bool has_failed() const { return !stage_.world.complaints().empty(); }
    bool is_over() const { return stage_.finished() || has_failed(); }
    void run_for(Duration span) {
        stage_.run_until([this] { return is_over(); }, span);
    }

    void quiet() {
        auto& world = stage_.world;
        run_for(15min);
        if (is_over()) return;
        checks_.after_quiet();
        if (!dice_.chance(50)) return;
        stage_.kill_at(0);  // one that was due in the storm would take this question with it
        auto id = stage_.call("lares.stop", {Array{}});
        run_for(plan_.stops_within);
        if (is_over()) return;
        if (stage_.answer(id).empty()) world.kernel.complain("stopping everything does not end");
        // What came and went often is looked at once more, when it has been quiet for long.
        run_for(3h);
        int before = world.turns();
        run_for(1h);
        if (world.turns() != before)
            world.kernel.complain(std::to_string(world.turns() - before) +
                                  " turns in an hour in which nothing happens");
    }

    void something_happens() {
        if (!busy_ || is_over()) return;
        dice_.chance(75) ? someone_asks() : mishap();
        Duration wait(dice_.pick(static_cast<int>(pace_.count())));
        stage_.world.kernel.after(dice_.chance(20) ? 0ms : wait, [this] { something_happens(); });
    }

    std::string a_process() { return dice_.one_of(plan_.processes()); }
    Program const& a_program() { return dice_.one_of(plan_.programs); }
    Value some() {
        if (dice_.chance(15)) return Array{};
        Array names{a_process()};
        if (dice_.chance(40)) names.push_back(a_program().group + ":*");
        return names;
    }

    /// One call that may also stand in a multicall.
    std::pair<std::string, Array> draw_call() {
        bool wait = dice_.chance(70);
        switch (dice_.pick(13)) {
        case 0:
        case 1:
            return {"supervisor.startProcess", {a_process(), wait}};
        case 2:
        case 3:
            return {"supervisor.stopProcess", {a_process(), wait}};
        case 4:
            return {"lares.start", {some(), wait}};
        case 5:
            return {"lares.stop", {some(), wait}};
        case 6:
            return {"lares.restart", {some(), wait, dice_.chance(40)}};
        case 7:
            return {"supervisor.signalProcess", {a_process(), dice_.one_of<int>({15, 1, 10, 9})}};
        case 8:
            return {"lares.scale", {a_program().name, dice_.pick(5)}};
        case 9:
            return {"supervisor.getAllProcessInfo", {}};
        case 10:
            return {"lares.status", {some()}};
        case 11:
            return {"supervisor.startProcessGroup", {a_program().group, wait}};
        default:
            return {"supervisor.stopProcessGroup", {a_program().group, wait}};
        }
    }

    void someone_asks() {
        ports::RequestId id{};
        if (dice_.chance(10)) {
            Array calls;
            for (int i = 0; i < 3; ++i) {
                auto [method, params] = draw_call();
                calls.push_back(text::Struct{{"methodName", method}, {"params", params}});
            }
            id = stage_.call("system.multicall", {calls});
        } else if (dice_.chance(5)) {
            id = stage_.get("/logtail/" + a_process());
            stage_.world.kernel.after(10s, [this, id] { stage_.hang_up(id); });
        } else {
            auto [method, params] = draw_call();
            id = stage_.call(method, params);
        }
        if (dice_.chance(15))
            stage_.world.kernel.after(Duration(dice_.pick(2000)), [this, id] {
                if (!stage_.asked().at(id).answered) stage_.hang_up(id);
            });
    }

    void mishap() {
        auto& world = stage_.world;
        if (kills_ && dice_.chance(40)) return stage_.kill_at(1 + dice_.pick(40));
        switch (dice_.pick(10)) {
        case 0:
            return world.processes.refuse_forks_for(Duration(dice_.pick(5000)));
        case 1:
            return world.logs.set_disk_full(dice_.chance(50));
        case 2:
            return world.clock.jump(Duration(dice_.pick(20'000'000) - 10'000'000));
        case 3:
            return world.folders.change("/srv/" + a_program().name + "/x.py");
        case 4:
            return world.raise(dice_.one_of<int>({10, 12}));
        case 5:
            if (!dice_.chance(30)) return;
            stage_.files["/etc/lares.conf"] =
                dice_.chance(30) ? plan_.text + "\n[program:x]\nstartsecs = many\n" : plan_.text;
            return world.raise(hangup_signal);
        case 6:
            if (dice_.chance(50))
                stage_.files.erase("/etc/there.env");
            else
                stage_.files["/etc/there.env"] = "A=1\n";
            return;
        default:
            return someone_kills();
        }
    }

    void someone_kills() {
        if (stage_.live().empty()) return;
        auto victim =
            std::next(stage_.live().begin(), dice_.pick(static_cast<int>(stage_.live().size())));
        auto const& runs = stage_.world.processes.runs();
        if (runs.contains(victim->first)) stage_.world.processes.kill(victim->first, kill_signal);
    }

    Dice dice_;
    Plan plan_;
    Stage stage_;
    Checks checks_;
    Duration pace_{1000};
    bool busy_ = false;
    bool kills_ = false;  // the daemon
};

}  // namespace

Outcome run_seed(unsigned seed, bool verbose) {
    Run run(seed);
    run.play();
    auto const& world = run.stage().world;
    Outcome outcome{.ok = world.complaints().empty()};
    if (outcome.ok && !verbose) return outcome;
    if (verbose) {
        outcome.report += run.plan().text + "\n";
        for (auto const& note : world.kernel.notes()) outcome.report += "  " + note + "\n";
        outcome.report += run.stage().log();
    }
    outcome.report += "commit " + std::string(commit()) + ", " + world.report();
    for (auto const& complaint : world.complaints()) outcome.report += "  ! " + complaint + "\n";
    return outcome;
}

}  // namespace lares::runs
