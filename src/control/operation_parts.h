// control/operation_parts.h: what several operations are made of: finding processes, doing one
// thing to many of them, and telling how it went in supervisord's words.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "control/desk.h"
#include "control/house.h"

namespace lares::control {

/// The one process a namespec means; none for an unknown one and for a whole group.
std::optional<ProcessIndex> find_process(House const&, std::string_view namespec);

/// A process's names, kept while a request about it is under way: indices last one turn only.
struct NamedProcess {
    ProcessIndex index;
    std::string group;
    std::string name;
};
NamedProcess named(House const&, ProcessIndex);

/// Who words an outcome: supervisord's clients get the name they sent, ours get the daemon's words.
enum class Wording { supervisord, ours };

/// The outcome with its extra words as `wording` wants them. supervisord adds the name alone to
/// ALREADY_STARTED, NOT_RUNNING, SPAWN_ERROR, ABNORMAL_TERMINATION; elsewhere the daemon's words
/// stand, and the name where it has none.
Outcome worded(Outcome, std::string_view name, Wording);

/// {name, group, status, description} with status 80 and "OK", or a fault's code and text.
text::Value outcome_entry(std::string_view group, std::string_view name, Outcome const&);

using Report = std::function<void(Outcome)>;
/// Asks the daemon one thing of one process; gives what House gives.
using Ask = std::function<WaitId(House&, ProcessIndex, Report)>;

/// Answers `call` with an entry for each process, in order of completion, as supervisord's groups
/// do. `nothing_to_do` is how the daemon says that the request does not apply: such a process is
/// left out. (Not decided here by its state: a stopped one may still be about to start.)
void ask_applicable(Call, std::vector<NamedProcess> const&, std::optional<Fault> nothing_to_do,
                    Ask const&);

/// Answers `call` with an entry for each unknown name (BAD_NAME), then for each process, in the
/// order given.
void ask_chosen(Call, std::vector<NamedProcess> const&, std::vector<std::string> const& unknown,
                Ask const&);

/// The entries of unknown names, from key 0 on.
void put_unknown(Call, std::vector<std::string> const& unknown);

/// Success, or why not: BAD_SIGNAL, then NOT_RUNNING, FAILED. `signal` is a name or a number.
Outcome send_signal(House&, ProcessIndex, text::Value const& signal);

/// "TERM" or "15", as it was sent.
std::string signal_as_sent(text::Value const& signal);

}  // namespace lares::control
