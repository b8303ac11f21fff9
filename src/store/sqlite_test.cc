// store/sqlite_test.cc: the port's promises, kept by SQLite; its tables compared with plain maps.

#include "store/sqlite.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <random>
#include <tuple>

#include "base/limits.h"
#include "sim/store_tables.h"
#include "store/reading.h"
#include "store/world_test.h"

namespace lares::store {

using namespace testing;
using ports::Commit;

TEST_CASE("a database that is not there is made, for its owner alone, and numbers begin with 1") {
    Folder folder;
    House house(folder / "lares.db");
    REQUIRE(house.loop.told.size() == 1);
    CHECK(house.loop.told[0].ok);
    CHECK(house.loop.told[0].words == "made database '" + (folder / "lares.db") + "'");
    CHECK(house.store->is_open());
    CHECK(house.store->trouble().empty());
    struct stat there{};
    for (char const* name : {"lares.db", "lares.db-wal", "lares.db-shm"}) {
        REQUIRE(::stat((folder / name).c_str(), &there) == 0);
        CHECK((there.st_mode & 0777) == 0600);
    }
    CHECK(house.store->next_id() == 1);
    CHECK(house.store->next_id() == 2);
}

namespace {

/// One row of each kind, with every byte somewhere.
struct Rows {
    std::string bytes = [] {
        std::string all;
        for (int each = 1; each < 256; ++each) all += static_cast<char>(each);
        return all;
    }();
    job::Job job{.id = 3,
                 .task = "t'\"" + bytes,
                 .payload = bytes,
                 .payload_file = "sha256:1",
                 .key = "k",
                 .once = bytes,
                 .priority = -7,
                 .created = at(-5),
                 .not_before = at(2),
                 .due = at(3),
                 .ended = at(4),
                 .after = {1, 2},
                 .state = job::State::parked,
                 .attempts = 5,
                 .errors = 6,
                 .crashes = 7,
                 .run = 8,
                 .token = UINT64_MAX,
                 .source = "s",
                 .why = bytes,
                 .result = "r",
                 .cause = 9};
    ports::RunRow run{.run = 8,
                      .kind = "job",
                      .subject = "t",
                      .job = 3,
                      .attempt = 5,
                      .command = bytes,
                      .environment = bytes,
                      .directory = "/" + bytes,
                      .user = "u",
                      .revision = 1,
                      .pid = 2,
                      .node = "n",
                      .started = at(1),
                      .ended = at(2),
                      .outcome = "ok",
                      .code = -1,
                      .signal = 9,
                      .wall = Duration(3),
                      .cpu = Duration(4),
                      .peak_memory_bytes = INT64_MAX,
                      .read_bytes = 5,
                      .written_bytes = 6,
                      .log = "/" + bytes,
                      .words = "w"};
    ports::EventRow event{.id = 4,
                          .at = at(7),
                          .kind = "k",
                          .subject = "file/" + bytes,
                          .cause = 3,
                          .who = "w",
                          .words = bytes,
                          .data = "{}"};
    ports::FileRow file{.id = 5,
                        .folder = "in",
                        .path = "/in/" + bytes,
                        .device = UINT64_MAX,
                        .inode = 1,
                        .birth_ns = 1'764'331'200'123'456'789,
                        .size = 2,
                        .mtime_ns = 3,
                        .hash = "h",
                        .state = "taken",
                        .job = 3,
                        .seen = at(1),
                        .ended = at(2),
                        .destination = bytes,
                        .words = "w"};
    delivery::Delivery delivery{.id = 6,
                                .channel = "ops" + bytes,
                                .thread = bytes,
                                .key = bytes,
                                .message = bytes,
                                .created = at(1),
                                .not_before = at(2),
                                .expires = at(3),
                                .ended = at(4),
                                .state = delivery::State::expired,
                                .attempts = 5,
                                .provider = bytes,
                                .words = bytes,
                                .source = "s",
                                .cause = 4};
};

}  // namespace

TEST_CASE("every field of every row comes back as it was, whatever its bytes") {
    Rows const rows;
    auto const& [bytes, job, run, event, file, delivery] = rows;
    Folder folder;
    {
        House house(folder / "lares.db");
        REQUIRE(house.commit(ask(ports::PutJob{job}, ports::PutRun{run}, ports::PutEvent{event},
                                 ports::PutFile{file}, ports::PutDelivery{delivery},
                                 ports::SetMark{bytes, bytes})));
    }
    House house(folder / "lares.db");
    CHECK(house.loop.told[0].words == "opened database '" + (folder / "lares.db") + "'");
    CHECK((house.read(ports::JobAsked{3})->jobs == std::vector{job}));
    CHECK((house.read(ports::RunsAsked{.job = 3})->runs == std::vector{run}));
    CHECK((house.read(ports::EventsAsked{.subject = event.subject})->events == std::vector{event}));
    CHECK((house.read(ports::FilesAsked{.folder = "in", .path = file.path})->files ==
           std::vector{file}));
    CHECK((house.read(ports::DeliveriesAsked{.id = 6})->deliveries == std::vector{delivery}));
    CHECK((house.read(ports::MarksAsked{.prefix = bytes})->marks ==
           std::vector{std::pair{bytes, bytes}}));
    CHECK(house.store->next_id() == 7);
}

TEST_CASE("a commit whose `once` is taken is refused whole, or without that job") {
    Folder folder;
    House house(folder / "lares.db");
    REQUIRE(house.commit(ask(ports::PutJob{a_job(1, "tick 7")})));
    Commit twice = ask(ports::PutEvent{an_event(2)}, ports::PutJob{a_job(3, "tick 7")},
                       ports::PutJob{a_job(4)});
    auto refused = house.commit(twice);
    REQUIRE(!refused);
    CHECK(refused.error().kind == Error::Kind::conflict);
    CHECK(refused.error().what == "'tick 7' has job 1 already");
    CHECK(house.read(ports::EventsAsked{})->events.empty());
    twice.may_conflict = true;
    ports::EventRow accepted = an_event(5);
    accepted.subject = "job/3";
    ports::EventRow other = an_event(6);
    other.subject = "job/4";
    twice.writes.insert(twice.writes.begin() + 2, ports::PutEvent{accepted});
    twice.writes.emplace_back(ports::PutEvent{other});
    auto without = house.commit(twice);
    REQUIRE(without);
    CHECK((without->conflicts == std::vector{std::pair<job::Id, job::Id>{3, 1}}));
    CHECK(house.read(ports::JobsAsked{})->jobs.size() == 2);
    CHECK(house.read(ports::JobsAsked{.once = "tick 7"})->jobs.at(0).id == 1);
    CHECK(house.read(ports::EventsAsked{.subject = "job/3"})->events.empty());
    CHECK(house.read(ports::EventsAsked{.subject = "job/4"})->events.size() == 1);
}

TEST_CASE("a job is changed only while its run is the one expected") {
    Folder folder;
    House house(folder / "lares.db");
    job::Job job = a_job(1);
    job.run = 10;
    REQUIRE(house.commit(ask(ports::PutJob{job})));
    job.task = "other";
    job.state = job::State::done;
    auto late = house.commit(ask(ports::PutEvent{an_event(2)}, ports::SetJob{job, 9}));
    REQUIRE(!late);
    CHECK(late.error().kind == Error::Kind::conflict);
    CHECK(house.read(ports::EventsAsked{})->events.empty());
    auto late_must = house.commit(must(ports::PutEvent{an_event(2)}, ports::SetJob{job, 9}));
    REQUIRE(late_must);
    CHECK((late_must->conflicts == std::vector{std::pair<job::Id, job::Id>{1, 0}}));
    CHECK(house.read(ports::EventsAsked{})->events.size() == 1);
    CHECK(house.read(ports::JobAsked{1})->jobs.at(0).state == job::State::ready);
    REQUIRE(house.commit(ask(ports::SetJob{job, 10})));
    CHECK(house.read(ports::JobAsked{1})->jobs.at(0).state == job::State::done);
    CHECK(house.read(ports::JobAsked{1})->jobs.at(0).task == "report");
    CHECK(!house.commit(ask(ports::SetJob{a_job(99)})));
}

TEST_CASE("a run that has ended is not written over by another of its number") {
    Folder folder;
    House house(folder / "lares.db");
    ports::RunRow run{.run = 5, .kind = "program", .subject = "web:web", .started = at(1)};
    REQUIRE(house.commit(ask(ports::PutRun{run})));
    run.pid = 77;
    run.log = "/log";
    REQUIRE(house.commit(ask(ports::PutRun{run})));
    ports::RunRow end{.run = 5, .ended = at(9), .outcome = "exited"};
    REQUIRE(house.commit(must(ports::EndRun{end})));
    ports::RunRow found = house.read(ports::RunsAsked{.run = 5})->runs.at(0);
    CHECK(found.pid == 77);
    CHECK(found.log == "/log");
    CHECK(found.subject == "web:web");
    CHECK(found.ended == at(9));
    CHECK(!house.commit(ask(ports::PutRun{run})));
    CHECK(house.read(ports::RunsAsked{.only_open = true})->runs.empty());
    REQUIRE(house.commit(must(ports::EndRun{{.run = 6, .kind = "job", .ended = at(1)}})));
    CHECK(house.read(ports::RunsAsked{.run = 6})->runs.size() == 1);
}

TEST_CASE("answers come in order and on the loop's thread, many in one turn") {
    Folder folder;
    House house(folder / "lares.db");
    std::vector<int> order;
    std::size_t posts = house.loop.posts;
    for (int i = 0; i < 2'000; ++i) {
        house.store->commit(ask(ports::PutEvent{an_event(house.store->next_id())}),
                            [&order, i](Result<ports::Committed> done) {
                                if (done) order.push_back(i);
                            });
    }
    CHECK(order.empty());
    REQUIRE(house.loop.run_until([&] { return order.size() == 2'000; }));
    CHECK(std::is_sorted(order.begin(), order.end()));
    CHECK(house.loop.posts - posts < 500);
    CHECK(house.store->backlog() == 0);
}

TEST_CASE("what is too much to wait is refused with its number") {
    Folder folder;
    House house(folder / "lares.db");
    Commit big = must();
    for (std::size_t i = 0; i < limits::store_backlog; ++i)
        big.writes.emplace_back(ports::PutEvent{an_event(house.store->next_id(), "program/web")});
    std::size_t answered = 0, refused = 0;
    auto count = [&](Result<ports::Committed> done) {
        answered += 1;
        if (!done) refused += done.error().kind == Error::Kind::unavailable ? 1u : 100u;
    };
    house.store->commit(std::move(big), count);
    house.store->commit(must(ports::PutEvent{an_event(house.store->next_id())}), count);
    house.store->commit(ask(ports::PutEvent{an_event(house.store->next_id())}), count);
    REQUIRE(house.loop.run_until([&] { return answered == 3; }));
    CHECK(refused == 1);
    CHECK(house.read(ports::EventsAsked{.subject_prefix = "program/", .limit = SIZE_MAX})
              ->events.size() == limits::store_rows);
}

TEST_CASE("events and files without a number get one of the sequence") {
    Folder folder;
    House house(folder / "lares.db");
    REQUIRE(house.commit(must(ports::PutEvent{an_event(0)}, ports::PutFile{{.folder = "in"}})));
    CHECK(house.read(ports::EventsAsked{})->events.at(0).id == 1);
    CHECK(house.read(ports::FilesAsked{})->files.at(0).id == 2);
    CHECK(house.store->next_id() == 3);
}

TEST_CASE("before it is open, what is asked fails and what must be is kept") {
    Folder folder;
    Loop loop;
    auto store = make_sqlite({.path = folder / "lares.db"}, loop, loop.post());
    int failed = 0;
    bool is_written = false;
    store->commit(ask(ports::PutEvent{an_event(0)}), [&](auto done) { failed += done ? 0 : 1; });
    store->read(ports::LiveJobs{}, [&](auto found) { failed += found ? 0 : 1; });
    store->commit(must(ports::PutEvent{an_event(0)}), [&](auto done) { is_written = bool(done); });
    CHECK(failed == 0);  // never within the call
    CHECK(store->backlog() == 1);
    store->open();
    REQUIRE(loop.run_until([&] { return is_written; }));
    CHECK(failed == 2);
    CHECK(loop.told.size() == 1);
}

TEST_CASE("a flush is answered after what was asked before it, and what is left is written") {
    Folder folder;
    {
        House house(folder / "lares.db");
        int written = 0;
        for (int i = 0; i < 100; ++i)
            house.store->commit(must(ports::PutEvent{an_event(0)}), [&](auto) { written += 1; });
        house.flush();
        CHECK(written == 100);
        house.store->commit(must(ports::PutEvent{an_event(0)}), nullptr);
    }
    House house(folder / "lares.db");
    CHECK(house.read(ports::EventsAsked{.limit = 200})->events.size() == 101);
}

TEST_CASE("the end of a prefix is the first text behind all that begin with it") {
    CHECK(after_prefix("program/") == "program0");
    CHECK(after_prefix("a\xff") == "b");
    CHECK(after_prefix("\xff\xff").empty());
}

namespace {

/// Draws commits and questions from small sets, so that they meet.
class Draw {
public:
    explicit Draw(unsigned seed) : random_(seed) {}

    int number(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
    std::string word(std::string const& stem, int below) {
        int which = number(below + 1);
        return which == 0 ? "" : stem + std::to_string(which);
    }
    job::Job job() {
        using enum job::State;
        constexpr job::State states[] = {ready, running, done, dead, parked, cancelled, skipped};
        job::Job job;
        job.id = 1 + static_cast<job::Id>(number(60));
        job.task = "task" + std::to_string(number(3));
        job.once = word("once", 20);
        job.payload_file = word("sha256:", 5);
        job.source = word("source", 2);
        job.created = at(number(50));
        job.state = states[number(7)];
        job.ended = job::is_end(job.state) ? at(1 + number(100)) : at(0);
        job.run = static_cast<std::uint64_t>(number(4));
        job.after.assign(static_cast<std::size_t>(number(3)), 7);
        return job;
    }
    ports::RunRow run() {
        ports::RunRow run;
        run.run = 1 + static_cast<std::uint64_t>(number(60));
        run.kind = number(2) == 0 ? "job" : "program";
        run.job = static_cast<job::Id>(number(60));
        run.subject = "task" + std::to_string(number(3));
        run.log = word("/log", 30);
        run.started = at(number(50));
        run.outcome = word("ok", 1);
        return run;
    }
    delivery::Delivery delivery() {
        using enum delivery::State;
        constexpr delivery::State states[] = {waiting, sending, sent,     failed,
                                              expired, dropped, gathered, unsure};
        delivery::Delivery row;
        row.id = 1 + static_cast<delivery::Id>(number(30));
        row.channel = "channel" + std::to_string(number(3));
        row.key = word("key", 9);
        row.source = word("source", 2);
        row.state = states[number(8)];
        row.created = at(number(50));
        row.ended = delivery::is_end(row.state) ? at(1 + number(100)) : at(0);
        row.attempts = number(9);
        row.cause = static_cast<job::Id>(number(20));
        return row;
    }
    ports::Write write() {
        switch (number(13)) {
        case 10: {
            ports::AlertRecord alert;
            alert.id = 1 + static_cast<job::Id>(number(9));
            alert.subject = word("program/", 3);
            alert.state = number(2) == 0 ? "firing" : "resolved";
            alert.ended = alert.state == "firing" ? at(0) : at(1 + number(100));
            alert.record = word("record", 9);
            return ports::PutAlert{alert};
        }
        case 11:
            return ports::PutMember{{1 + static_cast<job::Id>(number(9)), word("task/", 3),
                                     word("late", 1), word("record", 9)}};
        case 12:
            return ports::DropMembers{1 + static_cast<job::Id>(number(9))};
        case 8:
            return ports::PutDelivery{delivery()};
        case 9:
            return ports::SetDelivery{delivery()};
        case 0:
            return ports::PutJob{job()};
        case 1:
            return ports::SetJob{job(), static_cast<std::uint64_t>(number(4))};
        case 2:
            return ports::PutRun{run()};
        case 3: {
            ports::RunRow ended = run();
            ended.ended = at(1 + number(100));
            return ports::EndRun{ended};
        }
        case 4: {
            ports::EventRow event =
                an_event(1 + static_cast<job::Id>(number(200)), "program/" + word("p", 4));
            event.at = at(number(100));
            event.cause = static_cast<job::Id>(number(20));
            event.kind = number(2) == 0 ? "job.done" : "clock.step";
            return ports::PutEvent{event};
        }
        case 5: {
            ports::FileRow file;
            file.id = 1 + static_cast<std::uint64_t>(number(40));
            file.folder = word("in", 2);
            file.path = word("/in/", 9);
            file.state = word("taken", 1);
            file.job = static_cast<job::Id>(number(20));
            file.ended = at(number(100));
            return ports::PutFile{file};
        }
        case 6:
            return ports::SetMark{word("mark", 9), word("value", 9)};
        default:
            return ports::DropMark{word("mark", 9)};
        }
    }
    Commit commit() {
        Commit commit;
        commit.kind = number(2) == 0 ? Commit::Kind::ask : Commit::Kind::must;
        commit.may_conflict = number(2) == 0;
        for (int i = number(5); i >= 0; --i) commit.writes.push_back(write());
        return commit;
    }
    ports::Question question() {
        switch (number(11)) {
        case 10: {
            constexpr char const* states[] = {"", "open", "ended", "firing"};
            return ports::AlertsAsked{.subject = number(2) == 0 ? "" : word("program/", 3),
                                      .state = states[number(4)],
                                      .before = static_cast<job::Id>(number(12)),
                                      .open_or_since = at(number(2) * 50),
                                      .with_members = number(2) == 0};
        }
        case 8:
            return ports::LiveDeliveries{.channel = number(2) == 0 ? "" : "channel1",
                                         .after = static_cast<delivery::Id>(number(20)),
                                         .limit = static_cast<std::size_t>(number(40))};
        case 9: {
            constexpr char const* states[] = {"", "live", "ended", "sent", "waiting"};
            return ports::DeliveriesAsked{.channel = number(2) == 0 ? "" : "channel1",
                                          .state = states[number(5)],
                                          .source = word("source", 2),
                                          .before = static_cast<delivery::Id>(number(40)),
                                          .cause = static_cast<job::Id>(number(2) * number(20)),
                                          .since = at(number(2) * 10)};
        }
        case 0:
            return ports::LiveJobs{};
        case 1: {
            constexpr char const* states[] = {"",     "live",  "ended",  "done",
                                              "dead", "ready", "skipped"};
            return ports::JobsAsked{.task = number(2) == 0 ? "" : "task1",
                                    .state = states[number(7)],
                                    .source = word("source", 2),
                                    .once = number(4) == 0 ? word("once", 20) : "",
                                    .before = static_cast<job::Id>(number(80)),
                                    .since = at(number(2) * 10),
                                    .limit = static_cast<std::size_t>(number(40))};
        }
        case 2:
            return ports::JobAsked{static_cast<job::Id>(number(60))};
        case 3:
            return ports::RunsAsked{.kind = number(2) == 0 ? "" : "job",
                                    .subject = number(2) == 0 ? "" : "task2",
                                    .outcome = word("ok", 1),
                                    .job = static_cast<job::Id>(number(2) * number(60)),
                                    .before = static_cast<std::uint64_t>(number(80)),
                                    .only_open = number(2) == 0};
        case 4: {
            ports::EventsAsked asked{.subject_prefix = number(2) == 0 ? "" : "program/",
                                     .kind_prefix = number(2) == 0 ? "" : "job.",
                                     .after = static_cast<job::Id>(number(30)),
                                     .until = at(number(2) * 60),
                                     .oldest_first = number(2) == 0,
                                     .limit = 30};
            for (int i = number(4); i > 0; --i)
                asked.causes.push_back(static_cast<job::Id>(number(20)));
            return asked;
        }
        case 5:
            return ports::FilesAsked{.folder = word("in", 2),
                                     .path = word("/in/", 9),
                                     .state = word("taken", 1),
                                     .job = static_cast<job::Id>(number(2) * number(20))};
        case 6:
            return ports::MarksAsked{number(2) == 0 ? "" : "mark1"};
        default:
            return ports::CountsAsked{};
        }
    }

private:
    std::mt19937 random_;
};

bool same(ports::Found const& a, ports::Found const& b) {
    auto counts = [](ports::Found const& found) {
        std::vector<std::tuple<std::string, std::string, std::int64_t>> all;
        for (auto const& each : found.counts) all.emplace_back(each.task, each.state, each.jobs);
        return all;
    };
    return a.jobs == b.jobs && a.runs == b.runs && a.events == b.events && a.files == b.files &&
           a.marks == b.marks && a.deliveries == b.deliveries && a.alerts == b.alerts &&
           a.members == b.members && counts(a) == counts(b);
}

ports::Found everything(House& house) {
    std::optional<ports::Found> all;
    house.store->read_all({ports::JobsAsked{.limit = 1'000}, ports::RunsAsked{.limit = 1'000},
                           ports::EventsAsked{.limit = 1'000}, ports::FilesAsked{.limit = 1'000},
                           ports::MarksAsked{}, ports::DeliveriesAsked{.limit = 1'000},
                           ports::AlertsAsked{.with_members = true, .limit = 1'000}},
                          [&](Result<ports::Found> found) { all = std::move(found).take(); });
    house.loop.run_until([&] { return all.has_value(); });
    return std::move(*all);
}

ports::Found everything(sim::StoreTables const& tables) {
    ports::Found all;
    for (ports::Question const& question : std::vector<ports::Question>{
             ports::JobsAsked{.limit = 1'000}, ports::RunsAsked{.limit = 1'000},
             ports::EventsAsked{.limit = 1'000}, ports::FilesAsked{.limit = 1'000},
             ports::MarksAsked{}, ports::DeliveriesAsked{.limit = 1'000},
             ports::AlertsAsked{.with_members = true, .limit = 1'000}})
        tables.answer(question, all);
    return all;
}

}  // namespace

TEST_CASE(
    "SQL means what plain maps mean, commit by commit, question by question, slice by slice") {
    for (unsigned seed = 1; seed <= 4; ++seed) {
        CAPTURE(seed);
        Folder folder;
        House house(folder / "lares.db");
        sim::StoreTables tables;
        Draw draw(seed);
        for (int round = 0; round < 100; ++round) {
            CAPTURE(round);
            std::vector<Commit> commits(seed % 2 == 0 ? 25 : 1);  // of one transaction
            for (Commit& each : commits) each = draw.commit();
            auto stored = house.commit_all(commits);
            REQUIRE(stored.size() == commits.size());
            for (std::size_t i = 0; i < commits.size(); ++i) {
                Result<ports::Committed> plain = tables.apply(commits[i]);
                REQUIRE(plain.ok() == stored[i].ok());
                if (plain) REQUIRE(plain->conflicts == stored[i]->conflicts);
            }
            ports::Question question = draw.question();
            ports::Found expected;
            tables.answer(question, expected);
            REQUIRE(same(expected, *house.read(question)));
        }
        REQUIRE(same(everything(tables), everything(house)));
        ports::Retention keep{.jobs_for = Duration(60),
                              .dead_for = Duration(80),
                              .events_for = Duration(50),
                              .runs_for = Duration(70),
                              .deliveries_for = Duration(60)};
        if (seed > 2) keep = {.events = 20};
        ports::Pruned plain = tables.prune(keep, at(110));
        auto stored = house.prune(keep, at(110));
        REQUIRE(stored);
        CHECK(!stored->more);
        CHECK(plain.jobs == stored->jobs);
        CHECK(plain.runs == stored->runs);
        CHECK(plain.events == stored->events);
        CHECK(plain.files == stored->files);
        CHECK(plain.deliveries == stored->deliveries);
        CHECK(plain.logs == stored->logs);
        CHECK(plain.payload_files == stored->payload_files);
        CHECK(same(everything(tables), everything(house)));
    }
}

}  // namespace lares::store
