// core/settle_test.cc: half-written files, writers that come back, companions, and a thousand
// random lives of files against what must never happen.

#include "core/settle.h"

#include <doctest/doctest.h>

#include <functional>
#include <random>

using namespace lares;
using namespace lares::settle;
using namespace std::chrono_literals;

namespace {

Instant at(Duration since) { return Instant{} + 1h + since; }

Seen file(std::string path, std::uint64_t inode, std::int64_t size = 10) {
    Seen seen;
    seen.path = std::move(path);
    seen.identity = {1, inode};
    seen.size = size;
    seen.mtime_ns = size;
    return seen;
}
Seen closed(Seen seen) {
    seen.closed = seen.looked = seen.can_tell_open = true;
    return seen;
}
Seen moved(Seen seen) {
    seen.moved_in = seen.looked = seen.can_tell_open = true;
    return seen;
}
Seen looked(Seen seen, bool is_open = false) {
    seen.looked = seen.can_tell_open = true;
    seen.is_open = is_open;
    return seen;
}
std::string taken(Settler& settler) {
    std::string all;
    for (Claim const& claim : settler.take(100)) {
        all += all.empty() ? "" : " ";
        for (Seen const& member : claim.members) {
            all += (&member == &claim.members[0] ? "" : "+") + member.path;
        }
    }
    return all;
}
std::string looks(Settler& settler, Duration when) {
    std::string all;
    for (std::string const& path : settler.decide(at(when)).look) {
        all += (all.empty() ? "" : " ") + path;
    }
    return all;
}

Rules rules(Duration settle, Unit unit = Unit::file) {
    Rules made;
    made.settle = settle;
    made.unit = unit;
    return made;
}

}  // namespace

TEST_CASE("with settle = 0 a closed file is ready at once") {
    Settler settler(rules(0s));
    settler.see(closed(file("/in/a", 1)), at(0s));
    CHECK(taken(settler) == "/in/a");
    CHECK(settler.size() == 0);
}

TEST_CASE("with settle = 0 a close that is told before the writer counts as gone costs no second") {
    Settler settler(rules(0s));
    Seen still_open = closed(file("/in/a", 1));
    still_open.is_open = true;
    settler.see(still_open, at(0s));
    CHECK(taken(settler) == "");
    CHECK(looks(settler, 5ms) == "/in/a");
    SUBCASE("over now: ready") {
        settler.see(looked(file("/in/a", 1)), at(5ms));
        CHECK(taken(settler) == "/in/a");
    }
    SUBCASE("another writer's: it waits for his close") {
        settler.see(looked(file("/in/a", 1, 11), true), at(5ms));
        settler.see(looked(file("/in/a", 1, 11)), at(20ms));
        CHECK(taken(settler) == "");
        settler.see(closed(file("/in/a", 1, 11)), at(21ms));
        CHECK(taken(settler) == "/in/a");
    }
}

TEST_CASE("half-written file: it waits for its settle time, a look, and nobody who writes") {
    Settler settler(rules(2s));
    settler.see(closed(file("/in/a", 1)), at(0s));
    CHECK(taken(settler) == "");
    CHECK(settler.deadline() == at(2s));
    CHECK(looks(settler, 1999ms) == "");
    CHECK(looks(settler, 2s) == "/in/a");
    CHECK_FALSE(settler.deadline());
    SUBCASE("unchanged: ready") {
        settler.see(looked(file("/in/a", 1)), at(2s));
        CHECK(taken(settler) == "/in/a");
    }
    SUBCASE("grown: it waits again") {
        settler.see(looked(file("/in/a", 1, 11)), at(2s));
        CHECK(taken(settler) == "");
        CHECK(settler.deadline() == at(4s));
    }
    SUBCASE("open: it waits for the end of that, looked for later and later") {
        settler.see(looked(file("/in/a", 1), /*is_open=*/true), at(2s));
        CHECK(taken(settler) == "");
        CHECK(settler.deadline() == at(4s));
        CHECK(looks(settler, 4s) == "/in/a");
        settler.see(looked(file("/in/a", 1), true), at(4s));
        CHECK(settler.deadline() == at(8s));
        CHECK(settler.reason("/in/a", at(5s))->words == "waits: somebody has it open for writing");
    }
}

TEST_CASE("writer closes and reopens: each close begins the wait anew") {
    Settler settler(rules(2s));
    for (int i = 0; i < 10; i++) {
        settler.see(closed(file("/in/a", 1)), at(i * 1500ms));
        CHECK(taken(settler) == "");
        CHECK(looks(settler, i * 1500ms + 1499ms) == "");
    }
    CHECK(looks(settler, 9 * 1500ms + 2s) == "/in/a");
}

