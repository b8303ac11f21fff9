// delivery/budget.cc: the services' own limits.

#include "delivery/budget.h"

namespace lares::deliver {

bool is_within(std::string_view text, Budget const& budget) {
    if (budget.bytes != 0 && text.size() > budget.bytes) return false;
    return budget.most == 0 || text::length(budget.unit, text) <= budget.most;
}

namespace {

constexpr std::size_t thread_texts = 20;

struct Own {
    text::LengthUnit unit;
    std::size_t most, bytes;
};

Own own_of_shape(channel::Shape shape) {
    using text::LengthUnit;
    switch (shape) {
    case channel::Shape::discord:
        return {LengthUnit::utf16, 2000, 0};
    case channel::Shape::slack:
        return {LengthUnit::code_points, 4000, 0};  // of a text that Slack promises to show whole
    case channel::Shape::matrix:
        return {LengthUnit::bytes, 24'000,
                0};  // an event has 65,536 bytes, with the text twice in JSON
    case channel::Shape::ntfy:
        return {LengthUnit::bytes, 4096, 0};
    case channel::Shape::json:
    case channel::Shape::form:
    case channel::Shape::text:
        break;
    }
    return {LengthUnit::code_points, 0, 0};
}

Own own_of(channel::Channel const& channel) {
    using text::LengthUnit;
    switch (channel.kind) {
    case channel::Kind::sms:
        return {LengthUnit::sms_parts, 3, 0};
    case channel::Kind::telegram:
        return {LengthUnit::utf16, 4096, 0};
    case channel::Kind::mastodon:
        return {LengthUnit::mastodon, 500, 0};
    case channel::Kind::x:
        return {LengthUnit::weighted, 280, 0};
    case channel::Kind::bluesky:
        return {LengthUnit::graphemes, 300, 3000};
    case channel::Kind::webhook:
        return own_of_shape(channel.shape);
    case channel::Kind::mail:
    case channel::Kind::command:
        break;
    }
    return {LengthUnit::code_points, 0, 0};
}

}  // namespace

Budget budget_of(channel::Channel const& channel) {
    Own const own = own_of(channel);
    Budget budget{own.unit, own.most, own.bytes, channel.threads ? thread_texts : 1};
    if (channel.length >= 0) budget.most = static_cast<std::size_t>(channel.length);
    return budget;
}

}  // namespace lares::deliver
