// delivery/bluesky_record.h: a text as a record of app.bsky.feed.post, and the key it has there.
//
// Pure. Source: the lexicons of app.bsky.feed.post and app.bsky.richtext.facet; the specification
// of record keys (TID) of AT Protocol.

#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "text/value.h"

namespace lares::deliver {

/// Links and tags of `text` with their places in bytes, which is what makes them such there.
text::Array facets(std::string_view text);

/// A TID that is the same for one key and number: 13 signs, of the year 2023, so that it is neither
/// in the future nor one that a client would draw today.
std::string record_key(std::string_view key, std::size_t number);

/// One that was made, as Answer::provider has it: "at://did/…/rkey,cid".
struct Reference {
    std::string uri, cid;
    bool operator==(Reference const&) const = default;
};
Reference parse_reference(std::string_view);
text::Struct reference_of(Reference const&);

}  // namespace lares::deliver
