// text/xmlrpc_test.cc: calls and answers, byte for byte as Python's xmlrpc.client writes them.

#include "text/xmlrpc.h"

#include <doctest/doctest.h>

#include <limits>
#include <random>

using namespace lares;
using namespace lares::text;

namespace {

/// The value of a call's only parameter, given as the inside of <value>.
Value value_of(std::string_view inside) {
    std::string xml = "<methodCall><methodName>m</methodName><params><param><value>" +
                      std::string(inside) + "</value></param></params></methodCall>";
    CAPTURE(xml);
    auto call = parse_call(xml);
    if (!call) FAIL(call.error().what);
    REQUIRE(call->params.size() == 1);
    return call->params[0];
}

std::string error_of(std::string_view inside) {
    std::string xml = "<methodCall><methodName>m</methodName><params><param>" +
                      std::string(inside) + "</param></params></methodCall>";
    auto call = parse_call(xml);
    return call ? "" : call.error().what;
}

std::string call_error(std::string_view xml) {
    auto call = parse_call(xml);
    return call ? "" : call.error().what;
}

std::string answer_error(std::string_view xml) {
    auto answer = parse_answer(xml);
    return answer ? "" : answer.error().what;
}

std::string written(Value value) { return write_answer(std::move(value)); }

std::string nested(int levels) {
    std::string inside = "x";
    for (int i = 0; i < levels; ++i)
        inside = "<array><data><value>" + inside + "</value></data></array>";
    return inside;
}

Value random_value(std::mt19937& random, int depth) {
    switch (random() % (depth < 3 ? 6 : 4)) {
    case 0:
        return static_cast<std::int64_t>(static_cast<std::int32_t>(random()));
    case 1:
        return random() % 2 == 0;
    case 2:
        return static_cast<double>(static_cast<std::int32_t>(random())) / 1024;
    case 3: {
        std::string text(random() % 6, ' ');
        for (char& c : text) c = "a <>&\"'\n\t\r;#"[random() % 12];
        return text;
    }
    case 4: {
        Array items(random() % 4);
        for (auto& item : items) item = random_value(random, depth + 1);
        return items;
    }
    default: {
        Struct members;
        for (std::size_t i = random() % 4; i-- > 0;)
            members.emplace_back("m<" + std::to_string(i), random_value(random, depth + 1));
        return members;
    }
    }
}

}  // namespace

TEST_CASE("an answer is laid out as Python lays it out") {
    CHECK(written(Array{Struct{{"a", 1}, {"b", "x<&>\"'"}, {"c", true}, {"d", 1.5}}, Array{}}) ==
          "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><array><data>\n"
          "<value><struct>\n<member>\n<name>a</name>\n<value><int>1</int></value>\n</member>\n"
          "<member>\n<name>b</name>\n<value><string>x&lt;&amp;&gt;\"'</string></value>\n</member>\n"
          "<member>\n<name>c</name>\n<value><boolean>1</boolean></value>\n</member>\n"
          "<member>\n<name>d</name>\n<value><double>1.5</double></value>\n</member>\n"
          "</struct></value>\n<value><array><data>\n</data></array></value>\n"
          "</data></array></value>\n</param>\n</params>\n</methodResponse>\n");
}

TEST_CASE("a fault is laid out as Python lays it out") {
    CHECK(write_answer(XmlRpcFault{10, "BAD_NAME: x"}) ==
          "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n"
          "<name>faultCode</name>\n<value><int>10</int></value>\n</member>\n<member>\n"
          "<name>faultString</name>\n<value><string>BAD_NAME: x</string></value>\n</member>\n"
          "</struct></value>\n</fault>\n</methodResponse>\n");
}

TEST_CASE("a call is laid out as Python lays it out") {
    CHECK(write_call({"supervisor.x", {"a", 1}}) ==
          "<?xml version='1.0'?>\n<methodCall>\n<methodName>supervisor.x</methodName>\n<params>\n"
          "<param>\n<value><string>a</string></value>\n</param>\n"
          "<param>\n<value><int>1</int></value>\n</param>\n</params>\n</methodCall>\n");
    CHECK(write_call({"m", {}}) ==
          "<?xml version='1.0'?>\n<methodCall>\n<methodName>m</methodName>\n<params>\n</params>\n"
          "</methodCall>\n");
}

