// stories_test.cc: named runs.

#include <doctest/doctest.h>
