// apps/capture/columns.cc: each service's words for the twenty columns.

#include "apps/capture/columns.h"

#include <algorithm>
#include <vector>

#include "apps/capture/naming.h"
#include "text/json_value.h"
#include "text/links.h"
#include "text/value.h"

namespace lares::capture {

namespace {

using text::Value;

/// What a post says, before it is a row.
struct Post {
    std::string id, time, name, followers, friends, reposts, answered, url, point, body;
    std::vector<std::string> tags, mentions;
    std::vector<std::pair<std::string, std::string>> links;  // as written, as meant
    bool is_repost = false;
};

Value const* at(Value const* value, std::string_view path) {
    while (value != nullptr && !path.empty()) {
        auto const dot = std::min(path.find('.'), path.size());
        value = value->find(path.substr(0, dot));
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return value;
}

std::string text_at(Value const& value, std::string_view path) {
    auto const* found = at(&value, path);
    if (found == nullptr) return {};
    if (found->text()) return *found->text();
    return found->array() || found->members() ? std::string() : text::to_json(*found);
}

text::Array const& array_at(Value const& value, std::string_view path) {
    static text::Array const none;
    auto const* found = at(&value, path);
    return found != nullptr && found->array() ? *found->array() : none;
}

std::string first_text(Value const& value, std::initializer_list<std::string_view> paths) {
    for (auto path : paths)
        if (auto text = text_at(value, path); !text.empty()) return text;
    return {};
}

/// A place as [longitude, latitude].
std::string point_at(Value const& value, std::string_view path) {
    auto const* point = at(&value, path);
    return point != nullptr && point->array() ? text::to_json(*point) : std::string();
}

void add_texts(std::vector<std::string>& to, Value const& value, std::string_view path,
               std::string_view member) {
    for (auto const& each : array_at(value, path)) to.push_back(text_at(each, member));
}

/// What Twitter's and X's messages name alike: "url" as written, "expanded_url" as meant.
void add_links(Post& post, Value const& value, std::string_view path) {
    for (auto const& each : array_at(value, path))
        post.links.emplace_back(text_at(each, "url"), text_at(each, "expanded_url"));
}

Post twitter_post(Value const& v) {
    Post post{.id = text_at(v, "id_str"),
              .time = text_at(v, "created_at"),
              .name = text_at(v, "user.screen_name"),
              .followers = text_at(v, "user.followers_count"),
              .friends = text_at(v, "user.friends_count"),
              .reposts = text_at(v, "retweet_count"),
              .answered = text_at(v, "in_reply_to_screen_name"),
              .body = first_text(v, {"extended_tweet.full_text", "full_text", "text"})};
    post.url = "http://twitter.com/" + post.name + "/status/" + post.id;
    post.point = point_at(v, "coordinates.coordinates");
    add_texts(post.tags, v, "entities.hashtags", "text");
    add_texts(post.mentions, v, "entities.user_mentions", "screen_name");
    add_links(post, v, "entities.urls");
    auto const* repost = at(&v, "retweeted_status");
    post.is_repost = repost != nullptr && repost->members();
    return post;
}

Post x_post(Value const& v) {
    Post post{.id = text_at(v, "data.id"),
              .time = text_at(v, "data.created_at"),
              .reposts = text_at(v, "data.public_metrics.retweet_count"),
              .body = first_text(v, {"data.note_tweet.text", "data.text"})};
    auto const author = text_at(v, "data.author_id"),
               answered = text_at(v, "data.in_reply_to_user_id");
    for (auto const& each : array_at(v, "includes.users")) {
        auto const id = text_at(each, "id");
        if (id == author) {
            post.name = text_at(each, "username");
            post.followers = text_at(each, "public_metrics.followers_count");
            post.friends = text_at(each, "public_metrics.following_count");
        }
        if (!answered.empty() && id == answered) post.answered = text_at(each, "username");
    }
    post.url = "https://x.com/" + (post.name.empty() ? "i" : post.name) + "/status/" + post.id;
    post.point = point_at(v, "data.geo.coordinates.coordinates");
    add_texts(post.tags, v, "data.entities.hashtags", "tag");
    add_texts(post.mentions, v, "data.entities.mentions", "username");
    add_links(post, v, "data.entities.urls");
    for (auto const& each : array_at(v, "data.referenced_tweets"))
        post.is_repost = post.is_repost || text_at(each, "type") == "retweeted";
    return post;
}

Post mastodon_post(Value const& v) {
    Post post{.id = text_at(v, "id"),
              .time = text_at(v, "created_at"),
              .name = text_at(v, "account.acct"),
              .followers = text_at(v, "account.followers_count"),
              .friends = text_at(v, "account.following_count"),
              .reposts = text_at(v, "reblogs_count"),
              .url = first_text(v, {"url", "uri"})};
    auto const* repost = at(&v, "reblog");
    post.is_repost = repost != nullptr && repost->members();
    post.body = without_tags(text_at(post.is_repost ? *repost : v, "content"));
    add_texts(post.tags, v, "tags", "name");
    auto const answered = text_at(v, "in_reply_to_account_id");
    for (auto const& each : array_at(v, "mentions")) {
        post.mentions.push_back(text_at(each, "acct"));
        if (!answered.empty() && text_at(each, "id") == answered)
            post.answered = text_at(each, "acct");
    }
    if (auto card = text_at(v, "card.url"); !card.empty()) post.links.emplace_back(card, card);
    return post;
}

void add_facets(Post& post, text::Array const& facets) {
    for (auto const& facet : facets)
        for (auto const& each : array_at(facet, "features")) {
            if (auto tag = text_at(each, "tag"); !tag.empty()) post.tags.push_back(tag);
            if (auto person = text_at(each, "did"); !person.empty())
                post.mentions.push_back(person);
            if (auto link = text_at(each, "uri"); !link.empty())
                post.links.emplace_back(link, link);
        }
}

/// "at://DID/…": whom it answers.
std::string answered_in(Value const& record) {
    auto const parent = text_at(record, "reply.parent.uri");
    return parent.starts_with("at://") ? parent.substr(5, parent.find('/', 5) - 5) : "";
}

/// An entry of an author's feed.
Post feed_post(Value const& v, Value const& of) {
    static Value const none{text::Struct{}};
    auto const* found = of.find("record");
    auto const& record = found == nullptr ? none : *found;
    auto const uri = text_at(of, "uri"), handle = text_at(of, "author.handle");
    auto const by = text_at(v, "reason.by.did");
    Post post{.id = uri,
              .time = text_at(record, "createdAt"),
              .name = by.empty() ? handle : text_at(v, "reason.by.handle"),
              .reposts = text_at(of, "repostCount"),
              .answered = answered_in(record),
              .url = "https://bsky.app/profile/" + text_at(of, "author.did") + "/post/" +
                     uri.substr(uri.rfind('/') + 1),
              .body = text_at(record, "text")};
    add_facets(post, array_at(record, "facets"));
    if (by.empty()) return post;
    post.is_repost = true;
    post.id = first_text(v, {"reason.uri"});
    if (post.id.empty()) post.id = uri + "#repost-by-" + by;
    if (auto at = text_at(v, "reason.indexedAt"); !at.empty()) post.time = at;
    return post;
}

Post bluesky_post(Value const& v) {
    if (auto const* entry = v.find("post"); entry != nullptr && entry->members())
        return feed_post(v, *entry);
    auto const rkey = text_at(v, "commit.rkey"), did = text_at(v, "did");
    Post post{.id = "at://" + did + "/" + text_at(v, "commit.collection") + "/" + rkey,
              .time = text_at(v, "commit.record.createdAt"),
              .name = did,
              .url = "https://bsky.app/profile/" + did + "/post/" + rkey,
              .body = text_at(v, "commit.record.text")};
    post.is_repost = text_at(v, "commit.collection") == "app.bsky.feed.repost";
    static Value const none{text::Struct{}};
    auto const* record = at(&v, "commit.record");
    post.answered = answered_in(record == nullptr ? none : *record);
    add_facets(post, array_at(v, "commit.record.facets"));
    return post;
}

std::string joined(std::vector<std::string> const& parts, std::string_view before) {
    std::string out;
    for (auto const& each : parts) out.append(out.empty() ? "" : ", ").append(before).append(each);
    return out;
}

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    return text;
}

bool has(std::string const& text, std::string_view part) { return text.find(part) != text.npos; }

/// A repost by the service, or one by hand: "RT …"; not a request for one.
bool looks_like_repost(Post const& post) {
    if (post.is_repost) return true;
    auto const text = lower(post.body);
    if (has(text, "please rt") || has(text, "pls rt") || has(text, "plz rt")) return false;
    return text.starts_with("rt ") || has(text, " rt ");
}

std::string one_line(std::string text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        out += text[i] == '\n' || text[i] == '\r' ? ' ' : text[i];
    }
    return out;
}

PostRow row_of(Post const& post, std::string const& item) {
    PostRow row;
    row[0] = item;
    if (auto ms = message_time(post.time)) {
        row[1] = print_utc(*ms / 1000);
        row[2] = row[1].substr(5, 2) + "/" + row[1].substr(8, 2) + "/" + row[1].substr(0, 4);
    }
    row[3] = post.id;
    row[4] = post.name;
    row[5] = post.followers;
    row[6] = post.friends;
    row[7] = post.reposts;
    row[8] = joined(post.tags, "");
    row[9] = post.answered;
    row[10] = joined(post.mentions, "@");
    row[11] = post.url;
    row[12] = post.is_repost ? "True" : "False";
    row[13] = looks_like_repost(post) ? "True" : "False";
    row[14] = post.point;
    row[15] = one_line(post.body);
    for (std::size_t i = 0; i < 2 && i < post.links.size(); ++i) {
        row[16 + 2 * i] = post.links[i].first;
        row[17 + 2 * i] = post.links[i].second;
    }
    return row;
}

}  // namespace

