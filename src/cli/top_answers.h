// cli/top_answers.h: what is asked for a view, and what becomes of the answers.
//
// All questions of one moment go out as one request. Nothing is asked for what is not shown.

#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/top_model.h"

namespace lares::cli::top_view {

struct Question {
    std::string name;  // under which the answer is kept
    std::string method;
    std::vector<text::Value> params;
};

std::vector<Question> questions(State const&, Snapshot const&);

/// As parameters of one system.multicall.
std::vector<text::Value> calls_of(std::vector<Act> const&);

/// As one call of system.multicall.
std::vector<text::Value> as_one(std::vector<Question> const&);

/// Takes the answers to as_one(); the Error says that they are none.
Result<> take(Snapshot&, std::vector<Question> const&, text::Value answers);

/// What a run or a process has written since: lines, at most log_lines of them.
void take_log(Log&, text::Value const& answer);

/// The daemon did not answer. `since`: how long ago it did last.
void lose(Snapshot&, std::string why, double since);

}  // namespace lares::cli::top_view
