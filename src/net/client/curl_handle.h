// net/client/curl_handle.h: one handle of libcurl, its connections, and its errors in our words.

#pragma once

#include <curl/curl.h>
#include <sys/socket.h>

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace lares::net {

/// Not shared between threads.
class CurlHandle {
public:
    CurlHandle();
    ~CurlHandle();
    CurlHandle(CurlHandle const&) = delete;
    CurlHandle& operator=(CurlHandle const&) = delete;

    /// As if new, but with the connections it has; with what every call of ours has. `protocols`:
    /// "http,https". An empty `ca_file`: the system's authorities.
    void begin(std::string const& url, char const* protocols, Duration timeout,
               std::string const& ca_file);
    /// From now on no address is connected to that this refuses, nor is any proxy.
    void judge_addresses(std::function<bool(sockaddr const&)> may_connect) {
        may_connect_ = std::move(may_connect);
    }
    template <class T>
    void set(CURLoption option, T value) {
        curl_easy_setopt(curl_, option, value);
    }
    CURLcode perform();
    /// Whether the last perform() went over a connection that an earlier one had opened.
    bool was_reused() const;
    template <class T>
    T get(CURLINFO info) const {
        T value{};
        curl_easy_getinfo(curl_, info, &value);
        return value;
    }
    /// Nothing more is heard on any connection: farewells go out, but nobody waits for their
    /// answer, which libcurl would do for two minutes. The connections are of no further use.
    void stop_hearing();
    /// No connection is used again.
    void drop_connections();
    /// libcurl's own words for the last error: "Could not resolve host: x".
    std::string words(CURLcode) const;
    CURL* raw() { return curl_; }

private:
    static curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr*);
    static int close_socket(void*, curl_socket_t);

    CURL* curl_;
    std::set<curl_socket_t> sockets_;
    std::function<bool(sockaddr const&)> may_connect_;
    char buffer_[CURL_ERROR_SIZE] = {};
};

/// What libcurl calls a list of texts.
class CurlList {
public:
    CurlList() = default;
    ~CurlList() { curl_slist_free_all(list_); }
    CurlList(CurlList const&) = delete;
    CurlList& operator=(CurlList const&) = delete;
    void add(std::string const& text) { list_ = curl_slist_append(list_, text.c_str()); }
    curl_slist* get() const { return list_; }

private:
    curl_slist* list_ = nullptr;
};

/// The kind of an error that tells by itself what happened: a name or host that is not there, a
/// certificate, a URL. For all others `otherwise`.
Error::Kind kind_of(CURLcode, Error::Kind otherwise);

}  // namespace lares::net
