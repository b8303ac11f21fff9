// tests/fuzz/environment_fuzz.cc: any bytes as the small grammars inside a value: variables, words,
// expansions, quantities, patterns, and a program's output.

#include <cstdlib>
#include <string>

#include "text/environment.h"
#include "text/expand.h"
#include "text/glob.h"
#include "text/log_lines.h"
#include "text/nearest.h"
#include "text/quantity.h"
#include "text/value.h"
#include "text/words.h"

using namespace lares;
using namespace lares::text;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

std::string quoted(std::string const& value) {
    std::string out = "\"";
    for (char c : value) out.append(c == '"' || c == '\\' ? 1 : 0, '\\').append(1, c);
    return out + "\"";
}

void check_variables(std::string const& text) {
    (void)parse_environment_file(text).ok();
    auto variables = parse_environment(text);
    if (!variables) return;
    std::string again;
    for (auto const& [key, value] : *variables)
        again.append(quoted(key)).append("=").append(quoted(value)).append(",");
    require(*parse_environment(again) == *variables);
}

void check_words(std::string const& text) {
    if (auto words = split_words(text)) require(*split_words(join_words(*words)) == *words);
}

void check_expansion(std::string const& text) {
    Names const names{{{"a", "text"}, {"n", 7L}, {"ENV_E", ""}}};
    (void)expand(text, names, "program:x.command").ok();
    require(*expand(escape_percent(text), names, "x") == text);
}

void check_quantities(std::string const& text) {
    if (auto size = parse_size(text)) require(*parse_size(print_size(*size)) == *size);
    if (auto span = parse_duration(text)) require(*parse_duration(print_duration(*span)) == *span);
    (void)parse_integer(text).ok();
    (void)parse_octal(text).ok();
    (void)parse_boolean(text).ok();
}

void check_patterns(std::string const& text) {
    std::size_t half = text.size() / 2;
    std::string pattern = text.substr(0, half), name = text.substr(half);
    (void)glob_match(pattern, name, GlobKind::path);
    if (!is_glob(text) && text.find('\\') == text.npos) require(glob_match(text, text));
    require(glob_match("*", text));
    (void)nearest(pattern, {name, "startsecs"});
}

void check_lines(std::string const& text) {
    LineFormat const format{.format = LogFormat::json, .name = "x", .strip_ansi = true};
    LineWriter whole(format), pieces(format);
    std::string expected, out;
    whole.write(text, WallTime{}, expected);
    whole.finish(WallTime{}, expected);
    for (char c : text) pieces.write({&c, 1}, WallTime{}, out);
    pieces.finish(WallTime{}, out);
    require(out == expected && clean_utf8(out).size() == out.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
    std::string text(reinterpret_cast<char const*>(data), size);
    check_variables(text);
    check_words(text);
    check_expansion(text);
    check_quantities(text);
    check_patterns(text);
    check_lines(text);
    return 0;
}