TEST_CASE("a look that was asked before the last close does not make it ready") {
    Settler settler(rules(2s));
    settler.see(closed(file("/in/a", 1)), at(0s));
    CHECK(looks(settler, 2s) == "/in/a");
    settler.see(closed(file("/in/a", 1)), at(2100ms));  // told while the look was under way
    CHECK(taken(settler) == "");
    settler.see(looked(file("/in/a", 1)), at(2200ms));
    CHECK(taken(settler) == "");
    CHECK(looks(settler, 4100ms) == "/in/a");
}

TEST_CASE("rename into place: moved in counts at once, whatever settle says") {
    Settler settler(rules(1h));
    settler.see(moved(file("/in/a", 1)), at(0s));
    CHECK(taken(settler) == "/in/a");
    SUBCASE("but not while it is open") {
        Seen open = moved(file("/in/b", 2));
        open.is_open = true;
        settler.see(open, at(0s));
        CHECK(taken(settler) == "");
    }
    SUBCASE("nor one that waited under another name, where nobody can tell who writes") {
        settler.see(file("/in/b", 2), at(0s));
        Seen renamed = moved(file("/in/c", 2));
        renamed.can_tell_open = false;
        settler.see(renamed, at(0s));
        settler.lose("/in/b", at(0s));
        CHECK(taken(settler) == "");
        CHECK(settler.size() == 1);
    }
}

TEST_CASE("same-directory rename of a waiting file keeps its place and is no withdrawal") {
    Settler settler(rules(2s));
    settler.see(closed(file("/in/first", 1)), at(0s));
    settler.see(moved(file("/in/second", 2)), at(0s));
    settler.see(moved(file("/in/renamed", 1)), at(1s));
    settler.lose("/in/first", at(1s));
    CHECK(settler.decide(at(1s)).withdrawn.empty());
    CHECK(taken(settler) == "/in/renamed /in/second");
}

TEST_CASE("a file found by a scan with settle = 0 is ready after it was seen the same, not open") {
    Settler settler(rules(0s));
    settler.see(file("/in/a", 1), at(0s));
    CHECK(taken(settler) == "");
    CHECK(looks(settler, 1s) == "/in/a");
    settler.see(looked(file("/in/a", 1)), at(1s));
    CHECK(taken(settler) == "/in/a");
}

TEST_CASE("delete while waiting: withdrawn, once") {
    Settler settler(rules(2s));
    settler.see(closed(file("/in/a", 1)), at(0s));
    settler.lose("/in/a", at(1s));
    settler.lose("/in/a", at(1s));
    CHECK(settler.deadline() == Instant{});
    CHECK(settler.decide(at(1s)).withdrawn.size() == 1);
    CHECK_FALSE(settler.deadline());
}

TEST_CASE("what a whole scan does not name is gone") {
    Settler settler(rules(2s));
    for (int i = 0; i < 3; i++) settler.see(file("/in/" + std::to_string(i), i), at(0s));
    settler.begin_whole();
    settler.see(file("/in/1", 1), at(1s));
    settler.end_whole(at(1s));
    CHECK(settler.size() == 1);
    CHECK(settler.decide(at(1s)).withdrawn.size() == 2);
}

TEST_CASE("another file under the same name is another thing") {
    Settler settler(rules(2s));
    settler.see(file("/in/a", 1), at(0s));
    settler.see(closed(file("/in/a", 2)), at(1s));
    CHECK(settler.decide(at(1s)).withdrawn.size() == 1);
    CHECK(settler.deadline() == at(3s));
}

TEST_CASE("specials and unreadable files are problems, told once, and tried when they change") {
    Settler settler(rules(0s));
    Seen fifo = file("/in/fifo", 1);
    fifo.is_special = true;
    Seen secret = closed(file("/in/secret", 2));
    secret.is_readable = false;
    settler.see(fifo, at(0s));
    settler.see(secret, at(0s));
    CHECK(settler.decide(at(0s)).problems.size() == 2);
    settler.see(secret, at(1s));
    CHECK(settler.decide(at(1s)).problems.empty());
    CHECK(settler.problems() == 2);
    CHECK_FALSE(settler.deadline());
    settler.see(looked(file("/in/secret", 2)), at(2s));
    CHECK(settler.decide(at(2s)).solved == std::vector<std::string>{"/in/secret"});
    CHECK(taken(settler) == "/in/secret");  // it was closed, and is the same since
    Rules open = rules(0s);
    open.may_be_special = true;
    Settler other(open);
    other.see(fifo, at(0s));
    CHECK(taken(other) == "/in/fifo");
}

