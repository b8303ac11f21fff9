// apps/capture/definition.h: one capture, as people define it: rows of options, kept as text.
//
// Pure. The command line, the database, the page and the manual's table read the same rows.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/capture/filter.h"
#include "apps/capture/writer.h"
#include "base/result.h"
#include "ports/stream.h"

namespace lares::capture {

/// Of one filter. All as written; make_plan() reads them.
struct Definition {
    std::string name, service = "generic", active = "no";
    FilterText filter;
    std::string credential;
    std::string set, back;
    std::string url, form, dialect, cursor, rewind, stall, ca_file;
    std::string format = "gzip", level = "6", rotate = "900", rotate_bytes = "1073741824",
                flush = "5";
    std::string takedown = "keep";
    bool operator==(Definition const&) const = default;
};

struct DefinitionRow {
    std::string_view name;
    std::string& (*field)(Definition&);
    std::string_view help;
};
std::span<DefinitionRow const> definition_rows();

/// "name=value". Errors: invalid, with the nearest name.
Result<> set_option(Definition&, std::string_view assignment);
std::string print_definition(Definition const&);  // JSON, what differs from the defaults
Result<Definition> parse_definition(std::string_view json);

/// How the body of a stream becomes messages.
enum class Form { lines, sse, websocket, file, timelines };

/// A definition read, and completed with what its service is known to want.
struct Plan {
    std::string name, service;
    Filter filter;
    Language language;
    Form form = Form::lines;
    std::string url;
    ports::Headers headers;
    std::string ca_file;
    std::string cursor_parameter, cursor_header;  // both empty: it cannot begin again
    std::int64_t rewind = 0;                      // in the cursor's units
    Duration stall = default_stall;
    WriterSettings writer;
    std::string credential;  // its name
    bool has_rules = false;  // X: the filter goes to the service as rules
    bool is_filtered_here = true;
    std::string set;   // of timelines: accounts, besides the filter's people
    Duration back{0};  // of timelines: how far back at first; 0: as far as the service gives
};

/// @param token  of the credential; empty: none.
/// Errors name the option.
Result<Plan> make_plan(Definition const&, std::string const& archive, std::string const& token);

/// The services that are known, for the help: "jetstream", "mastodon", "x", …
std::string service_names();

/// What accounts of a service of timelines are filed under: "jetstream", "mastodon", "x"; empty: it
/// is a stream.
std::string_view accounts_of(std::string_view service);

/// How many streams a service lets one credential have; 0: as many as it likes.
int streams_per_credential(std::string_view service);

}  // namespace lares::capture
