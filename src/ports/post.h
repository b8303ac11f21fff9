// ports/post.h: what delivery asks of the world: one exchange with a service, one mail, one
// command.
//
// Blocking; called on lares-deliver's own threads, never on a daemon's loop. Nothing here retries.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace lares::ports {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct WebPart {  // multipart/form-data
    std::string name, file_name, type;
    std::string body;  // or, when path is not empty, that file
    std::string path;
};
struct WebCall {
    std::string method = "POST", url;
    Headers headers;
    std::string body;
    std::vector<WebPart> parts;  // not empty: instead of body
    std::string user, password;  // basic authentication; empty: none
    std::string ca_file;         // PEM of authorities; empty: the system's
    Duration timeout{30'000};
    std::int64_t answer_most = 1 << 20;  // bytes; more is an Error
};
struct WebAnswer {
    int status = 0;
    Headers headers;  // names in lower case
    std::string body;
};

struct MailCall {
    std::string url;  // "smtp://host:port", "smtps://host:port"
    enum class Tls { none, when_offered, required } tls = Tls::when_offered;  // STARTTLS of smtp://
    /// "PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"; empty: the best that both know.
    std::string mechanism;
    std::string user, password, bearer;  // no user: no login
    std::string ca_file, helo;
    std::string from;             // address alone
    std::vector<std::string> to;  // addresses alone
    std::string bytes;            // the whole message, CRLF, undotted
    Duration timeout{30'000};
};
struct MailAnswer {
    int code = 0;       // the server's last reply; 250: taken
    std::string words;  // as the server said it
    std::vector<std::pair<std::string, std::string>>
        refused;  // recipients, with the reply; the others got it
};

struct CommandCall {
    std::vector<std::string> argv;
    std::vector<std::pair<std::string, std::string>> environment;  // added to a small one
    std::string input;
    Duration timeout{30'000};
};
struct CommandAnswer {
    int code = 0, signal = 0;
    std::string output;  // its last 4 KiB, both streams
};

class Post {
public:
    virtual ~Post() = default;
    /// unavailable: no connection or name (nothing was sent). io: it broke or timed out after
    /// something was sent. denied: the certificate is not to be trusted. invalid: the URL.
    virtual Result<WebAnswer> call(WebCall const&) = 0;
    /// As call(); a reply of the server of 4xx or 5xx is a MailAnswer, denied also a refused login.
    /// io: the connection broke after the end of the data and before its answer; every earlier
    /// break is unavailable. Connections are kept open between calls to one server.
    virtual Result<MailAnswer> mail(MailCall const&) = 0;
    /// invalid: it cannot be started. io: it took too long and was killed.
    virtual Result<CommandAnswer> run(CommandCall const&) = 0;

    enum class Digest { sha1, sha256 };
    /// Bytes, not hexadecimal.
    virtual std::string hmac(Digest, std::string_view key, std::string_view bytes) = 0;
    /// Of the kernel's; for nonces.
    virtual std::string random_bytes(std::size_t count) = 0;
};

}  // namespace lares::ports
