// daemon/letter_reading.cc: runs, events, deliveries, alerts: one question after the other.

#include "daemon/letter_reading.h"

#include <array>
#include <memory>
#include <string_view>
#include <utility>

namespace lares::daemon {

namespace {

/// Rows of one question.
constexpr std::size_t page = 1'000;
/// What began before the week may have ended in it.
constexpr Duration before_it{7 * 86'400'000LL};
constexpr std::array<std::string_view, 3> event_kinds{"expect.", "folder.", "trigger.missed"};

/// Kept by the callback of the question under way.
class Reading : public std::enable_shared_from_this<Reading> {
public:
    Reading(ports::Store& store, WallTime from, WallTime to,
            std::function<void(Result<letter::Letter>)> done)
        : store_(store), from_(from), to_(to), gatherer_(from, to), done_(std::move(done)) {}

    void runs(std::uint64_t before) {
        ask(
            ports::RunsAsked{
                .before = before, .since = from_ - before_it, .until = to_, .limit = page},
            [](Reading& self, ports::Found& found) {
                for (auto const& row : found.runs) self.gatherer_.add(row);
                if (found.runs.size() == page) return self.runs(found.runs.back().run);
                self.events(0, 0);
            });
    }

private:
    void ask(ports::Question question, std::function<void(Reading&, ports::Found&)> then) {
        store_.read(std::move(question), [self = shared_from_this(),
                                          then = std::move(then)](Result<ports::Found> found) {
            if (!found) return self->done_(Error{found.error().kind, found.error().what});
            then(*self, *found);
        });
    }

    void events(std::size_t kind, job::Id after) {
        if (kind == event_kinds.size()) return deliveries(0);
        ask(ports::EventsAsked{.kind_prefix = std::string(event_kinds[kind]),
                               .after = after,
                               .since = from_,
                               .until = to_,
                               .oldest_first = true,
                               .limit = page},
            [kind](Reading& self, ports::Found& found) {
                for (auto const& row : found.events) self.gatherer_.add(row);
                bool more = found.events.size() == page;
                self.events(more ? kind : kind + 1, more ? found.events.back().id : 0);
            });
    }

    void deliveries(delivery::Id before) {
        ask(
            ports::DeliveriesAsked{
                .before = before, .since = from_ - before_it, .until = to_, .limit = page},
            [](Reading& self, ports::Found& found) {
                for (auto const& row : found.deliveries) self.gatherer_.add(row);
                if (found.deliveries.size() == page)
                    return self.deliveries(found.deliveries.back().id);
                self.alerts();
            });
    }

    void alerts() {
        ask(ports::AlertsAsked{.open_or_since = from_, .with_members = true},
            [](Reading& self, ports::Found& found) {
                for (auto const& row : found.alerts) {
                    std::string words;
                    for (auto const& member : found.members)
                        if (member.alert == row.id && words.empty())
                            words = alert::read_member(member.record).words;
                    self.gatherer_.add(alert::read_alert(row.record), words);
                }
                self.done_(self.gatherer_.finish());
            });
    }

    ports::Store& store_;
    WallTime from_, to_;
    letter::Gatherer gatherer_;
    std::function<void(Result<letter::Letter>)> done_;
};

}  // namespace

void read_letter(ports::Store& store, WallTime from, WallTime to,
                 std::function<void(Result<letter::Letter>)> done) {
    std::make_shared<Reading>(store, from, to, std::move(done))->runs(0);
}

}  // namespace lares::daemon
