// cli/fields.h: members of answers as words for people, and tables of them.
//
// Reading is forgiving, as api/reports.h is: what is missing is empty. Times are printed in this
// machine's zone. Only values in and text out.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/session.h"
#include "text/value.h"

namespace lares::cli {

std::string text_of(text::Value const&, std::string_view member);
/// An int, a double, or digits in text; else 0.
double number_of(text::Value const&, std::string_view member);
bool switch_of(text::Value const&, std::string_view member);
/// Of a job or run: its digits; empty for 0.
std::string id_of(text::Value const&, std::string_view member);
text::Array list_of(text::Value const&, std::string_view member);
/// "2026-03-01 03:12:00", or only the time when it is of today; empty for never.
std::string time_of(text::Value const&, std::string_view member);

/// Rows under a header, columns two spaces apart, the last one not padded. Ends with a newline.
std::string aligned(std::vector<std::vector<std::string>> const& rows);

/// The member "lines" of an answer, as they are.
std::string lines_of(text::Value const& answer);

/// "a,b" as a list; what is empty between commas is left out.
text::Array names_in(std::string const& words);
/// Adds a member, unless it is empty.
void add_given(text::Struct&, char const* name, std::string const& value);

/// Calls an operation that lists things, then prints them as a table, or `none`; with --json the
/// answer.
int show_list(Session&, char const* method, std::string (*table)(text::Array const&),
              char const* none);

/// Calls, then prints the answer's lines, or with --json the answer.
int tell_lines(Session&, std::string const& method, std::vector<text::Value> params);

/// Writes what a run has written from `offset` on, and moves that on. True once the run is over.
Result<bool> show_log(Session&, std::string const& run, std::int64_t& offset);

/// A fault of the daemon without the name that clients of supervisord would call it by.
int fail_plainly(Session const&, Error const&);

/// "812" for "812" and "job 812"; the Error says that it is no number.
Result<std::string> id_word(std::string const& word, char const* what);

/// The usage is wrong: says so, exit status 2.
int wrong_use(Session const&, std::string what);

}  // namespace lares::cli
