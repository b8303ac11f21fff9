// bench/queue/store_bench.cc: how many jobs a second the store makes durable, alone.
//
//   store_bench FOLDER [JOBS]
//
// Prints one line a figure: big commits (PutJob and PutEvent each), small commits from 1, 8 and 64
// askers who each wait for their answer, the same disk's bare fdatasync, and what the store costs
// in memory. Numbers of other machines mean nothing; the ratio to fdatasync does.

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "store/sqlite.h"

namespace {

using namespace lares;
using Clock = std::chrono::steady_clock;

class Loop {
public:
    void post(std::function<void()> function) {
        std::lock_guard lock(mutex_);
        functions_.push_back(std::move(function));
        changed_.notify_one();
    }
    template <class Done>
    void run_until(Done done) {
        std::unique_lock lock(mutex_);
        while (!done()) {
            changed_.wait(lock, [this] { return !functions_.empty(); });
            auto function = std::move(functions_.front());
            functions_.pop_front();
            lock.unlock();
            function();
            lock.lock();
        }
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> functions_;
};

struct Inbox final : ports::Inbox {
    void push(ports::Event event) override {
        if (auto* changed = std::get_if<ports::StoreChanged>(&event)) ok = changed->ok;
    }
    bool ok = false;
};

/// Of all threads: what does not depend on who else uses the machine.
double cpu_seconds() {
    struct timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

long memory_kilobytes(char const* name) {
    std::ifstream file("/proc/self/smaps_rollup");
    std::string word;
    while (file >> word) {
        long value = 0;
        if (word == name && file >> value) return value;
    }
    return 0;
}

void put(ports::Store& store, ports::Commit& commit, std::string const& once) {
    job::Job job;
    job.id = store.next_id();
    job.task = "report";
    job.payload = R"({"customer":4711,"file":"/srv/in/2026-11-27/order-000812.pdf"})";
    job.once = once;
    job.created = WallTime(Duration(1'790'000'000'000));
    job.source = "put by anna";
    ports::EventRow event;
    event.id = store.next_id();
    event.at = job.created;
    event.kind = "job.accepted";
    event.subject = "job/" + std::to_string(job.id);
    event.cause = job.id;
    event.who = "anna (uid 1000)";
    event.words = "accepted for task 'report'";
    job.cause = event.id;
    commit.writes.emplace_back(ports::PutJob{std::move(job)});
    commit.writes.emplace_back(ports::PutEvent{std::move(event)});
}

void big_commits(Loop& loop, ports::Store& store, int jobs, int in_one, bool with_once) {
    std::vector<ports::Commit> commits(static_cast<std::size_t>((jobs + in_one - 1) / in_one));
    for (int i = 0; i < jobs; ++i) {
        std::string once = with_once ? "tick report " + std::to_string(store.next_id() * 7919) : "";
        put(store, commits[static_cast<std::size_t>(i / in_one)], once);
    }
    std::size_t done = 0, failed = 0;
    auto begin = Clock::now();
    double cpu = cpu_seconds();
    std::size_t next = 0;
    std::function<void()> one_more = [&] {
        if (next == commits.size()) return;
        store.commit(std::move(commits[next++]), [&](Result<ports::Committed> committed) {
            done += 1;
            if (!committed) failed += 1;
            one_more();
        });
    };
    one_more();
    one_more();  // the next one gathers while one is written
    std::size_t all = commits.size();
    loop.run_until([&] { return done == all; });
    double seconds = seconds_since(begin);
    std::printf("commits of %6d jobs%s: %8.0f jobs/s, %.2f us of CPU a job%s\n", in_one,
                with_once ? " with once" : "          ", jobs / seconds,
                (cpu_seconds() - cpu) / jobs * 1e6, failed == 0 ? "" : " SOME FAILED");
}

void small_commits(Loop& loop, ports::Store& store, int askers, int jobs) {
    int begun = 0, done = 0;
    std::function<void()> ask = [&] {
        if (begun == jobs) return;
        begun += 1;
        ports::Commit commit;
        put(store, commit, "");
        store.commit(std::move(commit), [&](Result<ports::Committed>) {
            done += 1;
            ask();
        });
    };
    auto begin = Clock::now();
    for (int i = 0; i < askers; ++i) ask();
    loop.run_until([&] { return done == jobs; });
    double seconds = seconds_since(begin);
    std::printf("one job a commit, %4d askers: %8.0f jobs/s\n", askers, jobs / seconds);
}

void bare_disk(std::string const& folder) {
    std::string path = folder + "/bare";
    int fd = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    std::string block(8'192, 'x');
    constexpr int rounds = 500;
    auto begin = Clock::now();
    for (int i = 0; i < rounds; ++i) {
        if (::write(fd, block.data(), block.size()) < 0 || ::fdatasync(fd) != 0) break;
    }
    std::printf("bare write and fdatasync: %.3f ms\n", seconds_since(begin) / rounds * 1e3);
    ::close(fd);
    ::unlink(path.c_str());
}

}  // namespace

int main(int count, char** words) {
    if (count < 2) return std::puts("usage: store_bench FOLDER [JOBS]"), 2;
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    std::string folder = words[1];
    int jobs = count > 2 ? std::atoi(words[2]) : 300'000;
    std::string path = folder + "/bench.db";
    bare_disk(folder);
    long before = memory_kilobytes("Pss:"), dirty_before = memory_kilobytes("Private_Dirty:");
    Loop loop;
    Inbox inbox;
    auto store = store::make_sqlite({.path = path, .idle_after = Duration(200)}, inbox,
                                    [&](std::function<void()> function) { loop.post(function); });
    store->open();
    loop.run_until([&] { return inbox.ok || !store->trouble().empty(); });
    std::printf("open: %s\n", store->trouble().empty() ? "well" : store->trouble().c_str());
    std::printf("memory, open: PSS +%ld KB, private dirty +%ld KB\n",
                memory_kilobytes("Pss:") - before,
                memory_kilobytes("Private_Dirty:") - dirty_before);
    big_commits(loop, *store, jobs, 100'000, /*with_once=*/false);
    big_commits(loop, *store, jobs, 10'000, /*with_once=*/false);
    big_commits(loop, *store, jobs, 1'000, /*with_once=*/false);
    big_commits(loop, *store, jobs, 10'000, /*with_once=*/true);
    for (int askers : {1, 8, 64, 1'000}) small_commits(loop, *store, askers, askers * 50 + 500);
    std::size_t live = 0;
    bool is_read = false;
    auto begin = Clock::now();
    store->read(ports::CountsAsked{}, [&](Result<ports::Found> found) {
        if (found)
            for (auto const& each : found->counts) live += static_cast<std::size_t>(each.jobs);
        is_read = true;
    });
    loop.run_until([&] { return is_read; });
    std::printf("counted %zu jobs in %.3f s\n", live, seconds_since(begin));
    ::usleep(600'000);  // until it has given its memory back: what is measured is that
    std::printf("memory, idle again: PSS +%ld KB, private dirty +%ld KB\n",
                memory_kilobytes("Pss:") - before,
                memory_kilobytes("Private_Dirty:") - dirty_before);
    return 0;
}
