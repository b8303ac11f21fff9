// text/python.h: the few habits of Python that a supervisord file and its error words depend on.
//
// supervisord is written in Python, and its dialect follows str.strip(), str.isspace() and repr().
// Nothing else of Python comes here.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lares::text::python {

/// Bytes of the white space character at `at`, by str.isspace(): also U+00A0 and its like, which
/// people paste from web pages. 0 when it is none; `at` must be inside `text`.
std::size_t space_at(std::string_view text, std::size_t at);

/// Bytes of the white space character that ends just before `end`; 0 when there is none.
std::size_t space_before(std::string_view text, std::size_t end);

std::string_view strip_left(std::string_view text);
std::string_view strip_right(std::string_view text);
std::string_view strip(std::string_view text);

/// A text as repr() shows it: 'it is', "it's", 'a\n'. Bytes that are not UTF-8 show as '\udcff', as
/// Python's surrogateescape gives them.
std::string repr(std::string_view text);

/// ASCII letters in lower case; other bytes unchanged.
std::string lower(std::string_view text);

}  // namespace lares::text::python
