// daemon/payload_files_test.cc: which files go, whatever is put meanwhile.

#include "daemon/payload_files.h"

#include <doctest/doctest.h>

#include "base/limits.h"
#include "sim/kernel.h"
#include "sim/store.h"
#include "sim/worker.h"

namespace lares::daemon {

namespace {

std::string hash(char c) { return std::string(64, c); }
std::string path(char c) { return "/p/" + hash(c) + ".json"; }

/// A folder of payloads, a database and a worker that take their time.
struct House {
    House() {
        files.set_folder("/p");
        store.open();
        run(Duration(10));
    }
    void run(Duration span) {
        Instant end = kernel.time() + span;
        while (kernel.time() < end) {
            kernel.run_until(kernel.time() + Duration(1));
            for (auto& news : kernel.take_news())
                if (auto* call = std::get_if<std::function<void()>>(&news)) (*call)();
        }
    }
    job::Job job(char c) {
        job::Job made;
        made.id = store.next_id();
        made.task = "t";
        made.payload_file = hash(c);
        return made;
    }
    void put(job::Job const& made) {
        disk.insert(path(made.payload_file[0]));
        store.commit({.writes = {ports::PutJob{made}}}, [](auto) {});
    }

    sim::Kernel kernel{1};
    sim::Store store{kernel};
    sim::Worker worker{kernel};
    std::set<std::string> disk;
    PayloadFiles files{{.store = store,
                        .worker = worker,
                        .sha256 = [](std::string_view bytes) { return hash(bytes[0]); },
                        .glob =
                            [this](std::string const& pattern) {
                                CHECK(pattern == "/p/*");
                                return std::vector<std::string>(disk.begin(), disk.end());
                            },
                        .remove_file =
                            [this](std::string const& file) {
                                disk.erase(file);
                                return Result<>{};
                            }}};
};

}  // namespace

TEST_CASE("a large payload leaves its row for a file named by what is in it, a small one stays") {
    House house;
    job::Job large, small;
    large.payload = std::string(limits::payload_inline_bytes + 1, 'a');
    small.payload = std::string(limits::payload_inline_bytes, 'b');
    PayloadFiles::Files files;
    house.files.keep(large, files);
    house.files.keep(small, files);
    REQUIRE(files.size() == 1);
    CHECK(files[0].first == path('a'));
    CHECK(files[0].second.size() == limits::payload_inline_bytes + 1);
    CHECK(large.payload.empty());
    CHECK(large.payload_file == hash('a'));
    CHECK(small.payload_file.empty());
}

TEST_CASE("a sweep takes files without a job and half-written ones, and nothing that is not ours") {
    House house;
    house.put(house.job('a'));
    for (auto other : {path('b'), path('c') + ".new", std::string("/p/notes.txt"),
                       "/p/" + std::string(64, 'X') + ".json", "/p/" + hash('d') + "0.json"})
        house.disk.insert(other);
    house.run(Duration(10));
    house.files.sweep();
    house.files.sweep();  // one is under way
    house.run(Duration(100));
    CHECK(house.disk == std::set<std::string>{path('a'), "/p/notes.txt",
                                              "/p/" + std::string(64, 'X') + ".json",
                                              "/p/" + hash('d') + "0.json"});
}

TEST_CASE("a sweep of many files goes slice by slice and finds every one") {
    House house;
    for (int i = 0; i < 1'700; ++i) {
        auto name = std::to_string(i);
        house.disk.insert("/p/" + std::string(64 - name.size(), '0') + name + ".json");
    }
    job::Job kept;
    kept.id = house.store.next_id();
    kept.payload_file = std::string(61, '0') + "777";
    house.store.commit({.writes = {ports::PutJob{kept}}}, [](auto) {});
    house.run(Duration(10));
    house.files.sweep();
    house.run(Duration(1'000));
    CHECK(house.disk == std::set<std::string>{"/p/" + kept.payload_file + ".json"});
}

TEST_CASE("whenever a put comes during a sweep, its file is there once it is committed") {
    for (int at = 0; at < 40; ++at)
        for (int takes = 0; takes < 12; ++takes) {
            CAPTURE(at);
            CAPTURE(takes);
            House house;
            house.store.set_takes(Duration(1), Duration(4), Duration(6));
            house.disk.insert(path('a'));  // of an earlier job that is gone
            auto made = house.job('a');
            house.kernel.after(Duration(at), [&] {
                house.files.note(made);
                house.worker.run([&] { house.disk.insert(path('a')); },
                                 [&] {
                                     house.kernel.after(Duration(takes), [&] {
                                         house.store.commit(
                                             {.writes = {ports::PutJob{made}}},
                                             [&](auto) { house.files.forget(made); });
                                     });
                                 });
            });
            house.kernel.after(Duration(8), [&] { house.files.sweep(); });
            house.run(Duration(200));
            CHECK(house.disk.contains(path('a')));
            CHECK(house.store.disk().jobs.contains(made.id));
        }
}

TEST_CASE("what pruning frees goes, unless a job was put that needs it by now") {
    House house;
    for (char c : {'a', 'b', 'c', 'd'}) house.disk.insert(path(c));
    auto before = house.job('b'), during = house.job('c');
    house.files.note(before);
    house.files.begin_look();
    house.files.note(during);
    house.files.forget(before);
    house.files.forget(during);
    house.files.remove({hash('a'), hash('b'), hash('c')});
    house.files.end_look();
    house.run(Duration(20));
    CHECK(house.disk == std::set<std::string>{path('b'), path('c'), path('d')});
    house.files.begin_look();
    house.files.remove({hash('b'), hash('c')});  // the next look sees what there is
    house.files.end_look();
    house.run(Duration(20));
    CHECK(house.disk == std::set<std::string>{path('d')});
}

TEST_CASE("while the database does not answer, no payload goes") {
    House house;
    house.disk.insert(path('a'));
    house.store.crash();
    house.files.sweep();
    house.run(Duration(100));
    CHECK(house.disk.contains(path('a')));
}

}  // namespace lares::daemon
