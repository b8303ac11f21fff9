// text/diagnostic.h: something found wrong in a text, and where.
//
// Parsers here return everything they found, not the first thing: a person who mends a file wants
// one round, not six. A diagnostic carries place, what was found, what was expected and what to do.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lares::text {

/// A position in one of the files of a document. Lines and columns count from 1, columns in bytes;
/// line 0 means "the file as a whole", file -1 means no file (a default, a command line).
struct Place {
    int file = -1;
    int line = 0;
    int column = 0;
    bool operator==(Place const&) const = default;
};

enum class Severity { warning, error };

struct Diagnostic {
    Severity severity = Severity::error;
    Place place;
    std::string what;  // "unknown option 'startsec' in [program:web]"
    std::string hint;  // "did you mean 'startsecs'?"; may be empty
    /// What supervisord 4.x prints for the same mistake after "Error: "; empty: the same as `what`.
    /// Scripts and its test-suite read these (spec: §1.5).
    std::string classic;
};

/// The source lines a document was read from, to show a line with a caret under it.
struct Source {
    std::string path;
    std::string text;
};

/// "path:14: what" and, when the place has a column, the line and a caret with the hint:
///     startsec = 5
///     ^ did you mean 'startsecs'?
/// Each line ends in '\n'. `prefix` ("lares: ") stands before the first line only; a warning says
/// "warning: " after its place.
std::string format(Diagnostic const&, std::vector<Source> const&, std::string_view prefix);

/// True when at least one is an error.
bool has_errors(std::vector<Diagnostic> const&);

}  // namespace lares::text
