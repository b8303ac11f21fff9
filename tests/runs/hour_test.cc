// hour_test.cc: the mail server is away for an hour, and the daemon is killed ten times meanwhile
// and more often while it catches up: each message arrives once, in order, grouped.

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "draw.h"
#include "mail_server.h"
#include "stage.h"

using namespace lares;
using namespace lares::runs;
using namespace std::chrono_literals;
using text::Array;
using text::Struct;

namespace {

constexpr unsigned seeds = 300;
constexpr int deaths_meanwhile = 10, deaths_afterwards = 8;
constexpr int messages_each = 8;

/// One who writes on a thread, and says the same again until somebody has taken it.
struct Writer {
    std::string thread;
    int said = 0;  // taken by the daemon
    std::optional<ports::RequestId> asked;
    Instant next{};
};

class Hour {
public:
    explicit Hour(unsigned seed)
        : dice_(seed),
          stage_(text(), {.seed = seed, .late_at_most = Duration(dice_.one_of<int>({0, 0, 100}))}),
          server_(stage_.world) {
        auto& world = stage_.world;
        world.zones.set("", {});
        // A slower one removes the receipts when the next lares-deliver has opened them already.
        world.worker.set_takes(1ms);
        world.store.set_takes(5ms, Duration(dice_.one_of<int>({1, 5, 200})), 2ms);
        world.processes.set_scripts([this](auto const& request) { return script(request); });
        stage_.deliver_program = "/bin/lares-deliver";
        stage_.read_file = [this](std::string const& path) { return server_.read(path); };
        stage_.remove_file = [this](std::string const& path) { return server_.remove(path); };
    }

    void play() {
        REQUIRE(stage_.start());
        run_for(10s);
        server_.set_up(false);
        draw_times();
        pass_the_hour();
        server_.set_up(true);
        catch_up();
        look();
        for (auto const& complaint : stage_.world.complaints())
            FAIL_CHECK(complaint, stage_.world.report());
    }

private:
    std::string text() {
        return configuration(
            "[channel:ops]\ntype = mail\nurl = smtp://mail:587\nfrom = lares@example.org\n"
            "to = ops@example.org\nconnections = " +
                std::to_string(dice_.one_of<int>({1, 3})) +
                "\nretry_backoff = " + dice_.one_of<std::string>({"30s..1h", "5s..5m"}) +
                "\n\n[program:db]\ncommand = /bin/db\nstartretries = 1\n"
                "\n[program:web]\ncommand = /bin/web\nstartretries = 0\ndepends_on = db\n"
                "\n[task:report]\ncommand = /bin/report\nretries = 0\n",
            "notify = ops: fatal, exit, failure, recovery\ngroup_wait = 30s\n");
    }

    sim::Script script(ports::SpawnRequest const& request) {
        auto const& command = request.argv.at(0);
        if (command == stage_.deliver_program) return server_.script(request);
        if (command == "/bin/report") return {.lives = 2s, .code = 3};
        if (is_db_broken_) return {.lives = 10ms, .code = 1};
        return {};
    }

    void run_for(Duration span) { stage_.run_for(span); }
    Instant now() { return stage_.world.now(); }

