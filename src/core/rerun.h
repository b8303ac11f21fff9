// core/rerun.h: how a job says that it repeats a run as it was.
//
// A job made by `lares rerun RUN --as-then` is an ordinary job of its task; only its source tells
// that the command, environment, directory and user are those of the run's row and not the task's
// of today. Pure.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lares::rerun {

enum class How { as_then, as_now };

/// "rerun of run 17 as then", "rerun of run 17 as now": a job's source.
std::string source(std::uint64_t run, How);

/// The run whose row is to be taken instead of the task's settings; none for any other source.
std::optional<std::uint64_t> run_as_then(std::string_view source);

}  // namespace lares::rerun
