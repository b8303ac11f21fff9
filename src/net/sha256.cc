// net/sha256.cc: handed on.

#include "net/sha256.h"

#include "base/sha256.h"

namespace lares::net {

std::string sha256_hex(std::string_view bytes) { return lares::sha256_hex(bytes); }

}  // namespace lares::net
