// sim/store_test.cc: the simulated database fails and dies as a real one does.

#include "sim/store.h"

#include <doctest/doctest.h>

#include <vector>

namespace lares::sim {

namespace {

struct House {
    Kernel kernel{1};
    Store store{kernel};
    std::vector<ports::StoreChanged> told;

    void run(Duration span) {
        Instant end = kernel.time() + span;
        while (kernel.time() < end) {
            kernel.run_until(kernel.time() + Duration(1));
            for (News& news : kernel.take_news()) {
                if (auto* call = std::get_if<std::function<void()>>(&news)) (*call)();
                if (auto* event = std::get_if<ports::Event>(&news))
                    told.push_back(std::get<ports::StoreChanged>(*event));
            }
        }
    }
    void put(ports::Commit::Kind kind, job::Id id, std::vector<job::Id>* order) {
        ports::Commit commit;
        commit.kind = kind;
        ports::EventRow event;
        event.id = id;
        commit.writes.emplace_back(ports::PutEvent{event});
        store.commit(std::move(commit), [order, id](auto done) {
            if (done && order != nullptr) order->push_back(id);
        });
    }
};

}  // namespace

TEST_CASE(
    "the simulated disk is full: what is asked fails, what must be is written later in order") {
    House house;
    house.store.open();
    house.run(Duration(10));
    CHECK(house.store.is_open());
    house.store.set_write_trouble("the disk is full");
    std::vector<job::Id> order;
    for (job::Id id = 1; id <= 4; ++id)
        house.put(id % 2 == 0 ? ports::Commit::Kind::ask : ports::Commit::Kind::must, id, &order);
    house.run(Duration(10'000));
    CHECK(order.empty());
    CHECK(house.store.backlog() == 2);
    CHECK(house.store.trouble() == "the disk is full");
    house.store.set_write_trouble("");
    house.run(Duration(60'000));
    CHECK(order == std::vector<job::Id>{1, 3});
    CHECK(house.store.disk().events.size() == 2);
    REQUIRE(house.told.size() == 3);
    CHECK(!house.told[1].ok);
    CHECK(house.told[2].ok);
}

TEST_CASE(
    "what the simulated disk has outlives the daemon, told or not; what it waited for does not") {
    House house;
    house.store.open();
    house.run(Duration(10));
    std::vector<job::Id> order;
    house.store.die_after_commit([&] {
        house.kernel.begin_life();
        house.store.crash();
    });
    house.put(ports::Commit::Kind::ask, 1, &order);
    house.put(ports::Commit::Kind::must, 2, &order);  // in the next group
    house.run(Duration(100));
    CHECK(order.empty());
    CHECK(!house.store.is_open());
    CHECK(house.store.disk().events.size() == 1);
    house.store.open();
    house.run(Duration(100));
    CHECK(house.store.disk().events.size() == 1);
}

}  // namespace lares::sim
