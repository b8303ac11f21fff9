// config/explain.cc: option rows printed for a terminal.

#include "config/explain.h"

#include <algorithm>

#include "config/options.h"
#include "config/report.h"
#include "config/rows.h"

namespace lares::config {

namespace {

constexpr std::size_t line_width = 78;

/// `text` in lines of at most line_width, each indented by four.
std::string wrapped(std::string_view text) {
    std::string out, line;
    while (!text.empty()) {
        std::size_t end = std::min(text.find(' '), text.size());
        if (!line.empty() && line.size() + 1 + end > line_width - 4) {
            out.append("    ").append(line).append("\n");
            line.clear();
        }
        if (!line.empty()) line.push_back(' ');
        line.append(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out.append("    ").append(line).append("\n");
}

std::string print_default(OptionDoc const& doc) {
    if (doc.fallback.empty()) return "nothing";
    if (is_value(doc.fallback)) return std::string(doc.fallback);
    return std::string(doc.fallback.substr(1, doc.fallback.size() - 2));
}

std::string print_option(OptionDoc const& doc) {
    std::string out(doc.name);
    out.append(" in [").append(section_title(doc.section)).append("]");
    if (doc.is_shared && doc.section != Section::task) out.append(" and [task:x]");
    if (doc.ours) out.append(", an addition of Lares");
    out.append("\n").append(wrapped(doc.help));
    out.append("    value    ").append(doc.type).append("\n");
    out.append("    default  ").append(print_default(doc)).append("\n");
    if (!doc.range.empty()) out.append("    range    ").append(doc.range).append("\n");
    return out;
}

bool is_section(OptionDoc const& doc, std::string_view name) {
    std::string_view title = section_title(doc.section);
    if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
    return name == title || name == title.substr(0, title.find(':'));
}

Result<std::vector<OptionDoc>> find(std::string_view name) {
    auto found = find_options(name);
    if (found.empty())
        for (auto const& doc : all_options())
            if (is_section(doc, name)) found.push_back(doc);
    if (!found.empty()) return found;
    std::string hint = did_you_mean(nearest_option(name));
    return Error{Error::Kind::not_found,
                 "unknown option '" + std::string(name) + "'" + (hint.empty() ? "" : "; " + hint)};
}

}  // namespace

Result<std::string> explain(std::string_view name) {
    auto docs = TRY(find(name));
    std::string out;
    for (auto const& doc : docs) {
        if (!out.empty()) out.push_back('\n');
        out.append(print_option(doc));
    }
    return out;
}

Result<text::Value> explain_value(std::string_view name) {
    auto docs = TRY(find(name));
    text::Array all;
    for (auto const& doc : docs)
        all.push_back(
            text::Struct{{"section", std::string(section_title(doc.section))},
                         {"name", std::string(doc.name)},
                         {"type", std::string(doc.type)},
                         {"default", std::string(is_value(doc.fallback) ? doc.fallback : "")},
                         {"range", doc.range},
                         {"help", std::string(doc.help)},
                         {"ours", doc.ours}});
    return text::Value(std::move(all));
}

}  // namespace lares::config
