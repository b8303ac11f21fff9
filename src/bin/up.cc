// bin/up.cc: the parts of a daemon, in the order in which they must come to be.
//
// Read, check, become who we shall be, raise limits, detach, block signals, then threads; sockets
// before the pid file, so that a second daemon finds the first and touches nothing of it.

#include "bin/up.h"

#include <fmt/core.h>
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <random>

#include "base/limits.h"
#include "bin/above.h"
#include "bin/world.h"
#include "config/bundle.h"
#include "config/load.h"
#include "daemon/daemon.h"
#include "net/http_server.h"
#include "net/probes.h"
#include "net/sha1.h"
#include "net/sha256.h"
#include "os/clock.h"
#include "os/console.h"
#include "os/daemonize.h"
#include "os/durable_file.h"
#include "os/files.h"
#include "os/folders.h"
#include "os/identity.h"
#include "os/intake.h"
#include "os/ledger.h"
#include "os/log_auto.h"
#include "os/log_mover.h"
#include "os/loop.h"
#include "os/memory.h"
#include "os/password.h"
#include "os/pidfile.h"
#include "os/private_directory.h"
#include "os/process_memory.h"
#include "os/processes.h"
#include "os/resource_limits.h"
#include "os/signals.h"
#include "os/sockets.h"
#include "os/store_file.h"
#include "os/usage.h"
#include "os/worker.h"
#include "os/zones.h"
#include "store/sqlite.h"

