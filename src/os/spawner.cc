// os/spawner.cc: from a request to a running process, on a thread of its own.

#include "os/spawner.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "base/check.h"
#include "os/child_files.h"
#include "os/command.h"
#include "os/system_error.h"
#include "os/users.h"

namespace lares::os {

namespace {

/// How long a user's groups are taken for known: a restart storm must not become one of lookups.
constexpr Duration groups_kept = std::chrono::seconds(60);
constexpr std::size_t groups_users = 1'000;
/// And how long the file of the last command.
constexpr Duration command_kept{1'000};
enum Slot { slot_in, slot_out, slot_err, slot_notify, slot_progress, slot_cgroup, slot_count };

/// Pointers to C strings as exec wants them; the strings must outlive it.
std::vector<char*> pointers(std::vector<std::string> const& strings) {
    std::vector<char*> out;
    out.reserve(strings.size() + 1);
    for (std::string const& text : strings) out.push_back(const_cast<char*>(text.c_str()));
    out.push_back(nullptr);
    return out;
}

unsigned long limit_value(std::int64_t value) {
    return value < 0 ? RLIM_INFINITY : static_cast<unsigned long>(value);
}

std::vector<unsigned long> affinity_mask(std::vector<int> const& processors) {
    constexpr int bits = sizeof(unsigned long) * CHAR_BIT;
    std::vector<unsigned long> mask;
    for (int processor : processors) {
        if (processor < 0 || processor >= CPU_SETSIZE) continue;
        auto word = static_cast<std::size_t>(processor / bits);
        if (mask.size() <= word) mask.resize(word + 1);
        mask[word] |= 1ul << (processor % bits);
    }
    if (mask.empty() && !processors.empty()) mask.push_back(0);  // refused by the kernel, in words
    return mask;
}

/// Of a job that gets its payload as a file as well: that file.
Result<Fd> open_input(ports::SpawnRequest const& request) {
    for (auto const& [path, bytes] : request.files)
        if (bytes == *request.input) return open_input_file(path);
    return make_input_file(*request.input);
}

std::vector<ChildLimit> child_limits(ports::SpawnRequest const& request) {
    std::vector<ChildLimit> limits;
    for (auto const& limit : request.limits) {
        limits.push_back({limit.resource, limit_value(limit.soft), limit_value(limit.hard)});
    }
    return limits;
}

constexpr std::string_view listen_pid_name = "LISTEN_PID=";

bool is_named_in(std::vector<std::string> const& lines, std::string_view line) {
    std::string_view name = line.substr(0, std::min(line.find('='), line.size() - 1) + 1);
    return std::ranges::any_of(lines,
                               [name](std::string const& each) { return each.starts_with(name); });
}

/// Its own variables, and of those it has in common with others the rest.
std::vector<std::string const*> variables_of(ports::SpawnRequest const& request) {
    std::vector<std::string const*> all;
    for (auto const& line : request.environment) all.push_back(&line);
    if (request.common_environment == nullptr) return all;
    for (auto const& line : *request.common_environment)
        if (!line.empty() && !is_named_in(request.environment, line)) all.push_back(&line);
    return all;
}

std::vector<char*> environment_of(ports::SpawnRequest const& request) {
    std::vector<char*> out;
    for (auto const* line : variables_of(request)) out.push_back(const_cast<char*>(line->c_str()));
    out.push_back(nullptr);
    return out;
}

/// The environment with what sd_listen_fds(3) reads; LISTEN_PID comes last, with room for the pid.
std::vector<std::string> listening_environment(ports::SpawnRequest const& request) {
    std::vector<std::string> variables;
    for (auto const* line : variables_of(request)) variables.push_back(*line);
    std::erase_if(variables, [](std::string const& line) {
        return line.starts_with("LISTEN_FDS=") || line.starts_with("LISTEN_FDNAMES=") ||
               line.starts_with(listen_pid_name);
    });
    std::string names;
    for (auto const& [socket, name] : request.sockets) names += (names.empty() ? "" : ":") + name;
    variables.push_back("LISTEN_FDS=" + std::to_string(request.sockets.size()));
    variables.push_back("LISTEN_FDNAMES=" + names);
    variables.push_back(std::string(listen_pid_name) + std::string(listen_pid_bytes, '\0'));
    return variables;
}

bool limits_files(ports::SpawnRequest const& request) {
    return std::ranges::any_of(
        request.limits, [](ports::Limit const& limit) { return limit.resource == RLIMIT_NOFILE; });
}

}  // namespace

Spawner::Spawner(Loop& loop, std::optional<ports::Limit> files_limit, Deliver deliver,
                 SpawnNotes* notes)
    : loop_(loop),
      files_limit_(files_limit),
      deliver_(std::move(deliver)),
      notes_(notes),
      null_(::open("/dev/null", O_RDWR | O_CLOEXEC)) {
    CHECK(null_);
    for (int i = 0; i < slot_count; i++) {
        // Sockets take 3, 4, ... before these find their place.
        bool is_late = i == slot_notify || i == slot_progress;
        int from = is_late ? first_child_source : 3;
        slots_.emplace_back(::fcntl(null_.get(), F_DUPFD_CLOEXEC, from));
        CHECK(slots_.back());
    }
    thread_ = std::thread([this] { work_off(); });
}

Spawner::~Spawner() {
    {
        std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Spawner::spawn(SpawnJob job) { queue(std::move(job)); }
void Spawner::remove_cgroup(std::string name) { queue(RemoveCgroup{std::move(name)}); }

std::size_t Spawner::waiting() {
    std::lock_guard lock(mutex_);
    return jobs_.size() + (is_working_ ? 1 : 0);
}

void Spawner::queue(Job job) {
    {
        std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
}

void Spawner::work_off() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, nullptr);  // and so the children begin: see make_child
    ::prctl(PR_SET_NAME, "lares-spawner");
    std::unique_lock lock(mutex_);
    while (true) {
        is_working_ = false;
        changed_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
        if (ending_) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        is_working_ = true;
        lock.unlock();
        if (auto* removal = std::get_if<RemoveCgroup>(&job)) {
            cgroups_.remove(removal->name);
        } else {
            // Our copies of the child's ends are closed before anybody hears of it.
            SpawnOutcome outcome = make(std::get<SpawnJob>(job));
            job = RemoveCgroup{};
            hand_over(std::move(outcome));
            cgroups_.remove_left();
        }
        lock.lock();
    }
}

/// Gives the outcome to the loop; several that are ready before it looks cost it one wake-up.
void Spawner::hand_over(SpawnOutcome outcome) {
    bool first;
    {
        std::lock_guard lock(mutex_);
        first = outcomes_.empty();
        outcomes_.push_back(std::move(outcome));
    }
    if (!first) return;
    loop_.post([this] {
        std::vector<SpawnOutcome> ready;
        {
            std::lock_guard lock(mutex_);
            ready.swap(outcomes_);
        }
        for (SpawnOutcome& each : ready) deliver_(std::move(each));
    });
}

/// As find_command(), which is not asked again for the next of many jobs of one task: what they
/// would hear of a change meanwhile the exec tells as well.
Command Spawner::find(ports::SpawnRequest const& request) {
    Instant now = Loop::now();
    bool is_same = now < found_.until && !request.argv.empty() && request.argv[0] == found_.name &&
                   request.path == found_.path && request.directory == found_.directory;
    if (is_same) return {found_.file, std::nullopt};
    Command command = find_command(request);
    if (!command.failure)
        found_ = {request.argv[0], request.path, request.directory, command.file,
                  now + command_kept};
    return command;
}

SpawnOutcome Spawner::make(SpawnJob& job) {
    auto failed = [&](ports::SpawnFailure failure) {
        return SpawnOutcome{.run = job.run, .at = Loop::now(), .failure = std::move(failure)};
    };
    ports::SpawnRequest const& request = job.request;
    Command command = find(request);
    if (command.failure) return failed(*command.failure);

    std::vector<char*> argv = pointers(request.argv);
    bool listens = !request.sockets.empty();
    std::vector<std::string> variables;
    if (listens) variables = listening_environment(request);
    std::vector<char*> environment = listens ? pointers(variables) : environment_of(request);
    std::string oom_score_adj;
    ChildPlan plan;
    plan.file = command.file.c_str();
    plan.argv = argv.data();
    plan.environment = environment.data();
    if (listens) plan.listen_pid = variables.back().data() + listen_pid_name.size();
    if (!request.directory.empty()) plan.directory = request.directory.c_str();
    plan.umask = request.umask;
    plan.nice = request.nice;
    plan.affinity = affinity_mask(request.cpu_affinity);
    if (request.oom_score_adj) {
        oom_score_adj = std::to_string(*request.oom_score_adj);
        plan.oom_score_adj = oom_score_adj.c_str();
    }
    plan.limits = child_limits(request);
    if (files_limit_ && !limits_files(request)) {
        plan.limits.push_back(
            {RLIMIT_NOFILE, limit_value(files_limit_->soft), limit_value(files_limit_->hard)});
    }
    if (request.user) choose_user(*request.user, plan);
    if (auto failure = open_files(job)) return failed(*failure);
    if (auto failure = place(job, plan)) return failed(*failure);

    Fd cgroup;
    if (request.cgroup) {
        auto prepared = cgroups_.prepare(*request.cgroup);
        if (!prepared)
            return failed({ports::SpawnFailure::Kind::setup,
                           "couldn't make the cgroup: " + prepared.error().what});
        cgroup = std::move(prepared).take();
    }
    if (notes_) plan.noted_pid = notes_->begin(job.run);
    ChildMade made = launch(plan, cgroup);
    bool is_made = made.clone_error == 0 && made.report.error == 0;
    if (notes_ && !is_made) notes_->forget(job.run);
    if (made.clone_error != 0) return failed(fork_failure(request, made.clone_error));
    if (made.report.error != 0) {
        found_.until = {};
        if (Command now = find_command(request); now.failure) return failed(*now.failure);
        return failed(child_failure(request, command.file, made.report));
    }
    rusage ours{};
    ::getrusage(RUSAGE_SELF, &ours);
    return {.run = job.run,
            .pid = made.pid,
            .pidfd = std::move(made.pidfd),
            .at = Loop::now(),
            .peak_floor = ours.ru_maxrss,
            .failure = {}};
}

/// What of the child's descriptors is a file, and so may wait for a disk.
std::optional<ports::SpawnFailure> Spawner::open_files(SpawnJob& job) {
    ports::SpawnRequest const& request = job.request;
    auto open = [&]() -> Result<> {
        for (auto const& [path, bytes] : request.files) {
            TRY(write_new_file(path, bytes));
            if (request.user && request.user->uid != ::geteuid())
                TRY(give_file(path, request.files_below, request.user->uid, request.user->gid));
        }
        if (request.input) job.in = TRY(open_input(request));
        if (!request.out_file.empty() && !job.out)
            job.out = TRY(open_output_file(request.out_file));
        return {};
    };
    auto opened = open();
    if (opened) return {};
    auto const& error = opened.error();
    // Without descriptors or memory it is worth another try; a path that cannot be had is not.
    auto kind = error.kind == Error::Kind::unavailable ? ports::SpawnFailure::Kind::refused
                                                       : ports::SpawnFailure::Kind::setup;
    return ports::SpawnFailure{kind, error.what};
}

/// Puts the child's ends onto the low slots, which it alone takes along when it leaves our table.
std::optional<ports::SpawnFailure> Spawner::place(SpawnJob const& job, ChildPlan& plan) {
    free_slots();  // one that could not be made may have left some
    auto put = [&](Slot slot, Fd const& fd) {
        if (!fd) return true;  // the slot holds /dev/null
        taken_ |= 1u << slot;
        return ::dup3(fd.get(), slots_[slot].get(), O_CLOEXEC) >= 0;
    };
    bool is_one_file = !job.err && !job.request.out && !job.request.out_file.empty();
    Fd const& err = job.request.err_to_out || is_one_file ? job.out : job.err;
    if (!put(slot_in, job.in) || !put(slot_out, job.out) || !put(slot_err, err) ||
        (job.notify && !put(slot_notify, job.notify)) ||
        (job.progress && !put(slot_progress, job.progress))) {
        return pipe_failure(job.request, errno);
    }
    for (int i = 0; i < 3; i++) plan.streams[i] = slots_[static_cast<std::size_t>(i)].get();
    if (job.notify) {
        plan.notify_from = slots_[slot_notify].get();
        plan.notify_to = *job.request.notify_fd;
    }
    if (job.progress) {
        plan.progress_from = slots_[slot_progress].get();
        plan.progress_to = job.progress_to;
    }
    if (!place_sockets(job, plan)) return pipe_failure(job.request, errno);
    for (Fd const& slot : slots_) plan.keep_below = std::max(plan.keep_below, slot.get() + 1);
    return {};
}

void Spawner::free_slots() {
    for (std::size_t i = 0; i < slots_.size(); ++i)
        if ((taken_ >> i & 1u) != 0) ::dup3(null_.get(), slots_[i].get(), O_CLOEXEC);
    taken_ = 0;
}

bool Spawner::place_sockets(SpawnJob const& job, ChildPlan& plan) {
    while (socket_slots_.size() < job.sockets.size()) {
        Fd slot(::fcntl(null_.get(), F_DUPFD_CLOEXEC, first_child_source));
        if (!slot) return false;
        socket_slots_.push_back(std::move(slot));
    }
    for (std::size_t i = 0; i < job.sockets.size(); i++) {
        int slot = socket_slots_[i].get();
        if (::dup3(job.sockets[i].get(), slot, O_CLOEXEC) < 0) return false;
        plan.sockets.push_back(slot);
        plan.keep_below = std::max(plan.keep_below, slot + 1);
    }
    return true;
}

/// As supervisord: a user who is us already changes nothing, not even the groups.
void Spawner::choose_user(ports::SpawnRequest::Identity const& user, ChildPlan& plan) {
    if (user.uid == ::geteuid()) return;
    plan.switch_user = true;
    plan.uid = user.uid;
    plan.gid = user.gid;
    Instant now = Loop::now();
    if (groups_.size() > groups_users) groups_.clear();
    Groups& groups = groups_[{user.name, user.gid}];
    if (groups.ids.empty() || groups.until <= now) {
        groups = {groups_of(user.name, user.gid), now + groups_kept};
    }
    plan.groups = groups.ids;
}

ChildMade Spawner::launch(ChildPlan& plan, Fd const& cgroup) {
    int dumpable = plan.switch_user ? ::prctl(PR_GET_DUMPABLE) : 0;
    ChildMade made;
    made.clone_error = ENOSYS;
    if (!clone3_refused_ || !cgroup) made = make_child(plan, stack_, cgroup.get());
    if (cgroup && made.clone_error == ENOSYS) {
        // Also what a container's system call filter answers that does not know clone3.
        clone3_refused_ = true;
        Fd list(::openat(cgroup.get(), "cgroup.procs", O_WRONLY | O_CLOEXEC));
        taken_ |= 1u << slot_cgroup;
        plan.cgroup_procs = ::dup3(list.get(), slots_[slot_cgroup].get(), O_CLOEXEC);
        if (plan.cgroup_procs >= 0) made = make_child(plan, stack_);
    }
    // The child's setuid marked the memory it shared with us as not to be dumped.
    if (dumpable == 1) ::prctl(PR_SET_DUMPABLE, 1);
    // The slots hold the child's ends too: freed, so that a pipe ends with its process.
    free_slots();
    for (int slot : plan.sockets) ::dup3(null_.get(), slot, O_CLOEXEC);
    return made;
}

}  // namespace lares::os
