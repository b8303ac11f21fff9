// delivery/fit_property_test.cc: 100,000 random messages in four scripts, through every channel's
// budget, judged by a counter that knows nothing of ours: it reads the result as the very signs the
// messages are made of, and adds up what each is known to weigh.

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <random>
#include <vector>

#include "delivery/fit.h"

using namespace lares;
using namespace lares::deliver;
using message::Message;
using text::LengthUnit;

namespace {

/// One sign, and by hand what it weighs on X and in septets (0: not in the alphabet of SMS).
struct Sign {
    std::string_view bytes;
    std::size_t weighted, septets;
};
// clang-format off
constexpr Sign latin[] = {{"a",1,1},{"e",1,1},{"t",1,1},{"ß",1,1},{"ü",1,1},{"é",1,1},{"e\u0301",1,0},{"ø",1,1},{"{",1,2}};
constexpr Sign cyrillic[] = {{"п",1,0},{"р",1,0},{"и",1,0},{"в",1,0},{"е",1,0},{"т",1,0},{"и\u0306",1,0}};
constexpr Sign japanese[] = {{"休",2,0},{"講",2,0},{"の",2,0},{"お",2,0},{"知",2,0},{"ら",2,0},{"せ",2,0},{"。",2,0},{"か\u3099",2,0}};
constexpr Sign mixed[] = {{"😀",2,0},{"👨‍👩‍👧‍👦",2,0},{"🇩🇪",2,0},{"👍🏽",2,0},{"1️⃣",2,0},{"سَ",2,0},{"لِ",2,0},{"ا",1,0},{"مٌ",2,0}};
constexpr Sign other[] = {{" ",1,1},{"\n",1,1},{"…",2,0},{"(",1,1},{")",1,1},{"/",1,1},{":",1,1},{".",1,1}};
// clang-format on
constexpr std::string_view urls[] = {"https://example.com/a/very/long/path/of/somewhere?q=1&r=2",
                                     "https://a.de/x", "http://b.org/c_(d)"};
constexpr std::string_view tags[] = {"#ops", "#lec12", "#休講", "#погода"};

std::size_t characters(std::string_view text, bool utf16) {
    std::size_t count = 0;
    for (unsigned char c : text) count += (c & 0xC0) != 0x80 ? (utf16 && c >= 0xF0 ? 2 : 1) : 0;
    return count;
}

struct Counts {
    std::size_t graphemes = 0, weighted = 0, mastodon = 0, septets = 0;
    bool is_gsm7 = true;
    bool is_whole = true;  // every URL and tag in it is one of ours
};

void add(Counts& counts, Sign const& sign) {
    counts.graphemes += 1;
    counts.mastodon += 1;
    counts.weighted += sign.weighted;
    counts.septets += sign.septets;
    counts.is_gsm7 = counts.is_gsm7 && sign.septets > 0;
}

/// All signs by their first byte, the longest first.
std::array<std::vector<Sign>, 256> signs_by_byte() {
    std::array<std::vector<Sign>, 256> index;
    auto put = [&](auto const& list) {
        for (Sign const& each : list)
            index[static_cast<unsigned char>(each.bytes[0])].push_back(each);
    };
    put(latin), put(cyrillic), put(japanese), put(mixed), put(other);
    for (auto& list : index)
        std::ranges::sort(list, std::greater{}, [](Sign const& each) { return each.bytes.size(); });
    return index;
}

Sign sign_at(std::string_view text) {
    static auto const index = signs_by_byte();
    for (Sign const& each : index[static_cast<unsigned char>(text[0])])
        if (text.starts_with(each.bytes)) return each;
    return {text.substr(0, 1), 1, 1};  // a digit or a letter of a label
}

Counts judge(std::string_view text) {
    Counts counts;
    while (!text.empty()) {
        auto starts = [&](std::string_view each) { return text.starts_with(each); };
        auto const url = text[0] == 'h' ? std::ranges::find_if(urls, starts) : std::end(urls);
        auto const tag = text[0] == '#' ? std::ranges::find_if(tags, starts) : std::end(tags);
        if (url != std::end(urls)) {
            counts.graphemes += url->size();
            counts.septets += url->size();
            counts.weighted += 23;
            counts.mastodon += 23;
            text.remove_prefix(url->size());
        } else if (tag != std::end(tags)) {
            bool const is_wide = *tag == "#休講";
            std::size_t const length = characters(*tag, false);
            counts.graphemes += length;
            counts.mastodon += length;
            counts.weighted += is_wide ? 5 : length;
            counts.septets += length;
            counts.is_gsm7 = counts.is_gsm7 && tag->size() == length;
            text.remove_prefix(tag->size());
        } else {
            if (text.starts_with("http") || text.starts_with("#")) counts.is_whole = false;
            Sign const sign = sign_at(text);
            add(counts, sign);
            text.remove_prefix(sign.bytes.size());
        }
    }
    return counts;
}

/// Part by part, as a phone puts them together: no sign of two is parted.
std::size_t sms_parts(std::string_view text, Counts const& counts) {
    std::size_t const alone = counts.is_gsm7 ? 160 : 70, each = counts.is_gsm7 ? 153 : 67;
    std::size_t all = 0, parts = 1, used = 0;
    for (unsigned char c : text) {
        if ((c & 0xC0) == 0x80) continue;
        std::size_t const size = counts.is_gsm7 ? (c == '{' ? 2 : 1) : (c >= 0xF0 ? 2 : 1);
        all += size;
        if (used + size > each) ++parts, used = 0;
        used += size;
    }
    return all <= alone ? 1 : parts;
}

bool slow_is_within(std::string_view text, Budget const& budget) {
    Counts const counts = judge(text);
    if (budget.bytes != 0 && text.size() > budget.bytes) return false;
    switch (budget.unit) {
    case LengthUnit::graphemes:
        return counts.graphemes <= budget.most;
    case LengthUnit::weighted:
        return counts.weighted <= budget.most;
    case LengthUnit::mastodon:
        return counts.mastodon <= budget.most;
    case LengthUnit::utf16:
        return characters(text, true) <= budget.most;
    case LengthUnit::code_points:
        return characters(text, false) <= budget.most;
    case LengthUnit::bytes:
        return text.size() <= budget.most;
    case LengthUnit::sms_parts:
        return sms_parts(text, counts) <= budget.most;
    }
    return false;
}

class Writer {
public:
    explicit Writer(unsigned seed) : random_(seed) {}
    std::size_t below(std::size_t n) { return random_() % n; }

