// apps/capture/site_acts.cc: forms as the command line's own commands.

#include <algorithm>

#include "apps/capture/disk.h"
#include "apps/capture/naming.h"
#include "apps/capture/phrases.h"
#include "apps/capture/site.h"
#include "apps/capture/whole_number.h"
#include "apps/capture/writer.h"
#include "base/sha256.h"

namespace lares::capture {

namespace {

/// Files that a dry run reads at most, the newest first.
constexpr std::size_t most_tried_files = 1'000;

/// A browser ends the lines of an area with CR LF; between entries stand commas.
std::string one_line(std::string value) {
    std::erase(value, '\r');
    while (value.ends_with('\n')) value.pop_back();
    std::ranges::replace(value, '\n', ',');
    return value;
}

/// Files of this machine, and where a token goes, are not everybody's to choose.
bool is_touchy(Definition const& definition) {
    bool const reads_file = definition.service == "file" || definition.form == "file";
    bool const sends_token = !definition.credential.empty() && !definition.url.empty();
    return reads_file || !definition.ca_file.empty() || sends_token;
}
bool is_as_before(Definition const& a, Definition const& b) {
    return a.service == b.service && a.form == b.form && a.url == b.url &&
           a.credential == b.credential && a.ca_file == b.ca_file;
}

}  // namespace

/// What the form says, over what is known.
Result<Definition> Site::edited_capture(Request const& request) {
    auto const name = request.in("name");
    TRY(check_source_name(name));
    auto* database = TRY(app_.database());
    auto const known =
        TRY(database->rows("select definition from captures where name = :n", {name}, "t"));
    Definition before;
    if (!known.empty()) before = TRY(parse_definition(text_in(known[0], 0)));
    before.name = name;
    auto after = before;
    for (auto const& row : definition_rows())
        for (auto const& [field, value] : request.fields)
            if (row.name != "name" && field == "option_" + std::string(row.name))
                row.field(after) = one_line(value);
    if (!request.may(Rights::admin) && is_touchy(after) && !is_as_before(before, after))
        return Error{Error::Kind::denied, request.say(Word::admins_only)};
    return after;
}

/// Of a capture as it is stored, so that a form can tell what it was made from; empty: it is not.
std::string Site::stored_digest(std::string const& capture) {
    auto database = app_.database();
    if (!database) return {};
    auto const stored = (*database)->capture(capture);
    return stored ? sha256_hex(print_definition(*stored)).substr(0, 16) : std::string();
}

Result<std::string> Site::save_capture(Request const& request) {
    auto definition = TRY(edited_capture(request));
    // Two who edit at once: the second is told, and overwrites nothing.
    if (auto const seen = request.in("seen");
        !seen.empty() && seen != stored_digest(definition.name))
        return Error{Error::Kind::conflict, request.say(Word::changed_meanwhile)};
    Arguments arguments = {"set", definition.name};
    for (auto const& row : definition_rows())
        arguments.push_back(std::string(row.name) + "=" + row.field(definition));
    TRY(filter_command(app_, arguments));
    watch_->edited();
    return address("/capture", {{"name", definition.name}});
}

Result<std::string> Site::switch_capture(Request const& request) {
    auto const name = request.in("name"), active = request.in("active");
    auto* database = TRY(app_.database());
    TRY(database->capture(name));
    TRY(filter_command(app_, {"set", name, "active=" + active}));
    watch_->edited();
    return address("/capture", {{"name", name}});
}

Result<std::string> Site::remove_capture(Request const& request) {
    auto const name = request.in("name");
    if (request.in("confirm") != name)
        return Error{Error::Kind::invalid, request.say(Word::not_confirmed)};
    TRY(filter_command(app_, {"remove", name}));
    watch_->edited();
    return std::string("/captures");
}

Result<std::string> Site::change_set(Request const& request) {
    auto const name = request.in("name"), notes = request.in("notes");
    if (name.empty() || name.starts_with('-') || name.size() > 255)
        return fault(Error::Kind::invalid, Phrase::set_name);
    TRY(set_command(app_, {"add", name, "--notes=" + notes}));
    return address("/set", {{"name", name}});
}

Result<std::string> Site::remove_set(Request const& request) {
    auto const name = request.in("name");
    if (request.in("confirm") != name)
        return Error{Error::Kind::invalid, request.say(Word::not_confirmed)};
    TRY(set_command(app_, {"remove", name}));
    return std::string("/sets");
}

Result<std::string> Site::change_members(Request const& request) {
    auto const set = request.in("set"), what = request.in("what");
    if (what != "join" && what != "leave")
        return fault(Error::Kind::invalid, Phrase::join_or_leave);
    TRY(set_command(app_, {what, set, request.in("service"), request.in("account")}));
    return address("/set", {{"name", set}});
}

Result<std::string> Site::start_export(Request const& request) {
    auto const capture = request.in("capture"), set = request.in("set"),
               account = request.in("account"), format = request.in("format");
    if (format != "csv" && format != "tsv" && format != "jsonl" && format != "xlsx")
        return fault(Error::Kind::invalid, Phrase::table_formats, {format});
    // What is not known is told now, not when the thread finds out.
    auto* database = TRY(app_.database());
    if (!capture.empty()) TRY(database->capture(capture));
    Arguments arguments;
    for (auto const* name :
         {"capture", "set", "account", "format", "from", "to", "sample", "split"})
        if (auto const value = request.in(name); !value.empty())
            arguments.push_back(std::string("--") + name + "=" + value);
    bool const is_split = !request.in("split").empty();
    // Those that are begun at the same time know nothing of each other's parts.
    if (is_split)
        arguments.push_back("--most-files=" +
                            std::to_string(std::max<std::size_t>(1, works_->room())));
    auto const of = !capture.empty() ? capture : set.empty() ? "account" : "set";
    TRY(works_->begin({.kind = "export",
                       .capture = of,
                       .who = request.visitor.name,
                       .suffix = format,
                       .files = is_split ? Order::Files::many : Order::Files::one,
                       .run = [arguments](App& app, std::string const& output) {
                           auto all = arguments;
                           all.push_back("--output=" + output);
                           return export_command(app, all);
                       }}));
    return std::string("/work");
}

Result<std::string> Site::remove_file(Request const& request) {
    TRY(works_->remove(request.in("file")));
    return std::string("/work");
}

Result<std::string> Site::try_filter(Request const& request) {
    auto const definition = TRY(edited_capture(request));
    TRY(make_plan(definition, app_.archive, ""));
    auto archive = request.in("archive");
    if (archive.empty()) archive = definition.name;
    TRY(check_source_name(archive));
    auto const root = source_folder(app_.archive, archive);
    std::vector<std::string> files;
    for (auto const& file : disk::files_below(root))
        if (parse_file_name(file.substr(file.rfind('/') + 1))) files.push_back(root + "/" + file);
    if (files.empty()) return fault(Error::Kind::not_found, Phrase::archive_without, {archive});
    if (files.size() > most_tried_files)
        files.erase(files.begin(), files.end() - static_cast<std::ptrdiff_t>(most_tried_files));
    auto const number =
        TRY(works_->begin({.kind = "try",
                           .capture = definition.name,
                           .who = request.visitor.name,
                           .suffix = {},
                           .draft = print_definition(definition),
                           .run = [definition, files](App& app, std::string const&) {
                               return try_definition(app, definition, files);
                           }}));
    return address("/capture", {{"name", definition.name}, {"tried", std::to_string(number)}});
}

Result<std::string> Site::index_posts(Request const& request) {
    auto const name = request.in("name");
    auto* database = TRY(app_.database());
    TRY(database->capture(name));
    TRY(works_->begin(
        {.kind = "index",
         .capture = name,
         .who = request.visitor.name,
         .suffix = {},
         .run = [name](App& app, std::string const&) { return index_command(app, {name}); }}));
    return std::string("/work");
}

Result<std::string> Site::take_down(Request const& request) {
    auto const name = request.in("name"), policy = request.in("policy");
    auto* database = TRY(app_.database());
    TRY(database->capture(name));
    if (policy != "keep" && policy != "mark" && policy != "remove")
        return fault(Error::Kind::invalid, Phrase::policies);
    TRY(works_->begin({.kind = "takedown",
                       .capture = name,
                       .who = request.visitor.name,
                       .suffix = {},
                       .run = [name, policy](App& app, std::string const&) {
                           return takedown_command(app, {name, policy});
                       }}));
    return std::string("/work");
}

}  // namespace lares::capture
