// apps/capture/commands_items.cc: index, search, takedown: posts in the database.

#include <algorithm>
#include <map>
#include <optional>

#include "apps/capture/app.h"
#include "apps/capture/columns.h"
#include "apps/capture/disk.h"
#include "apps/capture/find_posts.h"
#include "apps/capture/phrases.h"
#include "apps/capture/places.h"
#include "apps/capture/reading.h"
#include "apps/capture/rewrite.h"
#include "apps/capture/search.h"
#include "apps/capture/verify.h"
#include "base/sha256.h"
#include "text/json.h"

namespace lares::capture {

namespace {

constexpr std::int64_t day_ms = 86'400'000;

struct ArchiveFile {
    std::string path, name;  // on the disk, below the archive
    Sidecar side;
    Language language;
};

/// The finished files of a capture, in the order they were opened.
Result<std::vector<ArchiveFile>> archive_files(App& app, std::string const& source) {
    std::vector<ArchiveFile> out;
    auto const root = source_folder(app.archive, source);
    if (!disk::exists(root))
        return fault(Error::Kind::not_found, Phrase::archive_at_without, {app.archive, source});
    for (auto const& file : disk::files_below(root)) {
        if (!parse_file_name(file.substr(file.rfind('/') + 1))) continue;
        auto const path = root + "/" + file;
        if (!disk::exists(path + ".json")) continue;
        auto const text = TRY(disk::read_all(path + ".json"));
        auto side = TRY(parse_sidecar(text));
        auto language = TRY(parse_language(side.dialect));
        out.push_back({path, source + "/" + file, std::move(side), std::move(language)});
    }
    std::ranges::stable_sort(out, {}, [](ArchiveFile const& file) {
        auto name = parse_file_name(file.path.substr(file.path.rfind('/') + 1));
        return std::pair(name->opened, name->number);
    });
    return out;
}

std::string body_of(Facts const& facts) {
    std::string body;
    for (std::size_t i = 0; i < facts.texts->count; ++i) {
        if (i > 0) body += ' ';
        append_plain(body, facts.texts->list[i]);
    }
    return facts.is_html ? without_tags(body) : body;
}

Result<> store_post(Database& database, Language const& language, Facts const& facts,
                    std::string_view message, std::string const& source,
                    std::map<std::int64_t, std::int64_t>& added) {
    std::string const service(name_of(language.dialect)), id(facts.id);
    auto const body = body_of(facts);
    auto const at = message_time(facts.time).value_or(0);
    auto const places = places_of(at);
    auto const inserted = TRY(database.run(
        "insert into items values ((select coalesce(max(place), :l) + 1 from items where place > "
        ":m and place < :u), :s, :i, :a, :t, :b, :j, :c, 0) on conflict (service, id) do nothing",
        {places.first - 1, places.first - 1, places.end, service, id, std::string(facts.author), at,
         body, std::string(message), source}));
    if (inserted == 0) return {};
    ++added[at / day_ms];
    TRY(database.run("insert into found (rowid, body) values (last_insert_rowid(), :b)", {body}));
    if (message.find("http") == message.npos) return {};
    for (auto const& [url, expanded] : post_links(language, message))
        TRY(database.run(
            "insert into links values (:u, :i, :e, 'due', 0, '', '[]', 0, 0, 0, 0, '') on "
            "conflict (url) do nothing",
            {url, service + " " + id, expanded}));
    return {};
}

Result<std::int64_t> index_file(Database& database, ArchiveFile const& file,
                                std::string const& source) {
    std::map<std::int64_t, std::int64_t> added;  // by days
    DialectReader reader(file.language);
    auto done = database.together([&]() -> Result<> {
        Result<> stored;
        TRY(read_messages(file.path, [&](std::string_view message) {
            auto const& facts = reader.read(message);
            bool const is_post =
                (facts.kind == Kind::post || facts.kind == Kind::edit) && !facts.id.empty();
            if (is_post)
                stored = store_post(database, file.language, facts, message, source, added);
            return stored.ok();
        }));
        TRY(std::move(stored));
        for (auto const& [day, posts] : added)
            TRY(count_day(database, source, day * day_ms, posts));
        TRY(database.run("insert into indexed values (:f, :n)", {file.name, file.side.messages}));
        return {};
    });
    TRY(std::move(done));
    std::int64_t all = 0;
    for (auto const& [day, posts] : added) all += posts;
    return all;
}

}  // namespace

Result<> index_command(App& app, Arguments const& arguments) {
    if (arguments.size() != 1) return wrong_usage("index needs the name of one capture");
    auto* database = TRY(app.database());
    std::int64_t added = 0, files = 0;
    auto const all = TRY(archive_files(app, arguments[0]));
    Progress reach{.of_files = std::ssize(all)};
    for (auto const& file : all) {
        reach.posts = added;
        if (!app.goes_on(reach)) break;
        ++reach.files;
        auto const known =
            TRY(database->rows("select 1 from indexed where file = :f", {file.name}, "n"));
        if (!known.empty()) continue;
        added += TRY(index_file(*database, file, arguments[0]));
        ++files;
        if (app.wait(Duration(0))) break;  // the rest next time
    }
    app.say(phrase(Phrase::indexed, {std::to_string(added), std::to_string(files)}));
    return {};
}

Result<> search_command(App& app, Arguments const& given) {
    auto arguments = given;
    auto const most_text = TRY(take_option(arguments, "most"));
    std::int64_t const most = most_text.empty() ? 50 : std::atoll(most_text.c_str());
    if (arguments.empty() || most <= 0)
        return wrong_usage("search needs words, and --most a number from 1");
    std::string words;
    for (auto const& word : arguments) words += (words.empty() ? "" : " ") + word;
    auto const query = full_text_query(words);
    if (query.empty()) return wrong_usage("search needs words");
    auto* database = TRY(app.database());
    std::int64_t shown = 0;
    TRY(database->each(
        "select i.at, i.service, i.id, i.account, i.body, i.removed from found f cross join items "
        "i on i.place = f.rowid where found match :q order by f.rowid desc",
        {query}, "nttttn", [&](Row const& row) {
            if (number_in(row, 5) != 0) return true;
            std::string body = text_in(row, 4);
            std::ranges::replace(body, '\n', ' ');
            app.say(print_utc(number_in(row, 0) / 1000) + "\t" + text_in(row, 2) + "\t" +
                    text_in(row, 3) + "\t" + body);
            return ++shown < most;
        }));
    return {};
}

namespace {

/// What was removed, and what it was: enough to prove that it went, and not what it said.
std::string proof(std::string const& id, std::string const& file, std::string const& digest,
                  std::int64_t at) {
    std::string out = "{\"removed\":\"" + print_utc(at / 1000) + "\"";
    text::append_json(out += ",\"id\":", id);
    text::append_json(out += ",\"file\":", file);
    return out + ",\"sha256_of_message\":\"" + digest + "\"}\n";
}

Result<std::int64_t> remove_posts(App& app, ArchiveFile const& file,
                                  std::map<std::string, std::int64_t> const& asked,
                                  std::string const& source) {
    // Looked at first: most files have none of them.
    bool has_any = false;
    DialectReader reader(file.language);
    auto is_asked = [&](Facts const& facts) {
        return (facts.kind == Kind::post || facts.kind == Kind::edit) &&
               asked.contains(std::string(facts.id));
    };
    TRY(read_messages(file.path, [&](std::string_view message) {
        return !(has_any = is_asked(reader.read(message)));
    }));
    if (!has_any) return std::int64_t(0);
    auto const path = source_folder(app.archive, source) + "/removals.jsonl";
    auto book = TRY(disk::open_to_append(path));
    Result<> noted;
    TRY(read_messages(file.path, [&](std::string_view message) {
        auto const& facts = reader.read(message);
        if (is_asked(facts))
            noted = disk::write_all(
                book.get(),
                proof(std::string(facts.id), file.name, sha256_hex(message), app.now().wall_ms),
                path);
        return noted.ok();
    }));
    TRY(std::move(noted));
    TRY(disk::synchronise(book.get(), path));
    return rewrite_without(
        file.path, file.side, file.language,
        [&](DialectReader&, Facts const& facts, std::string_view) { return !is_asked(facts); },
        &Sidecar::posts_removed);
}

}  // namespace

Result<> takedown_command(App& app, Arguments const& arguments) {
    if (arguments.empty() || arguments.size() > 2)
        return wrong_usage("takedown needs a name, and a policy at most");
    auto* database = TRY(app.database());
    auto const& source = arguments[0];
    auto const policy =
        arguments.size() == 2 ? arguments[1] : TRY(database->capture(source)).takedown;
    if (policy != "keep" && policy != "mark" && policy != "remove")
        return wrong_usage("takedown: the policy must be keep, mark or remove");
    std::optional<disk::Lock> lock;
    if (policy == "remove") {
        auto taken = disk::Lock::take(lock_path(app.archive, source), "takedown");
        if (!taken) return fault(Error::Kind::conflict, Phrase::is_captured, {source});
        lock = std::move(taken).take();
    }
    auto const files = TRY(archive_files(app, source));
    std::map<std::string, std::int64_t> asked;  // id: when we were told, as far as its file says
    std::string service;
    for (auto const& file : files) {
        service = name_of(file.language.dialect);
        if (file.side.kinds[static_cast<std::size_t>(Kind::removal)] == 0) continue;
        DialectReader reader(file.language);
        TRY(read_messages(file.path, [&](std::string_view message) {
            auto const& facts = reader.read(message);
            if (facts.kind == Kind::removal && !facts.id.empty())
                asked.emplace(facts.id, file.side.closed * 1000);
            return true;
        }));
    }
    std::int64_t removed = 0, marked = 0;
    if (policy == "remove")
        for (auto const& file : files) removed += TRY(remove_posts(app, file, asked, source));
    auto done = database->together([&]() -> Result<> {
        for (auto const& [id, at] : asked) {
            auto const found = TRY(database->rows(
                "select json, source, place, at from items where service = :s and id = :i",
                {service, id}, "ttnn"));
            bool const is_there = !found.empty();
            TRY(database->run(
                "insert into removals values (:s, :i, :t, :p, :h, :c) on conflict (service, id) do "
                "update set policy = excluded.policy, source = case when excluded.source = '' then "
                "source else excluded.source end",
                {service, id, at, policy,
                 is_there ? sha256_hex(text_in(found[0], 0)) : std::string(),
                 is_there ? text_in(found[0], 1) : std::string()}));
            if (policy == "mark")
                marked += TRY(database->run(
                    "update items set removed = :t where service = :s and id = :i and removed = 0",
                    {at, service, id}));
            if (policy != "remove" || !is_there) continue;
            // Its words are found through its text, which must be there still.
            TRY(database->run("delete from found where rowid = :p", {number_in(found[0], 2)}));
            TRY(count_day(*database, text_in(found[0], 1), number_in(found[0], 3), -1));
            marked += TRY(
                database->run("delete from items where service = :s and id = :i", {service, id}));
            TRY(database->run("delete from links where item = :i", {service + " " + id}));
        }
        return {};
    });
    TRY(std::move(done));
    app.say(phrase(Phrase::taken_down, {std::to_string(asked.size()), policy,
                                        std::to_string(removed), std::to_string(marked)}));
    return {};
}

}  // namespace lares::capture