    /// Words, URLs and tags of one script; those of Japanese with nothing between.
    std::string text(std::size_t script, std::size_t words) {
        std::string made;
        std::string const space = script == 2 ? "" : " ";
        for (std::size_t i = 0; i < words; ++i) {
            std::size_t const dice = below(12);
            if (dice == 0)
                made += std::string(urls[below(std::size(urls))]) + (space.empty() ? "。" : "");
            else if (dice == 1)
                made += (space.empty() ? "。" : "") + std::string(tags[below(std::size(tags))]) +
                        (space.empty() ? "。" : "");
            else
                made += word(script);
            made += below(9) == 0 ? std::string("\n") : space;
        }
        while (!made.empty() && (made.back() == ' ' || made.back() == '\n')) made.pop_back();
        while (!made.empty() && made.front() == '\n') made.erase(0, 1);
        return made;
    }

private:
    std::string word(std::size_t script) {
        std::string made;
        for (std::size_t n = 1 + below(9); n > 0; --n) {
            switch (script) {
            case 0:
                made += latin[below(std::size(latin))].bytes;
                break;
            case 1:
                made += cyrillic[below(std::size(cyrillic))].bytes;
                break;
            case 2:
                made += japanese[below(std::size(japanese))].bytes;
                break;
            default:
                made += mixed[below(std::size(mixed))].bytes;
            }
        }
        return made;
    }
    std::mt19937 random_;
};

constexpr Budget budgets[] = {
    {LengthUnit::weighted, 280, 0, 1},     {LengthUnit::mastodon, 500, 0, 1},
    {LengthUnit::graphemes, 300, 3000, 1}, {LengthUnit::sms_parts, 1, 0, 1},
    {LengthUnit::sms_parts, 3, 0, 1},      {LengthUnit::utf16, 400, 0, 1},
    {LengthUnit::code_points, 200, 0, 1},  {LengthUnit::bytes, 409, 0, 1},
    {LengthUnit::weighted, 280, 0, 20},    {LengthUnit::mastodon, 120, 0, 20},
    {LengthUnit::graphemes, 90, 200, 9}};

/// What is wrong with how `message` was fitted; empty: nothing.
std::string fault(Message const& message, Budget const& budget) {
    std::string whole =
        message.title + "\n" + message.text + "\n" + message.link + "\n#" + message.tags[0];
    auto const texts = fit(message, budget);
    if (!texts) return "refused: " + texts.error().what;
    if (slow_is_within(whole, budget) && (texts->size() != 1 || texts->front().text != whole))
        return "it fits, and was not left whole: '" + texts->front().text + "'";
    if (texts->size() > budget.texts) return "too many texts";
    std::string all;
    for (auto const& each : *texts) {
        if (each.text.empty()) return "an empty text";
        if (!slow_is_within(each.text, budget)) return "too long: '" + each.text + "'";
        if (!judge(each.text).is_whole) return "a link was cut: '" + each.text + "'";
        all += each.text + "\n";
    }
    if (all.find(message.link) == all.npos) return "the link is missing";
    if (all.find("#" + message.tags[0]) == all.npos) return "the tag is missing";
    return "";
}

}  // namespace

TEST_CASE("100,000 random texts in four scripts fit every channel, whole where they can be") {
    Writer writer(20261128);
    for (std::size_t i = 0; i < 100'000; ++i) {
        std::size_t const script = i % 4;
        Message message;
        message.title = writer.text(script, 1 + writer.below(3));
        std::ranges::replace(message.title, '\n', ' ');
        if (message.title.empty()) message.title = "a";
        message.text = writer.text(script, 1 + writer.below(i % 16 == 0 ? 90 : 18));
        if (message.text.empty()) message.text = "e";
        message.link = urls[writer.below(std::size(urls))];
        message.tags = {std::string(tags[writer.below(std::size(tags))].substr(1))};
        Budget const& budget = budgets[(i / 4) % std::size(budgets)];
        std::string const wrong = fault(message, budget);
        if (!wrong.empty()) {
            FAIL(wrong, "\nof message ", i, ", budget ", (i / 4) % std::size(budgets), ": '",
                 message.title, "' '", message.text, "' ", message.link, " ", message.tags[0]);
        }
    }
}
