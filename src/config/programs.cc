// config/programs.cc: one program section, from its rows to a Program.
//
// The order of the checks is supervisord's, so that its first complaint is our first.

#include "config/programs.h"

#include <algorithm>

#include "base/limits.h"
#include "config/processes.h"
#include "text/nearest.h"
#include "text/python.h"

namespace lares::config {

namespace {

constexpr int most_backlog = 65535;
/// Event listeners start before and stop after all others.
constexpr int listener_group_priority = -1;

/// One section on its way; its parts share the reader and the draft.
class ProgramReader {
public:
    ProgramReader(ProgramWorld const& world, text::IniSection const& section, ProgramKind kind,
                  std::string const& group, bool in_group)
        : world_(world),
          reader_(world.context, section),
          draft_(world.defaults),
          group_(group),
          in_group_(in_group) {
        draft_.program.kind = kind;
        draft_.program.place = section.place;
        draft_.program.file = reader_.file();
        reader_.set_classic([this](auto option, auto value, auto const& words) {
            return classic(option, value, words);
        });
    }

    std::optional<ReadProgram> read() {
        auto name = read_name();
        if (!name) return std::nullopt;
        program().name = *name;
        reader_.know("program_name", *name);
        reader_.know("group_name", group_);
        if (program().kind == ProgramKind::eventlistener) read_listener();
        if (program().kind == ProgramKind::fcgi_program) read_fastcgi();
        reader_.read(program_rows(), draft_);
        reader_.report_unknown(/*section_is_ours=*/false);
        check_numprocs();
        check_groups();
        put_together();
        make_processes();
        finish_probes();
        warn_about_logs();
        return ReadProgram{std::move(program()), std::move(process_names_), group_priority()};
    }

private:
    Program& program() { return draft_.program; }
    bool has(std::string_view option) const { return reader_.find(option) != nullptr; }

    std::string suffix() const { return in_section(reader_.name(), reader_.file()); }

    void error(std::string_view option, Finding finding) {
        reader_.error(reader_.place_of(option), std::move(finding));
    }

    /// supervisord reads some options before it comes to the part that adds the section.
    std::string classic(std::string_view option, std::string_view value, std::string const& words) {
        std::string title = "[" + reader_.name() + "]";
        if (option == "priority" && !in_group_) return words;
        if (option == "events" && words.starts_with("Unknown"))
            return words + " in " + title + " events";
        if (option == "socket_mode" || option == "socket_owner")
            return "Invalid " + std::string(option) + " value " + std::string(value);
        bool is_early = option == "events" || option == "buffer_size" ||
                        option == "result_handler" || option == "socket" ||
                        option == "socket_backlog";
        bool is_fastcgi_user = option == "user" && draft_.program.kind == ProgramKind::fcgi_program;
        return is_early || is_fastcgi_user ? words : words + suffix();
    }

    std::optional<std::string> read_name() {
        auto const& section = reader_.name();
        auto name = parse_name(section.substr(section.find(':') + 1));
        if (name) return *name;
        bool is_listener = draft_.program.kind == ProgramKind::eventlistener;
        reader_.error(reader_.place(),
                      {"the name in [" + section + "] must have no space, ':' or '/'", "",
                       name.error().what + (is_listener ? suffix() : "")});
        return std::nullopt;
    }

    int group_priority() const {
        bool is_listener = draft_.program.kind == ProgramKind::eventlistener;
        return is_listener && !has("priority") ? listener_group_priority : draft_.program.priority;
    }

    // ---- what only listeners have

    void read_listener() {
        reader_.read(eventlistener_rows(), draft_);
        std::string title = "[" + reader_.name() + "]";
        if (program().buffer_size < 1) {
            std::string number = std::to_string(program().buffer_size);
            error("buffer_size", {"buffer_size = " + number + ": must be 1 or more", "",
                                  title + " section sets invalid buffer_size (" + number + ")"});
        }
        bool built_in = program().result_handler == default_handler ||
                        program().result_handler == printing_handler;
        if (!built_in)
            reader_.warning(reader_.place_of("result_handler"),
                            {"result_handler = " + shown(program().result_handler) +
                                 ": Python plug-ins cannot be loaded; OK is taken for done and "
                                 "anything else for a rejection",
                             "built in are " + std::string(default_handler) + " and " +
                                 std::string(printing_handler)});
        auto const* events = reader_.find("events");
        if (!events || events->value.empty())
            error("events", {title + " needs an 'events' line", "such as events=PROCESS_STATE",
                             title + " section requires an \"events\" line"});
    }

    void check_listener_redirects() {
        if (program().kind != ProgramKind::eventlistener || !program().redirect_stderr) return;
        error("redirect_stderr",
              {"redirect_stderr must be no: standard output speaks the event protocol", "",
               "[" + reader_.name() +
                   "] section sets redirect_stderr=true but this is not allowed because it will "
                   "interfere with the eventlistener protocol"});
    }

    // ---- what only FastCGI programs have

