// delivery/bluesky_record.cc: facets from the links of a text, a TID from a hash.

#include "delivery/bluesky_record.h"

#include "base/sha256.h"
#include "text/links.h"

namespace lares::deliver {

text::Array facets(std::string_view text) {
    text::Array all;
    for (auto const& each : text::find_links(text)) {
        std::string const words(text.substr(each.begin, each.end - each.begin));
        text::Struct feature;
        if (each.kind == text::Link::Kind::url)
            feature = {{"$type", "app.bsky.richtext.facet#link"}, {"uri", words}};
        else if (each.kind == text::Link::Kind::tag)
            feature = {{"$type", "app.bsky.richtext.facet#tag"},
                       {"tag", words.substr(words[0] == '#' ? 1 : 3)}};
        else
            continue;
        all.push_back(text::Struct{
            {"index", text::Struct{{"byteStart", static_cast<std::int64_t>(each.begin)},
                                   {"byteEnd", static_cast<std::int64_t>(each.end)}}},
            {"features", text::Array{feature}}});
    }
    return all;
}

std::string record_key(std::string_view key, std::size_t number) {
    static constexpr std::string_view signs = "234567abcdefghijklmnopqrstuvwxyz";
    constexpr std::uint64_t begin = 1'672'531'200'000'000;  // of 2023, in microseconds
    constexpr std::uint64_t span = 31'536'000'000'000;      // a year
    auto const hash = sha256_hex(std::string(key) + "\n" + std::to_string(number));
    std::uint64_t const time = begin + std::stoull(hash.substr(0, 15), nullptr, 16) % span;
    std::uint64_t const clock = std::stoull(hash.substr(16, 3), nullptr, 16) & 1023;
    std::uint64_t const tid = time << 10 | clock;
    std::string made;
    for (int shift = 60; shift >= 0; shift -= 5) made += signs[tid >> shift & 31];
    return made;
}

Reference parse_reference(std::string_view name) {
    auto const comma = name.rfind(',');
    if (comma == name.npos || !name.starts_with("at://")) return {};
    return {std::string(name.substr(0, comma)), std::string(name.substr(comma + 1))};
}

text::Struct reference_of(Reference const& reference) {
    return {{"uri", reference.uri}, {"cid", reference.cid}};
}

}  // namespace lares::deliver
