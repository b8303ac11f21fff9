// config/processes.cc: the texts of a program expanded for each of its processes.
//
// Which names are known is supervisord's (spec §1.4): here, host_node_name, program_name,
// group_name, process_num, numprocs and ENV_X; the last also of the program's own environment, for
// everything but that environment itself. Prefixes know process_name besides.

#include "config/processes.h"

#include "config/report.h"
#include "config/rows.h"
#include "text/python.h"
#include "text/words.h"

namespace lares::config {

namespace {

/// Makes one process; stops at the first fault, which stays in `fault`.
class Maker {
public:
    Maker(World const& world, text::Names const& outer, std::string const& base,
          Program const& program)
        : world_(world), base_(base), program_(program) {
        names_.outer = &outer;
    }

    void know(std::string name, std::variant<std::string, long> value) {
        names_.own[std::move(name)] = std::move(value);
    }

    std::optional<ProcessSettings> make(std::string const& group, int number) {
        ProcessSettings made{.group = group, .number = number};
        know("process_num", long(number));
        auto plain = names_.own;
        bool good = make_environment(made) && make_name(made) && make_varying(made) &&
                    make_log("stdout_logfile", program_.out, made.out) &&
                    make_log("stderr_logfile", program_.err, made.err) && make_command(made);
        if (program_.redirect_stderr) made.err = {LogTarget::Kind::none, ""};
        if (good) {
            know("process_name", made.name);
            good = put("stdout_prefix", program_.out.prefix, made.out_prefix) &&
                   put("stderr_prefix", program_.err.prefix, made.err_prefix);
        }
        names_.own = std::move(plain);
        if (!good) return std::nullopt;
        return made;
    }

    std::optional<Fault> fault;

private:
    bool fail(std::string_view option, std::string_view value, Error error, bool in_expansion) {
        fault = Fault{std::string(option), std::string(value), std::move(error), in_expansion};
        return false;
    }

    /// supervisord names the section for the options it reads one by one, but not for these two.
    std::string where(std::string_view option) const {
        if (option == "environment" || option == "process_name") return std::string(option);
        return section_name(program_) + "." + std::string(option);
    }

    bool put(std::string_view option, std::string const& text, std::string& slot) {
        if (text.find('%') == text.npos) {
            slot = text;
            return true;
        }
        auto expanded = text::expand(text, names_, where(option));
        if (!expanded) return fail(option, text, std::move(expanded).error(), true);
        slot = std::move(expanded).take();
        return true;
    }

    bool make_environment(ProcessSettings& made) {
        if (program_.environment.empty()) return true;
        std::string text;
        if (!put("environment", program_.environment, text)) return false;
        auto variables = text::parse_environment(text);
        if (!variables) return fail("environment", text, std::move(variables).error(), false);
        made.environment = std::move(variables).take();
        for (auto const& [name, value] : made.environment) know("ENV_" + name, value);
        return true;
    }

    bool make_name(ProcessSettings& made) {
        return put("process_name", program_.process_name, made.name);
    }

    bool make_log(std::string_view option, LogSettings const& log, LogTarget& target) {
        target = log.logfile;
        if (target.kind != LogTarget::Kind::file) return true;
        std::string text;
        if (!put(option, target.path, text)) return false;
        target = parse_log_target(text);
        if (target.kind != LogTarget::Kind::file) return true;
        auto path = parse_file_path(world_, text, base_);
        if (!path) return fail(option, text, std::move(path).error(), false);
        target.path = std::move(path).take();
        return true;
    }

    bool make_command(ProcessSettings& made) {
        if (!put("command", program_.command, made.command)) return false;
        auto argv = text::split_words(made.command);
        if (!argv) {
            made.command_error = "can't parse command " + text::python::repr(made.command) + ": " +
                                 argv.error().what;
        } else if (argv->empty()) {
            made.command_error = "command is empty";
        } else {
            made.argv = std::move(argv).take();
        }
        return true;
    }

