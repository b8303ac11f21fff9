// delivery/fit.cc: the parts of a message in their order, and leaving out until they fit.

#include "delivery/fit.h"

#include <algorithm>
#include <limits>

#include "delivery/fit_split.h"
#include "text/links.h"
#include "text/sms_size.h"
#include "text/utf8.h"
#include "text/value.h"

namespace lares::deliver {

namespace {

/// One block of lines of a message.
struct Block {
    enum class Role { title, text, field, must, details } role;
    std::string words;
    int priority = 0;
    /// Bytes at its beginning without which the rest says nothing: a field's label.
    std::size_t head = 0;
};

constexpr int text_priority = 50;
constexpr std::size_t least_of_value =
    4;  // of a field's value, with its ellipsis; less says nothing

std::string clean(std::string_view bytes) {
    std::string made;
    for (char c : bytes) {
        auto const code = static_cast<unsigned char>(c);
        if ((code >= 0x20 && code != 0x7F) || c == '\n' || c == '\t') made += c;
    }
    return text::clean_utf8(made);
}

std::string trimmed(std::string text) {
    auto const begin = text.find_first_not_of(" \t\n");
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\n") + 1 - begin);
}

std::string one_row(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

std::string tags_of(message::Message const& message) {
    std::string row;
    for (auto const& each : message.tags) {
        std::string const word = text::tag_word(each);
        if (!word.empty()) row += (row.empty() ? "#" : " #") + word;
    }
    return row;
}

/// Nothing but itself can part a link: spaces in it are encoded.
std::string link_of(message::Message const& message) {
    std::string link;
    for (char c : trimmed(clean(message.link))) {
        if (c == ' ' || c == '\n' || c == '\t')
            link += "%20";
        else
            link += c;
    }
    return link;
}

std::vector<Block> blocks_of(message::Message const& message) {
    using enum Block::Role;
    std::vector<Block> blocks;
    auto add = [&](Block::Role role, std::string words, int priority, std::size_t head = 0) {
        if (!words.empty()) blocks.push_back({role, std::move(words), priority, head});
    };
    add(title, trimmed(one_row(clean(message.title))), std::numeric_limits<int>::max());
    add(text, trimmed(clean(message.text)), text_priority);
    for (auto const& each : message.fields) {
        std::string const label = trimmed(one_row(clean(each.label)));
        std::string const value = trimmed(clean(each.value));
        if (!value.empty()) {
            std::string const head = label.empty() ? "" : label + ": ";
            add(field, head + value, each.priority, head.size());
        }
    }
    add(must, link_of(message), 0);
    add(must, tags_of(message), 0);
    std::string const last_lines = trimmed(clean(message.details));
    if (!last_lines.empty()) add(details, "\n" + last_lines, 0);
    return blocks;
}

Fitted join(std::vector<Block> const& blocks) {
    Fitted made;
    for (auto const& each : blocks) {
        if (!made.text.empty()) made.text += '\n';
        made.text += made.text.empty() ? trimmed(each.words) : each.words;
        if (each.role == Block::Role::title) made.title_bytes = made.text.size();
    }
    return made;
}

/// The one that goes next: the lowest priority, of equal ones the last; the title only when nothing
/// else is left to give. end(): only what must stay.
std::vector<Block>::iterator next_to_go(std::vector<Block>& blocks) {
    auto rank = [](Block const& each) {
        return each.role == Block::Role::details ? std::pair(0, 0) : std::pair(1, each.priority);
    };
    auto lowest = blocks.end();
    for (auto at = blocks.begin(); at != blocks.end(); ++at) {
        if (at->role == Block::Role::must) continue;
        if (lowest == blocks.end() || rank(*at) <= rank(*lowest)) lowest = at;
    }
    return lowest;
}

/// What is left of `block` when only `room` is for it; empty: not enough to say anything.
std::string cut_block(Block const& block, Cutter const& cutter, Room room) {
    if (block.role == Block::Role::details) return {};
    std::string const cut = cutter.cut(block.words, room);
    bool const is_field = block.role == Block::Role::field;
    if (!is_field) return cut;
    std::size_t const said = text::count_characters(
        cut.size() > block.head ? std::string_view(cut).substr(block.head) : std::string_view());
    return said >= least_of_value ? cut : std::string();
}

/// Leaves out until it fits; not at all when it does.
Result<Fitted> shrink(std::vector<Block> blocks, Budget const& budget) {
    Fitted all = join(blocks);
    while (!is_within(all.text, budget)) {
        auto const victim = next_to_go(blocks);
        if (victim == blocks.end())
            return Error{Error::Kind::invalid,
                         "the link and the tags alone are " +
                             std::to_string(text::length(budget.unit, all.text)) + " long, of " +
                             std::to_string(budget.most) + " that this channel allows"};
        Block const block = *victim;
        Cutter const cutter(budget, all.text);
        auto const place = blocks.erase(victim);
        Fitted const others = join(blocks);
        Room room = cutter.room_beside(others.text);
        for (Room left = room; left.units > 0; left = left.less()) {
            Block part = block;
            part.words = cut_block(block, cutter, left);
            if (part.words.empty()) break;
            auto with = blocks;
            with.insert(with.begin() + (place - blocks.begin()), part);
            all = join(with);
            if (is_within(all.text, budget)) return all;
        }
        all = others;
        if (blocks.empty())
            return Error{Error::Kind::invalid,
                         "a text of " + std::to_string(budget.most) + " has no room for anything"};
    }
    return all;
}

/// Without what no text of the thread could hold whole: "…" stands for it.
std::string without_giants(std::string_view words, Cutter const& cutter) {
    std::string made;
    std::size_t begin = 0;
    for (auto const& each : cutter.pieces(words)) {
        bool const is_giant = each.weight + mark_units > cutter.room().units ||
                              each.end - begin + mark_units > cutter.room().bytes;
        made += is_giant ? std::string_view("…") : words.substr(begin, each.end - begin);
        begin = each.end;
    }
    return made;
}

/// As many texts as it takes; when they would be too many, what is said last is left out.
Result<std::vector<Fitted>> thread(std::vector<Block> blocks, Budget const& budget) {
    Cutter const cutter(budget, join(blocks).text);
    for (auto& each : blocks)
        if (each.role != Block::Role::must) each.words = without_giants(each.words, cutter);
    std::size_t const own = budget.most == 0 ? budget.bytes : budget.most;
    Budget whole = budget;
    // Each try has a tenth less: where texts are parted at words they are not full.
    for (std::size_t share = 10; share > 0; --share) {
        whole.most = budget.most == 0 ? 0 : own * budget.texts * share / 10;
        whole.bytes = budget.bytes == 0 ? 0 : budget.bytes * budget.texts * share / 10;
        Fitted const all = TRY(shrink(blocks, whole));
        auto texts = split(all.text, budget);
        if (!texts || texts->size() > budget.texts) continue;
        std::vector<Fitted> made;
        for (auto& each : *texts) made.push_back({std::move(each), 0});
        if (made.front().text.size() > all.title_bytes) made.front().title_bytes = all.title_bytes;
        return made;
    }
    return Error{Error::Kind::invalid, "the link and the tags do not fit into one text"};
}

}  // namespace

Result<std::vector<Fitted>> fit(message::Message const& message, Budget const& budget) {
    auto blocks = blocks_of(message);
    if (blocks.empty()) return Error{Error::Kind::invalid, "the message is empty"};
    Fitted const all = join(blocks);
    if (is_within(all.text, budget)) return std::vector<Fitted>{all};
    std::erase_if(blocks, [](Block const& each) { return each.role == Block::Role::details; });
    if (blocks.empty())  // details are all there is: as good as a text
        blocks.push_back({Block::Role::text, trimmed(all.text), text_priority, 0});
    if (budget.texts <= 1) return std::vector<Fitted>{TRY(shrink(std::move(blocks), budget))};
    if (Fitted const one = join(blocks); is_within(one.text, budget))
        return std::vector<Fitted>{one};
    return thread(std::move(blocks), budget);
}

}  // namespace lares::deliver
