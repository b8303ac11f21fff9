// text/record.h: one remembered thing as lines of name=value, which other versions can read.
//
// A reader takes the names it knows and skips the rest, so that a newer binary reads what an older
// one kept and the other way round. In values a backslash is written \\ and a line's end \n; any
// other byte stands for itself. A name may come several times: that is a list.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lares::text {

class RecordWriter {
public:
    /// `name` is a word of ours: no '=', no line's end.
    void put(std::string_view name, std::string_view value);
    void put_number(std::string_view name, std::int64_t value);
    /// The same, but nothing for what a reader takes for granted: "", 0.
    void put_if(std::string_view name, std::string_view value);
    void put_number_if(std::string_view name, std::int64_t value);

    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

class Record {
public:
    /// Lines without '=' are skipped.
    static Record parse(std::string_view text);

    /// The last value of that name.
    std::optional<std::string_view> find(std::string_view name) const;
    std::string text(std::string_view name) const { return std::string(find(name).value_or("")); }
    /// 0 when there is none or it is no number.
    std::int64_t number(std::string_view name) const { return find_number(name).value_or(0); }
    std::optional<std::int64_t> find_number(std::string_view name) const;
    /// All values of that name, in order.
    std::vector<std::string> all(std::string_view name) const;

private:
    std::vector<std::pair<std::string, std::string>> lines_;
};

}  // namespace lares::text
