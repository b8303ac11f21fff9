// control/trace.h: collecting the rows of a causal story from the store, step by step.
//
// Finds what is meant, climbs from it to what led to it, then goes down to all that followed from
// the highest cause that concerns this alone (core/event_kinds.h, Reach). Every step is one
// question of several parts; the store answers in later turns, so the state travels from callback
// to callback as a value. Bounded by steps and by limits::store_rows.

#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "control/house.h"
#include "core/story.h"

namespace lares::control {

struct Traced {
    std::string subject;  // what was meant, as events have it: "job/812"
    story::Facts facts;
    bool is_cut = false;  // there is more
};

/// What `words` mean as a subject: "812" and "job 812" a job (or an event of that number), "run
/// 17",
/// "/in/a.pdf" a file, "report" a task, "web" or "web:web_0" a program; else a subject as it is.
std::string subject_of(House&, std::string_view words);

/// not_found: nothing is known of it.
void trace(House&, std::string subject, std::function<void(Result<Traced>)>);

}  // namespace lares::control
