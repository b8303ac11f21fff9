// control/http_pages.cc: the routes of people: the status page, its buttons and the end of a log
// (spec §4.5).

#include <algorithm>
#include <charconv>

#include "base/limits.h"
#include "control/describe.h"
#include "control/http_face.h"
#include "control/names.h"
#include "control/operation_parts.h"
#include "control/pages.h"
#include "text/query.h"

namespace lares::control {

namespace {

constexpr std::int64_t least_tail = 1'024;

std::string_view query_of(std::string_view target) {
    auto mark = target.find('?');
    if (mark == target.npos) return {};
    auto query = target.substr(mark + 1);
    return query.substr(0, query.find('#'));
}

/// Of the query, and of the body when it is a form.
text::Fields fields_of(ports::HttpRequested const& request) {
    auto fields = text::parse_query(query_of(request.target));
    if (!request.content_type.starts_with("application/x-www-form-urlencoded")) return fields;
    auto form = text::parse_query(request.body);
    fields.insert(fields.end(), form.begin(), form.end());
    return fields;
}

/// As the original's "limit": at least 1024, whatever stands there.
std::int64_t tail_length(std::string const& limit) {
    std::int64_t number = 0;
    std::from_chars(limit.data(), limit.data() + limit.size(), number);
    return std::clamp<std::int64_t>(number, least_tail, limits::log_read_bytes);
}

StatusView look(House const& house, Caller const& caller, std::string message) {
    StatusView view{.identifier = house.identifier(),
                    .message = std::move(message),
                    .role = caller.role,
                    .rows = {}};
    auto offset = [&](WallTime at) { return house.local_offset_seconds(at); };
    for (auto index : house.by_name()) {
        auto info = house.info(index);
        view.rows.push_back({.name = full_name(info.group, info.name),
                             .state = std::string(supervise::name(info.state)),
                             .description = describe(info, house.wall(), offset),
                             .has_err_log = !info.err_log.empty()});
    }
    return view;
}

}  // namespace

bool Face::route_page(ports::HttpRequested const& request, std::string_view path,
                      Caller const& caller) {
    bool is_post = request.method == "POST";
    if (path == "/" || path == "/index.html") {
        if (is_post)
            act(request, caller);
        else
            show_status(request, caller);
        return true;
    }
    if (path == "/tail.html") return show_tail(request, caller), true;
    if (path == "/letter") return show_letter(request, caller), true;
    if (path != "/stylesheets/supervisor.css") return false;
    wire_.reply(request.request, {.status = 200,
                                  .headers = {{"Content-Type", "text/css; charset=utf-8"},
                                              {"Cache-Control", "max-age=3600"},
                                              {"X-Content-Type-Options", "nosniff"}},
                                  .body = std::string(style_sheet())});
    return true;
}

void Face::show_status(ports::HttpRequested const& request, Caller const& caller) {
    auto fields = text::parse_query(query_of(request.target));
    auto action = text::field(fields, "action");
    if (!action.empty() && action != "refresh")
        return refuse_get(request.request, action, text::field(fields, "processname"));
    wire_.reply(request.request,
                page_reply(200, status_page(look(house_, caller, text::field(fields, "message")))));
}

void Face::refuse_get(ports::RequestId request, std::string_view action, std::string_view process) {
    auto reply = page_reply(405, action_refused_page(action, process));
    reply.headers.emplace_back("Allow", "POST");
    wire_.reply(request, std::move(reply));
}

void Face::act(ports::HttpRequested const& request, Caller const& caller) {
    auto fields = fields_of(request);
    auto const* action = find_page_action(text::field(fields, "action"));
    auto process = text::field(fields, "processname");
    auto id = request.request;
    if (!action || (action->names_process && process.empty()))
        return wire_.reply(id, page_reply(400, words_page("Nothing was done",
                                                          "action must be refresh, stopall or "
                                                          "restartall, or with processname "
                                                          "start, stop, restart or clearlog")));
    if (caller.role < action->role)
        return wire_.reply(
            id, page_reply(403, words_page("Nothing was done",
                                           refusal_of(caller, action->name, action->role))));
    auto told = [this, id, action, process](Answer const& answer) {
        auto when = print_ctime(house_.wall(), house_.local_offset_seconds(house_.wall()));
        auto message = page_message(*action, process, answer, when);
        auto reply = page_reply(303, "");
        reply.headers.emplace_back("Location", "/?message=" + text::encode_percent(message));
        wire_.reply(id, std::move(reply));
    };
    if (action->operation.empty()) return told(text::Value(true));
    if (action->names_process && !find_process(house_, process))
        return told(Outcome{Fault::bad_name, process});
    begin(id, action->operation, page_parameters(*action, process), caller, told);
}

/// Trouble has status 200, as with the original: scripts look at the text.
void Face::show_tail(ports::HttpRequested const& request, Caller const& caller) {
    auto fields = fields_of(request);
    auto process = text::field(fields, "processname");
    auto id = request.request;
    if (process.empty())
        return wire_.reply(id, page_reply(200, words_page("No process name found",
                                                          "write /tail.html?processname=NAME")));
    auto length = tail_length(text::field(fields, "limit"));
    auto told = [this, id, process](Answer const& answer) {
        auto const* outcome = std::get_if<Outcome>(&answer);
        auto page = outcome ? words_page(process, "ERROR: " + fault_text(*outcome))
                            : tail_page(process, *std::get<text::Value>(answer).text());
        wire_.reply(id, page_reply(200, std::move(page)));
    };
    begin(id, "supervisor.readProcessStdoutLog", {process, -length, 0}, caller, told);
}

/// The weekly letter, fit for printing; ?until=TIME&language=de. Its style stands in it, so that it
/// can be kept as a file.
void Face::show_letter(ports::HttpRequested const& request, Caller const& caller) {
    auto fields = text::parse_query(query_of(request.target));
    text::Struct options;
    for (auto const* name : {"until", "language"})
        if (auto value = text::field(fields, name); !value.empty())
            options.emplace_back(name, std::string(value));
    auto told = [this, id = request.request](Answer const& answer) {
        auto const* outcome = std::get_if<Outcome>(&answer);
        if (outcome)
            return wire_.reply(id, page_reply(400, words_page("Letter", fault_text(*outcome))));
        auto const* page = std::get<text::Value>(answer).find("page");
        auto reply = page_reply(200, page && page->text() ? *page->text() : std::string());
        for (auto& [name, value] : reply.headers)
            if (name == "Content-Security-Policy")
                value =
                    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
                    "base-uri 'none'";
        wire_.reply(id, std::move(reply));
    };
    begin(request.request, "lares.letter", {std::move(options)}, caller, told);
}

}  // namespace lares::control
