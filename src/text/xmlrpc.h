// text/xmlrpc.h: XML-RPC calls and answers, as supervisord's clients write and read them.
//
// The shapes are spec §4.1's: integers always <int>, strings always <string>, no <nil/>; a request
// may hold bare <value>text</value>, i4, base64, or no <params>. pugixml does the XML: it expands
// no entities, so there are no bombs. Depth and size are bounded (base/limits.h).

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/value.h"

namespace lares::text {

struct XmlRpcCall {
    std::string method;
    std::vector<Value> params;
};

struct XmlRpcFault {
    int code;
    std::string words;
};

using XmlRpcAnswer = std::variant<Value, XmlRpcFault>;

/// A call's line ends are XML's: "\r\n" and "\r" are read as "\n" (but "&#13;" is "\r"). An
/// answer's stay as they are, because the marshaller writes the bare "\r" of a log. A date is its
/// text, and base64 the bytes it holds.
Result<XmlRpcCall> parse_call(std::string_view xml);
Result<XmlRpcAnswer> parse_answer(std::string_view xml);

std::string write_call(XmlRpcCall const&);
/// Byte for byte as Python's marshaller lays it out: <?xml version='1.0'?>\n<methodResponse>\n...
/// Integers outside 32 bits are clamped, as a client's parser would refuse them.
std::string write_answer(XmlRpcAnswer const&);

}  // namespace lares::text
