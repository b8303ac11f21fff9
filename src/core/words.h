// core/words.h: what Lares itself says to people, in English and German, as rows of templates.
//
// A row has a name ("alert.failure.title"); whoever runs Lares may override each by name and
// language. What a template may name is in the row too, so that an override is checked when it is
// read and not when something is on fire.

#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "text/template.h"
#include "text/value.h"

namespace lares::words {

struct WordRow {
    std::string_view name;
    std::string_view english, german;
    std::string_view places;  // names that the values have, with spaces between
};
std::span<WordRow const> word_rows();
/// null: there is none of that name.
WordRow const* find_words(std::string_view name);

/// What the configuration has for a name and language ("de"); none: the row's own.
using Overrides =
    std::function<std::optional<std::string>(std::string_view name, std::string_view language)>;

/// The row's text in a language, filled. Languages are taken by their first two letters ("de-AT" is
/// German), unknown ones are English. An override that cannot be filled is passed over for the
/// row's own. Members of `values` that the row names and that are missing are empty; but "one_x",
/// where the row names it, is so exactly when x is "1", for what has another form for one.
std::string say(std::string_view name, std::string_view language, text::Struct values,
                Overrides const& = {});

/// Whether a text may override a row: invalid with the place and what it may name; not_found, with
/// the nearest, when there is no such row.
Result<> check_override(std::string_view name, std::string_view source);

}  // namespace lares::words
