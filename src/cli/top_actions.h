// cli/top_actions.h: what can be done to a thing, a row each: its key, its words, who may.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/top_model.h"

namespace lares::cli::top_view {

/// What an operation is given. names: all things in one call; the others: a call for each.
enum class Given { names, id, id_and_yes, id_and_no };

struct ActionRow {
    std::string_view kind;  // of the thing
    char key;
    std::string_view verb;    // "restart"
    std::string_view method;  // of the daemon; needs the role operator
    Given given;
    std::string_view help;
};

std::span<ActionRow const> action_rows();

ActionRow const* find_action(std::string_view kind, char32_t key);

/// Whether anything can be done to things of that kind.
bool has_actions(std::string_view kind);

/// What is sent to do it to all of them, which are of the row's kind.
std::vector<Act> acts_of(ActionRow const&, std::vector<Thing> const&);

/// "web", "job 812", "/srv/in/a.csv": as a person calls it.
std::string called(Thing const&);

/// "no operator" in words, for who may look only: "restart web needs an operator; ..."
std::string refusal_to(Snapshot const&, std::string_view words);

/// Whether who asks may change anything; true when it is not known: then the daemon says.
bool may_act(Snapshot const&);

/// The question that tells all about a thing (its answer has lines); none: there is none.
std::optional<Act> question_about(Thing const&);

/// What became of an act, thing by thing, by the daemon's answer to it.
std::vector<Told> told_by(Act const&, text::Value const& answer);

/// The daemon's words without the names of its faults.
std::string plain_words(std::string_view error);

}  // namespace lares::cli::top_view
