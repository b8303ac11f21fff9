// net/client/post.h: ports::Post on libcurl: HTTP(S), SMTP and commands, for lares-deliver and the
// applications. Never linked into the daemon (DESIGN, decision 10).
//
// One Post a thread: it keeps its connections for its next call, and nothing of it is shared.

#pragma once

#include <memory>

#include "ports/post.h"

namespace lares::net {

/// libcurl's own state. Made before the first thread, outlives the last Post.
class ClientLibrary {
public:
    ClientLibrary();
    ~ClientLibrary();
    ClientLibrary(ClientLibrary const&) = delete;
    ClientLibrary& operator=(ClientLibrary const&) = delete;
};

/// For the thread that calls it. Signals should be blocked on that thread: a peer that hangs up
/// must not end the process by SIGPIPE.
std::unique_ptr<ports::Post> make_post();

}  // namespace lares::net
