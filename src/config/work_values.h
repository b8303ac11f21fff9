// config/work_values.h: the grammars of the values that tasks and folders have, as pure functions.
//
// As values.h; the Errors say what is wrong with the value and what to write instead.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/settings.h"
#include "config/world.h"

namespace lares::config {

/// "10/min", "5/10s", "off". The span: s, min, h, d, with a number before it or not.
Result<queue::Rate> parse_rate(std::string_view text);
std::string print_rate(queue::Rate const&);

/// "30s..1h", or one duration for both.
Result<std::pair<Duration, Duration>> parse_backoff(std::string_view text);

/// "skip", "queue", "replace" (0), "parallel N" (N).
Result<std::pair<queue::Overlap, int>> parse_overlap(std::string_view text);

/// "db:1, gpu:2"; a name alone is 1.
Result<std::map<std::string, int>> parse_resources(std::string_view text);

/// "none", "latest", "all, max 20, rate 10/min".
Result<Catchup> parse_catchup(std::string_view text);

/// "5min", "5min from start", "5min from end".
Result<EveryTrigger> parse_every(std::string_view text);

/// One line: "extract, load:any" (all of them) or "a | b:failure" (any of them).
Result<AfterTrigger> parse_after(std::string_view line);

/// One line: "PROCESS_STATE_FATAL", "PROCESS_STATE_EXITED web:*", "run.slow export".
Result<EventTrigger> parse_event_trigger(std::string_view line);

/// "22:00-06:00 Mon-Fri", "12:00-13:00", "Sat Sun"; several between commas or line ends.
Result<std::vector<ClosedHours>> parse_closed_hours(std::string_view text);

/// One line: "by 06:00 [days] [at least N]", "every 1h", "within 10min of file PATTERN", "output",
/// "output within 10min".
Result<Expect> parse_expect(std::string_view line);
/// Only what can be seen of a program: that it writes.
Result<Expect> parse_program_expect(std::string_view line);

/// Bits from Sunday on: "daily", "weekdays", "weekends", "Mon-Fri", "Mon Wed Fri", "Fri-Mon".
Result<std::uint8_t> parse_weekdays(std::vector<std::string> const& words);
/// Minutes since midnight of "06:00"; up to "24:00".
Result<int> parse_time_of_day(std::string_view text);

/// "only FILE", "except FILE"; reads the file.
Result<Calendar> parse_calendar_option(World const&, std::string_view text);

/// The names of `payload`: "file, copies=1".
Result<std::pair<std::vector<std::string>, std::map<std::string, std::string>>> parse_payload(
    std::string_view text);

/// A secret as it is, or from where it lies: "file:/path", "env:NAME", "credential:NAME".
Result<std::string> parse_secret(World const&, std::string_view text);

/// "keep", "delete", "move:DIRECTORY".
Result<Folder::After> parse_disposal(World const&, std::string_view text);

/// Line ends, tabs and backslashes as \n, \t and \\; quotes around it keep spaces at its ends.
Result<std::string> parse_escaped(std::string_view text);
std::string print_escaped(std::string_view text);

/// The lines of a value that are not empty, without spaces at their ends.
std::vector<std::string> split_lines(std::string_view text);

/// The value that `words` has for `text`; else an Error that lists them.
template <class T>
Result<T> choose(std::string_view text,
                 std::initializer_list<std::pair<std::string_view, T>> words) {
    std::string all;
    for (auto const& [word, value] : words) {
        if (word == text) return value;
        all.append(all.empty() ? "" : ", ").append(word);
    }
    return Error{Error::Kind::invalid, "is none of " + all};
}

}  // namespace lares::config
