// cli/top_actions.h: what can be done to a thing, a row each: its key, its words, who may.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cli/top_model.h"

namespace lares::cli::top_view {

struct ActionRow {
    std::string_view kind;  // of the thing
    char key;
    std::string_view verb;    // "restart"
    std::string_view method;  // of the daemon; needs the role operator
    std::string_view help;
};

std::span<ActionRow const> action_rows();

ActionRow const* find_action(std::string_view kind, char32_t key);

/// What is sent to do it.
Act act_of(ActionRow const&, Thing const&);

/// Whether who asks may change anything; true when it is not known: then the daemon says.
bool may_act(Snapshot const&);

/// The question that tells all about a thing (its answer has lines); none: there is none.
std::optional<Act> question_about(Thing const&);

/// What became of an act, by the daemon's answer: words, and how well.
Note told_by(Act const&, text::Value const& answer);

}  // namespace lares::cli::top_view
