// delivery/oauth1.cc: RFC 5849, 3.4 and 3.5.1.

#include "delivery/oauth1.h"

#include <algorithm>
#include <chrono>

#include "text/base64.h"

namespace lares::deliver {

namespace {

using text::encode_percent;

text::Fields oauth_fields(OAuth1 const& keys, OAuth1Call const& call) {
    auto const at = std::chrono::floor<std::chrono::seconds>(call.now).time_since_epoch().count();
    return {{"oauth_consumer_key", keys.consumer_key},
            {"oauth_nonce", call.nonce},
            {"oauth_signature_method", "HMAC-SHA1"},
            {"oauth_timestamp", std::to_string(at)},
            {"oauth_token", keys.token},
            {"oauth_version", "1.0"}};
}

}  // namespace

std::string base_string(OAuth1 const& keys, OAuth1Call const& call) {
    text::Fields encoded;
    for (auto const& list : {oauth_fields(keys, call), call.query, call.form})
        for (auto const& [name, value] : list)
            encoded.emplace_back(encode_percent(name), encode_percent(value));
    std::ranges::sort(encoded);
    std::string joined;
    for (auto const& [name, value] : encoded)
        joined += (joined.empty() ? "" : "&") + name + "=" + value;
    return call.method + "&" + encode_percent(call.url) + "&" + encode_percent(joined);
}

std::string authorization(OAuth1 const& keys, OAuth1Call const& call, ports::Post& post) {
    std::string const key =
        encode_percent(keys.consumer_secret) + "&" + encode_percent(keys.token_secret);
    auto fields = oauth_fields(keys, call);
    fields.emplace_back(
        "oauth_signature",
        text::encode_base64(post.hmac(ports::Post::Digest::sha1, key, base_string(keys, call))));
    std::string value = "OAuth ";
    for (auto const& [name, each] : fields)
        value += (value.size() == 6 ? "" : ", ") + name + "=\"" + encode_percent(each) + "\"";
    return value;
}

}  // namespace lares::deliver
