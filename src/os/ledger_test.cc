// os/ledger_test.cc: what is kept is found again, torn, cut, full and killed.

#include "os/ledger.h"

#include <doctest/doctest.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "os/files.h"
#include "os/temporary_test.h"

using namespace lares::os;
using lares::os::testing::Temporary;
using Left = std::vector<std::pair<std::string, std::string>>;

namespace {

std::string bytes_of(Temporary const& folder) {
    auto bytes = read_file(folder.path("ledger"), 100 << 20);
    return bytes ? *bytes : "";
}

Left left_in(Temporary const& folder, std::string const& boot = "b1") {
    return Ledger(folder.path(""), boot).take_left();
}

/// A ledger's file with three records.
std::string three_records(Temporary const& folder) {
    Ledger ledger(folder.path(""), "b1");
    ledger.keep("unit/a", "one");
    ledger.keep("unit/b", std::string("\0two\n", 5));
    ledger.keep("unit/a", "three");
    return bytes_of(folder);
}

/// Files may not grow beyond `bytes` while it lives, as on a full disk.
class SmallDisk {
public:
    explicit SmallDisk(rlim_t bytes) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit small{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~SmallDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    SmallDisk(SmallDisk const&) = delete;
    SmallDisk& operator=(SmallDisk const&) = delete;

private:
    rlimit before_{};
};

}  // namespace

TEST_CASE("the last record of each key is found again, in the order first kept") {
    Temporary folder;
    three_records(folder);
    Left expected{{"unit/a", "three"}, {"unit/b", std::string("\0two\n", 5)}};
    CHECK(left_in(folder) == expected);
    CHECK(left_in(folder) == expected);  // reading takes nothing away
    Ledger ledger(folder.path(""), "b1");
    ledger.take_left();
    CHECK(ledger.take_left().empty());
}

TEST_CASE("what was dropped is gone, and comes last when it is kept again") {
    Temporary folder;
    {
        Ledger ledger(folder.path(""), "b1");
        for (auto key : {"a", "b", "c"}) ledger.keep(key, "1");
        ledger.drop("a");
        ledger.drop("b");
        ledger.drop("never");
        ledger.keep("a", "2");
    }
    CHECK(left_in(folder) == Left{{"c", "1"}, {"a", "2"}});
}

TEST_CASE("records of another start of the machine are forgotten") {
    Temporary folder;
    three_records(folder);
    CHECK(left_in(folder, "b2").empty());
    CHECK(left_in(folder, "b1").empty());
}

TEST_CASE("whatever byte it is cut at, every record before is whole and appending goes on") {
    Temporary folder;
    std::string whole = three_records(folder);
    std::size_t before = 0;
    for (std::size_t length = 64; length <= whole.size(); ++length) {
        folder.write("ledger", whole.substr(0, length));
        std::size_t found = 0;
        {
            Ledger ledger(folder.path(""), "b1");
            auto left = ledger.take_left();
            found = left.size();
            CHECK(ledger.trouble() == "");
            for (auto const& [key, record] : left)
                CHECK((record == "one" || record == "three" || record.size() == 5));
            ledger.keep("after", "it");
        }
        CHECK(found >= before);
        before = found;
        CHECK(left_in(folder).back() == std::pair<std::string, std::string>("after", "it"));
    }
    CHECK(before == 2);
}

TEST_CASE("whatever bit is turned, no record comes out other than it was kept") {
    Temporary folder;
    std::string whole = three_records(folder);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        std::string torn = whole;
        torn[at] = static_cast<char>(torn[at] ^ 0x10);
        folder.write("ledger", torn);
        for (auto const& [key, record] : left_in(folder))
            CHECK((record == "one" || record == "three" || record == std::string("\0two\n", 5)));
    }
}

