// apps/capture/columns.h: a post as a row of the table that researchers know: twenty columns, in
// order.
//
// Pure. The columns and their rules are those of the collector before ours (docs/formats/capture.md
// lists them); other services' posts fill them with what they have. Numbers of followers and
// reposts are those of the moment of capture.

#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/capture/dialect.h"
#include "base/result.h"

namespace lares::capture {

constexpr std::size_t column_count = 20;
using PostRow = std::array<std::string, column_count>;

/// "sfm_id", "created_at", …
std::array<std::string_view, column_count> const& column_names();

/// @param item  what the database calls the post; empty for one of an archive file.
/// invalid: the message is no post of that language.
Result<PostRow> post_row(Language const&, std::string_view message, std::string const& item);

/// The links of a post, as written and as the service says they are meant: what its entities name,
/// else what its text has. None where the message is no post.
std::vector<std::pair<std::string, std::string>> post_links(Language const&,
                                                            std::string_view message);

/// Text without tags, with HTML's characters read.
std::string without_tags(std::string_view html);

}  // namespace lares::capture
