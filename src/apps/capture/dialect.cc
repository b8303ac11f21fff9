// apps/capture/dialect.cc: the rows of paths, and what is made of what stood there.

#include "apps/capture/dialect.h"
#include "apps/capture/phrases.h"
#include "apps/capture/whole_number.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>

#include "text/iso_time.h"

namespace lares::capture {

namespace {

/// Slots that every dialect has, and some that only one looks at.
enum Slot : std::size_t {
    id,
    time,
    author,
    author_name,
    cursor,
    text,
    language,
    person,
    tag,
    point,
    box,
    word,
    operation,
    collection,
    version,
    removed,
    missed,
    closing,
    warned,
    moved,
    hidden,
    payload,
    slots
};

// clang-format off
std::vector<Path> const jetstream_paths = {
    {"kind", word}, {"did", author}, {"time_us", cursor}, {"commit.operation", operation},
    {"commit.collection", collection}, {"commit.rkey", id}, {"commit.cid", version},
    {"commit.record.createdAt", time}, {"commit.record.text", text}, {"commit.record.langs.*", language},
    {"commit.record.facets.*.features.*.did", person}, {"identity.handle", author_name},
    {"identity.seq", version}, {"account.seq", version}, {"hidden", hidden},
    // An entry of an author's feed (app.bsky.feed.getAuthorFeed).
    {"post.uri", removed}, {"post.cid", version}, {"post.author.did", author},
    {"post.author.handle", author_name}, {"post.record.createdAt", time}, {"post.record.text", text},
    {"post.record.langs.*", language}, {"post.record.facets.*.features.*.did", person},
    {"reason.by.did", tag}, {"reason.uri", moved}, {"reason.indexedAt", warned},
};
std::vector<Path> const mastodon_paths = {
    {"event", word}, {"payload", payload}, {"data", payload}, {"hidden", hidden},
};
std::vector<Path> const mastodon_status_paths = {
    {"id", id}, {"created_at", time}, {"account.id", author}, {"account.acct", author_name},
    {"content", text}, {"spoiler_text", text}, {"reblog.content", text}, {"language", language},
    {"reblog.language", language}, {"reblog.account.id", person}, {"in_reply_to_account_id", person},
    {"mentions.*.id", person}, {"edited_at", version}, {"hidden", hidden},
};
std::vector<Path> const x_paths = {
    {"data.id", id}, {"data.created_at", time}, {"data.author_id", author}, {"data.text", text},
    {"data.note_tweet.text", text}, {"data.lang", language}, {"data.in_reply_to_user_id", person},
    {"data.entities.mentions.*.id", person}, {"includes.users.*.username", author_name},
    {"includes.tweets.*.text", text}, {"includes.tweets.*.author_id", person},
    {"data.geo.coordinates.coordinates", point}, {"includes.places.*.geo.bbox", box},
    {"matching_rules.*.tag", tag}, {"errors", closing}, {"hidden", hidden},
};
std::vector<Path> const twitter_paths = {
    {"id_str", id}, {"created_at", time}, {"user.id_str", author}, {"user.screen_name", author_name},
    {"text", text}, {"full_text", text}, {"extended_tweet.full_text", text},
    {"retweeted_status.text", text}, {"retweeted_status.extended_tweet.full_text", text},
    {"retweeted_status.user.id_str", person}, {"in_reply_to_user_id_str", person},
    {"entities.user_mentions.*.id_str", person}, {"lang", language}, {"coordinates.coordinates", point},
    {"place.bounding_box.coordinates", box}, {"delete.status.id_str", removed}, {"limit.track", missed},
    {"disconnect", closing}, {"warning", warned}, {"scrub_geo", moved}, {"status_withheld", hidden},
    {"user_withheld", hidden},
};

struct DialectRow { Dialect dialect; std::string_view name; };
constexpr DialectRow dialects[] = {
    {Dialect::jetstream, "jetstream"}, {Dialect::mastodon, "mastodon"}, {Dialect::x, "x"},
    {Dialect::twitter, "twitter"},     {Dialect::lines, "lines"},
};
constexpr std::string_view kinds[kind_count] = {
    "post", "edit", "removal", "account", "limit", "geo_removal", "withheld", "disconnect", "warning",
    "notice", "unreadable",
};
// clang-format on

std::vector<Path> paths_of(Dialect dialect, LinePaths const& own) {
    switch (dialect) {
    case Dialect::jetstream:
        return jetstream_paths;
    case Dialect::mastodon:
        return mastodon_paths;
    case Dialect::x:
        return x_paths;
    case Dialect::twitter:
        return twitter_paths;
    case Dialect::lines:
        break;
    }
    std::vector<Path> paths = {{"hidden", hidden}};
    auto add = [&](std::string const& path, Slot slot) {
        if (!path.empty()) paths.push_back({path, slot});
    };
    add(own.id, id);
    add(own.time, time);
    add(own.author, author);
    add(own.text, text);
    add(own.language, language);
    // One value goes to one slot; a cursor that is the id as well is read from there.
    if (own.cursor != own.id) add(own.cursor, cursor);
    return paths;
}

/// A limit may come as a number or, in other streams, as a text.
std::int64_t number_in(std::string_view text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

std::string_view name_of(Dialect dialect) {
    for (auto const& row : dialects)
        if (row.dialect == dialect) return row.name;
    return "";
}
std::optional<Dialect> find_dialect(std::string_view name) {
    for (auto const& row : dialects)
        if (row.name == name) return row.dialect;
    return std::nullopt;
}
std::string_view name_of(Kind kind) { return kinds[static_cast<std::size_t>(kind)]; }
std::optional<Kind> find_kind(std::string_view name) {
    for (std::size_t i = 0; i < kind_count; ++i)
        if (kinds[i] == name) return static_cast<Kind>(i);
    return std::nullopt;
}

namespace {

struct PathName {
    std::string_view name;
    std::string LinePaths::* path;
};
constexpr PathName path_names[] = {
    {"id", &LinePaths::id},     {"time", &LinePaths::time},     {"author", &LinePaths::author},
    {"text", &LinePaths::text}, {"lang", &LinePaths::language}, {"cursor", &LinePaths::cursor},
};

}  // namespace

std::string print_language(Language const& language) {
    std::string out(name_of(language.dialect));
    LinePaths const usual;
    for (auto const& [name, path] : path_names)
        if (language.paths.*path != usual.*path)
            out.append(" ").append(name).append("=").append(language.paths.*path);
    return out;
}

Result<Language> parse_language(std::string_view text) {
    auto wrong = [&](Phrase words) { return fault(Error::Kind::invalid, words, {text}); };
    auto end = std::min(text.find(' '), text.size());
    auto dialect = find_dialect(text.substr(0, end));
    if (!dialect) return wrong(Phrase::dialect_name);
    Language out{.dialect = *dialect};
    for (auto rest = text.substr(end); !rest.empty();) {
        rest.remove_prefix(1);
        auto word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(word.size());
        auto equals = std::min(word.find('='), word.size());
        std::string LinePaths::* path = nullptr;
        for (auto const& row : path_names)
            if (row.name == word.substr(0, equals)) path = row.path;
        if (path == nullptr || equals == word.size() || out.dialect != Dialect::lines)
            return wrong(Phrase::dialect_paths);
        out.paths.*path = word.substr(equals + 1);
    }
    return out;
}

DialectReader::DialectReader(Language const& language)
    : dialect_(language.dialect),
      skimmer_(paths_of(language.dialect, language.paths)),
      inner_(mastodon_status_paths),
      slots_(slots),
      cursor_is_id_(!language.paths.cursor.empty() && language.paths.cursor == language.paths.id) {}

Facts const& DialectReader::read(std::string_view message) {
    facts_ = {};
    bool const is_read = skimmer_.skim(message, slots_);
    slots_.resize(slots);
    if (!is_read) {
        for (auto& each : slots_) each.count = 0;
        return facts_;
    }
    facts_.kind = Kind::notice;
    switch (dialect_) {
    case Dialect::jetstream:
        judge_jetstream();
        break;
    case Dialect::mastodon:
        judge_mastodon();
        break;
    case Dialect::x:
        judge_x();
        break;
    case Dialect::twitter:
        judge_twitter();
        break;
    case Dialect::lines:
        judge_lines();
        break;
    }
    facts_.time = of(time);
    facts_.author = of(author);
    facts_.author_name = of(author_name);
    if (facts_.id.empty()) facts_.id = of(id);
    // The author is one of the people of a message.
    if (auto& people = slots_[person]; !facts_.author.empty() && people.count < Values::most)
        people.list[people.count++] = slots_[author].first();
    facts_.texts = &slots_[text];
    facts_.languages = &slots_[language];
    facts_.people = &slots_[person];
    facts_.tags = &slots_[tag];
    facts_.point = slots_[point].first();
    facts_.box = slots_[box].first();
    return facts_;
}

void DialectReader::judge_jetstream() {
    auto what = of(word);
    facts_.cursor = of(cursor);
    if (what == "commit") {
        auto how = of(operation);
        facts_.kind = how == "delete" ? Kind::removal : how == "update" ? Kind::edit : Kind::post;
        // An id that names the record in the whole network.
        composed_.assign("at://").append(of(author)).append("/").append(of(collection));
        composed_.append("/").append(of(id));
        facts_.id = composed_;
    } else if (what == "account" || what == "identity") {
        facts_.kind = Kind::account;
        facts_.id = of(author);
    } else if (what.empty() && slots_[removed].count > 0) {
        judge_feed_entry();
    }
    if (slots_[time].count == 0) slots_[time] = slots_[cursor];
}

/// Of an author's feed: a post as the stream would have had it, or the author's repost of one.
void DialectReader::judge_feed_entry() {
    facts_.kind = Kind::post;
    facts_.id = of(removed);
    auto const by = slots_[tag];
    slots_[tag].count = 0;
    if (by.count == 0) return;
    if (slots_[moved].count > 0) {
        facts_.id = of(moved);
    } else {
        // Older servers do not name the repost itself.
        composed_.assign(of(removed)).append("#repost-by-").append(unquoted(by.first()));
        facts_.id = composed_;
    }
    if (auto& people = slots_[person]; slots_[author].count > 0 && people.count < Values::most)
        people.list[people.count++] = slots_[author].first();
    slots_[author] = by;
    slots_[author_name].count = 0;
    if (slots_[warned].count > 0) slots_[time] = slots_[warned];
}

void DialectReader::judge_mastodon() {
    auto what = of(word);
    std::string_view raw = slots_[payload].first();
    if (what == "delete") {
        facts_.kind = Kind::removal;
        slots_[id] = slots_[payload];
        return;
    }
    bool const is_edit = what == "status.update";
    // The body of a status that was asked for by itself (timelines) has no envelope.
    if (!is_edit && what != "update" && !raw.empty()) return;
    if (!raw.empty() && raw.front() == '"') {
        scratch_.clear();
        append_plain(scratch_, raw);
        raw = scratch_;
    }
    if (raw.empty()) return;
    bool const is_status = inner_.skim(raw, slots_);
    slots_.resize(slots);
    if (!is_status) return;
    facts_.kind = is_edit ? Kind::edit : Kind::post;
    facts_.is_html = true;
}

void DialectReader::judge_x() {
    if (slots_[id].count > 0)
        facts_.kind = Kind::post;
    else if (slots_[closing].count > 0)
        facts_.kind = Kind::disconnect;
}

void DialectReader::judge_twitter() {
    if (slots_[removed].count > 0) {
        facts_.kind = Kind::removal;
        facts_.id = of(removed);
    } else if (slots_[missed].count > 0) {
        facts_.kind = Kind::limit;
        facts_.missed = number_in(of(missed));
    } else if (slots_[id].count > 0) {
        facts_.kind = Kind::post;
    } else if (slots_[closing].count > 0) {
        facts_.kind = Kind::disconnect;
    } else if (slots_[warned].count > 0) {
        facts_.kind = Kind::warning;
    } else if (slots_[moved].count > 0) {
        facts_.kind = Kind::geo_removal;
    } else if (slots_[hidden].count > 0) {
        facts_.kind = Kind::withheld;
    }
}

void DialectReader::judge_lines() {
    facts_.kind = Kind::post;
    facts_.cursor = cursor_is_id_ ? of(id) : of(cursor);
}

std::string DialectReader::key() const {
    auto id_text = std::string(facts_.id);
    switch (dialect_) {
    case Dialect::jetstream:
        // A record is made, changed and deleted under one name: those are three messages.
        if (id_text.empty()) return {};
        return id_text + " " + std::string(of(operation)) + " " + std::string(of(version));
    case Dialect::mastodon:
    case Dialect::x:
    case Dialect::twitter:
        if (id_text.empty()) return {};
        return id_text + " " + std::string(name_of(facts_.kind)) + " " + std::string(of(version));
    case Dialect::lines:
        return id_text.empty() ? std::string(facts_.cursor) : id_text;
    }
    return {};
}

namespace {

std::optional<std::int64_t> twitter_time(std::string_view text) {
    // "Mon Oct 15 20:15:12 +0000 2012"
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text.size() != 30 || text[3] != ' ' || text.substr(20, 5) != "+0000") return std::nullopt;
    auto month = months.find(text.substr(4, 3));
    if (month == months.npos || month % 3 != 0) return std::nullopt;
    std::string iso(text.substr(26, 4));
    auto number = std::to_string(month / 3 + 1);
    iso += (number.size() < 2 ? "-0" : "-") + number + "-" + std::string(text.substr(8, 2));
    iso += "T" + std::string(text.substr(11, 8)) + "Z";
    auto read = text::parse_iso_time(iso);
    if (!read) return std::nullopt;
    return read->local * 1000;
}

}  // namespace

std::optional<std::int64_t> message_time(std::string_view text) {
    if (text.empty()) return std::nullopt;
    if (auto const number = whole_number(text)) {
        // Seconds until the year 5138, milliseconds until then, microseconds beyond.
        if (std::llabs(*number) < 100'000'000'000) return *number * 1000;
        return std::llabs(*number) < 100'000'000'000'000 ? *number : *number / 1000;
    }
    if (text.size() == 30 && text[3] == ' ') return twitter_time(text);
    auto read = text::parse_iso_time(text);
    if (!read) return std::nullopt;
    std::int64_t ms = (read->local - read->offset.value_or(0)) * 1000;
    // "…:12.345Z": the thousandths are kept, because posts of one second have an order.
    if (auto dot = text.find('.'); dot != text.npos)
        for (int place = 100, i = int(dot) + 1; place > 0 && i < int(text.size());
             ++i, place /= 10) {
            if (text[i] < '0' || text[i] > '9') break;
            ms += place * (text[i] - '0');
        }
    return ms;
}

}  // namespace lares::capture
