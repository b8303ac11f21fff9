// os/tzif.cc: the data block of a zone file; its footer is os/posix_zone's.

#include "os/tzif.h"

#include <cstdint>
#include <string>
#include <vector>

#include "os/posix_zone.h"

namespace lares::os {

namespace {

using schedule::Transition;
using schedule::Zone;

constexpr std::size_t header_size = 44;
/// The most transitions any zone has had is some 240; a "fat" file lists them until 2037.
constexpr std::uint32_t most_times = 10'000;
/// Before this nothing is of use; old files begin with the Big Bang.
constexpr std::int64_t earliest = -(std::int64_t(1) << 40);
constexpr std::int64_t latest = std::int64_t(1) << 40;
constexpr std::int32_t offset_bound = 26 * 3600;

Error invalid(std::string_view words) {
    return {Error::Kind::invalid, "not a time zone file: " + std::string(words)};
}

std::int64_t big_endian(std::string_view bytes) {
    // Signed: the first byte carries the sign.
    std::uint64_t value = bytes[0] & 0x80 ? ~std::uint64_t(0) : 0;
    for (char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return std::int64_t(value);
}

struct Header {
    char version = 0;
    std::uint32_t utc_count = 0, standard_count = 0, leap_count = 0, time_count = 0, type_count = 0,
                  char_count = 0;

    /// Bytes of the block behind it, whose times have `width` bytes each.
    std::size_t block_size(std::size_t width) const {
        return std::size_t(time_count) * (width + 1) + std::size_t(type_count) * 6 + char_count +
               std::size_t(leap_count) * (width + 4) + standard_count + utc_count;
    }
};

Result<Header> read_header(std::string_view bytes) {
    if (bytes.size() < header_size || !bytes.starts_with("TZif"))
        return invalid("it does not begin with 'TZif'");
    auto count = [&](std::size_t at) { return std::uint32_t(big_endian(bytes.substr(at, 4))); };
    Header header{bytes[4], count(20), count(24), count(28), count(32), count(36), count(40)};
    if (header.time_count > most_times || header.type_count == 0 || header.type_count > 256 ||
        header.char_count > 10'000 || header.leap_count > 1'000 || header.utc_count > 256 ||
        header.standard_count > 256)
        return invalid("its counts are out of range");
    return header;
}

Result<std::vector<std::int32_t>> read_types(std::string_view types) {
    std::vector<std::int32_t> offsets;
    for (; types.size() >= 6; types.remove_prefix(6)) {
        std::int64_t const offset = big_endian(types.substr(0, 4));
        if (offset < -offset_bound || offset > offset_bound)
            return invalid("an offset is out of range");
        offsets.push_back(std::int32_t(offset));
    }
    return offsets;
}

Result<Zone> read_block(Header const& header, std::string_view block, std::size_t width) {
    std::string_view const times = block.substr(0, header.time_count * width);
    std::string_view const kinds = block.substr(times.size(), header.time_count);
    std::vector<std::int32_t> const offsets = TRY(
        read_types(block.substr(times.size() + kinds.size(), std::size_t(header.type_count) * 6)));
    Zone zone;
    zone.first_offset = offsets.front();
    std::int64_t before = INT64_MIN;
    for (std::size_t i = 0; i < header.time_count; ++i) {
        std::int64_t const at = big_endian(times.substr(i * width, width));
        auto const kind = static_cast<unsigned char>(kinds[i]);
        if (kind >= offsets.size()) return invalid("a time refers to no type");
        if (i > 0 && at <= before) return invalid("its times are not in order");
        before = at;
        if (at < earliest)
            zone.first_offset = offsets[kind];
        else if (at < latest)
            zone.transitions.push_back({at, offsets[kind]});
    }
    return zone;
}

/// Drops what changes nothing.
void compress(Zone& zone) {
    std::int32_t offset = zone.first_offset;
    std::erase_if(zone.transitions, [&](Transition const& change) {
        bool const same = change.offset == offset;
        offset = change.offset;
        return same;
    });
    zone.transitions.shrink_to_fit();
}

Result<> carry_on(Zone& zone, std::string_view footer) {
    if (footer.size() < 2 || footer.front() != '\n') return invalid("its footer is missing");
    std::size_t const end = footer.find('\n', 1);
    if (end == footer.npos) return invalid("its footer has no end");
    std::string_view const rule = footer.substr(1, end - 1);
    if (rule.empty()) return {};
    add_rule(zone, TRY(parse_posix_rule(rule)));
    return {};
}

}  // namespace

Result<Zone> parse_tzif(std::string_view bytes) {
    Header header = TRY(read_header(bytes));
    std::string_view rest = bytes.substr(header_size);
    std::size_t width = 4;
    if (rest.size() < header.block_size(width)) return invalid("it ends too early");
    if (header.version >= '2') {
        // The first block is for readers of 32 bits; all is said again behind it.
        rest.remove_prefix(header.block_size(width));
        header = TRY(read_header(rest));
        rest.remove_prefix(header_size);
        width = 8;
        if (rest.size() < header.block_size(width)) return invalid("it ends too early");
    }
    if (header.leap_count > 0)
        return Error{
            Error::Kind::invalid,
            "it counts leap seconds, as no system clock does; use the zone without 'right/'"};
    Zone zone = TRY(read_block(header, rest, width));
    if (header.version >= '2') TRY(carry_on(zone, rest.substr(header.block_size(width))));
    compress(zone);
    return zone;
}

Result<Zone> parse_posix_zone(std::string_view text) {
    PosixRule const rule = TRY(parse_posix_rule(text));
    Zone zone;
    zone.first_offset = rule.standard;
    add_rule(zone, rule);
    compress(zone);
    return zone;
}

}  // namespace lares::os
