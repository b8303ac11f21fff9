// seed_run.h: one run of the whole daemon: a world, minutes of requests and mishaps, an end.

#pragma once

#include <string>

namespace lares::runs {

struct Outcome {
    bool ok = true;
    std::string report;  // seed, commit, complaints and the last deeds; all of it when verbose
};

Outcome run_seed(unsigned seed, bool verbose = false);

}  // namespace lares::runs