    bool make_varying(ProcessSettings& made) {
        if (program_.varying.empty()) {
            take_from(program_, made);
            return true;
        }
        ProgramDraft draft{.program = program_};
        for (auto const& [option, text] : program_.varying)
            if (!read_varying(draft, option, text)) return false;
        take_from(draft.program, made);
        return true;
    }

    bool read_varying(ProgramDraft& draft, std::string const& option, std::string const& text) {
        std::string value;
        if (!put(option, text, value)) return false;
        for (auto const& row : program_rows()) {
            if (row.name != option) continue;
            std::string remark;
            Reading reading{
                world_, row.name, row.slot.words.unit, row.range, (row.traits & ours) != 0, remark};
            auto done = row.slot.read(reading, value, draft);
            return done || fail(option, value, done.error(), false);
        }
        return true;
    }

    static void take_from(Program const& program, ProcessSettings& made) {
        made.directory = program.directory;
        made.environment_files = program.environment_files;
        made.ready = program.ready;
        made.alive = program.alive;
        made.pre_start = program.pre_start;
        made.post_start = program.post_start;
        made.pre_stop = program.pre_stop;
        made.post_stop = program.post_stop;
    }

    World const& world_;
    std::string const& base_;
    Program const& program_;
    text::Names names_;
};

}  // namespace

bool holds_process_num(std::string_view process_name) {
    return process_name.find("%(process_num)") != process_name.npos;
}

std::string section_name(Program const& program) {
    switch (program.kind) {
    case ProgramKind::program:
        return "program:" + program.name;
    case ProgramKind::eventlistener:
        return "eventlistener:" + program.name;
    case ProgramKind::fcgi_program:
        return "fcgi-program:" + program.name;
    case ProgramKind::task:
        return "task:" + program.name;
    }
    return program.name;
}

text::Names environment_names(World const& world, text::Variables const& of_supervisord) {
    text::Names names;
    names.own["host_node_name"] = world.host_name;
    for (auto const& [name, value] : world.environment) names.own["ENV_" + name] = value;
    for (auto const& [name, value] : of_supervisord) names.own["ENV_" + name] = value;
    return names;
}

std::vector<std::pair<std::string, std::string>> comment_signs() {
    return {{"semicolon", ";"}, {"hash", "#"}};
}

std::string const& log_base(Daemon const& daemon, World const& world) {
    bool moves = !daemon.nodaemon && !daemon.directory.empty();
    return moves ? daemon.directory : world.directory;
}

Made make_processes(World const& world, text::Names const& names, std::string const& here,
                    std::string const& base, Program const& program, std::string const& group,
                    int numprocs) {
    Made made;
    Maker maker(world, names, base, program);
    maker.know("here", here);
    maker.know("program_name", program.name);
    maker.know("group_name", group);
    maker.know("numprocs", long(numprocs));
    if (program.kind == ProgramKind::task)
        for (auto const& [name, value] : comment_signs()) maker.know(name, value);
    if (program.kind == ProgramKind::task) maker.know("task_name", program.name);
    for (int i = 0; i < numprocs; ++i) {
        auto process = maker.make(group, program.numprocs_start + i);
        if (!process) {
            made.fault = std::move(maker.fault);
            return made;
        }
        made.processes.push_back(std::move(*process));
    }
    return made;
}

Result<std::vector<ProcessSettings>> expand_processes(Settings const& settings, World const& world,
                                                      Program const& program,
                                                      std::string const& group, int numprocs) {
    bool needs_number = numprocs > 1 && !holds_process_num(program.process_name);
    if (needs_number) return Error{Error::Kind::invalid, std::string(needs_process_num)};
    auto names = environment_names(world, settings.daemon.environment);
    auto made = make_processes(world, names, settings.here, log_base(settings.daemon, world),
                               program, group, numprocs);
    if (made.fault) {
        std::string suffix = in_section(section_name(program), program.file);
        made.fault->error.what.append(suffix);
        return std::move(made.fault->error);
    }
    return std::move(made.processes);
}

}  // namespace lares::config
