// keeper/held.cc: a map that closes what leaves it.

#include "keeper/held.h"

#include <unistd.h>

#include "keeper/message.h"

namespace lares::keeper {

Held::~Held() {
    for (auto const& [name, descriptor] : descriptors_) ::close(descriptor);
}

bool Held::keep(std::string_view name, int descriptor) {
    bool good =
        !name.empty() && name.size() <= name_bytes && name.find('\0') == std::string_view::npos;
    auto found = descriptors_.find(name);
    if (good && found != descriptors_.end()) {
        ::close(found->second);
        found->second = descriptor;
        return true;
    }
    if (good && descriptors_.size() < most) {
        descriptors_.emplace(name, descriptor);
        return true;
    }
    ::close(descriptor);
    return false;
}

void Held::drop(std::string_view name) {
    auto found = descriptors_.find(name);
    if (found == descriptors_.end()) return;
    ::close(found->second);
    descriptors_.erase(found);
}

int Held::find(std::string const& name) const {
    auto found = descriptors_.find(name);
    return found == descriptors_.end() ? -1 : found->second;
}

std::vector<std::string> Held::names() const {
    std::vector<std::string> all;
    all.reserve(descriptors_.size());
    for (auto const& [name, descriptor] : descriptors_) all.push_back(name);
    return all;
}

}  // namespace lares::keeper
