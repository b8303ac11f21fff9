// apps/capture/timeline.h: an account's posts, page by page from the newest to the oldest: what to
// ask, and what the answer says.
//
// Pure. Services: Mastodon (/api/v1/accounts/:id/statuses; /api/v1/timelines/tag and public), X API
// 2 (/2/users/:id/tweets), Bluesky (app.bsky.feed.getAuthorFeed). A page that has fewer posts than
// it could ends nothing: services leave out what may not be shown after they have counted.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "apps/capture/definition.h"
#include "base/result.h"
#include "ports/post.h"

namespace lares::capture {

/// What is asked of X along with each post: what the twenty columns need.
inline constexpr std::string_view x_fields =
    "tweet.fields=created_at,author_id,lang,geo,entities,in_reply_to_user_id,referenced_tweets,"
    "public_metrics,note_tweet&expansions=author_id,geo.place_id,referenced_tweets.id&"
    "user.fields=username,public_metrics";

/// Where a back-fill stands. Marks are ids (Mastodon, X) or milliseconds since 1970 (Bluesky), as
/// text; empty: there is none.
struct TimelinePlace {
    std::string account;  // an id; of Mastodon also "#tag", "public", "public:local"
    std::string low;      // the oldest mark that was had
    std::string floor;    // the newest mark from before: nothing at or below it is wanted
    std::string next;     // the service's word for the next page
};

struct TimelinePost {
    std::string message;  // as it is archived
    std::string mark;
};
struct TimelinePage {
    std::vector<TimelinePost> posts;  // as they came
    std::string next;
    bool is_last = false;
    std::string state;  // not empty: why there is nothing of the account: "suspended", "deleted", …
};

ports::WebCall timeline_call(Plan const&, TimelinePlace const&);
/// denied: the credential is refused; unavailable: ask later; io: an answer that cannot be read.
Result<TimelinePage> read_timeline(std::string_view service, ports::WebAnswer const&);

/// Of two marks of one service. The empty one is older than any.
bool is_newer(std::string_view mark, std::string_view other);

/// How many of an account's posts the service has at all, from the newest; 0: all.
std::int64_t timeline_depth(std::string_view service);

/// An item of X's answers as one message of its streams: {"data":…,"includes":…}, with what it
/// refers to alone of everything that came along.
std::string x_message(std::string_view item, std::string_view includes);

}  // namespace lares::capture
