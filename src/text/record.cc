// text/record.cc: escaping, and looking up.

#include "text/record.h"

#include <algorithm>
#include <charconv>

namespace lares::text {

namespace {

std::string unescape(std::string_view value) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] != '\\' || i + 1 == value.size()) {
            out += value[i];
            continue;
        }
        char next = value[++i];
        out += next == 'n' ? '\n' : next;
    }
    return out;
}

}  // namespace

void RecordWriter::put(std::string_view name, std::string_view value) {
    text_ += name;
    text_ += '=';
    for (char c : value) {
        if (c == '\n') {
            text_ += "\\n";
            continue;
        }
        if (c == '\\') text_ += '\\';
        text_ += c;
    }
    text_ += '\n';
}

void RecordWriter::put_number(std::string_view name, std::int64_t value) {
    char digits[24];
    auto [end, status] = std::to_chars(digits, digits + sizeof digits, value);
    put(name, std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

void RecordWriter::put_if(std::string_view name, std::string_view value) {
    if (!value.empty()) put(name, value);
}

void RecordWriter::put_number_if(std::string_view name, std::int64_t value) {
    if (value != 0) put_number(name, value);
}

Record Record::parse(std::string_view text) {
    Record record;
    while (!text.empty()) {
        auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        auto sign = line.find('=');
        if (sign == std::string_view::npos) continue;
        record.lines_.emplace_back(line.substr(0, sign), unescape(line.substr(sign + 1)));
    }
    return record;
}

std::optional<std::string_view> Record::find(std::string_view name) const {
    for (auto line = lines_.rbegin(); line != lines_.rend(); ++line)
        if (line->first == name) return line->second;
    return std::nullopt;
}

std::optional<std::int64_t> Record::find_number(std::string_view name) const {
    auto value = find(name);
    if (!value) return std::nullopt;
    std::int64_t number = 0;
    auto [end, status] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (status != std::errc() || end != value->data() + value->size()) return std::nullopt;
    return number;
}

std::vector<std::string> Record::all(std::string_view name) const {
    std::vector<std::string> values;
    for (auto const& [key, value] : lines_)
        if (key == name) values.push_back(value);
    return values;
}

}  // namespace lares::text
