// apps/capture/gaps.h: the book of what a source did not receive, "gaps.jsonl" in its folder.
//
// A line is on the disk before the message behind the gap is: a crash can make a gap wider than it
// was, never hide one. Lines are only added (docs/formats/capture.md): "open" when the stream
// broke, then "closed" by the first message that follows, or "covered" when the service sent all
// that was missing.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/capture/tally.h"
#include "base/result.h"
#include "os/fd.h"

namespace lares::capture {

class GapBook {
public:
    /// Makes it when it is not there. A last line that a crash cut short is passed over.
    static Result<GapBook> open(std::string const& path);
    /// For those who only look.
    static Result<std::vector<Gap>> read(std::string const& path);

    std::optional<Gap> const& open_gap() const { return open_; }
    /// Nothing when one is open: then it only goes on.
    Result<> begin(Gap);
    /// By a new process: one that is open begins after what the archive ends with, as what came
    /// after that and was not kept when the last process died is missing too.
    Result<> begin_again(Gap);
    Result<> close(std::int64_t until, Bound const& before);
    Result<> cover();
    /// Gaps, also the open one, that touch the time between the two, in milliseconds since 1970.
    std::vector<Gap> within(std::int64_t from, std::int64_t until) const;
    std::vector<Gap> const& closed() const { return closed_; }

private:
    GapBook(std::string path, os::Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
    Result<> append(Gap const&, std::string_view state);

    std::string path_;
    os::Fd fd_;
    std::vector<Gap> closed_;
    std::optional<Gap> open_;
};

}  // namespace lares::capture