    void draw_times() {
        for (int i = 0; i < deaths_meanwhile; ++i) deaths_at_.push_back(drawn_in(60min));
        std::ranges::sort(deaths_at_);
        breaks_at_ = drawn_in(25min);
        mends_at_ = breaks_at_ + 5min + Duration(dice_.pick(900'000));
        reports_at_ = drawn_in(55min);
        for (auto const* name : {"a", "b", "c"})
            writers_.push_back({.thread = name, .next = drawn_in(5min)});
    }
    Instant drawn_in(Duration span) {
        return now() + Duration(dice_.pick(static_cast<int>(span.count())));
    }

    void pass_the_hour() {
        Instant end = now() + 60min;
        std::size_t dead = 0;
        while (now() < end) {
            run_for(1s + Duration(dice_.pick(4'000)));
            things_happen();
            if (dead == deaths_at_.size() || now() < deaths_at_[dead]) continue;
            dead += 1;
            kill();
        }
        while (stage_.deaths() < deaths_meanwhile) stage_.kill_now();
    }

    /// At a door, between a commit and its answer, at once, or while a mail is on its way.
    void kill() {
        switch (dice_.pick(5)) {
        case 0:
            return stage_.kill_at(1 + dice_.pick(30));
        case 1:
            return stage_.kill_after_commit();
        case 2:
            return stage_.kill_now();
        case 3: {  // lares-deliver alone, and the daemon soon
            auto run = stage_.world.processes.find_alive(stage_.deliver_program);
            // Between the server's word and its receipt nobody can know: that mail comes twice.
            if (run && !server_.has_unnoted()) stage_.world.processes.kill(*run, 9);
            run_for(Duration(dice_.pick(400)));
            return stage_.kill_now();
        }
        default: {
            int before = server_.exchanges();
            stage_.run_until([&] { return server_.exchanges() != before; }, 2min);
            run_for(Duration(dice_.pick(3'500)));
            return stage_.kill_now();
        }
        }
    }

    void things_happen() {
        if (breaks_at_ != Instant{} && now() >= breaks_at_) {
            is_db_broken_ = true;
            breaks_at_ = {};
            for (auto const* name : {"/bin/db", "/bin/web"})
                if (auto run = stage_.world.processes.find_alive(name))
                    stage_.world.processes.kill(*run, 9);
        }
        if (now() >= mends_at_) mend();
        if (!has_report_ && now() >= reports_at_) has_report_ = put_report();
        for (auto& writer : writers_) write(writer);
    }

    void mend() {
        is_db_broken_ = false;
        if (now() < mended_next_) return;
        mended_next_ = now() + 20s;
        for (auto const* name : {"db", "web"})
            if (auto state = stage_.state(name); state == "FATAL" || state == "EXITED")
                stage_.call("lares.start", {Array{name}});
    }

    /// True once it has been taken.
    bool put_report() {
        if (report_ && !is_over(*report_)) return false;
        if (report_ && is_good(*report_)) return true;
        report_ = stage_.call("lares.put", {"report", Struct{}, Struct{{"key", "monthly"}}});
        return false;
    }

    bool is_over(ports::RequestId id) const {
        auto const& asked = stage_.asked().at(id);
        return asked.answered.has_value() || asked.hung_up;
    }
    bool is_good(ports::RequestId id) const {
        auto const& asked = stage_.asked().at(id);
        return asked.answered.has_value() && !asked.is_fault;
    }

    void write(Writer& writer) {
        if (writer.said == messages_each || now() < writer.next) return;
        if (writer.asked) {
            if (!is_over(*writer.asked)) return;
            bool was_good = is_good(*writer.asked);
            writer.asked.reset();
            if (was_good) {
                writer.said += 1;
                writer.next = drawn_in(dice_.chance(30) ? 1s : 12min);
                return;
            }
        }
        auto title = writer.thread + std::to_string(writer.said);
        writer.asked = stage_.call(
            "lares.notify",
            {"ops", Struct{{"title", title}, {"thread", writer.thread}, {"key", title}}});
    }

    bool is_waiting() {
        bool is_said = std::ranges::all_of(
            writers_, [](auto const& writer) { return writer.said == messages_each; });
        auto const& rows = stage_.world.store.disk().deliveries;
        return !is_said || std::ranges::any_of(rows, [](auto const& row) {
            return !delivery::is_end(row.second.state);
        });
    }

    void catch_up() {
        Instant end = now() + 4h;
        int more = deaths_afterwards;
        while (now() < end && (is_waiting() || now() < end - 3h)) {
            run_for(1s + Duration(dice_.pick(4'000)));
            things_happen();
            if (more > 0 && dice_.chance(is_waiting() ? 25 : 1)) {
                more -= 1;
                kill();
            }
        }
        stage_.kill_at(0);
        run_for(5min);  // a lares-deliver without work ends
    }

    // ---- what came of it

    void look() {
        CHECK(stage_.deaths() >= deaths_meanwhile);
        CHECK(!is_waiting());
        look_at_deliveries();
        look_at_writers();
        look_at_alerts();
        CHECK(!stage_.world.processes.find_alive(stage_.deliver_program).has_value());
    }

    /// What the server took is what the outbox says was sent, once each, a thread in its order.
    void look_at_deliveries() {
        std::map<delivery::Id, int> times;
        std::map<std::string, delivery::Id> last;
        auto const& rows = stage_.world.store.disk().deliveries;
        for (auto const& taken : server_.taken()) {
            times[taken.id] += 1;
            REQUIRE(rows.contains(taken.id));
            auto const& thread = rows.at(taken.id).thread;
            if (thread.empty()) continue;
            CHECK_MESSAGE(last[thread] <= taken.id, thread, ": ", taken.title);
            last[thread] = taken.id;
        }
        for (auto const& [id, row] : rows) {
            CHECK_MESSAGE(row.state == delivery::State::sent, id, " is ",
                          std::string(delivery::name(row.state)), ": ", row.words);
            CHECK_MESSAGE(times[id] == 1, id, " of ", row.source, " came ", times[id], " times");
        }
    }

    void look_at_writers() {
        for (auto const& writer : writers_) {
            std::vector<std::string> came, expected;
            for (int i = 0; i < messages_each; ++i)
                expected.push_back(writer.thread + std::to_string(i));
            for (auto const& taken : server_.taken())
                if (taken.title.size() == 2 && taken.title.starts_with(writer.thread))
                    came.push_back(taken.title);
            CHECK(came == expected);
        }
    }

    /// Of the database and what needs it one message, and one at most that it is over; one of the
    /// task.
    void look_at_alerts() {
        std::map<std::string, std::vector<std::string>> told;  // by the alert's subject
        auto const& disk = stage_.world.store.disk();
        for (auto const& taken : server_.taken()) {
            auto const& source = disk.deliveries.at(taken.id).source;
            if (!source.starts_with("alert/")) continue;
            auto alert = disk.alerts.find(std::stoull(source.substr(6)));
            REQUIRE(alert != disk.alerts.end());
            told[alert->second.subject].push_back(taken.title + "\n" + taken.text);
        }
        auto const& database = told["program/db"];
        CHECK(database.size() >= 1);
        CHECK(database.size() <= 3);
        for (std::string const what : {"db: RUNNING to EXITED", "db: BACKOFF to FATAL",
                                       "web: RUNNING to EXITED", "web: BACKOFF to FATAL"}) {
            // A death within milliseconds of a state takes its event along; not that of a state
            // that lasts.
            bool is_noted = std::ranges::any_of(
                disk.events, [&](auto const& row) { return row.second.words.starts_with(what); });
            CHECK((is_noted || what.ends_with("EXITED")));
            if (!is_noted) continue;
            for (auto const& each : database)
                CHECK_MESSAGE(each.find("- " + what) != each.npos, what, " is not in ", each);
        }
        CHECK(database.back().find("is well again") != std::string::npos);
        if (database.size() > 2) CHECK(database[1].find("partly over") != std::string::npos);
        CHECK(told["task/report"].size() == 1);
        for (auto const& [subject, texts] : told)
            CHECK_MESSAGE(
                (subject == "program/db" || subject == "task/report" || subject == "channel/ops"),
                subject, ": ", texts.front());
    }

    Dice dice_;
    Stage stage_;
    MailServer server_;
    std::vector<Instant> deaths_at_;
    Instant breaks_at_{}, mends_at_{}, mended_next_{}, reports_at_{};
    bool is_db_broken_ = false, has_report_ = false;
    std::optional<ports::RequestId> report_;
    std::vector<Writer> writers_;
};

}  // namespace

TEST_SUITE_BEGIN("stories");

TEST_CASE("a mail server away for an hour and ten deaths lose, double and mix up no message") {
    for (unsigned seed = 1; seed <= seeds; ++seed) {
        CAPTURE(seed);
        Hour(seed).play();
    }
}

TEST_SUITE_END();
