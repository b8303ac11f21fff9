// cli/python_options.h: a command line as Python's getopt reads it.
//
// supervisord and supervisorctl are Python programs: their long options may be shortened while they
// stay unique, options end at the first word that is none, and scripts know the words of a refusal.
// `lares` itself reads its command line in cli/parse.h.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lares::cli {

struct PythonOption {
    char letter;            // 0: none
    std::string_view word;  // without "--"; empty: none
    bool takes_value;
};

struct GivenOption {
    std::size_t row;    // in the options
    std::string name;   // "-c", or "--configuration" in full
    std::string value;  // empty for a switch
};

struct PythonWords {
    std::vector<GivenOption> options;  // in the order given
    std::vector<std::string> rest;
};

/// The Error (invalid) has getopt's words: "option --nope not recognized".
Result<PythonWords> read_python_options(std::vector<std::string> const& words,
                                        std::span<PythonOption const> options);

/// A list of texts as Python prints it: ['a', "it's"].
std::string python_list(std::vector<std::string> const& words);

}  // namespace lares::cli
