// control/message_operations.cc: channels, deliveries and alerts.

#include <algorithm>

#include "base/limits.h"
#include "control/access.h"
#include "control/describe_messages.h"
#include "control/describe_work.h"
#include "control/operation_functions.h"
#include "control/work_parts.h"
#include "text/quantity.h"

namespace lares::control {

namespace {

/// Deliveries of one call.
constexpr std::size_t most_recipients = 50;

MessageHouse& messages(Call call) { return call.house().messages(); }

/// A list of texts under `name`; none when it is not there.
std::vector<std::string> take_list(Members& members, Call call, std::string_view name, bool& good) {
    std::vector<std::string> list;
    auto const* value = members.take(name);
    if (value == nullptr) return list;
    if (value->text()) return {*value->text()};
    auto const* array = value->array();
    good = array != nullptr && array->size() <= limits::patterns;
    if (good)
        for (auto const& each : *array) {
            good = good && each.text() != nullptr;
            if (good) list.push_back(*each.text());
        }
    if (!good) call.fail(Fault::bad_arguments, std::string(name) + " must be a list of texts");
    return list;
}

/// [{name, base64}]: bytes in XML-RPC's and JSON's texts.
bool take_files(Members& members, Call call, NewMessage& wanted) {
    auto const* value = members.take("files");
    if (value == nullptr) return true;
    auto const* array = value->array();
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
        auto const* name = (*array)[i].find("name");
        auto const* content = (*array)[i].find("base64");
        bool has_both = name != nullptr && name->text() && content != nullptr && content->text();
        auto bytes = has_both ? decode_base64(*content->text()) : std::nullopt;
        if (!bytes) {
            call.fail(Fault::bad_arguments, "each of files must have a name and base64");
            return false;
        }
        wanted.files.emplace_back(*name->text(), std::move(*bytes));
    }
    if (array == nullptr) call.fail(Fault::bad_arguments, "files must be a list");
    return array != nullptr;
}

std::optional<NewMessage> read_message(Call call, text::Struct const& given) {
    Members members(given);
    NewMessage wanted{.source = "notify"};
    bool good = true;
    wanted.message.title = members.take_text("title");
    wanted.message.text = members.take_text("text");
    wanted.message.html = members.take_text("html");
    wanted.message.link = members.take_text("link");
    wanted.message.severity = members.take_text("severity");
    wanted.message.language = members.take_text("language");
    wanted.message.reply_to = members.take_text("reply_to");
    wanted.message.to = take_list(members, call, "to", good);
    if (!good) return std::nullopt;
    wanted.message.tags = take_list(members, call, "tags", good);
    if (!good) return std::nullopt;
    wanted.key = members.take_text("key");
    wanted.thread = members.take_text("thread");
    wanted.not_before = members.take_time("at", call.house(), Toward::future);
    wanted.expires = members.take_time("expires", call.house(), Toward::future);
    if (!take_files(members, call, wanted)) return std::nullopt;
    if (auto done = members.finish(); !done) {
        call.fail(outcome_of(done.error()));
        return std::nullopt;
    }
    if (wanted.message.title.empty() && wanted.message.text.empty()) {
        call.fail(Fault::bad_arguments, "a message needs a title or a text");
        return std::nullopt;
    }
    return wanted;
}

std::optional<std::vector<std::string>> channel_names(Call call, text::Value const& given) {
    std::vector<std::string> names;
    if (given.text()) names.push_back(*given.text());
    if (given.array())
        for (auto const& each : *given.array())
            if (each.text()) names.push_back(*each.text());
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (!names.empty() && names.size() <= most_recipients) return names;
    call.fail(Fault::bad_arguments, "name 1 to 50 channels");
    return std::nullopt;
}

}  // namespace

void lares_letter(Call call, Parameters const& parameters) {
    Members options(*parameters[0].members());
    auto until = options.take_time("until", call.house(), Toward::past);
    auto language = options.take_text("language");
    if (auto good = options.finish(); !good) return call.fail(outcome_of(good.error()));
    messages(call).letter(until, language, [call](Result<LetterText> letter) {
        if (!letter) return call.fail(outcome_of(letter.error()));
        call.answer(text::Struct{{"from", time_value(letter->from)},
                                 {"to", time_value(letter->to)},
                                 {"title", std::move(letter->title)},
                                 {"text", std::move(letter->text)},
                                 {"page", std::move(letter->page)}});
    });
}

void lares_channels(Call call, Parameters const&) {
    call.answer(each_value(messages(call).channels(), channel_value));
}

void lares_notify(Call call, Parameters const& parameters) {
    auto names = channel_names(call, parameters[0]);
    if (!names) return;
    auto wanted = read_message(call, *parameters[1].members());
    if (!wanted) return;
    wanted->channels = std::move(*names);
    messages(call).notify(std::move(*wanted), signed_by(call.caller()),
                          [call](Result<std::vector<delivery::Id>> ids) {
                              if (!ids) return call.fail(outcome_of(ids.error()));
                              text::Array list;
                              for (auto id : *ids) list.push_back(id_value(id));
                              call.answer(text::Struct{{"deliveries", std::move(list)}});
                          });
}

