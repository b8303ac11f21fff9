// apps/capture/filter.cc: from what people write to what is asked for.

#include "apps/capture/filter.h"

#include "apps/capture/phrases.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace lares::capture {

namespace {

Error wrong(Phrase words, std::initializer_list<std::string_view> with = {}) {
    return fault(Error::Kind::invalid, words, with);
}
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return std::string(text);
}

/// Parts between commas that are outside quotes; empty ones are left out.
Result<std::vector<std::string>> split(std::string_view text) {
    std::vector<std::string> out;
    std::string part;
    bool is_quoted = false;
    auto end_part = [&] {
        if (auto word = trimmed(part); !word.empty()) out.push_back(std::move(word));
        part.clear();
    };
    for (char c : text) {
        if (c == '"') is_quoted = !is_quoted;
        if (c == ',' && !is_quoted)
            end_part();
        else
            part += c;
    }
    if (is_quoted) return wrong(Phrase::open_quote);
    end_part();
    return out;
}

/// Terms of one phrase: words, and what stands in quotes with single spaces between.
std::vector<std::string> terms_of(std::string_view phrase) {
    std::vector<std::string> out;
    std::string term;
    bool is_quoted = false;
    auto end_term = [&] {
        if (auto word = trimmed(term); !word.empty()) out.push_back(std::move(word));
        term.clear();
    };
    for (char c : phrase) {
        if (c == '"') {
            end_term();
            is_quoted = !is_quoted;
        } else if (!is_blank(c)) {
            term += c;
        } else if (!is_quoted) {
            end_term();
        } else if (!term.empty() && term.back() != ' ') {
            term += ' ';
        }
    }
    end_term();
    return out;
}

Result<std::vector<Box>> parse_places(std::string_view text) {
    std::vector<double> numbers;
    for (auto const& part : TRY(split(text))) {
        double number = 0;
        auto [end, failed] = std::from_chars(part.data(), part.data() + part.size(), number);
        if (failed != std::errc{} || end != part.data() + part.size() || !std::isfinite(number))
            return wrong(Phrase::no_degrees, {part});
        numbers.push_back(number);
    }
    if (numbers.size() % 4 != 0)
        return wrong(Phrase::four_numbers, {std::to_string(numbers.size())});
    std::vector<Box> out;
    for (std::size_t i = 0; i < numbers.size(); i += 4) {
        Box box = {numbers[i], numbers[i + 1], numbers[i + 2], numbers[i + 3]};
        auto const place = std::to_string(i / 4 + 1);
        if (std::abs(box[0]) > 180 || std::abs(box[2]) > 180)
            return wrong(Phrase::longitude, {place});
        if (std::abs(box[1]) > 90 || std::abs(box[3]) > 90) return wrong(Phrase::latitude, {place});
        if (box[0] >= box[2] || box[1] >= box[3]) return wrong(Phrase::corners, {place});
        out.push_back(box);
    }
    return out;
}

}  // namespace

Result<Filter> parse_filter(FilterText const& text) {
    Filter out;
    for (auto const& phrase : TRY(split(text.words))) {
        auto terms = terms_of(phrase);
        if (!terms.empty()) out.phrases.push_back(std::move(terms));
    }
    for (auto& person : TRY(split(text.people))) {
        if (std::ranges::any_of(person, is_blank)) return wrong(Phrase::person_blank, {person});
        out.people.push_back(std::move(person));
    }
    out.places = TRY(parse_places(text.places));
    for (auto& language : TRY(split(text.languages))) {
        bool const good = language.size() <= 20 && std::ranges::all_of(language, [](char c) {
                              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                     (c >= '0' && c <= '9') || c == '-';
                          });
        if (!good) return wrong(Phrase::language_code, {language});
        out.languages.push_back(std::move(language));
    }
    return out;
}

Result<> check_ceilings(Filter const& filter, Ceilings const& most, std::string_view service) {
    auto check = [&](std::size_t count, std::size_t bound, Phrase what) -> Result<> {
        if (bound == 0 || count <= bound) return {};
        return wrong(Phrase::ceiling,
                     {std::to_string(count), phrase(what), service, std::to_string(bound)});
    };
    TRY(check(filter.phrases.size(), most.phrases, Phrase::phrases));
    TRY(check(filter.people.size(), most.people, Phrase::people));
    TRY(check(filter.places.size(), most.places, Phrase::places));
    for (auto const& terms : filter.phrases) {
        std::string text;
        for (auto const& term : terms) text += (text.empty() ? "" : " ") + term;
        auto checked = check(text.size(), most.phrase_bytes, Phrase::bytes);
        if (!checked) return wrong(Phrase::of_phrase, {text.substr(0, 80), checked.error().what});
    }
    return {};
}

}  // namespace lares::capture
