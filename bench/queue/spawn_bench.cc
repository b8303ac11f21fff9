// bench/queue/spawn_bench.cc: what a job's process costs from spawn to noted, against a bare loop.
//
// TMPDIR=FOLDER spawn_bench [ROUNDS [PROGRAM]]: each round makes 200 processes by a bare fork, exec
// and wait loop in this same process and then 200 through os::Processes below a real keeper, for
// each kind of job and each number in flight; the medians over all rounds are printed. Alternating,
// so that whatever else the machine does meets both. Percentages are of the faster bare loop,
// posix_spawn's.

#include <spawn.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "below_keeper.h"
#include "os/files.h"
#include "os/log_mover.h"
#include "os/loop.h"
#include "os/processes.h"

using namespace lares;

namespace {

constexpr int at_once = 200;

double now() {
    timespec at{};
    ::clock_gettime(CLOCK_MONOTONIC, &at);
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
}

char* environment[] = {const_cast<char*>("PATH=/usr/bin:/bin"), nullptr};

/// What at_once processes took: on the clock, and of processors, theirs and ours.
struct Cost {
    double seconds = 0, cpu = 0;
};

double cpu() {
    double all = 0;
    for (int whom : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
        rusage used{};
        ::getrusage(whom, &used);
        for (timeval const& t : {used.ru_utime, used.ru_stime})
            all += static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    }
    return all;
}

class Watch {
public:
    Cost cost() const { return {now() - begin_, cpu() - begin_cpu_}; }

private:
    double begin_ = now(), begin_cpu_ = cpu();
};

/// The child's output goes to /dev/null.
Cost bare_fork(char const* program) {
    Watch watch;
    for (int i = 0; i < at_once; ++i) {
        int pid = ::fork();
        if (pid == 0) {
            char* argv[] = {const_cast<char*>(program), nullptr};
            ::execve(program, argv, environment);
            ::_exit(127);
        }
        ::waitpid(pid, nullptr, 0);
    }
    return watch.cost();
}

Cost bare_spawn(char const* program) {
    Watch watch;
    for (int i = 0; i < at_once; ++i) {
        int pid = 0;
        char* argv[] = {const_cast<char*>(program), nullptr};
        if (::posix_spawn(&pid, program, nullptr, nullptr, argv, environment) == 0)
            ::waitpid(pid, nullptr, 0);
    }
    return watch.cost();
}

enum class Kind { file, file_and_input, file_and_progress, pipes };

/// Keeps so many in flight until all are done.
class Jobs final : public ports::Inbox {
public:
    Jobs(os::KeeperLink& link, std::string folder, char const* program)
        : folder_(std::move(folder)),
          program_(program),
          mover_(
              *this, [this](auto action) { loop_.post(std::move(action)); }, link),
          processes_(loop_, *this, mover_, {.keeper = &link}) {
        std::filesystem::create_directories(folder_ + "/jobs");
        mover_.open(ports::ChannelId{1}, {.path = folder_ + "/log"});
    }

    Cost run(Kind kind, int in_flight) {
        kind_ = kind;
        left_ = running_ = 0;
        left_ = at_once;
        Watch watch;
        while (running_ < in_flight) start();
        loop_.run();
        Cost cost = watch.cost();
        // The files stay until the end: ext4 without a journal looks for a long time for inodes
        // that were not freed in the last seconds.
        return cost;
    }

    void push(ports::Event event) override {
        if (auto const* failed = std::get_if<ports::SpawnFailed>(&event)) {
            std::fprintf(stderr, "%s\n", failed->failure.words.c_str());
            ::_exit(1);
        }
        auto const* ended = std::get_if<ports::Exited>(&event);
        if (!ended) return;
        processes_.noted(ended->run);
        --running_;
        start();
        if (running_ == 0) loop_.stop();
    }

private:
    void start() {
        if (left_ == 0) return;
        --left_;
        ++running_;
        ports::SpawnRequest request;
        request.argv = {program_};
        request.environment = {"PATH=/usr/bin:/bin"};
        request.name = "job";
        request.stdin_pipe = kind_ == Kind::pipes;
        if (kind_ == Kind::pipes) {
            request.out = ports::ChannelId{1};
            request.err_to_out = true;
        } else {
            request.out_file = folder_ + "/jobs/" + std::to_string(++last_) + ".log";
        }
        if (kind_ == Kind::file_and_input) request.input = std::string(300, 'x');
        request.progress = kind_ == Kind::file_and_progress;
        processes_.spawn(ports::RunId{++last_}, std::move(request));
    }

    std::string folder_, program_;
    os::Loop loop_;
    os::LogMover mover_;
    os::Processes processes_;
    Kind kind_ = Kind::file;
    int left_ = 0, running_ = 0;
    std::uint64_t last_ = 0;
};

struct Row {
    char const* name;
    Kind kind;
    int in_flight;
    std::vector<Cost> costs;
};

double median(std::vector<Cost> const& costs, double Cost::* what) {
    std::vector<double> all;
    for (Cost const& cost : costs) all.push_back(cost.*what);
    std::ranges::sort(all);
    return all[all.size() / 2];
}

void print(Row const& row, std::vector<Cost> const& bare) {
    double seconds = median(row.costs, &Cost::seconds), processor = median(row.costs, &Cost::cpu);
    std::printf("%-18s %2d in flight: %5.0f a second, %3.0f %%; %4.0f us of processors, %3.0f %%\n",
                row.name, row.in_flight, at_once / seconds,
                100 * median(bare, &Cost::seconds) / seconds, 1e6 * processor / at_once,
                100 * processor / median(bare, &Cost::cpu));
}

int measure(os::KeeperLink& link, int rounds, char const* program) {
    std::string folder = os::temporary_directory() + "/lares-bench.XXXXXX";
    if (::mkdtemp(folder.data()) == nullptr) return 1;
    std::vector<Cost> forks, spawns;
    std::vector<Row> rows = {{"file", Kind::file, 1, {}},
                             {"file", Kind::file, 2, {}},
                             {"file", Kind::file, 4, {}},
                             {"file", Kind::file, 16, {}},
                             {"file and input", Kind::file_and_input, 4, {}},
                             {"file and progress", Kind::file_and_progress, 4, {}},
                             {"pipes", Kind::pipes, 4, {}}};
    std::vector<std::size_t> order(rows.size());
    std::iota(order.begin(), order.end(), 0);
    {
        Jobs jobs(link, folder, program);
        for (int i = 0; i < rounds; ++i) {
            forks.push_back(bare_fork(program));
            spawns.push_back(bare_spawn(program));
            // In another order each time: what one leaves behind, the next may have to bear.
            std::ranges::rotate(order, order.begin() + 1);
            for (std::size_t row : order)
                rows[row].costs.push_back(jobs.run(rows[row].kind, rows[row].in_flight));
        }
    }
    std::filesystem::remove_all(folder);
    print({"bare posix_spawn", Kind::file, 1, spawns}, spawns);
    print({"bare fork", Kind::file, 1, forks}, spawns);
    for (Row const& row : rows) print(row, spawns);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    int rounds = argc > 1 ? std::atoi(argv[1]) : 10;
    char const* program = argc > 2 ? argv[2] : "/bin/true";
    return bench::run_below_keeper(
        [&](os::KeeperLink& link) { return measure(link, rounds, program); });
}
