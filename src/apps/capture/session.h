// apps/capture/session.h: one stream from its first connection to the end of the process.
//
// Decides by the pure files beside it (pace, doubles, dialect, matcher), acts through the writer,
// the book of gaps and ports::Streams. Blocking, one thread; ends when the descriptor `until` can
// be read, with every message that came in its place.

#pragma once

#include <functional>
#include <string>

#include "apps/capture/definition.h"
#include "base/result.h"
#include "ports/stream.h"

namespace lares::capture {

/// The world of a session.
struct Doors {
    ports::Streams& streams;
    std::function<Moment()> now;
    /// Waits for so long, or until `until` can be read: then true.
    std::function<bool(Duration)> wait;
    int until = -1;
    std::function<void(std::string const&)> log;  // a sentence for people
    /// Before each connection: X's rules are brought to what the filter says.
    std::function<Result<>(Plan const&)> prepare;
};

struct SessionReport {
    std::int64_t received = 0, written = 0, doubles = 0, connections = 0;
};

/// @param locks  folder of the credentials' locks.
/// Errors: conflict when the source or its credential is in use; io when the archive cannot be
/// written: what came until then is kept. A file ends by itself; streams do not.
Result<SessionReport> run_session(Plan const&, std::string const& locks, Doors const&);

/// Where the next connection begins, in a URL: "…&cursor=5". Pure.
std::string with_parameter(std::string const& url, std::string const& name,
                           std::string const& value);
/// `cursor` less `rewind`, not below 0; itself when it is no number.
std::string rewound(std::string const& cursor, std::int64_t rewind);

}  // namespace lares::capture
