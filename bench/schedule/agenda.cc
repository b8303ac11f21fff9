// bench/schedule/agenda.cc: 100,000 schedules in one agenda: memory, time for the next instant, and
// alarms without a cause.
//
// Limits (issue 4): under 60 MB, under 1 µs amortised for the next instant, no alarm before one is
// due. Beside it, measured in the same run, a bare heap of so many numbers: what finding the
// earliest costs on this machine, now, without any calendar. Exit status 1 when a limit is missed.
// With the word `numbers` it judges nothing and prints what bench/schedule/run.py reads: MB, ns of
// the next instant, ns of the bare heap, runs, alarms, and alarms without a cause.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "core/agenda.h"
#include "os/zones.h"
#include "text/cron.h"

namespace {

using namespace lares;

/// Of this process alone: what else runs on the machine is no part of the figure.
double processor_nanoseconds() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return double(time.tv_sec) * 1e9 + double(time.tv_nsec);
}

constexpr std::size_t schedules = 100'000;
constexpr std::int64_t begin = 1'774'000'000;  // a week before the clock changes in Europe
constexpr double memory_limit = 60, next_limit = 1'000;  // MB, ns

double resident_megabytes() {
    std::ifstream file("/proc/self/statm");
    long size = 0, resident = 0;
    file >> size >> resident;
    return double(resident) * double(::sysconf(_SC_PAGESIZE)) / 1e6;
}

double nanoseconds_since(double start) { return processor_nanoseconds() - start; }

/// As crontabs have them: minutes, hours, nights, weeks, months.
std::string expression(std::mt19937& random) {
    auto number = [&](unsigned below) { return std::to_string(random() % below); };
    switch (random() % 8) {
    case 0:
        return "*/" + std::to_string(5 + random() % 25) + " * * * *";
    case 1:
        return number(60) + " * * * *";
    case 2:
        return number(60) + " */" + std::to_string(2 + random() % 6) + " * * *";
    case 3:
        return number(60) + " " + number(24) + " * * 1-5";
    case 4:
        return number(60) + " " + number(24) + " " + std::to_string(1 + random() % 28) + " * *";
    case 5:
        return number(60) + " " + number(24) + " * * " + number(7);
    default:
        return number(60) + " " + number(24) + " * * *";
    }
}

void load(schedule::Agenda& agenda, ports::Zones& zones) {
    constexpr char const* names[] = {"UTC",          "Europe/Berlin",    "America/New_York",
                                     "Asia/Tokyo",   "Australia/Sydney", "America/Sao_Paulo",
                                     "Asia/Kolkata", "Europe/London",    "Africa/Cairo",
                                     "Asia/Tehran"};
    std::mt19937 random(1);
    for (std::size_t key = 0; key < schedules; ++key) {
        auto zone = zones.find(names[random() % std::size(names)]);
        if (!zone) zone = zones.find("UTC");
        auto read = text::parse_cron(expression(random));
        agenda.put(key, {read->cron, *zone, schedule::Dst::vixie, 0}, begin);
    }
}

/// A heap of `schedules` numbers, each taken and put back later: ns for one.
double bare_heap(std::size_t rounds) {
    using Entry = std::pair<std::int64_t, std::uint32_t>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap;
    std::mt19937 random(2);
    for (std::uint32_t i = 0; i < schedules; ++i) heap.push({std::int64_t(random() % 86'400), i});
    double const start = processor_nanoseconds();
    for (std::size_t i = 0; i < rounds; ++i) {
        auto [at, slot] = heap.top();
        heap.pop();
        heap.push({at + 60 + std::int64_t(random() % 86'400), slot});
    }
    return nanoseconds_since(start) / double(rounds);
}

struct Day {
    std::size_t runs = 0, alarms = 0, idle_alarms = 0;
    double nanoseconds = 0;
};

/// A day on a virtual clock: the alarm is set to the earliest and rings then.
Day run_a_day(schedule::Agenda& agenda) {
    Day day;
    double const start = processor_nanoseconds();
    while (agenda.earliest() && *agenda.earliest() <= begin + 86'400) {
        std::size_t const taken = agenda.take_due(*agenda.earliest()).size();
        day.runs += taken;
        ++day.alarms;
        day.idle_alarms += taken == 0;
    }
    day.nanoseconds = nanoseconds_since(start) / double(day.runs);
    return day;
}

}  // namespace

int main(int count, char**) {
    auto zones = os::make_zones(os::machine_zones());
    double const before = resident_megabytes();
    schedule::Agenda agenda;
    double const start = processor_nanoseconds();
    load(agenda, *zones);
    double const loaded = nanoseconds_since(start) / 1e6;
    double const memory = resident_megabytes() - before;
    Day const day = run_a_day(agenda);
    double const heap = bare_heap(day.runs);
    if (count > 1) {
        std::printf("%.3f %.1f %.1f %zu %zu %zu\n", memory, day.nanoseconds, heap, day.runs,
                    day.alarms, day.idle_alarms);
        return 0;
    }
    std::printf("schedules %zu, read and loaded in %.0f ms of processor time\n", schedules, loaded);
    std::printf("memory             %8.1f MB   limit %.0f MB\n", memory, memory_limit);
    std::printf("next instant       %8.0f ns   limit %.0f ns; a bare heap of numbers: %.0f ns\n",
                day.nanoseconds, next_limit, heap);
    std::printf("a virtual day      %8zu runs at %zu alarms, %zu of them without a cause\n",
                day.runs, day.alarms, day.idle_alarms);
    bool const good = memory < memory_limit && day.nanoseconds < next_limit && day.idle_alarms == 0;
    std::printf("%s\n", good ? "all limits are kept" : "a limit is missed");
    return good ? 0 : 1;
}
