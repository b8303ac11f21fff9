// daemon/plans.cc: settings translated into spawn requests and log specifications.

#include "daemon/plans.h"

#include <cstdlib>
#include <memory>
#include <unordered_map>

namespace lares::daemon {

namespace {

struct LimitRow {
    std::string_view name;
    int number;
};
// Linux numbers (asm-generic/resource.h), written out because <sys/resource.h> belongs to os/.
constexpr LimitRow limit_rows[] = {
    {"cpu", 0},    {"fsize", 1},       {"data", 2},      {"stack", 3},   {"core", 4},
    {"rss", 5},    {"nproc", 6},       {"nofile", 7},    {"memlock", 8}, {"as", 9},
    {"locks", 10}, {"sigpending", 11}, {"msgqueue", 12}, {"nice", 13},   {"rtprio", 14},
};

/// Variables in the order they came first, each with its last value.
class EnvironmentWriter {
public:
    void put(std::string const& name, std::string const& value) {
        auto [known, fresh] = index_.try_emplace(name, lines_.size());
        if (fresh) lines_.emplace_back();
        lines_[known->second] = name + "=" + value;
    }
    void put_all(text::Variables const& variables) {
        for (auto const& [name, value] : variables) put(name, value);
    }
    std::vector<std::string> done() { return std::move(lines_); }

private:
    std::unordered_map<std::string, std::size_t> index_;
    std::vector<std::string> lines_;
};

std::string search_path(std::vector<std::string> const& environment) {
    for (auto const& line : environment)
        if (line.starts_with("PATH=")) return line.substr(5);
    return "/bin:/usr/bin:/usr/local/bin";
}

/// text/log_lines.h behind the log thread's interface.
class Lines final : public ports::LogTransform {
public:
    explicit Lines(text::LineFormat format) : writer_(std::move(format)) {}
    void write(std::string_view chunk, WallTime now, std::string& out) override {
        writer_.write(chunk, now, out);
    }
    void finish(WallTime now, std::string& out) override { writer_.finish(now, out); }
    std::string save() const override { return writer_.save(); }
    void restore(std::string_view saved) override { writer_.restore(saved); }

private:
    text::LineWriter writer_;
};

std::unique_ptr<ports::LogTransform> transform_for(config::Settings const& settings,
                                                   config::LogSettings const& log,
                                                   std::string const& prefix,
                                                   std::string const& name, bool is_stdout) {
    bool raw = log.format == text::LogFormat::raw && prefix.empty() && !log.timestamp &&
               !settings.daemon.strip_ansi;
    if (raw) return nullptr;
    return std::make_unique<Lines>(text::LineFormat{.format = log.format,
                                                    .prefix = prefix,
                                                    .timestamp = log.timestamp,
                                                    .name = name,
                                                    .stream = is_stdout ? "stdout" : "stderr",
                                                    .strip_ansi = settings.daemon.strip_ansi});
}

}  // namespace

std::optional<int> limit_number(std::string_view name) {
    for (auto const& row : limit_rows)
        if (row.name == name) return row.number;
    return std::nullopt;
}

void request_notify(config::ProcessSettings const& process, ports::SpawnRequest& request) {
    using Kind = config::Probe::Kind;
    bool by_descriptor = process.ready.kind == Kind::notify && !process.ready.target.empty();
    if (by_descriptor) request.notify_fd = std::atoi(process.ready.target.c_str());
    request.notify = process.alive.kind == Kind::notify ||
                     (process.ready.kind == Kind::notify && !by_descriptor);
}

std::optional<ports::CgroupLimits> cgroup_limits(config::Program const& program, std::string name) {
    auto const& cgroup = program.cgroup;
    if (!cgroup.wanted()) return std::nullopt;
    return ports::CgroupLimits{.name = std::move(name),
                               .memory_max = cgroup.memory_max,
                               .memory_high = cgroup.memory_high,
                               .cpu_max_percent = cgroup.cpu_max_percent,
                               .cpu_weight = cgroup.cpu_weight,
                               .pids_max = cgroup.pids_max,
                               .io_weight = cgroup.io_weight};
}

Result<text::Variables> read_environment_files(config::World const& world,
                                               std::vector<std::string> const& files) {
    text::Variables variables;
    for (auto file : files) {
        bool may_be_absent = file.starts_with('-');
        if (may_be_absent) file.erase(0, 1);
        auto content = world.read_file(file);
        if (!content && may_be_absent && content.error().kind == Error::Kind::not_found) continue;
        if (!content) return std::move(content).error().during("environment_file");
        auto parsed = text::parse_environment_file(*content);
        if (!parsed) return std::move(parsed).error().during("environment_file '" + file + "'");
        variables.insert(variables.end(), parsed->begin(), parsed->end());
    }
    return variables;
}

std::string_view hook_name(supervise::Hook hook) {
    switch (hook) {
    case supervise::Hook::pre_start:
        return "pre_start";
    case supervise::Hook::post_start:
        return "post_start";
    case supervise::Hook::pre_stop:
        return "pre_stop";
    case supervise::Hook::post_stop:
        return "post_stop";
    }
    return "";
}

std::string server_url(config::Settings const& settings) {
    for (auto const& server : settings.servers)
        if (server.is_unix) return "unix://" + server.file;
    for (auto const& server : settings.servers) {
        bool wildcard = server.host.empty() || server.host == "*" || server.host == "0.0.0.0" ||
                        server.host == "::";
        bool is_ipv6 = server.host.find(':') != std::string::npos;
        std::string host = wildcard ? "localhost" : is_ipv6 ? "[" + server.host + "]" : server.host;
        std::string scheme = server.certificate.empty() ? "http://" : "https://";
        return scheme + host + ":" + std::to_string(server.port);
    }
    return "";
}

std::vector<std::string> child_environment(ChildContext const& context) {
    auto const& program = context.program;
    EnvironmentWriter writer;
    if (!program.clear_environment) writer.put_all(context.inherited);
    writer.put("SUPERVISOR_ENABLED", "1");
    auto const& url = program.serverurl.empty() ? context.server_url : program.serverurl;
    if (!url.empty()) writer.put("SUPERVISOR_SERVER_URL", url);
    writer.put("SUPERVISOR_PROCESS_NAME", context.process.name);
    writer.put("SUPERVISOR_GROUP_NAME", context.process.group);
    if (program.user_environment && program.user) {
        writer.put("HOME", program.user->home);
        writer.put("USER", program.user->name);
        writer.put("LOGNAME", program.user->name);
        writer.put("SHELL", program.user->shell);
    }
    writer.put_all(context.settings.daemon.environment);
    writer.put_all(context.from_files);
    writer.put_all(context.process.environment);
    return writer.done();
}

ports::SpawnRequest child_request(ChildContext const& context, std::vector<std::string> argv) {
    auto const& program = context.program;
    ports::SpawnRequest request;
    request.name = context.process.name;
    request.argv = std::move(argv);
    request.name = context.process.name;
    request.name = context.process.name;
    request.environment = child_environment(context);
    request.path = search_path(request.environment);
    request.directory = context.process.directory;
    request.umask = program.umask;
    if (program.user)
        request.user =
            ports::SpawnRequest::Identity{program.user->uid, program.user->gid, program.user->name};
    for (auto const& limit : program.limits)
        if (auto number = limit_number(limit.name))
            request.limits.push_back({*number, limit.soft, limit.hard});
    request.nice = program.nice;
    request.oom_score_adj = program.oom_score_adj;
    request.cpu_affinity = program.cpu_affinity;
    return request;
}

bool wants_output(config::Program const& program, bool is_stdout) {
    bool is_listener = program.kind == config::ProgramKind::eventlistener;
    return (is_stdout ? program.out : program.err).events_enabled || (is_listener && is_stdout);
}

ports::LogSpec log_spec(config::Settings const& settings, config::Program const& program,
                        config::ProcessSettings const& process, bool is_stdout, std::string path) {
    auto const& log = is_stdout ? program.out : program.err;
    auto const& target = is_stdout ? process.out : process.err;
    auto const& prefix = is_stdout ? process.out_prefix : process.err_prefix;
    using Kind = config::LogTarget::Kind;

    ports::LogSpec spec;
    spec.kind = path.empty() ? ports::LogSpec::Kind::none : ports::LogSpec::Kind::file;
    if (target.kind == Kind::syslog) spec.kind = ports::LogSpec::Kind::syslog;
    if (target.kind == Kind::journald) spec.kind = ports::LogSpec::Kind::journald;
    spec.path = std::move(path);
    spec.mode = target.kind == Kind::automatic ? 0600 : 0666;
    spec.maxbytes = log.maxbytes;
    spec.backups = log.backups;
    spec.rotate_every = log.rotate_every;
    spec.compress = log.compress;
    spec.keep_for = log.keep_for;
    spec.keep_bytes = log.keep_bytes;
    spec.syslog_name = process.name;
    spec.stream = is_stdout ? "stdout" : "stderr";
    spec.also_syslog = log.syslog;
    spec.tap = wants_output(program, is_stdout);
    spec.capture_maxbytes = log.capture_maxbytes;
    spec.transform = transform_for(settings, log, prefix, process.name, is_stdout);
    return spec;
}

}  // namespace lares::daemon
