// checks.h: what must hold after every turn of the daemon, whatever happened to it.

#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "draw.h"
#include "stage.h"

namespace lares::runs {

class Checks {
public:
    /// @param looks  whether it asks for the status after each turn: that is a request, too, and
    ///               must not be what makes things go right.
    Checks(Stage& stage, Plan const& plan, bool looks);

    /// After everything has ended.
    void at_end();
    /// After a long time without requests: who still waits must have a reason.
    void after_quiet();

private:
    void on_event(ports::Event const&);
    void on_spawn(Live const&);
    void on_answer(Asked const&);
    void after_turn();
    void check_lives(std::vector<Row> const&, std::map<ports::RunId, Live> const&);
    void check_needs(std::vector<Row> const&);
    bool was_scaled(std::string const& program) const;
    void check_stopped(std::vector<Row> const&);
    void complain(std::string words) { stage_.world.kernel.complain(std::move(words)); }

    Stage& stage_;
    Plan const& plan_;
    bool looks_;
    int ending_since_ = 0;  // turn in which TERM was told
    std::vector<Row> rows_;
    std::set<std::string> touched_;     // something happened to them in this turn
    std::vector<std::string> stopped_;  // answered so in this turn
};

}  // namespace lares::runs
