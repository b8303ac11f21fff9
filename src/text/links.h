// text/links.h: where URLs and hash tags begin and end in running text.
//
// As X, Mastodon and Bluesky find them, so that what we count and never cut is what they turn into
// a link. Scripts without spaces are the reason for care: in "詳細https://a.jp/bを見る" the URL
// ends before "を", in "#休講です。" the tag ends before "。".

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lares::text {

struct Link {
    enum class Kind {
        url,        // "https://host/path"
        bare_host,  // "db.example.com/x": some services make it a link too
        tag,        // "#word", with its sign
    };
    Kind kind = Kind::url;
    std::size_t begin = 0, end = 0;  // bytes
    bool operator==(Link const&) const = default;
};

/// In the order of the text; they do not overlap.
std::vector<Link> find_links(std::string_view text);

/// The link that begins exactly at `at`, if one does, looking at what stands before it.
Link const* link_at(std::vector<Link> const&, std::size_t at);

/// `word` as a hash tag without its sign: what no tag may hold becomes '_' or goes (at either end);
/// empty when nothing is left that makes one.
std::string tag_word(std::string_view word);

/// Whether the host of a URL is one that every service takes for a public one, rather than
/// "press-2:9001" or an address.
bool has_public_host(std::string_view url);

}  // namespace lares::text
