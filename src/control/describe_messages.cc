// control/describe_messages.cc: deliveries and alerts as structs.

#include "control/describe_messages.h"

#include "config/delivery_values.h"
#include "control/work_parts.h"
#include "text/json_value.h"

namespace lares::control {

namespace {

text::Array texts(std::vector<std::string> const& list) {
    text::Array array;
    for (auto const& each : list) array.emplace_back(each);
    return array;
}

text::Struct delivery_members(delivery::Delivery const& row) {
    auto message = message::from_json(row.message);
    return {{"delivery", id_value(row.id)},
            {"channel", row.channel},
            {"state", std::string(delivery::name(row.state))},
            {"title", message ? message->title : std::string()},
            {"created", time_value(row.created)},
            {"not_before", time_value(row.not_before)},
            {"expires", time_value(row.expires)},
            {"ended", time_value(row.ended)},
            {"attempts", row.attempts},
            {"thread", row.thread},
            {"key", row.key},
            {"provider", row.provider},
            {"words", row.words},
            {"source", row.source},
            {"cause", id_value(row.cause)}};
}

}  // namespace

text::Value channel_value(ChannelInfo const& info) {
    auto const& channel = info.settings->channel;
    auto const& standing = info.standing;
    return text::Struct{{"channel", channel.name},
                        {"type", std::string(channel::name(channel.kind))},
                        {"url", channel.url},
                        {"to", texts(channel.to)},
                        {"waiting", static_cast<std::int64_t>(standing.waiting)},
                        {"sending", static_cast<std::int64_t>(standing.sending)},
                        {"paused", standing.is_paused},
                        {"trouble", info.no_sender.empty() ? standing.trouble : info.no_sender},
                        {"failures", standing.failures},
                        {"held_by", standing.kept},
                        {"held_until", time_value(standing.held_until.value_or(WallTime{}))},
                        {"budget", channel.budget}};
}

text::Value budget_value(BudgetInfo const& info) {
    auto const& settings = *info.settings;
    auto const& currency = settings.currency;
    auto print = [&](budget::Amount amount) { return budget::print_amount(amount, currency); };
    auto const scale = currency.empty() ? 1'000'000 : 1;
    text::Array prices, reserved;
    for (auto const& each : settings.prices)
        prices.push_back(
            text::Struct{{"unit", each.name},
                         {"price", print(each.micros / scale)},
                         {"from", time_value(WallTime(std::chrono::days(each.from_day)))}});
    for (auto const& each : info.state.reserved)
        reserved.push_back(text::Struct{{"reservation", each.id},
                                        {"amount", print(each.amount)},
                                        {"until", time_value(each.until)}});
    auto const& standing = info.standing;
    return text::Struct{{"budget", settings.name},
                        {"limit", print(settings.limit_micros / scale)},
                        {"currency", currency},
                        {"period", std::string(budget::name(info.state.every))},
                        {"hard", settings.hard},
                        {"spent", print(standing.spent)},
                        {"reserved", print(standing.reserved)},
                        {"left", print(standing.left)},
                        {"begins", time_value(standing.begins)},
                        {"ends", time_value(standing.ends)},
                        {"count", number_value(info.state.count)},
                        {"blocked", standing.is_blocked},
                        {"words", standing.words},
                        {"channels", texts(info.channels)},
                        {"prices", std::move(prices)},
                        {"reservations", std::move(reserved)}};
}

text::Value delivery_value(delivery::Delivery const& row) { return delivery_members(row); }

text::Value delivery_details(delivery::Delivery const& row) {
    auto members = delivery_members(row);
    auto message = text::parse_json(row.message, {.bytes = message::message_bytes});
    members.emplace_back("message",
                         message ? std::move(message).take() : text::Value(text::Struct{}));
    return members;
}

text::Value alert_value(AlertInfo const& info) {
    auto const& row = info.row;
    text::Array members;
    std::int64_t open = 0;
    for (auto const& member : info.members) {
        bool is_over = member.ended != WallTime{};
        open += is_over ? 0 : 1;
        members.push_back(text::Struct{{"subject", member.subject},
                                       {"kind", std::string(alert::row_of(member.kind).name)},
                                       {"severity", std::string(alert::name(member.severity))},
                                       {"words", member.words},
                                       {"count", member.count},
                                       {"since", time_value(member.opened)},
                                       {"last", time_value(member.last)},
                                       {"ended", time_value(member.ended)},
                                       {"event", id_value(member.event)}});
    }
    text::Array told;
    for (auto const& leg : row.legs)
        told.push_back(text::Struct{{"route", leg.route},
                                    {"steps", leg.step},
                                    {"notices", leg.told},
                                    {"last", time_value(leg.last)}});
    return text::Struct{{"alert", id_value(row.id)},
                        {"subject", row.subject},
                        {"state", std::string(alert::name(row.state))},
                        {"severity", std::string(alert::name(row.severity))},
                        {"opened", time_value(row.opened)},
                        {"ended", time_value(row.ended)},
                        {"words", row.words},
                        {"who", row.who},
                        {"acknowledged", time_value(row.acknowledged)},
                        {"open", open},
                        {"uncounted", number_value(row.uncounted)},
                        {"members", std::move(members)},
                        {"told", std::move(told)}};
}

}  // namespace lares::control
