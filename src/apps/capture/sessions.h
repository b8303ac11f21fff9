// apps/capture/sessions.h: who is signed in at the page, also after it was started again.
//
// A session is a name and password, or a token, with which Lares is asked who that is each time.
// None of them is kept as it is, in memory or on the disk: a session is sealed with its own cookie,
// which only the browser has (a keystream and a proof by HMAC-SHA256; a cookie seals once). The
// file has the cookies' SHA-256 and what is sealed, mode 0600, so that who reads it is nobody.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lares::capture {

struct SessionTools {
    std::string path;                                                               // of the file
    std::function<std::string(std::string_view key, std::string_view bytes)> hmac;  // 32 bytes
    std::function<std::string(std::size_t)> random;
    std::function<std::int64_t()> now_ms;  // of the wall's clock: it goes on over a restart
    std::function<void(std::string const&)> log;
};

class Sessions {
public:
    /// As long as Lares' own: without a request, and at most.
    static constexpr std::int64_t idle_ms = 3'600'000, longest_ms = 12 * idle_ms;
    /// The one that was used the longest ago goes first.
    static constexpr std::size_t most = 1'000;
    /// A use is on the disk so much later at most; what a crash costs is told from idle_ms.
    static constexpr std::int64_t kept_every_ms = 60'000;

    /// Reads what is there; what cannot be read is nobody's session, and is logged.
    explicit Sessions(SessionTools tools);
    ~Sessions();

    /// The cookie's value. What cannot be written lasts until the page ends, and is logged.
    std::string begin(std::string_view authorization);
    /// What Lares is to be asked with; the session lasts on. Empty: there is none.
    std::string find(std::string_view cookie);
    void end(std::string_view cookie);
    /// For the forms of a session: nobody else can tell it, and a restart does not change it.
    std::string key_of(std::string_view cookie) const;
    std::size_t count() const { return held_.size(); }

private:
    struct Session {
        std::int64_t begun = 0, used = 0;
        std::string sealed;  // 32 bytes of proof, then as many as were sealed
    };
    std::string stream_over(std::string_view cookie, std::string bytes) const;
    std::string proof_of(std::string_view cookie, std::string_view sealed) const;
    bool is_over(Session const&) const;
    void forget_old();
    void read(std::string_view text);
    void keep();

    SessionTools tools_;
    std::map<std::string, Session> held_;  // by digest of the cookie
    std::int64_t kept_at_ = 0;
    bool is_kept_ = true;  // the file says what is held
};

}  // namespace lares::capture
