// draw.cc: lines of a configuration, thrown with dice.

#include "draw.h"

#include <algorithm>

#include "stage.h"

namespace lares::runs {

namespace {

using namespace std::chrono_literals;

/// The longest a hook may take, and a process from its first stop signal to its end.
constexpr Duration hook_limit = 3s;
constexpr Duration ladder_limit = 6s;

std::string number(int n) { return std::to_string(n); }

void line(std::string& text, std::string const& option, std::string const& value) {
    text += option + " = " + value + "\n";
}

void draw_start(Dice& dice, std::string& text) {
    line(text, "autostart", dice.chance(80) ? "true" : "false");
    line(text, "startsecs", dice.one_of<std::string>({"0", "1", "2", "500ms"}));
    line(text, "startretries", number(dice.pick(4)));
    line(text, "autorestart", dice.one_of<std::string>({"true", "false", "unexpected"}));
    if (dice.chance(30)) {
        line(text, "restart_delay", dice.one_of<std::string>({"0s", "1s", "3s"}));
        line(text, "restart_backoff", dice.one_of<std::string>({"1", "2"}));
        line(text, "restart_max_delay", "20s");
    }
    if (dice.chance(25)) line(text, "restart_limit", number(1 + dice.pick(5)) + " in 60s");
}

void draw_health(Dice& dice, Program const& program, std::string& text) {
    std::vector<std::string> ready{"notify", "tcp 127.0.0.1:8080", "exec /bin/ready", "after 1s"};
    if (dice.chance(40)) {
        line(text, "ready", dice.one_of(ready));
        line(text, "ready_within", dice.one_of<std::string>({"2s", "5s"}));
    }
    if (dice.chance(25)) {
        line(text, "alive",
             dice.one_of<std::string>({"notify", "tcp 127.0.0.1:8081", "exec /bin/alive"}));
        line(text, "alive_every", dice.one_of<std::string>({"2s", "20s"}));
    }
    if (program.watches) {
        line(text, "watch_restart", "/srv/" + program.name + "/*.py");
        line(text, "watch_delay", "200ms");
    }
}

void draw_ends(Dice& dice, Plan& plan, std::string& text) {
    line(text, "stopsignal", dice.one_of<std::string>({"TERM", "INT", "TERM:1s, INT:1s, KILL"}));
    line(text, "stopwaitsecs", dice.one_of<std::string>({"1", "2"}));
    bool hooks = false;
    for (std::string hook : {"pre_start", "post_start", "pre_stop", "post_stop"}) {
        if (!dice.chance(20)) continue;
        line(text, hook, "/bin/hook " + hook);
        hooks = true;
    }
    if (hooks) line(text, "hook_timeout", "3s");
    if (!plan.may_end_by_itself) return;
    if (dice.chance(20)) line(text, "on_fatal", "shutdown:3");
    if (dice.chance(10)) line(text, "on_exit", "shutdown");
}

void draw_program(Dice& dice, Plan& plan) {
    Program program;
    program.name = "p" + number(static_cast<int>(plan.programs.size()));
    program.group = program.name;
    if (dice.chance(30)) program.numprocs = 1 + dice.pick(3);
    for (auto const& other : plan.programs)
        if (program.needs.size() < 3 && dice.chance(25)) program.needs.push_back(other.name);
    program.reads_files = dice.chance(20);
    program.watches = dice.chance(20);
    program.manners = {.exec_fails = dice.one_of<int>({0, 0, 0, 5, 100}),
                       .exits_early = dice.one_of<int>({0, 0, 10, 50, 100}),
                       .exits_later = dice.one_of<int>({0, 0, 30, 100}),
                       .ignores_term = dice.one_of<int>({0, 0, 30, 100}),
                       .dies_slowly = dice.one_of<int>({0, 30}),
                       .never_ready = dice.one_of<int>({0, 0, 20})};
    std::string text = "\n[program:" + program.name + "]\n";
    line(text, "command", "/bin/" + program.name);
    line(text, "process_name", "%(program_name)s_%(process_num)d");
    line(text, "numprocs", number(program.numprocs));
    line(text, "priority", dice.one_of<std::string>({"1", "10", "999", "999"}));
    std::string needs;
    for (auto const& need : program.needs) needs += (needs.empty() ? "" : ", ") + need;
    if (!needs.empty()) line(text, "depends_on", needs);
    if (program.reads_files)
        line(text, "environment_file", dice.chance(70) ? "/etc/there.env" : "-/etc/absent.env");
    draw_start(dice, text);
    draw_health(dice, program, text);
    draw_ends(dice, plan, text);
    plan.text += text;
    plan.programs.push_back(std::move(program));
}

sim::Script draw_side(Dice& dice) {
    sim::Script script;
    script.fork_takes = Duration(dice.pick(5));
    if (dice.chance(3)) script.fork_takes = 2s;
    script.lives = Duration(dice.one_of<int>({0, 5, 100, 900}));
    if (dice.chance(5)) script.lives.reset();  // hangs
    if (dice.chance(8)) script.code = 1;
    return script;
}

}  // namespace

std::vector<std::string> Program::processes() const {
    std::vector<std::string> names;
    for (int i = 0; i < numprocs; ++i) names.push_back(group + ":" + name + "_" + number(i));
    return names;
}

std::vector<std::string> Plan::processes() const {
    std::vector<std::string> names;
    for (auto const& program : programs)
        for (auto& name : program.processes()) names.push_back(std::move(name));
    return names;
}

Program const* Plan::program_of(std::string const& who) const {
    auto name = who.substr(who.find(':') + 1);
    name = name.substr(0, name.rfind('_'));
    auto found = std::ranges::find(programs, name, &Program::name);
    return found == programs.end() ? nullptr : &*found;
}

Plan draw_plan(Dice& dice) {
    Plan plan;
    plan.may_end_by_itself = dice.chance(10);
    int programs = 1 + dice.pick(dice.chance(50) ? 4 : 12);
    for (int i = 0; i < programs; ++i) draw_program(dice, plan);
    if (programs > 2 && dice.chance(30)) {
        plan.text += "\n[group:both]\nprograms = p1, p2\n";
        plan.programs[1].group = plan.programs[2].group = "both";
    }
    std::string lares;
    if (dice.chance(40)) line(lares, "start_barrier", "true");
    if (dice.chance(15)) line(lares, "shutdown_limit", "5s");
    plan.text = configuration(plan.text, lares);
    // pre_stop, the ladder, and post_stop, for twice the processes (scale makes more).
    plan.stops_within =
        60s + 2 * static_cast<int>(plan.processes().size()) * (2 * hook_limit + ladder_limit + 2s);
    return plan;
}

sim::Script draw_script(Dice& dice, Plan const& plan, ports::SpawnRequest const& request) {
    auto const& command = request.argv[0];
    if (command == "/bin/hook" || command == "/bin/ready" || command == "/bin/alive")
        return draw_side(dice);
    sim::Script script;
    auto found = std::ranges::find(plan.programs, command.substr(5), &Program::name);
    if (found == plan.programs.end()) return script;
    Manners const& manners = found->manners;
    script.fork_takes = Duration(dice.pick(5));
    if (dice.chance(3)) script.fork_takes = 2s;
    using Kind = ports::SpawnFailure::Kind;
    if (dice.chance(manners.exec_fails))
        script.fails = {dice.one_of<Kind>({Kind::not_found, Kind::refused, Kind::setup}), "no"};
    if (dice.chance(manners.exits_later)) script.lives = Duration(1000 + dice.pick(30'000));
    if (dice.chance(manners.exits_early)) script.lives = Duration(dice.pick(1500));
    script.code = dice.pick(2);
    if (dice.chance(manners.ignores_term)) script.ignores = {15, 2};
    if (dice.chance(manners.dies_slowly)) script.dies_in = Duration(dice.pick(3000));
    if (!dice.chance(manners.never_ready)) script.ready_after = Duration(dice.pick(2500));
    return script;
}

}  // namespace lares::runs