    void read_fastcgi() {
        reader_.read(fcgi_rows(), draft_);
        if (!program().socket_owner.empty() &&
            !parse_owner(world_.context.world, program().socket_owner))
            error("socket_owner",
                  {"socket_owner = " + shown(program().socket_owner) + ": no such user or group",
                   "", "Invalid socket_owner value " + program().socket_owner});
        int backlog = program().socket_backlog;
        if (has("socket_backlog") && (backlog < 1 || backlog > most_backlog))
            error("socket_backlog", {"socket_backlog must be 1 to 65535", "",
                                     "Invalid socket_backlog value " + std::to_string(backlog)});
        check_socket();
    }

    void check_socket() {
        std::string title = "[" + reader_.name() + "]";
        if (program().socket.empty()) {
            error("socket", {title + " needs a 'socket' line",
                             "such as socket=unix:///run/x.sock or socket=tcp://localhost:9000",
                             title + " section requires a \"socket\" line"});
            return;
        }
        auto socket = parse_fastcgi_socket(program().socket);
        if (!socket) {
            error("socket", {"socket = " + shown(program().socket) +
                                 ": must be tcp://HOST:PORT or unix:///PATH",
                             "", socket.error().what + " in " + title + " socket"});
            return;
        }
        bool for_unix = has("socket_owner") || has("socket_mode");
        if (!socket->is_unix && for_unix)
            error("socket", {"socket_owner and socket_mode are for unix sockets only", "",
                             "socket_owner and socket_mode params should only be used with a Unix "
                             "domain socket in " +
                                 title + " socket"});
    }

    // ---- checks between options

    void check_numprocs() {
        check_listener_redirects();
        if (program().numprocs > limits::processes) {
            error("numprocs", {"numprocs = " + std::to_string(program().numprocs) +
                               ": one daemon runs at most " + std::to_string(limits::processes) +
                               " processes"});
            program().numprocs = 0;
        }
        if (program().numprocs > 1 && !holds_process_num(program().process_name)) {
            error(has("process_name") ? "process_name" : "numprocs",
                  {"with numprocs above 1 process_name must hold %(process_num)",
                   "such as process_name=%(program_name)s_%(process_num)02d",
                   std::string(needs_process_num) + suffix()});
            program().numprocs = 1;
        }
    }

    void check_groups() {
        if (program().stopasgroup && !draft_.killasgroup.value_or(true))
            error("killasgroup",
                  {"stopasgroup = yes with killasgroup = no would leave children behind",
                   "leave killasgroup out",
                   "Cannot set stopasgroup=true and killasgroup=false" + suffix()});
    }

    void put_together() {
        settle_stop(draft_);
        auto& policy = program().policy;
        policy.startsecs = std::max(policy.startsecs, Duration(0));
        program().on_exit = draft_.on_exit.value_or(world_.daemon.on_exit);
        program().on_fatal = draft_.on_fatal.value_or(world_.daemon.on_fatal);
        program().remember = draft_.remember.value_or(world_.daemon.remember);
        program().on_orphan = draft_.on_orphan.value_or(world_.daemon.on_orphan);
        if (text::python::lower(text::python::strip(program().serverurl)) == "auto")
            program().serverurl.clear();
        if (program().kind == ProgramKind::eventlistener)
            program().out.capture_maxbytes = 0;  // accepted and ignored by supervisord
        for (auto* hook : {&program().pre_start, &program().post_start, &program().pre_stop,
                           &program().post_stop})
            hook->time_limit = draft_.hook_timeout;
        set_format("stdout", program().out, draft_.out_format);
        set_format("stderr", program().err, draft_.err_format);
        program().varying = reader_.take_varying();
    }

    /// A prefix or a time can only stand before lines, so they make the format text.
    void set_format(std::string const& stream, LogSettings& log,
                    std::optional<text::LogFormat> const& format) {
        bool has_lines = !log.prefix.empty() || log.timestamp;
        log.format = format.value_or(has_lines ? text::LogFormat::text : text::LogFormat::raw);
        if (has_lines && log.format == text::LogFormat::raw)
            error(stream + "_format", {stream + "_format = raw keeps bytes as they are: no prefix "
                                                "and no timestamp",
                                       "write text or json"});
    }

    // ---- the processes

    void make_processes() {
        bool has_command = has("command");
        if (!has_command && program().numprocs > 0)
            reader_.error(reader_.place(), {"[" + reader_.name() + "] has no command", "",
                                            "program section " + reader_.name() +
                                                " does not specify a command" + suffix()});
        auto made = config::make_processes(
            world_.context.world, world_.context.names, world_.context.here,
            log_base(world_.daemon, world_.context.world), program(), group_, program().numprocs);
        if (made.fault) report_fault(*made.fault);
        if (made.fault || made.processes.empty()) return;
        first_ = made.processes.front();
        for (auto& process : made.processes) process_names_.push_back(std::move(process.name));
        take_first();
    }

