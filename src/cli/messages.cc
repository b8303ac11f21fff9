// cli/messages.cc: `lares outbox`, `notify`, `channel` and `alerts`.

#include <fmt/core.h>

#include "base/drop_limits.h"
#include "cli/fields.h"
#include "cli/session.h"
#include "text/base64.h"

namespace lares::cli {
namespace {

using text::Value;

/// "key: value" of what is not empty.
void add(std::string& text, std::string const& name, std::string const& value) {
    if (!value.empty()) text += fmt::format("{:<11} {}\n", name + ":", value);
}

std::vector<std::string> split(std::string const& list) {
    std::vector<std::string> all;
    std::size_t at = 0;
    while (at <= list.size() && !list.empty()) {
        auto const comma = std::min(list.find(',', at), list.size());
        if (comma > at) all.push_back(list.substr(at, comma - at));
        at = comma + 1;
    }
    return all;
}

text::Array texts(std::string const& list) {
    text::Array array;
    for (auto const& each : split(list)) array.emplace_back(each);
    return array;
}

/// The same of each number: complaints for those that failed.
int each(Session& session, char const* method, char const* what, char const* done,
         std::vector<Value> const& more = {}) {
    int status = exit_status::done;
    if (session.request.words.size() < 2)
        return wrong_use(session, fmt::format("which {}? give its number", what));
    for (std::size_t i = 1; i < session.request.words.size(); ++i) {
        Result<std::string> const id = id_word(session.request.words[i], what);
        if (!id) return wrong_use(session, id.error().what);
        text::Array params{*id};
        params.insert(params.end(), more.begin(), more.end());
        Result<Value> const answer = session.client.call(method, std::move(params));
        if (answer) {
            print(session.doors, fmt::format("{} {}: {}", what, *id, done));
            continue;
        }
        if (answer.error().kind == Error::Kind::unavailable)
            return fail_plainly(session, answer.error());
        complain(session.doors, fmt::format("{} {}: {}", what, *id, answer.error().what));
        status = exit_status::refused;
    }
    return status;
}

std::string outbox_table(text::Array const& rows) {
    std::vector<std::vector<std::string>> lines{
        {"DELIVERY", "CHANNEL", "STATE", "CREATED", "TRIES", "TITLE", "WORDS"}};
    for (Value const& row : rows)
        lines.push_back({id_of(row, "delivery"), text_of(row, "channel"), text_of(row, "state"),
                         time_of(row, "created"), text_of(row, "attempts"), text_of(row, "title"),
                         text_of(row, "words")});
    return aligned(lines);
}

int list_outbox(Session& session) {
    auto const& request = session.request;
    text::Struct filters;
    add_given(filters, "channel", request.channel);
    add_given(filters, "state", request.state);
    add_given(filters, "since", request.since);
    filters.emplace_back("limit", request.count.empty() ? Value(50) : Value(request.count));
    Result<Value> const answer = session.client.call("lares.outbox", {std::move(filters)});
    if (!answer) return fail_plainly(session, answer.error());
    if (request.json) {
        print_json(session.doors, *answer);
        return exit_status::done;
    }
    auto const rows = list_of(*answer, "deliveries");
    print(session.doors, rows.empty() ? "no message is there" : outbox_table(rows));
    return exit_status::done;
}

std::string delivery_text(Value const& row) {
    std::string out =
        "delivery " + id_of(row, "delivery") + " by '" + text_of(row, "channel") + "'\n";
    add(out, "state", text_of(row, "state"));
    add(out, "why", text_of(row, "why"));
    add(out, "words", text_of(row, "words"));
    add(out, "tries", text_of(row, "attempts"));
    add(out, "created", time_of(row, "created"));
    add(out, "not before", time_of(row, "not_before"));
    add(out, "ended", time_of(row, "ended"));
    add(out, "provider", text_of(row, "provider"));
    add(out, "from", text_of(row, "source"));
    add(out, "cause", id_of(row, "cause"));
    auto const* message = row.find("message");
    if (message == nullptr) return out;
    add(out, "title", text_of(*message, "title"));
    auto const body = text_of(*message, "text");
    if (!body.empty()) out += "\n" + body;
    auto const details = text_of(*message, "details");
    if (!details.empty()) out += "\n" + details;
    return out;
}

int show_delivery(Session& session) {
    if (session.request.words.size() != 2)
        return wrong_use(session, "which delivery? give its number");
    Result<std::string> const id = id_word(session.request.words[1], "delivery");
    if (!id) return wrong_use(session, id.error().what);
    Result<Value> const answer = session.client.call("lares.delivery", {*id});
    if (!answer) return fail_plainly(session, answer.error());
    if (session.request.json)
        print_json(session.doors, *answer);
    else
        print(session.doors, delivery_text(*answer));
    return exit_status::done;
}

std::string alerts_table(text::Array const& rows) {
    std::vector<std::vector<std::string>> lines{
        {"ALERT", "STATE", "SEVERITY", "SINCE", "ABOUT", "OPEN", "WHO", "WORDS"}};
    for (Value const& row : rows) {
        auto const members = list_of(row, "members");
        lines.push_back(
            {id_of(row, "alert"), text_of(row, "state"), text_of(row, "severity"),
             time_of(row, "opened"), text_of(row, "subject"), text_of(row, "open"),
             text_of(row, "who"),
             members.empty() ? text_of(row, "words") : text_of(members.front(), "words")});
    }
    return aligned(lines);
}

std::string alert_text(Value const& row) {
    std::string out = "alert " + id_of(row, "alert") + " of " + text_of(row, "subject") + "\n";
    add(out, "state", text_of(row, "state"));
    add(out, "severity", text_of(row, "severity"));
    add(out, "opened", time_of(row, "opened"));
    add(out, "ended", time_of(row, "ended"));
    add(out, "in hand of", text_of(row, "who"));
    add(out, "why", text_of(row, "words"));
    for (Value const& member : list_of(row, "members"))
        out += fmt::format(
            "  {} {} since {}{}{}: {}\n", text_of(member, "subject"), text_of(member, "kind"),
            time_of(member, "since"),
            number_of(member, "count") > 1 ? " (" + text_of(member, "count") + " times)" : "",
            time_of(member, "ended").empty() ? "" : ", over", text_of(member, "words"));
    for (Value const& leg : list_of(row, "told"))
        out += fmt::format("  told {}: {} messages, the last {}\n", text_of(leg, "route"),
                           text_of(leg, "notices"), time_of(leg, "last"));
    return out;
}

Result<Value> ask_alerts(Session& session, text::Struct filters) {
    return session.client.call("lares.alerts", {std::move(filters)});
}

int list_alerts(Session& session) {
    auto const& request = session.request;
    Result<Value> const answer =
        ask_alerts(session, {{"state", request.state.empty() ? "open" : request.state},
                             {"limit", request.count.empty() ? Value(50) : Value(request.count)}});
    if (!answer) return fail_plainly(session, answer.error());
    if (request.json) {
        print_json(session.doors, *answer);
        return exit_status::done;
    }
    auto const rows = list_of(*answer, "alerts");
    print(session.doors,
          rows.empty() ? "nothing is wrong that anybody was told of" : alerts_table(rows));
    return exit_status::done;
}

int show_alert(Session& session) {
    if (session.request.words.size() != 2)
        return wrong_use(session, "which alert? give its number");
    Result<std::string> const id = id_word(session.request.words[1], "alert");
    if (!id) return wrong_use(session, id.error().what);
    Result<Value> const answer = ask_alerts(session, {{"alert", *id}});
    if (!answer) return fail_plainly(session, answer.error());
    auto const rows = list_of(*answer, "alerts");
    if (rows.empty()) {
        complain(session.doors, "there is no alert " + *id);
        return exit_status::refused;
    }
    if (session.request.json)
        print_json(session.doors, rows.front());
    else
        print(session.doors, alert_text(rows.front()));
    return exit_status::done;
}

std::string channels_table(text::Array const& rows) {
    std::vector<std::vector<std::string>> lines{{"CHANNEL", "TYPE", "WAITING", "STATE", "TO"}};
    for (Value const& row : rows) {
        std::string to;
        for (Value const& each : list_of(row, "to"))
            if (each.text() != nullptr) to += (to.empty() ? "" : ", ") + *each.text();
        std::string state = text_of(row, "trouble");
        if (switch_of(row, "paused")) state = "paused";
        auto const held = time_of(row, "held_until");
        if (!held.empty()) state += (state.empty() ? "held until " : "; until ") + held;
        lines.push_back({text_of(row, "channel"), text_of(row, "type"), text_of(row, "waiting"),
                         state.empty() ? "works" : state, to});
    }
    return aligned(lines);
}

int list_channels(Session& session) {
    return show_list(session, "lares.channels", channels_table,
                     "no channel is configured; write a [channel:NAME]");
}

int tell_end(Session& session, Value const& row) {
    bool const is_sent = text_of(row, "state") == "sent";
    auto words = fmt::format("{}: {}{}{}", text_of(row, "channel"), text_of(row, "state"),
                             text_of(row, "words").empty() ? "" : ": ", text_of(row, "words"));
    if (session.request.json)
        print_json(session.doors, row);
    else if (is_sent)
        print(session.doors, words);
    else
        complain(session.doors, words);
    return is_sent ? exit_status::done : exit_status::refused;
}

int test_channel(Session& session) {
    Result<Value> const answer =
        session.client.call("lares.test_channel", {session.request.words[1]});
    if (!answer) return fail_plainly(session, answer.error());
    return tell_end(session, *answer);
}

/// What goes along, with its bytes.
Result<text::Array> files_of(Session const& session) {
    text::Array files;
    for (auto const& path : split(session.request.attach)) {
        Result<std::string> bytes = session.doors.world.read_file(path);
        if (!bytes) return std::move(bytes).error().during(path);
        auto const slash = path.find_last_of('/');
        files.push_back(text::Struct{{"name", slash == path.npos ? path : path.substr(slash + 1)},
                                     {"base64", text::encode_base64(*bytes)}});
    }
    return files;
}

Result<text::Struct> message_of(Session const& session) {
    auto const& request = session.request;
    text::Struct message;
    std::string body = request.text;
    if (body.empty())
        while (auto const line = session.doors.keyboard.read_line()) body += *line + "\n";
    add_given(message, "title", request.title);
    add_given(message, "text", body);
    add_given(message, "link", request.link);
    add_given(message, "severity", request.severity);
    add_given(message, "key", request.key);
    add_given(message, "thread", request.thread);
    add_given(message, "at", request.at);
    add_given(message, "expires", request.expires);
    if (!request.to.empty()) message.emplace_back("to", texts(request.to));
    if (!request.attach.empty()) message.emplace_back("files", TRY(files_of(session)));
    return message;
}

}  // namespace

int outbox(Session& session) {
    auto const& words = session.request.words;
    if (words.empty() || words[0] == "list") return list_outbox(session);
    if (words[0] == "show") return show_delivery(session);
    if (words[0] == "retry")
        return each(session, "lares.retry_delivery", "delivery", "is tried again");
    if (words[0] == "drop") return each(session, "lares.drop_delivery", "delivery", "dropped");
    return wrong_use(session, "'" + words[0] + "' is none of list, show, retry and drop");
}

int alerts(Session& session) {
    auto const& words = session.request.words;
    if (words.empty() || words[0] == "list") return list_alerts(session);
    if (words[0] == "show") return show_alert(session);
    if (words[0] == "ack")
        return each(session, "lares.acknowledge", "alert", "you have it in hand",
                    {session.request.at});
    if (words[0] == "resolve") return each(session, "lares.resolve", "alert", "ended");
    return wrong_use(session, "'" + words[0] + "' is none of list, show, ack and resolve");
}

int channel(Session& session) {
    auto const& words = session.request.words;
    if (words.empty() || words[0] == "list") return list_channels(session);
    bool const is_pause = words[0] == "pause";
    if (words[0] != "test" && !is_pause && words[0] != "resume")
        return wrong_use(session, "'" + words[0] + "' is none of list, test, pause and resume");
    if (words.size() != 2) return wrong_use(session, "which channel? give its name");
    if (words[0] == "test") return test_channel(session);
    Result<Value> const answer =
        session.client.call(is_pause ? "lares.pause_channel" : "lares.resume_channel", {words[1]});
    if (!answer) return fail_plainly(session, answer.error());
    print(session.doors, words[1] + (is_pause ? ": paused" : ": goes on"));
    return exit_status::done;
}

int notify(Session& session) {
    auto message = message_of(session);
    if (!message) {
        complain(session.doors, message.error().what);
        return exit_status::refused;
    }
    text::Array names;
    for (auto const& word : session.request.words) names.emplace_back(word);
    // Not as XML-RPC: only this road takes bodies of many megabytes.
    Value const wanted =
        text::Struct{{"channels", std::move(names)}, {"message", std::move(*message)}};
    Result<Value> const answer = session.client.post(std::string(limits::message_target),
                                                     "application/json", text::to_json(wanted));
    if (!answer) return fail_plainly(session, answer.error());
    auto const ids = list_of(*answer, "deliveries");
    if (!session.request.wait) {
        if (session.request.json)
            print_json(session.doors, *answer);
        else
            for (Value const& id : ids) print(session.doors, "delivery " + text::to_json(id));
        return exit_status::done;
    }
    int status = exit_status::done;
    for (Value const& id : ids) {
        Result<Value> const row = session.client.call("lares.await_delivery", {id});
        if (!row) return fail_plainly(session, row.error());
        status = std::max(status, tell_end(session, *row));
    }
    return status;
}

}  // namespace lares::cli
