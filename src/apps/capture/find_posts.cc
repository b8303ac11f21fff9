// apps/capture/find_posts.cc: which list, and reading along it.

#include "apps/capture/find_posts.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

namespace lares::capture {

namespace {

/// Posts that are looked at for one page: some 50 ms.
constexpr std::int64_t most_looked_at = 6'000;
/// A list of so many is read whole rather than another one in part.
constexpr std::int64_t short_list = 5'000;
/// As many accounts are asked for one by one; of more, posts are asked whose they are.
constexpr std::size_t few_accounts = 500;

constexpr std::string_view columns =
    "select i.at, i.service, i.id, i.account, i.body, i.removed, coalesce((select a.name from "
    "accounts a where a.service = i.service and a.id = i.account), ''), i.place, i.source ";
constexpr std::string_view column_kinds = "nttttntnt";
constexpr std::string_view has_words =
    "exists (select 1 from found where found match :q and found.rowid = i.place) ";

class Search {
public:
    Search(Database& database, PostsAsked const& asked) : database_(database), asked_(asked) {
        accounts_.insert(asked.accounts.begin(), asked.accounts.end());
    }

    Result<PostsFound> run() {
        if (asked_.is_by_account && accounts_.empty()) return PostsFound{};
        if (asked_.is_by_account && accounts_.size() <= few_accounts) {
            auto const places = TRY(places_of_accounts());
            if (places) return of_places(*places);
        }
        if (!asked_.words.empty() && !asked_.source.empty() && TRY(is_short_source()))
            return along(
                "from items i where i.source = :s and i.place >= :f and i.place < :e and " +
                    std::string(has_words) + "order by i.place desc",
                {asked_.source, asked_.first, asked_.end, asked_.words});
        if (!asked_.words.empty())
            return along(
                "from found f cross join items i on i.place = f.rowid where found match :q and "
                "f.rowid >= :f and f.rowid < :e order by f.rowid desc",
                {asked_.words, asked_.first, asked_.end});
        if (!asked_.source.empty())
            return along(
                "from items i where i.source = :s and i.place >= :f and i.place < :e order by "
                "i.place desc",
                {asked_.source, asked_.first, asked_.end});
        return along("from items i where i.place >= :f and i.place < :e order by i.place desc",
                     {asked_.first, asked_.end});
    }

private:
    bool fits(Row const& row) const {
        if (!asked_.source.empty() && text_in(row, 8) != asked_.source) return false;
        return !asked_.is_by_account || accounts_.contains({text_in(row, 1), text_in(row, 3)});
    }
    Result<PostsFound> along(std::string const& list, std::vector<Cell> const& cells) {
        PostsFound out;
        std::int64_t looked_at = 0;
        TRY(database_.each(std::string(columns) + list, cells, column_kinds, [&](Row const& row) {
            if (std::ssize(out.rows) == asked_.most || looked_at == most_looked_at)
                return out.is_all = false;
            ++looked_at;
            out.last_place = number_in(row, 7);
            if (fits(row)) out.rows.push_back(row);
            return true;
        }));
        return out;
    }
    Result<bool> is_short_source() {
        auto const count = TRY(database_.rows(
            "select count(*) from (select 1 from items where source = :s and place >= :f and "
            "place < :e limit :n)",
            {asked_.source, asked_.first, asked_.end, short_list + 1}, "n"));
        return number_in(count[0], 0) <= short_list;
    }
    /// Newest first; none: there are too many.
    Result<std::optional<std::vector<std::int64_t>>> places_of_accounts() {
        std::vector<std::int64_t> out;
        for (auto const& [service, id] : accounts_) {
            // Of one account its list is in order, and a page's worth of it is enough.
            TRY(database_.each(
                "select place from items where service = :s and account = :a and "
                "place >= :f and place < :e order by place desc limit :n",
                {service, id, asked_.first, asked_.end, short_list + 1 - std::ssize(out)}, "n",
                [&](Row const& row) {
                    out.push_back(number_in(row, 0));
                    return true;
                }));
            if (std::ssize(out) > short_list) break;
        }
        bool const is_long = std::ssize(out) > short_list;
        // Of one account, its list is the shortest there is in any case.
        if (is_long && accounts_.size() > 1) return std::optional<std::vector<std::int64_t>>();
        std::ranges::sort(out, std::greater<>());
        return std::optional(std::move(out));
    }
    Result<PostsFound> of_places(std::vector<std::int64_t> const& places) {
        PostsFound out;
        auto const sql = std::string(columns) + "from items i where i.place = :p" +
                         (asked_.words.empty() ? "" : " and " + std::string(has_words));
        std::int64_t looked_at = 0;
        for (auto const place : places) {
            if (std::ssize(out.rows) == asked_.most || looked_at == short_list) {
                out.is_all = false;
                break;
            }
            ++looked_at;
            out.last_place = place;
            std::vector<Cell> cells = {place};
            if (!asked_.words.empty()) cells.emplace_back(asked_.words);
            for (auto& row : TRY(database_.rows(sql, cells, column_kinds)))
                if (fits(row)) out.rows.push_back(std::move(row));
        }
        return out;
    }

    Database& database_;
    PostsAsked const& asked_;
    std::set<std::pair<std::string, std::string>> accounts_;
};

}  // namespace

Result<> count_day(Database& database, std::string const& source, std::int64_t at_ms,
                   std::int64_t more) {
    constexpr std::int64_t day_ms = 86'400'000;
    TRY(
        database.run("insert into days values (:s, :d, :n) on conflict (source, day) do update set "
                     "posts = posts + excluded.posts",
                     {source, at_ms / day_ms, more}));
    return {};
}

Result<PostsFound> find_posts(Database& database, PostsAsked const& asked) {
    return Search(database, asked).run();
}

Result<std::vector<std::pair<std::string, std::string>>> accounts_meant(Database& database,
                                                                        std::string const& set,
                                                                        std::string const& name) {
    // A name nobody was added by may be an id all the same.
    auto const rows = TRY(database.rows(
        "select service, id from (select service, id from accounts where name = :a collate nocase "
        "union select column1, :b from (values ('jetstream'), ('mastodon'), ('x'), ('twitter'), "
        "('lines'))) where :c <> '' and (:d = '' or (service, id) in (select service, id from "
        "members where set_name = :e)) union all select service, id from members where :f = '' and "
        "set_name = :g",
        {name, name, name, set, set, name, set}, "tt"));
    std::vector<std::pair<std::string, std::string>> out;
    for (auto const& row : rows) out.emplace_back(text_in(row, 0), text_in(row, 1));
    return out;
}

}  // namespace lares::capture
