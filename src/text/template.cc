// text/template.cc: a template read into a row of steps, sections as jumps, and the steps walked.

#include "text/template.h"

#include <algorithm>
#include <array>

#include "text/nearest.h"
#include "text/placeholders.h"
#include "text/query.h"
#include "text/utf8.h"

namespace lares::text {

namespace {

enum class Filter { first_line, last_line, trim, one_line, upper, json, url, html, xml, raw };
struct FilterRow {
    std::string_view name;
    Filter filter;
};
// clang-format off
constexpr std::array<FilterRow, 10> filter_rows{{
    {"first_line", Filter::first_line},
    {"last_line",  Filter::last_line},
    {"trim",       Filter::trim},
    {"one_line",   Filter::one_line},
    {"upper",      Filter::upper},
    {"json",       Filter::json},
    {"url",        Filter::url},
    {"html",       Filter::html},
    {"xml",        Filter::xml},
    {"raw",        Filter::raw},
}};
// clang-format on

struct Step {
    enum class Kind { words, place, when, unless, end } kind = Kind::words;
    std::string words;  // or the name
    std::vector<Filter> filters;
    std::size_t other = 0;  // of when and unless: its end; of an end: what it ends
    std::size_t at = 0;     // byte in the source
};

Error placed(std::string_view source, std::size_t at, std::string words) {
    auto const before = source.substr(0, at);
    auto const line = 1 + std::ranges::count(before, '\n');
    auto const start = before.rfind('\n');
    auto const column =
        1 + count_characters(start == before.npos ? before : before.substr(start + 1));
    return {Error::Kind::invalid, "line " + std::to_string(line) + ", column " +
                                      std::to_string(column) + ": " + std::move(words)};
}

std::string_view trimmed(std::string_view text) {
    auto const begin = text.find_first_not_of(" \t\r\n");
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

/// Labels of fields are names too: whatever a person writes but the signs of this grammar.
bool is_name(std::string_view name) {
    return !name.empty() && name.find_first_of("{}|#^/\n\t") == name.npos;
}

Result<Filter> parse_filter(std::string_view name) {
    std::vector<std::string_view> names;
    for (auto const& row : filter_rows) {
        if (row.name == name) return row.filter;
        names.push_back(row.name);
    }
    std::string words = "unknown filter '" + std::string(name) + "'";
    if (auto const near = nearest(name, names); !near.empty())
        words += "; did you mean '" + std::string(near) + "'?";
    return Error{Error::Kind::invalid, words};
}

/// "a|b|c" as a name and its filters.
Result<Step> parse_place(std::string_view inside) {
    Step step{.kind = Step::Kind::place, .words = {}, .filters = {}};
    auto bar = inside.find('|');
    step.words = trimmed(inside.substr(0, bar));
    if (!is_name(step.words))
        return Error{Error::Kind::invalid,
                     "'" + std::string(inside) + "' names nothing; expected {{name}}"};
    while (bar != inside.npos) {
        inside.remove_prefix(bar + 1);
        bar = inside.find('|');
        step.filters.push_back(TRY(parse_filter(trimmed(inside.substr(0, bar)))));
    }
    return step;
}

Result<Step> parse_step(std::string_view inside) {
    inside = trimmed(inside);
    char const sign = inside.empty() ? '\0' : inside[0];
    if (sign != '#' && sign != '^' && sign != '/') return parse_place(inside);
    Step step = TRY(parse_place(trimmed(inside.substr(1))));
    if (!step.filters.empty()) return Error{Error::Kind::invalid, "a section has no filters"};
    step.kind = sign == '#' ? Step::Kind::when : sign == '^' ? Step::Kind::unless : Step::Kind::end;
    return step;
}

class Reader {
public:
    Reader(std::string_view source, Template::Limits limits) : source_(source), limits_(limits) {}

    Result<std::vector<Step>> read() {
        if (source_.size() > limits_.bytes)
            return Error{Error::Kind::invalid,
                         "the template is longer than " + std::to_string(limits_.bytes) + " bytes"};
        while (at_ < source_.size()) TRY(read_one());
        if (!open_.empty()) {
            Step const& first = steps_[open_.back()];
            return placed(
                source_, first.at,
                "section '" + first.words + "' is not ended; expected {{/" + first.words + "}}");
        }
        return std::move(steps_);
    }

private:
    Result<> read_one() {
        auto const opening = source_.find("{{", at_);
        add_words(source_.substr(at_, opening - at_));
        at_ = std::min(opening, source_.size());
        if (opening == source_.npos) return {};
        if (source_.substr(at_).starts_with("{{{{")) {
            add_words("{{");
            at_ += 4;
            return {};
        }
        auto const closing = source_.find("}}", at_ + 2);
        if (closing == source_.npos)
            return placed(source_, at_, "'{{' is not closed; expected '}}', or '{{{{' for itself");
        auto step = parse_step(source_.substr(at_ + 2, closing - at_ - 2));
        if (!step) return placed(source_, at_, step.error().what);
        step->at = at_;
        at_ = closing + 2;
        if (++places_ > limits_.places)
            return placed(source_, step->at,
                          "more than " + std::to_string(limits_.places) + " places");
        return add(std::move(step).take());
    }

    void add_words(std::string_view words) {
        if (words.empty()) return;
        if (steps_.empty() || steps_.back().kind != Step::Kind::words) steps_.emplace_back();
        steps_.back().words += words;
    }

    Result<> add(Step step) {
        bool const opens = step.kind == Step::Kind::when || step.kind == Step::Kind::unless;
        if (opens && open_.size() == limits_.depth)
            return placed(source_, step.at,
                          "sections are more than " + std::to_string(limits_.depth) + " deep");
        if (step.kind == Step::Kind::end) {
            if (open_.empty() || steps_[open_.back()].words != step.words)
                return placed(source_, step.at,
                              open_.empty() ? "no section is open here"
                                            : "expected {{/" + steps_[open_.back()].words + "}}");
            step.other = open_.back();
            steps_[open_.back()].other = steps_.size();
            open_.pop_back();
        }
        if (opens) open_.push_back(steps_.size());
        steps_.push_back(std::move(step));
        return {};
    }

    std::string_view source_;
    Template::Limits limits_;
    std::size_t at_ = 0, places_ = 0;
    std::vector<Step> steps_;
    std::vector<std::size_t> open_;
};

std::string filtered(std::string value, Filter filter) {
    switch (filter) {
    case Filter::first_line:
        return std::string(trimmed(value).substr(0, trimmed(value).find('\n')));
    case Filter::last_line: {
        auto const all = trimmed(value);
        auto const line = all.rfind('\n');
        return std::string(line == all.npos ? all : all.substr(line + 1));
    }
    case Filter::trim:
        return std::string(trimmed(value));
    case Filter::one_line:
        std::ranges::replace_if(value, [](char c) { return c == '\n' || c == '\r'; }, ' ');
        return std::string(trimmed(value));
    case Filter::upper:
        for (char& c : value)
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        return value;
    case Filter::json:
        return escape(value, Target::json);
    case Filter::url:
        return escape(value, Target::url);
    case Filter::html:
        return escape(value, Target::html);
    case Filter::xml:
        return escape(value, Target::xml);
    case Filter::raw:
        return value;
    }
    return value;
}

bool is_escape(Filter filter) { return filter >= Filter::json; }

bool is_something(Value const& value) {
    if (auto const* text = value.text()) return !text->empty();
    if (auto const* number = value.integer()) return *number != 0;
    if (auto const* yes = value.boolean()) return *yes;
    if (auto const* list = value.array()) return !list->empty();
    if (auto const* members = value.members()) return !members->empty();
    return true;
}

/// Lists within lists, whatever little comes out of them: some 20 ms.
constexpr std::size_t walked_most = 1'000'000;

/// The steps walked once, with the lists that are under way.
class Filler {
public:
    Filler(std::string_view source, std::vector<Step> const& steps, Value const& values,
           Target target, std::size_t most)
        : source_(source), steps_(steps), values_(values), target_(target), most_(most) {}

    Result<std::string> fill() {
        TRY(run(0, steps_.size(), nullptr));
        return std::move(out_);
    }

private:
    Result<> run(std::size_t from, std::size_t to, Value const* item) {
        ++walked_;  // also of an empty section, for each of its list
        for (std::size_t i = from; i < to; ++i) {
            Step const& step = steps_[i];
            if (++walked_ > walked_most)
                return placed(
                    source_, step.at,
                    "filling it takes more than " + std::to_string(walked_most) + " steps");
            if (out_.size() > most_)
                return placed(source_, step.at,
                              "what comes out is longer than " + std::to_string(most_) + " bytes");
            if (step.kind == Step::Kind::words)
                out_ += step.words;
            else if (step.kind == Step::Kind::place)
                TRY(fill_place(step, item));
            else if (step.kind != Step::Kind::end) {
                TRY(fill_section(step, i, item));
                i = step.other;
            }
        }
        return {};
    }

    Result<> fill_place(Step const& step, Value const* item) {
        Value const* value = TRY(look_up(step, item));
        std::string text = value == nullptr ? std::string() : argument_text(*value);
        Target target = target_;
        for (Filter const each : step.filters) {
            text = filtered(std::move(text), each);
            if (is_escape(each)) target = Target::none;
        }
        out_ += escape(text, target);
        return {};
    }

    Result<> fill_section(Step const& step, std::size_t i, Value const* item) {
        Value const* value = TRY(look_up(step, item));
        bool const is_there = value != nullptr && is_something(*value);
        if (is_there == (step.kind == Step::Kind::unless)) return {};
        auto const* list = is_there ? value->array() : nullptr;
        if (list == nullptr) return run(i + 1, step.other, is_there ? value : item);
        for (auto const& each : *list) TRY(run(i + 1, step.other, &each));
        return {};
    }

    Result<Value const*> look_up(Step const& step, Value const* item) {
        if (step.words == ".") return item == nullptr ? &values_ : item;
        if (item != nullptr)
            if (auto const* inner = item->find(step.words)) return inner;
        if (auto const* whole = values_.find(step.words)) return whole;
        auto const dot = step.words.find('.');
        auto const* outer = values_.find(step.words.substr(0, dot));
        if (outer == nullptr && item != nullptr && item->members() != nullptr)
            return static_cast<Value const*>(nullptr);
        if (outer == nullptr) return unknown(step);
        return dot == step.words.npos ? outer : outer->find(step.words.substr(dot + 1));
    }

    Error unknown(Step const& step) const {
        std::vector<std::string_view> names;
        if (auto const* members = values_.members())
            for (auto const& each : *members) names.push_back(each.first);
        auto const name = std::string_view(step.words).substr(0, step.words.find('.'));
        std::string words = "unknown name '" + std::string(name) + "'";
        if (auto const near = nearest(name, names); !near.empty())
            words += "; did you mean '" + std::string(near) + "'?";
        return placed(source_, step.at, words);
    }

    std::string_view source_;
    std::vector<Step> const& steps_;
    Value const& values_;
    Target target_;
    std::size_t most_;
    std::string out_;
    std::size_t walked_ = 0;
};

std::string escape_markup(std::string_view value, bool is_html) {
    std::string out;
    for (char c : is_html ? std::string(value) : clean_utf8(value)) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += is_html ? "&#39;" : "&apos;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

}  // namespace

std::string escape(std::string_view value, Target target) {
    switch (target) {
    case Target::none:
        return std::string(value);
    case Target::json: {
        std::string const quoted = to_json(Value(std::string(value)));
        return quoted.substr(1, quoted.size() - 2);
    }
    case Target::url:
        return encode_percent(value);
    case Target::html:
        return escape_markup(value, true);
    case Target::xml:
        return escape_markup(value, false);
    }
    return std::string(value);
}

struct Template::Parts {
    std::string source;
    std::vector<Step> steps;
    std::size_t most;
};

Template::Template(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;
Template::~Template() = default;

Result<Template> Template::parse(std::string_view source, Limits limits) {
    auto steps = TRY(Reader(source, limits).read());
    return Template(
        std::make_unique<Parts>(Parts{std::string(source), std::move(steps), limits.filled}));
}

Result<std::string> Template::fill(Value const& values, Target target) const {
    return Filler(parts_->source, parts_->steps, values, target, parts_->most).fill();
}

std::vector<std::string> Template::names() const {
    std::vector<std::string> names;
    for (auto const& step : parts_->steps) {
        bool const is_name = step.kind != Step::Kind::words && step.words != ".";
        std::string const name = step.words.substr(0, step.words.find('.'));
        if (is_name && std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
    return names;
}

}  // namespace lares::text
