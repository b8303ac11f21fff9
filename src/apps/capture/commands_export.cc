// apps/capture/commands_export.cc: export and dehydrate: posts out of the archive and the database.

#include <cstdio>
#include <optional>
#include <set>

#include "apps/capture/app.h"
#include "apps/capture/disk.h"
#include "apps/capture/phrases.h"
#include "apps/capture/reading.h"
#include "apps/capture/sheet.h"
#include "apps/capture/whole_number.h"
#include "text/iso_time.h"

namespace lares::capture {

namespace {

constexpr std::int64_t day_ms = 86'400'000;
/// Posts between two words about how far it is.
constexpr std::int64_t told_every = 256;

struct Wish {
    std::string capture, set, account, output;
    SheetKind kind = SheetKind::csv;
    std::optional<std::int64_t> from_ms, until_ms;       // until: not included
    std::int64_t sample = 1, split = 0, most_files = 0;  // 0: no split, as many as there are
    bool only_count = false;
};

/// A post on its way to the table; false: no more are wanted.
using Take = std::function<bool(Language const&, std::string_view message, std::string const& item,
                                std::int64_t at_ms)>;

Result<std::int64_t> count_from_1(std::string const& name, std::string const& text) {
    auto const number = whole_number(text);
    if (!number || *number < 1) return wrong_usage(phrase(Phrase::number_from_1, {name, text}));
    return *number;
}

/// Midnight of a day in UTC. Both ends of a range are days that are meant whole.
Result<std::optional<std::int64_t>> day(std::string const& name, std::string const& text,
                                        std::int64_t after) {
    if (text.empty()) return std::optional<std::int64_t>();
    auto read = text::parse_iso_time(text);
    if (!read || text.size() != 10) return wrong_usage(phrase(Phrase::a_day, {name, text}));
    return std::optional(read->local * 1000 + after);
}

Result<Wish> read_wish(Arguments arguments) {
    Wish wish;
    wish.capture = TRY(take_option(arguments, "capture"));
    wish.set = TRY(take_option(arguments, "set"));
    wish.account = TRY(take_option(arguments, "account"));
    wish.output = TRY(take_option(arguments, "output"));
    auto const format = TRY(take_option(arguments, "format"));
    wish.kind = TRY(parse_sheet_kind(format));
    auto const from = TRY(take_option(arguments, "from")), to = TRY(take_option(arguments, "to"));
    wish.from_ms = TRY(day("from", from, 0));
    wish.until_ms = TRY(day("to", to, day_ms));
    auto const sample = TRY(take_option(arguments, "sample")),
               split = TRY(take_option(arguments, "split")),
               most_files = TRY(take_option(arguments, "most-files"));
    if (!sample.empty()) wish.sample = TRY(count_from_1("sample", sample));
    if (!split.empty()) wish.split = TRY(count_from_1("split", split));
    if (!most_files.empty()) wish.most_files = TRY(count_from_1("most-files", most_files));
    wish.only_count = take_flag(arguments, "count");
    if (!arguments.empty()) return wrong_usage("export: unknown argument '" + arguments[0] + "'");
    int const of = !wish.capture.empty() + !wish.set.empty() + !wish.account.empty();
    if (of != 1) return wrong_usage("export needs one of --capture, --set and --account");
    if (wish.split > 0 && wish.output.empty()) return wrong_usage("--split needs --output FILE");
    return wish;
}

Error stopped() { return fault(Error::Kind::unavailable, Phrase::stopped); }

/// @param reach  counts the files; the posts are the caller's to count.
Result<> from_archive(App& app, Wish const& wish, Progress& reach, Take const& take) {
    auto* database = TRY(app.database());
    std::set<std::string> removed;
    for (auto const& row :
         TRY(database->rows("select id from removals where policy <> 'keep'", {}, "t")))
        removed.insert(text_in(row, 0));
    auto const root = source_folder(app.archive, wish.capture);
    if (!disk::exists(root))
        return fault(Error::Kind::not_found, Phrase::archive_without, {wish.capture});
    bool goes_on = true;
    auto files = disk::files_below(root);
    std::erase_if(files, [&](auto const& file) {
        return !parse_file_name(file.substr(file.rfind('/') + 1)) ||
               !disk::exists(root + "/" + file + ".json");
    });
    reach.of_files = std::ssize(files);
    for (auto const& file : files) {
        if (!app.goes_on(reach)) return stopped();
        ++reach.files;
        auto const text = TRY(disk::read_all(root + "/" + file + ".json"));
        auto const side = TRY(parse_sidecar(text));
        auto const language = TRY(parse_language(side.dialect));
        DialectReader reader(language);
        auto const reading = TRY(read_messages(root + "/" + file, [&](std::string_view message) {
            auto const& facts = reader.read(message);
            if (facts.kind != Kind::post && facts.kind != Kind::edit) return true;
            if (!removed.empty() && removed.contains(std::string(facts.id))) return true;
            return goes_on = take(language, message, "", message_time(facts.time).value_or(0));
        }));
        if (!goes_on) return {};
        if (!reading.trouble.empty()) app.log("'" + file + "' " + reading.trouble);
    }
    return {};
}

Result<> from_database(App& app, Wish const& wish, Take const& take) {
    auto* database = TRY(app.database());
    std::string sql = "select i.place, i.service, i.json, i.at from items i ";
    std::vector<Cell> parameters;
    if (!wish.set.empty()) {
        // A set's name counts without its case, as an account's does.
        auto const known = TRY(database->rows(
            "select name from sets where name = :n collate nocase", {wish.set}, "t"));
        if (known.empty()) return fault(Error::Kind::not_found, Phrase::no_set, {wish.set});
        sql +=
            "join members m on m.service = i.service and m.id = i.account where m.set_name = :n ";
        parameters.push_back(text_in(known[0], 0));
    } else {
        auto const colon = wish.account.find(':');
        if (colon == std::string::npos) return wrong_usage("--account must be SERVICE:NAME");
        auto const service = wish.account.substr(0, colon), name = wish.account.substr(colon + 1);
        auto const known = TRY(database->rows(
            "select id from accounts where service = :s and name = :n collate nocase",
            {service, name}, "t"));
        sql += "where i.service = :s and i.account = :a ";
        parameters = {service, known.empty() ? name : text_in(known[0], 0)};
    }
    return database->each(sql + "and i.removed = 0 order by i.place", parameters, "nttn",
                          [&](Row const& row) {
                              auto language = parse_language(text_in(row, 1));
                              if (!language) return true;
                              return take(*language, text_in(row, 2),
                                          std::to_string(number_in(row, 0)), number_in(row, 3));
                          });
}

/// "posts.csv" split: "posts-0001.csv".
std::string part_name(std::string const& output, std::int64_t number) {
    auto dot = output.rfind('.');
    if (dot == std::string::npos || output.find('/', dot) != std::string::npos) dot = output.size();
    char text[24];
    std::snprintf(text, sizeof text, "-%04lld", static_cast<long long>(number));
    return output.substr(0, dot) + text + output.substr(dot);
}

class Table {
public:
    Table(App& app, Wish const& wish, Progress& reach) : app_(app), wish_(wish), reach_(reach) {}