std::array<std::string_view, column_count> const& column_names() {
    static constexpr std::array<std::string_view, column_count> names = {"sfm_id",
                                                                         "created_at",
                                                                         "created_at_date",
                                                                         "twitter_id",
                                                                         "screen_name",
                                                                         "followers_count",
                                                                         "friends_count",
                                                                         "retweet_count",
                                                                         "hashtags",
                                                                         "in_reply_to_screen_name",
                                                                         "mentions",
                                                                         "twitter_url",
                                                                         "is_retweet_strict",
                                                                         "is_retweet",
                                                                         "coordinates",
                                                                         "text",
                                                                         "url1",
                                                                         "url1_expanded",
                                                                         "url2",
                                                                         "url2_expanded"};
    return names;
}

namespace {

Result<Post> read_post(Language const& language, std::string_view message) {
    auto value = TRY(text::parse_json(message, {.bytes = 16u << 20}));
    if (!value.members()) return Error{Error::Kind::invalid, "the message is no object"};
    switch (language.dialect) {
    case Dialect::twitter:
        return twitter_post(value);
    case Dialect::x:
        return x_post(value);
    case Dialect::jetstream:
        return bluesky_post(value);
    case Dialect::mastodon: {
        auto const* inner = value.find("payload");
        if (inner == nullptr) inner = value.find("data");
        if (inner == nullptr) return mastodon_post(value);
        if (inner->text())
            return mastodon_post(TRY(text::parse_json(*inner->text(), {.bytes = 16u << 20})));
        return mastodon_post(*inner);
    }
    case Dialect::lines:
        break;
    }
    auto const& paths = language.paths;
    return Post{.id = text_at(value, paths.id),
                .time = text_at(value, paths.time),
                .name = text_at(value, paths.author),
                .body = text_at(value, paths.text)};
}

}  // namespace

