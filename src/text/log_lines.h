// text/log_lines.h: a program's output, line by line, with a prefix, a time or as JSON.
//
// Bytes in, bytes out; a line cut by a read is carried over. Raw output never comes here.

#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace lares::text {

enum class LogFormat { raw, text, json };

struct LineFormat {
    LogFormat format = LogFormat::raw;
    std::string prefix;       // put before each line, as it is
    bool timestamp = false;   // "2026-11-22T10:15:03.214Z " before the prefix
    std::string name;         // json: "program"
    std::string stream;       // json: "stdout" or "stderr"
    bool strip_ansi = false;  // removes CSI and OSC sequences, also when a read cuts them
    bool operator==(LineFormat const&) const = default;
};

/// Turns chunks into lines. json gives one object a line: {"time":...,"program":...,"stream":...,
/// "line":...}. A line longer than 64 KB is cut there and goes on as another.
class LineWriter {
public:
    explicit LineWriter(LineFormat format) : format_(std::move(format)) {}

    /// Appends to `out` what `chunk` completes.
    void write(std::string_view chunk, WallTime now, std::string& out);
    /// Appends the last line if it had no newline.
    void finish(WallTime now, std::string& out);

    /// What another writer of the same format needs to go on here; empty at the start of a line.
    std::string save() const;
    void restore(std::string_view saved);

private:
    LineFormat format_;
    std::string rest_;
    int escape_state_ = 0;
};

/// "2026-11-22T10:15:03.214Z"
std::string print_utc(WallTime);

}  // namespace lares::text
