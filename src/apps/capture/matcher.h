// apps/capture/matcher.h: whether a message is what a filter asks for, 200,000 times a second.
//
// Pure. All terms are looked for at once (Aho and Corasick, "Efficient string matching", 1975), as
// a table of states, without regard to case. A term counts as a whole word: not beside a letter or
// digit; scripts that write no spaces between words (Han, Kana, Thai) know no such border.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "apps/capture/dialect.h"
#include "apps/capture/filter.h"

namespace lares::capture {

/// Why it matches; for people who try a filter on an archive.
struct Match {
    enum class By { nothing, everything, words, people, places, languages };
    By by = By::nothing;
    std::size_t phrase = 0;  // of words: which one
    explicit operator bool() const { return by != By::nothing; }
};

/// Text with small letters, white space as spaces. @param is_html  tags are left out, the five
/// named characters and numbers of HTML are read.
class Folder {
public:
    Folder();
    void fold(std::string_view text, bool is_html, std::string& out) const;

private:
    std::vector<std::uint16_t> small_;  // of U+0080 to U+07FF, as far as its small letter is there
};

class Matcher {
public:
    explicit Matcher(Filter const&);
    Match match(Facts const&);

private:
    struct Term {
        std::size_t bytes = 0;
        bool begins_as_word = false, ends_as_word = false;
        std::vector<std::uint32_t> phrases;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    void build(std::vector<std::string> const& terms);
    bool has_language(Facts const&) const;
    bool has_person(Facts const&) const;
    bool has_place(Facts const&) const;
    /// The phrase that is there; -1: none.
    std::int64_t find_phrase(Facts const&);
    bool meet_terms(std::uint32_t state, std::string_view text, std::size_t end,
                    std::int64_t& found);

    Filter filter_;
    Folder folder_;
    std::vector<Term> terms_;
    std::vector<std::uint32_t> needed_;  // different terms of each phrase
    std::unordered_set<std::string, Hash, std::equal_to<>> people_;

    // The states: next_[state * width_ + class_[byte]]; its highest bit says that terms end there.
    std::array<std::uint16_t, 256> class_{};
    std::uint32_t width_ = 1;
    std::vector<std::uint32_t> next_;
    std::vector<std::uint32_t> ends_,
        also_;  // of a state: a term + 1, and the state to look at next

    // What the message at hand has: valid when the stamp is that of the message.
    std::uint32_t stamp_ = 0;
    std::vector<std::uint32_t> term_stamp_, phrase_stamp_, phrase_met_;
    std::string folded_, scratch_;
};

}  // namespace lares::capture
