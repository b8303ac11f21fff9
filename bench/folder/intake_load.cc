// bench/folder/intake_load.cc: how long from a file's close to its being known complete (settle =
// 0) on the loop, and whether all of many files arrive, each once, and move away.
//
// Only the intake and core/settle.h: without database and process, so that what is lost there is
// not blamed on the folder. Eight writers: half close their files, half rename them in; each that
// is ready is moved to the done folder, as the daemon does.
//
//   bench_intake [FILES] [MICROSECONDS BETWEEN TWO OF A WRITER]

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "core/settle.h"
#include "os/intake.h"
#include "os/loop.h"

using namespace lares;

namespace {

std::int64_t microseconds() {
    auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

struct Load : ports::Inbox {
    Load(std::string root, int files) : folder(std::move(root)), ended(files), taken(files) {}

    std::string folder;
    std::vector<std::int64_t> ended;  // when its writer had closed or renamed it
    std::vector<int> taken;
    std::vector<std::int64_t> waits;
    settle::Settler settler{{.settle = Duration{0}}};
    os::Loop loop;
    os::TimerId timer = os::TimerId::none;
    std::unique_ptr<os::Intake> intake;
    bool is_watched = false;
    int overflows = 0, moved = 0;

    void push(ports::Event event) override {
        auto* seen = std::get_if<ports::FolderSeen>(&event);
        if (!seen) return;
        if (seen->whole) settler.begin_whole();
        overflows += seen->overflowed;
        for (auto const& entry : seen->entries) see(entry);
        for (auto const& path : seen->gone) settler.lose(path, os::Loop::now());
        is_watched = true;
    }
    void see(ports::FolderEntry const& entry) {
        settle::Seen made;
        made.path = entry.path, made.identity = {entry.device, entry.inode};
        made.size = entry.size, made.mtime_ns = entry.mtime_ns;
        made.closed = entry.closed, made.moved_in = entry.moved_in, made.looked = entry.looked;
        made.is_open = entry.is_open, made.can_tell_open = entry.can_tell_open;
        settler.see(made, os::Loop::now());
    }
    void turn() {
        auto decisions = settler.decide(os::Loop::now());
        if (!decisions.look.empty()) intake->look(ports::FolderId{1}, decisions.look);
        for (auto const& claim : settler.take(SIZE_MAX)) {
            auto const& seen = claim.members[0];
            std::string name = seen.path.substr(seen.path.rfind('/') + 2);
            auto number = static_cast<std::size_t>(std::atoi(name.c_str()));
            waits.push_back(microseconds() - ended[number]);
            taken[number]++;
            intake->move(seen.path, folder + "/done/f" + name,
                         {seen.identity.device, seen.identity.inode}, [this](auto result) {
                             if (result) moved++;
                         });
        }
        loop.cancel(timer);
        timer = os::TimerId::none;
        if (auto next = settler.deadline()) timer = loop.at(*next, [] {});
    }
};

void write_files(Load& load, std::size_t first, Duration::rep pause) {
    for (std::size_t i = first; i < load.ended.size(); i += 8) {
        std::string path = load.folder + "/f" + std::to_string(i);
        bool renames = i % 2 != 0;
        std::string at = renames ? load.folder + "/t" + std::to_string(i) + ".part" : path;
        int file = ::open(at.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
        if (::write(file, "text", 4) != 4) std::abort();
        load.ended[i] = microseconds();
        ::close(file);
        if (renames) {
            load.ended[i] = microseconds();
            ::rename(at.c_str(), path.c_str());
        }
        if (pause > 0) std::this_thread::sleep_for(std::chrono::microseconds(pause));
    }
}

}  // namespace

int main(int count, char** arguments) {
    int files = count > 1 ? std::atoi(arguments[1]) : 100'000;
    int pause = count > 2 ? std::atoi(arguments[2]) : 2'000;
    std::string root = "/tmp/lares-bench-XXXXXX";
    if (!::mkdtemp(root.data())) return 1;
    Load load(root, files);
    load.intake = std::make_unique<os::Intake>(load.loop, load);
    load.intake->watch(ports::FolderId{1}, {.path = root});
    std::vector<std::thread> writers;
    std::int64_t begin = microseconds();
    load.loop.before_sleep([&] {
        load.turn();
        if (load.is_watched && writers.empty()) {
            for (std::size_t i = 0; i < 8; i++) {
                writers.emplace_back([&, i] { write_files(load, i, pause); });
            }
        }
        if (load.moved == files) load.loop.stop();
    });
    load.loop.at(os::Loop::now() + Duration{600'000}, [&] { load.loop.stop(); });
    load.loop.run();
    for (auto& writer : writers) writer.join();
    std::int64_t all = microseconds() - begin;
    std::ranges::sort(load.waits);
    auto part = [&](double of) {
        return load.waits[static_cast<std::size_t>(of * double(load.waits.size() - 1))];
    };
    auto once = std::ranges::count(load.taken, 1);
    std::printf(
        "%d files in %.1f s: %td taken once, %d moved, %d overflows; closed to ready "
        "p50 %ld us, p99 %ld us, worst %ld us\n",
        files, double(all) / 1e6, once, load.moved, load.overflows, part(0.5), part(0.99), part(1));
    load.intake.reset();
    std::string command = "rm -rf " + root;
    return std::system(command.c_str()) == 0 && once == files ? 0 : 1;
}
