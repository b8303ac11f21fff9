// apps/capture/gaps.cc: lines of the book, read and added.

#include "apps/capture/gaps.h"

#include <algorithm>

#include "apps/capture/disk.h"

namespace lares::capture {

namespace {

struct Read {
    std::vector<Gap> closed;
    std::optional<Gap> open;
    std::size_t whole_bytes = 0;  // to the end of the last whole line
};

Result<Read> read_book(std::string const& path) {
    Read read;
    if (!disk::exists(path)) return read;
    std::string const all = TRY(disk::read_all(path));
    for (std::size_t at = 0, number = 1;; ++number) {
        auto end = all.find('\n', at);
        if (end == all.npos) break;
        std::string_view line(all.data() + at, end - at);
        at = read.whole_bytes = end + 1;
        auto space = line.find(' ');
        auto state = line.substr(0, space);
        auto gap = space == line.npos ? Result<Gap>(Error{Error::Kind::invalid, "no gap"})
                                      : parse_gap(line.substr(space + 1));
        if (!gap) return std::move(gap).error().during(path + ": line " + std::to_string(number));
        read.open.reset();
        if (state == "open")
            read.open = *gap;
        else if (state == "closed")
            read.closed.push_back(*gap);
    }
    return read;
}

}  // namespace

Result<GapBook> GapBook::open(std::string const& path) {
    auto read = TRY(read_book(path));
    // What a crash cut short was told to nobody; the next line must not be joined to it.
    if (disk::exists(path) && TRY(disk::size_of(path)) != std::int64_t(read.whole_bytes)) {
        auto whole = TRY(disk::read_all(path)).substr(0, read.whole_bytes);
        TRY(disk::replace(path, whole));
    }
    GapBook book(path, TRY(disk::open_to_append(path)));
    book.closed_ = std::move(read.closed);
    book.open_ = std::move(read.open);
    return book;
}

Result<std::vector<Gap>> GapBook::read(std::string const& path) {
    auto read = TRY(read_book(path));
    if (read.open) read.closed.push_back(*read.open);
    return std::move(read.closed);
}

Result<> GapBook::append(Gap const& gap, std::string_view state) {
    TRY(disk::write_all(fd_.get(), std::string(state) + " " + print_gap(gap) + "\n", path_));
    return disk::synchronise(fd_.get(), path_);
}

Result<> GapBook::begin(Gap gap) {
    if (open_) return {};
    gap.is_open = true;
    TRY(append(gap, "open"));
    open_ = std::move(gap);
    return {};
}

Result<> GapBook::begin_again(Gap gap) {
    if (!open_) return begin(std::move(gap));
    if (open_->after == gap.after) return {};
    gap.from = std::min(gap.from, open_->from);
    gap.reason = open_->reason;
    gap.is_open = true;
    TRY(append(gap, "open"));
    open_ = std::move(gap);
    return {};
}

Result<> GapBook::close(std::int64_t until, Bound const& before) {
    if (!open_) return {};
    Gap gap = *open_;
    gap.is_open = false;
    gap.until = until;
    gap.before = before;
    TRY(append(gap, "closed"));
    closed_.push_back(std::move(gap));
    open_.reset();
    return {};
}

Result<> GapBook::cover() {
    if (!open_) return {};
    TRY(append(*open_, "covered"));
    open_.reset();
    return {};
}

std::vector<Gap> GapBook::within(std::int64_t from, std::int64_t until) const {
    std::vector<Gap> out;
    for (auto const& gap : closed_)
        if (gap.from <= until && gap.until >= from) out.push_back(gap);
    if (open_ && open_->from <= until) out.push_back(*open_);
    return out;
}

}  // namespace lares::capture
