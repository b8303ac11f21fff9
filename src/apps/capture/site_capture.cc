// apps/capture/site_capture.cc: one capture: its program, what it receives, its files and gaps,
// the dry run, removals and exports.

#include <algorithm>

#include "apps/capture/disk.h"
#include "apps/capture/gaps.h"
#include "apps/capture/phrases.h"
#include "apps/capture/site.h"
#include "apps/capture/verify.h"
#include "apps/capture/whole_number.h"
#include "apps/capture/writer.h"

namespace lares::capture {

namespace {

/// Of the days whose files can be chosen, before and after the one that is shown.
constexpr std::ptrdiff_t days_around = 7;
constexpr std::size_t gaps_shown = 50;

Html gap_words(Tongue tongue, Gap const& gap) {
    auto words = time_words(gap.from) + " – " + (gap.is_open ? "…" : time_words(gap.until)) + ", " +
                 in_tongue(tongue, gap.reason);
    if (!gap.after.id.empty()) words += ", " + gap.after.id;
    if (!gap.before.id.empty()) words += " … " + gap.before.id;
    return plain_text(words);
}

Html joined(Tongue tongue, std::vector<Gap> const& gaps) {
    Html out;
    for (auto const& each : gaps)
        out += (out.text.empty() ? Html{} : Html{"<br>"}) + gap_words(tongue, each);
    return out;
}

/// "2026-11-28", newest first, from the folders that are there.
std::vector<std::string> days_of(std::string const& root) {
    std::vector<std::string> days;
    for (auto const& year : disk::folders_in(root))
        for (auto const& month : disk::folders_in(root + "/" + year))
            for (auto const& day : disk::folders_in(root + "/" + year + "/" + month))
                days.push_back(year + "-" + month + "-" + day);
    std::ranges::sort(days, std::greater<>());
    return days;
}

std::vector<Html> file_row(Tongue tongue, Sidecar const& side) {
    return {{"<span class=\"number\">" + escaped_html(side.file) + "</span>"},
            number_cell(side.messages),
            side.gaps.empty() ? plain_text(say(tongue, Word::no_gaps)) : joined(tongue, side.gaps),
            number_cell(side.missed),
            plain_text(side.first.id + (side.first.id.empty() ? "" : " … ") + side.last.id),
            {"<span class=\"number\">" + escaped_html(bytes_words(side.file_bytes)) + "</span>"},
            badge(in_tongue(tongue, side.state), side.state == "closed" ? "" : "bad")};
}

Html fills_table(Tongue tongue, std::vector<Row> const& rows) {
    std::vector<std::vector<Html>> cells;
    for (auto const& row : rows) {
        auto const& state = text_in(row, 4);
        auto words = std::string(say(tongue, Word::complete));
        if (state == "open") {
            auto const& floor = text_in(row, 3);
            words = std::string(say(tongue, Word::missing_yet)) + " " +
                    (floor.empty() ? std::string(say(tongue, Word::the_beginning)) : floor);
        }
        if (state == "gap")
            words = std::string(say(tongue, Word::gap)) + ": " + in_tongue(tongue, text_in(row, 5));
        cells.push_back({plain_text(text_in(row, 0)), number_cell(number_in(row, 6)),
                         plain_text(text_in(row, 1) + " … " + text_in(row, 2)), plain_text(words)});
    }
    return heading(say(tongue, Word::timelines)) +
           table(say(tongue, Word::timelines),
                 {say(tongue, Word::account), say(tongue, Word::posts),
                  say(tongue, Word::first_last), say(tongue, Word::state)},
                 cells);
}

Field option_field(Tongue tongue, DefinitionRow const& row, Definition definition) {
    bool const is_long = row.name == "words" || row.name == "people" || row.name == "places";
    Field field{.name = "option_" + std::string(row.name),
                .label = std::string(option_label(tongue, row.name)),
                .value = row.field(definition),
                .kind = is_long ? Field::Kind::area : Field::Kind::text,
                .help = std::string(option_help(tongue, row.name, row.help))};
    if (row.name == "active") field.choices = {"yes", "no"};
    if (row.name == "format") field.choices = {"gzip", "zstd", "plain"};
    if (row.name == "takedown") field.choices = {"keep", "mark", "remove"};
    return field;
}

}  // namespace

/// The first options are what a filter is; the others stand behind a fold.
Html Site::edit_of(Request const& request, Definition const& definition) {
    static constexpr std::string_view first[] = {
        "words", "people", "places", "languages", "active", "service", "credential", "set", "url"};
    Html main{"<div class=\"fields\">"}, rest{"<div class=\"fields\">"};
    auto const rows = definition_rows();
    for (auto const& name : first)
        main += labelled(option_field(
            request.tongue, *std::ranges::find(rows, name, &DefinitionRow::name), definition));
    for (auto const& row : rows)
        if (row.name != "name" && std::ranges::find(first, row.name) == std::end(first))
            rest += labelled(option_field(request.tongue, row, definition));
    auto fields = labelled({"name", "", definition.name, Field::Kind::hidden});
    fields += labelled({"seen", "", stored_digest(definition.name), Field::Kind::hidden});
    fields += main + Html{"</div>"};
    fields += fold(request.say(Word::more_options), rest + Html{"</div>"});
    auto archives = disk::folders_in(app_.archive);
    std::ranges::sort(archives);
    if (!archives.empty())
        fields += labelled({.name = "archive",
                            .label = request.say(Word::tried_on),
                            .value = definition.name,
                            .choices = archives});
    return heading(request.say(Word::edit)) +
           form("/capture", {{request.say(Word::save)}, {request.say(Word::try_it), "/try"}},
                request.key(), fields);
}

Html Site::export_form(Request const& request, Field const& of) {
    return heading(request.say(Word::export_)) +
           form("/exports", request.say(Word::start), request.key(),
                {of,
                 {"format",
                  request.say(Word::format),
                  "csv",
                  Field::Kind::text,
                  {"csv", "tsv", "jsonl", "xlsx"}},
                 {"from", request.say(Word::from), "", Field::Kind::date},
                 {"to", request.say(Word::to), "", Field::Kind::date},
                 {"sample", request.say(Word::sample), "", Field::Kind::number},
                 {"split", request.say(Word::split), "", Field::Kind::number}});
}

Html Site::files_of(Request const& request, std::string const& capture) {
    auto const tongue = request.tongue;
    auto const root = source_folder(app_.archive, capture);
    auto const days = days_of(root);
    Html body = heading(say(tongue, Word::files));
    if (days.empty()) return body + blank(say(tongue, Word::no_files), "");
    auto const asked = std::ranges::find(days, request.of("day"));
    auto const day = asked == days.end() ? days.front() : *asked;
    Html choice;
    auto const place = std::ranges::find(days, day) - days.begin();
    for (auto i = std::max<std::ptrdiff_t>(0, place - days_around);
         i < std::min<std::ptrdiff_t>(std::ssize(days), place + days_around + 1); ++i) {
        auto const& each = days[static_cast<std::size_t>(i)];
        choice +=
            link_to(address("/capture", {{"name", capture}, {"day", each}}), each) + Html{" "};
    }
    std::string folder = day;
    std::ranges::replace(folder, '-', '/');
    std::vector<std::vector<Html>> rows;
    std::int64_t messages = 0;
    for (auto const& file : disk::files_below(root + "/" + folder)) {
        if (!file.ends_with(".json")) continue;
        auto const text = disk::read_all(root + "/" + folder + "/" + file);
        auto side = text ? parse_sidecar(*text) : Result<Sidecar>(text.error());
        if (side) messages += side->messages;
        rows.push_back(side ? file_row(tongue, *side)
                            : std::vector<Html>{plain_text(file), plain_text(side.error().what)});
    }
    body += paragraph(choice);
    body += table(say(tongue, Word::files),
                  {say(tongue, Word::file), say(tongue, Word::messages), say(tongue, Word::gaps),
                   say(tongue, Word::missed), say(tongue, Word::first_last),
                   say(tongue, Word::size), say(tongue, Word::state)},
                  rows);
    return body +
           paragraph(plain_text(request.say(Word::messages) + ", " + day + ": " +
                                std::to_string(messages) + ". " + request.say(Word::open_file)));
}

Result<Html> Site::takedown_of(Request const& request, Definition const& definition) {
    auto* database = TRY(app_.database());
    Html body = heading(request.say(Word::takedown)) +
                paragraph(plain_text(request.say(Word::takedown_help)));
    std::vector<std::vector<Html>> rows;
    for (std::string const policy : {"keep", "mark"}) {
        auto const counted = TRY(database->rows(
            "select (select count(*) from (select 1 from removals where source "
            "= :a and policy = :p limit :n)), coalesce((select max(at) from "
            "removals where source = :b and policy = :q), 0)",
            {definition.name, policy, most_counted + 1, definition.name, policy}, "nn"));
        if (number_in(counted[0], 0) > 0)
            rows.push_back({plain_text(policy), many_cell(number_in(counted[0], 0)),
                            time_cell(number_in(counted[0], 1))});
    }
    // What was taken out is in no table any more; its proof stands beside the archive.
    auto const proofs =
        disk::read_all(source_folder(app_.archive, definition.name) + "/removals.jsonl");
    if (proofs && !proofs->empty())
        rows.push_back({plain_text("remove"), number_cell(std::ranges::count(*proofs, '\n')), {}});
    if (!rows.empty())
        body += table(request.say(Word::takedown),
                      {say(request.tongue, Word::policy), say(request.tongue, Word::posts),
                       say(request.tongue, Word::decided)},
                      rows);
    if (!request.may(Rights::admin)) return body;
    return body + form("/takedown", request.say(Word::carry_out), request.key(),
                       {{"name", "", definition.name, Field::Kind::hidden},
                        {"policy",
                         request.say(Word::policy),
                         definition.takedown,
                         Field::Kind::text,
                         {"keep", "mark", "remove"}}});
}

Html Site::acts_of(Request const& request, Definition const& definition) {
    Field const name{"name", "", definition.name, Field::Kind::hidden};
    bool const is_active = definition.active == "yes";
    Html out{"<div class=\"row\">"};
    out +=
        form("/capture/switch", request.say(is_active ? Word::deactivate : Word::activate),
             request.key(), {name, {"active", "", is_active ? "no" : "yes", Field::Kind::hidden}});
    out += form("/index", request.say(Word::index_it), request.key(), {name});
    return out + Html{"</div>\n"};
}

Result<Html> Site::capture(Request const& request) {
    auto* database = TRY(app_.database());
    auto const name = request.of("name");
    auto const number = whole_number(request.of("tried"));
    auto const tried = number ? works_->find(*number) : std::nullopt;
    bool const is_draft = tried && tried->kind == "try" && tried->capture == name;
    auto known = database->capture(name);
    bool const is_stored = known.ok();
    if (!is_stored && !is_draft) return std::move(known).error();
    bool const may_change = request.may(Rights::operators);
    Html body;
    Definition const definition = is_stored ? *known : TRY(parse_definition(tried->draft));
    if (is_stored) {
        body += paragraph(
            plain_text(definition.service + " ") +
            badge(request.say(definition.active == "yes" ? Word::active : Word::inactive)) +
            Html{" "} + state_of(request, definition, watch_->look()));
        if (may_change) body += acts_of(request, definition);
    }
    if (is_draft) {
        body += heading(request.say(Word::dry_run)) +
                Html{"<div id=\"live\">" + work_state(request, *tried).text + "</div>\n"};
        body += paragraph(plain_text(request.say(Word::draft)));
        body += edit_of(request, TRY(parse_definition(tried->draft)));
        if (!is_stored) return body;
    }
    body += files_of(request, name);
    auto gaps = GapBook::read(gap_path(app_.archive, name));
    if (gaps && !gaps->empty()) {
        if (gaps->size() > gaps_shown) gaps->erase(gaps->begin(), gaps->end() - gaps_shown);
        body += heading(request.say(Word::gaps)) + paragraph(joined(request.tongue, *gaps));
    }
    auto const days = TRY(days_of_captures(name));
    body += TRY(per_day(request, days));
    auto const fills = TRY(database->rows(
        "select account, top, low, floor, state, words, posts from fills where capture = :c order "
        "by account, id desc limit 200",
        {name}, "ttttttn"));
    if (!fills.empty()) body += fills_table(request.tongue, fills);
    if (may_change && !is_draft) body += edit_of(request, definition);
    if (!may_change) {
        std::vector<std::vector<Html>> options;
        auto copy = definition;
        for (auto const& row : definition_rows())
            if (!row.field(copy).empty())
                options.push_back({plain_text(option_label(request.tongue, row.name)),
                                   plain_text(row.field(copy))});
        return body + heading(request.say(Word::options)) +
               table(request.say(Word::options),
                     {say(request.tongue, Word::name), say(request.tongue, Word::value)}, options);
    }
    body += export_form(request, {"capture", "", name, Field::Kind::hidden});
    body += TRY(takedown_of(request, definition));
    if (!request.may(Rights::admin)) return body;
    return body + heading(request.say(Word::remove_capture)) +
           paragraph(plain_text(request.say(Word::remove_help))) +
           form("/capture/remove", request.say(Word::remove), request.key(),
                {{"name", "", name, Field::Kind::hidden},
                 {"confirm", request.say(Word::confirm), ""}});
}

}  // namespace lares::capture
