// apps/capture/tally.cc: counting, and the sidecar as JSON.

#include "apps/capture/tally.h"

#include <algorithm>

#include "apps/capture/naming.h"
#include "text/iso_time.h"
#include "text/json_value.h"
#include "text/value.h"

namespace lares::capture {

namespace {

using text::Array;
using text::Struct;
using text::Value;

Value print_bound(Bound const& bound) {
    Struct out;
    if (!bound.id.empty()) out.emplace_back("id", bound.id);
    if (!bound.time.empty()) out.emplace_back("time", bound.time);
    if (!bound.cursor.empty()) out.emplace_back("cursor", bound.cursor);
    return out;
}

std::string text_of(Value const& from, std::string_view name) {
    auto const* value = from.find(name);
    return value != nullptr && value->text() ? *value->text() : std::string();
}
std::int64_t number_of(Value const& from, std::string_view name) {
    auto const* value = from.find(name);
    return value != nullptr && value->integer() ? *value->integer() : 0;
}
Bound read_bound(Value const* from) {
    if (from == nullptr) return {};
    return {text_of(*from, "id"), text_of(*from, "time"), text_of(*from, "cursor")};
}
std::int64_t read_time(Value const& from, std::string_view name) {
    auto read = text::parse_iso_time(text_of(from, name));
    return read ? read->local : 0;
}

Value print_gap_value(Gap const& gap) {
    Struct out{{"from_ms", gap.from}};
    if (!gap.is_open) out.emplace_back("until_ms", gap.until);
    out.emplace_back("after", print_bound(gap.after));
    if (!gap.is_open) out.emplace_back("before", print_bound(gap.before));
    out.emplace_back("reason", gap.reason);
    return out;
}
Gap read_gap_value(Value const& value) {
    return {.from = number_of(value, "from_ms"),
            .until = number_of(value, "until_ms"),
            .after = read_bound(value.find("after")),
            .before = read_bound(value.find("before")),
            .reason = text_of(value, "reason"),
            .is_open = value.find("before") == nullptr};
}

void keep(Bound& bound, Facts const& facts) {
    bound.id.assign(facts.id);
    bound.time.assign(facts.time);
    bound.cursor.assign(facts.cursor);
}

}  // namespace

std::string print_gap(Gap const& gap) { return text::to_json(print_gap_value(gap)); }
Result<Gap> parse_gap(std::string_view json) {
    auto value = TRY(text::parse_json(json));
    if (!value.members()) return Error{Error::Kind::invalid, "a gap must be an object"};
    return read_gap_value(value);
}

void Tally::count(Facts const& facts, std::size_t bytes) {
    ++messages_;
    bytes_ += static_cast<std::int64_t>(bytes);
    ++kinds_[static_cast<std::size_t>(facts.kind)];
    if (facts.kind == Kind::limit) missed_here_ = std::max(missed_here_, facts.missed);
    if (facts.id.empty() && facts.cursor.empty()) return;
    if (first_.id.empty() && first_.cursor.empty()) keep(first_, facts);
    keep(last_, facts);
}

void Tally::connection_ended() {
    missed_ = missed();
    missed_here_ = missed_before_ = 0;
}

Tally Tally::following() const {
    Tally next;
    next.missed_here_ = next.missed_before_ = missed_here_;
    return next;
}

void Sidecar::take(Tally const& tally) {
    messages = tally.messages();
    bytes = tally.bytes();
    missed = tally.missed();
    for (std::size_t i = 0; i < kind_count; ++i) kinds[i] = tally.of(static_cast<Kind>(i));
    first = tally.first();
    last = tally.last();
}

std::string print_sidecar(Sidecar const& side) {
    Struct counts;
    for (std::size_t i = 0; i < kind_count; ++i)
        if (side.kinds[i] > 0)
            counts.emplace_back(std::string(name_of(static_cast<Kind>(i))), side.kinds[i]);
    Array gaps;
    for (auto const& gap : side.gaps) gaps.push_back(print_gap_value(gap));
    Struct out{{"file", side.file},
               {"source", side.source},
               {"dialect", side.dialect},
               {"opened", print_utc(side.opened)},
               {"closed", print_utc(side.closed)},
               {"state", side.state},
               {"messages", side.messages},
               {"bytes", side.bytes},
               {"file_bytes", side.file_bytes},
               {"kinds", counts},
               {"missed", side.missed},
               {"first", print_bound(side.first)},
               {"last", print_bound(side.last)},
               {"gaps", gaps},
               {"doubles_removed", side.doubles_removed},
               {"posts_removed", side.posts_removed},
               {"sha256", side.sha256}};
    if (!side.replaces_sha256.empty()) out.emplace_back("replaces_sha256", side.replaces_sha256);
    return text::to_json(out, 2) + "\n";
}

Result<Sidecar> parse_sidecar(std::string_view json) {
    auto value = TRY(text::parse_json(json, {.bytes = 64u << 20}));
    if (!value.members()) return Error{Error::Kind::invalid, "a sidecar must be an object"};
    Sidecar side{.file = text_of(value, "file"),
                 .source = text_of(value, "source"),
                 .dialect = text_of(value, "dialect"),
                 .opened = read_time(value, "opened"),
                 .closed = read_time(value, "closed"),
                 .state = text_of(value, "state"),
                 .messages = number_of(value, "messages"),
                 .bytes = number_of(value, "bytes"),
                 .file_bytes = number_of(value, "file_bytes"),
                 .missed = number_of(value, "missed"),
                 .doubles_removed = number_of(value, "doubles_removed"),
                 .posts_removed = number_of(value, "posts_removed"),
                 .first = read_bound(value.find("first")),
                 .last = read_bound(value.find("last")),
                 .sha256 = text_of(value, "sha256"),
                 .replaces_sha256 = text_of(value, "replaces_sha256")};
    if (auto const* counts = value.find("kinds"); counts != nullptr)
        for (std::size_t i = 0; i < kind_count; ++i)
            side.kinds[i] = number_of(*counts, name_of(static_cast<Kind>(i)));
    if (auto const* gaps = value.find("gaps"); gaps != nullptr && gaps->array() != nullptr)
        for (auto const& each : *gaps->array()) side.gaps.push_back(read_gap_value(each));
    if (side.sha256.size() != 64)
        return Error{Error::Kind::invalid, "the sidecar has no 'sha256' of 64 digits"};
    return side;
}

}  // namespace lares::capture
