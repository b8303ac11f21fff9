// base/check.cc: how a failed CHECK says good-bye.

#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace lares {

void check_failed(char const* file, int line, char const* words) {
    std::fprintf(stderr, "lares: %s:%d: CHECK failed: %s (this is a bug in lares)\n", file, line,
                 words);
    std::abort();
}

}  // namespace lares
