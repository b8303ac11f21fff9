// base/check.h: CHECK, for what cannot happen unless this program has a bug.
//
// It stays on in release builds, prints where and what, and aborts: state is on disk, and a start
// from there is safer than going on in a world we no longer understand. It never looks at input,
// configuration, network or disk; those give an Error. Only .cc files include this: doctest has a
// CHECK of its own.

#pragma once

namespace lares {

/// Prints "file:line: CHECK failed: words" to standard error and aborts.
[[noreturn]] void check_failed(char const* file, int line, char const* words);

}  // namespace lares

#define CHECK(condition) \
    (static_cast<bool>(condition) ? void(0) : ::lares::check_failed(__FILE__, __LINE__, #condition))