TEST_CASE("directory as one job: a folder is ready when nothing in it changed for settle") {
    Settler settler(rules(2s, Unit::folder));
    Seen folder = file("/in/job", 1);
    folder.is_folder = true;
    settler.see(folder, at(0s));
    CHECK_FALSE(settler.deadline());
    CHECK(settler.reason("/in/job", at(0s))->words == "waits until there is something in it");
    folder.files = 1;
    settler.see(folder, at(10s));
    CHECK(looks(settler, 12s) == "/in/job");
    folder.files = 2, folder.newest_ns = 7;
    settler.see(looked(folder), at(12s));
    CHECK(looks(settler, 14s) == "/in/job");
    settler.see(looked(folder), at(14s));
    CHECK(taken(settler) == "/in/job");
}

TEST_CASE("parts that belong together come as one, in the order of the patterns") {
    Rules of_sets = rules(0s, Unit::set);
    of_sets.set = {"*.pdf", "*.xml"};
    of_sets.set_timeout = 10min;
    Settler settler(of_sets);
    settler.see(closed(file("/in/a.xml", 1)), at(0s));
    settler.see(closed(file("/in/b.pdf", 2)), at(0s));
    settler.see(closed(file("/in/readme", 3)), at(0s));
    CHECK(settler.size() == 2);
    CHECK(taken(settler) == "");
    settler.see(closed(file("/in/a.pdf", 4)), at(1s));
    settler.see(closed(file("/in/sub/b.xml", 5)), at(1s));  // another folder's
    CHECK(taken(settler) == "/in/a.pdf+/in/a.xml");
    CHECK(settler.reason("/in/b.pdf", at(2s))->words == "waits for its companion '*.xml'");
    auto decisions = settler.decide(at(10min));
    REQUIRE(decisions.problems.size() == 1);
    CHECK(decisions.problems[0].is_orphan);
    CHECK(decisions.problems[0].words ==
          "its companion '*.xml' did not come within 10 min; it waits on");
    settler.see(closed(file("/in/b.xml", 6)), at(11min));
    CHECK(taken(settler) == "/in/b.pdf+/in/b.xml");
    CHECK(settler.decide(at(11min)).solved == std::vector<std::string>{"/in/b"});
}

TEST_CASE("a set whose member is opened again is not ready until that is closed") {
    Rules of_sets = rules(0s, Unit::set);
    of_sets.set = {"*.pdf", "*.xml"};
    Settler settler(of_sets);
    settler.see(closed(file("/in/a.xml", 1)), at(0s));
    settler.see(closed(file("/in/a.pdf", 2)), at(0s));
    settler.see(looked(file("/in/a.pdf", 2, 20), true), at(0s));
    CHECK(taken(settler) == "");
    settler.see(closed(file("/in/a.pdf", 2, 30)), at(1s));
    CHECK(taken(settler) == "/in/a.pdf+/in/a.xml");
}

TEST_CASE("ready things come in the order asked for, and keep it when put back") {
    auto in_order = [](Order order) {
        Rules of = rules(0s);
        of.order = order;
        Settler settler(of);
        settler.see(closed(file("/in/b", 1, 30)), at(0s));
        settler.see(closed(file("/in/c", 2, 10)), at(0s));
        settler.see(closed(file("/in/a", 3, 20)), at(0s));
        for (Claim& claim : settler.take(2)) settler.put_back(std::move(claim), at(0s));
        return taken(settler);
    };
    CHECK(in_order(Order::name) == "/in/a /in/b /in/c");
    CHECK(in_order(Order::arrival) == "/in/b /in/c /in/a");
    CHECK(in_order(Order::size) == "/in/c /in/a /in/b");
    CHECK(in_order(Order::oldest) == "/in/c /in/a /in/b");
    CHECK(in_order(Order::newest) == "/in/b /in/a /in/c");
}

TEST_CASE("beyond the bound files are left lying until there is room") {
    Rules few = rules(0s);
    few.most = 4;
    Settler settler(few);
    for (int i = 0; i < 6; i++) settler.see(closed(file("/in/" + std::to_string(i), i)), at(0s));
    CHECK(settler.size() == 4);
    CHECK_FALSE(settler.wants_rescan());
    CHECK(settler.take(2).size() == 2);
    CHECK(settler.wants_rescan());
    CHECK_FALSE(settler.wants_rescan());
}

