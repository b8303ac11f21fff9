// work_run.h: one run of the whole daemon with tasks, clocks and a hot folder: jobs are put, files
// come, commands fail, the disk is full, the daemon is killed at any door; then it is looked whether
// every job, due time and file came to its one end.

#pragma once

#include "seed_run.h"

namespace lares::runs {

Outcome run_work_seed(unsigned seed, bool verbose = false);

}  // namespace lares::runs
