// delivery/fit_split.cc: the walk over pieces until the room is used up, and back to the last word.

#include "delivery/fit_split.h"

#include <algorithm>
#include <limits>

#include "text/links.h"
#include "text/sms_size.h"

namespace lares::deliver {

namespace {

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max() / 4;
/// A word is left whole when no more than this is lost, or a third of the text.
constexpr std::size_t near_pieces = 24;

std::string_view trim_left(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\n"), text.size()));
    return text;
}
std::string_view trim_right(std::string_view text) {
    return text.substr(0, text.find_last_not_of(" \t\n") + 1);
}

std::size_t minus(std::size_t a, std::size_t b) { return a > b ? a - b : 0; }

bool ends_with_link(std::string_view text) {
    auto const links = text::find_links(text);
    return !links.empty() && links.back().end == text.size();
}

}  // namespace

Room Room::less() const { return {minus(units, 1 + units / 50), minus(bytes, 1 + bytes / 50)}; }

Cutter::Cutter(Budget const& budget, std::string_view whole) : budget_(budget), is_gsm7_(true) {
    std::size_t units = budget.most == 0 ? unlimited : budget.most;
    if (budget.unit == text::LengthUnit::sms_parts && budget.most != 0) {
        is_gsm7_ = text::sms_size(whole).is_gsm7;
        units = text::sms_room(is_gsm7_, budget.most);
    }
    room_ = {units, budget.bytes == 0 ? unlimited : budget.bytes};
}

std::vector<text::Piece> Cutter::pieces(std::string_view text) const {
    return text::pieces(budget_.unit, text, unlimited, is_gsm7_);
}

Room Cutter::weight(std::string_view text) const {
    Room sum;
    for (auto const& each : pieces(text)) sum.units += each.weight;
    sum.bytes = text.size();
    return sum;
}

Room Cutter::room_beside(std::string_view others) const {
    Room const used = weight(others);
    std::size_t const line = others.empty() ? 0 : 1;
    return {minus(room_.units, used.units + line), minus(room_.bytes, used.bytes + line)};
}

std::size_t Cutter::part_end(std::string_view text, Room room) const {
    auto const pieces = text::pieces(budget_.unit, text, room.units, is_gsm7_);
    std::size_t units = 0, count = 0;
    for (auto const& each : pieces) {
        if (units + each.weight > room.units || each.end > room.bytes) break;
        units += each.weight;
        ++count;
    }
    if (count == 0) return 0;
    bool const is_all = pieces[count - 1].end == text.size();
    if (is_all || pieces[count].is_space || pieces[count - 1].is_link || pieces[count].is_link)
        return pieces[count - 1].end;
    std::size_t const back = std::min(near_pieces, count / 3);
    for (std::size_t i = count; i > count - back; --i)
        if (pieces[i - 1].is_space) return pieces[i - 1].end;
    return pieces[count - 1].end;
}

std::string Cutter::cut(std::string_view text, Room room) const {
    // "…" is no character of GSM-7: it would make a short message a long one.
    std::string const dots = budget_.unit == text::LengthUnit::sms_parts ? "..." : "…";
    Room const dots_room = weight(" " + dots);
    if (room.units <= dots_room.units || room.bytes <= dots_room.bytes) return {};
    Room const left{room.units - dots_room.units, room.bytes - dots_room.bytes};
    auto const kept = trim_right(text.substr(0, part_end(text, left)));
    if (kept.empty()) return {};
    return std::string(kept) + (ends_with_link(kept) ? " " : "") + dots;
}

namespace {

std::string mark(std::size_t number, std::size_t count) {
    return " (" + std::to_string(number) + "/" + std::to_string(count) + ")";
}

/// A part that ends at the end of a line or a sentence reads best; else where the words end.
std::size_t nice_end(std::string_view text, std::size_t end) {
    if (end == text.size()) return end;
    auto const part = text.substr(0, end);
    std::size_t const least = end / 2;
    auto const line = part.rfind('\n');
    if (line != part.npos && line > least) return line + 1;
    return end;
}

/// Parts without their numbers, for which `digits` are set aside.
std::optional<std::vector<std::string_view>> part(std::string_view text, Cutter const& cutter,
                                                  std::size_t digits) {
    std::vector<std::string_view> parts;
    Room const number{4 + 2 * digits, 4 + 2 * digits};
    Room const room{minus(cutter.room().units, number.units),
                    minus(cutter.room().bytes, number.bytes)};
    for (text = trim_left(text); !text.empty(); text = trim_left(text)) {
        std::size_t const end = nice_end(text, cutter.part_end(text, room));
        if (end == 0) return std::nullopt;
        parts.push_back(trim_right(text.substr(0, end)));
        text.remove_prefix(end);
    }
    return parts;
}

}  // namespace

std::optional<std::vector<std::string>> split(std::string_view text, Budget const& budget) {
    if (is_within(text, budget)) return std::vector<std::string>{std::string(text)};
    Cutter const cutter(budget, text);
    for (std::size_t digits = 1, limit = 10; digits <= 2; ++digits, limit *= 10) {
        auto const parts = part(text, cutter, digits);
        if (!parts) return std::nullopt;
        if (parts->size() >= limit) continue;
        std::vector<std::string> texts;
        for (auto const& each : *parts) {
            texts.push_back(std::string(each) + mark(texts.size() + 1, parts->size()));
            if (!is_within(texts.back(), budget)) return std::nullopt;
        }
        return texts;
    }
    return std::nullopt;
}

}  // namespace lares::deliver
