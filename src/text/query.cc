// text/query.cc: query strings and forms, decoded.

#include "text/query.h"

#include <algorithm>

namespace lares::text {

namespace {

constexpr std::size_t most_fields = 100;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~").find(c) != std::string_view::npos;
}

std::string decode_form(std::string_view text) {
    std::string spaced(text);
    std::ranges::replace(spaced, '+', ' ');
    return decode_percent(spaced);
}

}  // namespace

std::string decode_percent(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool two_more = text[i] == '%' && i + 2 < text.size();
        int high = two_more ? hex_digit(text[i + 1]) : -1;
        int low = two_more ? hex_digit(text[i + 2]) : -1;
        bool is_code = high >= 0 && low >= 0;
        decoded.push_back(is_code ? static_cast<char>(high * 16 + low) : text[i]);
        if (is_code) i += 2;
    }
    return decoded;
}

std::string encode_percent(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        if (is_plain(c))
            out += c;
        else
            out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
    return out;
}

Fields parse_query(std::string_view text) {
    Fields fields;
    while (!text.empty() && fields.size() < most_fields) {
        auto part = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(part.size() + 1, text.size()));
        if (part.empty()) continue;
        auto sign = part.find('=');
        auto value = sign == part.npos ? std::string_view() : part.substr(sign + 1);
        fields.emplace_back(decode_form(part.substr(0, sign)), decode_form(value));
    }
    return fields;
}

std::string field(Fields const& fields, std::string_view name) {
    auto found = std::ranges::find(fields, name, &Fields::value_type::first);
    return found == fields.end() ? std::string() : found->second;
}

std::string cookie(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        auto const end = std::min(header.find(';'), header.size());
        auto one = header.substr(0, end);
        header.remove_prefix(std::min(end + 1, header.size()));
        while (one.starts_with(' ')) one.remove_prefix(1);
        bool const is_it = one.starts_with(name) && one.substr(name.size()).starts_with('=');
        if (is_it) return std::string(one.substr(name.size() + 1));
    }
    return {};
}

}  // namespace lares::text
