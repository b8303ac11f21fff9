// text/placeholders.h: {{key}} in the words of a command, filled from a job's payload.
//
// Words are filled, never split: whatever a payload holds, it reaches the program as it is, in the
// argument where it was named. No shell ever sees it.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "text/value.h"

namespace lares::text {

/// The keys that `word` names: "file", "order.id". "{{{{" is a literal "{{" and names none. Fails
/// for a "{{" that nothing closes and for a key that is none (letters, digits, '_', '-', '.').
Result<std::vector<std::string>> placeholder_keys(std::string_view word);

/// `text` with each {{key}} and {{key.sub}} replaced by that member of the struct `payload`: texts
/// as they are, numbers and yes or no as JSON has them, lists and structs as JSON text. not_found:
/// the payload has no such key.
Result<std::string> fill_text(std::string_view text, Value const& payload);

/// Each word filled; as many words as before, but that a word which is just {{args}} becomes the
/// elements of that list, one word each. Fails also for a NUL byte, which no argument can hold.
Result<std::vector<std::string>> fill_words(std::vector<std::string> const& words,
                                            Value const& payload);

/// `text` so that filling gives it back: each "{{" doubled.
std::string escape_placeholders(std::string_view text);

/// A member as a program sees it in an argument or a variable.
std::string argument_text(Value const&);

}  // namespace lares::text
