// bench/queue/lines_bench.cc: requests and answers a second of one lines worker.
//
// lines_bench WORKER [SECONDS]: lines of 60 bytes go to WORKER's stdin by write_stdin, its answers
// come back as OutputSeen; so many are under way at once. An answered line makes room for one more.

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "below_keeper.h"
#include "os/log_mover.h"
#include "os/loop.h"
#include "os/processes.h"

using namespace lares;

namespace {

constexpr ports::RunId worker{1};
constexpr ports::ChannelId answers{1};

double now(clockid_t which = CLOCK_MONOTONIC) {
    timespec at{};
    ::clock_gettime(which, &at);
    return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
}

class Lines final : public ports::Inbox {
public:
    Lines(os::KeeperLink& link, std::string program)
        : program_(std::move(program)),
          mover_(
              *this, [this](auto action) { loop_.post(std::move(action)); }, link),
          processes_(loop_, *this, mover_, {.keeper = &link}) {
        mover_.open(answers, {.kind = ports::LogSpec::Kind::none, .tap = true});
        ports::SpawnRequest request;
        request.argv = {program_};
        request.environment = {"PATH=/usr/bin:/bin"};
        request.name = "worker";
        request.out = answers;
        processes_.spawn(worker, std::move(request));
    }

    /// Lines a second with so many under way.
    double run(int window, double seconds) {
        end_ = 0;
        done_ = events_ = 0;
        double begin = now(), thread_begin = now(CLOCK_THREAD_CPUTIME_ID);
        end_ = begin + seconds;
        send(window);
        loop_.run();
        double took = now() - begin;
        cpu_share_ = (now(CLOCK_THREAD_CPUTIME_ID) - thread_begin) / took;
        return static_cast<double>(done_) / took;
    }
    double lines_an_event() const {
        return static_cast<double>(done_) / static_cast<double>(std::max<long>(events_, 1));
    }
    double cpu_share() const { return cpu_share_; }
    void end() {
        processes_.close_stdin(worker);
        loop_.run();
    }

    void push(ports::Event event) override {
        if (std::holds_alternative<ports::SpawnFailed>(event)) ::_exit(1);
        if (auto const* ended = std::get_if<ports::Exited>(&event)) {
            processes_.noted(ended->run);
            loop_.stop();
        }
        auto const* seen = std::get_if<ports::OutputSeen>(&event);
        if (!seen) return;
        mover_.taken(seen->bytes.size());
        auto lines = std::ranges::count(seen->bytes, '\n');
        done_ += lines;
        ++events_;
        under_way_ -= lines;
        if (now() < end_) return send(lines);
        if (under_way_ == 0) loop_.stop();
    }

private:
    void send(long count) {
        std::string all;
        for (long i = 0; i < count; ++i) all += line_;
        if (!processes_.write_stdin(worker, all)) ::_exit(2);
        under_way_ += count;
    }

    std::string program_, line_ = std::string(59, 'x') + "\n";
    os::Loop loop_;
    os::LogMover mover_;
    os::Processes processes_;
    double end_ = 0, cpu_share_ = 0;
    long done_ = 0, events_ = 0, under_way_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    double seconds = argc > 2 ? std::atof(argv[2]) : 2;
    return bench::run_below_keeper([&](os::KeeperLink& link) {
        Lines lines(link, argv[1]);
        for (int window : {1, 8, 32, 256}) {
            double rate = lines.run(window, seconds);
            std::printf("window %3d: %7.0f lines a second, %.1f an event, loop %.0f %% busy\n",
                        window, rate, lines.lines_an_event(), 100 * lines.cpu_share());
        }
        lines.end();
        return 0;
    });
}
