// core/past.h: what the journal remembers of a house's work, as far as a simulation plays it again.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lares::simulate {

/// How one attempt went, or goes.
struct Attempt {
    enum class How { good, error, timeout, crash };
    std::int64_t seconds = 0;
    How how = How::good;
    int code = 0;  // of an error
    bool operator==(Attempt const&) const = default;
};

/// A job that neither a clock nor another task's end brought.
struct Arrival {
    /// put: by a person, a program or a hook: refused when the task is full, and no matter of
    /// `overlap`. file: waits for room. event: as a clock would bring it, but refused when full.
    enum class How { put, file, event };
    std::int64_t at = 0;
    How how = How::put;
    std::optional<int> priority = {};  // none: the task's
    std::string key = {};              // unique among the live jobs of its task
    bool operator==(Arrival const&) const = default;
};

struct PastTask {
    std::vector<Attempt> attempts;  // those that were not cut short, in the order they began
    std::vector<Arrival> arrivals;  // oldest first
};

/// A job as it stands in the store.
struct PastJob {
    std::string task;
    std::int64_t created = 0;
    std::string source;
    int priority = 0;
    std::string key = {};
};

struct Past {
    std::map<std::string, PastTask> tasks;
    std::int64_t first = 0, last = 0;  // instants of the oldest and newest run or job; 0: none
    std::size_t runs = 0, arrivals = 0;
    bool is_cut = false;  // there was more than is read at once; the newest is here
};

/// Collects it from rows, in any order.
class PastReader {
public:
    /// A run that ended. What was cut short (interrupted, cancelled, not started) tells nothing.
    void add_run(std::string const& task, std::int64_t started, std::int64_t ms,
                 std::string_view outcome, int code);
    void add_job(PastJob);
    Past take();

private:
    void note(std::int64_t at);
    Past past_;
    std::map<std::string, std::vector<std::pair<std::int64_t, Attempt>>> attempts_;  // with begin
};

/// The same arrivals again within (from, until], by whole weeks (of less than a week: days), so
/// that Mondays stay Mondays: the newest such span of [first, last], repeated as often as it takes.
std::vector<Arrival> repeated(std::vector<Arrival> const& arrivals, std::int64_t first,
                              std::int64_t last, std::int64_t from, std::int64_t until);

}  // namespace lares::simulate
