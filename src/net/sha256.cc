// net/sha256.cc: the name by which this room and its callers know base/sha256.h.

#include "net/sha256.h"

#include "base/sha256.h"

namespace lares::net {

std::string sha256_hex(std::string_view bytes) { return lares::sha256_hex(bytes); }

}  // namespace lares::net
