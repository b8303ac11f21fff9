// control/pages.cc: HTML, put together line by line.

#include "control/pages.h"

#include <algorithm>
#include <ctime>

#include "text/template.h"
#include "text/value.h"

namespace lares::control {

namespace {

// clang-format off
constexpr PageAction actions[] = {
    //  name          operation                       process role             button
    {"refresh",    "",                                false, Role::viewer,    "Refresh"},
    {"restartall", "system.multicall",                false, Role::operator_, "Restart All"},
    {"stopall",    "supervisor.stopAllProcesses",     false, Role::operator_, "Stop All"},
    {"start",      "supervisor.startProcess",         true,  Role::operator_, "Start"},
    {"restart",    "system.multicall",                true,  Role::operator_, "Restart"},
    {"stop",       "supervisor.stopProcess",          true,  Role::operator_, "Stop"},
    {"clearlog",   "supervisor.clearProcessLog",      true,  Role::operator_, "Clear Log"},
};
// clang-format on

constexpr std::string_view css =
    "body{font:15px/1.4 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;"
    "color:#1c1c1c;background:#fff}h1{font-size:1.4em}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.35em .8em .35em 0;border-bottom:1px solid #ddd;"
    "vertical-align:top}form{display:inline}button{font:inherit;padding:.1em .6em}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f5f5f5;padding:1em}"
    ".message{padding:.5em 1em;background:#eef4ff;border-left:4px solid #3465a4}"
    ".RUNNING{color:#1b6e1b}.FATAL,.BACKOFF,.UNKNOWN{color:#b00020;font-weight:bold}"
    "@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#161616}"
    "th,td{border-color:#444}pre{background:#222}.message{background:#1d2a3d}a{color:#8ab4f8}"
    ".RUNNING{color:#7ccf7c}.FATAL,.BACKOFF,.UNKNOWN{color:#ff8a8a}}";

std::string page(std::string_view title, std::string_view body) {
    std::string html =
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>";
    html.append(escape_html(title)).append("</title>\n");
    html += "<link rel=\"stylesheet\" href=\"/stylesheets/supervisor.css\"></head>\n<body>\n";
    return html.append(body).append("</body></html>\n");
}

std::string hidden(std::string_view name, std::string_view value) {
    return "<input type=\"hidden\" name=\"" + std::string(name) + "\" value=\"" +
           escape_html(value) + "\">";
}

std::string button(PageAction const& action, std::string_view process) {
    std::string html = "<form method=\"post\" action=\"/index.html\">";
    if (action.names_process) html += hidden("processname", process);
    html += hidden("action", action.name);
    return html.append("<button>").append(action.button).append("</button></form>\n");
}

std::string buttons(std::initializer_list<std::string_view> names, std::string_view process) {
    std::string html;
    for (auto name : names) html += button(*find_page_action(name), process);
    return html;
}

std::string link(std::string const& target, std::string_view words) {
    return "<a href=\"" + escape_html(target) + "\">" + std::string(words) + "</a>\n";
}

std::string row_html(PageRow const& row, bool may_act) {
    std::string encoded = text::encode_percent(row.name);
    std::string html = "<tr><td class=\"" + escape_html(row.state) + "\">";
    html.append(escape_html(row.state)).append("</td><td>").append(escape_html(row.description));
    html += "</td><td>" + link("/tail.html?processname=" + encoded, escape_html(row.name)) +
            "</td><td>\n";
    bool is_down = row.state == "STOPPED" || row.state == "EXITED" || row.state == "FATAL";
    if (may_act && row.state == "RUNNING") html += buttons({"restart", "stop"}, row.name);
    if (may_act && is_down) html += buttons({"start"}, row.name);
    if (may_act) html += buttons({"clearlog"}, row.name);
    html += link("/logtail/" + encoded, "Tail -f Stdout");
    if (row.has_err_log) html += link("/logtail/" + encoded + "/stderr", "Tail -f Stderr");
    return html + "</td></tr>\n";
}

/// supervisord's words for what kept a start from happening.
std::string_view start_trouble(Fault fault) {
    switch (fault) {
    case Fault::no_file:
        return "no such file";
    case Fault::not_executable:
        return "file not executable";
    case Fault::already_started:
        return "already started";
    case Fault::spawn_error:
        return "spawn error";
    case Fault::abnormal_termination:
        return "abnormal termination";
    default:  // all others have one sentence
        return "";
    }
}

std::string trouble(PageAction const& action, std::string const& process, Outcome const& outcome) {
    if (outcome.fault == Fault::bad_name) return "No such process named " + process;
    auto known = action.name == "start" ? start_trouble(outcome.fault) : std::string_view();
    std::string words(known);
    if (known.empty())
        words = "unexpected rpc fault [" + std::to_string(static_cast<int>(outcome.fault)) + "] " +
                fault_text(outcome);
    return "ERROR: Process " + process + ": " + words;
}

/// strftime() in UTC, with '@' for the day's name and '#' for the month's: its %a and %b speak the
/// user's language.
std::string print_date(WallTime at, std::string layout) {
    static constexpr char const* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr char const* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::time_t seconds = std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    layout.replace(layout.find('@'), 1, days[parts.tm_wday]);
    layout.replace(layout.find('#'), 1, months[parts.tm_mon]);
    char text[48];
    return std::string(text, std::strftime(text, sizeof text, layout.c_str(), &parts));
}

}  // namespace

std::string escape_html(std::string_view text) {
    return text::escape(text::clean_utf8(text), text::Target::html);
}

std::string status_page(StatusView const& view) {
    bool may_act = view.role >= Role::operator_;
    std::string body = "<h1>" + escape_html(view.identifier) + "</h1>\n";
    if (!view.message.empty())
        body += "<p class=\"message\">" + escape_html(view.message) + "</p>\n";
    body += "<p>" + buttons({"refresh"}, "");
    if (may_act) body += buttons({"restartall", "stopall"}, "");
    body += link("/mainlogtail", "Main log") + "</p>\n";
    if (view.rows.empty()) return page(view.identifier, body + "<p>No programs to manage</p>\n");
    body +=
        "<table><thead><tr><th>State</th><th>Description</th><th>Name</th><th>Action</th></tr>"
        "</thead><tbody>\n";
    for (auto const& row : view.rows) body += row_html(row, may_act);
    return page(view.identifier, body + "</tbody></table>\n");
}

std::string action_refused_page(std::string_view name, std::string_view process) {
    std::string body =
        "<h1>Nothing was done</h1>\n<p>A GET request changes nothing here: any web "
        "page could make a browser send one. Send the same as POST, for example "
        "with <code>curl -X POST</code>";
    auto const* action = find_page_action(name);
    body += action ? ", or press this button:</p>\n<p>" + button(*action, process)
                   : std::string(". '") + escape_html(name) + "' is no action, though.";
    return page("Nothing was done", body + "</p>\n<p>" + link("/", "All processes") + "</p>\n");
}

std::string tail_page(std::string_view process, std::string_view text) {
    return page(std::string("Log of ") + std::string(process),
                "<h1>" + escape_html(process) + "</h1>\n<pre>" + escape_html(text) + "</pre>\n<p>" +
                    link("/", "All processes") + "</p>\n");
}

std::string words_page(std::string_view title, std::string_view words) {
    return page(title, "<h1>" + escape_html(title) + "</h1>\n<p>" + escape_html(words) +
                           "</p>\n<p>" + link("/", "All processes") + "</p>\n");
}

std::string form_page(std::string_view title, std::string_view words, std::string_view target,
                      std::string_view button) {
    return page(title, "<h1>" + escape_html(title) + "</h1>\n<p>" + escape_html(words) +
                           "</p>\n<form method=\"post\" action=\"" + escape_html(target) +
                           "\"><button>" + escape_html(button) + "</button></form>\n");
}

std::string_view style_sheet() { return css; }

ports::HttpReply page_reply(int status, std::string html) {
    return {.status = status,
            .headers = {{"Content-Type", "text/html; charset=utf-8"},
                        {"Cache-Control", "no-store"},
                        {"Content-Security-Policy",
                         "default-src 'none'; style-src 'self'; form-action 'self'; "
                         "frame-ancestors 'none'; base-uri 'none'"},
                        {"X-Frame-Options", "DENY"},
                        {"X-Content-Type-Options", "nosniff"},
                        {"Referrer-Policy", "same-origin"}},
            .body = std::move(html)};
}

PageAction const* find_page_action(std::string_view name) {
    auto const* found = std::ranges::find(actions, name, &PageAction::name);
    return found == std::end(actions) ? nullptr : found;
}

text::Array page_parameters(PageAction const& action, std::string const& process) {
    auto step = [](char const* method, text::Array parameters) {
        return text::Value(text::Struct{{"methodName", method}, {"params", std::move(parameters)}});
    };
    if (action.name == "restartall")
        return {text::Value(text::Array{step("supervisor.stopAllProcesses", {}),
                                        step("supervisor.startAllProcesses", {})})};
    if (action.name == "restart")
        return {text::Value(text::Array{step("supervisor.stopProcess", {text::Value(process)}),
                                        step("supervisor.startProcess", {text::Value(process)})})};
    if (action.names_process) return {text::Value(process)};
    return {};
}

std::string page_message(PageAction const& action, std::string const& process, Answer const& answer,
                         std::string const& when) {
    if (auto const* outcome = std::get_if<Outcome>(&answer))
        return trouble(action, process, *outcome);
    if (action.name == "refresh") return "Page refreshed at " + when;
    if (action.name == "stopall") return "All stopped at " + when;
    if (action.name == "restartall") return "All restarted at " + when;
    if (action.name == "clearlog") return "Log for " + process + " cleared";
    std::string_view done = action.name == "stop"      ? " stopped"
                            : action.name == "restart" ? " restarted"
                                                       : " started";
    return "Process " + process + std::string(done);
}

std::string print_ctime(WallTime at, int offset_seconds) {
    return print_date(at + std::chrono::seconds(offset_seconds), "@ # %e %H:%M:%S %Y");
}

std::string print_http_date(WallTime at) { return print_date(at, "@, %d # %Y %H:%M:%S GMT"); }

}  // namespace lares::control