TEST_CASE("a second daemon in the same folder keeps nothing, says so, and harms nothing") {
    Temporary folder;
    Ledger first(folder.path(""), "b1");
    first.keep("a", "1");
    ::pid_t child = ::fork();  // the lock is not between two of one process
    if (child == 0) {
        Ledger second(folder.path(""), "b1");
        second.keep("a", "2");
        second.drop("a");
        bool told = second.trouble().find("belongs to another daemon that runs (process " +
                                          std::to_string(::getppid()) + ")") != std::string::npos;
        ::_exit(told && second.take_left().empty() ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
    first.keep("b", "1");
    CHECK(first.trouble() == "");
    CHECK(bytes_of(folder).find("2") == std::string::npos);
}

TEST_CASE("a daemon that was killed while it made a child leaves all it knew to the next one") {
    Temporary folder;
    ::pid_t first = ::fork();
    if (first == 0) {
        Ledger ledger(folder.path(""), "b1");
        ledger.keep("a", "1");
        // As os/child.cc makes them: it shares the descriptors, and so the lock, for some moments.
        if (::syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0) == 0) {
            ::usleep(100'000);
            ::_exit(0);
        }
        ::raise(SIGKILL);
    }
    ::waitpid(first, nullptr, 0);
    Ledger next(folder.path(""), "b1");
    CHECK(next.trouble() == "");
    CHECK(next.take_left().size() == 1);
}

TEST_CASE("a folder that is not there is trouble, in words") {
    Ledger ledger("/nonexistent/folder", "b1");
    ledger.keep("a", "1");
    CHECK(ledger.trouble() == "open '/nonexistent/folder/lock': no such file or directory");
}

TEST_CASE("the file stays small however often a record changes") {
    Temporary folder;
    std::string record(500, 'x');
    {
        Ledger ledger(folder.path(""), "b1");
        for (int i = 0; i < 20'000; ++i) {
            record[0] = static_cast<char>('a' + i % 26);
            record[1] = static_cast<char>('a' + i / 26 % 26);
            ledger.keep(i % 2 ? "a" : "b", record);
        }
        CHECK(ledger.file_bytes() < 2 << 20);
    }
    CHECK(static_cast<std::int64_t>(bytes_of(folder).size()) < 2 << 20);
    CHECK(left_in(folder) == Left{{"b", left_in(folder)[0].second}, {"a", record}});
}

TEST_CASE("the same record again costs nothing") {
    Temporary folder;
    Ledger ledger(folder.path(""), "b1");
    ledger.keep("a", "1");
    auto before = ledger.file_bytes();
    ledger.keep("a", "1");
    CHECK(ledger.file_bytes() == before);
}

TEST_CASE("on a full disk it says so, loses nothing that was kept, and catches up later") {
    Temporary folder;
    {
        Ledger ledger(folder.path(""), "b1");
        ledger.keep("a", "before");
        {
            SmallDisk disk(200);
            ledger.keep("a", std::string(1000, 'x'));
            CHECK(ledger.trouble().find("write") != std::string::npos);
            ledger.keep("b", "meanwhile");
        }
    }
    CHECK(left_in(folder) == Left{{"a", "before"}});
    Ledger ledger(folder.path(""), "b1");
    {
        SmallDisk disk(200);
        ledger.keep("a", std::string(1000, 'x'));
    }
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!ledger.trouble().empty() && std::chrono::steady_clock::now() < end) {
        ::usleep(50'000);
        ledger.keep("b", "after");
    }
    CHECK(ledger.trouble() == "");
    auto bytes = bytes_of(folder);
    CHECK(bytes.find(std::string(1000, 'x')) != std::string::npos);
    CHECK(bytes.find("after") != std::string::npos);
}

TEST_CASE("after kill -9 at any moment the last record that was kept is there, whole") {
    Temporary folder;
    for (int round = 0; round < 12; ++round) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        ::pid_t child = ::fork();
        if (child == 0) {
            Ledger ledger(folder.path(""), "b1");
            for (int i = 0;; ++i) {
                ledger.keep("n" + std::to_string(i % 5), std::to_string(i) + std::string(900, 'y'));
                if (::write(ends[1], &i, sizeof i) != sizeof i) ::_exit(1);
            }
        }
        ::close(ends[1]);
        int last = -1, seen = 0;
        int stop_after = 100 + 700 * round;  // some within a rewriting
        while (seen < stop_after && ::read(ends[0], &last, sizeof last) == sizeof last) ++seen;
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        while (::read(ends[0], &last, sizeof last) == sizeof last) continue;
        ::close(ends[0]);
        int newest = -1;
        for (auto const& [key, record] : left_in(folder)) {
            CHECK(record.substr(record.find('y')) == std::string(900, 'y'));
            newest = std::max(newest, std::atoi(record.c_str()));
        }
        CHECK(newest >= last);
        ::unlink(folder.path("ledger").c_str());
    }
}

TEST_CASE("keeping a record costs microseconds") {
    Temporary folder;
    Ledger ledger(folder.path(""), "b1");
    std::string record(600, 'x');
    auto begun = std::chrono::steady_clock::now();
    constexpr int times = 20'000;
    for (int i = 0; i < times; ++i) {
        record[static_cast<std::size_t>(i) % 600] = static_cast<char>('a' + i % 26);
        ledger.keep("unit/web:web_" + std::to_string(i % 100), record);
    }
    auto each = (std::chrono::steady_clock::now() - begun) / times;
    double microseconds = std::chrono::duration<double, std::micro>(each).count();
    MESSAGE("a keep takes " << microseconds << " microseconds");
    CHECK(microseconds < 200);  // 2 to 4 on an idle machine; this one may be crowded
}

TEST_CASE("this start of the machine has a name") { CHECK(boot_id().size() == 36); }
