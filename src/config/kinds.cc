// config/kinds.cc: the kinds whose reading takes more than a line.

#include "config/kinds.h"

#include "text/python.h"

namespace lares::config {

std::string print_bound(Unit unit, long long bound) {
    switch (unit) {
    case Unit::milliseconds:
        return text::print_duration(Duration(bound));
    case Unit::bytes:
        return text::print_size(bound);
    case Unit::none:
    case Unit::count:
        break;
    }
    return std::to_string(bound);
}

std::string print_range(Unit unit, Range const& range) {
    bool has_least = range.least != no_least;
    bool is_time = unit == Unit::milliseconds;
    bool has_most = range.most != no_most && !(is_time && range.most >= longest_span.count());
    if (has_least && has_most)
        return print_bound(unit, range.least) + " to " + print_bound(unit, range.most);
    if (has_least) return print_bound(unit, range.least) + " or more";
    if (has_most) return "at most " + print_bound(unit, range.most);
    return "";
}

Result<long long> Reading::bounded(long long value) const {
    if (value >= range.least && value <= range.most) return value;
    if (ours) return Error{Error::Kind::invalid, "out of range"};
    long long taken = std::clamp(value, range.least, range.most);
    remark = "taken as " + print_bound(unit, taken);
    return taken;
}

Result<> Size::read(Reading const& reading, std::string_view text, std::int64_t& slot) {
    std::string_view rest = text::python::strip(text);
    // supervisord takes a negative size, and then behaves as with 0.
    if (!reading.ours && rest.starts_with('-') && text::parse_size(rest.substr(1))) {
        slot = 0;
        reading.remark = "taken as 0";
        return {};
    }
    slot = TRY(text::parse_size(text));
    return {};
}

Result<> MainLog::read(Reading const& reading, std::string_view text, std::string& slot) {
    auto target = parse_log_target(text);
    if (target.kind == LogTarget::Kind::syslog) {
        slot = "syslog";
    } else if (target.kind == LogTarget::Kind::journald) {
        slot = "journald";
    } else if (target.kind == LogTarget::Kind::none && !text.empty()) {
        slot.clear();
    } else {
        slot = TRY(parse_file_path(reading.world, text, reading.world.directory));
    }
    return {};
}

Result<> Paths::read(Reading const& reading, std::string_view text,
                     std::vector<std::string>& slot) {
    slot.clear();
    for (auto const& item : split_list(text)) {
        bool may_be_absent = item.starts_with('-');
        std::string path = expand_home(reading.world, item.substr(may_be_absent ? 1 : 0));
        slot.push_back((may_be_absent ? "-" : "") + absolute_path(path, reading.world.directory));
    }
    return {};
}

Result<> Limit::read(Reading const& reading, std::string_view text,
                     std::vector<ResourceLimit>& slot) {
    constexpr std::string_view prefix = "limit_";
    auto limit = TRY(parse_limit(reading.option.substr(prefix.size()), text));
    std::erase_if(slot, [&](ResourceLimit const& known) { return known.name == limit.name; });
    slot.push_back(std::move(limit));
    return {};
}

Result<> AutoMode::read(Reading const&, std::string_view text, IncludeAuto& slot) {
    if (text == "off") return slot = IncludeAuto::off, Result<>{};
    if (text == "warn") return slot = IncludeAuto::warn, Result<>{};
    if (text == "apply") return slot = IncludeAuto::apply, Result<>{};
    return Error{Error::Kind::invalid, "must be off, warn or apply"};
}

Result<> StatusPage::read(Reading const&, std::string_view text, bool& slot) {
    if (text != "hidden" && text != "public")
        return Error{Error::Kind::invalid, "must be hidden or public"};
    slot = text == "public";
    return {};
}

}  // namespace lares::config
