// daemon/work_expect.cc: what is expected and usual of tasks.

#include "daemon/work.h"

namespace lares::daemon {

void Work::judge_usual(TaskState const&, ports::RunRow const&, job::Outcome, EndCommit&) {}
Duration Work::usual_of(std::string const&) const { return Duration(0); }

}  // namespace lares::daemon
