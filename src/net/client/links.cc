// net/client/links.cc: web_call() with a judge of addresses, and without bodies.

#include "net/client/links.h"

#include <utility>

#include "net/client/curl_handle.h"
#include "net/client/public_address.h"
#include "net/client/web.h"

namespace lares::net {

namespace {

constexpr Duration patience{10'000};

class CurlLinks : public ports::Links {
public:
    explicit CurlLinks(std::function<bool(std::string const&)> allows)
        : allows_(std::move(allows)) {
        // Judged when a socket is made for it: after the name was resolved, for each address that
        // is tried.
        handle_.judge_addresses([this](sockaddr const& address) {
            if (is_public(address)) return true;
            auto const text = print_address(address);
            if (allows_(text)) return true;
            refused_ = text;
            return false;
        });
    }
    Result<ports::WebAnswer> look(std::string const& method, std::string const& url) override {
        refused_.clear();
        auto answer = web_head(handle_, {.method = method, .url = url, .timeout = patience});
        if (!answer && !refused_.empty())
            return Error{Error::Kind::denied,
                         "it leads to " + refused_ + ", which is no public address"};
        return answer;
    }

private:
    CurlHandle handle_;
    std::function<bool(std::string const&)> allows_;
    std::string refused_;
};

}  // namespace

std::unique_ptr<ports::Links> make_links(std::function<bool(std::string const&)> allows) {
    return std::make_unique<CurlLinks>(std::move(allows));
}

}  // namespace lares::net
