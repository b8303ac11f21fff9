// apps/capture/watch.h: the page's eye on Lares: a thread that brings programs to what is wanted
// and keeps what Lares said last, so that a daemon that is away or hangs holds up no page.
//
// Sleeps until something was edited, somebody looks, or ten seconds have passed.

#pragma once

#include <map>
#include <memory>
#include <string>

#include "api/reports.h"
#include "apps/capture/app.h"

namespace lares::capture {

/// What Lares said last, and why it said nothing since.
struct Sight {
    std::string trouble;                           // empty: it answered
    std::map<std::string, api::Process> programs;  // by the capture's name
    std::int64_t at_ms = 0;                        // of the last answer; 0: there was none
    /// some: also where Lares asks who comes, whoever it knows.
    enum class Users { unknown, none, some } users = Users::unknown;
    /// What Lares is asked for. Its users matter only to a page that is open without them.
    enum class Asks { programs, users_too };
};

class Watch {
public:
    virtual ~Watch() = default;
    /// Younger than some seconds where Lares answers at once.
    virtual Sight look() = 0;
    /// Something was edited: programs are brought to it now, or once Lares is back.
    virtual void edited() = 0;
};

std::unique_ptr<Watch> make_watch(App&, Sight::Asks);

}  // namespace lares::capture
