// net/client/post.cc: the parts of a Post put together, and what needs OpenSSL alone.

#include "net/client/post.h"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include "base/check.h"
#include "net/client/command.h"
#include "net/client/curl_handle.h"
#include "net/client/smtp.h"
#include "net/client/web.h"

namespace lares::net {

namespace {

class CurlPost : public ports::Post {
public:
    Result<ports::WebAnswer> call(ports::WebCall const& call) override {
        return web_call(handle_, call);
    }
    Result<ports::MailAnswer> mail(ports::MailCall const& call) override {
        return smtp_call(handle_, call);
    }
    Result<ports::CommandAnswer> run(ports::CommandCall const& call) override {
        return run_command(call);
    }
    std::string hmac(Digest digest, std::string_view key, std::string_view bytes) override {
        unsigned char out[EVP_MAX_MD_SIZE];
        unsigned size = 0;
        auto const* method = digest == Digest::sha1 ? EVP_sha1() : EVP_sha256();
        auto const* begin = reinterpret_cast<unsigned char const*>(bytes.data());
        // An empty key is none to OpenSSL, and means the last one.
        auto const* done = ::HMAC(method, key.empty() ? "" : key.data(),
                                  static_cast<int>(key.size()), begin, bytes.size(), out, &size);
        CHECK(done != nullptr);
        return {reinterpret_cast<char const*>(out), size};
    }
    std::string random_bytes(std::size_t count) override {
        std::string out(count, '\0');
        for (std::size_t at = 0; at < count;) {
            ssize_t got = ::getrandom(out.data() + at, count - at, 0);
            if (got > 0) at += static_cast<std::size_t>(got);
        }
        return out;
    }

private:
    CurlHandle handle_;
};

}  // namespace

ClientLibrary::ClientLibrary() { CHECK(curl_global_init(CURL_GLOBAL_ALL) == CURLE_OK); }
ClientLibrary::~ClientLibrary() { curl_global_cleanup(); }

std::unique_ptr<ports::Post> make_post() { return std::make_unique<CurlPost>(); }

}  // namespace lares::net
