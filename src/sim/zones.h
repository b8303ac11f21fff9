// sim/zones.h: time zones that a test makes up, and changes as an update of tzdata would.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ports/zones.h"

namespace lares::sim {

class Zones final : public ports::Zones {
public:
    /// "" is the machine's own. A zone set again is another only after reload(), as in the kernel's
    /// world, where a file changes before anybody looks.
    void set(std::string const& name, schedule::Zone zone) { files_[name] = std::move(zone); }

    Result<std::shared_ptr<schedule::Zone const>> find(std::string const& name) override {
        std::string const key = name == "local" ? "" : name;
        if (auto known = held_.find(key); known != held_.end()) return known->second;
        auto file = files_.find(key);
        if (file == files_.end())
            return Error{Error::Kind::not_found, "no time zone is called '" + name + "'"};
        return held_[key] = std::make_shared<schedule::Zone const>(file->second);
    }
    bool reload() override {
        bool changed = false;
        for (auto& [name, zone] : held_) {
            if (files_.at(name) == *zone) continue;
            zone = std::make_shared<schedule::Zone const>(files_.at(name));
            changed = true;
        }
        return changed;
    }
    std::vector<std::string> files() const override {
        std::vector<std::string> paths;
        for (auto const& [name, zone] : held_) paths.push_back("/zones/" + name);
        return paths;
    }

private:
    std::map<std::string, schedule::Zone> files_{{"", {}}, {"UTC", {}}};
    std::map<std::string, std::shared_ptr<schedule::Zone const>> held_;
};

}  // namespace lares::sim
