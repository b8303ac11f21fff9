// apps/capture/rules.h: a filter as the rules of X's filtered stream, and bringing the service's
// rules to it.
//
// Rules are kept by the service for the whole app, so each of ours has a tag that names its
// capture, and nobody else's is touched. Written before each connection: what was edited while we
// were away is not lost.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "apps/capture/definition.h"
#include "base/result.h"
#include "ports/post.h"

namespace lares::capture {

struct Rule {
    std::string id, value, tag;
    bool operator==(Rule const&) const = default;
};

/// As many as are needed: each has 512 characters at most. Pure.
std::vector<std::string> rule_values(Filter const&);
/// "lares:NAME".
std::string rule_tag(std::string const& capture);

struct RuleChange {
    std::vector<std::string> add;     // values
    std::vector<std::string> remove;  // ids
    bool operator==(RuleChange const&) const = default;
};
/// Pure. Rules with other tags are not looked at.
RuleChange change_rules(std::vector<Rule> const& there, std::vector<std::string> const& wanted,
                        std::string const& tag);

/// Asks the service and changes what differs. New ones first, so that nothing is missed between.
Result<> bring_rules(Plan const&, ports::Post&);

}  // namespace lares::capture
