// apps/capture/matcher.cc: folding, the table of states, and the other three questions.

#include "apps/capture/matcher.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "text/fold.h"

namespace lares::capture {

namespace {

constexpr std::uint32_t has_ends = 1u << 31;

unsigned byte(char c) { return static_cast<unsigned char>(c); }

bool is_word_ascii(unsigned c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Whether the character whose first byte this is belongs to a script with spaces between words:
/// U+00C0 to U+07FF, and U+1000 to U+1FFF but for Thai's and Lao's neighbours, which come before.
bool is_word_lead(unsigned lead) { return (lead >= 0xC3 && lead <= 0xDF) || lead == 0xE1; }

bool is_word_at(std::string_view text, std::size_t at) {
    if (at >= text.size()) return false;
    auto c = byte(text[at]);
    return c < 0x80 ? is_word_ascii(c) : is_word_lead(c);
}

bool is_word_before(std::string_view text, std::size_t at) {
    if (at == 0) return false;
    std::size_t begin = at - 1;
    while (begin > 0 && at - begin < 4 && (byte(text[begin]) & 0xC0) == 0x80) --begin;
    return is_word_at(text, begin);
}

struct Entity {
    std::string_view name;
    char meaning;
};
constexpr Entity entities[] = {
    {"amp;", '&'}, {"lt;", '<'}, {"gt;", '>'}, {"quot;", '"'}, {"#39;", '\''}};

/// Behind the character of HTML at `at`, an '&', with its meaning.
std::size_t read_entity(std::string_view text, std::size_t at, char& meaning) {
    for (auto const& entity : entities)
        if (text.substr(at + 1).starts_with(entity.name))
            return meaning = entity.meaning, at + 1 + entity.name.size();
    return meaning = '&', at + 1;
}

bool numbers_in(std::string_view json, std::vector<double>& out) {
    out.clear();
    for (std::size_t at = 0; at < json.size();) {
        char c = json[at];
        if (c != '-' && (c < '0' || c > '9')) {
            ++at;
            continue;
        }
        double number = 0;
        auto [end, failed] = std::from_chars(json.data() + at, json.data() + json.size(), number);
        if (failed != std::errc{}) return false;
        out.push_back(number);
        at = static_cast<std::size_t>(end - json.data());
    }
    return true;
}

}  // namespace

Folder::Folder() : small_(0x800 - 0x80) {
    for (char32_t point = 0x80; point < 0x800; ++point) {
        auto small = text::small_letter(point);
        // A small letter of another length would move every place in the text.
        bool const fits = small >= 0x80 && small < 0x800;
        small_[point - 0x80] = static_cast<std::uint16_t>(fits ? small : point);
    }
}

void Folder::fold(std::string_view text, bool is_html, std::string& out) const {
    for (std::size_t at = 0; at < text.size();) {
        auto c = byte(text[at]);
        if (c < 0x80) {
            ++at;
            if (c >= 'A' && c <= 'Z') {
                out += static_cast<char>(c | 0x20);
            } else if (c < ' ') {
                out += ' ';
            } else if (is_html && c == '<') {
                at = std::min(text.find('>', at), text.size() - 1) + 1;
                out += ' ';  // "<br>" parts words; no tag stands within one
            } else if (is_html && c == '&') {
                char meaning;
                at = read_entity(text, at - 1, meaning);
                out += meaning;
            } else {
                out += static_cast<char>(c);
            }
        } else if (c >= 0xC2 && c < 0xE0 && at + 1 < text.size()) {
            unsigned point = (c & 0x1F) << 6 | (byte(text[at + 1]) & 0x3F);
            unsigned small = point >= 0x80 ? small_[point - 0x80] : point;
            out += static_cast<char>(0xC0 | small >> 6);
            out += static_cast<char>(0x80 | (small & 0x3F));
            at += 2;
        } else {
            out += static_cast<char>(c);
            ++at;
        }
    }
}

Matcher::Matcher(Filter const& filter) : filter_(filter) {
    std::map<std::string, std::uint32_t> numbers;
    std::vector<std::string> terms;
    for (auto const& phrase : filter.phrases) {
        auto const phrase_number = static_cast<std::uint32_t>(needed_.size());
        std::uint32_t different = 0;
        for (auto const& word : phrase) {
            std::string term;
            folder_.fold(word, /*is_html=*/false, term);
            auto [known, is_new] = numbers.emplace(term, terms_.size());
            if (is_new) {
                terms.push_back(term);
                terms_.push_back(
                    {term.size(), is_word_at(term, 0), is_word_before(term, term.size()), {}});
            }
            auto& in = terms_[known->second].phrases;
            if (!in.empty() && in.back() == phrase_number) continue;
            in.push_back(phrase_number);
            ++different;
        }
        needed_.push_back(different);
    }
    people_.insert(filter.people.begin(), filter.people.end());
    term_stamp_.resize(terms_.size());
    phrase_stamp_.resize(needed_.size());
    phrase_met_.resize(needed_.size());
    build(terms);
}

void Matcher::build(std::vector<std::string> const& terms) {
    for (auto const& term : terms)
        for (char c : term)
            if (class_[byte(c)] == 0) class_[byte(c)] = static_cast<std::uint16_t>(width_++);
    constexpr std::uint32_t none = ~0u;
    auto add_state = [&] {
        next_.resize(next_.size() + width_, none);
        ends_.push_back(0);
        also_.push_back(0);
        return static_cast<std::uint32_t>(ends_.size() - 1);
    };
    add_state();
    for (std::uint32_t number = 0; number < terms.size(); ++number) {
        std::uint32_t state = 0;
        for (char c : terms[number]) {
            auto const place = state * width_ + class_[byte(c)];
            if (next_[place] == none) {
                auto const fresh = add_state();
                next_[place] = fresh;
            }
            state = next_[place];
        }
        ends_[state] = number + 1;
    }
    // Breadth first: where a state has no way on, it goes where its longest end would go.
    std::vector<std::uint32_t> fallback(ends_.size(), 0), queue;
    for (std::uint32_t c = 0; c < width_; ++c) {
        auto& to = next_[c];
        if (to == none)
            to = 0;
        else
            queue.push_back(to);
    }
    for (std::size_t i = 0; i < queue.size(); ++i) {
        auto const state = queue[i];
        auto const back = fallback[state];
        also_[state] = ends_[back] != 0 ? back : also_[back];
        for (std::uint32_t c = 0; c < width_; ++c) {
            auto& to = next_[state * width_ + c];
            if (to == none) {
                to = next_[back * width_ + c];
            } else {
                fallback[to] = next_[back * width_ + c];
                queue.push_back(to);
            }
        }
    }
    // Rows are named by where they begin, which saves a multiplication a byte.
    for (auto& to : next_) {
        bool const ends_here = ends_[to] != 0 || also_[to] != 0;
        to = to * width_ | (ends_here ? has_ends : 0);
    }
}

bool Matcher::meet_terms(std::uint32_t state, std::string_view text, std::size_t end,
                         std::int64_t& found) {
    for (; state != 0 || ends_[state] != 0; state = also_[state]) {
        if (ends_[state] == 0) continue;
        auto const number = ends_[state] - 1;
        auto const& term = terms_[number];
        if (term_stamp_[number] == stamp_) continue;
        if (term.begins_as_word && is_word_before(text, end - term.bytes)) continue;
        if (term.ends_as_word && is_word_at(text, end)) continue;
        term_stamp_[number] = stamp_;
        for (auto phrase : term.phrases) {
            if (phrase_stamp_[phrase] != stamp_) {
                phrase_stamp_[phrase] = stamp_;
                phrase_met_[phrase] = 0;
            }
            if (++phrase_met_[phrase] < needed_[phrase]) continue;
            found = phrase;
            return true;
        }
    }
    return false;
}

std::int64_t Matcher::find_phrase(Facts const& facts) {
    std::int64_t found = -1;
    if (terms_.empty() || facts.texts == nullptr) return found;
    if (++stamp_ == 0) {  // after 4 billion messages old stamps would count again
        std::ranges::fill(term_stamp_, 0);
        std::ranges::fill(phrase_stamp_, 0);
        stamp_ = 1;
    }
    for (std::size_t i = 0; i < facts.texts->count; ++i) {
        std::string_view raw = facts.texts->list[i];
        std::string_view text = unquoted(raw);
        if (text.find('\\') != text.npos) {
            scratch_.clear();
            append_plain(scratch_, raw);
            text = scratch_;
        }
        folded_.clear();
        folder_.fold(text, facts.is_html, folded_);
        std::uint32_t row = 0;
        for (std::size_t at = 0; at < folded_.size(); ++at) {
            row = next_[(row & ~has_ends) + class_[byte(folded_[at])]];
            if ((row & has_ends) == 0) continue;
            if (meet_terms((row & ~has_ends) / width_, folded_, at + 1, found)) return found;
        }
    }
    return found;
}

bool Matcher::has_language(Facts const& facts) const {
    if (filter_.languages.empty()) return true;
    if (facts.languages == nullptr) return false;
    for (std::size_t i = 0; i < facts.languages->count; ++i) {
        auto language = unquoted(facts.languages->list[i]);
        for (auto const& wanted : filter_.languages)
            if (language.starts_with(wanted) &&
                (language.size() == wanted.size() || language[wanted.size()] == '-'))
                return true;
    }
    return false;
}

bool Matcher::has_person(Facts const& facts) const {
    if (people_.empty() || facts.people == nullptr) return false;
    for (std::size_t i = 0; i < facts.people->count; ++i)
        if (people_.find(unquoted(facts.people->list[i])) != people_.end()) return true;
    return false;
}

bool Matcher::has_place(Facts const& facts) const {
    if (filter_.places.empty()) return false;
    // A point, or the corners of an area: it counts when its bounds touch the box.
    std::vector<double> numbers;
    auto json = facts.point.empty() ? facts.box : facts.point;
    if (json.empty() || !numbers_in(json, numbers) || numbers.size() < 2) return false;
    Box area = {numbers[0], numbers[1], numbers[0], numbers[1]};
    for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) {
        area[0] = std::min(area[0], numbers[i]);
        area[1] = std::min(area[1], numbers[i + 1]);
        area[2] = std::max(area[2], numbers[i]);
        area[3] = std::max(area[3], numbers[i + 1]);
    }
    return std::ranges::any_of(filter_.places, [&](Box const& box) {
        return area[0] <= box[2] && area[2] >= box[0] && area[1] <= box[3] && area[3] >= box[1];
    });
}

Match Matcher::match(Facts const& facts) {
    // What is no post (removals, limits, accounts) belongs to every archive: it says what became of
    // posts.
    bool const is_post = facts.kind == Kind::post || facts.kind == Kind::edit;
    if (!is_post || filter_.takes_everything()) return {Match::By::everything};
    if (!has_language(facts)) return {};
    if (has_person(facts)) return {Match::By::people};
    if (auto phrase = find_phrase(facts); phrase >= 0)
        return {Match::By::words, static_cast<std::size_t>(phrase)};
    if (has_place(facts)) return {Match::By::places};
    bool const only_language =
        filter_.phrases.empty() && filter_.people.empty() && filter_.places.empty();
    return {only_language ? Match::By::languages : Match::By::nothing};
}

}  // namespace lares::capture
