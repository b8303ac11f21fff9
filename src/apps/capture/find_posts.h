// apps/capture/find_posts.h: the newest posts that fit, among millions, in a bounded time.
//
// Whatever is asked, posts are read from the newest on along one list (a word's, a capture's, an
// account's, or all) until a page is full or as many were looked at as a page may cost; then the
// answer says where to go on. Which list: the one that is known to be short, else a word's.

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "apps/capture/database.h"
#include "apps/capture/places.h"
#include "base/result.h"

namespace lares::capture {

struct PostsAsked {
    std::string words;   // as full_text_query() has them; empty: any
    std::string source;  // a capture's name; empty: any
    std::vector<std::pair<std::string, std::string>> accounts{};  // service and id
    bool is_by_account = false;                                   // false: anybody's
    std::int64_t first = INT64_MIN, end = INT64_MAX;              // places: `end` is not among them
    std::int64_t most = 50;
};

struct PostsFound {
    /// at, service, id, account, body, removed, the account's name, place, source; newest first.
    std::vector<Row> rows{};
    std::int64_t last_place = 0;  // of the last one that was looked at
    bool is_all = true;           // nothing earlier fits
};

/// Of whoever puts posts into `items` or takes them out: so many more, or fewer, of that time.
Result<> count_day(Database&, std::string const& source, std::int64_t at_ms, std::int64_t more);

Result<PostsFound> find_posts(Database&, PostsAsked const&);
/// Members of a set, and who has that name or id; with both: who is both.
Result<std::vector<std::pair<std::string, std::string>>> accounts_meant(Database&,
                                                                        std::string const& set,
                                                                        std::string const& name);

}  // namespace lares::capture
