// net/request_reader.cc: HTTP requests by Beast's parser.
//
// We derive from basic_parser instead of using request_parser<string_body>: no table of fields is
// built of which four are wanted, and a refusal can be decided before a byte of body is read.

#include "net/request_reader.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <optional>
#include <utility>

#include "base/drop_limits.h"
#include "base/limits.h"

namespace lares::net {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

class RequestReader::Parser : public http::basic_parser<true> {
public:
    Parser() {
        eager(true);  // else a body that arrives with its header would wait for more bytes
        header_limit(limits::http_header_bytes);
        body_limit(limits::http_body_bytes);
    }

    Request request;
    std::optional<Refusal> refusal;  // ours, when it was not the grammar
    bool wants_continue = false;
    std::size_t header_bytes = 0;

    /// Its body may be larger than others.
    bool is_batch() const {
        std::string_view target = request.target;
        if (request.method == "PUT") return target.starts_with(limits::drop_target);
        target = target.substr(0, target.find('?'));
        return request.method == "POST" &&
               (target == limits::batch_target || target == limits::message_target);
    }

private:
    void on_request_impl(http::verb, string_view method, string_view target, int version,
                         error_code&) override {
        request.method.assign(method.data(), method.size());
        request.target.assign(target.data(), target.size());
        request.is_http11 = version >= 11;
        header_bytes = method.size() + target.size();
        if (is_batch()) body_limit(limits::batch_bytes);
    }

    void on_field_impl(http::field name, string_view name_text, string_view value,
                       error_code& error) override {
        // Beast bounds the piece under way, not all of them together.
        header_bytes += name_text.size() + value.size();
        if (header_bytes > limits::http_header_bytes) error = http::error::header_limit;
        auto keep_first = [&](std::string& to) {
            if (to.empty()) to.assign(value.data(), value.size());
        };
        if (name == http::field::authorization) keep_first(request.authorization);
        if (name == http::field::host) keep_first(request.host);
        if (name == http::field::content_type) keep_first(request.content_type);
        if (name == http::field::origin) keep_first(request.origin);
        if (name == http::field::user_agent) keep_first(request.user_agent);
        if (boost::beast::iequals(name_text, "sec-fetch-site")) keep_first(request.fetch_site);
        if (name == http::field::unknown || is_kept(name)) keep_unknown(name_text, value);
        if (name == http::field::transfer_encoding) has_transfer_encoding_ = true;
        if (name == http::field::expect)
            wants_continue = boost::beast::iequals(value, "100-continue");
    }

    void on_header_impl(error_code& error) override {
        if (auto found = refusal_of_header()) {
            refusal = std::move(found);
            error = http::error::bad_value;
        }
        request.keep_alive = keep_alive();
    }

    /// Of the headers that HTTP knows: what the faces look at.
    static bool is_kept(http::field name) {
        using enum http::field;
        return name == cookie || name == if_match || name == if_none_match || name == accept ||
               name == accept_encoding;
    }

    void keep_unknown(string_view name, string_view value) {
        std::string lower(name.data(), name.size());
        std::ranges::transform(lower, lower.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        request.headers.emplace_back(std::move(lower), std::string(value.data(), value.size()));
    }

    std::optional<Refusal> refusal_of_header() const {
        // Two lengths in one request are how requests are smuggled past a proxy (RFC 7230, 3.3.3).
        // Beast refuses them for `chunked`, but takes any other encoding for no body at all.
        if (has_transfer_encoding_ && content_length())
            return Refusal{400, "a request has Content-Length or Transfer-Encoding, not both"};
        bool has_body = request.method == "POST" || request.method == "PUT" ||
                        request.method == "PATCH" || has_transfer_encoding_;
        if (has_body && !content_length())
            return Refusal{411, "a request with a body must have a Content-Length"};
        return {};
    }

    void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}

    std::size_t on_body_impl(string_view body, error_code&) override {
        request.body.append(body.data(), body.size());
        return body.size();
    }

    // Chunked requests are refused at their header.
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
        return body.size();
    }
    void on_finish_impl(error_code&) override {}
    void on_response_impl(int, string_view, int, error_code&) override {}

    bool has_transfer_encoding_ = false;
};

namespace {

std::string too_large_header() {
    return "request line and headers may have " + std::to_string(limits::http_header_bytes) +
           " bytes";
}

Refusal refusal_of(error_code const& error, std::size_t body_limit) {
    if (error == http::error::header_limit) return {431, too_large_header()};
    if (error == http::error::body_limit)
        return {413, "a request body may have " + std::to_string(body_limit) + " bytes"};
    return {400, "this is not an HTTP/1.1 request: " + error.message()};
}

}  // namespace

RequestReader::RequestReader() = default;
RequestReader::~RequestReader() = default;

void RequestReader::refuse(int status, std::string words) {
    state_ = State::refused;
    refusal_ = {status, std::move(words)};
    held_.clear();
}

void RequestReader::feed(std::string_view bytes) {
    if (state_ == State::refused) return;
    if (held_.empty() && state_ != State::whole) {
        held_ = parse(bytes);
        return;
    }
    held_.append(bytes);
    if (state_ == State::whole) return;
    auto rest = parse(held_);
    held_.erase(0, held_.size() - rest.size());
}

/// Parses until a request is whole, refused, or the bytes are used up; returns what is not used.
std::string_view RequestReader::parse(std::string_view bytes) {
    if (!parser_) {
        bytes.remove_prefix(std::min(bytes.find_first_not_of("\r\n"), bytes.size()));
        if (bytes.empty()) return {};
        parser_ = std::make_unique<Parser>();
        state_ = State::half_read;
    }
    return parse_some(bytes);
}

std::string_view RequestReader::parse_some(std::string_view bytes) {
    error_code error;
    std::size_t used = parser_->put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    bytes.remove_prefix(used);
    if (error && error != http::error::need_more) {
        auto limit = parser_->is_batch() ? limits::batch_bytes : limits::http_body_bytes;
        Refusal found = parser_->refusal ? *parser_->refusal : refusal_of(error, limit);
        refuse(found.status, std::move(found.words));
        return {};
    }
    bool in_header = !parser_->is_header_done();
    if (in_header && parser_->header_bytes + bytes.size() > limits::http_header_bytes) {
        refuse(431, too_large_header());
        return {};
    }
    if (parser_->is_done()) state_ = State::whole;
    return bytes;
}

Request const& RequestReader::peek() const { return parser_->request; }

Request RequestReader::take() {
    Request request = std::move(parser_->request);
    parser_.reset();
    state_ = State::empty;
    std::string rest = std::exchange(held_, {});
    if (!rest.empty()) feed(rest);
    return request;
}

bool RequestReader::take_wish_to_continue() {
    if (state_ != State::half_read || !parser_->is_header_done()) return false;
    bool wish =
        parser_->wants_continue && parser_->request.is_http11 && parser_->request.body.empty();
    parser_->wants_continue = false;
    return wish;
}

std::size_t RequestReader::announced_bytes() const {
    if (state_ != State::half_read || !parser_->is_header_done()) return 0;
    auto length = parser_->content_length();
    return length ? static_cast<std::size_t>(*length) : 0;
}

std::size_t RequestReader::body_bytes() const { return parser_ ? parser_->request.body.size() : 0; }

}  // namespace lares::net
