// net/client/curl_handle.cc: the settings that every exchange has.

#include "net/client/curl_handle.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

namespace lares::net {

namespace {

/// One server and its token service; more are not met on one lane.
constexpr long connections = 4;

}  // namespace

CurlHandle::CurlHandle() : curl_(curl_easy_init()) { CHECK(curl_ != nullptr); }
CurlHandle::~CurlHandle() {
    stop_hearing();
    curl_easy_reset(curl_);  // the farewells on open connections are told to nobody
    curl_easy_cleanup(curl_);
}

void CurlHandle::begin(std::string const& url, char const* protocols, Duration timeout,
                       std::string const& ca_file) {
    curl_easy_reset(curl_);
    buffer_[0] = '\0';
    set(CURLOPT_ERRORBUFFER, buffer_);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_NOPROGRESS, 1L);
    set(CURLOPT_PROTOCOLS_STR, protocols);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set(CURLOPT_MAXCONNECTS, connections);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_OPENSOCKETFUNCTION, &CurlHandle::open_socket);
    set(CURLOPT_OPENSOCKETDATA, this);
    set(CURLOPT_CLOSESOCKETFUNCTION, &CurlHandle::close_socket);
    set(CURLOPT_CLOSESOCKETDATA, this);
    set(CURLOPT_SSLVERSION, long(CURL_SSLVERSION_TLSv1_2));
    if (may_connect_) set(CURLOPT_NOPROXY, "*");
    if (!ca_file.empty()) {
        set(CURLOPT_CAINFO, ca_file.c_str());
        set(CURLOPT_CAPATH, static_cast<char*>(nullptr));  // these authorities and no others
    }
}

curl_socket_t CurlHandle::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
    auto const& may_connect = static_cast<CurlHandle*>(self)->may_connect_;
    if (may_connect && !may_connect(address->addr)) return CURL_SOCKET_BAD;
    int made = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    if (made < 0) return CURL_SOCKET_BAD;
    static_cast<CurlHandle*>(self)->sockets_.insert(made);
    return made;
}

int CurlHandle::close_socket(void* self, curl_socket_t socket) {
    static_cast<CurlHandle*>(self)->sockets_.erase(socket);
    return ::close(socket);
}

void CurlHandle::stop_hearing() {
    for (auto socket : sockets_) ::shutdown(socket, SHUT_RD);
}

void CurlHandle::drop_connections() {
    for (auto socket : sockets_) ::shutdown(socket, SHUT_RDWR);
}

CURLcode CurlHandle::perform() {
    buffer_[0] = '\0';
    return curl_easy_perform(curl_);
}

bool CurlHandle::was_reused() const { return get<long>(CURLINFO_NUM_CONNECTS) == 0; }

std::string CurlHandle::words(CURLcode code) const {
    return buffer_[0] != '\0' ? buffer_ : curl_easy_strerror(code);
}

Error::Kind kind_of(CURLcode code, Error::Kind otherwise) {
    switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return Error::Kind::invalid;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
        return Error::Kind::unavailable;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_USE_SSL_FAILED:
    case CURLE_LOGIN_DENIED:
        return Error::Kind::denied;
    default:  // of the hundred that there are
        return otherwise;
    }
}

}  // namespace lares::net
