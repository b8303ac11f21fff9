// net/tls.h: TLS over bytes in memory: what came sealed goes in, what it says comes out.
//
// OpenSSL 3 behind two small classes; it is loaded when the first certificate is, because its mere
// presence would cost a daemon without TLS a megabyte and every command line some milliseconds.
// Knows no socket: net/session.cc and net/http_client.cc move the bytes. TLS 1.2 at least, no
// renegotiation. Internal to net/.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lares::net {

/// OpenSSL's functions. It stays loaded once it is.
struct TlsLibrary;
struct TlsLibraryDeleter {
    void operator()(TlsLibrary*) const;
};
using TlsLibraryPointer = std::unique_ptr<TlsLibrary, TlsLibraryDeleter>;
/// unavailable when this system has no OpenSSL 3.
Result<TlsLibraryPointer> load_tls_library();

/// What connections are made with: a server's certificate, or the authorities a client trusts.
class TlsContext {
public:
    /// Paths of PEM files. With `client_ca`, who connects must show a certificate signed by one of
    /// its authorities. invalid: a file cannot be used, or key and certificate do not fit together.
    static Result<TlsContext> for_server(TlsLibrary const& library, std::string const& certificate,
                                         std::string const& key, std::string const& client_ca);
    /// Trusts the authorities in `cafile`; empty: the system's.
    static Result<TlsContext> for_client(TlsLibrary const& library, std::string const& cafile);

    TlsContext(TlsContext&& other) noexcept;
    TlsContext& operator=(TlsContext&& other) noexcept;
    ~TlsContext();

private:
    friend class TlsStream;
    TlsContext(TlsLibrary const& library, void* context) : library_(&library), context_(context) {}

    TlsLibrary const* library_;
    void* context_;  // SSL_CTX
};

/// One connection. The context may go before it, the library may not.
class TlsStream {
public:
    enum class State {
        shaking,  // hands: nothing can be sent yet
        open,
        ended,   // the peer has said that it sends no more
        broken,  // see words()
    };

    /// Of a server.
    explicit TlsStream(TlsContext const& context);
    /// Of a client: `host` must be in the server's certificate. take_output() begins.
    TlsStream(TlsContext const& context, std::string const& host);
    TlsStream(TlsStream const&) = delete;
    TlsStream& operator=(TlsStream const&) = delete;
    ~TlsStream();

    /// Takes bytes of the peer; appends what they say in clear.
    void feed(std::string_view sealed, std::string& clear);
    /// Seals bytes for the peer; only while open.
    void seal(std::string_view clear);
    /// Says that we send no more.
    void close();
    /// What must be sent to the peer.
    std::string take_output();

    State state() const { return state_; }
    std::string const& words() const { return words_; }

private:
    void begin(void* context);
    void shake_hands();
    void read_all(std::string& clear);
    void take_error(int result);

    TlsLibrary const* library_;
    void* stream_ = nullptr;  // SSL
    State state_ = State::shaking;
    std::string words_;
};

}  // namespace lares::net
