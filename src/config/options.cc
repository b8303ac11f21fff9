// config/options.cc: the rows seen as documents.

#include "config/options.h"

#include <algorithm>

#include "config/rows.h"
#include "text/nearest.h"

namespace lares::config {

namespace {

constexpr std::pair<Section, std::string_view> titles[] = {
    {Section::supervisord, "supervisord"},
    {Section::lares, "lares"},
    {Section::unix_http_server, "unix_http_server"},
    {Section::inet_http_server, "inet_http_server"},
    {Section::supervisorctl, "supervisorctl"},
    {Section::user, "user:x"},
    {Section::program, "program:x"},
    {Section::eventlistener, "eventlistener:x"},
    {Section::fcgi_program, "fcgi-program:x"},
    {Section::group, "group:x"},
    {Section::socket, "socket:x"},
    {Section::task, "task:x"},
    {Section::folder, "folder:x"},
    {Section::crontab, "crontab"},
    {Section::incrontab, "incrontab"},
    {Section::channel, "channel:x"},
    {Section::budget, "budget:x"},
    {Section::include, "include"},
    {Section::rpcinterface, "rpcinterface:x"},
};

template <class Owner>
void add_rows(std::vector<OptionDoc>& docs, Section section, std::span<Row<Owner> const> rows,
              unsigned only = 0) {
    for (auto const& row : rows) {
        if ((row.traits & only) != only) continue;
        // In a section of ours every option is, wherever else it is known.
        bool is_ours = (row.traits & ours) != 0 || only != 0;
        docs.push_back({.section = section,
                        .name = row.name,
                        .type = row.slot.words.type,
                        .fallback = row.fallback,
                        .range = print_range(row.slot.words.unit, row.range),
                        .help = row.help,
                        .ours = is_ours,
                        .is_shared = (row.traits & tasks_too) != 0});
    }
}

/// "program" for "program:x": how a section is named before a dot.
std::string_view short_title(Section section) {
    auto title = section_title(section);
    return title.substr(0, title.find(':'));
}

bool has_program_options(Section section) {
    return section == Section::eventlistener || section == Section::fcgi_program;
}

std::string escape_cell(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == '|' || c == '<' || c == '*' || c == '_') out.push_back('\\');
        out.push_back(c);
    }
    return out;
}

std::string code(std::string_view text) {
    if (!is_value(text)) return escape_cell(text);
    return "`" + std::string(text) + "`";
}

}  // namespace

std::vector<OptionDoc> all_options() {
    std::vector<OptionDoc> docs;
    add_rows(docs, Section::supervisord, supervisord_rows());
    add_rows(docs, Section::lares, lares_rows());
    add_rows(docs, Section::lares, work_rows());
    add_rows(docs, Section::lares, alert_rows());
    add_rows(docs, Section::unix_http_server, unix_server_rows());
    add_rows(docs, Section::inet_http_server, inet_server_rows());
    add_rows(docs, Section::supervisorctl, client_rows());
    add_rows(docs, Section::user, account_rows());
    add_rows(docs, Section::program, program_rows());
    add_rows(docs, Section::eventlistener, eventlistener_rows());
    add_rows(docs, Section::fcgi_program, fcgi_rows());
    add_rows(docs, Section::group, group_rows());
    add_rows(docs, Section::socket, socket_rows());
    add_rows(docs, Section::task, task_rows());
    add_rows(docs, Section::task, program_rows(), tasks_too);
    add_rows(docs, Section::folder, folder_rows());
    add_rows(docs, Section::crontab, crontab_rows());
    add_rows(docs, Section::incrontab, incrontab_rows());
    add_rows(docs, Section::channel, channel_rows());
    add_rows(docs, Section::budget, budget_rows());
    add_rows(docs, Section::include, include_rows());
    add_rows(docs, Section::rpcinterface, rpc_rows());
    return docs;
}

std::vector<OptionDoc> find_options(std::string_view name) {
    std::vector<OptionDoc> found;
    // The option of [rpcinterface:x] has a dot of its own, so the whole name is tried first.
    for (auto const& doc : all_options()) {
        bool is_repeated = doc.is_shared && doc.section == Section::task;
        bool is_whole = doc.name == name && !is_repeated;
        std::string_view section = name.substr(0, name.find('.'));
        bool is_here = section == short_title(doc.section) ||
                       (doc.section == Section::program &&
                        (section == "eventlistener" || section == "fcgi-program"));
        bool is_dotted = section.size() + 1 < name.size() && is_here &&
                         name.substr(section.size() + 1) == doc.name;
        if (is_whole || is_dotted) found.push_back(doc);
    }
    return found;
}

std::string_view nearest_option(std::string_view name) {
    std::size_t dot = name.find('.');
    if (dot != name.npos) name.remove_prefix(dot + 1);
    std::vector<std::string_view> names;
    for (auto const& doc : all_options()) names.push_back(doc.name);
    return text::nearest(name, names);
}

std::string_view section_title(Section section) {
    for (auto const& [which, title] : titles)
        if (which == section) return title;
    return "";
}

std::string options_as_markdown(Section section) {
    std::string out = "| option | value | default | range | meaning |\n|---|---|---|---|---|\n";
    for (auto const& doc : all_options()) {
        if (doc.section != section) continue;
        out.append("| `").append(doc.name).append("`").append(doc.ours ? " (Lares)" : "");
        out.append(" | ").append(escape_cell(doc.type)).append(" | ").append(code(doc.fallback));
        out.append(" | ").append(escape_cell(doc.range)).append(" | ");
        out.append(escape_cell(doc.help)).append(" |\n");
    }
    if (has_program_options(section)) out.append("\nAnd every option of `[program:x]`.\n");
    return out;
}

}  // namespace lares::config