TEST_CASE("integers beyond 32 bits are clamped") {
    CHECK(written(std::int64_t(1) << 40).find("<int>2147483647</int>") != std::string::npos);
    CHECK(written(-(std::int64_t(1) << 40)).find("<int>-2147483648</int>") != std::string::npos);
    CHECK(written(std::int64_t(2147483647)).find("<int>2147483647</int>") != std::string::npos);
}

TEST_CASE("doubles are printed as Python's repr prints them") {
    auto check = [](double number, std::string_view expected) {
        auto xml = written(number);
        CAPTURE(xml);
        CHECK(xml.find("<double>" + std::string(expected) + "</double>") != xml.npos);
    };
    check(1.0, "1.0");
    check(-0.0, "-0.0");
    check(0.1, "0.1");
    check(100000.0, "100000.0");
    check(123456789.25, "123456789.25");
    check(1e15, "1000000000000000.0");
    check(1e16, "1e+16");
    check(0.0001, "0.0001");
    check(0.00001, "1e-05");
    check(1.5e300, "1.5e+300");
    check(-std::numeric_limits<double>::infinity(), "-inf");
}

TEST_CASE("bytes that XML cannot hold become U+FFFD") {
    auto xml = written(std::string("a\xFF\x1b\0z", 5));
    CHECK(xml.find("<string>a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz</string>") != xml.npos);
}