    bool take(Language const& language, std::string_view message, std::string const& item,
              std::int64_t at_ms) {
        if ((wish_.from_ms && at_ms < *wish_.from_ms) ||
            (wish_.until_ms && at_ms >= *wish_.until_ms))
            return true;
        if (seen_++ % wish_.sample != 0) return true;
        reach_.posts = ++rows_;
        if (rows_ % told_every == 0 && !app_.goes_on(reach_)) {
            trouble_ = stopped();
            return false;
        }
        if (wish_.only_count) return true;
        trouble_ = add(language, message, item);
        return trouble_.ok();
    }
    Result<> finish() {
        TRY(std::move(trouble_));
        if (wish_.only_count) return app_.say(std::to_string(rows_)), Result<>();
        if (!sheet_) TRY(begin());  // an empty table has its heading
        TRY(sheet_->finish());
        if (!wish_.output.empty())
            app_.say(phrase(Phrase::exported, {std::to_string(rows_), std::to_string(parts_)}));
        return {};
    }

private:
    Result<> begin() {
        if (wish_.most_files > 0 && parts_ >= wish_.most_files)
            return fault(Error::Kind::conflict, Phrase::too_many_parts,
                         {std::to_string(wish_.most_files)});
        ++parts_;
        auto const path = wish_.split > 0 ? part_name(wish_.output, parts_) : wish_.output;
        sheet_ = TRY(open_sheet(wish_.kind, path, app_.print));
        in_part_ = 0;
        return {};
    }
    Result<> add(Language const& language, std::string_view message, std::string const& item) {
        auto row = post_row(language, message, item);
        if (!row)
            return --rows_, Result<>();  // a malformed message is in the archive, not in a table
        if (sheet_ && wish_.split > 0 && in_part_ >= wish_.split) {
            TRY(sheet_->finish());
            sheet_.reset();
        }
        if (!sheet_) TRY(begin());
        ++in_part_;
        return sheet_->add(*row, message);
    }

    App& app_;
    Wish const& wish_;
    Progress& reach_;
    std::unique_ptr<Sheet> sheet_;
    std::int64_t seen_ = 0, rows_ = 0, parts_ = 0, in_part_ = 0;
    Result<> trouble_;
};

}  // namespace

Result<> export_command(App& app, Arguments const& arguments) {
    auto const wish = TRY(read_wish(arguments));
    Progress reach;
    Table table(app, wish, reach);
    auto take = [&](Language const& language, std::string_view message, std::string const& item,
                    std::int64_t at_ms) { return table.take(language, message, item, at_ms); };
    TRY(wish.capture.empty() ? from_database(app, wish, take)
                             : from_archive(app, wish, reach, take));
    return table.finish();
}

Result<> dehydrate_command(App& app, Arguments const& given) {
    auto arguments = given;
    auto const output = TRY(take_option(arguments, "output"));
    if (arguments.size() != 1) return wrong_usage("dehydrate needs the name of one capture");
    std::string ids;
    Progress reach;
    TRY(from_archive(
        app, {.capture = arguments[0]}, reach,
        [&](Language const& language, std::string_view message, std::string const&, std::int64_t) {
            DialectReader reader(language);
            auto const& facts = reader.read(message);
            if (!facts.id.empty()) ids.append(facts.id).append("\n");
            if (output.empty() && ids.size() > (64u << 10)) {
                app.print(ids);
                ids.clear();
            }
            return true;
        }));
    if (!output.empty()) return disk::replace(output, ids);
    app.print(ids);
    return {};
}

}  // namespace lares::capture
