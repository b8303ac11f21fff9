// net/tls.cc: OpenSSL's functions, found by name, over pairs of memory buffers.
//
// The header of OpenSSL gives the types, so that a wrong argument does not compile; the functions
// come from dlsym(). Those that are macros in the header are written out as the calls they stand
// for.

#include "net/tls.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <system_error>
#include <utility>

namespace lares::net {

struct TlsLibrary {
    decltype(&::TLS_server_method) server_method;
    decltype(&::TLS_client_method) client_method;
    decltype(&::SSL_CTX_new) context_new;
    decltype(&::SSL_CTX_free) context_free;
    decltype(&::SSL_CTX_ctrl) context_control;
    decltype(&::SSL_CTX_set_options) set_options;
    decltype(&::SSL_CTX_set_default_passwd_cb) set_passphrase_callback;
    decltype(&::SSL_CTX_use_certificate_chain_file) use_certificate;
    decltype(&::SSL_CTX_use_PrivateKey_file) use_key;
    decltype(&::SSL_CTX_check_private_key) check_key;
    decltype(&::SSL_CTX_load_verify_file) load_authorities;
    decltype(&::SSL_CTX_set_default_verify_paths) default_authorities;
    decltype(&::SSL_CTX_set_verify) set_verify;
    decltype(&::SSL_CTX_set_session_id_context) set_session_context;
    decltype(&::SSL_load_client_CA_file) load_names;
    decltype(&::SSL_CTX_set_client_CA_list) set_names;
    decltype(&::SSL_new) stream_new;
    decltype(&::SSL_free) stream_free;
    decltype(&::SSL_ctrl) stream_control;
    decltype(&::SSL_set_bio) set_bio;
    decltype(&::SSL_get_rbio) read_bio;
    decltype(&::SSL_get_wbio) write_bio;
    decltype(&::SSL_set_accept_state) accept;
    decltype(&::SSL_set_connect_state) connect;
    decltype(&::SSL_do_handshake) handshake;
    decltype(&::SSL_read) read;
    decltype(&::SSL_write) write;
    decltype(&::SSL_shutdown) shutdown;
    decltype(&::SSL_get_error) get_error;
    decltype(&::SSL_set1_host) set_host;
    decltype(&::SSL_get0_param) parameters;
    decltype(&::SSL_get_verify_result) verify_result;
    decltype(&::X509_VERIFY_PARAM_set1_ip_asc) set_address;
    decltype(&::X509_verify_cert_error_string) verify_words;
    decltype(&::BIO_new) bio_new;
    decltype(&::BIO_s_mem) bio_memory;
    decltype(&::BIO_read) bio_read;
    decltype(&::BIO_write) bio_write;
    decltype(&::BIO_ctrl_pending) bio_pending;
    decltype(&::ERR_peek_error) first_error;
    decltype(&::ERR_peek_last_error) last_error;
    decltype(&::ERR_reason_error_string) reason;
    decltype(&::ERR_clear_error) clear_errors;
};

namespace {

Error invalid(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

template <class Function>
void find(void* handle, char const* name, Function& slot, char const*& missing) {
    slot = reinterpret_cast<Function>(::dlsym(handle, name));
    if (slot == nullptr) missing = name;
}

/// Null, or the name of a function that is not there.
char const* find_all(void* from, TlsLibrary& to) {
    char const* missing = nullptr;
    auto get = [&](char const* name, auto& slot) { find(from, name, slot, missing); };
    get("TLS_server_method", to.server_method);
    get("TLS_client_method", to.client_method);
    get("SSL_CTX_new", to.context_new);
    get("SSL_CTX_free", to.context_free);
    get("SSL_CTX_ctrl", to.context_control);
    get("SSL_CTX_set_options", to.set_options);
    get("SSL_CTX_set_default_passwd_cb", to.set_passphrase_callback);
    get("SSL_CTX_use_certificate_chain_file", to.use_certificate);
    get("SSL_CTX_use_PrivateKey_file", to.use_key);
    get("SSL_CTX_check_private_key", to.check_key);
    get("SSL_CTX_load_verify_file", to.load_authorities);
    get("SSL_CTX_set_default_verify_paths", to.default_authorities);
    get("SSL_CTX_set_verify", to.set_verify);
    get("SSL_CTX_set_session_id_context", to.set_session_context);
    get("SSL_load_client_CA_file", to.load_names);
    get("SSL_CTX_set_client_CA_list", to.set_names);
    get("SSL_new", to.stream_new);
    get("SSL_free", to.stream_free);
    get("SSL_ctrl", to.stream_control);
    get("SSL_set_bio", to.set_bio);
    get("SSL_get_rbio", to.read_bio);
    get("SSL_get_wbio", to.write_bio);
    get("SSL_set_accept_state", to.accept);
    get("SSL_set_connect_state", to.connect);
    get("SSL_do_handshake", to.handshake);
    get("SSL_read", to.read);
    get("SSL_write", to.write);
    get("SSL_shutdown", to.shutdown);
    get("SSL_get_error", to.get_error);
    get("SSL_set1_host", to.set_host);
    get("SSL_get0_param", to.parameters);
    get("SSL_get_verify_result", to.verify_result);
    get("X509_VERIFY_PARAM_set1_ip_asc", to.set_address);
    get("X509_verify_cert_error_string", to.verify_words);
    get("BIO_new", to.bio_new);
    get("BIO_s_mem", to.bio_memory);
    get("BIO_read", to.bio_read);
    get("BIO_write", to.bio_write);
    get("BIO_ctrl_pending", to.bio_pending);
    get("ERR_peek_error", to.first_error);
    get("ERR_peek_last_error", to.last_error);
    get("ERR_reason_error_string", to.reason);
    get("ERR_clear_error", to.clear_errors);
    return missing;
}

SSL_CTX* context_of(void* pointer) { return static_cast<SSL_CTX*>(pointer); }
SSL* stream_of(void* pointer) { return static_cast<SSL*>(pointer); }

std::string reason_of(TlsLibrary const& library) {
    // A file that cannot be opened: errno comes first, and "system lib" last.
    if (auto const first = library.first_error(); ERR_SYSTEM_ERROR(first)) {
        auto words = std::generic_category().message(ERR_GET_REASON(first));
        if (!words.empty() && words[0] >= 'A' && words[0] <= 'Z') words[0] ^= ' ';
        return words;
    }
    char const* reason = library.reason(library.last_error());
    return reason != nullptr ? reason : "it cannot be used";
}

/// A daemon has nobody to ask: a key with a passphrase is an error, not a prompt.
int no_passphrase(char*, int, int, void*) { return -1; }

void set_limits(TlsLibrary const& library, SSL_CTX* context) {
    library.context_control(context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, nullptr);
    library.set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // An idle connection keeps no buffers; sessions are in the clients' tickets, not with us.
    library.context_control(context, SSL_CTRL_MODE, SSL_MODE_RELEASE_BUFFERS, nullptr);
    library.context_control(context, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, nullptr);
}

Result<> use_certificate(TlsLibrary const& library, SSL_CTX* context,
                         std::string const& certificate, std::string const& key) {
    library.clear_errors();
    library.set_passphrase_callback(context, no_passphrase);
    if (library.use_certificate(context, certificate.c_str()) != 1)
        return invalid("the certificate '" + certificate + "': " + reason_of(library));
    if (library.use_key(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
        return invalid("the key '" + key + "': " + reason_of(library));
    if (library.check_key(context) != 1)
        return invalid("the key '" + key + "' is not that of the certificate '" + certificate +
                       "'");
    return {};
}

Result<> demand_clients(TlsLibrary const& library, SSL_CTX* context, std::string const& client_ca) {
    if (client_ca.empty()) return {};
    library.clear_errors();
    auto* names = library.load_names(client_ca.c_str());
    if (names == nullptr || library.load_authorities(context, client_ca.c_str()) != 1)
        return invalid("the authorities in '" + client_ca + "': " + reason_of(library));
    library.set_names(context, names);
    library.set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    return {};
}

bool is_address(std::string const& host) {
    in6_addr bytes{};
    return ::inet_pton(AF_INET, host.c_str(), &bytes) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &bytes) == 1;
}

}  // namespace

void TlsLibraryDeleter::operator()(TlsLibrary* library) const { delete library; }

Result<TlsLibraryPointer> load_tls_library() {
    // Never unloaded: it has things to do when the process ends.
    void* handle = ::dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr)
        return Error{Error::Kind::unavailable,
                     "TLS needs OpenSSL 3 (package libssl3), which cannot be loaded: " +
                         std::string(::dlerror())};
    TlsLibraryPointer library(new TlsLibrary{});
    if (char const* missing = find_all(handle, *library))
        return Error{Error::Kind::unavailable,
                     std::string("this system's libssl.so.3 has no ") + missing};
    return library;
}

Result<TlsContext> TlsContext::for_server(TlsLibrary const& library, std::string const& certificate,
                                          std::string const& key, std::string const& client_ca) {
    TlsContext made(library, library.context_new(library.server_method()));
    SSL_CTX* context = context_of(made.context_);
    if (context == nullptr) return invalid("TLS: " + reason_of(library));
    set_limits(library, context);
    static constexpr unsigned char session_context[] = "lares";
    library.set_session_context(context, session_context, sizeof session_context - 1);
    TRY(use_certificate(library, context, certificate, key));
    TRY(demand_clients(library, context, client_ca));
    return made;
}

Result<TlsContext> TlsContext::for_client(TlsLibrary const& library, std::string const& cafile) {
    TlsContext made(library, library.context_new(library.client_method()));
    SSL_CTX* context = context_of(made.context_);
    if (context == nullptr) return invalid("TLS: " + reason_of(library));
    set_limits(library, context);
    library.clear_errors();
    int done = cafile.empty() ? library.default_authorities(context)
                              : library.load_authorities(context, cafile.c_str());
    if (done != 1) return invalid("the authorities in '" + cafile + "': " + reason_of(library));
    library.set_verify(context, SSL_VERIFY_PEER, nullptr);
    return made;
}

TlsContext::TlsContext(TlsContext&& other) noexcept
    : library_(other.library_), context_(std::exchange(other.context_, nullptr)) {}

TlsContext& TlsContext::operator=(TlsContext&& other) noexcept {
    std::swap(library_, other.library_);
    std::swap(context_, other.context_);
    return *this;
}

TlsContext::~TlsContext() {
    if (context_ != nullptr) library_->context_free(context_of(context_));
}

TlsStream::TlsStream(TlsContext const& context) : library_(context.library_) {
    begin(context.context_);
    library_->accept(stream_of(stream_));
}

TlsStream::TlsStream(TlsContext const& context, std::string const& host)
    : library_(context.library_) {
    begin(context.context_);
    SSL* stream = stream_of(stream_);
    if (is_address(host)) {
        library_->set_address(library_->parameters(stream), host.c_str());
    } else {
        library_->set_host(stream, host.c_str());
        library_->stream_control(stream, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                                 const_cast<char*>(host.c_str()));
    }
    library_->connect(stream);
    shake_hands();
}

void TlsStream::begin(void* context) {
    stream_ = library_->stream_new(context_of(context));
    library_->set_bio(stream_of(stream_), library_->bio_new(library_->bio_memory()),
                      library_->bio_new(library_->bio_memory()));
}

TlsStream::~TlsStream() { library_->stream_free(stream_of(stream_)); }

void TlsStream::feed(std::string_view sealed, std::string& clear) {
    if (state_ == State::broken || state_ == State::ended || sealed.empty()) return;
    library_->bio_write(library_->read_bio(stream_of(stream_)), sealed.data(),
                        static_cast<int>(sealed.size()));
    if (state_ == State::shaking) shake_hands();
    if (state_ == State::open) read_all(clear);
}

void TlsStream::shake_hands() {
    library_->clear_errors();
    int result = library_->handshake(stream_of(stream_));
    if (result == 1)
        state_ = State::open;
    else
        take_error(result);
}

void TlsStream::read_all(std::string& clear) {
    char buffer[16 << 10];  // the largest record
    for (;;) {
        library_->clear_errors();
        int count = library_->read(stream_of(stream_), buffer, sizeof buffer);
        if (count <= 0) return take_error(count);
        clear.append(buffer, static_cast<std::size_t>(count));
    }
}

void TlsStream::take_error(int result) {
    int error = library_->get_error(stream_of(stream_), result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
    if (error == SSL_ERROR_ZERO_RETURN) {
        state_ = State::ended;
        return;
    }
    state_ = State::broken;
    words_ = "TLS: " + reason_of(*library_);
    long verified = library_->verify_result(stream_of(stream_));
    if (verified != X509_V_OK) words_ += std::string(", ") + library_->verify_words(verified);
}

void TlsStream::seal(std::string_view clear) {
    constexpr std::size_t most = 1u << 20;
    while (!clear.empty() && state_ != State::broken) {
        auto piece = clear.substr(0, most);
        library_->clear_errors();
        int count =
            library_->write(stream_of(stream_), piece.data(), static_cast<int>(piece.size()));
        if (count <= 0) {
            state_ = State::broken;
            words_ = "TLS: " + reason_of(*library_);
            return;
        }
        clear.remove_prefix(static_cast<std::size_t>(count));
    }
}

void TlsStream::close() {
    if (state_ != State::open && state_ != State::ended) return;
    library_->clear_errors();
    library_->shutdown(stream_of(stream_));
}

std::string TlsStream::take_output() {
    BIO* out = library_->write_bio(stream_of(stream_));
    std::string bytes(library_->bio_pending(out), '\0');
    if (!bytes.empty()) library_->bio_read(out, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
}

}  // namespace lares::net
