// store/trouble_test.cc: real disks that are full, files that are locked, damaged, gone or others'.

#include <doctest/doctest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>

#include "store/schema.h"
#include "store/tools.h"
#include "store/world_test.h"

namespace lares::store {

using namespace testing;

namespace {

constexpr Duration soon{20};

Settings hasty(std::string path) {
    return {.path = std::move(path), .busy_timeout = soon, .retry_min = soon, .retry_max = soon};
}

std::string words_of(std::string const& path) {
    House house(hasty(path));
    CHECK(house.loop.told.size() == 1);
    CHECK(!house.loop.told.at(0).ok);
    CHECK(!house.store->is_open());
    CHECK(house.store->trouble() == house.loop.told.at(0).words);
    return house.store->trouble();
}

bool has(std::string const& text, std::string const& part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    return text.find(part) != std::string::npos;
}

/// A database with some hundred pages, closed.
void fill(std::string const& path) {
    House house(path);
    ports::Commit commit = ask();
    for (int i = 0; i < 2'000; ++i) {
        job::Job job = a_job(house.store->next_id());
        job.payload = std::string(300, 'x');
        commit.writes.emplace_back(ports::PutJob{job});
    }
    REQUIRE(house.commit(std::move(commit)));
}

class SmallDisk {
public:
    explicit SmallDisk(std::string path) : path_(std::move(path)) {
        ::mkdir(path_.c_str(), 0700);
        is_there_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=1m") == 0;
    }
    ~SmallDisk() {
        if (is_there_) ::umount2(path_.c_str(), MNT_DETACH);
    }
    bool is_there() const { return is_there_; }

private:
    std::string path_;
    bool is_there_ = false;
};

}  // namespace

TEST_CASE("what keeps a database from being opened is said in words, once, and tried again") {
    Folder folder;
    has(words_of(folder / "no/lares.db"), "folder '" + (folder / "no") + "': No such file");
    ::mkdir((folder / "sub").c_str(), 0700);
    has(words_of(folder / "sub"), "is a folder");
    write_file(folder / "text.db", std::string(5'000, 'x'));
    has(words_of(folder / "text.db"), "is not a database");
    CHECK(read_file(folder / "text.db") == std::string(5'000, 'x'));

    House house(hasty(folder / "later/lares.db"));
    CHECK(!house.store->is_open());
    ::mkdir((folder / "later").c_str(), 0700);
    CHECK(house.loop.run_until([&] { return house.store->is_open(); }));
    house.flush();
    REQUIRE(house.loop.told.size() == 2);
    CHECK(house.loop.told[1].ok);
    CHECK(house.store->trouble().empty());
}

TEST_CASE("a database of something else, or of a newer Lares, is left as it is") {
    Folder folder;
    sqlite3* other = nullptr;
    sqlite3_open((folder / "other.db").c_str(), &other);
    sqlite3_exec(other, "create table meta (name, value)", nullptr, nullptr, nullptr);
    sqlite3_close(other);
    std::string before = read_file(folder / "other.db");
    has(words_of(folder / "other.db"), "is not one of Lares");
    CHECK(read_file(folder / "other.db") == before);

    {
        House made(folder / "newer.db");
    }
    sqlite3_open((folder / "newer.db").c_str(), &other);
    sqlite3_exec(other, "update meta set value = '7' where name = 'schema_version'", nullptr,
                 nullptr, nullptr);
    sqlite3_close(other);
    has(words_of(folder / "newer.db"),
        "newer Lares (schema 7, this one knows " + std::to_string(migrations().size()) + ")");
}

TEST_CASE("a damaged database is told from one that is not there") {
    Folder folder;
    fill(folder / "cut.db");
    std::string whole = read_file(folder / "cut.db");
    REQUIRE(whole.size() > 500'000);
    write_file(folder / "garbage.db", std::string(100, '\xa5') + whole.substr(100));
    has(words_of(folder / "garbage.db"), "is not a database");

    write_file(folder / "cut.db", whole.substr(0, whole.size() / 2));
    House cut(hasty(folder / "cut.db"));
    auto found = cut.read(ports::LiveJobs{});
    bool is_noticed = !cut.store->is_open() || !found;
    CHECK(is_noticed);

    std::string flipped = whole;
    for (std::size_t page = 60; page < 90; ++page)
        for (std::size_t i = 0; i < 4'096; ++i) flipped[page * 4'096 + i] ^= '\x55';
    write_file(folder / "flipped.db", flipped);
    auto report = check(folder / "flipped.db", Depth::quick);
    REQUIRE(report);
    CHECK(!report->is_sound());
    has(print(*report), "sound     NO");
    House house(hasty(folder / "flipped.db"));
    auto rows = house.read(ports::LiveJobs{});
    REQUIRE(!rows);
    has(rows.error().what, "is damaged: see 'lares db check'");
}

namespace {

/// `tries`: so often it is tried again in vain; what waits must not change its order at any of
/// them.
void fill_the_disk(int tries) {
    CAPTURE(tries);
    Folder folder;
    SmallDisk disk(folder / "small");
    if (!disk.is_there()) {
        MESSAGE("skipped: no small disk may be mounted here");
        return;
    }
    House house(folder / "small/lares.db");
    REQUIRE(house.store->is_open());
    write_file(folder / "small/filler", std::string(2 << 20, 'x'));
    std::vector<int> order;
    int failed = 0;
    std::string words;
    ports::EventRow large = an_event(0);
    large.data = std::string(200'000, 'x');
    for (int i = 0; i < 5; ++i) {
        large.words = std::to_string(i);
        house.store->commit(must(ports::PutEvent{large}), [&, i](auto done) {
            if (done) order.push_back(i);
        });
        house.store->commit(ask(ports::PutEvent{large}), [&](auto done) {
            failed += done ? 0 : 1;
            if (!done) words = done.error().what;
        });
    }
    REQUIRE(house.loop.run_until([&] { return failed == 5; }));
    CHECK(words ==
          "database '" + (folder / "small/lares.db") + "': the disk is full: make room there");
    CHECK(house.store->trouble() == words);
    CHECK(order.empty());
    CHECK(house.store->backlog() == 5);
    for (int i = 0; i < tries; ++i) house.flush();  // comes back though nothing could be written
    CHECK(house.store->backlog() == 5);
    CHECK(house.read(ports::EventsAsked{}));
    // There is room again.
    ::unlink((folder / "small/filler").c_str());
    ::mount("tmpfs", (folder / "small").c_str(), "tmpfs", MS_REMOUNT, "size=20m");
    house.flush();
    REQUIRE(house.loop.run_until([&] { return order.size() == 5; }));
    CHECK(order == std::vector{0, 1, 2, 3, 4});
    REQUIRE(house.loop.told.size() == 3);
    CHECK(!house.loop.told[1].ok);
    CHECK(house.loop.told[2].ok);
    auto events = house.read(ports::EventsAsked{.oldest_first = true})->events;
    REQUIRE(events.size() == 5);
    for (int i = 0; i < 5; ++i)
        CHECK(events[static_cast<std::size_t>(i)].words == std::to_string(i));
    CHECK(house.store->trouble().empty());
}

}  // namespace

TEST_CASE("a full disk fails what is asked, keeps what must be, in order, and is told once") {
    fill_the_disk(1);
    fill_the_disk(2);
}

TEST_CASE("without anything to write, the end of a trouble is found out all the same") {
    Folder folder;
    House house(hasty(folder / "lares.db"));
    sqlite3* other = nullptr;
    sqlite3_open((folder / "lares.db").c_str(), &other);
    REQUIRE(sqlite3_exec(other, "begin immediate", nullptr, nullptr, nullptr) == SQLITE_OK);
    auto refused = house.commit(ask(ports::PutEvent{an_event(1)}));
    REQUIRE(!refused);
    has(refused.error().what, "locked by another process");
    CHECK(house.store->backlog() == 0);
    sqlite3_exec(other, "commit", nullptr, nullptr, nullptr);
    REQUIRE(house.loop.run_until([&] { return house.loop.told.size() == 3; }));
    CHECK(house.loop.told[2].ok);
    CHECK(house.commit(ask(ports::PutEvent{an_event(1)})));
    sqlite3_close(other);
}

TEST_CASE("a database that is removed or replaced while it is in use is trouble, not a new one") {
    Folder folder;
    House house(hasty(folder / "lares.db"));
    REQUIRE(house.commit(ask(ports::PutEvent{an_event(1)})));
    for (char const* end : {"", "-wal", "-shm"})
        REQUIRE(::rename((folder / "lares.db" + end).c_str(), (folder / "away" + end).c_str()) ==
                0);
    auto refused = house.commit(ask(ports::PutEvent{an_event(2)}));
    REQUIRE(!refused);
    has(refused.error().what, "was removed or replaced while it was in use");
    {
        House other(folder / "lares.db");
    }
    bool is_written = false;
    house.store->commit(must(ports::PutEvent{an_event(3)}),
                        [&](auto done) { is_written = bool(done); });
    house.flush();
    CHECK(!is_written);
    for (char const* end : {"", "-wal", "-shm"})
        ::rename((folder / "away" + end).c_str(), (folder / "lares.db" + end).c_str());
    REQUIRE(house.loop.run_until([&] { return is_written; }));
    CHECK(house.read(ports::EventsAsked{})->events.size() == 2);
}

TEST_CASE("a database that may not be written says so") {
    Folder folder;
    {
        House house(folder / "lares.db");
    }
    ::chmod((folder / "lares.db").c_str(), 0444);
    ::chmod(folder.path().c_str(), 0755);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    pid_t child = ::fork();
    if (child == 0) {
        // As somebody who is bound by permissions.
        if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(1);
        House house(hasty(folder / "lares.db"));
        std::string words = house.store->trouble();
        (void)!::write(ends[1], words.data(), words.size());
        ::_exit(0);
    }
    ::close(ends[1]);
    std::string words(1'000, '\0');
    words.resize(
        static_cast<std::size_t>(std::max<ssize_t>(0, ::read(ends[0], words.data(), 1'000))));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    has(words, "cannot be");
}

TEST_CASE("what was acknowledged is there after kill -9, whenever it comes") {
    Folder folder;
    std::string path = folder / "lares.db";
    std::vector<std::uint64_t> acknowledged;
    for (int life = 0; life < 20; ++life) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        pid_t child = ::fork();
        if (child == 0) {
            House house(path);
            auto one_more = [&](auto& self) -> void {
                std::uint64_t id = house.store->next_id();
                house.store->commit(ask(ports::PutJob{a_job(id, "once " + std::to_string(id))},
                                        ports::PutEvent{an_event(house.store->next_id())}),
                                    [&, id](auto done) {
                                        if (done) (void)!::write(ends[1], &id, sizeof id);
                                        self(self);
                                    });
            };
            for (int i = 0; i < 8; ++i) one_more(one_more);
            house.loop.run_until([] { return false; });
            ::_exit(0);
        }
        ::close(ends[1]);
        // After a number of answers that differs from life to life.
        std::uint64_t id = 0;
        for (int i = 0; i < 3 + life * 7 % 40; ++i)
            if (::read(ends[0], &id, sizeof id) == sizeof id) acknowledged.push_back(id);
        ::kill(child, SIGKILL);
        while (::read(ends[0], &id, sizeof id) == sizeof id) acknowledged.push_back(id);
        ::close(ends[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
    }
    House house(path);
    REQUIRE(house.store->is_open());
    std::vector<std::uint64_t> there;
    auto found = house.read(ports::LiveJobs{});
    REQUIRE(found);
    for (auto const& job : found->jobs) there.push_back(job.id);
    CHECK(std::adjacent_find(there.begin(), there.end()) == there.end());
    CHECK(acknowledged.size() > 100);
    std::sort(acknowledged.begin(), acknowledged.end());
    CHECK(std::adjacent_find(acknowledged.begin(), acknowledged.end()) == acknowledged.end());
    CHECK(std::includes(there.begin(), there.end(), acknowledged.begin(), acknowledged.end()));
    CHECK(house.store->next_id() > there.back());
    CHECK(check(path, Depth::full)->is_sound());
}

}  // namespace lares::store
