// cli/session.h: one command under way: what was asked, whom to ask, and how to answer.
//
// Results go to standard output, complaints to standard error with "lares: " before them. With
// --json standard output holds JSON only, also for a failure: {"error": "..."}.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/client.h"
#include "cli/doors.h"
#include "cli/locate.h"
#include "cli/request.h"
#include "cli/table.h"
#include "text/value.h"

namespace lares::cli {

struct Session {
    Doors const& doors;
    Request const& request;
    Found found;
    api::Client client;
};

/// One write to standard output; a newline is added when there is none.
void print(Doors const&, std::string text);
/// One line for programs; indented for people on a terminal.
void print_json(Doors const&, text::Value const&);
/// "lares: WHAT" to standard error, newline added when there is none.
void complain(Doors const&, std::string_view what);

/// Says why, looking around the socket when nobody answers, and gives the exit status.
int fail(Session const&, Error const&);
/// The same for what concerns no server.
int fail(Doors const&, Request const&, Error const&, int status);

/// Colours only for a person who has not asked for none (https://no-color.org).
Colour colour_of(Doors const&, Request const&);

/// "lares 0.1.0 (a1b2c3d)"
std::string version_line(Doors const&);

/// Complains of patterns that match nothing, with the nearest name that exists.
void complain_of_unknown(Session&, std::vector<std::string> const& patterns);

/// A line a process of what lares.apply and its like answer: what became of it; complaints on
/// standard error. `nothing` is said of an empty answer.
int tell_outcomes(Session&, Result<text::Value> answer, std::string_view nothing);

// The commands. Each returns the exit status.
int status(Session&);
int watch(Session&);
int start(Session&);
int stop(Session&);
int restart(Session&);
int signal(Session&);
int scale(Session&);
int pid(Session&);
int version(Session&);
int tail(Session&);
int down(Session&);
int plan(Session&);
int apply(Session&);
int update(Session&);
int reread(Session&);
int add(Session&);
int remove(Session&);
int avail(Session&);
int reload(Session&);
int event(Session&);
int revisions(Session&);        // `lares config`
int managed_program(Session&);  // `lares program`
int upgrade(Session&);
int put(Session&);
int run(Session&);
int jobs(Session&);
int job(Session&);
int cancel(Session&);
int priority(Session&);
int folder(Session&);
int retry(Session&);
int tasks(Session&);
int folders(Session&);
int pause(Session&);
int resume(Session&);
int drain(Session&);
int maintenance(Session&);
int runs(Session&);
int run_log(Session&);
int rerun(Session&);
int run_diff(Session&);
int trace(Session&);
int why(Session&);  // and `why-not`
int audit(Session&);
int at(Session&);
int events(Session&);
int token(Session&);
int user(Session&);
int outbox(Session&);
int notify(Session&);
int channel(Session&);
int budget(Session&);
int letter(Session&);
int alerts(Session&);
int top(Session&);

// Those that need no daemon.
int up(Doors const&, Request const&);
int check(Doors const&, Request const&);
int explain(Doors const&, Request const&);
int import_from(Doors const&, Request const&);  // `lares import`
int help(Doors const&, Request const&);
int completion(Doors const&, Request const&);
int manual(Doors const&, Request const&);
int hash_password(Doors const&, Request const&);
int next(Doors const&, Request const&);
int database(Doors const&, Request const&);       // `lares db`
int simulate_work(Doors const&, Request const&);  // `lares simulate`
int shadow_table(Doors const&, Request const&);   // `lares shadow`

}  // namespace lares::cli
