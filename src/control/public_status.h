// control/public_status.h: the page that needs no login: of what says `status = public`, its name
// and whether it is well. No more than that goes out: no reasons, no numbers, no versions.

#pragma once

#include <string>
#include <vector>

#include "control/house.h"
#include "control/work_house.h"
#include "text/value.h"

namespace lares::control {

enum class Health { well, ailing, down };

struct PublicItem {
    std::string name;
    Health health = Health::well;
};

/// Programs (all processes of one together), then tasks. A program is ailing while only some of it
/// runs or it is starting; a task when it is late, down when its last job failed.
std::vector<PublicItem> public_items(House const&, std::vector<TaskInfo> const&);

/// {"status":"well","items":[{"name","status"}],"at":...}
text::Value public_value(std::vector<PublicItem> const&, WallTime at);
/// @param language  "de" or anything else for English
std::string public_page(std::vector<PublicItem> const&, std::string_view language,
                        std::string_view when);
std::string_view public_style();

}  // namespace lares::control