Result<PostRow> post_row(Language const& language, std::string_view message,
                         std::string const& item) {
    return row_of(TRY(read_post(language, message)), item);
}

std::vector<std::pair<std::string, std::string>> post_links(Language const& language,
                                                            std::string_view message) {
    auto post = read_post(language, message);
    if (!post) return {};
    auto links = std::move(post->links);
    std::erase_if(links, [](auto const& link) { return !link.first.starts_with("http"); });
    // In a repost the text is cut short, and so may a link be at its end.
    if (!links.empty() || post->is_repost) return links;
    for (auto const& found : text::find_links(post->body))
        if (found.kind == text::Link::Kind::url)
            links.emplace_back(post->body.substr(found.begin, found.end - found.begin), "");
    return links;
}

std::string without_tags(std::string_view html) {
    std::string out;
    for (std::size_t i = 0; i < html.size();) {
        if (html[i] == '<') {
            auto end = std::min(html.find('>', i), html.size() - 1);
            auto tag = html.substr(i, end - i);
            bool const parts = tag.starts_with("<br") || tag.starts_with("</p");
            if (parts && !out.empty() && out.back() != ' ') out += ' ';
            i = end + 1;
            continue;
        }
        bool was_entity = false;
        for (auto [name, meaning] :
             {std::pair("&amp;", '&'), std::pair("&lt;", '<'), std::pair("&gt;", '>'),
              std::pair("&quot;", '"'), std::pair("&#39;", '\'')}) {
            if (!html.substr(i).starts_with(name)) continue;
            out += meaning;
            i += std::string_view(name).size();
            was_entity = true;
            break;
        }
        if (!was_entity) out += html[i++];
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

}  // namespace lares::capture
