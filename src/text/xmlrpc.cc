// text/xmlrpc.cc: a writer of strings and a reader over pugixml's tree.
//
// The layout is Python's marshaller's, new line for new line. The reader takes what Python's and
// Go's clients send; what it does not know is an Error.

#include "text/xmlrpc.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <pugixml.hpp>

#include "base/limits.h"
#include "base/overloaded.h"
#include "text/python.h"
#include "text/quantity.h"
#include "text/utf8.h"

namespace lares::text {

namespace {

constexpr std::string_view heading = "<?xml version='1.0'?>\n";

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

// ---- writing

/// What "\r" is written as. Python's marshaller writes it bare, and XML then reads it as "\n"; our
/// own calls keep it.
enum class Return { bare, escaped };

/// Bytes that are written as they are. Logs are megabytes of them, on the loop.
constexpr std::array<bool, 256> plain_bytes = [] {
    std::array<bool, 256> plain{};
    for (unsigned char c = 0x20; c < 0x7F; ++c) plain[c] = c != '&' && c != '<' && c != '>';
    plain['\n'] = plain['\t'] = true;
    return plain;
}();

void append_special(std::string& out, std::string_view character, Return how) {
    switch (character[0]) {
    case '&':
        out.append("&amp;");
        return;
    case '<':
        out.append("&lt;");
        return;
    case '>':
        out.append("&gt;");
        return;
    case '\r':
        out.append(how == Return::escaped ? "&#13;" : "\r");
        return;
    default:
        out.append(clean_utf8(character));
    }
}

void append_text(std::string& out, std::string_view text, Return how) {
    for (std::size_t at = 0; at < text.size();) {
        std::size_t begin = at;
        while (at < text.size() && plain_bytes[static_cast<unsigned char>(text[at])]) ++at;
        out.append(text.substr(begin, at - begin));
        if (at == text.size()) return;
        std::size_t length = read_character(text, at).length;
        append_special(out, text.substr(at, length), how);
        at += length;
    }
}

/// repr() of a float: the shortest digits that read back the same, with an exponent from 1e16 and
/// below 1e-4.
void append_double(std::string& out, double number) {
    char buffer[400];
    double size = std::fabs(number);
    bool plain = number == 0 || (size >= 1e-4 && size < 1e16);
    if (!std::isfinite(number)) {
        out.append(std::isnan(number) ? "nan" : number < 0 ? "-inf" : "inf");
        return;
    }
    auto end = std::to_chars(std::begin(buffer), std::end(buffer), number,
                             plain ? std::chars_format::fixed : std::chars_format::scientific)
                   .ptr;
    std::string_view digits(buffer, static_cast<std::size_t>(end - buffer));
    out.append(digits);
    if (plain && digits.find('.') == digits.npos) out.append(".0");
}

class Writer {
public:
    explicit Writer(Return how) : how_(how) { out_.append(heading); }

    Writer& raw(std::string_view text) {
        out_.append(text);
        return *this;
    }

    Writer& text(std::string_view text) {
        append_text(out_, text, how_);
        return *this;
    }

    void value(Value const& value) {
        std::visit(Overloaded{
                       [&](std::string const& held) {
                           raw("<value><string>").text(held).raw("</string></value>\n");
                       },
                       [&](std::int64_t held) { integer(held); },
                       [&](bool held) {
                           raw("<value><boolean>").raw(held ? "1" : "0");
                           raw("</boolean></value>\n");
                       },
                       [&](double held) {
                           raw("<value><double>");
                           append_double(out_, held);
                           raw("</double></value>\n");
                       },
                       [&](Array const& held) {
                           raw("<value><array><data>\n");
                           for (auto const& item : held) this->value(item);
                           raw("</data></array></value>\n");
                       },
                       [&](Struct const& held) {
                           raw("<value><struct>\n");
                           for (auto const& [name, item] : held) member(name, item);
                           raw("</struct></value>\n");
                       },
                   },
                   value.held);
    }

