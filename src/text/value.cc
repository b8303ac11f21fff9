// text/value.cc: values as JSON, and bytes made fit for XML.

#include "text/value.h"

#include <algorithm>

#include "base/overloaded.h"
#include "text/json.h"
#include "text/utf8.h"

namespace lares::text {

namespace {

class JsonWriter {
public:
    explicit JsonWriter(int indent) : indent_(static_cast<std::size_t>(std::max(indent, 0))) {}

    void write(Value const& value) {
        std::visit(Overloaded{
                       [&](std::string const& text) { append_json(out_, text); },
                       [&](std::int64_t number) { out_.append(std::to_string(number)); },
                       [&](bool yes) { out_.append(yes ? "true" : "false"); },
                       [&](double number) { append_json(out_, number); },
                       [&](Array const& array) {
                           write_list('[', array, ']', [&](Value const& item) { write(item); });
                       },
                       [&](Struct const& members) {
                           write_list('{', members, '}', [&](Struct::value_type const& member) {
                               append_json(out_, member.first);
                               out_.append(indent_ == 0 ? ":" : ": ");
                               write(member.second);
                           });
                       },
                   },
                   value.held);
    }

    std::string done() { return std::move(out_); }

private:
    void write_list(char open, auto const& items, char close, auto write_item) {
        out_.push_back(open);
        ++depth_;
        bool first = true;
        for (auto const& item : items) {
            if (!first) out_.push_back(',');
            first = false;
            new_line();
            write_item(item);
        }
        --depth_;
        if (!first) new_line();
        out_.push_back(close);
    }

    void new_line() {
        if (indent_ != 0) out_.append(1, '\n').append(indent_ * depth_, ' ');
    }

    std::size_t indent_;
    std::size_t depth_ = 0;
    std::string out_;
};

/// XML 1.0, production 2, Char.
bool is_xml(Character const& c) {
    if (c.fault != Character::Fault::none) return false;
    if (c.code < 0x20) return c.code == '\t' || c.code == '\n' || c.code == '\r';
    return c.code != 0xFFFE && c.code != 0xFFFF;
}

}  // namespace

Value const* Value::find(std::string_view name) const {
    Struct const* all = members();
    if (!all) return nullptr;
    // From the back: where a client gave a member twice, the last counts, as in a dictionary.
    auto found = std::find_if(all->rbegin(), all->rend(),
                              [&](auto const& member) { return member.first == name; });
    return found == all->rend() ? nullptr : &found->second;
}

std::string to_json(Value const& value, int indent) {
    JsonWriter writer(indent);
    writer.write(value);
    return writer.done();
}

std::string clean_utf8(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        Character c = read_character(bytes, at);
        out.append(is_xml(c) ? bytes.substr(at, c.length) : replacement_character);
        at += c.length;
    }
    return out;
}

}  // namespace lares::text
