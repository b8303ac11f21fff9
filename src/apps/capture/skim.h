// apps/capture/skim.h: a few values out of each of 200,000 JSON messages a second.
//
// Pure. One pass over the bytes, nothing allocated: what is not wanted is stepped over without
// being understood. So this tells no valid JSON from almost valid; the message is archived as it
// came either way. Any bytes give a result and end the pass (tests/fuzz/capture_fuzz.cc).

#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace lares::capture {

/// Values as they stand in the message, strings with their quotes, in the order they came.
struct Values {
    static constexpr std::size_t most = 16;  // of one slot: mentions, languages, texts
    std::string_view list[most];
    std::size_t count = 0;

    std::string_view first() const { return count == 0 ? std::string_view{} : list[0]; }
};

/// Where a value stands, "commit.record.langs.*": members by name, "*" each element of an array;
/// and the slot it goes to.
struct Path {
    std::string_view path;
    std::size_t slot;
};

class Skimmer {
public:
    explicit Skimmer(std::vector<Path> const& paths);

    /// False: `json` is not one object, as far as it was looked at. `slots` are cleared first;
    /// there are as many as the highest slot says.
    bool skim(std::string_view json, std::vector<Values>& slots) const;
    std::size_t slot_count() const { return slot_count_; }

private:
    struct Node {
        std::string name;
        std::vector<std::size_t> children;
        std::size_t each = 0;  // the node of "*"; 0: none
        std::size_t slot = none;
    };
    static constexpr std::size_t none = std::size_t(-1);
    struct Pass;

    std::size_t child(std::size_t node, std::string_view name) const;
    std::size_t add(std::size_t node, std::string_view name);

    std::vector<Node> nodes_;
    std::size_t slot_count_ = 0;
};

/// The elements of an array as they stand, until `take` returns false. False: `array` is none, or
/// breaks off.
bool each_element(std::string_view array, std::function<bool(std::string_view)> const& take);

/// The raw value at a path of what is skimmed once; empty: there is none.
std::string_view raw_at(std::string_view json, std::string_view path);
/// What it says; empty also for null.
std::string text_at(std::string_view json, std::string_view path);

/// What a raw value says: a string's text unescaped, anything else as it stands. What is no escape
/// stays as it is.
std::string plain(std::string_view raw);
/// As plain(), appended; the bytes between the quotes of a string without escapes are copied alone.
void append_plain(std::string& out, std::string_view raw);
/// The bytes between the quotes, still escaped; or the value as it stands.
std::string_view unquoted(std::string_view raw);

}  // namespace lares::capture
