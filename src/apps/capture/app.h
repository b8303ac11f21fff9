// apps/capture/app.h: what the commands of lares-capture share: the home, its parts, and the world.

#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/capture/database.h"
#include "apps/capture/page_server.h"
#include "apps/capture/session.h"
#include "base/result.h"
#include "ports/http_client.h"
#include "ports/links.h"
#include "ports/post.h"
#include "ports/stream.h"

namespace lares::capture {

/// How far a long command is.
struct Progress {
    std::int64_t posts = 0;
    std::int64_t files = 0, of_files = 0;  // of the archive; 0: it reads none
};

struct App {
    std::string home;  // holds capture.db, locks/ and, unless said otherwise, archive/
    std::string archive;
    std::string lares;    // the daemon: "unix:///run/lares.sock"
    std::string program;  // how Lares starts us
    ports::Streams& streams;
    ports::Post& post;
    ports::HttpClient& http;
    ports::Links& links;
    std::function<void(std::string const&)> allow_address;  // to links, though it is not public
    std::function<Moment()> now;
    std::function<bool(Duration)> wait;
    int until = -1;
    std::function<void(std::string_view)> print;  // to standard output, as it is
    std::function<void(std::string const&)> log;
    std::function<Result<std::string>()> read_line;  // of standard input
    /// Serves the page until TERM.
    std::function<Result<>(PageListen const&, PageAnswer const&)> serve{};
    /// Of commands that read much: told now and then; false: nobody wants it any more.
    std::function<bool(Progress const&)> progress{};
    std::unique_ptr<Database> database_held{};

    /// Opened when a command needs it.
    Result<Database*> database();
    /// "command = ..." for a section of Lares' INI: this program at its home, with these words.
    std::string own_command(std::string const& words) const;
    /// The same home for another thread: prints nothing, and opens a database of its own.
    std::unique_ptr<App> beside() const;
    /// False: stop.
    bool goes_on(Progress const& at) const { return !progress || progress(at); }
    std::string locks() const { return home + "/locks"; }
    void say(std::string const& line) { print(line + "\n"); }
};

using Arguments = std::vector<std::string>;

struct Command {
    std::string_view name, usage, help;
    Result<> (*run)(App&, Arguments const&);
};
std::span<Command const> commands();

/// Reads a command line without the program's name; gives the exit status: 0 done, 1 refused or
/// failed, 2 wrong usage.
int run_command_line(App&, Arguments, std::function<void(std::string const&)> const& complain);

/// "--name value" or "--name=value", taken out of the arguments; empty: it is not there.
Result<std::string> take_option(Arguments&, std::string_view name);
bool take_flag(Arguments&, std::string_view name);
Error wrong_usage(std::string const& words);
/// What wrong_usage() was given: who reads it on the page has no command line.
std::string without_hint(std::string words);

// The commands, each in the file of its subject.
Result<> stream_command(App&, Arguments const&);
Result<> timelines_command(App&, Arguments const&);
Result<> links_command(App&, Arguments const&);
Result<> rehydrate_command(App&, Arguments const&);
Result<> verify_command(App&, Arguments const&);
Result<> bag_command(App&, Arguments const&);
Result<> files_command(App&, Arguments const&);
Result<> filter_command(App&, Arguments const&);
Result<> credential_command(App&, Arguments const&);
Result<> keep_command(App&, Arguments const&);
Result<> try_command(App&, Arguments const&);
Result<> account_command(App&, Arguments const&);
Result<> set_command(App&, Arguments const&);
Result<> index_command(App&, Arguments const&);
Result<> search_command(App&, Arguments const&);
Result<> takedown_command(App&, Arguments const&);
Result<> export_command(App&, Arguments const&);
Result<> dehydrate_command(App&, Arguments const&);
Result<> serve_command(App&, Arguments const&);

/// What a filter would have matched in archive files, as `try` says it.
Result<> try_definition(App&, Definition const&, std::vector<std::string> const& files);

}  // namespace lares::capture
