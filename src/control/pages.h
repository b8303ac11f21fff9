// control/pages.h: the plain status page and its kin, as HTML without a script.
//
// Pure text. Everything a user, a program or a stranger named is escaped; the policy header that
// goes with it forbids scripts, frames and anything from elsewhere. What is asked by a button is a
// POST (docs/decisions/0011-roles-and-routes.md). Words of messages are supervisord's (spec §4.5).

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/faults.h"
#include "control/operation.h"
#include "ports/wire.h"
#include "text/query.h"

namespace lares::control {

/// One process on the status page.
struct PageRow {
    std::string name;  // as namespecs are written
    std::string state;
    std::string description;
    bool has_err_log = false;
};

struct StatusView {
    std::string identifier;
    std::string message;  // of what was done before; empty: none
    Role role = Role::viewer;
    std::vector<PageRow> rows;
};

std::string status_page(StatusView const&);
/// Says why a GET does not act, and offers the button that does.
std::string action_refused_page(std::string_view action, std::string_view process);
std::string tail_page(std::string_view process, std::string_view text);
/// A heading and a sentence.
std::string words_page(std::string_view title, std::string_view words);
/// And a button that posts to `target`.
std::string form_page(std::string_view title, std::string_view words, std::string_view target,
                      std::string_view button);
std::string_view style_sheet();

/// &, <, >, and both quotes as entities; bytes that HTML cannot hold as U+FFFD.
std::string escape_html(std::string_view text);

/// An answer with the headers that every page of ours has.
ports::HttpReply page_reply(int status, std::string html);

/// What a button asks for: an operation, and who may.
struct PageAction {
    std::string_view name;       // "stopall"
    std::string_view operation;  // empty: nothing is done
    bool names_process;          // takes processname
    Role role;
    std::string_view button;  // its words
};

/// Null for an unknown action.
PageAction const* find_page_action(std::string_view name);
/// The parameters of its operation.
text::Array page_parameters(PageAction const&, std::string const& process);
/// "Process web started", "ERROR: Process web: spawn error", as the original words it.
/// @param when  the local time as ctime() prints it.
std::string page_message(PageAction const&, std::string const& process, Answer const&,
                         std::string const& when);

/// "Sun Nov 22 05:44:00 2026".
std::string print_ctime(WallTime at, int offset_seconds);
/// "Sun, 22 Nov 2026 05:44:00 GMT", for headers.
std::string print_http_date(WallTime at);

}  // namespace lares::control
