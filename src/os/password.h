// os/password.h: hashes of passwords by crypt(3), which are slow by design.
//
// yescrypt ("$y$"), sha512 ("$6$") and whatever else the system's library knows. Call it on a
// worker: one check takes some 50 ms and, for yescrypt, 16 MB for that time.

#pragma once

#include <string>

#include "base/result.h"

namespace lares::os {

/// True when `hash` is one of crypt(3) and `password` gives it.
bool fits_password(std::string const& password, std::string const& hash);

/// The yescrypt hash of a password with a new salt, for [user:x] password.
Result<std::string> hash_password(std::string const& password);

/// 32 random bytes, to key a digest with.
std::string random_salt();

}  // namespace lares::os
