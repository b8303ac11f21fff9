// net/reply_text.h: answers as the bytes that go out.
//
// Pure text; net/session.cc sends it. The status line always has a reason phrase and the encoding
// is spelled exactly `chunked`: supervisorctl's hand-written client splits them (spec §4.1).

#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "ports/wire.h"

namespace lares::net {

/// How an answer is framed, which depends on its request.
struct Framing {
    bool is_http11 = true;
    bool keep_alive = true;
    bool is_head = false;  // HEAD: all headers, no body
};

/// "Not Found" for 404; a word for the class when the number is not a usual one.
std::string_view reason_phrase(int status);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 7231, 7.1.1.1).
std::string http_date(std::time_t at);

/// True when one of the headers is "Connection: close".
bool asks_to_close(ports::HttpReply const& reply);

/// Appends a whole answer. Control bytes in header values become blanks, so that no text of a user
/// can end a header; our own Content-Length, Connection and Transfer-Encoding replace given ones.
void append_reply(std::string& out, ports::HttpReply const& reply, Framing, std::string_view date);

/// Appends the head of an answer without end: chunked for HTTP/1.1; for HTTP/1.0 its end is the
/// connection's.
void append_stream_head(std::string& out, ports::HttpReply const& head, Framing,
                        std::string_view date);

/// Appends one piece of such an answer; nothing when it is empty (an empty chunk would end it).
void append_piece(std::string& out, std::string_view bytes, Framing);
void append_stream_end(std::string& out, Framing);

}  // namespace lares::net