TEST_CASE("a folder inside its own done folder is refused in words") {
    CHECK(target_problem("done", "/srv/in", "/srv/in/done") == "");
    CHECK(target_problem("done", "/srv/in", "/srv/i") == "");
    CHECK(target_problem("done", "/srv/in", "") == "");
    CHECK(target_problem("done", "/srv/in", "/srv/in").find("that folder itself") !=
          std::string::npos);
    CHECK(target_problem("failed", "/srv/in", "/srv").starts_with("failed = move:/srv: "));
    CHECK(target_problem("done", "/srv/in", "/").find("lies inside it") != std::string::npos);
}

TEST_CASE("the common part of a pattern and a name") {
    CHECK(common_part("*.pdf", "a.pdf") == "a");
    CHECK(common_part("in-*.pdf", "in-7.pdf") == "7");
    CHECK_FALSE(common_part("*.pdf", ".pdf"));
    CHECK_FALSE(common_part("*.pdf", ".a.pdf"));
    CHECK_FALSE(common_part("a*a", "a"));
    CHECK_FALSE(common_part("*.pdf", "a.xml"));
}

namespace {

/// A file that is written, closed, opened again and renamed at random; what the settler is told is
/// true, but late and in pieces, as an intake tells it.
struct Life {
    explicit Life(unsigned seed, Duration settle_time)
        : random(seed), settle(settle_time), settler(rules(settle_time)) {}

    std::mt19937 random;
    Duration settle;
    Settler settler;
    Duration now{0};
    bool is_open = false, is_there = false, is_renamed = false;
    Duration last_write{0}, last_close{-1h};
    std::int64_t size = 0;
    int claims = 0;

    Seen facts() const { return file(is_renamed ? "/in/b" : "/in/a", 9, size); }
    Instant when() const { return at(now); }

    void writer_acts() {
        switch (random() % 6) {
        case 0:
        case 1:
            if (!is_open) is_open = is_there = true, settler.see(facts(), when());
            size++, last_write = now;
            break;
        case 2:
            if (!is_open) break;
            is_open = false, last_close = now;
            settler.see(closed(facts()), when());
            break;
        case 3:
            if (!is_there || is_open) break;
            is_open = true;
            break;
        default:
            break;
        }
    }
    void daemon_acts() {
        for (std::string const& path : settler.decide(when()).look) {
            if (random() % 4 == 0) now += 50ms;  // the answer takes its time
            (void)path;
            settler.see(looked(facts(), is_open), when());
        }
        for (Claim const& claim : settler.take(10)) {
            claims++;
            CHECK(claim.members[0].size == size);
            CHECK_FALSE(is_open);
            if (settle.count() > 0) CHECK(now - last_close >= settle);
            if (settle.count() > 0) CHECK(now - last_write >= settle);
        }
    }
};

}  // namespace

TEST_CASE(
    "no random life of a file is claimed while written or before its settle, each in the end") {
    for (unsigned seed = 1; seed <= 2000; seed++) {
        CAPTURE(seed);
        Life life(seed, seed % 3 == 0 ? Duration{0} : Duration(seed % 7 * 300));
        for (int step = 0; step < 40 && life.claims == 0; step++) {
            life.now += Duration(life.random() % 400);
            life.writer_acts();
            life.daemon_acts();
        }
        if (life.claims > 0) continue;
        if (!life.is_there) continue;
        if (life.is_open)
            life.is_open = false, life.last_close = life.now,
            life.settler.see(closed(life.facts()), life.when());
        for (int i = 0; i < 10 && life.claims == 0; i++) {
            life.daemon_acts();
            if (auto next = life.settler.deadline()) life.now = std::max(life.now, *next - at(0s));
        }
        CHECK(life.claims == 1);
        CHECK(life.settler.size() == 0);
    }
}

TEST_CASE("100,000 files cost the settler little each") {
    Settler settler(rules(2s));
    for (int i = 0; i < 100'000; i++) settler.see(file("/in/" + std::to_string(i), i), at(0s));
    auto decisions = settler.decide(at(2s));
    CHECK(decisions.look.size() == 100'000);
    for (std::string const& path : decisions.look) {
        settler.see(looked(file(path, std::stoul(path.substr(4)))), at(2s));
    }
    CHECK(settler.take(200'000).size() == 100'000);
}