namespace lares::bin {

namespace {

constexpr int not_started = 2;
constexpr Duration trim_after{2'000};
/// From the answer to an upgrade until the daemon ends.
constexpr Duration time_to_answer{20};

void say(std::string_view text) { os::write_all(STDERR_FILENO, text); }

/// For "For help, use ...".
std::string name_of(cli::UpRequest const& request, Invocation const& invocation) {
    return request.program.empty() ? invocation.arguments[0] : request.program;
}

/// supervisord's two lines, which scripts look for.
int refuse(std::string const& program, std::string_view words) {
    say(fmt::format("Error: {}\nFor help, use {} -h\n", words, program));
    return not_started;
}

std::optional<std::string> find_configuration(cli::UpRequest const& request,
                                              config::World const& world,
                                              std::vector<std::string>& searched) {
    if (request.config) {
        auto path = *request.config;
        if (!path.starts_with('/')) path = world.directory + "/" + path;
        return path;
    }
    searched = config::default_paths(os::program_directory(), world.directory);
    for (auto const& path : searched)
        if (world.read_file(path)) return path;
    return std::nullopt;
}

std::string join(std::vector<std::string> const& paths) {
    std::string all;
    for (auto const& path : paths) all += (all.empty() ? "" : ", ") + path;
    return all;
}

/// Everything found, each with its place; then what it means.
int report(config::Loaded const& loaded, std::string const& program) {
    std::size_t errors = 0;
    std::string first, details;
    for (auto const& diagnostic : loaded.found) {
        details += text::format(diagnostic, loaded.sources, "lares: ");
        if (diagnostic.severity != text::Severity::error) continue;
        errors += 1;
        if (errors == 1) first = diagnostic.classic.empty() ? diagnostic.what : diagnostic.classic;
    }
    (void)refuse(program, first);
    say(details);
    say(fmt::format("lares: {} error{}, nothing was started\n", errors, errors == 1 ? "" : "s"));
    return not_started;
}

/// What the log should hold of the reading: warnings, then which files were included.
std::vector<daemon::StartNote> notes_of(config::Loaded const& loaded) {
    std::vector<daemon::StartNote> notes;
    for (auto const& diagnostic : loaded.found) {
        auto line = text::format(diagnostic, loaded.sources, "");
        notes.push_back({daemon::Level::warning, line.substr(0, line.find('\n'))});
    }
    for (auto const& note : loaded.notes) notes.push_back({daemon::Level::info, note});
    return notes;
}

/// The daemon and its world. Members are destroyed in the opposite order: first who uses the loop.
class Assembly {
public:
    Assembly(config::World const& world, std::unique_ptr<config::Settings> settings,
             config::Bundle read_from, bool echo, std::optional<ports::Limit> files_limit,
             Above& above)
        : world_(world),
          above_(above),
          listeners_(above.store()),
          remembered_path_(settings->daemon.state_directory + "/remembered"),
          access_path_(settings->daemon.state_directory + "/access"),
          memory_(settings->daemon.state_directory, os::boot_id()),
          clock_(loop_, inbox_),
          logs_(
              inbox_, [this](std::function<void()> action) { loop_.post(std::move(action)); },
              above.store()),
          sockets_(above.store()),
          processes_(loop_, inbox_, logs_,
                     {.files_limit = files_limit,
                      .adopt_orphans = ::getpid() == 1,
                      .keeper = above.link.get(),
                      .sockets = &sockets_}),
          folders_(loop_, inbox_),
          worker_(loop_),
          probes_(net::make_probes(loop_, inbox_)),
          wire_(net::make_http_server(loop_, inbox_, listeners_)),
          store_(store::make_sqlite(
              {.path = settings->work.database}, inbox_,
              [this](std::function<void()> action) { loop_.post(std::move(action)); })),
          zones_(os::make_zones(os::machine_zones())),
          intake_(loop_, inbox_),
          signals_(loop_, inbox_, on_child()),
          daemon_(doors(std::move(read_from), echo), std::move(settings)) {
        inbox_.daemon = &daemon_;
        loop_.before_sleep([this] { daemon_.turn(); });
        if (above_.link) listen_to_keeper();
    }

    /// Work under way uses what is the daemon's, which goes first.
    ~Assembly() {
        worker_.end();
        if (above_.link) above_.link->stop();
    }
    Assembly(Assembly const&) = delete;
    Assembly& operator=(Assembly const&) = delete;

    daemon::Daemon& daemon() { return daemon_; }
    /// Listeners that a predecessor left and nobody took over are let go.
    void drop_unwanted() { net::drop_unwanted_listeners(listeners_); }
    void tell_keeper_ready() {
        if (above_.link && !std::exchange(is_ready_, true)) above_.link->ready();
    }
    int run() {
        tell_keeper_ready();
        // Reading the configuration leaves the heap full of holes.
        loop_.at(os::Loop::now() + trim_after, os::return_unused_memory);
        loop_.run();
        return daemon_.exit_code();
    }
    /// Sends what was logged so far to the files, when the daemon could not start.
    void flush_logs() {
        logs_.flush([this] { loop_.stop(); });
        loop_.run();
    }

private:
    /// What happens before the daemon is there is nobody's.
    struct Inbox final : ports::Inbox {
        void push(ports::Event event) override {
            if (daemon != nullptr) daemon->push(std::move(event));
        }
        daemon::Daemon* daemon = nullptr;
    };

    void listen_to_keeper() {
        above_.link->start(
            loop_, {.ended_child = [this](int pid) { processes_.on_ended_child(pid); },
                    .trouble = [this](std::string const& words) { daemon_.log().error(words); }});
    }

    daemon::Doors doors(config::Bundle read_from, bool echo) {
        if (above_.link) upgrades_.emplace(*above_.link, [this] { end_soon(); });
        return {
            .clock = clock_,
            .processes = processes_,
            .logs = logs_,
            .probes = *probes_,
            .folders = folders_,
            .sockets = sockets_,
            .worker = worker_,
            .wire = *wire_,
            .memory = memory_,
            .store = *store_,
            .zones = *zones_,
            .intake = intake_,
            .world = world_,
            .clean_auto_logs =
                [](config::Settings const& settings) {
                    // What cannot be deleted stays; it stops nobody.
                    if (!settings.daemon.nocleanup)
                        (void)os::delete_auto_logs(settings.daemon.childlogdir,
                                                   settings.daemon.identifier);
                },
            .hashes = {.sha1 = net::sha1_hex, .sha256 = net::sha256_hex},
            .fits_password = os::fits_password,
            .salt = os::random_salt(),
            .finished = [this] { loop_.stop(); },
            .keeper = upgrades_ ? &*upgrades_ : nullptr,
            .applied = std::move(read_from),
            .write_file = os::store_file,
            .remove_file = os::remove_file,
            .own_pid = ::getpid(),
            .echo = echo,
            .seed = std::random_device{}(),
            .is_successor = above_.store().is_successor(),
            .remembered = remembered(),
            .write_remembered =
                [path = remembered_path_](std::string const& text) {
                    return os::replace_durably(path, text);
                },
            .boot_id = os::boot_id(),
            .host = os::host_name(),
            .sha256_of_bytes = net::sha256_hex,
            .hash_password = os::hash_password,
            .measure = os::measure_processes,
            .loop_figures = [this] { return loop_.figures(); },
            .random = os::random_salt,
            .access = access(),
            .read_tail = os::read_tail,
            .deliver_program = deliver_program(),
            .no_deliver_program = no_deliver_program(),
            .memory_of_tree = os::memory_of_tree,
        };
    }

    /// Nothing, when there is no such file.
    std::string remembered() const {
        auto text = os::read_file(remembered_path_, limits::config_bytes);
        return text ? *text : "";
    }

    /// Who may in beside the accounts of the configuration. A file that is there and cannot be read
    /// is no empty one: it gives words that nobody's name is in.
    std::string access() const {
        if (::access(access_path_.c_str(), F_OK) != 0) return "";
        auto text = os::read_file(access_path_, limits::config_bytes);
        return text ? *text : "?";
    }

    static std::string beside_us() { return os::program_directory() + "/lares-deliver"; }

    /// lares-deliver, which lies beside us; nothing when it does not.
    static std::string deliver_program() {
        auto path = beside_us();
        return ::access(path.c_str(), X_OK) == 0 ? path : "";
    }

    static std::string no_deliver_program() {
        auto path = beside_us();
        bool const is_there = ::access(path.c_str(), F_OK) == 0;
        return "'" + path + "', which sends messages, " +
               (is_there ? "may not be executed; allow it"
                         : "is not there; install it beside lares") +
               ", then run 'lares upgrade': messages wait meanwhile, and no program stops";
    }

    /// Orphans come to process 1 alone.
    std::function<void()> on_child() {
        if (::getpid() != 1) return {};
        return [this] { processes_.reap_orphans(); };
    }

    /// As kill -9 would: the road of an upgrade is the one that is walked after every crash.
    void end_soon() {
        logs_.flush(
            [this] { loop_.at(os::Loop::now() + time_to_answer, [] { (void)::raise(SIGKILL); }); });
    }

    config::World const& world_;
    Above& above_;
    bool is_ready_ = false;
    std::optional<Upgrades> upgrades_;
    Listeners listeners_;
    std::string remembered_path_;
    std::string access_path_;
    os::Ledger memory_;
    Inbox inbox_;
    os::Loop loop_;
    os::SystemClock clock_;
    os::LogMover logs_;
    os::Sockets sockets_;
    os::Processes processes_;
    os::Folders folders_;
    os::Worker worker_;
    std::unique_ptr<ports::Probes> probes_;
    std::unique_ptr<ports::Wire> wire_;
    std::unique_ptr<ports::Store> store_;
    std::unique_ptr<ports::Zones> zones_;
    os::Intake intake_;
    os::SignalSource signals_;
    daemon::Daemon daemon_;
};

/// Becomes the user, takes the limits and the folder that [supervisord] asks for.
Result<ports::Limit> prepare_process(config::Settings const& settings,
                                     std::vector<daemon::StartNote>& notes) {
    auto const& daemon = settings.daemon;
    auto raised = TRY(os::raise_limits(daemon.minfds, daemon.minprocs));
    for (auto const& note : raised.notes) notes.push_back({daemon::Level::info, note});
    // Six a process (stdin, two pipes, two logs, a pidfd) and some for ourselves and clients.
    std::int64_t processes = 0;
    for (auto const& program : settings.programs) processes += program.numprocs;
    os::allow_open_files(6 * processes + std::int64_t{2} * limits::http_connections);
    os::DirectoryOwner owner;  // made before we become a user who could not
    if (daemon.user) owner = {.uid = daemon.user->uid, .gid = daemon.user->gid};
    if (auto made = os::make_private_directory(daemon.state_directory, owner); !made)
        notes.push_back({daemon::Level::warning,
                         made.error().what + "; nothing is kept that would outlive the daemon"});
    if (daemon.user) {
        TRY(os::become_user(daemon.user->name, daemon.user->uid, daemon.user->gid));
        notes.push_back(
            {daemon::Level::info, fmt::format("Set uid to user {} succeeded", daemon.user->uid)});
    }
    TRY(os::set_umask_and_directory(daemon.umask, daemon.directory));
    return raised.files_for_children;
}

/// Opens everything, starts everything, runs until the end. Threads exist from here on.
int serve(Assembly& assembly, std::string const& program, std::string const& pidfile,
          std::optional<os::Detachment>& detachment, std::vector<daemon::StartNote> const& notes) {
    auto& daemon = assembly.daemon();
    auto listening = daemon.prepare();
    if (listening) listening = daemon.listen();
    if (!listening) {
        assembly.flush_logs();
        return refuse(program, listening.error().what);
    }
    assembly.drop_unwanted();
    if (auto written = os::write_pidfile(pidfile, ::getpid()); !written)
        daemon.log().error(written.error().what);
    if (detachment) {
        // Whoever waits for the command to return may kill us at once: then we are started again.
        assembly.tell_keeper_ready();
        if (auto done = detachment->finish(); !done) return refuse(program, done.error().what);
    }
    daemon.start(notes);
    int status = assembly.run();
    (void)os::remove_pidfile(pidfile, ::getpid());
    return status;
}

int run_daemon(cli::UpRequest const& request, Invocation const& invocation,
               config::World const& world, config::Loaded loaded, config::Bundle read_from) {
    std::string const program = name_of(request, invocation);
    auto settings = std::make_unique<config::Settings>(std::move(*loaded.settings));
    auto notes = notes_of(loaded);
    loaded = {};  // the texts of the files are not needed any more

    auto origin = own_origin();
    auto prepared = prepare_process(*settings, notes);
    if (!prepared) return refuse(program, prepared.error().what);
    bool background = request.ground == cli::Ground::background ||
                      (request.ground == cli::Ground::as_configured && !settings->daemon.nodaemon);
    if (invocation.inherited) background = invocation.inherited->background;
    std::optional<os::Detachment> detachment;
    if (background && !invocation.inherited) {
        auto begun = os::Detachment::begin();
        if (!begun) return refuse(program, begun.error().what);
        detachment = std::move(begun).take();
    }
    auto above = find_keeper(request, invocation, background, *prepared, origin);
    if (!above) return refuse(program, above.error().what);
    origin.directory.reset();
    if (!settings->daemon.nocleanup && !(*above)->store().is_successor())
        (void)os::delete_auto_logs(settings->daemon.childlogdir, settings->daemon.identifier);
    auto pidfile = settings->daemon.pidfile;
    bool echo = !background && !settings->daemon.silent;
    Assembly assembly(world, std::move(settings), std::move(read_from), echo, *prepared, **above);
    return serve(assembly, program, pidfile, detachment, notes);
}

}  // namespace

int up(cli::UpRequest const& request, Invocation const& invocation) {
    std::string const program = name_of(request, invocation);
    os::block_signals();
    // Two arenas: each keeps pages of its own, and most of our threads allocate little; but with
    // one alone the loop and the writer of the database would wait for each other at every row.
    ::mallopt(M_ARENA_MAX, 2);
    auto world = real_world();
    std::vector<std::string> searched;
    auto path = find_configuration(request, world, searched);
    if (!path)
        return refuse(program,
                      fmt::format("No config file found at default paths ({}); use the -c option "
                                  "to specify a config file at a different path",
                                  join(searched)));
    config::Bundle read_from;
    // One that follows another goes on with what was applied, whatever the files hold by now.
    auto loaded = invocation.inherited
                      ? config::load_applied(world, *path, request.overrides, read_from)
                      : config::load_recorded(world, *path, request.overrides, read_from);
    if (!loaded.settings) return report(loaded, program);
    return run_daemon(request, invocation, world, std::move(loaded), std::move(read_from));
}

}  // namespace lares::bin
