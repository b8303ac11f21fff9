// queue_core_bench: what core/queue.h costs by itself: nanoseconds of CPU and bytes a job, no store
// and no process.
//
// Usage: queue_core_bench [JOBS]. Prints one line for each shape of load. The promise: a job's add,
// start and end together under 2 us with 100,000 live jobs, and some 300 bytes a live job.

#include <malloc.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/queue.h"

using namespace lares;

namespace {

/// CPU time of this process: what others do on the machine is theirs.
double cpu_seconds() {
    timespec at{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

double seconds_since(double start) { return cpu_seconds() - start; }

struct Shape {
    char const* words;
    int tasks = 1;
    int priorities = 1;
    bool has_keys = false;
    bool has_resources = false;
    bool is_delayed = false;
    int taken_at_once = 1;
};

struct Load {
    queue::Queue queue;
    std::vector<std::string> names;
    Shape shape;
    job::Id last = 0;
    Instant now{Duration(1'000'000)};

    explicit Load(Shape given) : shape(given) {
        std::vector<queue::Rules> rules;
        for (int i = 0; i < shape.tasks; i++) {
            names.push_back("task" + std::to_string(i));
            queue::Rules own{.task = names.back(), .workers = 1'000'000'000, .queue_max = SIZE_MAX};
            if (shape.has_resources) own.resources = {{"slots", 1}};
            rules.push_back(own);
        }
        queue.set_resources({{"slots", shape.taken_at_once}});
        queue.set_rules(rules);
    }
    void put() {
        job::Job job;
        job.id = ++last;
        auto const& name = names[job.id % names.size()];
        job.task = name;
        job.priority = static_cast<int>(job.id * 7919 % static_cast<unsigned>(shape.priorities));
        if (shape.has_keys) job.key = "invoice-" + std::to_string(job.id);
        queue::Offer offer{.task = name, .key = job.key};
        if (queue.judge(offer).kind != queue::Verdict::Kind::accept) std::abort();
        std::optional<Instant> ready_at;
        if (shape.is_delayed) ready_at = now + Duration(job.id * 7919 % 10'000);
        queue.add(job, ready_at, now);
    }
};

void measure(Shape const& shape, int jobs) {
    auto heap = [] { return static_cast<double>(mallinfo2().uordblks); };
    double before = heap();
    Load load(shape);
    double set_up = heap();
    auto start = cpu_seconds();
    for (int i = 0; i < jobs; i++) load.put();
    double add = seconds_since(start);
    double bytes = (heap() - set_up) / jobs;

    // As many again, each added when another has ended, so that the depth stays.
    start = cpu_seconds();
    int cycles = 0;
    while (cycles < jobs) {
        load.now += Duration(1);
        auto starts =
            load.queue.take_starts(load.now, static_cast<std::size_t>(shape.taken_at_once));
        for (auto const& one : starts) {
            load.queue.end(one.id, job::Outcome::ok, 0, load.now, 0);
            load.put();
            cycles++;
        }
        load.queue.deadline(load.now);
    }
    double cycle = seconds_since(start);

    start = cpu_seconds();
    load.now += Duration(20'000);
    std::size_t ended = 0;
    while (load.queue.size() > 0) {
        auto starts =
            load.queue.take_starts(load.now, static_cast<std::size_t>(shape.taken_at_once));
        for (auto const& one : starts) load.queue.end(one.id, job::Outcome::ok, 0, load.now, 0);
        ended += starts.size();
    }
    double drain = seconds_since(start);
    std::printf(
        "%-44s add %5.0f ns, cycle %5.0f ns, drain %5.0f ns, %4.0f bytes a job, "
        "%.0f a task\n",
        shape.words, add / jobs * 1e9, cycle / cycles * 1e9,
        drain / static_cast<double>(ended) * 1e9, bytes, (set_up - before) / shape.tasks);
}

}  // namespace

int main(int argc, char** argv) {
    int jobs = argc > 1 ? std::atoi(argv[1]) : 100'000;
    std::printf("%d live jobs; a cycle is judge, add, take_starts, end and deadline\n", jobs);
    for (Shape const& shape : {
             Shape{.words = "one task, in order"},
             Shape{.words = "one task, in order, 64 at once", .taken_at_once = 64},
             Shape{.words = "one task, 10 priorities", .priorities = 10},
             Shape{.words = "one task, unique keys", .has_keys = true},
             Shape{.words = "1,000 tasks, 10 priorities", .tasks = 1'000, .priorities = 10},
             Shape{.words = "1,000 tasks, one resource", .tasks = 1'000, .has_resources = true},
             Shape{.words = "100,000 tasks, a job each", .tasks = 100'000},
             Shape{.words = "one task, all for later", .is_delayed = true},
         })
        measure(shape, jobs);
}
