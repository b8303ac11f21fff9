// cli/top_model.h: what `lares top` knows and where its reader stands, as values.
//
// Everything that draws or decides is a pure function of these (the other top_*.h); only cli/top.cc
// asks the daemon and the terminal. Answers are kept as they came: what is missing in them is
// empty.

#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/reports.h"
#include "ports/screen.h"
#include "text/columns.h"
#include "text/value.h"

namespace lares::cli::top_view {

using ports::Style;

enum class View { overview, programs, tasks, folders, queue, runs, events, messages, log };
inline constexpr std::size_t view_count = 9;

/// Something that can be chosen and acted upon. kind: program, task, folder, file, job, run, event,
/// alert, delivery; empty: none.
struct Thing {
    std::string kind;
    std::string id;
    std::string run = {};   // whose log is its own; empty: none
    std::string name = {};  // a file's path; empty: it has no other name than its id
    bool operator==(Thing const&) const = default;
};

/// What a log belongs to: a process, a run, or (without an id) the daemon.
struct LogSource {
    Thing of;
    bool is_error_stream = false;
    bool operator==(LogSource const&) const = default;
};

struct Log {
    LogSource source;
    std::deque<std::string> lines;  // the last one may go on
    bool is_open_ended = false;     // it does
    std::int64_t offset = -1;       // where to go on; -1: not read yet
    std::int64_t skipped = 0;       // bytes that came faster than they were read
    std::size_t begun = 0;          // lines so far, also those not kept any more
    std::string trouble;
};
/// More is not kept: `lares tail` and the page have whole logs.
inline constexpr std::size_t log_lines = 5000;
inline constexpr std::size_t log_piece_bytes = 65536;
inline constexpr std::size_t event_rows = 500;

struct Usage {
    std::int64_t pid = 0;
    double seconds = 0;  // of the processor, since it began
    double at = 0;       // when that was measured
    double percent = 0;
    double memory = 0;  // bytes
};

struct Snapshot {
    api::Status status;
    std::map<std::string, Usage> usage;  // by full name
    /// By what was asked (top_answers.h), as it came.
    std::map<std::string, text::Value, std::less<>> answers;
    std::map<std::string, std::string, std::less<>> refusals;
    std::deque<text::Value> events;  // the newest first
    Log log;
    std::string who, role;  // empty: not told
    double now = 0;         // seconds since 1970
    double audited = 0;     // when it was asked last
    std::string trouble;    // why the daemon could not be asked; empty when it could
    double lost = 0;        // so many seconds ago it answered last
    bool is_new = true;     // nothing of this daemon is known yet

    text::Value const& answer(std::string_view name) const;
    bool has(std::string_view name) const { return answers.contains(name); }
};

/// How things are written here.
struct Look {
    text::Charset charset = text::Charset::utf8;
    std::function<std::string(double)> clock;  // a moment today: "14:03:05", else with its date
};

struct List {
    std::string chosen;  // id of a row; empty: the first
    std::size_t index = 0;
    std::size_t top = 0;
    std::string filter;
    int sort = -1;  // a column; -1: as it came
    bool is_descending = false;
    std::set<std::string> marks;  // ids of rows that are acted upon together
    std::string mark_from;        // the row where a range begins; empty: the one chosen
};

/// What the daemon is to be asked to do.
struct Act {
    std::string method;
    std::vector<text::Value> params;
    std::string words;               // "restart web"
    std::vector<Thing> things = {};  // that it is done to
};

/// What waits for a yes: acts upon one thing or many.
struct Order {
    std::string words;  // "restart 3 programs: db, talker, web"
    std::vector<Act> acts;
    std::size_t things = 0;
};

/// What became of an act on one thing.
struct Told {
    Thing thing;
    std::string words;
    bool is_good = true;
};

struct Reading {
    std::string title;
    std::vector<std::string> lines;
    std::size_t top = 0;
};

struct Note {
    std::string text;
    Style style = Style::plain;
};

enum class Mode { browsing, filtering, confirming, reading };

struct State {
    View view = View::overview;
    Mode mode = Mode::browsing;
    List lists[view_count];
    std::optional<Order> asked;  // waits for a y
    Reading reading;
    Note note;
    LogSource log;
    std::size_t log_back = 0;    // lines from the end; 0: follows
    std::size_t log_column = 0;  // scrolled to the right

    List& list() { return lists[std::size_t(view)]; }
    List const& list() const { return lists[std::size_t(view)]; }
};

/// Of every view but the overview and the log.
struct Cell {
    std::string text;
    Style style = Style::plain;
    std::optional<double> number;  // to sort by
};
struct Column {
    std::string_view title;
    bool is_right = false;
    int rank = 0;  // the highest goes first where there is no room; 0: stays
};
struct Row {
    Thing thing;
    std::vector<Cell> cells;
    std::string id() const { return thing.kind + "/" + thing.id; }
};
struct Table {
    std::vector<Column> columns;
    std::vector<Row> rows;
    std::string head;   // a line above; may be empty
    std::string empty;  // said when there are no rows
};

}  // namespace lares::cli::top_view
