// cli/python_options_test.cc: what Python's getopt takes, and its words when it does not.

#include "cli/python_options.h"

#include <doctest/doctest.h>

#include <array>

using namespace lares;
using namespace lares::cli;

namespace {

constexpr std::array options = {
    PythonOption{'c', "configuration", true},
    PythonOption{'n', "nodaemon", false},
    PythonOption{'k', "nocleanup", false},
    PythonOption{0, "minprocs", true},
    PythonOption{'?', "", false},
};

/// "-c=x --nodaemon | rest", or the words of the refusal.
std::string read(std::vector<std::string> const& words) {
    Result<PythonWords> const found = read_python_options(words, options);
    if (!found) return found.error().what;
    std::string text;
    for (GivenOption const& option : found->options) {
        text += option.name;
        if (options[option.row].takes_value) text += "=" + option.value;
        text += " ";
    }
    text += "|";
    for (std::string const& word : found->rest) text += " " + word;
    return text;
}

}  // namespace

TEST_CASE("short options stand together and take what follows as their value") {
    CHECK(read({"-nk"}) == "-n -k |");
    CHECK(read({"-nc", "x"}) == "-n -c=x |");
    CHECK(read({"-ncx", "y"}) == "-n -c=x | y");
    CHECK(read({"-c", "-n"}) == "-c=-n |");
    CHECK(read({"-?"}) == "-? |");
}

TEST_CASE("long options may be shortened while they stay unique") {
    CHECK(read({"--conf", "x"}) == "--configuration=x |");
    CHECK(read({"--c=x"}) == "--configuration=x |");
    CHECK(read({"--minprocs="}) == "--minprocs= |");
    CHECK(read({"--nod"}) == "--nodaemon |");
    CHECK(read({"--no"}) == "option --no not a unique prefix");
}

TEST_CASE("options end at the first word that is none") {
    CHECK(read({"a", "-n"}) == "| a -n");
    CHECK(read({"-n", "--", "-k"}) == "-n | -k");
    CHECK(read({"-", "-n"}) == "| - -n");
    CHECK(read({}) == "|");
}

TEST_CASE("refusals have getopt's words") {
    CHECK(read({"-x"}) == "option -x not recognized");
    CHECK(read({"-nx"}) == "option -x not recognized");
    CHECK(read({"--nope"}) == "option --nope not recognized");
    CHECK(read({"-c"}) == "option -c requires argument");
    CHECK(read({"--conf"}) == "option --configuration requires argument");
    CHECK(read({"--nodaemon=1"}) == "option --nodaemon must not have an argument");
}

TEST_CASE("a list is printed as Python prints it") {
    CHECK(python_list({"foo", "it's"}) == "['foo', \"it's\"]");
    CHECK(python_list({}) == "[]");
}
