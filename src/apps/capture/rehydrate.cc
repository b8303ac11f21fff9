// apps/capture/rehydrate.cc: three services' look-ups.

#include "apps/capture/rehydrate.h"

#include <map>
#include <set>

#include "apps/capture/session.h"
#include "apps/capture/skim.h"
#include "apps/capture/timeline.h"
#include "text/query.h"

namespace lares::capture {

namespace {

/// What is neither found nor explained is not there: services leave out what is gone.
void account_for(FoundPosts& out, std::vector<std::string> const& ids,
                 std::set<std::string> const& found,
                 std::map<std::string, std::string> const& why) {
    for (auto const& id : ids) {
        if (found.contains(id)) continue;
        auto const told = why.find(id);
        out.not_found.emplace_back(id, told == why.end() ? "not found" : told->second);
    }
}

}  // namespace

std::size_t ids_a_call(std::string_view service) {
    return service == "x-timelines" ? 100 : service == "bluesky-timelines" ? 25 : 1;
}

ports::WebCall posts_call(Plan const& plan, std::vector<std::string> const& ids) {
    ports::WebCall call{
        .method = "GET", .headers = plan.headers, .ca_file = plan.ca_file, .answer_most = 32 << 20};
    if (plan.service == "mastodon-timelines") {
        call.url = plan.url + "/api/v1/statuses/" + text::encode_percent(ids.at(0));
    } else if (plan.service == "x-timelines") {
        call.url = plan.url + "/2/tweets?" + std::string(x_fields);
        std::string list;
        for (auto const& id : ids) list += (list.empty() ? "" : ",") + id;
        call.url = with_parameter(call.url, "ids", list);
    } else {
        call.url = plan.url + "/xrpc/app.bsky.feed.getPosts";
        for (auto const& id : ids) call.url = with_parameter(call.url, "uris", id);
    }
    return call;
}

Result<FoundPosts> read_posts(std::string_view service, std::vector<std::string> const& ids,
                              ports::WebAnswer const& answer) {
    auto const words = "the service answered " + std::to_string(answer.status);
    FoundPosts out;
    std::set<std::string> found;
    std::map<std::string, std::string> why;
    if (answer.status == 429 || answer.status >= 500) return Error{Error::Kind::unavailable, words};
    if (service == "mastodon-timelines" && (answer.status == 404 || answer.status == 410)) {
        account_for(out, ids, found, why);
        return out;
    }
    if (answer.status == 401 || answer.status == 403)
        return Error{Error::Kind::denied, words + ": the credential is refused"};
    if (answer.status != 200)
        return Error{Error::Kind::io, words + ": " + answer.body.substr(0, 200)};
    auto const& body = answer.body;
    if (service == "mastodon-timelines") {
        if (text_at(body, "id") != ids.at(0))
            return Error{Error::Kind::io, "the service's answer is another post, or none"};
        out.messages.push_back(body);
        return out;
    }
    bool const is_x = service == "x-timelines";
    auto const list = raw_at(body, is_x ? "data" : "posts"), includes = raw_at(body, "includes");
    auto const errors = raw_at(body, "errors");
    if (list.empty() && errors.empty())
        return Error{Error::Kind::io, "the service's answer cannot be read"};
    bool const is_read = list.empty() || each_element(list, [&](std::string_view raw) {
                             found.insert(text_at(raw, is_x ? "id" : "uri"));
                             out.messages.push_back(is_x ? x_message(raw, includes)
                                                         : "{\"post\":" + std::string(raw) + "}");
                             return true;
                         });
    if (!is_read) return Error{Error::Kind::io, "the service's answer cannot be read"};
    if (!errors.empty())
        each_element(errors, [&](std::string_view raw) {
            why[text_at(raw, "value")] = text_at(raw, "title");
            return true;
        });
    account_for(out, ids, found, why);
    return out;
}

}  // namespace lares::capture
