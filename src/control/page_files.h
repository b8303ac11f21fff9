// control/page_files.h: the page that the binary carries: one HTML, one script, one style sheet.
//
// Static bytes without a word about this house, so they go to whoever may connect, before any
// login: the page asks for one itself. Everything in them comes from web/; nothing is loaded from
// elsewhere, and the policy header says so to the browser.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ports/event.h"
#include "ports/wire.h"

namespace lares::control {

/// The answer when the request is a browser's for the page or for one of its files: `GET /` without
/// a query from one that takes HTML, and everything below /page. Other clients get the classic
/// status page at `/`, as supervisord's do.
std::optional<ports::HttpReply> page_file_reply(ports::HttpRequested const&);

/// What the page may load and where it may send: nothing but this server.
std::string_view page_policy();

}  // namespace lares::control
