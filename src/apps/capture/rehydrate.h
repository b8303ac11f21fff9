// apps/capture/rehydrate.h: posts by their ids: what to ask for a batch, and what came.
//
// Pure. X API 2 (/2/tweets, 100 ids), Bluesky (app.bsky.feed.getPosts, 25), Mastodon
// (/api/v1/statuses/:id, one).

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/capture/definition.h"
#include "base/result.h"
#include "ports/post.h"

namespace lares::capture {

std::size_t ids_a_call(std::string_view service);
ports::WebCall posts_call(Plan const&, std::vector<std::string> const& ids);

struct FoundPosts {
    std::vector<std::string> messages;                           // as they are archived
    std::vector<std::pair<std::string, std::string>> not_found;  // id, why
};
/// Every id is in one of the two. Errors as of read_timeline().
Result<FoundPosts> read_posts(std::string_view service, std::vector<std::string> const& ids,
                              ports::WebAnswer const&);

}  // namespace lares::capture
