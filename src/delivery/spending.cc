// delivery/spending.cc: counting what a message will be, as the channel will send it.

#include "delivery/spending.h"

#include <algorithm>

#include "delivery/budget.h"
#include "delivery/fit.h"
#include "text/links.h"
#include "text/sms_size.h"

namespace lares::deliver {

namespace {

using channel::Kind;

bool has_url(std::string_view text) {
    return std::ranges::any_of(text::find_links(text),
                               [](auto const& each) { return each.kind == text::Link::Kind::url; });
}

}  // namespace

bool has_units(Kind kind) { return kind == Kind::sms || kind == Kind::x; }

std::vector<Spending> spending_of(channel::Channel const& channel,
                                  message::Message const& message) {
    if (!has_units(channel.kind)) return {{"message", 1}};
    bool const is_sms = channel.kind == Kind::sms;
    auto const texts = fit(message, budget_of(channel));
    if (!texts) return {{is_sms ? "sms" : "post", 1}};
    if (is_sms) {
        std::int64_t parts = 0;
        for (auto const& each : *texts)
            parts += static_cast<std::int64_t>(text::sms_size(each.text).parts);
        auto const& numbers = message.to.empty() ? channel.to : message.to;
        auto const people = std::max<std::int64_t>(static_cast<std::int64_t>(numbers.size()), 1);
        return {{"sms", std::max<std::int64_t>(parts, 1) * people}};
    }
    auto const with = std::ranges::count_if(*texts, [](auto const& t) { return has_url(t.text); });
    auto const without = static_cast<std::int64_t>(texts->size()) - with;
    std::vector<Spending> all;
    if (without > 0) all.push_back({"post", without});
    if (with > 0) all.push_back({"post_with_link", with});
    return all;
}

std::string_view broader_unit(std::string_view unit) {
    if (unit == "post_with_link") return "post";
    return unit == "message" ? "" : "message";
}

}  // namespace lares::deliver
