// apps/capture/filter.h: what people ask for: words, people, places, languages; and the ceilings of
// the services.
//
// Pure. Words: a comma is OR, a space is AND, quotes hold a phrase together. Words, people and
// places are joined by OR, as the services do; languages narrow what the others find. A filter that
// asks for nothing takes everything.

#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lares::capture {

/// West, south, east, north, in degrees.
using Box = std::array<double, 4>;

struct Filter {
    std::vector<std::vector<std::string>> phrases;  // terms of each; a term may hold spaces
    std::vector<std::string> people;                // stable ids, never names
    std::vector<Box> places;
    std::vector<std::string> languages;  // "de"; also matches "de-AT"

    bool takes_everything() const {
        return phrases.empty() && people.empty() && places.empty() && languages.empty();
    }
    bool operator==(Filter const&) const = default;
};

/// As people write it. Errors say which part and why.
struct FilterText {
    std::string words, people, places, languages;
    bool operator==(FilterText const&) const = default;
};

Result<Filter> parse_filter(FilterText const&);

/// What a service takes in one filter; 0: no bound.
struct Ceilings {
    std::size_t phrases = 0, phrase_bytes = 0, people = 0, places = 0;
};
/// The first ceiling that is passed, in words.
Result<> check_ceilings(Filter const&, Ceilings const&, std::string_view service);

/// Words and phrases of the house's own engine, and the others, however they are found.
constexpr Ceilings own_ceilings = {
    .phrases = 10'000, .phrase_bytes = 200, .people = 100'000, .places = 1'000};

}  // namespace lares::capture