    void report_fault(Fault const& fault) {
        if (fault.in_expansion) {
            reader_.report_expansion(fault.option, fault.value, fault.error);
            return;
        }
        std::string what = fault.option + " = " + shown(fault.value) + ": " + fault.error.what;
        bool is_log = fault.option.ends_with("_logfile");
        if (is_log)
            what = fault.option + " = " + shown(fault.value) +
                   ": the directory of this file does not exist";
        bool is_theirs = is_log || fault.option == "environment";
        error(fault.option, {what, is_log ? "make it first, or write AUTO or NONE" : "",
                             is_theirs ? fault.error.what + suffix() : ""});
    }

    /// Options that vary hold the first process's value here.
    void take_first() {
        program().directory = first_->directory;
        program().environment_files = first_->environment_files;
        program().ready = first_->ready;
        program().alive = first_->alive;
        program().pre_start = first_->pre_start;
        program().post_start = first_->post_start;
        program().pre_stop = first_->pre_stop;
        program().post_stop = first_->post_stop;
    }

    void finish_probes() {
        auto& policy = program().policy;
        bool varies =
            std::ranges::count(program().varying, "ready", &text::Variables::value_type::first) > 0;
        bool waits = program().ready.kind != Probe::Kind::none || varies;
        if (waits) policy.ready_within = draft_.ready_within;
        if (program().ready.after > draft_.ready_within)
            error("ready",
                  {"ready = after " + text::print_duration(program().ready.after) +
                       ": longer than ready_within, " + text::print_duration(draft_.ready_within),
                   "raise ready_within"});
        for (std::string_view option : {"ready_within", "ready_every", "ready_timeout"})
            if (!waits && has(option))
                reader_.warning(reader_.place_of(option),
                                {std::string(option) + " does nothing without 'ready'"});
        policy.has_pre_start = !program().pre_start.argv.empty();
        policy.has_post_start = !program().post_start.argv.empty();
        policy.has_pre_stop = !program().pre_stop.argv.empty();
        policy.has_post_stop = !program().post_stop.argv.empty();
    }

    // ---- supervisord's warnings

    void warn_about_logs() {
        if (!first_) return;
        warn_about_log("stdout", program().out, first_->out);
        warn_about_log("stderr", program().err, first_->err);
        bool is_lost =
            program().redirect_stderr && program().err.logfile.kind == LogTarget::Kind::file;
        if (is_lost)
            reader_.warning(reader_.place_of("stderr_logfile"),
                            {"with redirect_stderr the stderr_logfile is ignored", "",
                             "For [" + reader_.name() +
                                 "], redirect_stderr=true but stderr_logfile has also been set to "
                                 "a filename, the filename has been ignored"});
    }

    void warn_about_log(std::string const& stream, LogSettings& log, LogTarget const& target) {
        std::string option = stream + "_logfile";
        if (target.kind == LogTarget::Kind::syslog) {
            log.syslog = true;
            reader_.warning(reader_.place_of(option),
                            {option + " = syslog is old; write " + stream + "_syslog=true", "",
                             "For [" + reader_.name() + "], " + option +
                                 "=syslog but this is deprecated and will be removed.  Use " +
                                 stream + "_syslog=true to enable syslog instead."});
        }
        if (target.kind == LogTarget::Kind::automatic && log.maxbytes == 0)
            reader_.warning(reader_.place_of(option + "_maxbytes"),
                            {option + " is AUTO and never rotated: it may fill the disk", "",
                             "For [" + reader_.name() + "], AUTO logging used for " + option +
                                 " without rollover, set maxbytes > 0 to avoid filling up "
                                 "filesystem unintentionally"});
    }

    ProgramWorld const& world_;
    SectionReader reader_;
    ProgramDraft draft_;
    std::string const& group_;
    bool in_group_;
    std::optional<ProcessSettings> first_;
    std::vector<std::string> process_names_;
};

}  // namespace

ProgramDraft program_defaults(World const& world) {
    ProgramDraft draft;
    read_defaults(world, program_rows(), draft);
    read_defaults(world, eventlistener_rows(), draft);
    read_defaults(world, fcgi_rows(), draft);
    // "AUTO" in the row is what the field calls empty.
    draft.program.serverurl.clear();
    return draft;
}

std::optional<ReadProgram> read_program(ProgramWorld const& world, text::IniSection const& section,
                                        ProgramKind kind, std::string const& group, bool in_group) {
    return ProgramReader(world, section, kind, group, in_group).read();
}

void settle_stop(ProgramDraft& draft) {
    auto& program = draft.program;
    program.killasgroup = draft.killasgroup.value_or(program.stopasgroup);
    auto& ladder = program.policy.stop_ladder;
    ladder = finish_ladder(std::move(ladder), draft.stopwaitsecs);
}

std::string name_of_section(text::IniSection const& section) {
    std::size_t colon = section.name.find(':');
    if (colon == std::string::npos) return "";
    return std::string(text::python::strip(std::string_view(section.name).substr(colon + 1)));
}

}  // namespace lares::config