TEST_CASE("each type of a request is read") {
    CHECK(value_of("<int>7</int>") == Value(7));
    CHECK(value_of("<i4> -7\n</i4>") == Value(-7));
    CHECK(value_of("<i8>9000000000</i8>") == Value(std::int64_t(9'000'000'000)));
    CHECK(value_of("<boolean>1</boolean>") == Value(true));
    CHECK(value_of("<boolean>true</boolean>") == Value(false));  // only "1" is true
    CHECK(value_of("<string>a b</string>") == Value("a b"));
    CHECK(value_of("<string/>") == Value(""));
    CHECK(value_of("<double> +1.5e3 </double>") == Value(1500.0));
    CHECK(value_of("<dateTime.iso8601>20261122T10:15:03</dateTime.iso8601>") ==
          Value("20261122T10:15:03"));
    CHECK(value_of("<array><data><value>a</value><value><int>1</int></value></data></array>") ==
          Value(Array{"a", 1}));
    CHECK(value_of("<array/>") == Value(Array{}));
    CHECK(value_of("<struct><member><name>a</name><value>b</value></member></struct>") ==
          Value(Struct{{"a", "b"}}));
}

TEST_CASE("a bare value is a string, with its spaces") {
    CHECK(value_of("text") == Value("text"));
    CHECK(value_of(" a ") == Value(" a "));
    CHECK(value_of("  ") == Value("  "));
    CHECK(value_of("") == Value(""));
    CHECK(value_of("\n <int>1</int>\n") == Value(1));
}

TEST_CASE("text comes whole out of entities, CDATA and comments") {
    CHECK(value_of("<string>&lt;&amp;&gt;&quot;&apos;&#65;&#x42;</string>") == Value("<&>\"'AB"));
    CHECK(value_of("<string> <![CDATA[<x>]]> <!-- no -->y</string>") == Value(" <x> y"));
    CHECK(value_of("<string>a\r\nb\rc&#13;</string>") == Value("a\nb\nc\r"));
    CHECK(value_of("<string>&bomb;</string>") == Value("&bomb;"));
}

TEST_CASE("base64 is read as bytes") {
    CHECK(value_of("<base64>\naGVs\nbG8=\n</base64>") == Value("hello"));
    CHECK(value_of("<base64>aGVsbG8h</base64>") == Value("hello!"));
    CHECK(value_of("<base64>YQ==</base64>") == Value("a"));
    CHECK(value_of("<base64>//79</base64>") == Value("\xFF\xFE\xFD"));
    CHECK(value_of("<base64></base64>") == Value(""));
    for (auto text : {"aGVsbG8", "YQ=", "YQ", "Y", "Y==="}) {
        CAPTURE(text);
        CHECK(error_of("<value><base64>" + std::string(text) + "</base64></value>") ==
              "base64 that ends too early");
    }
}

TEST_CASE("a call may come without params, with a declaration, or in another encoding") {
    auto call = parse_call(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<methodCall>\r\n"
        "  <methodName>system.listMethods</methodName>\r\n</methodCall>\r\n");
    REQUIRE(call.ok());
    CHECK(call->method == "system.listMethods");
    CHECK(call->params.empty());
    auto latin = parse_call(
        "<?xml version='1.0' encoding='iso-8859-1'?><methodCall><methodName>m"
        "</methodName><params><param><value>\xE9</value></param></params>"
        "</methodCall>");
    REQUIRE(latin.ok());
    CHECK(latin->params[0] == Value("\xC3\xA9"));
}

TEST_CASE("what is no call is refused") {
    CHECK(call_error("").starts_with("not XML: "));
    CHECK(call_error("hello").starts_with("not XML: "));
    CHECK(call_error("<methodCall><methodName>m</methodCall>").starts_with("not XML: "));
    CHECK(call_error(std::string_view("<methodCall>\0</methodCall>", 26)) ==
          "not XML: a zero byte");
    CHECK(call_error("<x/>") == "expected <methodCall>, found <x>");
    CHECK(call_error("<methodCall/>") == "no method name");
    CHECK(call_error("<methodCall><methodName></methodName></methodCall>") == "no method name");
    CHECK(error_of("") == "a <param> without a <value>");
    CHECK(error_of("<int>1</int>") == "expected <value>, found <int>");
    CHECK(error_of("<value><nil/></value>") == "no value of type <nil> is known");
    CHECK(error_of("<value><int>x</int></value>") == "invalid literal for int() with base 10: 'x'");
    CHECK(error_of("<value><int/></value>") != "");
    CHECK(error_of("<value><double>x</double></value>") ==
          "could not convert string to float: 'x'");
    CHECK(error_of("<value><double>1 2</double></value>") != "");
    CHECK(error_of("<value><struct><member><name>a</name></member></struct></value>") ==
          "a struct's member without name or value");
    CHECK(error_of("<value><array><data><int>1</int></data></array></value>") ==
          "expected <value>, found <int>");
}

TEST_CASE("depth, size and number of tags are bounded") {
    (void)value_of(nested(32));
    CHECK(error_of("<value>" + nested(33) + "</value>") == "nested deeper than 32 levels");
    CHECK(call_error(std::string((4 << 20) + 1, ' ')) == "a call longer than 4 MB");
    std::string deep;
    for (int i = 0; i < 300'000; ++i) deep += "<a>";
    CHECK(call_error(deep) == "a call of more than 200000 tags");
    CHECK(call_error(deep.substr(0, 300'000)).starts_with("not XML: "));
    CHECK_FALSE(parse_answer(deep).ok());
}

TEST_CASE("an answer is read, a fault too") {
    auto fault = parse_answer(write_answer(XmlRpcFault{10, "BAD_NAME: x"}));
    REQUIRE(fault.ok());
    auto const* read = std::get_if<XmlRpcFault>(&*fault);
    REQUIRE(read);
    CHECK(read->code == 10);
    CHECK(read->words == "BAD_NAME: x");
    CHECK(answer_error("<methodResponse/>") == "an answer without a value");
    CHECK(answer_error("<methodResponse><fault><value>x</value></fault></methodResponse>") ==
          "a <fault> without faultCode or faultString");
    CHECK(answer_error("<methodCall/>") == "expected <methodResponse>, found <methodCall>");
    CHECK(answer_error("<html><body>") != "");
}

TEST_CASE("what is written reads back the same") {
    std::mt19937 random(13);
    for (int round = 0; round < 3'000; ++round) {
        Value value = random_value(random, 0);
        auto answer = parse_answer(write_answer(value));
        REQUIRE(answer.ok());
        CHECK(std::get<Value>(*answer) == value);
        XmlRpcCall call{"a&b", {value, value}};
        auto read = parse_call(write_call(call));
        REQUIRE(read.ok());
        CHECK(read->method == call.method);
        CHECK(read->params == call.params);
    }
}

TEST_CASE("any bytes give a call or an error") {
    std::mt19937 random(14);
    std::string const good = write_call({"m", {Struct{{"a", Array{1, "b", true, 1.5}}}}});
    for (int round = 0; round < 5'000; ++round) {
        std::string bad = good;
        for (std::size_t i = 1 + random() % 3; i-- > 0;)
            bad[random() % bad.size()] = static_cast<char>(random());
        (void)parse_call(bad).ok();
        (void)parse_answer(bad).ok();
    }
}