    std::string done() { return std::move(out_); }

private:
    void integer(std::int64_t number) {
        using Limits = std::numeric_limits<std::int32_t>;
        number = std::clamp<std::int64_t>(number, Limits::min(), Limits::max());
        char buffer[16];
        auto end = std::to_chars(std::begin(buffer), std::end(buffer), number).ptr;
        raw("<value><int>").raw({buffer, static_cast<std::size_t>(end - buffer)});
        raw("</int></value>\n");
    }

    void member(std::string_view name, Value const& item) {
        raw("<member>\n<name>").text(name).raw("</name>\n");
        value(item);
        raw("</member>\n");
    }

    Return how_;
    std::string out_;
};

// ---- reading

bool is_text(pugi::xml_node node) {
    return node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata;
}

std::string text_of(pugi::xml_node node) {
    std::string text;
    for (auto child : node.children())
        if (is_text(child)) text.append(child.value());
    return text;
}

pugi::xml_node first_element(pugi::xml_node node) {
    for (auto child : node.children())
        if (child.type() == pugi::node_element) return child;
    return {};
}

/// The name of the element as it may be shown: a stranger chose it.
std::string shown(pugi::xml_node node) {
    return "<" + clean_utf8(std::string_view(node.name()).substr(0, 60)) + ">";
}

Result<Value> read_integer(std::string_view text) {
    return Value(static_cast<std::int64_t>(TRY(parse_integer(text))));
}

Result<Value> read_double(std::string_view text) {
    std::string_view digits = python::strip(text);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    double number = 0;
    auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (status != std::errc() || end != digits.data() + digits.size() || digits.empty())
        return invalid("could not convert string to float: " + python::repr(text));
    return Value(number);
}

/// As Python: signs that are not of the alphabet are skipped, missing padding is an error.
Result<Value> read_base64(std::string_view text) {
    static constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned bits = 0;
    std::size_t signs = 0, padding = 0;
    for (char c : text) {
        std::size_t six = alphabet.find(c);
        if (c == '=') ++padding;
        if (six == alphabet.npos || padding != 0) continue;
        bits = bits << 6 | static_cast<unsigned>(six);
        if (++signs % 4 != 1)
            bytes.push_back(static_cast<char>(bits >> (6 - 2 * ((signs - 1) % 4)) & 0xFF));
    }
    if (signs % 4 == 1 || (signs % 4 != 0 && signs % 4 + padding < 4))
        return invalid("base64 that ends too early");
    return Value(std::move(bytes));
}

Result<Value> read_value(pugi::xml_node value, int depth);

Result<Value> read_array(pugi::xml_node array, int depth) {
    Array items;
    for (auto item : first_element(array).children())
        if (item.type() == pugi::node_element) items.push_back(TRY(read_value(item, depth + 1)));
    return Value(std::move(items));
}

Result<Value> read_struct(pugi::xml_node node, int depth) {
    Struct members;
    for (auto member : node.children()) {
        if (member.type() != pugi::node_element) continue;
        auto name = member.child("name"), value = member.child("value");
        if (!name || !value) return invalid("a struct's member without name or value");
        members.emplace_back(text_of(name), TRY(read_value(value, depth + 1)));
    }
    return Value(std::move(members));
}

/// Python's datetime is not a Value of ours: a date is passed on as its text.
Result<Value> read_typed(pugi::xml_node typed, int depth) {
    std::string_view type = typed.name();
    if (type == "string") return Value(text_of(typed));
    if (type == "struct") return read_struct(typed, depth);
    if (type == "array") return read_array(typed, depth);
    if (type == "boolean") return Value(text_of(typed) == "1");
    if (type == "double" || type == "float") return read_double(text_of(typed));
    if (type == "base64") return read_base64(text_of(typed));
    if (type == "dateTime.iso8601") return Value(text_of(typed));
    static constexpr std::array<std::string_view, 6> integers = {"int", "i4", "i8",
                                                                 "i1",  "i2", "biginteger"};
    if (std::ranges::find(integers, type) != integers.end()) return read_integer(text_of(typed));
    return invalid("no value of type " + shown(typed) + " is known");
}

Result<Value> read_value(pugi::xml_node value, int depth) {
    if (std::string_view(value.name()) != "value")
        return invalid("expected <value>, found " + shown(value));
    if (depth > limits::value_depth)
        return invalid("nested deeper than " + std::to_string(limits::value_depth) + " levels");
    auto typed = first_element(value);
    return typed ? read_typed(typed, depth) : Result<Value>(Value(text_of(value)));
}

Result<Value> read_param(pugi::xml_node param) {
    auto value = first_element(param);
    if (!value) return invalid("a <param> without a <value>");
    return read_value(value, 0);
}

/// Parses `copy` where it lies; the document points into it.
Result<pugi::xml_node> read_root(pugi::xml_document& document, std::string& copy, unsigned more,
                                 std::string_view wanted) {
    // pugixml would take a zero for the end of the text.
    if (copy.find('\0') != copy.npos) return invalid("not XML: a zero byte");
    unsigned how = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_ws_pcdata | more;
    auto parsed = document.load_buffer_inplace(copy.data(), copy.size(), how);
    if (!parsed)
        return invalid("not XML: " + std::string(parsed.description()) + " at byte " +
                       std::to_string(parsed.offset));
    auto root = document.document_element();
    if (root.name() != wanted)
        return invalid("expected <" + std::string(wanted) + ">, found " + shown(root));
    return root;
}

Result<XmlRpcAnswer> read_fault(pugi::xml_node fault) {
    Value value = TRY(read_value(fault.child("value"), 0));
    Value const* code = value.find("faultCode");
    Value const* words = value.find("faultString");
    if (!code || !code->integer() || !words || !words->text())
        return invalid("a <fault> without faultCode or faultString");
    using Limits = std::numeric_limits<int>;
    auto number = std::clamp<std::int64_t>(*code->integer(), Limits::min(), Limits::max());
    return XmlRpcAnswer(XmlRpcFault{static_cast<int>(number), *words->text()});
}

}  // namespace

Result<XmlRpcCall> parse_call(std::string_view xml) {
    if (xml.size() > limits::http_body_bytes) return invalid("a call longer than 4 MB");
    auto tags = static_cast<std::size_t>(std::ranges::count(xml, '<'));
    if (tags > limits::xml_call_tags)
        return invalid("a call of more than " + std::to_string(limits::xml_call_tags) + " tags");
    std::string copy(xml);
    pugi::xml_document document;
    auto root = TRY(read_root(document, copy, pugi::parse_eol, "methodCall"));
    XmlRpcCall call;
    call.method = text_of(root.child("methodName"));
    if (call.method.empty()) return invalid("no method name");
    for (auto param : root.child("params").children())
        if (param.type() == pugi::node_element) call.params.push_back(TRY(read_param(param)));
    return call;
}

Result<XmlRpcAnswer> parse_answer(std::string_view xml) {
    if (xml.size() > limits::xml_answer_bytes) return invalid("an answer longer than 48 MB");
    std::string copy(xml);
    pugi::xml_document document;
    // Without parse_eol: the "\r\n" of a log, which answers hold bare, stays what it is.
    auto root = TRY(read_root(document, copy, 0, "methodResponse"));
    if (auto fault = root.child("fault")) return read_fault(fault);
    auto param = root.child("params").child("param");
    if (!param) return invalid("an answer without a value");
    return XmlRpcAnswer(TRY(read_param(param)));
}

std::string write_call(XmlRpcCall const& call) {
    Writer writer(Return::escaped);
    writer.raw("<methodCall>\n<methodName>").text(call.method).raw("</methodName>\n<params>\n");
    for (auto const& param : call.params) {
        writer.raw("<param>\n");
        writer.value(param);
        writer.raw("</param>\n");
    }
    writer.raw("</params>\n</methodCall>\n");
    return writer.done();
}

std::string write_answer(XmlRpcAnswer const& answer) {
    Writer writer(Return::bare);
    writer.raw("<methodResponse>\n");
    if (auto const* fault = std::get_if<XmlRpcFault>(&answer)) {
        writer.raw("<fault>\n");
        writer.value(Struct{{"faultCode", fault->code}, {"faultString", fault->words}});
        writer.raw("</fault>\n");
    } else {
        writer.raw("<params>\n<param>\n");
        writer.value(std::get<Value>(answer));
        writer.raw("</param>\n</params>\n");
    }
    writer.raw("</methodResponse>\n");
    return writer.done();
}

}  // namespace lares::text
