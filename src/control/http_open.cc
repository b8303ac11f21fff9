// control/http_open.cc: what needs no login (the public page), what a token in the address opens
// (the calendar), and numbers for machines.

#include "control/coming.h"
#include "control/http_face.h"
#include "control/metrics.h"
#include "control/pages.h"
#include "control/public_status.h"
#include "control/rest_json.h"
#include "text/query.h"

namespace lares::control {

namespace {

constexpr std::int64_t usual_days = 30, most_days = 366;
constexpr std::size_t most_runs = 5'000;

text::Fields query_fields(std::string_view target) {
    auto mark = target.find('?');
    if (mark == target.npos) return {};
    return text::parse_query(target.substr(mark + 1, target.find('#') - mark - 1));
}

ports::HttpReply typed_reply(std::string_view type, std::string body) {
    return {
        .status = 200, .headers = {{"Content-Type", std::string(type)}}, .body = std::move(body)};
}

}  // namespace

bool Face::route_open(ports::HttpRequested const& request, std::string_view path,
                      Caller const& caller) {
    bool is_look = request.method == "GET" || request.method == "HEAD";
    if (!is_look) return false;
    if (path == "/status" || path == "/status.json")
        return show_public(request, path == "/status.json"), true;
    if (path == "/status.css")
        return wire_.reply(request.request,
                           typed_reply("text/css; charset=utf-8", std::string(public_style()))),
               true;
    if (path == "/calendar.ics") return show_calendar(request, caller), true;
    if (path != "/metrics") return false;
    if (caller.role < Role::viewer)
        return say(request.request, 403, refusal_of(caller, "/metrics", Role::viewer)), true;
    return show_metrics(request.request), true;
}

void Face::show_public(ports::HttpRequested const& request, bool as_json) {
    auto items = public_items(house_, house_.work().tasks());
    if (items.empty()) return say(request.request, 404, "nothing here is public");
    auto now = house_.wall();
    if (as_json)
        return wire_.reply(request.request,
                           typed_reply("application/json", rest_json(public_value(items, now))));
    auto when = print_ctime(now, house_.local_offset_seconds(now));
    auto language = text::field(query_fields(request.target), "lang");
    auto reply = typed_reply("text/html; charset=utf-8", public_page(items, language, when));
    reply.headers.emplace_back("Content-Security-Policy",
                               "default-src 'none'; style-src 'self'; frame-ancestors 'none'; "
                               "base-uri 'none'; form-action 'none'");
    wire_.reply(request.request, std::move(reply));
}

/// Programs that show calendars can send no login, only an address.
void Face::show_calendar(ports::HttpRequested const& request, Caller const& caller) {
    auto fields = query_fields(request.target);
    auto token = text::field(fields, "token");
    bool may = caller.role >= Role::viewer || keys_.find_token(token, house_.wall());
    if (!may)
        return wire_.reply(
            request.request,
            {.status = 401,
             .headers = {{"Content-Type", "text/plain;charset=utf-8"}, {"Connection", "close"}},
             .body = "write /calendar.ics?token=TOKEN; lares token create makes one\n",
             .hold = token.empty() ? Duration(0) : doorman_.hold_after_failure(request.peer)});
    std::int64_t days = usual_days;
    auto asked = text::field(fields, "days");
    if (!asked.empty()) days = std::clamp<std::int64_t>(std::atoll(asked.c_str()), 1, most_days);
    auto now = std::chrono::floor<std::chrono::seconds>(house_.wall()).time_since_epoch().count();
    auto outlook = coming(house_.settings(), house_.zones(), house_.host_name(), now,
                          now + days * 86'400, most_runs);
    wire_.reply(request.request, typed_reply("text/calendar; charset=utf-8",
                                             outlook_calendar(outlook, now, house_.host_name())));
}

void Face::show_metrics(ports::RequestId request) {
    open_.insert(request);
    usage_.ask([this, request](UsageMeter::Measured const& usage) {
        house_.work().store().read(ports::CountsAsked{},
                                   [this, request, usage](Result<ports::Found> const& counts) {
                                       tell_metrics(request, usage, counts);
                                   });
    });
}

void Face::tell_metrics(ports::RequestId request, UsageMeter::Measured const& usage,
                        Result<ports::Found> const& counts) {
    if (open_.erase(request) == 0) return;
    MetricsInput input{.house = house_,
                       .usage = usage,
                       .counts = counts ? &*counts : nullptr,
                       .now = now_,
                       .started = desk_.started(),
                       .calls = waiting(),
                       .viewers = live_.viewer_count(),
                       .sessions = keys_.session_count(),
                       .gaps = live_.gaps(),
                       .dropped = live_.dropped(),
                       .tasks = house_.work().tasks(),
                       .work = &house_.work(),
                       .configuration = &house_.configuration(),
                       .messages = &house_.messages()};
    for (auto index : house_.by_name()) input.processes.push_back(house_.info(index));
    wire_.reply(request,
                typed_reply("text/plain; version=0.0.4; charset=utf-8", metrics_text(input)));
}

}  // namespace lares::control
