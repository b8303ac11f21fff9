// config/reader.cc: finding a value, expanding it, and saying what is wrong with it.

#include "config/reader.h"

#include <algorithm>

#include "text/nearest.h"

namespace lares::config {

namespace {

using text::Severity;

/// What stands between `before` and `after` in a message of ours; empty when it has no such part.
std::string between(std::string_view text, std::string_view before, std::string_view after) {
    std::size_t begin = text.rfind(before);
    if (begin == text.npos) return "";
    begin += before.size();
    std::size_t end = text.find(after, begin);
    return std::string(text.substr(begin, end == text.npos ? end : end - begin));
}

/// From supervisord's words for a failed expansion, ours.
Finding expansion_finding(std::string_view option, std::string_view words,
                          text::Names const& names) {
    std::string unknown = between(words, " contains names (", ") which cannot be expanded");
    if (unknown.empty())
        return {std::string(option) + ": " + between(words, " is badly formatted: ", "\n"),
                "write %% for a percent sign, %(name)s for an expansion"};
    // Python's quotes around the name.
    std::string name = unknown.substr(1, unknown.size() - 2);
    auto all = names.all();
    std::string hint = did_you_mean(text::nearest(name, {all.begin(), all.end()}));
    if (name.starts_with("ENV_"))
        hint = (hint.empty() ? "" : hint + " or ") + "write %(" + name +
               ":-VALUE)s to give it a default";
    return {std::string(option) + ": the name '" + name + "' is not known here", hint};
}

}  // namespace

std::string settle_here(std::string_view text, std::string_view here) {
    constexpr std::string_view name = "%(here)s";
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text.substr(at).starts_with(name)) {
            out.append(text::escape_percent(here));
            at += name.size();
        } else {
            std::size_t length = text.substr(at).starts_with("%%") ? 2 : 1;
            out.append(text.substr(at, length));
            at += length;
        }
    }
    return out;
}

SectionReader::SectionReader(Context& context, text::IniSection const& section)
    : context_(context), section_(section) {
    names_.outer = &context.names;
    names_.own["here"] = context.here;
    classic_ = [](auto, auto, std::string const& words) { return words; };
}

std::string const& SectionReader::file() const {
    return context_.ini.sources.at(static_cast<std::size_t>(section_.place.file)).path;
}

text::Place SectionReader::place_of(std::string_view option) const {
    auto const* entry = find(option);
    return entry ? entry->place : section_.place;
}

void SectionReader::know(std::string name, std::variant<std::string, long> value) {
    names_.own[std::move(name)] = std::move(value);
}

void SectionReader::error(text::Place place, Finding finding) {
    context_.report.add(severity_, place, std::move(finding));
}

void SectionReader::warning(text::Place place, Finding finding) {
    context_.report.warning(place, std::move(finding));
}

std::string SectionReader::classic(std::string_view option, std::string_view value,
                                   std::string const& words) const {
    return classic_(option, value, words);
}

std::string SectionReader::with_here(text::IniEntry const& entry) const {
    auto const& file = context_.ini.sources.at(static_cast<std::size_t>(entry.place.file)).path;
    return settle_here(entry.value, directory_of(file));
}

void SectionReader::report_expansion(std::string_view option, std::string_view value,
                                     Error const& failure) {
    auto finding = expansion_finding(option, failure.what, names_);
    finding.classic = classic_(option, value, failure.what);
    error(place_of(option), std::move(finding));
}

std::optional<std::string> SectionReader::value_of(text::IniEntry const& entry,
                                                   RowView const& row) {
    if (entry.value.find('%') == entry.value.npos) return entry.value;
    bool is_share = (row.traits & share) && entry.value.find("%(") == entry.value.npos;
    if (is_share) return entry.value;
    std::string settled = with_here(entry);
    if (row.traits & raw) return settled;
    if ((row.traits & varies) && settled.find("%(") != settled.npos) {
        varying_.emplace_back(row.name, std::move(settled));
        return std::nullopt;
    }
    auto value = text::expand(settled, names_, section_.name + "." + entry.key);
    if (!value) {
        // Once more as it stands, for the words: supervisord shows %(here)s unexpanded.
        auto as_written = text::expand(entry.value, names_, section_.name + "." + entry.key);
        report_expansion(row.name, entry.value, as_written ? value.error() : as_written.error());
        return std::nullopt;
    }
    return std::move(value).take();
}

void SectionReader::report(text::IniEntry const& entry, RowView const& row,
                           std::string const& value, Result<> const& done,
                           std::string const& remark) {
    std::string what = std::string(row.name) + " = " + shown(value) + ": ";
    if (!remark.empty()) warning(entry.place, {.what = what + remark});
    if (done) return;
    std::string wanted = "must be " + std::string(row.words.type);
    std::string range = print_range(row.words.unit, row.range);
    if (!range.empty() && (row.traits & ours)) wanted.append(", ").append(range);
    bool is_ours = (row.traits & ours) != 0;
    what.append(row.words.explains ? done.error().what : wanted);
    std::string line = classic_(row.name, value, done.error().what);
    error(entry.place, {.what = std::move(what), .classic = is_ours ? "" : std::move(line)});
}

void SectionReader::report_unknown(bool section_is_ours, std::span<Elsewhere const> elsewhere) {
    for (auto const& entry : section_.entries) {
        // What [DEFAULT] has for some sections is not a mistake in the others.
        if (entry.is_inherited || std::ranges::find(known_, entry.key) != known_.end()) continue;
        Finding finding{"unknown option '" + entry.key + "' in [" + section_.name + "]",
                        did_you_mean(text::nearest(entry.key, known_))};
        auto known_elsewhere = std::ranges::find(elsewhere, entry.key, &Elsewhere::option);
        if (known_elsewhere != elsewhere.end()) finding.hint = known_elsewhere->hint;
        context_.report.add(section_is_ours ? severity_ : Severity::warning, entry.key_place,
                            std::move(finding));
    }
}

}  // namespace lares::config
