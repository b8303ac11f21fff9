// apps/capture/dialect.h: what a message says of itself, in the words of each service.
//
// Pure. A dialect is rows of paths (dialect.cc) and a few lines that judge what stood there. The
// services' words: X API 1.1 and 2, Mastodon's streaming API, Bluesky's Jetstream; "lines" is for
// any other, with paths of its own.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/capture/skim.h"
#include "base/result.h"

namespace lares::capture {

enum class Dialect { jetstream, mastodon, x, twitter, lines };
/// "jetstream", "mastodon", "x", "twitter" (API 1.1, as in older archives), "lines".
std::string_view name_of(Dialect);
std::optional<Dialect> find_dialect(std::string_view name);

enum class Kind {
    post,  // also a repost
    edit,
    removal,  // the service or the author asks to forget a post
    account,  // an account's state or name changed
    limit,    // how many messages the service kept back
    geo_removal,
    withheld,
    disconnect,
    warning,
    notice,      // any other message that could be read
    unreadable,  // no JSON object
};
constexpr std::size_t kind_count = 11;
std::string_view name_of(Kind);
std::optional<Kind> find_kind(std::string_view name);

/// What a message says. Views end with the next read(); texts as they stand, with their quotes.
struct Facts {
    Kind kind = Kind::unreadable;
    std::string_view id, author, author_name, time;  // without quotes
    std::string_view cursor;                         // from where a stream could be had again
    std::int64_t missed = 0;                         // of a limit: in all, on this connection
    Values const* texts = nullptr;
    Values const* languages = nullptr;
    Values const* people = nullptr;  // ids: author, answered, mentioned, reposted
    Values const* tags = nullptr;    // of the service's own rules
    std::string_view point, box;     // "[lon,lat]", "[w,s,e,n]" or a polygon
    bool is_html = false;            // of the texts
};

/// Paths of the dialect "lines"; empty: there is none.
struct LinePaths {
    std::string id = "id", time = "time", author = "author", text = "text", language = "lang",
                cursor;
    bool operator==(LinePaths const&) const = default;
};

/// "x", or "lines id=seq time=at cursor=seq": what a person writes and sidecars keep.
struct Language {
    Dialect dialect = Dialect::lines;
    LinePaths paths;
    bool operator==(Language const&) const = default;
};
std::string print_language(Language const&);
Result<Language> parse_language(std::string_view text);

/// Not shared between threads: it keeps what it read last.
class DialectReader {
public:
    explicit DialectReader(Language const&);

    Facts const& read(std::string_view message);
    /// What makes this message the same as another one that was sent again; empty: it cannot be
    /// told. Of the message read last.
    std::string key() const;
    Dialect dialect() const { return dialect_; }

private:
    void judge_jetstream();
    void judge_feed_entry();
    void judge_mastodon();
    void judge_x();
    void judge_twitter();
    void judge_lines();
    std::string_view of(std::size_t slot) const { return unquoted(slots_[slot].first()); }

    Dialect dialect_;
    Skimmer skimmer_, inner_;
    std::vector<Values> slots_;
    std::string scratch_;
    std::string composed_;
    bool cursor_is_id_ = false;
    Facts facts_;
};

/// Milliseconds since 1970 of a message's own time: ISO 8601, "Mon Oct 15 20:15:12 +0000 2012", or
/// a whole number of seconds, milliseconds or microseconds (told apart by its size). None: no time.
std::optional<std::int64_t> message_time(std::string_view text);

}  // namespace lares::capture