void lares_test_channel(Call call, Parameters const& parameters) {
    auto const& name = *parameters[0].text();
    // Its answer would not come: who asks for a test wants to know that now.
    for (auto const& each : messages(call).channels())
        if (each.settings->channel.name == name && !each.no_sender.empty())
            return call.fail(outcome_of(Error{Error::Kind::unavailable, each.no_sender}));
    NewMessage wanted{.channels = {name}, .source = "test"};
    wanted.message.title = "Lares: a test of channel '" + text::clean_utf8(name) + "'";
    wanted.message.text = "Asked for by " + signed_by(call.caller()) +
                          ". When you read this, messages reach you here.\n";
    wanted.expires = call.house().wall() + std::chrono::minutes(10);
    messages(call).notify(
        std::move(wanted), signed_by(call.caller()), [call](Result<std::vector<delivery::Id>> ids) {
            if (!ids) return call.fail(outcome_of(ids.error()));
            messages(call).when_delivered(ids->front(), [call](Result<delivery::Delivery> row) {
                if (!row) return call.fail(outcome_of(row.error()));
                call.answer(delivery_value(*row));
            });
        });
}

void lares_pause_channel(Call call, Parameters const& parameters) {
    messages(call).pause_channel(*parameters[0].text(), true, signed_by(call.caller()),
                                 settle(call));
}

void lares_resume_channel(Call call, Parameters const& parameters) {
    messages(call).pause_channel(*parameters[0].text(), false, signed_by(call.caller()),
                                 settle(call));
}

void lares_outbox(Call call, Parameters const& parameters) {
    Members filters(*parameters[0].members());
    ports::DeliveriesAsked asked;
    asked.channel = filters.take_text("channel");
    asked.state = filters.take_text("state");
    asked.source = filters.take_text("source");
    asked.before = filters.take_id("before");
    asked.cause = filters.take_id("cause");
    asked.since = filters.take_time("since", call.house(), Toward::past);
    asked.until = filters.take_time("until", call.house(), Toward::past);
    asked.limit = filters.take_count("limit", 100, limits::store_rows);
    if (auto good = filters.finish(); !good) return call.fail(outcome_of(good.error()));
    ask_store(call, asked, [call, limit = asked.limit](ports::Found const& found) {
        bool more = found.deliveries.size() >= limit;
        auto last = found.deliveries.empty() ? 0 : found.deliveries.back().id;
        call.answer(text::Struct{{"deliveries", each_value(found.deliveries, delivery_value)},
                                 {"more", more},
                                 {"next", id_value(more ? last : 0)}});
    });
}

void lares_delivery(Call call, Parameters const& parameters) {
    auto id = id_parameter(call, parameters, 0, "delivery");
    if (!id) return;
    ask_store(call, ports::DeliveriesAsked{.id = *id, .limit = 1},
              [call, id = *id](ports::Found const& found) {
                  if (found.deliveries.empty())
                      return call.fail(missing("there is no delivery " + std::to_string(id)));
                  auto value = delivery_details(found.deliveries.front());
                  auto why = messages(call).why_delivery(id);
                  std::get<text::Struct>(value.held).emplace_back("why", why.value_or(""));
                  call.answer(std::move(value));
              });
}

void lares_await_delivery(Call call, Parameters const& parameters) {
    auto id = id_parameter(call, parameters, 0, "delivery");
    if (!id) return;
    messages(call).when_delivered(*id, [call](Result<delivery::Delivery> row) {
        if (!row) return call.fail(outcome_of(row.error()));
        call.answer(delivery_value(*row));
    });
}

void lares_retry_delivery(Call call, Parameters const& parameters) {
    if (auto id = id_parameter(call, parameters, 0, "delivery"))
        messages(call).retry_delivery(*id, signed_by(call.caller()), settle(call));
}

void lares_drop_delivery(Call call, Parameters const& parameters) {
    if (auto id = id_parameter(call, parameters, 0, "delivery"))
        messages(call).drop_delivery(*id, signed_by(call.caller()), settle(call));
}

void lares_alerts(Call call, Parameters const& parameters) {
    Members filters(*parameters[0].members());
    ports::AlertsAsked asked{.with_members = true};
    asked.state = filters.take_text("state");
    asked.subject = filters.take_text("subject");
    asked.id = filters.take_id("alert");
    asked.before = filters.take_id("before");
    asked.limit = filters.take_count("limit", 100, 1'000);
    if (auto good = filters.finish(); !good) return call.fail(outcome_of(good.error()));
    if (asked.state == "open" && asked.subject.empty() && asked.id == 0 && asked.before == 0)
        return call.answer(text::Struct{
            {"alerts", each_value(messages(call).open_alerts(), alert_value)}, {"more", false}});
    ask_store(call, asked, [call, limit = asked.limit](ports::Found const& found) {
        std::vector<AlertInfo> all;
        for (auto const& row : found.alerts) {
            AlertInfo info{.row = alert::read_alert(row.record)};
            for (auto const& member : found.members)
                if (member.alert == row.id)
                    info.members.push_back(alert::read_member(member.record));
            all.push_back(std::move(info));
        }
        bool more = found.alerts.size() >= limit;
        call.answer(text::Struct{{"alerts", each_value(all, alert_value)}, {"more", more}});
    });
}

void lares_acknowledge(Call call, Parameters const& parameters) {
    auto id = id_parameter(call, parameters, 0, "alert");
    if (!id) return;
    Duration span{0};
    if (auto const& text = *parameters[1].text(); !text.empty()) {
        auto read = text::parse_duration(text);
        if (!read || *read <= Duration(0) || *read > std::chrono::hours(24 * 90))
            return call.fail(Fault::bad_arguments,
                             "write how long you have it in hand, such as 2h, at most 90d");
        span = *read;
    }
    messages(call).acknowledge(*id, signed_by(call.caller()), span, settle(call));
}

void lares_resolve(Call call, Parameters const& parameters) {
    if (auto id = id_parameter(call, parameters, 0, "alert"))
        messages(call).resolve_alert(*id, signed_by(call.caller()), settle(call));
}

}  // namespace lares::control
