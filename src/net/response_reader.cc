// net/response_reader.cc: HTTP answers by Beast's parser.

#include "net/response_reader.h"

#include <boost/beast/http/basic_parser.hpp>

#include "base/limits.h"

namespace lares::net {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

namespace {

/// The largest honest answer is a log reading (limits::log_read_bytes) escaped for XML.
constexpr std::size_t answer_bytes = 8 * static_cast<std::size_t>(limits::log_read_bytes);

}  // namespace

class ResponseReader::Parser : public http::basic_parser<false> {
public:
    explicit Parser(ResponseReader& reader) : reader_(reader) {
        eager(true);
        header_limit(limits::http_header_bytes);
        body_limit(boost::none);
        if (reader.body_wish_ == Body::none) skip(true);
    }

    int status = 0;

private:
    void on_response_impl(int code, string_view, int, error_code&) override { status = code; }
    std::size_t on_body_impl(string_view body, error_code&) override {
        reader_.take_bytes({body.data(), body.size()});
        return body.size();
    }
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
        reader_.take_bytes({body.data(), body.size()});
        return body.size();
    }
    void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
    void on_field_impl(http::field, string_view, string_view, error_code&) override {}
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    void on_finish_impl(error_code&) override {}

    ResponseReader& reader_;
};

ResponseReader::ResponseReader(Body body, Take const* take)
    : body_wish_(body), take_(take), parser_(std::make_unique<Parser>(*this)) {}
ResponseReader::~ResponseReader() = default;

bool ResponseReader::has_head() const { return parser_->is_header_done(); }
int ResponseReader::status() const { return parser_->status; }

void ResponseReader::refuse(std::string words) {
    state_ = State::refused;
    words_ = std::move(words);
}

void ResponseReader::take_bytes(std::string_view bytes) {
    if (has_enough_) return;
    if (take_ != nullptr && parser_->status == 200) {
        has_enough_ = !(*take_)(bytes);
        return;
    }
    body_.append(bytes);
    if (body_.size() > answer_bytes) refuse("the answer is larger than any should be");
}

void ResponseReader::feed(std::string_view bytes) {
    held_.append(bytes);
    auto rest = parse(held_);
    held_.erase(0, held_.size() - rest.size());
}

std::string_view ResponseReader::parse(std::string_view bytes) {
    while (state_ == State::reading && !bytes.empty()) {
        error_code error;
        bytes.remove_prefix(parser_->put(boost::asio::buffer(bytes.data(), bytes.size()), error));
        if (has_enough_) state_ = State::whole;
        if (state_ != State::reading || error == http::error::need_more) return bytes;
        if (error) refuse("this is not an HTTP answer: " + error.message());
        if (error || !parser_->is_done()) return bytes;
        if (parser_->status >= 200)
            state_ = State::whole;
        else
            parser_ = std::make_unique<Parser>(*this);
    }
    return bytes;
}

void ResponseReader::end() {
    if (state_ != State::reading) return;
    error_code error = http::error::partial_message;
    if (parser_->got_some()) parser_->put_eof(error);
    if (error)
        refuse("the connection was closed before the answer was whole");
    else
        state_ = State::whole;
}

}  // namespace lares::net
