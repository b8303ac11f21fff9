// cli/table.h: processes as lines for people: the table of `lares status` and its words.
//
// Pure: values in, text out. Columns are as wide as their content; the last one, the reason, is not
// padded. Widths count characters, not bytes.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "api/reports.h"

namespace lares::cli {

enum class Colour { no, yes };

/// "0:00:08", "2d 3:04:05"; negative is 0.
std::string print_uptime(std::int64_t seconds);

/// Why a process is as it is, in the words that help most: what it waits for, why it failed, when
/// it stopped; empty while it runs well.
std::string reason(api::Process const&);

/// True when something is wrong or not yet well: FATAL, BACKOFF, STARTING, or waiting for another.
/// RUNNING is well: the daemon gives that state only once the process is ready.
bool is_unwell(api::Process const&);

/// "12 processes: 10 RUNNING, 1 BACKOFF, 1 FATAL", states in the order of their numbers.
std::string count_line(std::vector<api::Process> const&);

/// A header line and one line a process, without line ends, in the order given.
std::vector<std::string> table_lines(std::vector<api::Process> const&);

/// `line` in the colour of the process's state: FATAL red, BACKOFF and waiting yellow, others
/// plain.
std::string coloured(std::string line, api::Process const&, Colour);

/// The first `columns` characters of `text`; "..." ends it when something was cut.
std::string fitted(std::string_view text, std::size_t columns);

/// Characters of UTF-8 text.
std::size_t character_count(std::string_view text);

}  // namespace lares::cli
