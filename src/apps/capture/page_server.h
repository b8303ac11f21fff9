// apps/capture/page_server.h: the door between the page (site.h) and the HTTP server behind it.

#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "ports/event.h"
#include "ports/wire.h"

namespace lares::capture {

struct PageListen {
    std::string host = "127.0.0.1";
    int port = 8642;               // 0: any
    std::string certificate, key;  // PEM files; empty: plain HTTP
};
struct PageReply {
    ports::HttpReply head;
    std::string file;  // not empty: its bytes are the body, however many
};
/// Called on one thread of its own, request by request.
using PageAnswer = std::function<PageReply(ports::HttpRequested const&)>;

}  // namespace lares::capture
