// apps/capture/timeline.cc: three services' pages.

#include "apps/capture/timeline.h"

#include <algorithm>

#include "apps/capture/dialect.h"
#include "apps/capture/phrases.h"
#include "apps/capture/session.h"
#include "apps/capture/skim.h"
#include "delivery/web_answer.h"
#include "text/query.h"

namespace lares::capture {

namespace {

void put(std::string& url, std::string const& name, std::string const& value) {
    if (!value.empty()) url = with_parameter(url, name, value);
}

std::string mastodon_url(std::string const& base, TimelinePlace const& of) {
    std::string url = base;
    if (of.account.starts_with("#"))
        url += "/api/v1/timelines/tag/" + text::encode_percent(of.account.substr(1));
    else if (of.account.starts_with("public"))
        url += "/api/v1/timelines/public";
    else
        url += "/api/v1/accounts/" + text::encode_percent(of.account) + "/statuses";
    put(url, "limit", "40");
    if (of.account == "public:local") put(url, "local", "true");
    // A page of posts that may all not be shown has none to go on from; the service's word has.
    put(url, "max_id", of.next.empty() ? of.low : of.next);
    put(url, "since_id", of.floor);
    return url;
}

std::string x_url(std::string const& base, TimelinePlace const& of) {
    std::string url =
        base + "/2/users/" + text::encode_percent(of.account) + "/tweets?" + std::string(x_fields);
    put(url, "max_results", "100");
    put(url, "since_id", of.floor);
    // A page's word is good for this run; where a later one goes on, the oldest post says.
    put(url, of.next.empty() ? "until_id" : "pagination_token", of.next.empty() ? of.low : of.next);
    return url;
}

std::string bluesky_url(std::string const& base, TimelinePlace const& of) {
    std::string url = base + "/xrpc/app.bsky.feed.getAuthorFeed";
    put(url, "actor", of.account);
    put(url, "limit", "100");
    put(url, "filter", "posts_with_replies");
    put(url, "cursor", of.next);
    return url;
}

Error unreadable() { return fault(Error::Kind::io, Phrase::answer_unreadable); }

/// "<https://…?limit=40&max_id=7>; rel="next", <…>; rel="prev"": 7.
std::string next_in(std::string_view link) {
    for (; link.find('<') != link.npos; link.remove_prefix(link.find('<') + 1)) {
        auto const begin = link.find('<') + 1, end = link.find('>', begin);
        if (end == link.npos) break;
        auto const url = link.substr(begin, end - begin);
        if (link.substr(end, 20).find("rel=\"next\"") == link.npos) continue;
        auto const query = url.find('?');
        return query == url.npos ? ""
                                 : text::field(text::parse_query(url.substr(query + 1)), "max_id");
    }
    return {};
}

Result<TimelinePage> mastodon_page(ports::WebAnswer const& answer) {
    TimelinePage page;
    bool const is_read = each_element(answer.body, [&](std::string_view raw) {
        page.posts.push_back({std::string(raw), text_at(raw, "id")});
        return true;
    });
    if (!is_read) return unreadable();
    page.next = next_in(deliver::header(answer, "link"));
    page.is_last = page.posts.empty() && page.next.empty();
    return page;
}

Result<TimelinePage> x_page(std::string_view body) {
    TimelinePage page;
    auto const data = raw_at(body, "data"), includes = raw_at(body, "includes");
    if (data.empty() && raw_at(body, "meta").empty()) {
        auto const title = text_at(body, "errors.*.title");
        if (title.empty()) return unreadable();
        page.state = title == "Authorization Error" ? "protected"
                     : title == "Forbidden"         ? "suspended"
                                                    : "deleted";
        return page;
    }
    bool const is_read = data.empty() || each_element(data, [&](std::string_view raw) {
                             page.posts.push_back({x_message(raw, includes), text_at(raw, "id")});
                             return true;
                         });
    if (!is_read) return unreadable();
    page.next = text_at(body, "meta.next_token");
    page.is_last = page.next.empty();
    return page;
}

/// The feed is ordered by when a post was made or came to the service, whichever is earlier; a
/// repost by when it was made.
std::string bluesky_mark(std::string_view entry) {
    auto at = [&](std::string_view path) { return message_time(text_at(entry, path)); };
    if (auto reposted = at("reason.indexedAt")) return std::to_string(*reposted);
    auto const made = at("post.record.createdAt"), came = at("post.indexedAt");
    if (!made && !came) return {};
    return std::to_string(std::min(made.value_or(*came), came.value_or(made.value_or(0))));
}

Result<TimelinePage> bluesky_page(std::string_view body) {
    TimelinePage page;
    bool const is_read = each_element(raw_at(body, "feed"), [&](std::string_view raw) {
        page.posts.push_back({std::string(raw), bluesky_mark(raw)});
        return true;
    });
    if (!is_read) return unreadable();
    page.next = text_at(body, "cursor");
    page.is_last = page.next.empty();
    return page;
}

TimelinePage nothing_of(std::string state) {
    TimelinePage page;
    page.state = std::move(state);
    return page;
}

}  // namespace

ports::WebCall timeline_call(Plan const& plan, TimelinePlace const& of) {
    ports::WebCall call{
        .method = "GET", .headers = plan.headers, .ca_file = plan.ca_file, .answer_most = 32 << 20};
    call.url = plan.service == "mastodon-timelines" ? mastodon_url(plan.url, of)
               : plan.service == "x-timelines"      ? x_url(plan.url, of)
                                                    : bluesky_url(plan.url, of);
    return call;
}

Result<TimelinePage> read_timeline(std::string_view service, ports::WebAnswer const& answer) {
    auto const status = std::to_string(answer.status);
    if (answer.status == 429 || answer.status >= 500)
        return fault(Error::Kind::unavailable, Phrase::service_answered, {status});
    if (answer.status == 404 || answer.status == 410) return nothing_of("deleted");
    if (service == "bluesky-timelines" && answer.status == 400) {
        auto const error = text_at(answer.body, "error");
        if (error == "AccountTakedown" || error == "AccountDeactivated")
            return nothing_of("suspended");
        if (text_at(answer.body, "message").find("not found") != std::string::npos)
            return nothing_of("deleted");
    }
    if (answer.status == 401 || answer.status == 403)
        return fault(Error::Kind::denied, Phrase::answer_credential_refused, {status});
    if (answer.status != 200)
        return fault(Error::Kind::io, Phrase::service_answered_what,
                     {status, answer.body.substr(0, 200)});
    auto page = service == "mastodon-timelines" ? mastodon_page(answer)
                : service == "x-timelines"      ? x_page(answer.body)
                                                : bluesky_page(answer.body);
    if (!page) return page;
    for (auto const& each : page->posts)
        if (each.mark.empty()) return fault(Error::Kind::io, Phrase::post_no_id);
    return page;
}

bool is_newer(std::string_view mark, std::string_view other) {
    return mark.size() != other.size() ? mark.size() > other.size() : mark > other;
}

std::int64_t timeline_depth(std::string_view service) {
    return service == "x-timelines" ? 3'200 : 0;
}

std::string x_message(std::string_view item, std::string_view includes) {
    std::string said(item);  // what may be referred to from: the post, and posts it refers to
    std::string along;
    for (std::string_view kind : {"tweets", "users", "places", "media", "polls"}) {
        std::string list;
        each_element(raw_at(includes, kind), [&](std::string_view raw) {
            auto const id = raw_at(raw, kind == "media" ? "media_key" : "id");
            // An id stands in what refers to it as it stands in itself, with its quotes.
            if (id.empty() || said.find(id) == std::string::npos) return true;
            list.append(list.empty() ? "" : ",").append(raw);
            if (kind == "tweets") said.append(raw);
            return true;
        });
        if (list.empty()) continue;
        along.append(along.empty() ? "\"" : ",\"").append(kind).append("\":[").append(list) += ']';
    }
    std::string out = "{\"data\":" + std::string(item);
    if (!along.empty()) out += ",\"includes\":{" + along + "}";
    return out + "}";
}

}  // namespace lares::capture
