// os/password.cc: crypt_r and its salt.

#include "os/password.h"

#include <crypt.h>
#include <string.h>
#include <sys/random.h>

#include <memory>
#include <string_view>

#include "os/system_error.h"

namespace lares::os {

namespace {

/// crypt(3)'s answer; empty when it cannot be computed.
std::string crypted(std::string const& password, std::string const& setting) {
    auto data = std::make_unique<crypt_data>();  // 32 KB: not for a stack
    char const* result = ::crypt_r(password.c_str(), setting.c_str(), data.get());
    std::string hash = result != nullptr && result[0] != '*' ? result : "";
    ::explicit_bzero(data.get(), sizeof *data);
    return hash;
}

}  // namespace

bool fits_password(std::string const& password, std::string const& hash) {
    // A zero byte would end the text that crypt(3) sees.
    if (password.find('\0') != password.npos || hash.size() < 4) return false;
    std::string found = crypted(password, hash);
    unsigned char difference = found.size() != hash.size();
    for (std::size_t i = 0; i < hash.size(); ++i)
        difference |= static_cast<unsigned char>(hash[i] ^ (i < found.size() ? found[i] : 0));
    return difference == 0;
}

Result<std::string> hash_password(std::string const& password) {
    if (password.empty() || password.find('\0') != password.npos)
        return Error{Error::Kind::invalid, "a password has at least one byte, and none is zero"};
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    // No random bytes given: the library takes them from the kernel.
    if (::crypt_gensalt_rn("$y$", 0, nullptr, 0, setting, sizeof setting) == nullptr)
        return system_error("crypt_gensalt");
    std::string hash = crypted(password, setting);
    if (hash.empty()) return system_error("crypt");
    return hash;
}

std::string random_salt() {
    std::string bytes(32, '\0');
    // Below 256 bytes, and once the kernel has started, it neither fails nor gives less.
    [[maybe_unused]] auto count = ::getrandom(bytes.data(), bytes.size(), 0);
    return bytes;
}

}  // namespace lares::os
