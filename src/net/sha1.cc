// net/sha1.cc: Boost's SHA-1, printed.

#include "net/sha1.h"

#include <boost/uuid/detail/sha1.hpp>

namespace lares::net {

std::string sha1_hex(std::string_view bytes) {
    boost::uuids::detail::sha1 hash;
    hash.process_bytes(bytes.data(), bytes.size());
    boost::uuids::detail::sha1::digest_type digest;
    hash.get_digest(digest);
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (unsigned word : digest)
        for (int shift = 28; shift >= 0; shift -= 4) text += digits[(word >> shift) & 15];
    return text;
}

}  // namespace lares::net
